//! What one aggregate has come to in one group.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::Value as Json;

use super::aggregator::AggregateError;
use super::sum::{Sum, Unknown};
use crate::contract::{Aggregate, AggregateFunction, Value};
use crate::entity::Entity;
use crate::filter::Path;
use crate::json::scalar;
use crate::order;
use crate::sortable;

/// About what a kept value or group takes beside its content: a place in a table, and what the allocator adds.
pub(super) const OVERHEAD: usize = 64;

/// An aggregate, ready to be folded.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    name: String,
    function: AggregateFunction,
    source: Source,
    distinct: bool,
}

/// Where its values come from.
#[derive(Clone, Debug)]
enum Source {
    /// Every record is one.
    Records,
    Property(String),
    Inside(String, Path),
}

/// What it has come to.
#[derive(Clone, Debug)]
pub(super) struct State {
    result: Partial,
    /// The values that were met, as sortable bytes, where each counts once.
    met: HashSet<Vec<u8>>,
}

/// What a record has added to what is kept.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Growth {
    /// Values that were not met before, where each counts once.
    pub values: usize,
    /// About the bytes that are kept more, or fewer.
    pub bytes: isize,
}

#[derive(Clone, Debug)]
enum Partial {
    Count(u64),
    Sum(Sum),
    Extreme(Option<Value>),
}

impl Fold {
    /// # Errors
    /// `Invalid` where a function has no property to be about.
    pub(super) fn new(aggregate: &Aggregate) -> Result<Self, AggregateError> {
        let source = match &aggregate.property {
            Some(property) if aggregate.path.is_empty() => Source::Property(property.clone()),
            Some(property) => Source::Inside(property.clone(), Path::new(&aggregate.path)),
            None if aggregate.function == AggregateFunction::Count && !aggregate.distinct => {
                Source::Records
            }
            None => {
                return Err(AggregateError::Invalid(format!(
                    "`{}` asks for {} of no property; name one",
                    aggregate.name, aggregate.function
                )));
            }
        };
        Ok(Self {
            name: aggregate.name.clone(),
            function: aggregate.function,
            source,
            distinct: aggregate.distinct,
        })
    }

    /// What its result is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it is before the first record.
    pub(super) fn start(&self) -> State {
        use AggregateFunction as F;
        State {
            result: match self.function {
                F::Count => Partial::Count(0),
                F::Sum | F::Average => Partial::Sum(Sum::default()),
                F::Minimum | F::Maximum => Partial::Extreme(None),
            },
            met: HashSet::new(),
        }
    }

    /// Takes in a record.
    ///
    /// # Errors
    /// `Invalid` for a value that the function has no meaning for.
    pub(super) fn add(
        &self,
        state: &mut State,
        record: &Entity,
        growth: &mut Growth,
    ) -> Result<(), AggregateError> {
        match &self.source {
            Source::Records => {
                if let Partial::Count(count) = &mut state.result {
                    *count += 1;
                }
                Ok(())
            }
            Source::Property(property) => match record.get(property) {
                Some(value) => self.add_value(state, value, growth),
                None => Ok(()),
            },
            Source::Inside(property, path) => {
                let Some(Value::Json(text)) = record.get(property) else {
                    return Ok(());
                };
                inside(path, text)
                    .iter()
                    .try_for_each(|value| self.add_value(state, value, growth))
            }
        }
    }

    fn add_value(
        &self,
        state: &mut State,
        value: &Value,
        growth: &mut Growth,
    ) -> Result<(), AggregateError> {
        if value.is_null() {
            return Ok(());
        }
        if self.distinct {
            let mut bytes = Vec::new();
            sortable::encode(value, &mut bytes)
                .map_err(|_| self.refusal("a value that isn't in the contract's form"))?;
            let length = bytes.len() + OVERHEAD;
            if !state.met.insert(bytes) {
                return Ok(());
            }
            growth.values += 1;
            growth.bytes += signed(length);
        }
        match &mut state.result {
            Partial::Count(count) => *count += 1,
            Partial::Sum(sum) => {
                if !sum.add(value) {
                    return Err(self.refusal(&format!("a value of kind `{}`", value.case_name())));
                }
            }
            Partial::Extreme(best) => {
                let wanted = match self.function {
                    AggregateFunction::Maximum => Ordering::Greater,
                    _ => Ordering::Less,
                };
                if best
                    .as_ref()
                    .is_none_or(|best| order::compare(value, best) == wanted)
                {
                    growth.bytes += signed(text_length(value));
                    growth.bytes -= best.as_ref().map_or(0, |best| signed(text_length(best)));
                    *best = Some(value.clone());
                }
            }
        }
        Ok(())
    }

    /// The result.
    ///
    /// # Errors
    /// `Invalid` where a sum is beyond what a float holds.
    pub(super) fn finish(&self, state: State) -> Result<Value, AggregateError> {
        let result = match state.result {
            Partial::Count(count) => Ok(i64::try_from(count)
                .map_or_else(|_| Value::Decimal(count.to_string()), Value::Integer)),
            Partial::Sum(sum) if self.function == AggregateFunction::Average => sum.average(),
            Partial::Sum(sum) => sum.total(),
            Partial::Extreme(best) => Ok(best.unwrap_or_default()),
        };
        result.map_err(|Unknown::TooGreat| {
            AggregateError::Invalid(format!(
                "`{}` is beyond the greatest float; leave the greatest values out with a filter",
                self.name
            ))
        })
    }

    fn refusal(&self, what: &str) -> AggregateError {
        let property = match &self.source {
            Source::Records => "the records",
            Source::Property(property) | Source::Inside(property, _) => property,
        };
        AggregateError::Invalid(format!(
            "`{}` is the {} of `{property}`, and a record has {what} there; leave such records out with a filter",
            self.name, self.function
        ))
    }
}

/// A length; no value in memory has one that doesn't fit.
fn signed(length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// The bytes of a value that lie outside of it.
pub(super) fn text_length(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Decimal(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Other(other) => other.kind.len() + other.text.len(),
        _ => 0,
    }
}

/// Every value at the end of a path into JSON text.
fn inside(path: &Path, text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    if let Ok(document) = serde_json::from_str::<Json>(text) {
        path.walk(&document, |json| {
            found.extend(
                json.map(|json| scalar(json).unwrap_or_else(|| Value::Json(json.to_string()))),
            );
            true
        });
    }
    found
}
