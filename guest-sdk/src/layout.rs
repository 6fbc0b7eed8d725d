//! A model's key and indexes as bytes whose order is the values' order.
//!
//! Each part is self-delimiting, so parts laid end to end order as their values do one after the other; a
//! descending part has its bytes inverted. An absent property counts as null. What can't be laid out is
//! refused when a model is defined or a record is written, never skipped.

use std::cmp::Ordering;

use tenon_model::contract::Model;
use tenon_model::{Entity, Key, PropertyType, Value, compare, sortable};

use crate::{Error, Result};

/// One property of a key or an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its name.
    pub property: String,
    /// What it holds.
    pub kind: PropertyType,
    /// Greatest first.
    pub descending: bool,
}

/// An index of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexLayout {
    /// Its name.
    pub name: String,
    /// Its properties, in order.
    pub parts: Vec<Part>,
    /// No two records have the same values in it; records with a null in it are exempt.
    pub unique: bool,
    /// It can be walked in order; otherwise it only finds what equals.
    pub ordered: bool,
    /// What the model says of it beside, as a JSON object.
    pub settings: Option<String>,
}

/// A model's key and indexes.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The model's name.
    pub model: String,
    /// The primary key's properties, in order.
    pub key: Vec<Part>,
    /// The key can be walked in order; otherwise it only finds what equals.
    pub key_ordered: bool,
    /// The indexes beside the key.
    pub indexes: Vec<IndexLayout>,
}

impl Layout {
    /// The layout of a model, with everything ordered.
    ///
    /// # Errors
    /// `invalid` where the model has no key, or a key or index is over something that it can't be over.
    pub fn new(model: &Model) -> Result<Self> {
        let mut key: Vec<_> = model
            .properties
            .iter()
            .filter_map(|p| p.key.map(|place| (place, p)))
            .collect();
        key.sort_by_key(|(place, _)| *place);
        if key.is_empty() {
            return Err(Error::invalid(format!(
                "the model `{}` has no primary key: give at least one property a place in it",
                model.name
            )));
        }
        let key = key
            .into_iter()
            .map(|(_, property)| part(model, "the primary key", &property.name, &[], false))
            .collect::<Result<_>>()?;
        let indexes = model.indexes.iter().map(|index| {
            let owner = format!("the index `{}`", index.name);
            let parts = index
                .properties
                .iter()
                .map(|sort| part(model, &owner, &sort.property, &sort.path, sort.descending))
                .collect::<Result<Vec<_>>>()?;
            if parts.is_empty() {
                return Err(Error::invalid(format!(
                    "{owner} of the model `{}` is over no property",
                    model.name
                )));
            }
            Ok(IndexLayout {
                name: index.name.clone(),
                parts,
                unique: index.unique,
                ordered: true,
                settings: index.settings.clone(),
            })
        });
        Ok(Self {
            model: model.name.clone(),
            key,
            key_ordered: true,
            indexes: indexes.collect::<Result<_>>()?,
        })
    }

    /// Whether keys and indexes are the same, whatever the model's name.
    pub fn is_like(&self, other: &Self) -> bool {
        self.key == other.key
            && self.key_ordered == other.key_ordered
            && self.indexes == other.indexes
    }

    /// Appends the bytes of a record's key.
    ///
    /// # Errors
    /// `invalid` where a part of it is missing or null.
    pub fn entity_key(&self, entity: &Entity, out: &mut Vec<u8>) -> Result<()> {
        for part in &self.key {
            let value = entity.get(&part.property).unwrap_or(&Value::Null);
            self.key_part(part, value, out)?;
        }
        Ok(())
    }

    /// Appends the bytes of a key.
    ///
    /// # Errors
    /// `invalid` where it is not the whole key, or a value is null.
    pub fn key(&self, key: &Key, out: &mut Vec<u8>) -> Result<()> {
        let values = key.values();
        if values.len() != self.key.len() {
            return Err(Error::invalid(format!(
                "the key of `{}` has {} parts, and {} were given",
                self.model,
                self.key.len(),
                values.len()
            )));
        }
        for (part, value) in self.key.iter().zip(values) {
            self.key_part(part, value, out)?;
        }
        Ok(())
    }

