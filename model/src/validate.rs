//! Records against their model, before a connector sees them: every failure at once, each with its property.
//!
//! What passes is in the kinds that the model declares and holds nothing else; a strict model's records
//! have every property, null where there is no value, except what the backend itself will make.

use crate::coerce::coerce;
use crate::contract::{Generation, PropertyType, Value};
use crate::decimal::Decimal;
use crate::entity::Entity;
use crate::model::{DefaultValue, Model, Property};
use crate::problem::{Problems, shown};
use crate::time;

/// A record's properties at their places in the model, and those that it doesn't declare.
pub(crate) struct Sorted {
    pub(crate) declared: Vec<Option<(String, Value)>>,
    undeclared: Vec<(String, Value)>,
}

impl Model {
    /// A new record as it is stored, with defaults where the model has some. `fill` makes the ones that differ
    /// from record to record: a timestamp for [`DefaultValue::Now`], text for [`DefaultValue::Uuid`].
    ///
    /// # Errors
    /// Every property that is unknown to a strict model, given twice, missing, null, too long, not of its kind,
    /// read-only, or made by the backend alone; and a version that is not a new record's, which is 1.
    pub fn new_record(
        &self,
        record: Entity,
        fill: &mut dyn FnMut(&DefaultValue) -> Value,
    ) -> Result<Entity, Problems> {
        let mut problems = Problems::new();
        let mut sorted = self.sort(record, &mut problems);
        for (property, place) in self.properties.iter().zip(&mut sorted.declared) {
            if property.read_only {
                refuse_set(property, place, &mut problems);
            }
            if self.counts_versions_in(property) {
                first_version(property, place, &mut problems);
            }
            match (&property.default, &place) {
                (_, Some((_, value)))
                    if property.generated == Generation::Always && !value.is_null() =>
                {
                    problems.push(&property.name, "the backend always makes it: leave it out");
                }
                (Some(default), None) => match default_of(property, default, fill) {
                    Ok(value) => *place = Some((property.name.clone(), value)),
                    Err(reason) => problems.push(&property.name, format!("its default: {reason}")),
                },
                _ => {}
            }
            // A null where there can be none asks the backend to make the value.
            let is_null = matches!(place, Some((_, Value::Null)));
            let is_generated = property.generated != Generation::Never;
            if is_null
                && is_generated
                && (never_null(property) || property.generated == Generation::Always)
            {
                *place = None;
            }
            self.complete(property, place, &mut problems);
        }
        problems.none_or(sorted.into_entity())
    }

    /// Puts each property at its place, as a value of its kind.
    pub(crate) fn sort(&self, record: Entity, problems: &mut Problems) -> Sorted {
        let mut declared: Vec<Option<(String, Value)>> = Vec::new();
        declared.resize_with(self.properties.len(), || None);
        let mut undeclared = Vec::new();
        let mut expected = 0;
        for (name, value) in record {
            let Some(place) = self.place_of(&name, expected) else {
                if self.strict || self.find_relation(&name).is_some() {
                    problems.push(&name, self.unknown_property(&name));
                } else {
                    match coerce(value, PropertyType::Any) {
                        Ok(value) => undeclared.push((name, value)),
                        Err(reason) => problems.push(name, reason),
                    }
                }
                continue;
            };
            expected = place + 1;
            let (Some(property), Some(slot)) =
                (self.properties.get(place), declared.get_mut(place))
            else {
                continue;
            };
            if slot.is_some() {
                problems.push(name, "it comes twice: give it once");
                continue;
            }
            // One that fails keeps its place, so that it isn't reported as missing too.
            let value = fit(property, value).unwrap_or_else(|reason| {
                problems.push(&name, reason);
                placeholder()
            });
            *slot = Some((name, value));
        }
        refuse_twice(&undeclared, problems);
        Sorted {
            declared,
            undeclared,
        }
    }

    /// Where the model declares the property: most likely after the one before.
    fn place_of(&self, name: &str, expected: usize) -> Option<usize> {
        match self.properties.get(expected) {
            Some(property) if property.name == name => Some(expected),
            _ => self
                .properties
                .iter()
                .position(|property| property.name == name),
        }
    }

    /// What to say of a property that a strict model doesn't declare.
    pub(crate) fn unknown_property(&self, name: &str) -> String {
        if self.find_relation(name).is_some() {
            return format!(
                "it is a relation of the model {}: its records are written by themselves, so leave it out",
                self.name
            );
        }
        let remedy = match self.suggest(name) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "leave it out, or declare it in the model".to_owned(),
        };
        format!(
            "the model {} has no property {}; {remedy}",
            self.name,
            shown(name)
        )
    }

    /// Gives a property that is missing its null, and refuses where there can be none.
    pub(crate) fn complete(
        &self,
        property: &Property,
        place: &mut Option<(String, Value)>,
        problems: &mut Problems,
    ) {
        if place.is_none() && property.generated != Generation::Never {
            return;
        }
        if never_null(property) {
            require(property, place, problems);
        } else if place.is_none() && self.strict {
            *place = Some((property.name.clone(), Value::Null));
        }
    }
}

