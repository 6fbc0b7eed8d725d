//! The relations of a model, and its default scope.
//!
//! What a relation leaves out, and whether what it names is there, is known once all models are read: see
//! [`tenon_model::resolve_relations`].

use tenon_model::{Keys, Query, Relation, RelationKind, Through};

use super::reader::{Fields, Reader};
use super::tree::{Entry, Node, Shape};

const KEYS: &[&str] = &[
    "type",
    "model",
    "foreign-key",
    "primary-key",
    "through",
    "through-key",
    "property",
];

/// The relations of a `relations` table.
pub(super) fn read(node: &Node, reader: &mut Reader) -> Vec<Relation> {
    let entries = reader.entries(node).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| relation(entry, reader))
        .collect()
}

fn relation(entry: &Entry, reader: &mut Reader) -> Option<Relation> {
    let fields = reader.table(&entry.node, KEYS)?;
    let name = fields
        .required("type", "\"hasMany\"", reader)
        .and_then(|node| kind_name(node, reader));
    let model = fields
        .required("model", "\"Route\"", reader)
        .and_then(|node| reader.text(node));
    let kind = name.and_then(|name| kind(name, &fields, reader));
    Some(Relation::new(entry.name.as_str(), model?, kind?))
}

fn kind_name(node: &Node, reader: &mut Reader) -> Option<&'static str> {
    let find = |name: &str| RelationKind::NAMES.into_iter().find(|known| *known == name);
    reader.word(node, "kind of relation", &RelationKind::NAMES, find)
}

/// The relation of that kind; a key that has no meaning for it is a mistake.
fn kind(name: &str, fields: &Fields, reader: &mut Reader) -> Option<RelationKind> {
    let embeds = |property: String| match name {
        "embedsOne" => RelationKind::EmbedsOne { property },
        _ => RelationKind::EmbedsMany { property },
    };
    match (name, fields.get("through")) {
        ("embedsOne" | "embedsMany", _) => {
            refuse(
                name,
                fields,
                &["foreign-key", "primary-key", "through", "through-key"],
                reader,
            );
            text(fields, "property", reader).map(embeds)
        }
        ("hasAndBelongsToMany", _) => {
            refuse(name, fields, &["primary-key", "property"], reader);
            through(fields, reader).map(RelationKind::HasAndBelongsToMany)
        }
        ("hasMany", Some(_)) => {
            let name = "hasMany with `through`";
            refuse(name, fields, &["primary-key", "property"], reader);
            through(fields, reader).map(RelationKind::HasManyThrough)
        }
        _ => {
            refuse(
                name,
                fields,
                &["through", "through-key", "property"],
                reader,
            );
            let keys = keys(fields, reader)?;
            Some(match name {
                "belongsTo" => RelationKind::BelongsTo(keys),
                "hasOne" => RelationKind::HasOne(keys),
                _ => RelationKind::HasMany(keys),
            })
        }
    }
}

fn refuse(kind: &str, fields: &Fields, keys: &[&str], reader: &mut Reader) {
    for key in keys {
        if let Some(node) = fields.get(key) {
            let hint = match (kind, *key) {
                ("hasMany", "through-key") => "name the model in between with `through`",
                _ => "leave it out",
            };
            reader.problem(node, format!("{kind} takes no `{key}`; {hint}"));
        }
    }
}

fn keys(fields: &Fields, reader: &mut Reader) -> Option<Keys> {
    let (foreign_key, primary_key) = (
        names(fields, "foreign-key", reader),
        names(fields, "primary-key", reader),
    );
    Some(Keys {
        foreign_key: foreign_key?,
        primary_key: primary_key?,
    })
}

fn through(fields: &Fields, reader: &mut Reader) -> Option<Through> {
    let model = text(fields, "through", reader);
    let (foreign_key, through_key) = (
        names(fields, "foreign-key", reader),
        names(fields, "through-key", reader),
    );
    Some(Through {
        model: model?,
        foreign_key: foreign_key?,
        through_key: through_key?,
    })
}

/// A text, empty where there is none; none where it is a mistake.
fn text(fields: &Fields, key: &str, reader: &mut Reader) -> Option<String> {
    let Some(node) = fields.get(key) else {
        return Some(String::new());
    };
    let text = reader.text(node)?;
    if text.is_empty() {
        reader.problem(node, "this is empty; leave it out for the usual one");
        return None;
    }
    Some(text.to_owned())
}

/// A property's name, or a list of several, empty where there is none; none where it is a mistake.
fn names(fields: &Fields, key: &str, reader: &mut Reader) -> Option<Vec<String>> {
    let Some(node) = fields.get(key) else {
        return Some(Vec::new());
    };
    if let Shape::Text(name) = &node.shape {
        return Some(vec![name.clone()]);
    }
    let Shape::Array(items) = &node.shape else {
        let message = format!(
            "this has to be a property's name, or a list of them, but is {}",
            node.kind()
        );
        reader.problem(node, message);
        return None;
    };
    if items.is_empty() {
        reader.problem(node, "this is empty; leave it out for the usual one");
        return None;
    }
    let names = items.iter().map(|item| Some(reader.text(item)?.to_owned()));
    names.collect()
}

/// A default scope: a query as LoopBack's JSON has it, written as TOML.
pub(super) fn scope(node: &Node, reader: &mut Reader) -> Option<Query> {
    reader.entries(node)?;
    let json = match node.to_json() {
        Ok(json) => json,
        Err(float) => {
            reader.problem(float, "JSON, whose form a scope has, has no such number");
            return None;
        }
    };
    match Query::from_json(&json) {
        Ok(scope) => Some(scope),
        Err(problems) => {
            for problem in problems {
                reader.problem_inside(node, &problem.place, problem.message);
            }
            None
        }
    }
}