    fn key_part(&self, part: &Part, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        if value.is_null() {
            return Err(Error::invalid(format!(
                "`{}` is a part of the key of `{}` and can't be missing or null",
                part.property, self.model
            ))
            .detail("property", &part.property));
        }
        part.encode(value, out)
    }

    /// The order of two records' keys.
    pub fn compare(&self, left: &Entity, right: &Entity) -> Ordering {
        let parts = self.key.iter().map(|part| {
            let left = left.get(&part.property).unwrap_or(&Value::Null);
            compare(left, right.get(&part.property).unwrap_or(&Value::Null))
        });
        parts.fold(Ordering::Equal, Ordering::then)
    }

    /// Whether a property is a part of the key.
    pub fn is_key(&self, property: &str) -> bool {
        self.key.iter().any(|part| part.property == property)
    }

    /// The error for a second record with the same key.
    pub fn duplicate(&self) -> Error {
        let names: Vec<&str> = self.key.iter().map(|part| part.property.as_str()).collect();
        let error = Error::duplicate(format!(
            "`{}` has a record with this key ({}) already",
            self.model,
            names.join(", ")
        ));
        names
            .iter()
            .fold(error, |error, name| error.detail("property", name))
    }

    /// Refuses to set a property of the key.
    ///
    /// # Errors
    /// `invalid` where `data` has one.
    pub fn refuse_key_change(&self, data: &Entity) -> Result<()> {
        match data.iter().find(|(name, _)| self.is_key(name)) {
            None => Ok(()),
            Some((name, _)) => Err(Error::invalid(format!(
                "`{name}` is a part of the key of `{}`, and a record keeps its key: create another record instead",
                self.model
            ))
            .detail("property", name)),
        }
    }
}

impl IndexLayout {
    /// Appends the bytes of a record's values in this index; whether one of them is null or absent.
    ///
    /// # Errors
    /// `invalid` where a value has no place in the order, such as JSON that isn't valid.
    pub fn entity(&self, entity: &Entity, out: &mut Vec<u8>) -> Result<bool> {
        let mut has_null = false;
        for part in &self.parts {
            let value = entity.get(&part.property).unwrap_or(&Value::Null);
            has_null |= value.is_null();
            part.encode(value, out)?;
        }
        Ok(has_null)
    }

    /// The error for a second record with the same values.
    pub fn duplicate(&self, model: &str) -> Error {
        let names: Vec<&str> = self
            .parts
            .iter()
            .map(|part| part.property.as_str())
            .collect();
        let error = Error::duplicate(format!(
            "another record of `{model}` has the same {} (unique index `{}`)",
            names.join(", "),
            self.name
        ))
        .detail("constraint", &self.name);
        names
            .iter()
            .fold(error, |error, name| error.detail("property", name))
    }
}

impl Part {
    /// Appends a value's bytes.
    ///
    /// # Errors
    /// `invalid` where it has no place in the order, such as JSON that isn't valid.
    pub fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        let encode = if self.descending {
            sortable::encode_descending
        } else {
            sortable::encode
        };
        encode(value, out).map_err(|reason| {
            Error::invalid(format!("`{}`: {reason}", self.property))
                .detail("property", &self.property)
        })
    }

    /// Whether its bytes order as its values do; the others are good for finding what equals.
    pub fn has_order(&self) -> bool {
        !matches!(
            self.kind,
            PropertyType::Point | PropertyType::Json | PropertyType::Any
        )
    }
}

fn part(model: &Model, owner: &str, name: &str, path: &[String], descending: bool) -> Result<Part> {
    let refuse = |reason: String| {
        Err(Error::invalid(format!(
            "{owner} of the model `{}` can't be over `{name}`: {reason}",
            model.name
        ))
        .detail("property", name))
    };
    if !path.is_empty() {
        return refuse(
            "it steps into a value; give what it looks for a property of its own".into(),
        );
    }
    let declared = model
        .properties
        .iter()
        .find(|property| property.name == name);
    let kind = match declared {
        Some(property) => property.kind,
        None if model.strict => return refuse("no such property is declared".into()),
        None => PropertyType::Any,
    };
    Ok(Part {
        property: name.to_owned(),
        kind,
        descending,
    })
}
