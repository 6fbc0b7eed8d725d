//! The `models` of the document.

use std::collections::BTreeMap;

use tenon_model::{
    DefaultValue, Generation, Index, Model, Problems, Property, PropertyType, SortKey, Value,
    coerce, resolve_relations,
};

use super::reader::{Fields, Reader, unknown};
use super::tree::{Entry, Node, Shape};
use super::{ModelConfig, relations};
use crate::names::DataSourceName;

const MODEL_KEYS: &[&str] = &[
    "source",
    "collection",
    "strict",
    "key",
    "properties",
    "indexes",
    "relations",
    "version",
    "scope",
    "settings",
];

const PROPERTY_KEYS: &[&str] = &[
    "type",
    "required",
    "hidden",
    "read-only",
    "length",
    "scale",
    "default",
    "index",
    "unique",
    "generated",
    "column",
    "native-type",
    "settings",
];

/// The kinds' names in other programs, for who is used to them.
const OTHER_NAMES: &[(&str, PropertyType)] = &[
    ("string", PropertyType::Text),
    ("varchar", PropertyType::Text),
    ("bool", PropertyType::Boolean),
    ("int", PropertyType::Integer),
    ("bigint", PropertyType::Integer),
    ("number", PropertyType::Float),
    ("double", PropertyType::Float),
    ("real", PropertyType::Float),
    ("numeric", PropertyType::Decimal),
    ("datetime", PropertyType::Timestamp),
    ("buffer", PropertyType::Bytes),
    ("binary", PropertyType::Bytes),
    ("blob", PropertyType::Bytes),
    ("geopoint", PropertyType::Point),
    ("object", PropertyType::Json),
    ("array", PropertyType::Json),
];

/// The models of a `models` table; `sources` are the data sources that they may be attached to.
pub(super) fn read(
    node: &Node,
    sources: &[&str],
    reader: &mut Reader,
) -> BTreeMap<String, ModelConfig> {
    let before = reader.count();
    let entries = reader.entries(node).unwrap_or_default();
    let models: BTreeMap<String, ModelConfig> = entries
        .iter()
        .filter_map(|entry| {
            let fields = reader.table(&entry.node, MODEL_KEYS)?;
            let source = source(&fields, sources, reader);
            let model = model(&entry.name, &entry.node, &fields, reader);
            Some((
                entry.name.clone(),
                ModelConfig {
                    source: source?,
                    model: model?,
                },
            ))
        })
        .collect();
    if reader.count() == before {
        // Only where all could be read: one that is missing would be missed by whatever leads to it.
        if let Err(problems) = resolved(&models) {
            for problem in problems {
                reader.problem_inside(node, &problem.place, problem.message);
            }
        }
    }
    models
}

/// The models with their relations complete.
///
/// # Errors
/// What relations and default scopes name and isn't there, each with its place, which begins with the model.
pub(super) fn resolved(
    models: &BTreeMap<String, ModelConfig>,
) -> Result<BTreeMap<String, Model>, Problems> {
    let mut models = models
        .iter()
        .map(|(name, attached)| (name.clone(), attached.model.clone()))
        .collect();
    resolve_relations(&mut models)?;
    Ok(models)
}

/// The data source that something is attached to.
pub(super) fn source(
    fields: &Fields,
    sources: &[&str],
    reader: &mut Reader,
) -> Option<DataSourceName> {
    let example = format!("{:?}", sources.first().unwrap_or(&"name"));
    let node = fields.required("source", &example, reader)?;
    let name = reader.text(node)?;
    if !sources.contains(&name) {
        reader.problem(node, unknown("data source", name, sources.iter().copied()));
        return None;
    }
    // A wrong name has been complained about where the data source is defined.
    DataSourceName::new(name).ok()
}