impl Sorted {
    /// What is there, in the model's order and then its own.
    pub(crate) fn into_entity(self) -> Entity {
        let mut pairs = Vec::with_capacity(self.declared.len() + self.undeclared.len());
        pairs.extend(self.declared.into_iter().flatten());
        pairs.extend(self.undeclared);
        Entity::from(pairs)
    }
}

/// Whether the property has a value in every record.
const fn never_null(property: &Property) -> bool {
    property.required || property.key.is_some()
}

/// What only a default or the backend sets is left to them; null is no value.
pub(crate) fn refuse_set(
    property: &Property,
    place: &mut Option<(String, Value)>,
    problems: &mut Problems,
) {
    if place.take().is_some_and(|(_, value)| !value.is_null()) {
        problems.push(&property.name, "it is read-only: leave it out");
    }
}

/// A new record's version, which nobody else decides.
fn first_version(
    property: &Property,
    place: &mut Option<(String, Value)>,
    problems: &mut Problems,
) {
    const FIRST: Value = Value::Integer(1);
    match place {
        Some((_, value)) if !value.is_null() && *value != FIRST => {
            problems.push(&property.name, "a new record's version is 1: leave it out");
        }
        _ => *place = Some((property.name.clone(), FIRST)),
    }
}

/// Stands where a value was refused, in a record that won't be handed out.
const fn placeholder() -> Value {
    Value::Boolean(false)
}

pub(crate) fn require(
    property: &Property,
    place: &Option<(String, Value)>,
    problems: &mut Problems,
) {
    let what = if property.key.is_some() {
        "a part of the key"
    } else {
        "required"
    };
    match place {
        None => problems.push(
            &property.name,
            format!("it is {what} and missing: give it a value"),
        ),
        Some((_, Value::Null)) => {
            problems.push(
                &property.name,
                format!("it is {what} and can't be null: give it a value"),
            );
        }
        Some(_) => {}
    }
}

/// A new record's value for a property that it lacks.
fn default_of(
    property: &Property,
    default: &DefaultValue,
    fill: &mut dyn FnMut(&DefaultValue) -> Value,
) -> Result<Value, String> {
    let value = match default {
        DefaultValue::Value(value) => value.clone(),
        made => fill(made),
    };
    let value = match (property.kind, value) {
        (PropertyType::Date, Value::Timestamp(micros)) => Value::Text(time::format_date(micros)),
        (PropertyType::Time, Value::Timestamp(micros)) => Value::Text(time::format_time(micros)),
        (_, value) => value,
    };
    fit(property, value)
}

/// The value in the property's kind and bounds.
pub(crate) fn fit(property: &Property, value: Value) -> Result<Value, String> {
    let value = coerce(value, property.kind)?;
    check_bounds(property, &value)?;
    Ok(value)
}

fn check_bounds(property: &Property, value: &Value) -> Result<(), String> {
    let length = property
        .length
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    match (value, length) {
        (Value::Decimal(text), _) if property.kind == PropertyType::Decimal => {
            check_digits(property, text)
        }
        // No text has more characters than bytes.
        (Value::Text(text), Some(most)) if text.len() > most && text.chars().count() > most => {
            Err(format!(
                "it has {} characters and may have {most}: shorten it, or raise the property's length",
                text.chars().count()
            ))
        }
        (Value::Bytes(bytes), Some(most)) if bytes.len() > most => Err(format!(
            "it has {} bytes and may have {most}: shorten it, or raise the property's length",
            bytes.len()
        )),
        _ => Ok(()),
    }
}

/// As SQL has it: `length` digits in all, `scale` of them kept for after the point. Zeros at the end don't count.
fn check_digits(property: &Property, text: &str) -> Result<(), String> {
    let Some(decimal) = Decimal::parse(text) else {
        return Ok(());
    };
    let scale = property.scale.map(usize::from);
    if let Some(scale) = scale.filter(|scale| decimal.fraction_digits() > *scale) {
        return Err(format!(
            "it has {} digits after the point and may have {scale}: round it first",
            decimal.fraction_digits()
        ));
    }
    let kept = scale.unwrap_or(decimal.fraction_digits());
    let needed = decimal.integer_digits() + kept;
    match property
        .length
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    {
        Some(most) if needed > most => Err(format!(
            "it needs {needed} digits, {kept} of them after the point, and may have {most}: raise the property's \
             length"
        )),
        _ => Ok(()),
    }
}

fn refuse_twice(pairs: &[(String, Value)], problems: &mut Problems) {
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    for pair in names.windows(2) {
        if let [first, second] = pair
            && first == second
        {
            problems.push(*first, "it comes twice: give it once");
        }
    }
}
