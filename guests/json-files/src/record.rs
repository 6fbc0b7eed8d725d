//! Records and values as JSON text, and back without loss.
//!
//! A record is an object with its properties in their order, a value what the contract says it is inside JSON:
//! `{"$timestamp": …}` and the like where JSON has no form. JSON properties stand in the file as they are. What
//! would be read back as something else, such as a JSON property that is `{"$timestamp": …}` by itself, is
//! `{"$exact": ["json", "…"]}`.

use std::fmt;
use std::rc::Rc;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use tenon_sdk::{Entity, Error, OtherValue, PropertyType, Result, Value};

/// A value that no other form tells apart.
const EXACT: &str = "$exact";

/// A record as the file has it.
pub(crate) struct Stored(pub(crate) Entity);

/// The members of an object, their values as they are written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members(members) = Members::deserialize(deserializer)?;
        let mut pairs = Vec::with_capacity(members.len());
        for (name, raw) in members {
            let value = decode(raw.get())
                .map_err(|reason| D::Error::custom(format!("`{name}`: {reason}")))?;
            pairs.push((name, value));
        }
        Ok(Self(Entity::from(pairs)))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Self::Value = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((name, value));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Object).map(Self)
    }
}

/// Appends a record's text, on one line unless a JSON property has several.
pub(crate) fn write(record: &Entity, out: &mut String) -> Result<()> {
    out.push('{');
    for (place, (name, value)) in record.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&quote(name));
        out.push(':');
        write_value(value, out).map_err(|error| {
            error
                .context(format_args!("`{name}`"))
                .detail("property", name)
        })?;
    }
    out.push('}');
    Ok(())
}

/// Appends records as an array, one on a line.
pub(crate) fn write_all<'a>(
    records: impl Iterator<Item = &'a Rc<Entity>>,
    out: &mut String,
) -> Result<()> {
    out.push('[');
    for (place, record) in records.enumerate() {
        out.push_str(if place > 0 { ",\n" } else { "\n" });
        write(record, out)?;
    }
    out.push_str("\n]");
    Ok(())
}

/// A text as JSON.
pub(crate) fn quote(text: &str) -> String {
    Json::from(text).to_string()
}

fn write_value(value: &Value, out: &mut String) -> Result<()> {
    let text = match value {
        Value::Json(text) => {
            serde_json::from_str::<IgnoredAny>(text)
                .map_err(|error| Error::invalid(format!("it is no valid JSON: {error}")))?;
            text.clone()
        }
        other => other.to_lossless_json().to_string(),
    };
    if decode(text.trim()).as_ref() == Ok(value) {
        out.push_str(&text);
        return Ok(());
    }
    let exact = match value {
        Value::Json(text) | Value::Decimal(text) => json!([value.case_name(), text]),
        Value::Other(other) => json!(["other", other.kind, other.text]),
        _ => {
            return Err(Error::invalid(format!(
                "a {} of that value can't be kept",
                value.case_name()
            )));
        }
    };
    out.push_str(&json!({ EXACT: exact }).to_string());
    Ok(())
}

/// The value that a text of valid JSON, without space around it, stands for.
fn decode(raw: &str) -> Result<Value, String> {
    if raw.starts_with('[') {
        return Ok(Value::Json(raw.to_owned()));
    }
    if raw.starts_with('{') {
        let Members(members) = serde_json::from_str(raw).map_err(|error| error.to_string())?;
        match members.as_slice() {
            [(name, exact)] if name == EXACT && exact.get().starts_with('[') => {
                return decode_exact(exact.get());
            }
            [(name, _)] if name.starts_with('$') => {}
            _ => return Ok(Value::Json(raw.to_owned())),
        }
    }
    let json = serde_json::from_str::<Json>(raw).map_err(|error| error.to_string())?;
    match Value::from_json(&json, PropertyType::Any)? {
        Value::Json(_) => Ok(Value::Json(raw.to_owned())),
        value => Ok(value),
    }
}