fn model(name: &str, node: &Node, fields: &Fields, reader: &mut Reader) -> Option<Model> {
    let before = reader.count();
    let mut model = Model::new(name);
    model.collection = fields
        .get("collection")
        .and_then(|node| reader.text(node))
        .map(str::to_owned);
    model.settings = fields.get("settings").and_then(|node| object(node, reader));
    if let Some(strict) = fields.get("strict").and_then(|node| reader.boolean(node)) {
        model.strict = strict;
    }
    let properties = fields
        .get("properties")
        .and_then(|node| reader.entries(node))
        .unwrap_or_default();
    for entry in properties {
        property(&entry.name, &entry.node, &mut model, reader);
    }
    if let Some(items) = fields.get("indexes").and_then(|node| reader.list(node)) {
        for item in items {
            let index = index(item, reader);
            model.indexes.extend(index);
        }
    }
    if let Some(node) = fields.get("relations") {
        model.relations = relations::read(node, reader);
    }
    model.version = fields
        .get("version")
        .and_then(|node| reader.text(node))
        .map(str::to_owned);
    model.scope = fields
        .get("scope")
        .and_then(|node| relations::scope(node, reader))
        .map(Box::new);
    match fields.get("key") {
        Some(node) => key(node, properties, &mut model, reader),
        None => {
            if let Some(id) = properties.iter().find(|entry| entry.name == "id") {
                let message = "a model without `key` gets a generated `id`; write key = [\"id\"] in the model";
                reader.problem(&id.node, message);
            }
        }
    }
    if reader.count() == before {
        // Only where all of it could be read: a part that is missing would make problems of its own.
        if let Err(problems) = model.check() {
            for problem in problems {
                reader.problem_inside(node, &problem.place, problem.message);
            }
        }
    }
    (reader.count() == before).then_some(model)
}

fn key(node: &Node, declared: &[Entry], model: &mut Model, reader: &mut Reader) {
    if let Shape::Text(name) = &node.shape {
        return reader.problem(node, format!("a key is a list; write key = [{name:?}]"));
    }
    let Some(items) = reader.list(node) else {
        return;
    };
    if items.is_empty() {
        return reader.problem(
            node,
            "a key has at least one property; without `key` there is a generated `id`",
        );
    }
    for (place, item) in (1..=u8::MAX).zip(items) {
        let Some(name) = reader.text(item) else {
            continue;
        };
        match model
            .properties
            .iter_mut()
            .find(|property| property.name == name)
        {
            Some(property) if property.key.is_some() => {
                reader.problem(item, "this property is in the key already");
            }
            Some(property) => {
                property.key = Some(place);
                property.required = true;
            }
            // One that is there and couldn't be read has been complained about.
            None if declared.iter().any(|entry| entry.name == name) => {}
            None => {
                let message = unknown(
                    "property",
                    name,
                    declared.iter().map(|entry| entry.name.as_str()),
                );
                reader.problem(item, message);
            }
        }
    }
    if items.len() > usize::from(u8::MAX) {
        reader.problem(node, "a key has at most 255 properties");
    }
}

fn property(name: &str, node: &Node, model: &mut Model, reader: &mut Reader) {
    if let Shape::Text(_) = node.shape {
        model
            .properties
            .extend(kind(node, reader).map(|kind| Property::new(name, kind)));
        return;
    }
    let Shape::Table(_) = node.shape else {
        let message = format!(
            "a property is its kind, \"text\", or a table with `type`, not {}",
            node.kind()
        );
        return reader.problem(node, message);
    };
    let Some(fields) = reader.table(node, PROPERTY_KEYS) else {
        return;
    };
    let kind = fields
        .required("type", "\"text\"", reader)
        .and_then(|node| kind(node, reader));
    let mut property = Property::new(name, kind.unwrap_or(PropertyType::Any));
    property.required = flag(&fields, "required", reader);
    property.hidden = flag(&fields, "hidden", reader);
    property.read_only = flag(&fields, "read-only", reader);
    property.length = fields.get("length").and_then(|node| reader.number(node));
    property.scale = fields.get("scale").and_then(|node| reader.number(node));
    property.column = fields
        .get("column")
        .and_then(|node| reader.text(node))
        .map(str::to_owned);
    property.native_type = fields
        .get("native-type")
        .and_then(|node| reader.text(node))
        .map(str::to_owned);
    property.settings = fields.get("settings").and_then(|node| object(node, reader));
    if let Some(generated) = fields.get("generated") {
        let words: Vec<&str> = Generation::ALL.iter().map(|case| case.name()).collect();
        let generated = reader.word(generated, "way to generate", &words, Generation::from_name);
        property.generated = generated.unwrap_or(Generation::Never);
    }
    if let Some(kind) = kind {
        property.default = fields
            .get("default")
            .and_then(|node| default(node, kind, reader));
    }
    let unique = flag(&fields, "unique", reader);
    if flag(&fields, "index", reader) || unique {
        let key = SortKey {
            property: name.to_owned(),
            path: Vec::new(),
            descending: false,
        };
        model.indexes.push(Index {
            name: name.to_owned(),
            properties: vec![key],
            unique,
            settings: None,
        });
    }
    model.properties.push(property);
}

