//! A connector for reading: what it says of itself, what it can do, its settings, and who uses it.
//!
//! All of it but the digest is the connector's own word, and shown without what a terminal would obey.

use std::fmt::Write;

use serde_json::Value as Json;
use tenon_model::format_timestamp;
use tenon_runtime::registry::Entry;

use crate::text::visible::visible;

/// A connector on some lines.
pub fn describe(entry: &Entry, users: &[String]) -> String {
    let manifest = &entry.manifest;
    let mut text = format!("{} {}", manifest.name, manifest.version);
    if !manifest.description.is_empty() {
        push(
            &mut text,
            format_args!("  {}", visible(&manifest.description)),
        );
    }
    text.push_str("\n\n");
    let capabilities: Vec<&str> = entry
        .capabilities
        .iter()
        .map(|capability| capability.name())
        .collect();
    let keys = manifest
        .generated_key
        .map_or("by the runtime".to_owned(), |kind| {
            format!("of kind {}", kind.name())
        });
    let facts = [
        (
            "capabilities",
            if capabilities.is_empty() {
                "none".to_owned()
            } else {
                capabilities.join(", ")
            },
        ),
        ("sharing", manifest.sharing.to_string()),
        ("category", manifest.category.clone()),
        ("made keys", keys),
        (
            "undeclared",
            if manifest.keeps_undeclared {
                "kept"
            } else {
                "not kept"
            }
            .to_owned(),
        ),
        ("digest", entry.digest.to_string()),
        (
            "registered",
            entry.registered.map_or("no".to_owned(), format_timestamp),
        ),
        (
            "used by",
            if users.is_empty() {
                "no data source here".to_owned()
            } else {
                users.join(", ")
            },
        ),
    ];
    let annotations = manifest.annotations.iter();
    let annotations = annotations.map(|(name, value)| (name.as_str(), value.clone()));
    for (name, value) in facts.into_iter().chain(annotations) {
        push(
            &mut text,
            format_args!("{:<13} {}\n", visible(name), visible(&value)),
        );
    }
    text.push('\n');
    text.push_str(&settings(&manifest.settings_schema));
    text
}

/// The settings that a schema describes, one a line with what is said of it.
fn settings(schema: &Json) -> String {
    let properties = schema.get("properties").and_then(Json::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        return "It has no settings.\n".to_owned();
    };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Json::as_array)
        .map(|names| names.iter().filter_map(Json::as_str).collect())
        .unwrap_or_default();
    let mut text = "Settings:\n".to_owned();
    let shown: Vec<(String, String, &Json)> = properties
        .iter()
        .map(|(name, property)| {
            let need = match property.get("default") {
                _ if required.contains(&name.as_str()) => ", required".to_owned(),
                Some(default) => format!(", {default} where nothing is said"),
                None => String::new(),
            };
            (
                visible(name).into_owned(),
                visible(&format!("{}{need}", kind(property, schema))).into_owned(),
                property,
            )
        })
        .collect();
    let width = shown
        .iter()
        .map(|(name, ..)| name.chars().count())
        .max()
        .unwrap_or_default();
    for (name, kind, property) in shown {
        push(&mut text, format_args!("  {name:<width$}  {kind}\n"));
        for line in property
            .get("description")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .lines()
        {
            push(
                &mut text,
                format_args!("  {:<width$}  {}\n", "", visible(line)),
            );
        }
    }
    text
}

/// What a setting may be, in short.
fn kind(property: &Json, schema: &Json) -> String {
    if let Some(named) = property.get("$ref").and_then(Json::as_str) {
        // Within the same document; a name that leads nowhere is shown as it is.
        return match named
            .strip_prefix('#')
            .and_then(|place| schema.pointer(place))
        {
            Some(meant) if meant.get("$ref").is_none() => kind(meant, schema),
            _ => named.to_owned(),
        };
    }
    let alternatives = |list: &Json, each: &dyn Fn(&Json) -> String| {
        let list = list.as_array()?;
        Some(list.iter().map(each).collect::<Vec<_>>().join(" or "))
    };
    let text = |json: &Json| {
        json.as_str()
            .map_or_else(|| json.to_string(), str::to_owned)
    };
    property
        .get("enum")
        .and_then(|list| alternatives(list, &Json::to_string))
        .or_else(|| {
            property
                .get("type")
                .and_then(|list| alternatives(list, &text))
        })
        .or_else(|| property.get("type").map(text))
        .or_else(|| {
            property
                .get("anyOf")
                .and_then(|list| alternatives(list, &|one| kind(one, schema)))
        })
        .or_else(|| {
            property
                .get("oneOf")
                .and_then(|list| alternatives(list, &|one| kind(one, schema)))
        })
        .unwrap_or_else(|| "anything".to_owned())
}

/// Writing into a String can't fail.
fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_shown_with_kind_need_and_meaning() {
        let schema = serde_json::json!({
            "required": ["path"],
            "properties": {
                "path": {"type": "string", "description": "The file.\nIn a folder."},
                "mode": {"enum": ["a", "b"], "default": "a"},
                "size": {"$ref": "#/$defs/Size"},
                "any": true,
            },
            "$defs": {"Size": {"type": ["integer", "string"]}},
        });
        let text = settings(&schema);
        assert!(
            text.contains("  path  string, required\n        The file.\n        In a folder.\n"),
            "{text}"
        );
        assert!(
            text.contains("  mode  \"a\" or \"b\", \"a\" where nothing is said\n"),
            "{text}"
        );
        assert!(text.contains("  size  integer or string\n"), "{text}");
        assert!(text.contains("  any   anything\n"), "{text}");
    }

    #[test]
    fn a_schema_without_settings_says_so() {
        for schema in [
            serde_json::json!(true),
            serde_json::json!({"type": "object"}),
        ] {
            assert_eq!(settings(&schema), "It has no settings.\n");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let schema = serde_json::json!({"properties": {"a": {"$ref": "#/properties/a"}}});
        assert!(settings(&schema).contains("#/properties/a"));
    }
}
