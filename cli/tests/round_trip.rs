//! What is written is read back the same, whatever the values.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // A failed test may panic.

mod common;

use common::{entities, written};
use proptest::prelude::*;
use tenon_cli::input::Format;
use tenon_cli::output::OutputFormat;
use tenon_model::{Entity, GeoPoint, Model, Property, PropertyType, Value};

const FORMATS: [(OutputFormat, Format); 3] = [
    (OutputFormat::Csv, Format::Csv),
    (OutputFormat::Json, Format::Json),
    (OutputFormat::Ndjson, Format::Ndjson),
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ ,\"'\r\n\t\\\\\u{1b}\u{feff}=+@]{0,6}",
        "(true|false|null|-?[0-9]{1,22}|[0-9]+\\.[0-9]+|[0-9]e[0-9]|2026-11-20|\\{\\}|\\[1\\]|\"a\"|)",
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite", |float| float.is_finite())
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    let any = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(text(), inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    });
    // Not the objects of one member that stand for a value of another case.
    any.prop_filter("an object or array", |json| {
        json.is_array()
            || json
                .as_object()
                .is_some_and(|members| !members.keys().any(|name| name.starts_with('$')))
    })
    .prop_map(|json| json.to_string())
}

fn value(kind: PropertyType) -> BoxedStrategy<Value> {
    let value = match kind {
        PropertyType::Text => text().prop_map(Value::Text).boxed(),
        PropertyType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        PropertyType::Integer => any::<i64>().prop_map(Value::Integer).boxed(),
        PropertyType::Float => finite().prop_map(Value::Float).boxed(),
        PropertyType::Decimal => "-?[1-9][0-9]{0,24}\\.[0-9]{0,9}[1-9]"
            .prop_map(Value::Decimal)
            .boxed(),
        PropertyType::Timestamp => any::<i64>()
            .prop_map(|micros| Value::Timestamp(micros / 40))
            .boxed(),
        PropertyType::Date => "20[0-9]{2}-0[1-9]-[12][0-8]".prop_map(Value::Text).boxed(),
        PropertyType::Time => "1[0-9]:[0-5][0-9]:[0-5][0-9]".prop_map(Value::Text).boxed(),
        PropertyType::Bytes => any::<Vec<u8>>().prop_map(Value::Bytes).boxed(),
        PropertyType::Point => (-90.0..=90.0, -180.0..=180.0)
            .prop_map(|(latitude, longitude)| {
                Value::Point(GeoPoint {
                    latitude,
                    longitude,
                })
            })
            .boxed(),
        PropertyType::Uuid => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
            .prop_map(Value::Text)
            .boxed(),
        PropertyType::Json => json().prop_map(Value::Json).boxed(),
        PropertyType::Any => prop_oneof![
            text().prop_map(Value::Text),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            finite().prop_map(Value::Float),
            any::<i64>().prop_map(|micros| Value::Timestamp(micros / 40)),
            "-?[1-9][0-9]{20,24}".prop_map(Value::Decimal),
            any::<Vec<u8>>().prop_map(Value::Bytes),
            json().prop_map(Value::Json),
        ]
        .boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 4 => value].boxed()
}

/// A model with a property of every kind, the key among them, and names that need quoting.
fn model() -> Model {
    PropertyType::ALL.iter().fold(
        Model::new("Everything").key("the key", PropertyType::Integer),
        |model, kind| model.property(Property::new(format!("a \"{}\", so", kind.name()), *kind)),
    )
}

fn record() -> impl Strategy<Value = Entity> {
    let values: Vec<_> = PropertyType::ALL.iter().map(|kind| value(*kind)).collect();
    (any::<i64>(), values).prop_map(|(key, values)| {
        let names = model()
            .properties
            .into_iter()
            .skip(1)
            .map(|property| property.name);
        names.zip(values).fold(
            Entity::new().with("the key", key),
            |entity, (name, value)| entity.with(name, value),
        )
    })
}

