//! A data source from the command line. The arguments are made into a document, and read as a `tenon.toml` is: one
//! reader, and one meaning.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tenon_model::Model;
use tenon_runtime::DataSourceName;
use tenon_runtime::config::{Config, SourceConfig};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use super::again::quoted;
use super::subject::models_on;
use crate::args::Check;
use crate::exit;
use crate::report::Report;

/// The name of the data source in the document.
const NAME: &str = "check";

/// The document's name, in messages. Relative paths in it begin at the current folder.
const DOCUMENT: &str = "the arguments, as tenon.toml has them";

/// The data source of the connector that was named.
pub fn source(args: &Check) -> Result<SourceConfig, Report> {
    let mut settings = InlineTable::new();
    if let Some(file) = &args.settings {
        for (name, json) in object_of(file)? {
            put(&name, &json, &mut settings)?;
        }
    }
    for setting in &args.setting {
        let (name, text) = setting
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| {
                Report::new(
                    exit::USAGE,
                    format!("--setting {setting}: there is no value"),
                )
                .help("write --setting KEY=VALUE; a value is JSON, or else a text")
            })?;
        let json = serde_json::from_str(text).unwrap_or_else(|_| Json::from(text));
        put(name, &json, &mut settings)?;
    }
    let grants: Array = args
        .grant
        .iter()
        .map(|text| grant(text))
        .collect::<Result<_, _>>()?;
    let mut table = Table::new();
    // Either it or a data source is there, or there is nothing to check.
    let connector = args.connector.as_deref().unwrap_or_default();
    table.insert("connector", Item::Value(connector.into()));
    table.insert("settings", Item::Value(settings.into()));
    table.insert("grants", Item::Value(grants.into()));
    let mut document = DocumentMut::new();
    add("sources", NAME, Item::Table(table), &mut document);
    let config = parse(&document, Path::new(DOCUMENT))
        .map_err(|report| report.says("the arguments are wrong"))?;
    let source = config.sources.into_values().next();
    source.ok_or_else(|| Report::new(exit::USAGE, "no connector is named"))
}

/// The remedy for a grant that is missing, as arguments. The runtime's has a line for `tenon.toml`.
pub fn grants_in(remedy: &str) -> Option<String> {
    let line = remedy.lines().find(|line| line.starts_with("grants = "))?;
    let document: DocumentMut = line.parse().ok()?;
    let grants = document.get("grants")?.as_array()?;
    let arguments = grants.iter().map(|grant| match grant.as_str() {
        Some(host) => format!("--grant {}", quoted(host)),
        None => format!("--grant {}", quoted(grant.to_string().trim())),
    });
    Some(arguments.collect::<Vec<_>>().join(" "))
}

/// The models of these files, as if they were on that data source.
pub fn models(files: &[PathBuf], source: &DataSourceName) -> Result<Vec<Model>, Report> {
    let mut all = Vec::new();
    for file in files {
        let wrong = |reason: String| {
            let message = format!("{}: {reason}", file.display());
            Report::new(exit::USAGE, message).help(
                "models are written as in tenon.toml: [models.Airport] and what belongs to it",
            )
        };
        let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let mut document: DocumentMut = text
            .parse()
            .map_err(|error: toml_edit::TomlError| wrong(error.to_string()))?;
        // A whole configuration will do too, for its models.
        document.retain(|name, _| name == "models");
        let models = document.get_mut("models").and_then(Item::as_table_like_mut);
        let Some(models) = models else {
            return Err(wrong("there is no model in it".to_owned()));
        };
        for (_, model) in models.iter_mut() {
            if let Some(model) = model.as_table_like_mut() {
                model.insert("source", Item::Value(source.as_str().into()));
            }
        }
        let mut table = Table::new();
        table.insert("connector", Item::Value("none".into()));
        add(
            "sources",
            source.as_str(),
            Item::Table(table),
            &mut document,
        );
        all.extend(models_on(source, &parse(&document, file)?));
    }
    Ok(all)
}

fn parse(document: &DocumentMut, path: &Path) -> Result<Config, Report> {
    Ok(Config::parse(&document.to_string(), path)?)
}

