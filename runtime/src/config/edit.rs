//! Adding models to an existing `tenon.toml`.
//!
//! What is there stays byte for byte, comments and all: a model is a table of its own, and goes to the end.
//! The new document is read before it is written, so that a file is never left broken.

use std::path::Path;

use serde_json::Value as Json;
use tenon_model::{DefaultValue, Generation, Index, Property, Relation, RelationKind};
use toml_edit::{Array, InlineTable, Key, Value};

use super::error::ConfigError;
use super::{Config, ModelConfig, file};

/// Adds a model at the end of a `tenon.toml`.
///
/// # Errors
/// Every mistake in the file, why it can't be written, or why the model can't be added: there is one of that
/// name, its data source is missing, or a document has no form for it. The file is then as it was.
pub fn add_model(path: &Path, model: &ModelConfig) -> Result<(), ConfigError> {
    add_models(path, std::slice::from_ref(model))
}

/// Adds models at the end of a `tenon.toml`, all or none: they may be related to each other.
///
/// # Errors
/// As [`add_model`].
pub fn add_models(path: &Path, models: &[ModelConfig]) -> Result<(), ConfigError> {
    let failed = |cause: std::io::Error| {
        ConfigError::whole(path, format!("this file can't be changed: {cause}"))
    };
    let _held = file::hold(path).map_err(failed)?;
    let text = with_models(&super::read(path)?, path, models)?;
    file::write(path, &text).map_err(failed)
}

/// The document's text with the models added.
fn with_models(text: &str, path: &Path, models: &[ModelConfig]) -> Result<String, ConfigError> {
    let there = Config::parse(text, path)?.models;
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut parts = vec![text.trim_end_matches(['\r', '\n']).to_owned()];
    parts.retain(|kept| !kept.is_empty());
    for model in models {
        let name = &model.model.name;
        if there.contains_key(name) {
            let message =
                format!("there is a model {name} already; choose another name, or remove it first");
            return Err(ConfigError::whole(path, message));
        }
        let added = render_model(model).map_err(|reason| cant_add(path, name, &reason))?;
        parts.push(added.trim_end().replace('\n', line_break));
    }
    let text = parts.join(&line_break.repeat(2)) + line_break;
    // Models may be written in a way that a table of its own can't be added to, as `models = {}`.
    let names: Vec<&str> = models
        .iter()
        .map(|model| model.model.name.as_str())
        .collect();
    let config = Config::parse(&text, path)
        .map_err(|error| cant_add(path, &names.join(", "), &format!("\n{error}")))?;
    for model in models {
        let name = &model.model.name;
        if config.models.get(name) != Some(&normal(model)) {
            let reason = "tenon.toml has no form for a part of it";
            return Err(cant_add(path, name, reason));
        }
    }
    Ok(text)
}

fn cant_add(path: &Path, name: &str, reason: &str) -> ConfigError {
    ConfigError::whole(path, format!("the model {name} can't be added: {reason}"))
}

/// The model as reading it from a document makes it.
fn normal(model: &ModelConfig) -> ModelConfig {
    let mut model = model.clone();
    for property in &mut model.model.properties {
        property.required |= property.key.is_some();
    }
    model
}

/// The model as a table of `tenon.toml`, to show or to paste.
///
/// # Errors
/// Why it has no form there.
pub fn render_model(model: &ModelConfig) -> Result<String, String> {
    let ModelConfig { source, model } = model;
    let mut lines = vec![
        format!("[models.{}]", key(&model.name)),
        line("source", source.as_str()),
    ];
    if let Some(collection) = &model.collection {
        lines.push(line("collection", collection.as_str()));
    }
    if !model.strict {
        lines.push(line("strict", false));
    }
    let names: Vec<&str> = model
        .key_properties()
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    if !names.is_empty() {
        lines.push(line("key", names.into_iter().collect::<Array>()));
    }
    if let Some(version) = &model.version {
        lines.push(line("version", version.as_str()));
    }
    if let Some(scope) = &model.scope {
        lines.push(line("scope", from_json(&scope.to_json())?));
    }
    if let Some(settings) = &model.settings {
        lines.push(line("settings", from_text(settings)?));
    }
    for property in &model.properties {
        lines.push(line(
            &format!("properties.{}", key(&property.name)),
            describe(property)?,
        ));
    }
    for relation in &model.relations {
        lines.push(line(
            &format!("relations.{}", key(&relation.name)),
            describe_relation(relation),
        ));
    }
    if !model.indexes.is_empty() {
        lines.push("indexes = [".to_owned());
        for each in &model.indexes {
            lines.push(format!("    {},", Value::from(index(each)?)));
        }
        lines.push("]".to_owned());
    }
    Ok(lines.join("\n") + "\n")
}

