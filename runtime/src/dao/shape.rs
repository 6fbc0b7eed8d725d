//! What a connector returns, held against the model: its output is untrusted until it fits.

use std::sync::Arc;

use tenon_model::{Entity, Model, PropertyType, Value, coerce, contract};

use crate::error::{Error, ErrorKind, Result, printable};

/// The shape that a model's records have.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    model: Arc<Model>,
}

impl Shape {
    pub(crate) fn new(model: Arc<Model>) -> Self {
        Self { model }
    }

    /// A page as records, each as [`Shape::record`] has it.
    pub(crate) fn page(&self, page: contract::Page, fields: &[String]) -> Result<Vec<Entity>> {
        let mut records = tenon_model::into_entities(page).map_err(|cause| broken(&cause))?;
        for record in &mut records {
            self.fit(record, fields)?;
        }
        Ok(records)
    }

    /// A record with values of the declared kinds. A strict model's has all its properties (or the ones asked
    /// for) and no others; null stands for what the connector left out.
    pub(crate) fn record(&self, record: contract::Entity) -> Result<Entity> {
        let mut record = tenon_model::into_entity(record).map_err(|cause| broken(&cause))?;
        self.fit(&mut record, &[])?;
        Ok(record)
    }

    /// The properties that a write made or changed: values of the declared kinds, others dropped where the
    /// model is strict.
    pub(crate) fn changes(&self, changes: contract::Entity) -> Result<Entity> {
        let mut changes = tenon_model::into_entity(changes).map_err(|cause| broken(&cause))?;
        self.fit_values(&mut changes)?;
        Ok(changes)
    }

    fn fit(&self, record: &mut Entity, fields: &[String]) -> Result<()> {
        self.fit_values(record)?;
        if !self.model.strict {
            return Ok(());
        }
        if fields.is_empty() {
            if record.len() < self.model.properties.len() {
                for property in &self.model.properties {
                    if record.get(&property.name).is_none() {
                        record.set(property.name.as_str(), Value::Null);
                    }
                }
            }
        } else {
            for field in fields {
                if record.get(field).is_none() {
                    record.set(field.as_str(), Value::Null);
                }
            }
        }
        Ok(())
    }

    fn fit_values(&self, record: &mut Entity) -> Result<()> {
        let properties = &self.model.properties;
        let mut undeclared = false;
        for (place, (name, value)) in record.iter_mut().enumerate() {
            // Most connectors hand out properties in the model's order.
            let property = match properties.get(place) {
                Some(property) if property.name == name => Some(property),
                _ => self.model.find_property(name),
            };
            match property {
                Some(property) if fits(value, property.kind) => {}
                Some(property) => {
                    let given = value.case_name();
                    *value = coerce(std::mem::take(value), property.kind).map_err(|cause| {
                        broken(&format!(
                            "{}.{} is declared {} and came as {given}: {cause}",
                            self.model.name, property.name, property.kind
                        ))
                    })?;
                }
                None => undeclared = true,
            }
        }
        if undeclared && self.model.strict {
            record.retain(|name| self.model.find_property(name).is_some());
        }
        Ok(())
    }
}

/// Whether a value travels in the case that its property's kind asks for. That the value itself is as the
/// contract says was checked before.
fn fits(value: &Value, kind: PropertyType) -> bool {
    match value {
        Value::Null => true,
        Value::Boolean(_) => kind == PropertyType::Boolean,
        Value::Integer(_) => kind == PropertyType::Integer,
        Value::Float(_) => kind == PropertyType::Float,
        Value::Decimal(_) => kind == PropertyType::Decimal,
        Value::Text(_) => kind == PropertyType::Text,
        Value::Bytes(_) => kind == PropertyType::Bytes,
        Value::Timestamp(_) => kind == PropertyType::Timestamp,
        Value::Point(_) => kind == PropertyType::Point,
        Value::Json(_) => kind == PropertyType::Json,
        Value::Other(_) => kind == PropertyType::Any,
    }
}

pub(super) fn broken(cause: &str) -> Error {
    Error::new(
        ErrorKind::Backend,
        format!(
            "the connector returned what the contract does not allow: {}",
            printable(cause)
        ),
    )
    .remedy("report this to the connector's author")
}
