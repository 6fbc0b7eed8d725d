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

#[cfg(test)]
mod tests {
    use mysql_common::constants::{ColumnFlags, ColumnType};
    use proptest::prelude::*;
    use tenon_sdk::PropertyType;

    use super::*;
    use crate::connection::{BINARY, ColumnDefinition};

    fn column() -> impl Strategy<Value = ColumnDefinition> {
        let kinds = (0..=255_u8).filter_map(|kind| ColumnType::try_from(kind).ok());
        (
            proptest::sample::select(kinds.collect::<Vec<_>>()),
            any::<bool>(),
            any::<bool>(),
            proptest::sample::select(vec![0_u8, 2, 30]),
            any::<bool>(),
        )
            .prop_map(
                |(kind, unsigned, is_text, decimals, is_json)| ColumnDefinition {
                    name: String::new(),
                    kind,
                    flags: if unsigned {
                        ColumnFlags::UNSIGNED_FLAG
                    } else {
                        ColumnFlags::empty()
                    },
                    collation: if is_text { 45 } else { BINARY },
                    length: 1,
                    decimals,
                    is_json,
                },
            )
    }

    fn kind() -> impl Strategy<Value = PropertyType> {
        use PropertyType as Kind;
        proptest::sample::select(vec![
            Kind::Text,
            Kind::Boolean,
            Kind::Integer,
            Kind::Float,
            Kind::Decimal,
            Kind::Timestamp,
            Kind::Date,
            Kind::Time,
            Kind::Bytes,
            Kind::Point,
            Kind::Uuid,
            Kind::Json,
            Kind::Any,
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_a_row_is_it_is_no_panic(
            packet in proptest::collection::vec(prop_oneof![3 => 0..16_u8, 1 => any::<u8>()], 0..40),
            columns in proptest::collection::vec((column(), kind()), 0..4),
            encoding in proptest::sample::select(vec![Encoding::Binary, Encoding::Text]),
        ) {
            let (columns, kinds): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
            let _ = read_row(&packet, &columns, encoding, |place, column, raw| {
                // What can't be read is an error; what can is in the contract's form.
                if let Ok(cell) = shape(raw, column, kinds[place], false)
                    && !matches!(cell, Cell::Decimal(_))
                {
                    assert_eq!(cell.into_value().check(), Ok(()));
                }
                Ok(())
            });
        }
    }
}
