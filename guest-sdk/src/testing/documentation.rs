//! A connector's page in the documents, held against its manifest: the table of its settings is made of their schema.

#![allow(
    clippy::panic,
    reason = "a check that fails says so as an assertion does"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{Connector, Slot};

/// What stands before and after the table.
const BEGIN: &str = "<!-- settings: made of the manifest -->\n";
const END: &str = "<!-- end of settings -->\n";

/// The environment variable with which the table is written anew.
const WRITE: &str = "TENON_WRITE_DOCS";

/// Holds the table of settings on a connector's page against the schema in its manifest. Where the environment
/// variable `TENON_WRITE_DOCS` is set, the table is written anew.
///
/// # Panics
/// Where they differ, or the page has no place for the table.
pub fn settings_are_documented<C: Connector>(page: impl AsRef<Path>) {
    let page = page.as_ref();
    let schema: Value = serde_json::from_str(&Slot::<C>::settings_schema())
        .unwrap_or_else(|error| panic!("the settings' schema: {error}"));
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{page:?}: {error}"));
    let place = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?)));
    let Some((before, (seen, after))) = place else {
        panic!("{page:?} has no `{BEGIN}` with an `{END}` behind it");
    };
    let wanted = table(&schema);
    if seen == wanted {
        return;
    }
    if std::env::var_os(WRITE).is_none() {
        panic!(
            "{page:?} tells other settings than the manifest; {WRITE}=1 writes them anew:\n{wanted}"
        );
    }
    fs::write(page, format!("{before}{BEGIN}{wanted}{END}{after}"))
        .unwrap_or_else(|error| panic!("{page:?}: {error}"));
}

/// A row for each setting: those that must be set, then the others.
fn table(schema: &Value) -> String {
    let mut table = "| setting | without it | |\n| --- | --- | --- |\n".to_owned();
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut settings: Vec<(&String, &Value)> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .collect();
    settings.sort_by_key(|(name, _)| !required.contains(&name.as_str()));
    for (name, setting) in settings {
        let otherwise = match &setting["default"] {
            _ if required.contains(&name.as_str()) => "refused".to_owned(),
            Value::Null => String::new(),
            default => format!("`{default}`"),
        };
        let secret = if is_secret(setting) { "Secret. " } else { "" };
        let description = setting["description"].as_str().unwrap_or_default();
        let description = description.replace('\n', " ").replace('|', "\\|");
        // To write into a text never fails.
        let _ = writeln!(table, "| `{name}` | {otherwise} | {secret}{description} |");
    }
    table
}

/// Whether any form of the setting is never shown.
fn is_secret(setting: &Value) -> bool {
    let forms = setting["anyOf"].as_array().into_iter().flatten();
    setting["writeOnly"] == true
        || forms
            .clone()
            .any(|form| form["$ref"] == "#/$defs/Secret" || form["writeOnly"] == true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_setting_has_a_row_and_what_is_needed_comes_first() {
        let schema = json!({
            "properties": {
                "port": {"type": "integer", "default": 5432, "description": "A port,\nfrom 1|2 on."},
                "password": {"anyOf": [{"$ref": "#/$defs/Secret"}, {"type": "null"}], "description": "Whose."},
                "user": {"type": "string", "description": "Who."},
            },
            "required": ["user"],
        });
        assert_eq!(
            table(&schema),
            "| setting | without it | |\n| --- | --- | --- |\n\
             | `user` | refused | Who. |\n\
             | `password` |  | Secret. Whose. |\n\
             | `port` | `5432` | A port, from 1\\|2 on. |\n"
        );
    }
}
