//! What equal, greater and sorted mean for values: the contract's rules, for filters and orders alike.
//!
//! Numbers are compared by their exact value, whatever their case; nothing here allocates, but for JSON that
//! differs as text. What the contract doesn't allow (a float that is not a number, a decimal that is none)
//! still has its place, so that the order is total over anything that a connector may send.

use std::cmp::Ordering;

use crate::contract::Value;
use crate::decimal::Decimal;
use crate::json;

/// The contract's sort order: nulls, booleans, numbers by value, text by code point, timestamps, bytes; the
/// rest come last and are equals.
pub fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Integer(left), Value::Integer(right))
        | (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
        (Value::Boolean(left), Value::Boolean(right)) => left.cmp(right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        _ => match (Number::of(left), Number::of(right)) {
            (Some(left), Some(right)) => left.compare(right),
            _ => rank(left).cmp(&rank(right)),
        },
    }
}

/// A filter's equality: null equals null, numbers are equal by value, JSON by structure with the order of
/// members aside; other values of different cases are unequal.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Integer(left), Value::Integer(right))
        | (Value::Timestamp(left), Value::Timestamp(right)) => left == right,
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::Bytes(left), Value::Bytes(right)) => left == right,
        (Value::Point(left), Value::Point(right)) => left == right,
        (Value::Json(left), Value::Json(right)) => json::equal_texts(left, right),
        (Value::Other(left), Value::Other(right)) => left == right,
        _ => match (Number::of(left), Number::of(right)) {
            (Some(left), Some(right)) => left.compare(right) == Ordering::Equal,
            _ => false,
        },
    }
}

/// The order that `greater`, `less`, `between` and the like go by: none where one is null, where the two can't
/// be compared, or where their case has no order (points, JSON, other).
pub fn compare_same(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Integer(left), Value::Integer(right))
        | (Value::Timestamp(left), Value::Timestamp(right)) => Some(left.cmp(right)),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Bytes(left), Value::Bytes(right)) => Some(left.cmp(right)),
        _ => {
            let (left, right) = (Number::of(left)?, Number::of(right)?);
            let are_numbers = left.strangeness() == 0 && right.strangeness() == 0;
            are_numbers.then(|| left.compare(right))
        }
    }
}

/// Where its case stands in the sort order.
const fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Boolean(_) => 1,
        Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => 2,
        Value::Text(_) => 3,
        Value::Timestamp(_) => 4,
        Value::Bytes(_) => 5,
        Value::Point(_) | Value::Json(_) | Value::Other(_) => 6,
    }
}

/// A value of one of the three cases that hold numbers.
#[derive(Clone, Copy)]
enum Number<'a> {
    Integer(i64),
    Float(f64),
    Decimal(Decimal<'a>),
    /// A float that is not a number.
    Nothing,
    /// A decimal that isn't in the contract's form.
    Malformed(&'a str),
}

impl<'a> Number<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Integer(integer) => Some(Self::Integer(*integer)),
            Value::Float(float) if float.is_nan() => Some(Self::Nothing),
            Value::Float(float) => Some(Self::Float(*float)),
            Value::Decimal(text) => {
                Some(Decimal::parse(text).map_or(Self::Malformed(text), Self::Decimal))
            }
            _ => None,
        }
    }

    fn compare(self, other: Self) -> Ordering {
        use Number::{Decimal, Float, Integer, Malformed};
        match (self, other) {
            (Integer(left), Integer(right)) => left.cmp(&right),
            // Neither is NaN, so there is always an order.
            (Float(left), Float(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            (Integer(left), Float(right)) => compare_integer_float(left, right),
            (Float(left), Integer(right)) => compare_integer_float(right, left).reverse(),
            (Decimal(left), Decimal(right)) => left.cmp(&right),
            (Decimal(left), Integer(right)) => left.compare_integer(right),
            (Integer(left), Decimal(right)) => right.compare_integer(left).reverse(),
            (Decimal(left), Float(right)) => left.compare_float(right),
            (Float(left), Decimal(right)) => right.compare_float(left).reverse(),
            (Malformed(left), Malformed(right)) => left.cmp(right),
            (left, right) => left.strangeness().cmp(&right.strangeness()),
        }
    }

    /// Numbers first, then what is none.
    const fn strangeness(self) -> u8 {
        match self {
            Self::Integer(_) | Self::Float(_) | Self::Decimal(_) => 0,
            Self::Nothing => 1,
            Self::Malformed(_) => 2,
        }
    }
}

/// Exactly, since a float that is converted to an integer, or the reverse, may be another number.
fn compare_integer_float(integer: i64, float: f64) -> Ordering {
    /// Two to the power of 63: the least float beyond every integer.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if float >= BEYOND {
        return Ordering::Less;
    }
    if float < -BEYOND {
        return Ordering::Greater;
    }
    let whole = float.trunc();
    integer
        .cmp(&(whole as i64))
        .then_with(|| whole.partial_cmp(&float).unwrap_or(Ordering::Equal))
}
