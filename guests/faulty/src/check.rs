//! Data against their model: what the runtime has checked already, for whoever asks without it.

use std::collections::HashSet;

use tenon_model::{Decimal, coerce};
use tenon_sdk::{Entity, Error, Generation, Property, PropertyType, Result, Value};

use crate::definition::Definition;
use crate::fault::{Fault, Planted};
use crate::values;

/// What is done with the data.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Use {
    /// They are a new record.
    Creation,
    /// They replace a record.
    Replacement,
    /// They are some of a record's properties.
    Change,
}

/// The data as they are stored, where they may be used so.
///
/// # Errors
/// `invalid`, with the property.
pub(crate) fn data(
    planted: Planted,
    definition: &Definition,
    data: Entity,
    how: Use,
) -> Result<Entity> {
    let mut names = HashSet::new();
    let mut checked = Entity::new();
    for (name, value) in data {
        let refuse = |reason: &str| {
            let model = &definition.model.name;
            Err(Error::invalid(format!("`{name}` of `{model}`: {reason}"))
                .detail("property", &name))
        };
        if !names.insert(name.clone()) {
            return refuse("it comes twice");
        }
        let Some(property) = definition.property(&name) else {
            if definition.model.strict {
                return refuse("no such property is declared, and the model is strict");
            }
            if let Err(reason) = value.check() {
                return refuse(&reason);
            }
            checked.set(name, value);
            continue;
        };
        if how == Use::Change && property.generated == Generation::Always {
            return refuse("it is always generated, and can't be written");
        }
        match fit(planted, property, value, how) {
            Ok(Some(value)) => checked.set(name, value),
            Ok(None) => {}
            Err(reason) => return refuse(&reason),
        }
    }
    if how != Use::Change {
        require(definition, &checked, how)?;
    }
    Ok(values::stored(planted, definition, checked, how))
}

/// Refuses a record that lacks what is required, unless it is made later.
fn require(definition: &Definition, data: &Entity, how: Use) -> Result<()> {
    for property in &definition.model.properties {
        let is_made = property.generated != Generation::Never
            && (how == Use::Creation || property.key.is_none());
        let has = data
            .get(&property.name)
            .is_some_and(|value| !value.is_null());
        if property.required && !has && !is_made {
            return Err(Error::invalid(format!(
                "`{}` of `{}` is required, and missing or null",
                property.name, definition.model.name
            ))
            .detail("property", &property.name));
        }
    }
    Ok(())
}

/// The value, if it is one of the property; none where it is left out.
pub(crate) fn fit(
    planted: Planted,
    property: &Property,
    value: Value,
    how: Use,
) -> Result<Option<Value>, String> {
    if value.is_null() {
        let is_made = property.generated != Generation::Never && how != Use::Change;
        if property.required && !is_made {
            return Err("it is required, and can't be null".into());
        }
        return Ok(Some(value));
    }
    if let Err(reason) = of_kind(property.kind, &value) {
        return if planted.is(Fault::WrongKindIsDropped) {
            Ok(None)
        } else {
            Err(reason)
        };
    }
    within(planted, property, value).map(Some)
}

fn of_kind(kind: PropertyType, value: &Value) -> Result<(), String> {
    value.check()?;
    let is_its_case = matches!(
        (kind, value),
        (PropertyType::Text, Value::Text(_))
            | (PropertyType::Boolean, Value::Boolean(_))
            | (PropertyType::Integer, Value::Integer(_))
            | (PropertyType::Float, Value::Float(_))
            | (PropertyType::Decimal, Value::Decimal(_))
            | (PropertyType::Timestamp, Value::Timestamp(_))
            | (PropertyType::Bytes, Value::Bytes(_))
            | (PropertyType::Point, Value::Point(_))
            | (PropertyType::Json, Value::Json(_))
            | (PropertyType::Any, _)
    );
    let is_written_so = matches!(
        (kind, value),
        (
            PropertyType::Date | PropertyType::Time | PropertyType::Uuid,
            Value::Text(_)
        )
    ) && coerce(value.clone(), kind).is_ok_and(|one| one == *value);
    let is_on_earth = kind != PropertyType::Point || coerce(value.clone(), kind).is_ok();
    if (is_its_case || is_written_so) && is_on_earth {
        Ok(())
    } else {
        Err(format!("the value is not a {kind} in the contract's form"))
    }
}

/// The value, where it is no longer than it may be.
fn within(planted: Planted, property: &Property, value: Value) -> Result<Value, String> {
    let Some(most) = property.length.and_then(|most| usize::try_from(most).ok()) else {
        return scaled(property, value);
    };
    let length = match &value {
        Value::Text(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        _ => return scaled(property, value),
    };
    if length <= most {
        return Ok(value);
    }
    match value {
        Value::Text(text) if planted.is(Fault::LongTextIsCut) => {
            Ok(Value::Text(text.chars().take(most).collect()))
        }
        _ => Err(format!("its length is {length}, and may be {most}")),
    }
}

/// A decimal, where it has no more digits than it may.
fn scaled(property: &Property, value: Value) -> Result<Value, String> {
    let Value::Decimal(text) = &value else {
        return Ok(value);
    };
    if property.kind != PropertyType::Decimal {
        return Ok(value);
    }
    let Some(decimal) = Decimal::parse(text) else {
        return Ok(value);
    };
    let scale = property.scale.map(usize::from);
    if scale.is_some_and(|scale| decimal.fraction_digits() > scale) {
        return Err("it has more digits after the point than it may".into());
    }
    let needed = decimal.integer_digits() + scale.unwrap_or(decimal.fraction_digits());
    let most = property.length.and_then(|most| usize::try_from(most).ok());
    if most.is_some_and(|most| needed > most) {
        return Err("it has more digits than it may".into());
    }
    Ok(value)
}