fn add(table: &str, name: &str, item: Item, document: &mut DocumentMut) {
    let mut outer = Table::new();
    outer.set_implicit(true);
    outer.insert(name, item);
    document.insert(table, Item::Table(outer));
}

/// The JSON object in a file.
fn object_of(file: &Path) -> Result<serde_json::Map<String, Json>, Report> {
    let wrong = |reason: String| {
        let message = format!("--settings {}: {reason}", file.display());
        Report::new(exit::USAGE, message).help("settings are one JSON object, by their names")
    };
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    match serde_json::from_str(&text) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) => Err(wrong("this is no JSON object".to_owned())),
        Err(error) => Err(wrong(format!("this is no JSON: {error}"))),
    }
}

fn put(name: &str, json: &Json, settings: &mut InlineTable) -> Result<(), Report> {
    let value = toml(json).map_err(|reason| {
        Report::new(exit::USAGE, format!("the setting {name}: {reason}"))
            .help("leave out what is not to be set")
    })?;
    settings.insert(name, value);
    Ok(())
}

/// JSON as TOML has it.
fn toml(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => return Err("there is no null among settings".to_owned()),
        Json::Bool(boolean) => (*boolean).into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            // A whole number that is larger would come out as another one.
            (None, Some(float)) if !number.is_u64() => float.into(),
            _ => return Err(format!("{number} is too large")),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(toml).collect::<Result<Array, _>>()?.into(),
        Json::Object(members) => {
            let members = members.iter().map(|(name, json)| Ok((name, toml(json)?)));
            let members: Vec<(&String, Value)> = members.collect::<Result<_, String>>()?;
            members.into_iter().collect::<InlineTable>().into()
        }
    })
}

/// A grant as TOML has it. A shell takes quotes away, so a host needs none.
fn grant(text: &str) -> Result<Value, Report> {
    match text.parse::<Value>() {
        Ok(value) => Ok(value),
        Err(_) if !text.trim_start().starts_with(['{', '[', '"', '\'']) => Ok(text.into()),
        Err(error) => Err(Report::new(
            exit::USAGE,
            format!("--grant {text}: {}", error.to_string().trim_end()),
        )
        .help(
            "write it as in tenon.toml: --grant '{ folder = \"./data\", as = \"/data\", mode = \"write\" }', \
             or --grant localhost:5432",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Result<String, String> {
        toml(&serde_json::from_str(json).unwrap()).map(|value| value.to_string())
    }

    #[test]
    fn json_becomes_toml_that_means_the_same_or_is_refused() {
        for (json, toml) in [
            ("true", "true"),
            ("-5", "-5"),
            ("0.5", "0.5"),
            (r#""a \"b\"""#, r#"'a "b"'"#),
            (r#"[1, "a"]"#, r#"[1, "a"]"#),
            (r#"{"env": "PGPASSWORD"}"#, r#"{ env = "PGPASSWORD" }"#),
        ] {
            assert_eq!(settings(json).as_deref(), Ok(toml), "{json}");
        }
        for json in ["null", "[null]", "18446744073709551615"] {
            assert!(settings(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_remedy_for_the_document_becomes_one_for_the_command_line() {
        assert_eq!(
            grants_in("to grant it, write under [sources.check]:\ngrants = [{ folder = \"./data\" }, \"db:5\"]")
                .as_deref(),
            Some("--grant '{ folder = \"./data\" }' --grant db:5")
        );
        assert_eq!(grants_in("nothing of the kind"), None);
    }

    #[test]
    fn a_grant_is_a_table_or_a_host() {
        assert_eq!(
            grant("db.example:5432").unwrap().as_str(),
            Some("db.example:5432")
        );
        assert_eq!(
            grant("\"[::1]:5432\"").unwrap().as_str(),
            Some("[::1]:5432")
        );
        assert!(grant("{ folder = \"a\" }").unwrap().is_inline_table());
        let wrong = grant("{ folder = ").unwrap_err();
        assert!(
            wrong.remedy().unwrap().contains("as in tenon.toml"),
            "{wrong}"
        );
    }
}
