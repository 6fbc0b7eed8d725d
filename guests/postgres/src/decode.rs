//! Values on their way from the server: read in place, and put into columns without a copy of their own.
//!
//! A value that isn't what its type says comes from a broken server, and is an error that names the column.

use std::borrow::Cow;
use std::rc::Rc;

use tenon_model::{coerce, valid_date, valid_time};
use tenon_sdk::{ColumnBuilder, Error, GeoPoint, OtherValue, PropertyType, Result, Value};

use crate::array;
use crate::time;
use crate::types::{Codec, Type};

/// How a result's column is read.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    column: Rc<str>,
    codec: Codec,
    element: Codec,
    native_type: Rc<str>,
    /// The kind that the property is of, where it isn't the type's own.
    convert: Option<PropertyType>,
    /// The property takes values of any kind.
    any: bool,
}

/// A value that is still where it arrived.
#[derive(Debug)]
enum Datum<'a> {
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Timestamp(i64),
    Point(GeoPoint),
    Text(&'a str),
    Decimal(&'a str),
    Json(&'a str),
    Bytes(&'a [u8]),
    Other(&'a str, Cow<'a, str>),
    Value(Value),
}

impl Reader {
    /// For a column of that type, as a property of that kind.
    pub(crate) fn new(column: &Rc<str>, of: &Type, kind: PropertyType) -> Self {
        let any = kind == PropertyType::Any;
        Self {
            column: Rc::clone(column),
            codec: of.codec,
            element: of.element.unwrap_or(Codec::Other),
            native_type: Rc::clone(&of.name),
            convert: (!any && of.codec.kind() != Some(kind)).then_some(kind),
            any,
        }
    }

    /// How the server is to send it.
    pub(crate) fn format(&self) -> i16 {
        i16::from(self.codec.is_binary())
    }

    /// Adds a value to a column; none is null.
    pub(crate) fn put(&self, bytes: Option<&[u8]>, column: &mut ColumnBuilder) -> Result<()> {
        let Some(bytes) = bytes else {
            column.null();
            return Ok(());
        };
        let datum = self.datum(bytes).ok_or_else(|| self.broken())?;
        if self.convert.is_some() {
            column.value(self.converted(datum)?);
            return Ok(());
        }
        match datum {
            Datum::Boolean(boolean) => column.boolean(boolean),
            Datum::Integer(integer) => column.integer(integer),
            Datum::Float(float) => column.float(float),
            Datum::Timestamp(micros) => column.timestamp(micros),
            Datum::Point(point) => column.point(point),
            Datum::Text(text) => column.text(text),
            Datum::Decimal(text) => column.decimal(text),
            Datum::Json(text) => column.json(text),
            Datum::Bytes(bytes) => column.bytes(bytes),
            Datum::Other(kind, text) => column.other(kind, &text),
            Datum::Value(value) => column.value(value),
        }
        Ok(())
    }

    /// A value of its own; none is null.
    pub(crate) fn value(&self, bytes: Option<&[u8]>) -> Result<Value> {
        let Some(bytes) = bytes else {
            return Ok(Value::Null);
        };
        let datum = self.datum(bytes).ok_or_else(|| self.broken())?;
        self.converted(datum)
    }

    fn converted(&self, datum: Datum<'_>) -> Result<Value> {
        let Some(kind) = self.convert else {
            return Ok(datum.into_value());
        };
        let value = match datum {
            // A type without a kind of its own is a text to who wants one, and so is JSON.
            Datum::Json(text) if kind == PropertyType::Text => {
                return Ok(Value::Text(text.to_owned()));
            }
            Datum::Other(_, text) if kind == PropertyType::Text => {
                return Ok(Value::Text(text.into_owned()));
            }
            Datum::Other(_, text) => Value::Text(text.into_owned()),
            datum => datum.into_value(),
        };
        coerce(value, kind).map_err(|reason| {
            Error::backend(format!(
                "the column `{}` of type {} can't be read as {}: {reason}",
                self.column,
                self.native_type,
                kind.name()
            ))
        })
    }

    /// None where the bytes are no value of the type.
    fn datum<'a>(&'a self, bytes: &'a [u8]) -> Option<Datum<'a>> {
        Some(match self.codec {
            Codec::Boolean => Datum::Boolean(*bytes.first()? != 0),
            Codec::SmallInteger => Datum::Integer(i16::from_be_bytes(exactly(bytes)?).into()),
            Codec::Integer => Datum::Integer(i32::from_be_bytes(exactly(bytes)?).into()),
            Codec::BigInteger => Datum::Integer(i64::from_be_bytes(exactly(bytes)?)),
            Codec::Oid => Datum::Integer(u32::from_be_bytes(exactly(bytes)?).into()),
            Codec::Real => Datum::Float(f32::from_be_bytes(exactly(bytes)?).into()),
            Codec::Double => Datum::Float(f64::from_be_bytes(exactly(bytes)?)),
            Codec::Bytes => Datum::Bytes(bytes),
            Codec::Timestamp => {
                let wire = i64::from_be_bytes(exactly(bytes)?);
                match time::from_wire(wire) {
                    Some(micros) => Datum::Timestamp(micros),
                    None => Datum::Other("timestamp", time::infinity(wire).into()),
                }
            }
            Codec::Point => {
                let (x, y) = bytes.split_at_checked(8)?;
                let point = GeoPoint {
                    latitude: f64::from_be_bytes(exactly(y)?),
                    longitude: f64::from_be_bytes(exactly(x)?),
                };
                if !point.latitude.is_finite() || !point.longitude.is_finite() {
                    let text = format!("({},{})", point.longitude, point.latitude);
                    return Some(Datum::Other("point", text.into()));
                }
                Datum::Point(point)
            }
            _ => return self.textual(std::str::from_utf8(bytes).ok()?),
        })
    }

    fn textual<'a>(&'a self, text: &'a str) -> Option<Datum<'a>> {
        Some(match self.codec {
            Codec::Text => Datum::Text(text),
            // `NaN` and `Infinity` are no decimals.
            Codec::Numeric if text.ends_with(|last: char| last.is_ascii_digit()) => {
                Datum::Decimal(text)
            }
            Codec::Numeric => Datum::Other("decimal", text.into()),
            Codec::Date => temporal("date", text, self.any, valid_date),
            Codec::Time => temporal("time", text, self.any, valid_time),
            Codec::Uuid if self.any => Datum::Other("uuid", text.into()),
            Codec::Uuid => Datum::Text(text),
            Codec::Json if !self.any && text.trim_start().starts_with(['{', '[']) => {
                Datum::Json(text)
            }
            // Values that aren't arrays or objects, and those that say in an object what they are.
            Codec::Json => {
                let json = serde_json::from_str(text).ok()?;
                match Value::from_json(&json, PropertyType::Any) {
                    // As it came, so that no digit is lost.
                    Ok(Value::Json(_)) => Datum::Json(text),
                    Ok(value) => Datum::Value(value),
                    Err(_) => Datum::Json(text),
                }
            }
            Codec::Array => Datum::Value(Value::Json(array::to_json(text, self.element)?)),
            _ => Datum::Other(&self.native_type, text.into()),
        })
    }

    fn broken(&self) -> Error {
        Error::backend(format!(
            "the server sent what is no {} in the column `{}`",
            self.native_type, self.column
        ))
    }
}

impl Datum<'_> {
    fn into_value(self) -> Value {
        match self {
            Self::Boolean(boolean) => Value::Boolean(boolean),
            Self::Integer(integer) => Value::Integer(integer),
            Self::Float(float) => float.into(),
            Self::Timestamp(micros) => Value::Timestamp(micros),
            Self::Point(point) => Value::Point(point),
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Decimal(text) => Value::Decimal(text.to_owned()),
            Self::Json(text) => Value::Json(text.to_owned()),
            Self::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Self::Other(kind, text) => Value::Other(OtherValue {
                kind: kind.to_owned(),
                text: text.into_owned(),
            }),
            Self::Value(value) => value,
        }
    }
}

/// A day or a time of day in the contract's form, or in the server's words: `infinity`, `24:00:00`, a year BC.
fn temporal<'a>(
    kind: &'a str,
    text: &'a str,
    any: bool,
    valid: impl FnOnce(&str) -> bool,
) -> Datum<'a> {
    if any || !valid(text) {
        Datum::Other(kind, text.into())
    } else {
        Datum::Text(text)
    }
}

