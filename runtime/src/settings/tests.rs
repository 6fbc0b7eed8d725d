use super::*;
use crate::secrets::{Secret, Settings};
use serde_json::json;

fn resolved(settings: Json) -> ResolvedSettings {
    let settings: Settings = settings
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    Secrets::new().resolve(&settings).unwrap()
}

/// The failures, one a line.
fn failures(schema: &Json, settings: Json) -> Vec<String> {
    match SettingsSchema::new(schema)
        .unwrap()
        .check(&resolved(settings))
    {
        Ok(()) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

fn postgres() -> Json {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "host": { "type": "string", "description": "The server's name." },
            "port": { "type": "integer", "minimum": 1, "maximum": 65535 },
            "password": { "type": "string", "minLength": 8, "writeOnly": true },
            "tls": { "anyOf": [{ "$ref": "#/$defs/Tls" }, { "type": "null" }] },
            "mode": { "enum": ["prefer", "require"] },
        },
        "required": ["host", "password"],
        "additionalProperties": false,
        "$defs": {
            "Tls": {
                "type": "object",
                "properties": { "ca": { "type": "string" }, "key": { "type": "string", "writeOnly": true } },
                "required": ["ca"],
                "additionalProperties": false,
            }
        }
    })
}

#[test]
fn settings_that_fit_pass() {
    let fitting =
        json!({"host": "db", "password": "long enough", "tls": {"ca": "x"}, "mode": "require"});
    assert_eq!(failures(&postgres(), fitting), [] as [&str; 0]);
}

#[test]
fn every_failure_has_its_path_and_what_to_do() {
    let wrong = json!({"hots": "db", "port": 99999, "password": "hunter2", "tls": {"ac": "x"}, "mode": "hunter2"});
    let mut failures = failures(&postgres(), wrong);
    failures.sort();
    assert_eq!(
        failures,
        [
            "settings.host: this setting is missing; it is a text: The server's name.",
            "settings.hots: unknown setting; did you mean \"host\"?",
            "settings.mode: this has to be one of \"prefer\", \"require\"",
            "settings.password: this has to have at least 8 letters",
            "settings.port: this has to be at most 65535",
            "settings.tls.ac: unknown setting; did you mean \"ca\"?",
            "settings.tls.ca: this setting is missing; it is a text",
        ]
    );
}

#[test]
fn kinds_are_called_what_they_are_in_the_document() {
    let schema = json!({
        "properties": {
            "a": { "type": ["integer", "null"] },
            "b": { "items": { "type": "boolean" } },
            "c": { "oneOf": [{ "type": "string" }, { "type": "object" }] },
        }
    });
    assert_eq!(
        failures(&schema, json!({"a": "x", "b": [true, {"x": 1}], "c": 5})),
        [
            "settings.a: this has to be null or a whole number, but is a text",
            "settings.b[1]: this has to be true or false, but is a table",
            "settings.c: this has none of the forms that it may have: this has to be a text, but is a number; \
             or this has to be a table, but is a number",
        ]
    );
}

#[test]
fn no_failure_shows_a_value() {
    let schema = json!({
        "properties": {
            "type": { "type": "integer" },
            "enum": { "enum": ["x"] },
            "const": { "const": "x" },
            "pattern": { "pattern": "^x$" },
            "format": { "format": "uri" },
            "not": { "not": { "type": "string" } },
            "any": { "anyOf": [{ "const": "x" }, { "maxLength": 3 }] },
            "one": { "oneOf": [{ "minLength": 3 }, { "minLength": 4 }] },
            "no": false,
            "list": { "uniqueItems": true, "contains": { "const": "x" }, "maxItems": 1 },
            "dependent": { "additionalProperties": { "maxLength": 2 } },
        },
    });
    let secret = "hunter2 hunter2";
    let mut settings = serde_json::Map::new();
    for name in schema["properties"].as_object().unwrap().keys() {
        settings.insert(name.clone(), json!(secret));
    }
    settings.insert("list".into(), json!([secret, secret]));
    settings.insert("dependent".into(), json!({ "x": secret }));
    let failures = failures(&schema, Json::Object(settings));
    assert!(failures.len() >= 11, "{failures:#?}");
    assert!(
        !format!("{failures:?}").contains("hunter2"),
        "{failures:#?}"
    );
}

