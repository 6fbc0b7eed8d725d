//! Values on their way to the server: in binary where that is simple, otherwise as text, which the server reads by the
//! parameter's type.
//!
//! Nothing is rounded or guessed here. A value that the type can't hold goes as text too, so that the server says so.

use tenon_model::Decimal;
use tenon_sdk::{Error, Result, Value};
use tenon_sql::Parameter;

use crate::array;
use crate::time;
use crate::types::{Codec, Type};

/// How a parameter travels.
const TEXT: i16 = 0;
const BINARY: i16 = 1;

/// A statement's parameters, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    data: Vec<u8>,
    places: Vec<Place>,
}

/// A parameter's format, and where it ends; none where it is null.
#[derive(Clone, Copy, Debug)]
struct Place {
    format: i16,
    start: usize,
    end: Option<usize>,
}

impl Encoded {
    /// Forgets the parameters, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.data.clear();
        self.places.clear();
    }

    pub(crate) fn formats(&self) -> impl Iterator<Item = i16> {
        self.places.iter().map(|place| place.format)
    }

    /// Each parameter's bytes; none is null.
    pub(crate) fn values(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.places.iter().map(|place| {
            let end = place.end?;
            self.data.get(place.start..end)
        })
    }

    /// Adds a parameter of that type.
    pub(crate) fn parameter(&mut self, parameter: &Parameter, of: &Type) -> Result<()> {
        match parameter {
            Parameter::Value(value) => self.value(value, of),
            Parameter::List(values) => {
                let elements = values.iter().map(|value| match value {
                    Value::Null => Ok(None),
                    value => text(value, of.element.unwrap_or(Codec::Other)).map(Some),
                });
                let literal = array::literal(elements.collect::<Result<Vec<_>>>()?);
                self.add(TEXT, literal.as_bytes());
                Ok(())
            }
        }
    }

    /// Adds a value of that type.
    pub(crate) fn value(&mut self, value: &Value, of: &Type) -> Result<()> {
        match (value, of.codec) {
            (Value::Null, _) => self.places.push(Place {
                format: TEXT,
                start: 0,
                end: None,
            }),
            (Value::Boolean(boolean), Codec::Boolean) => self.add(BINARY, &[u8::from(*boolean)]),
            (Value::Integer(integer), Codec::BigInteger) => {
                self.add(BINARY, &integer.to_be_bytes());
            }
            (Value::Integer(integer), Codec::Integer) => match i32::try_from(*integer) {
                Ok(integer) => self.add(BINARY, &integer.to_be_bytes()),
                Err(_) => self.add(TEXT, integer.to_string().as_bytes()),
            },
            (Value::Integer(integer), Codec::SmallInteger) => match i16::try_from(*integer) {
                Ok(integer) => self.add(BINARY, &integer.to_be_bytes()),
                Err(_) => self.add(TEXT, integer.to_string().as_bytes()),
            },
            (Value::Float(float), Codec::Double) => self.add(BINARY, &float.to_be_bytes()),
            (Value::Bytes(bytes), Codec::Bytes) => self.add(BINARY, bytes),
            (Value::Text(text), Codec::Bytes) => self.add(BINARY, text.as_bytes()),
            (Value::Text(text), _) if !text.contains('\0') => self.add(TEXT, text.as_bytes()),
            (Value::Timestamp(micros), Codec::Timestamp) => {
                let wire = time::to_wire(*micros).ok_or_else(|| {
                    Error::invalid(format!(
                        "the timestamp {micros} is beyond what PostgreSQL can hold"
                    ))
                })?;
                self.add(BINARY, &wire.to_be_bytes());
            }
            (Value::Point(point), Codec::Point) => {
                let mut bytes = [0; 16];
                let (x, y) = bytes.split_at_mut(8);
                x.copy_from_slice(&point.longitude.to_be_bytes());
                y.copy_from_slice(&point.latitude.to_be_bytes());
                self.add(BINARY, &bytes);
            }
            (Value::Json(json), Codec::Array) => {
                let literal = array::from_json(json, of.element == Some(Codec::Json))?;
                self.add(TEXT, literal.as_bytes());
            }
            (value, codec) => {
                let text = text(value, codec)?;
                self.add(TEXT, text.as_bytes());
            }
        }
        Ok(())
    }

    fn add(&mut self, format: i16, bytes: &[u8]) {
        let start = self.data.len();
        self.data.extend_from_slice(bytes);
        self.places.push(Place {
            format,
            start,
            end: Some(self.data.len()),
        });
    }
}