fn key(name: &str) -> String {
    Key::new(name).display_repr().into_owned()
}

fn line(key: &str, value: impl Into<Value>) -> String {
    format!("{key} = {}", value.into())
}

fn describe(property: &Property) -> Result<Value, String> {
    let mut table = InlineTable::new();
    table.insert("type", property.kind.name().into());
    if property.required && property.key.is_none() {
        table.insert("required", true.into());
    }
    if property.hidden {
        table.insert("hidden", true.into());
    }
    if property.read_only {
        table.insert("read-only", true.into());
    }
    if property.generated != Generation::Never {
        table.insert("generated", property.generated.name().into());
    }
    if let Some(length) = property.length {
        table.insert("length", i64::from(length).into());
    }
    if let Some(scale) = property.scale {
        table.insert("scale", i64::from(scale).into());
    }
    if let Some(default) = &property.default {
        table.insert("default", describe_default(default)?);
    }
    if let Some(column) = &property.column {
        table.insert("column", column.into());
    }
    if let Some(native) = &property.native_type {
        table.insert("native-type", native.into());
    }
    if let Some(settings) = &property.settings {
        table.insert("settings", from_text(settings)?);
    }
    Ok(if table.len() == 1 {
        property.kind.name().into()
    } else {
        table.into()
    })
}

fn describe_relation(relation: &Relation) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("type", relation.kind.name().into());
    table.insert("model", relation.model.as_str().into());
    let mut put = |name: &str, properties: &[String]| match properties {
        [] => {}
        [only] => {
            table.insert(name, only.as_str().into());
        }
        several => {
            table.insert(name, several.iter().collect::<Array>().into());
        }
    };
    match &relation.kind {
        RelationKind::BelongsTo(keys)
        | RelationKind::HasOne(keys)
        | RelationKind::HasMany(keys) => {
            put("foreign-key", &keys.foreign_key);
            put("primary-key", &keys.primary_key);
        }
        RelationKind::HasManyThrough(through) | RelationKind::HasAndBelongsToMany(through) => {
            if !through.model.is_empty() {
                put("through", std::slice::from_ref(&through.model));
            }
            put("foreign-key", &through.foreign_key);
            put("through-key", &through.through_key);
        }
        RelationKind::EmbedsOne { property } | RelationKind::EmbedsMany { property } => {
            if !property.is_empty() {
                put("property", std::slice::from_ref(property));
            }
        }
    }
    table
}

fn describe_default(default: &DefaultValue) -> Result<Value, String> {
    let made = |how: &str| InlineTable::from_iter([(how, true)]).into();
    match default {
        DefaultValue::Now => Ok(made("now")),
        DefaultValue::Uuid => Ok(made("uuid")),
        DefaultValue::Value(value) => from_json(&value.to_json()),
    }
}

fn index(index: &Index) -> Result<InlineTable, String> {
    let properties: Array = index
        .properties
        .iter()
        .map(|key| {
            if key.descending {
                format!("{} DESC", key.property)
            } else {
                key.property.clone()
            }
        })
        .collect();
    let mut table = InlineTable::new();
    table.insert("name", index.name.as_str().into());
    table.insert("properties", properties.into());
    if index.unique {
        table.insert("unique", true.into());
    }
    if let Some(settings) = &index.settings {
        table.insert("settings", from_text(settings)?);
    }
    Ok(table)
}

fn from_text(json: &str) -> Result<Value, String> {
    let json: Json =
        serde_json::from_str(json).map_err(|cause| format!("its settings are no JSON: {cause}"))?;
    from_json(&json)
}