fn decode_exact(raw: &str) -> Result<Value, String> {
    let parts: Vec<String> = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    match <[String; 2]>::try_from(parts) {
        Ok([case, text]) if case == "json" => Ok(Value::Json(text)),
        Ok([case, text]) if case == "decimal" => Ok(Value::Decimal(text)),
        Ok([case, _]) => Err(format!("`{EXACT}` knows no `{case}`")),
        Err(parts) => match <[String; 3]>::try_from(parts) {
            Ok([case, kind, text]) if case == "other" => {
                Ok(Value::Other(OtherValue { kind, text }))
            }
            _ => Err(format!("`{EXACT}` takes a case and texts")),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tenon_sdk::GeoPoint;

    use super::*;

    fn text_of(value: Value) -> String {
        let mut text = String::new();
        write(&Entity::new().with("v", value), &mut text).unwrap();
        text
    }

    fn other(kind: &str, text: &str) -> Value {
        Value::Other(OtherValue {
            kind: kind.into(),
            text: text.into(),
        })
    }

    #[test]
    fn values_stand_in_the_file_as_the_contract_has_them_inside_json() {
        assert_eq!(text_of(Value::Timestamp(-5)), r#"{"v":{"$timestamp":-5}}"#);
        assert_eq!(
            text_of(Value::Decimal("1.50".into())),
            r#"{"v":{"$decimal":"1.50"}}"#
        );
        assert_eq!(
            text_of(Value::Json(r#"{"b": 1, "a": [2]}"#.into())),
            r#"{"v":{"b": 1, "a": [2]}}"#
        );
        assert_eq!(text_of(other("uuid", "x")), r#"{"v":{"$uuid":"x"}}"#);
    }

    #[test]
    fn what_would_be_read_as_something_else_is_kept_exactly() {
        let json = Value::Json(r#"{"$timestamp": 5}"#.into());
        assert_eq!(
            text_of(json),
            r#"{"v":{"$exact":["json","{\"$timestamp\": 5}"]}}"#
        );
    }

    #[test]
    fn json_that_is_not_valid_and_floats_that_are_not_finite_are_refused() {
        for value in [
            Value::Json("{".into()),
            Value::Float(f64::NAN),
            Value::Float(f64::INFINITY),
        ] {
            assert!(write(&Entity::new().with("v", value), &mut String::new()).is_err());
        }
    }

    fn json_text() -> impl Strategy<Value = String> {
        let deep = Just(format!("{}{}", "[".repeat(100), "]".repeat(100)));
        let texts = [
            "[]",
            "{}",
            " [1]",
            "[1.0, 1e300, 12345678901234567890123]",
            r#"{"$decimal":"1"}"#,
            r#"{"$exact":["json","1"]}"#,
            r#"{"\u0024timestamp":1}"#,
            r#"{"$":"x"}"#,
            r#"{"$bytes":"?"}"#,
            "{\"a\":\n1}",
            "1",
            "\"x\"",
            r#"{"a":1,"a":2}"#,
        ];
        prop_oneof![4 => proptest::sample::select(texts.to_vec()).prop_map(str::to_owned), 1 => deep]
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            any::<f64>()
                .prop_filter("finite", |float| float.is_finite())
                .prop_map(Value::Float),
            "-?[0-9]{1,30}(\\.[0-9]{1,30})?".prop_map(Value::Decimal),
            ".*".prop_map(Value::Text),
            proptest::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
            any::<i64>().prop_map(Value::Timestamp),
            (-90.0..=90.0, -180.0..=180.0).prop_map(|(latitude, longitude)| Value::Point(
                GeoPoint {
                    latitude,
                    longitude
                }
            )),
            json_text().prop_map(Value::Json),
            ("(uuid|date|timestamp|decimal|bytes|point|exact|)", ".*")
                .prop_map(|(kind, text)| other(&kind, &text)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(pairs in proptest::collection::btree_map(".*", value(), 0..5)) {
            let record = Entity::from_iter(pairs);
            let mut text = String::new();
            write(&record, &mut text).unwrap();
            let Stored(read) = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, record);
        }
    }
}