fn exactly<const LENGTH: usize>(bytes: &[u8]) -> Option<[u8; LENGTH]> {
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(oid: u32, kind: PropertyType, bytes: &[u8]) -> Result<Value> {
        Reader::new(&"a".into(), &Type::built_in(oid).unwrap(), kind).value(Some(bytes))
    }

    fn other(kind: &str, text: &str) -> Value {
        Value::Other(OtherValue {
            kind: kind.to_owned(),
            text: text.to_owned(),
        })
    }

    #[test]
    fn values_are_of_their_kinds() {
        use PropertyType as Kind;
        let text = |text: &str| Value::Text(text.to_owned());
        for (oid, kind, bytes, expected) in [
            (16, Kind::Boolean, &[1][..], Value::Boolean(true)),
            (21, Kind::Integer, &[0xff, 0xfe], Value::Integer(-2)),
            (26, Kind::Integer, &[0xff; 4], Value::Integer(0xffff_ffff)),
            (700, Kind::Float, &0.5_f32.to_be_bytes(), Value::Float(0.5)),
            (
                701,
                Kind::Float,
                &f64::NAN.to_be_bytes(),
                other("float", "NaN"),
            ),
            (
                1700,
                Kind::Decimal,
                b"-1.50",
                Value::Decimal("-1.50".into()),
            ),
            (1700, Kind::Decimal, b"NaN", other("decimal", "NaN")),
            (25, Kind::Text, "ä".as_bytes(), text("ä")),
            (1082, Kind::Date, b"2026-11-20", text("2026-11-20")),
            (1082, Kind::Date, b"infinity", other("date", "infinity")),
            (1082, Kind::Any, b"2026-11-20", other("date", "2026-11-20")),
            (1083, Kind::Time, b"24:00:00", other("time", "24:00:00")),
            (
                3802,
                Kind::Json,
                b"{\"a\": 1}",
                Value::Json("{\"a\": 1}".into()),
            ),
            (3802, Kind::Json, b"5", Value::Integer(5)),
            (3802, Kind::Any, b"{\"$timestamp\": 5}", Value::Timestamp(5)),
            (3802, Kind::Any, b"null", Value::Null),
            (
                1007,
                Kind::Json,
                b"{1,NULL}",
                Value::Json("[1,null]".into()),
            ),
            (
                1184,
                Kind::Timestamp,
                &i64::MIN.to_be_bytes(),
                other("timestamp", "-infinity"),
            ),
            (1186, Kind::Any, b"P1D", other("interval", "P1D")),
            (1186, Kind::Text, b"P1D", text("P1D")),
            (23, Kind::Decimal, &[0, 0, 0, 5], Value::Decimal("5".into())),
            (23, Kind::Text, &[0, 0, 0, 5], text("5")),
        ] {
            assert_eq!(read(oid, kind, bytes).unwrap(), expected, "{oid} {bytes:?}");
        }
    }

    #[test]
    fn what_is_no_value_names_its_column() {
        for (oid, kind, bytes) in [
            (23, PropertyType::Integer, &[1][..]),
            (16, PropertyType::Boolean, &[]),
            (25, PropertyType::Text, &[0xff]),
            (1007, PropertyType::Json, b"{"),
            (25, PropertyType::Integer, b"x"),
        ] {
            let error = read(oid, kind, bytes).unwrap_err();
            assert!(error.message.contains("`a`"), "{error}");
        }
    }
}