fn from_json(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => return Err("TOML has no null".to_owned()),
        Json::Bool(boolean) => (*boolean).into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) => float.into(),
            (None, None) => return Err(format!("TOML has no form for {number}")),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => items
            .iter()
            .map(from_json)
            .collect::<Result<Array, _>>()?
            .into(),
        Json::Object(members) => members
            .iter()
            .map(|(name, member)| Ok((Key::new(name), from_json(member)?)))
            .collect::<Result<InlineTable, String>>()?
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::DataSourceName;
    use tenon_model::{Model, PropertyType, Query, Value as ModelValue};

    const BEFORE: &str = "# mine\n[sources.airports]\nconnector   =   \"memory\" # odd, and kept\n";

    fn airport() -> ModelConfig {
        let mut name = Property::new("name", PropertyType::Text).required();
        name.length = Some(80);
        name.column = Some("airport \"name\"".to_owned());
        let model = Model::new("Airport")
            .key("iata", PropertyType::Text)
            .property(name)
            .property(
                Property::new("big city", PropertyType::Boolean)
                    .default(DefaultValue::Value(ModelValue::from(true))),
            )
            .property(Property::new("seen", PropertyType::Timestamp).default(DefaultValue::Now))
            .property(Property::new("at", PropertyType::Point))
            .property(Property::new("alarm", PropertyType::Text).hidden())
            .property(
                Property::new("made", PropertyType::Date)
                    .default(DefaultValue::Now)
                    .read_only(),
            )
            .property(Property::new("revision", PropertyType::Integer))
            .property(Property::new("hub code", PropertyType::Text))
            .relation(Relation::belongs_to("hub", "Airport", &["hub code"]))
            .relation(Relation::has_many("served", "Airport", &["hub code"]))
            .version("revision")
            .scope(
                Query::parse(r#"{"where": {"big city": true}, "order": ["name DESC"]}"#).unwrap(),
            )
            .index(&["name"], true);
        ModelConfig::new(DataSourceName::new("airports").unwrap(), model)
    }

    #[test]
    fn a_model_is_added_at_the_end_and_all_else_stays() {
        let text = with_models(BEFORE, Path::new("tenon.toml"), &[airport()]).unwrap();
        assert_eq!(
            text,
            format!(
                "{BEFORE}\n{}",
                r#"[models.Airport]
source = "airports"
key = ["iata"]
version = "revision"
scope = { order = ["name DESC"], where = { "big city" = true } }
properties.iata = "text"
properties.name = { type = "text", required = true, length = 80, column = 'airport "name"' }
properties."big city" = { type = "boolean", default = true }
properties.seen = { type = "timestamp", default = { now = true } }
properties.at = "point"
properties.alarm = { type = "text", hidden = true }
properties.made = { type = "date", read-only = true, default = { now = true } }
properties.revision = "integer"
properties."hub code" = "text"
relations.hub = { type = "belongsTo", model = "Airport", foreign-key = "hub code" }
relations.served = { type = "hasMany", model = "Airport", foreign-key = "hub code" }
indexes = [
    { name = "name", properties = ["name"], unique = true },
]
"#
            )
        );
        let again = with_models(&text, Path::new("tenon.toml"), &[airport()]).unwrap_err();
        assert_eq!(
            again.to_string(),
            "tenon.toml: there is a model Airport already; choose another name, or remove it first"
        );
    }

    #[test]
    fn models_that_are_related_to_each_other_are_added_together_or_not_at_all() {
        let source = DataSourceName::new("airports").unwrap();
        let related = |name: &str, other: &str| {
            let model = Model::new(name)
                .key("id", PropertyType::Integer)
                .property(Property::new("otherId", PropertyType::Integer))
                .relation(Relation::belongs_to("other", other, &["otherId"]));
            ModelConfig::new(source.clone(), model)
        };
        let (one, two) = (related("One", "Two"), related("Two", "One"));
        let path = Path::new("tenon.toml");
        let text = with_models(BEFORE, path, &[one.clone(), two]).unwrap();
        assert_eq!(Config::parse(&text, path).unwrap().models.len(), 2);
        let alone = with_models(BEFORE, path, &[one]).unwrap_err();
        assert!(alone.to_string().contains("Two"), "{alone}");
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let before = BEFORE.replace('\n', "\r\n");
        let text = with_models(&before, Path::new("tenon.toml"), &[airport()]).unwrap();
        assert!(!text.replace("\r\n", "").contains('\n'));
    }

    #[test]
    fn a_document_that_a_model_cant_be_added_to_is_left_alone() {
        let text = format!("models = {{}}\n{BEFORE}");
        assert!(with_models(&text, Path::new("tenon.toml"), &[airport()]).is_err());
        let without_source = with_models("", Path::new("tenon.toml"), &[airport()]).unwrap_err();
        assert!(
            without_source.to_string().contains("unknown data source"),
            "{without_source}"
        );
    }

    #[test]
    fn the_file_is_written_and_its_link_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (
            folder.path().join("real.toml"),
            folder.path().join("tenon.toml"),
        );
        std::fs::write(&real, BEFORE).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        add_model(&link, &airport()).unwrap();
        assert!(link.is_symlink());
        assert_eq!(Config::load(&real).unwrap().models["Airport"], airport());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