/// Empty bytes have no text of their own in a CSV: the cell is empty, which is null.
fn without_empty_bytes(mut record: Entity) -> Entity {
    for property in model()
        .properties
        .iter()
        .filter(|property| property.kind == PropertyType::Bytes)
    {
        if record.get(&property.name) == Some(&Value::Bytes(Vec::new())) {
            record.set(property.name.clone(), Value::Null);
        }
    }
    record
}

/// The same with each JSON text in one spelling: escapes may differ.
fn canonical(records: Vec<Entity>) -> Vec<Entity> {
    let canonical = |value| match value {
        Value::Json(text) => Value::Json(
            serde_json::from_str::<serde_json::Value>(&text)
                .unwrap()
                .to_string(),
        ),
        value => value,
    };
    records
        .into_iter()
        .map(|record| {
            record
                .into_iter()
                .map(|(name, value)| (name, canonical(value)))
                .collect()
        })
        .collect()
}

proptest! {
    #[test]
    fn what_export_writes_import_reads_back_the_same(records in prop::collection::vec(record(), 0..4)) {
        let model = model();
        for (output, input) in FORMATS {
            let text = written(&records, &model, output);
            let read = entities(text.clone(), input, Some(&model));
            let expected: Vec<Entity> = match output {
                OutputFormat::Csv => records.iter().cloned().map(without_empty_bytes).collect(),
                _ => records.clone(),
            };
            prop_assert_eq!(canonical(read), canonical(expected), "{}", text);
        }
    }

    #[test]
    fn other_programs_read_the_same_cells(texts in prop::collection::vec((text(), text()), 0..5)) {
        let model = Model::new("Pair")
            .property(Property::new("a", PropertyType::Text))
            .property(Property::new("b", PropertyType::Text));
        let records: Vec<Entity> =
            texts.iter().map(|(a, b)| Entity::new().with("a", a.as_str()).with("b", b.as_str())).collect();
        let csv = written(&records, &model, OutputFormat::Csv);
        let read: Vec<(String, String)> = csv::Reader::from_reader(csv.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(&read, &texts);
        let json: Vec<serde_json::Value> = serde_json::from_str(&written(&records, &model, OutputFormat::Json)).unwrap();
        prop_assert_eq!(json.len(), texts.len());
        for (json, (a, b)) in json.iter().zip(&texts) {
            prop_assert_eq!(json, &serde_json::json!({"a": a, "b": b}));
        }
    }

    #[test]
    fn no_input_makes_a_reader_fail_otherwise_than_by_an_error(bytes in any::<Vec<u8>>(), text in "[\\[\\]{}\",:a1\n\r ]{0,40}") {
        for format in [Format::Csv, Format::Json, Format::Ndjson] {
            for input in [bytes.clone(), text.clone().into_bytes()] {
                if let Ok(records) = common::open(input, format) {
                    prop_assert!(records.count() <= bytes.len().max(text.len()) + 1);
                }
            }
        }
    }
}

#[test]
fn an_open_models_records_keep_their_undeclared_properties() {
    let model = Model::new("Note").key("id", PropertyType::Integer).open();
    let records = [
        Entity::new()
            .with("id", 1)
            .with("tag", "a")
            .with("at", Value::Timestamp(5)),
        Entity::new().with("id", 2).with("size", Value::Float(2.0)),
    ];
    for (output, input) in FORMATS {
        let mut expected = records.to_vec();
        if output == OutputFormat::Csv {
            // A CSV has every column in every row.
            expected = vec![
                records[0].clone().with("size", Value::Null),
                Entity::new()
                    .with("id", 2)
                    .with("tag", Value::Null)
                    .with("at", Value::Null)
                    .with("size", Value::Float(2.0)),
            ];
        }
        assert_eq!(
            entities(written(&records, &model, output), input, Some(&model)),
            expected
        );
    }
}
