//! What a document of a table may be.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use tenon_model::contract::FilterNode;
use tenon_model::{Decimal, sortable};
use tenon_sdk::{Entity, Error, Filter, PropertyType, Result, Table, Value};

use crate::fault::{Fault, Planted};

/// Microseconds of a millisecond.
const MILLISECOND: i64 = 1_000;

/// What a document may be.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Definition {
    name: String,
    /// With whether it is a number. The first is the unique key.
    pub(super) indexes: Vec<(String, bool)>,
    fields: Vec<String>,
}

impl Definition {
    pub(super) fn new(table: &Table) -> Result<Self> {
        let mut indexes = Vec::with_capacity(table.indexes.len());
        for index in &table.indexes {
            let is_number = match index.kind {
                PropertyType::Text => false,
                PropertyType::Decimal => true,
                other => {
                    return Err(Error::invalid(format!(
                        "the index on `{}` can't be of the kind {other}",
                        index.field
                    )));
                }
            };
            indexes.push((index.field.clone(), is_number));
        }
        if indexes.is_empty() {
            return Err(Error::invalid(format!(
                "the table `{}` has no key",
                table.name
            )));
        }
        let definition = Self {
            name: table.name.clone(),
            indexes,
            fields: table.fields.clone(),
        };
        let mut names = HashSet::new();
        if !definition.names().all(|name| names.insert(name)) {
            return Err(Error::invalid(format!(
                "the table `{}` has a field twice",
                table.name
            )));
        }
        Ok(definition)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let indexed = self.indexes.iter().map(|(field, _)| field.as_str());
        indexed.chain(self.fields.iter().map(String::as_str))
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.names().any(|name| name == field)
    }

    pub(super) fn knows(&self, field: &str) -> Result<()> {
        if self.has(field) {
            return Ok(());
        }
        Err(
            Error::invalid(format!("the table `{}` has no field `{field}`", self.name))
                .detail("property", field),
        )
    }

    pub(super) fn knows_all(&self, planted: Planted, filter: &Filter) -> Result<()> {
        if planted.is(Fault::UnknownFieldIsNull) {
            return Ok(());
        }
        filter.iter().try_for_each(|node| match node {
            FilterNode::Condition(condition) => self.knows(&condition.property),
            FilterNode::Extension(extension) => self.knows(&extension.property),
            _ => Ok(()),
        })
    }

    /// A document's key as bytes, where it is one that the table can keep.
    pub(super) fn key(&self, planted: Planted, document: &Entity) -> Result<Vec<u8>> {
        document
            .iter()
            .try_for_each(|(field, _)| self.knows(field))?;
        let mut key = Vec::new();
        for (place, (field, is_number)) in self.indexes.iter().enumerate() {
            let value = document.get(field).unwrap_or(&Value::Null);
            let fits = match value {
                Value::Text(_) => !is_number,
                Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => *is_number,
                Value::Null => place > 0,
                _ => false,
            };
            if !fits {
                return Err(Error::invalid(format!(
                    "`{field}` of the table `{}` can't be {}",
                    self.name,
                    value.case_name()
                ))
                .detail("property", field));
            }
            if place == 0 {
                let trimmed = value.as_text().map(|text| Value::from(text.trim()));
                let trimmed = trimmed.filter(|_| planted.is(Fault::DocumentKeysAreTrimmed));
                sortable::encode(trimmed.as_ref().unwrap_or(value), &mut key)
                    .map_err(Error::invalid)?;
                if planted.is(Fault::NumberKeysMindTheirCase) {
                    key.extend(value.case_name().as_bytes());
                }
            }
        }
        Ok(key)
    }

    /// A document as a fault keeps it.
    pub(super) fn kept(&self, planted: Planted, document: &mut Entity) {
        match planted.0 {
            Some(Fault::UnknownFieldIsLeftOut) => document.retain(|field| self.has(field)),
            Some(Fault::DocumentsLoseNulls) => {
                let pairs = std::mem::take(document).into_contract().into_iter();
                *document = pairs.filter(|(_, value)| !value.is_null()).collect();
            }
            Some(Fault::DocumentTimesAreCut) => {
                for (_, value) in document.iter_mut() {
                    if let Value::Timestamp(time) = value {
                        *time -= time.rem_euclid(MILLISECOND);
                    }
                }
            }
            Some(Fault::IndexedNumbersAreFloats) => {
                let is_indexed = |field: &str| self.indexes.iter().any(|(name, _)| name == field);
                for (field, value) in document.iter_mut() {
                    let float = match &*value {
                        Value::Integer(number) => {
                            Decimal::parse(&number.to_string()).map(|number| number.to_float())
                        }
                        Value::Decimal(text) => Decimal::parse(text).map(|it| it.to_float()),
                        _ => None,
                    };
                    if let Some(float) = float.filter(|_| is_indexed(field)) {
                        *value = Value::Float(float);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn duplicate(&self) -> Error {
        Error::duplicate(format!(
            "the table `{}` has a document with this key already",
            self.name
        ))
    }
}