/// A value as PostgreSQL reads it in a text.
fn text(value: &Value, codec: Codec) -> Result<String> {
    let text = match value {
        Value::Null => "NULL".to_owned(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Integer(integer) => integer.to_string(),
        // Whole floats up to the greatest have no exponent in Rust, and any number of digits is read.
        Value::Float(float) => float.to_string(),
        Value::Decimal(decimal) if Decimal::parse(decimal).is_none() => {
            return Err(Error::invalid(format!("`{decimal}` is no decimal")));
        }
        Value::Decimal(text) | Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Bytes(bytes) if codec == Codec::Bytes => {
            let mut text = String::with_capacity(2 + bytes.len() * 2);
            text.push_str("\\x");
            for byte in bytes {
                text.extend(char::from_digit(u32::from(byte >> 4), 16));
                text.extend(char::from_digit(u32::from(byte & 15), 16));
            }
            text
        }
        Value::Bytes(_) => {
            return Err(Error::invalid(
                "bytes go into a `bytea` alone; encode them as text, or convert them with a function of the server's",
            ));
        }
        Value::Timestamp(micros) => time::text(*micros),
        Value::Point(point) => format!("({},{})", point.longitude, point.latitude),
        Value::Other(other) => match other.text.as_str() {
            "inf" => "Infinity".to_owned(),
            "-inf" => "-Infinity".to_owned(),
            text => text.to_owned(),
        },
    };
    if text.contains('\0') {
        return Err(Error::invalid(
            "PostgreSQL has no place for the NUL character in a text",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use tenon_sdk::{GeoPoint, OtherValue};

    use super::*;

    fn encoded(value: impl Into<Parameter>, oid: u32) -> Result<(i16, Option<Vec<u8>>)> {
        let mut encoded = Encoded::default();
        encoded.parameter(&value.into(), &Type::built_in(oid).unwrap())?;
        let format = encoded.formats().next().unwrap();
        let value = encoded.values().next().unwrap().map(<[u8]>::to_vec);
        Ok((format, value))
    }

    fn as_text(value: impl Into<Parameter>, oid: u32) -> String {
        let (format, bytes) = encoded(value, oid).unwrap();
        assert_eq!(format, TEXT);
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    #[test]
    fn values_of_the_types_own_kind_travel_in_binary() {
        for (value, oid, bytes) in [
            (Value::Boolean(true), 16, vec![1]),
            (Value::Integer(-2), 21, vec![0xff, 0xfe]),
            (Value::Integer(1), 23, vec![0, 0, 0, 1]),
            (Value::Integer(1), 20, vec![0, 0, 0, 0, 0, 0, 0, 1]),
            (Value::Bytes(vec![0, 255]), 17, vec![0, 255]),
        ] {
            let expected = (BINARY, Some(bytes));
            assert_eq!(encoded(value.clone(), oid).unwrap(), expected, "{value:?}");
        }
    }

    #[test]
    fn what_a_type_has_no_place_for_goes_as_text_for_the_server_to_refuse() {
        assert_eq!(as_text(Value::Integer(1 << 40), 23), "1099511627776");
        assert_eq!(as_text(Value::Integer(1 << 20), 21), "1048576");
        assert_eq!(as_text(Value::Text("x".into()), 20), "x");
    }

    #[test]
    fn other_values_travel_as_the_server_reads_them() {
        let other = |kind: &str, text: &str| {
            Value::Other(OtherValue {
                kind: kind.to_owned(),
                text: text.to_owned(),
            })
        };
        let point = GeoPoint {
            latitude: 52.5,
            longitude: 13.25,
        };
        for (value, oid, text) in [
            (Value::Decimal("-1.50".into()), 1700, "-1.50"),
            (Value::Float(1e300), 1700, &format!("1{}", "0".repeat(300))),
            (other("float", "-inf"), 701, "-Infinity"),
            (other("interval", "P1D"), 1186, "P1D"),
            (Value::Point(point), 25, "(13.25,52.5)"),
            (
                Value::Json("[1,null,\"a\"]".into()),
                1009,
                "{\"1\",NULL,\"a\"}",
            ),
        ] {
            assert_eq!(as_text(value.clone(), oid), text, "{value:?}");
        }
    }

    #[test]
    fn lists_are_arrays_of_their_elements() {
        let list = |values: Vec<Value>| Parameter::List(values);
        let hostile = Value::Text("a\"b\\c,{NULL}".into());
        assert_eq!(as_text(list(vec![hostile]), 1009), r#"{"a\"b\\c,{NULL}"}"#);
        let numbers = [1, 2].map(Value::Integer).to_vec();
        assert_eq!(as_text(list(numbers), 1016), r#"{"1","2"}"#);
        assert_eq!(as_text(list(vec![Value::Null]), 1009), "{NULL}");
        let bytes = vec![Value::Bytes(vec![0xab])];
        assert_eq!(as_text(list(bytes), 1001), r#"{"\\xab"}"#);
        assert_eq!(as_text(list(Vec::new()), 1001), "{}");
    }

    #[test]
    fn what_the_server_has_no_place_for_is_refused() {
        let nul = Value::Text("a\0".into());
        for (value, oid) in [
            (nul.clone(), 25),
            (Value::Bytes(vec![1]), 25),
            (Value::Timestamp(i64::MIN), 1184),
        ] {
            assert!(encoded(value.clone(), oid).is_err(), "{value:?}");
        }
        assert!(encoded(Parameter::List(vec![nul]), 1009).is_err());
    }
}
