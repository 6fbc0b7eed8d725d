//! Finding the settings that a schema marks `writeOnly`.

use serde_json::{Map, Value as Json};

use crate::secrets::Secrets;

/// Remembers every text below a part of the settings that the schema marks so. The schema's references are
/// known to lead forward only, so this ends.
pub(super) fn remember(schema: &Json, settings: &Json, secrets: &mut Secrets) {
    Walk {
        root: schema,
        secrets,
    }
    .visit(schema, settings);
}

struct Walk<'a> {
    root: &'a Json,
    secrets: &'a mut Secrets,
}

impl Walk<'_> {
    fn visit(&mut self, schema: &Json, value: &Json) {
        let Json::Object(keywords) = schema else {
            return;
        };
        if keywords.get("writeOnly") == Some(&Json::Bool(true)) {
            return self.remember(value);
        }
        if let Some(Json::String(reference)) = keywords.get("$ref")
            && let Some(target) = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
        {
            self.visit(target, value);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let branches = keywords.get(keyword).and_then(Json::as_array);
            branches
                .into_iter()
                .flatten()
                .for_each(|branch| self.visit(branch, value));
        }
        for keyword in ["if", "then", "else"] {
            keywords
                .get(keyword)
                .into_iter()
                .for_each(|branch| self.visit(branch, value));
        }
        let dependent = keywords.get("dependentSchemas").and_then(Json::as_object);
        dependent
            .into_iter()
            .flatten()
            .for_each(|(_, branch)| self.visit(branch, value));
        match value {
            Json::Object(members) => self.visit_members(keywords, members),
            Json::Array(items) => self.visit_items(keywords, items),
            _ => {}
        }
    }

    fn visit_members(&mut self, keywords: &Map<String, Json>, members: &Map<String, Json>) {
        let declared = keywords.get("properties").and_then(Json::as_object);
        for (name, member) in members {
            if let Some(schema) = declared.and_then(|declared| declared.get(name)) {
                self.visit(schema, member);
                continue;
            }
            // Which pattern a name matches doesn't matter: a text that is struck out too often does no harm.
            let patterns = keywords.get("patternProperties").and_then(Json::as_object);
            patterns
                .into_iter()
                .flatten()
                .for_each(|(_, schema)| self.visit(schema, member));
            for keyword in ["additionalProperties", "unevaluatedProperties"] {
                keywords
                    .get(keyword)
                    .into_iter()
                    .for_each(|schema| self.visit(schema, member));
            }
        }
    }

    fn visit_items(&mut self, keywords: &Map<String, Json>, items: &[Json]) {
        let first: &[Json] = keywords
            .get("prefixItems")
            .and_then(Json::as_array)
            .map_or(&[], Vec::as_slice);
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index) {
                self.visit(schema, item);
                continue;
            }
            for keyword in ["items", "contains", "unevaluatedItems"] {
                keywords
                    .get(keyword)
                    .into_iter()
                    .for_each(|schema| self.visit(schema, item));
            }
        }
    }

    fn remember(&mut self, value: &Json) {
        match value {
            Json::String(text) => self.secrets.remember(text),
            Json::Number(number) => self.secrets.remember(&number.to_string()),
            Json::Array(items) => items.iter().for_each(|item| self.remember(item)),
            Json::Object(members) => members.values().for_each(|member| self.remember(member)),
            Json::Null | Json::Bool(_) => {}
        }
    }
}
