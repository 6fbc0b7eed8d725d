//! Keys of a model's records: always the whole key, in its order, each part of its declared kind.

use crate::coerce::coerce;
use crate::contract::Value;
use crate::entity::{Entity, Key};
use crate::model::{Model, Property};
use crate::problem::Problems;
use crate::problem::shown;
use serde_json::Value as Json;

impl Model {
    /// The record's key; none where a part of it is absent or null, or the model has no key.
    pub fn key_of(&self, record: &Entity) -> Option<Key> {
        let parts = self.key_properties();
        if parts.is_empty() {
            return None;
        }
        parts
            .into_iter()
            .map(|part| {
                record
                    .get(&part.name)
                    .filter(|value| !value.is_null())
                    .cloned()
            })
            .collect::<Option<Vec<Value>>>()
            .map(Key::composite)
    }

    /// The key with every part in the kind that its property declares.
    ///
    /// # Errors
    /// Too few or too many parts, null ones, and those that are not of the kind.
    pub fn check_key(&self, key: Key) -> Result<Key, Problems> {
        let parts = self.key_parts(key.values().len())?;
        let mut problems = Problems::new();
        let mut values = Vec::with_capacity(parts.len());
        for (part, value) in parts.into_iter().zip(key.into_contract()) {
            if value.is_null() {
                problems.push(
                    &part.name,
                    "a part of the key can't be null: give its value",
                );
                continue;
            }
            match coerce(value, part.kind) {
                Ok(value) => values.push(value),
                Err(reason) => problems.push(&part.name, reason),
            }
        }
        problems.none_or(Key::composite(values))
    }

    /// The key that JSON stands for: a single value, an array in the key's order, or an object by the names of
    /// the key's properties.
    ///
    /// # Errors
    /// As [`Model::check_key`], and names that are missing or not the key's.
    pub fn key_from_json(&self, json: &Json) -> Result<Key, Problems> {
        let parts = self.key_properties();
        let by_name = |members: &serde_json::Map<String, Json>| {
            parts.len() > 1
                || members
                    .keys()
                    .any(|name| self.find_property(name).is_some())
        };
        let values = match json {
            Json::Object(members) if by_name(members) => self.key_by_name(&parts, members)?,
            Json::Array(elements) => {
                self.key_parts(elements.len())?;
                elements.iter().collect()
            }
            single => {
                self.key_parts(1)?;
                vec![single]
            }
        };
        let mut problems = Problems::new();
        let mut key = Vec::with_capacity(values.len());
        for (part, json) in parts.iter().zip(values) {
            match Value::from_json(json, part.kind) {
                Ok(value) => key.push(value),
                Err(reason) => problems.push(&part.name, reason),
            }
        }
        self.check_key(problems.none_or(Key::composite(key))?)
    }

    /// The members of an object, in the key's order.
    fn key_by_name<'a>(
        &self,
        parts: &[&Property],
        members: &'a serde_json::Map<String, Json>,
    ) -> Result<Vec<&'a Json>, Problems> {
        let mut problems = Problems::new();
        for name in members.keys() {
            if !parts.iter().any(|part| part.name == *name) {
                problems.push(
                    shown(name),
                    format!("it is no part of the key, which is {}", names(parts)),
                );
            }
        }
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            match members.get(&part.name) {
                Some(value) => values.push(value),
                None => problems.push(
                    &part.name,
                    "this part of the key is missing: give its value",
                ),
            }
        }
        problems.none_or(values)
    }

    /// The key's properties, if there are so many.
    fn key_parts(&self, count: usize) -> Result<Vec<&Property>, Problems> {
        let parts = self.key_properties();
        let mut problems = Problems::new();
        if parts.is_empty() {
            problems.push(
                "",
                format!(
                    "the model {} has no key: declare one to find records by it",
                    self.name
                ),
            );
        } else if parts.len() != count {
            problems.push(
                "",
                format!(
                    "the key of {} is {}, and {count} values were given: give {}",
                    self.name,
                    names(&parts),
                    parts.len()
                ),
            );
        }
        problems.none_or(parts)
    }
}

/// The parts' names, for a person.
fn names(parts: &[&Property]) -> String {
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    format!("`{}`", names.join("`, `"))
}
