//! One comparison, compiled: what it asks of a value, be it a property's own or one inside JSON.
//!
//! Only the positive half is here; a `not-…` comparison is its positive one, negated by the matcher.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::like::LikePattern;
use super::near::Ring;
use crate::contract::Value;
use crate::json::{equal_structures, scalar};
use crate::order;

/// What is looked at.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    /// There is no such property or member.
    Absent,
    /// A property that isn't JSON, or JSON that doesn't have to be read.
    Plain(&'a Value),
    /// Something inside JSON, or a JSON property that was read.
    Inside(&'a Json),
}

/// A compiled comparison.
#[derive(Debug)]
pub(super) enum Predicate {
    Equal(Operand),
    OneOf(Set),
    /// Greater, less, or either with equality.
    Ordered(Value, fn(Ordering) -> bool),
    Between(Value, Value),
    Contains(Operand),
    Like(LikePattern),
    #[cfg(feature = "regex")]
    Matches(regex::Regex),
    Exists(bool),
    Near(Ring),
}

/// An operand for equality, both as it is and as it stands inside JSON.
#[derive(Debug)]
pub(super) struct Operand {
    value: Value,
    json: Json,
}

impl Operand {
    pub(super) fn new(value: Value) -> Self {
        let json = value.to_lossless_json();
        Self { value, json }
    }

    fn is_structure(&self) -> bool {
        matches!(self.value, Value::Json(_))
    }

    fn equals(&self, found: Found<'_>) -> bool {
        match found {
            Found::Absent => self.value.is_null(),
            Found::Plain(value) => order::equal(value, &self.value),
            Found::Inside(json) => equal_structures(json, &self.json),
        }
    }
}

/// Operands of which one must be equal, sorted for a search.
#[derive(Debug, Default)]
pub(super) struct Set {
    null: bool,
    integers: Vec<i64>,
    texts: Vec<String>,
    others: Vec<Operand>,
}

impl Set {
    pub(super) fn new(operands: impl IntoIterator<Item = Value>) -> Self {
        let mut set = Self::default();
        for operand in operands {
            match operand {
                Value::Null => set.null = true,
                Value::Integer(integer) => set.integers.push(integer),
                Value::Text(text) => set.texts.push(text),
                other => set.others.push(Operand::new(other)),
            }
        }
        set.integers.sort_unstable();
        set.texts.sort_unstable();
        set
    }

    fn holds(&self, found: Found<'_>) -> bool {
        match found {
            Found::Absent => self.null,
            Found::Plain(value) => self.holds_value(value),
            Found::Inside(json) => match scalar(json) {
                Some(value) => self.holds_value(&value),
                None => self.others.iter().any(|operand| operand.equals(found)),
            },
        }
    }

    fn holds_value(&self, value: &Value) -> bool {
        let among_rest = || {
            self.others
                .iter()
                .any(|operand| order::equal(value, &operand.value))
        };
        match value {
            Value::Null => self.null,
            Value::Integer(integer) => self.integers.binary_search(integer).is_ok() || among_rest(),
            Value::Text(text) => self.texts.binary_search(text).is_ok(),
            Value::Float(_) | Value::Decimal(_) => {
                let mut integers = self.integers.iter().map(|integer| Value::Integer(*integer));
                integers.any(|integer| order::equal(value, &integer)) || among_rest()
            }
            _ => among_rest(),
        }
    }
}

impl Predicate {
    /// Whether a JSON property must be read for it, although there is no path.
    pub(super) fn reads_json(&self) -> bool {
        match self {
            Self::Contains(_) => true,
            Self::Equal(operand) => operand.is_structure(),
            Self::OneOf(set) => set.others.iter().any(Operand::is_structure),
            _ => false,
        }
    }

    /// Whether it is about text: then its negation, too, holds for text alone.
    pub(super) const fn is_about_text(&self) -> bool {
        matches!(self, Self::Like(_))
    }

    pub(super) fn holds(&self, found: Found<'_>) -> bool {
        match self {
            Self::Equal(operand) => operand.equals(found),
            Self::OneOf(set) => set.holds(found),
            Self::Ordered(operand, accepts) => {
                found.test(|value| order::compare_same(value, operand).is_some_and(accepts))
            }
            Self::Between(least, greatest) => found.test(|value| {
                order::compare_same(value, least).is_some_and(Ordering::is_ge)
                    && order::compare_same(value, greatest).is_some_and(Ordering::is_le)
            }),
            Self::Contains(operand) => match found {
                Found::Inside(Json::Array(elements)) => elements
                    .iter()
                    .any(|element| operand.equals(Found::Inside(element))),
                _ => false,
            },
            Self::Like(pattern) => found.text().is_some_and(|text| pattern.matches(text)),
            #[cfg(feature = "regex")]
            Self::Matches(pattern) => found.text().is_some_and(|text| pattern.is_match(text)),
            Self::Exists(wanted) => *wanted != matches!(found, Found::Absent),
            Self::Near(ring) => {
                found.test(|value| matches!(value, Value::Point(point) if ring.holds(*point)))
            }
        }
    }
}

impl Found<'_> {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(Value::Text(text)) | Self::Inside(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The test's answer for the value that it is; false for nothing, and for an array or object.
    fn test(&self, test: impl FnOnce(&Value) -> bool) -> bool {
        match self {
            Self::Absent => false,
            Self::Plain(value) => test(value),
            Self::Inside(json) => scalar(json).is_some_and(|value| test(&value)),
        }
    }
}
