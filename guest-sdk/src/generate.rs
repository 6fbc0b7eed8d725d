//! Values that a new record gets from its connector: integers count up, UUIDs are random, timestamps are now.
//!
//! What else a model wants generated is refused when it is defined.

use std::time::{SystemTime, UNIX_EPOCH};

use tenon_model::contract::Model;
use tenon_model::{Entity, Generation, PropertyType, Value};

use crate::{Error, ErrorKind, Result};

/// How the generated properties of a model are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Generators(Vec<Generator>);

#[derive(Clone, Debug, PartialEq)]
struct Generator {
    property: String,
    kind: Kind,
    always: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// The next integer of the counter of that number.
    Counter(usize),
    Uuid,
    Now,
}

/// The next integers of a model's counters: each is one more than the greatest so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counters(Vec<i64>);

impl Generators {
    /// The generators of a model.
    ///
    /// # Errors
    /// `invalid` where the model wants something generated that is neither an integer, a UUID, a text (which
    /// gets a UUID) nor a timestamp.
    pub fn new(model: &Model) -> Result<Self> {
        let mut counters = 0;
        let generated = model
            .properties
            .iter()
            .filter(|property| property.generated != Generation::Never);
        let generators = generated.map(|property| {
            let kind = match property.kind {
                PropertyType::Integer => {
                    counters += 1;
                    Kind::Counter(counters - 1)
                }
                PropertyType::Uuid | PropertyType::Text => Kind::Uuid,
                PropertyType::Timestamp => Kind::Now,
                other => {
                    return Err(Error::invalid(format!(
                        "`{}` of the model `{}` can't be generated: integers, UUIDs and timestamps can, {other} can't",
                        property.name, model.name
                    ))
                    .detail("property", &property.name));
                }
            };
            Ok(Generator {
                property: property.name.clone(),
                kind,
                always: property.generated == Generation::Always,
            })
        });
        Ok(Self(generators.collect::<Result<_>>()?))
    }

    /// Whether nothing is generated.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counters that begin after the records that there are.
    pub fn counters<'a>(&self, records: impl IntoIterator<Item = &'a Entity>) -> Counters {
        let mut counters = self.fresh_counters();
        for record in records {
            self.note(record, &mut counters);
        }
        counters
    }

    /// Counters for a model without records.
    pub fn fresh_counters(&self) -> Counters {
        Counters(vec![1; self.counted().count()])
    }

    /// The properties that are counted, in the counters' order.
    pub fn counted(&self) -> impl Iterator<Item = &str> {
        let counted = self
            .0
            .iter()
            .filter(|generator| matches!(generator.kind, Kind::Counter(_)));
        counted.map(|generator| generator.property.as_str())
    }

    /// Moves the counters on beyond a record's numbers.
    pub fn note(&self, record: &Entity, counters: &mut Counters) {
        for generator in &self.0 {
            if let Kind::Counter(number) = generator.kind
                && let Some(next) = counters.0.get_mut(number)
                && let Some(Value::Integer(value)) = record.get(&generator.property)
            {
                *next = (*next).max(value.saturating_add(1));
            }
        }
    }

    /// Fills in what a new record lacks, and returns what was filled in. The counters move by
    /// [`note`](Self::note), once the record is stored.
    ///
    /// # Errors
    /// `exhausted` where a counter is at its end, `unavailable` where there are no random bytes.
    pub fn fill(&self, record: &mut Entity, counters: &Counters) -> Result<Entity> {
        let mut made = Entity::new();
        for generator in &self.0 {
            let has = record
                .get(&generator.property)
                .is_some_and(|value| !value.is_null());
            if generator.always || !has {
                let value = generator.make(counters)?;
                record.set(generator.property.as_str(), value.clone());
                made.set(generator.property.as_str(), value);
            }
        }
        Ok(made)
    }
}

impl Generator {
    fn make(&self, counters: &Counters) -> Result<Value> {
        match self.kind {
            Kind::Counter(number) => match counters.0.get(number) {
                Some(next) if *next < i64::MAX => Ok(Value::Integer(*next)),
                _ => Err(Error::new(
                    ErrorKind::Exhausted,
                    format!(
                        "`{}` has counted to its end: give the record one",
                        self.property
                    ),
                )),
            },
            Kind::Uuid => Ok(Value::Text(uuid()?)),
            Kind::Now => Ok(Value::Timestamp(now())),
        }
    }
}

impl Counters {
    /// From stored numbers.
    pub fn from_next(next: Vec<i64>) -> Self {
        Self(next)
    }

    /// The next numbers, to be stored.
    pub fn next(&self) -> &[i64] {
        &self.0
    }
}

/// A new random UUID (version 4), lower case with hyphens.
///
/// # Errors
/// `unavailable` where the host gives no random bytes.
pub fn uuid() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::unavailable(format!("no random bytes for a UUID: {error}")))?;
    let random = u128::from_be_bytes(bytes);
    // RFC 9562: the version in the 13th digit, the variant in the two highest bits of the 17th.
    let marked = (random & !(0xf << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62);
    let digits = format!("{marked:032x}");
    let mut text = String::with_capacity(36);
    for (place, digit) in digits.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Ok(text)
}

/// Microseconds since 1970, by the host's clock.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_their_version_and_variant_and_differ() {
        let one = uuid().unwrap();
        assert_eq!(one.len(), 36);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(matches!(one.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_ne!(one, uuid().unwrap());
    }
}