#[test]
fn what_the_schema_calls_write_only_is_remembered_as_a_secret() {
    let settings = json!({"host": "database", "password": "plain-password", "tls": {"ca": "authority", "key": "tls-key"}});
    let mut secrets = Secrets::new();
    check(&postgres(), &resolved(settings), &mut secrets).unwrap();
    assert_eq!(
        secrets.redact("database plain-password authority tls-key"),
        "database [secret] authority [secret]"
    );
}

#[test]
fn a_secret_given_by_reference_is_not_shown_either() {
    let mut settings = Settings::new();
    settings.insert("port", Secret::new("hunter2"));
    let mut secrets = Secrets::new();
    let resolved = secrets.resolve(&settings).unwrap();
    let error = check(&postgres(), &resolved, &mut secrets).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("settings.port: this has to be a whole number, but is a text"),
        "{error}"
    );
    assert!(!format!("{error} {error:?} {resolved:?} {secrets:?}").contains("hunter2"));
}

fn refusal(schema: &Json) -> String {
    SettingsSchema::new(schema)
        .err()
        .unwrap_or_else(|| panic!("accepted: {schema}"))
}

#[test]
fn a_schema_refers_to_nothing_outside_itself() {
    for reference in [
        "https://example.com/x",
        "file:///etc/passwd",
        "other.json",
        "#name",
        "#/$defs/missing",
        "#/%24defs/x",
    ] {
        let schema = json!({ "$ref": reference, "$defs": { "x": true } });
        assert!(refusal(&schema).contains(reference), "{reference}");
    }
    assert!(
        refusal(&json!({"properties": {"a": {"$id": "https://example.com/"}}})).contains("$id")
    );
    assert!(refusal(&json!({"$dynamicRef": "#x"})).contains("$dynamicRef"));
    assert!(
        refusal(&json!({"$schema": "http://json-schema.org/draft-07/schema#"})).contains("dialect")
    );
}

#[test]
fn a_schema_is_bounded_in_what_it_costs() {
    assert!(refusal(&json!({"allOf": [{"$ref": "#"}]})).contains("itself"));
    let circle = json!({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"$ref": "#/$defs/a"}}});
    assert!(refusal(&circle).contains("itself"));

    let mut doubling = serde_json::Map::new();
    doubling.insert("d0".into(), json!({"type": "string"}));
    for n in 1..40 {
        let below = format!("#/$defs/d{}", n - 1);
        doubling.insert(
            format!("d{n}"),
            json!({"allOf": [{"$ref": below}, {"$ref": below}]}),
        );
    }
    let refused = refusal(&json!({"$ref": "#/$defs/d39", "$defs": doubling}));
    assert!(
        refused.contains("20000 values") || refused.contains("deeper"),
        "{refused}"
    );

    let patterns: Vec<Json> = (0..101)
        .map(|n| json!({"pattern": format!("{n}")}))
        .collect();
    assert!(refusal(&json!({"allOf": patterns})).contains("patterns"));
    assert!(refusal(&json!({"pattern": "((a{1000}){1000}){1000}"})).contains("no JSON Schema"));
    assert!(refusal(&json!({"type": "sting"})).contains("/type"));
}

#[test]
fn a_pattern_takes_linear_time() {
    let schema = json!({"properties": {"a": {"pattern": "^(a+)+$"}}});
    let started = std::time::Instant::now();
    assert_eq!(
        failures(&schema, json!({"a": format!("{}b", "a".repeat(5000))})).len(),
        1
    );
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
    assert!(SettingsSchema::new(&json!({"pattern": "(a)\\1"})).is_err());
}
