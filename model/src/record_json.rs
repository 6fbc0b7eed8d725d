//! Records as JSON objects, and as a program's own types through serde.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::contract::{PropertyType, Value};
use crate::deserialize::RecordDeserializer;
use crate::entity::{Entity, Related};
use crate::model::Model;
use crate::problem::Problems;

impl Related {
    /// As an application sees it: an object or null where there can be one record, else an array.
    pub fn to_json(&self) -> Json {
        match self {
            Self::One(record) => record
                .as_ref()
                .map_or(Json::Null, |record| record.to_json()),
            Self::Many(records) => records.iter().map(Entity::to_json).collect(),
        }
    }
}

impl Entity {
    /// As an application sees it, with the records of loaded relations below their names: see
    /// [`Value::to_json`].
    pub fn to_json(&self) -> Json {
        let properties = self.iter().map(|(name, value)| (name, value.to_json()));
        let related = self
            .relations()
            .map(|(name, related)| (name, related.to_json()));
        let members = properties.chain(related);
        Json::Object(
            members
                .map(|(name, json)| (name.to_owned(), json))
                .collect(),
        )
    }

    /// The record that a JSON object stands for. The model, where there is one, says what kinds its properties
    /// are; whether it has those properties is for [`Model::new_record`] and the like to judge. Records of
    /// relations aren't read back, since they are no part of this one.
    ///
    /// # Errors
    /// Every member that stands for no value of its kind, and with those what a strict model doesn't have.
    pub fn from_json(members: Map<String, Json>, model: Option<&Model>) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let mut unknown = Problems::new();
        let mut pairs = Vec::with_capacity(members.len());
        for (name, json) in members {
            let property = model.and_then(|model| model.find_property(&name));
            let kind = property.map_or(PropertyType::Any, |property| property.kind);
            if let Some(model) = model.filter(|model| model.strict && property.is_none()) {
                unknown.push(&name, model.unknown_property(&name));
            }
            match Value::from_json(&json, kind) {
                Ok(value) => pairs.push((name, value)),
                Err(reason) => problems.push(name, reason),
            }
        }
        if !problems.is_empty() {
            // Nobody judges a record that can't be read, so all that is wrong with it is said here.
            problems.extend(unknown);
        }
        problems.none_or(Self::from(pairs))
    }

    /// The record as a type of the program's. A field takes a value in whichever form suits it: a timestamp as
    /// RFC 3339 text or as microseconds, a decimal as text or number, bytes as bytes. An absent property
    /// is a missing field. A loaded relation is a field of its name: a record, an optional one, or a list.
    ///
    /// # Errors
    /// A sentence that says which field doesn't fit.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, String> {
        T::deserialize(RecordDeserializer::new(self)).map_err(|error| error.to_string())
    }

    /// The record that a program's value stands for, in the kinds of the model's properties.
    ///
    /// # Errors
    /// What isn't an object by its JSON, and as [`Entity::from_json`].
    pub fn serialize<T: Serialize>(record: &T, model: Option<&Model>) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        match serde_json::to_value(record) {
            Ok(Json::Object(members)) => return Self::from_json(members, model),
            Ok(_) => problems.push(
                "",
                "a record is a struct or a map: nothing else has names for properties",
            ),
            Err(error) => problems.push("", format!("it can't be written as JSON: {error}")),
        }
        Err(problems)
    }
}