fn flag(fields: &Fields, key: &str, reader: &mut Reader) -> bool {
    fields
        .get(key)
        .and_then(|node| reader.boolean(node))
        .unwrap_or(false)
}

fn kind(node: &Node, reader: &mut Reader) -> Option<PropertyType> {
    let name = reader.text(node)?;
    if let Some((_, kind)) = OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == name.to_lowercase())
    {
        reader.problem(
            node,
            format!("unknown kind; it is called {:?} here", kind.name()),
        );
        return None;
    }
    let words: Vec<&str> = PropertyType::ALL.iter().map(|kind| kind.name()).collect();
    reader.word(node, "kind", &words, PropertyType::from_name)
}

fn default(node: &Node, kind: PropertyType, reader: &mut Reader) -> Option<DefaultValue> {
    if kind != PropertyType::Json
        && let Shape::Table(entries) = &node.shape
        && let [entry] = entries.as_slice()
        && matches!(entry.node.shape, Shape::Boolean(true))
    {
        match entry.name.as_str() {
            "now" => return Some(DefaultValue::Now),
            "uuid" => return Some(DefaultValue::Uuid),
            _ => {}
        }
    }
    let value = match node.to_json() {
        Ok(json) => Value::from_json(&json, kind).and_then(|value| coerce(value, kind)),
        Err(_) => Err("only finite numbers can be defaults".to_owned()),
    };
    match value {
        Ok(value) => Some(DefaultValue::Value(value)),
        Err(reason) => {
            reader.problem(node, reason);
            None
        }
    }
}

fn index(node: &Node, reader: &mut Reader) -> Option<Index> {
    let fields = reader.table(node, &["name", "properties", "unique", "settings"])?;
    let properties = fields.required("properties", "[\"state\", \"city DESC\"]", reader);
    let properties: Vec<SortKey> = reader
        .list(properties?)?
        .iter()
        .map(|item| sort_key(item, reader))
        .collect::<Option<_>>()?;
    let name = match fields.get("name") {
        Some(node) => reader.text(node)?.to_owned(),
        None => properties
            .iter()
            .map(|key| key.property.as_str())
            .collect::<Vec<_>>()
            .join("_"),
    };
    let settings = match fields.get("settings") {
        Some(node) => Some(object(node, reader)?),
        None => None,
    };
    Some(Index {
        name,
        properties,
        unique: flag(&fields, "unique", reader),
        settings,
    })
}

/// `state`, `state ASC` or `state DESC`.
fn sort_key(node: &Node, reader: &mut Reader) -> Option<SortKey> {
    let text = reader.text(node)?;
    let (property, descending) = match text.rsplit_once(' ') {
        Some((property, "DESC" | "desc")) => (property, true),
        Some((property, "ASC" | "asc")) => (property, false),
        _ => (text, false),
    };
    Some(SortKey {
        property: property.trim().to_owned(),
        path: Vec::new(),
        descending,
    })
}

/// A table as the text of a JSON object.
fn object(node: &Node, reader: &mut Reader) -> Option<String> {
    reader.entries(node)?;
    match node.to_json() {
        Ok(json) => Some(json.to_string()),
        Err(float) => {
            reader.problem(float, "JSON has no such number");
            None
        }
    }
}
