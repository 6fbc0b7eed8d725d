//! Values between the wire and the contract.
//!
//! [`wire`] reads what the protocol has, [`shape`] makes of it what a property holds, and [`bind`] writes parameters.

mod bind;
mod geometry;
mod moment;
mod shape;
mod wire;

use std::borrow::Cow;

use tenon_sdk::{ColumnBuilder, GeoPoint, OtherValue, Value};

pub(crate) use bind::bind;
pub(crate) use shape::shape;
pub(crate) use wire::{Encoding, read_row};

/// A value on its way to the contract, as far as possible still in the packet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Decimal(Cow<'a, str>),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    Timestamp(i64),
    Point(GeoPoint),
    Json(Cow<'a, str>),
    Other(&'static str, String),
    /// One that had to be made anew.
    Made(Value),
}

impl Cell<'_> {
    /// Adds it to a column.
    pub(crate) fn put(self, column: &mut ColumnBuilder) {
        match self {
            Self::Null => column.null(),
            Self::Boolean(boolean) => column.boolean(boolean),
            Self::Integer(integer) => column.integer(integer),
            Self::Float(float) => column.float(float),
            Self::Decimal(text) => column.decimal(&text),
            Self::Text(text) => column.text(&text),
            Self::Bytes(bytes) => column.bytes(bytes),
            Self::Timestamp(micros) => column.timestamp(micros),
            Self::Point(point) => column.point(point),
            Self::Json(text) => column.json(&text),
            Self::Other(kind, text) => column.other(kind, &text),
            Self::Made(value) => column.value(value),
        }
    }

    /// It as a value of its own.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(boolean) => Value::Boolean(boolean),
            Self::Integer(integer) => Value::Integer(integer),
            Self::Float(float) => Value::from(float),
            Self::Decimal(text) => Value::Decimal(text.into_owned()),
            Self::Text(text) => Value::Text(text.into_owned()),
            Self::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Self::Timestamp(micros) => Value::Timestamp(micros),
            Self::Point(point) => Value::Point(point),
            Self::Json(text) => Value::Json(text.into_owned()),
            Self::Other(kind, text) => Value::Other(OtherValue {
                kind: kind.to_owned(),
                text,
            }),
            Self::Made(value) => value,
        }
    }
}
