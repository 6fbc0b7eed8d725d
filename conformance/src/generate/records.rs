//! Records of a model, and keys.

use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::Entity;
use tenon_model::contract::{Key, Model, PropertyType, Value};

use super::values;
use crate::facts::Facts;
use crate::reference::key_names;

/// What open models have beside what they declare.
pub const UNDECLARED: &str = "undeclared";

/// A key's values: few, so that they meet.
fn key_value(kind: PropertyType) -> BoxedStrategy<Value> {
    match kind {
        PropertyType::Integer => select(vec![1, 2, 3, 4, 5, 10, -1, 0])
            .prop_map(Value::Integer)
            .boxed(),
        PropertyType::Text => select(vec!["a", "b", "ab", "A", "a ", "", "ä", "a\\", "%"])
            .prop_map(Value::from)
            .boxed(),
        kind => select(values::plain(kind)).boxed(),
    }
}

fn kind_of(model: &Model, name: &str) -> PropertyType {
    let mut properties = model.properties.iter();
    properties
        .find(|property| property.name == name)
        .map_or(PropertyType::Any, |property| property.kind)
}

/// The values of a key, by the names of its properties.
fn key_parts(model: &Model) -> BoxedStrategy<Vec<(String, Value)>> {
    let names: Vec<String> = key_names(model).into_iter().map(str::to_owned).collect();
    let values: Vec<_> = names
        .iter()
        .map(|name| key_value(kind_of(model, name)))
        .collect();
    values
        .prop_map(move |values| names.iter().cloned().zip(values).collect())
        .boxed()
}

/// A key.
pub fn id(model: &Model) -> BoxedStrategy<Key> {
    key_parts(model)
        .prop_map(|parts| {
            let values: Vec<Value> = parts.into_iter().map(|(_, value)| value).collect();
            values
        })
        .boxed()
}

/// Some properties that are not in the key: absent, null, or of a value.
pub fn properties(model: &Model, facts: &Facts) -> BoxedStrategy<Entity> {
    let mut parts: Vec<(String, PropertyType)> = model
        .properties
        .iter()
        .filter(|property| property.key.is_none())
        .map(|property| (property.name.clone(), property.kind))
        .collect();
    if !model.strict {
        parts.push((UNDECLARED.to_owned(), PropertyType::Integer));
    }
    let values: Vec<_> = parts
        .iter()
        .map(|(_, kind)| {
            let value = values::value(*kind, facts);
            prop_oneof![
                1 => Just(None),
                1 => Just(Some(Value::Null)),
                4 => value.prop_map(Some)
            ]
        })
        .collect();
    values
        .prop_map(move |values| {
            let named = parts.iter().map(|(name, _)| name.clone()).zip(values);
            named
                .filter_map(|(name, value)| value.map(|value| (name, value)))
                .collect::<Entity>()
        })
        .boxed()
}

/// A record. Times are in the backend's steps, so that it comes back as it was written.
pub fn record(model: &Model, facts: &Facts) -> BoxedStrategy<Entity> {
    let step = facts.time_step;
    (key_parts(model), properties(model, facts))
        .prop_map(move |(key, rest)| {
            let mut record: Entity = key.into_iter().collect();
            record.merge(rest);
            round(&mut record, step);
            record
        })
        .boxed()
}

/// Some properties, as for an update. Times are in the backend's steps.
pub fn changes(model: &Model, facts: &Facts) -> BoxedStrategy<Entity> {
    let step = facts.time_step;
    properties(model, facts)
        .prop_map(move |mut changes| {
            round(&mut changes, step);
            changes
        })
        .boxed()
}

fn round(record: &mut Entity, step: i64) {
    for (_, value) in record.iter_mut() {
        if let Value::Timestamp(time) = value {
            *time -= time.rem_euclid(step.max(1));
        }
    }
}

/// Records of which no two have the same key.
pub fn distinct(model: &Model, records: Vec<Entity>) -> Vec<Entity> {
    let mut reference = crate::reference::Reference::new(model.clone());
    for record in records {
        // Others are of a key, or a unique value, that is taken.
        let _ = reference.create(record);
    }
    reference.records().to_vec()
}
