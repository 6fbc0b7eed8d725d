//! Records as bytes.
//!
//! A record is a version (one byte, 1), then its properties one after the other, each a name and a value. All
//! numbers are variable: seven bits a byte, least first, the eighth bit set where more follow; signed ones
//! zigzag. A name is its number in the collection's list of names plus one, or 0 and the name itself, as text.
//! A value is a tag and what follows it, by the table of constants below. Text and bytes have their length in
//! front. A new kind of value is a new tag; a new arrangement is a new version.

use std::collections::{HashMap, HashSet};

use tenon_sdk::{Entity, GeoPoint, OtherValue, Result, Value};

use crate::error::damaged;

const VERSION: u8 = 1;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
/// A signed number.
const INTEGER: u8 = 3;
/// Eight bytes, least first.
const FLOAT: u8 = 4;
/// A text.
const DECIMAL: u8 = 5;
/// A text.
const TEXT: u8 = 6;
/// Bytes.
const BYTES: u8 = 7;
/// A signed number of microseconds.
const TIMESTAMP: u8 = 8;
/// Latitude and longitude, each as a float.
const POINT: u8 = 9;
/// A text.
const JSON: u8 = 10;
/// Two texts: kind and text.
const OTHER: u8 = 11;

/// A collection's names of properties, by number. The list only grows.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_number: Vec<String>,
    numbers: HashMap<String, u64>,
}

impl Names {
    pub(crate) fn new(names: &[String]) -> Self {
        Self {
            by_number: names.to_vec(),
            numbers: (1..)
                .zip(names)
                .map(|(number, name)| (name.clone(), number))
                .collect(),
        }
    }
}

/// Which properties to read; the others are passed over.
pub(crate) enum Wanted {
    All,
    /// By number, and by name for those that have none.
    Some {
        numbers: Vec<bool>,
        names: HashSet<String>,
    },
}

impl Wanted {
    pub(crate) fn only<'a>(wanted: impl IntoIterator<Item = &'a str>, names: &Names) -> Self {
        let wanted: HashSet<String> = wanted.into_iter().map(str::to_owned).collect();
        Self::Some {
            numbers: names
                .by_number
                .iter()
                .map(|name| wanted.contains(name))
                .collect(),
            names: wanted,
        }
    }
}

/// The bytes of a record.
pub(crate) fn encode(record: &Entity, names: &Names) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 * record.len() + 1);
    out.push(VERSION);
    for (name, value) in record.iter() {
        match names.numbers.get(name) {
            Some(number) => put_number(*number, &mut out),
            None => {
                put_number(0, &mut out);
                put_bytes(name.as_bytes(), &mut out);
            }
        }
        put_value(value, &mut out);
    }
    out
}

fn put_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Boolean(false) => out.push(FALSE),
        Value::Boolean(true) => out.push(TRUE),
        Value::Integer(number) => put_signed(INTEGER, *number, out),
        Value::Float(number) => {
            out.push(FLOAT);
            out.extend(number.to_le_bytes());
        }
        Value::Decimal(text) => put_text(DECIMAL, text, out),
        Value::Text(text) => put_text(TEXT, text, out),
        Value::Bytes(bytes) => {
            out.push(BYTES);
            put_bytes(bytes, out);
        }
        Value::Timestamp(micros) => put_signed(TIMESTAMP, *micros, out),
        Value::Point(point) => {
            out.push(POINT);
            out.extend(point.latitude.to_le_bytes());
            out.extend(point.longitude.to_le_bytes());
        }
        Value::Json(text) => put_text(JSON, text, out),
        Value::Other(other) => {
            put_text(OTHER, &other.kind, out);
            put_bytes(other.text.as_bytes(), out);
        }
    }
}

fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn put_signed(tag: u8, number: i64, out: &mut Vec<u8>) {
    out.push(tag);
    put_number(((number << 1) ^ (number >> 63)).cast_unsigned(), out);
}

fn put_text(tag: u8, text: &str, out: &mut Vec<u8>) {
    out.push(tag);
    put_bytes(text.as_bytes(), out);
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_number(u64::try_from(bytes.len()).unwrap_or(u64::MAX), out);
    out.extend_from_slice(bytes);
}

/// The record of these bytes, or the wanted part of it.
pub(crate) fn decode(bytes: &[u8], names: &Names, wanted: &Wanted) -> Result<Entity> {
    let mut reader = Reader(bytes);
    if reader.byte()? != VERSION {
        return Err(damaged("a record has a version that is not known here"));
    }
    let mut pairs = Vec::with_capacity(match wanted {
        Wanted::All => names.by_number.len(),
        Wanted::Some { names, .. } => names.len(),
    });
    while !reader.0.is_empty() {
        let number = reader.number()?;
        let (name, is_wanted) = match number.checked_sub(1) {
            None => {
                let name = reader.text()?;
                (
                    name,
                    matches!(wanted, Wanted::All)
                        || matches!(wanted, Wanted::Some { names, .. } if names.contains(name)),
                )
            }
            Some(place) => {
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                let name = names
                    .by_number
                    .get(place)
                    .ok_or_else(|| damaged("a record has an unknown name"))?;
                let is_wanted = match wanted {
                    Wanted::All => true,
                    Wanted::Some { numbers, .. } => numbers.get(place).copied().unwrap_or(false),
                };
                (name.as_str(), is_wanted)
            }
        };
        if is_wanted {
            pairs.push((name.to_owned(), reader.value()?));
        } else {
            reader.skip_value()?;
        }
    }
    Ok(Entity::from(pairs))
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| damaged("a record breaks off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self
            .0
            .split_first()
            .ok_or_else(|| damaged("a record breaks off"))?;
        self.0 = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged("a number in a record is too long"))
    }

    fn signed(&mut self) -> Result<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| damaged("a text in a record is not UTF-8"))
    }

    fn float(&mut self) -> Result<f64> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(f64::from_le_bytes(bytes))
    }

    fn value(&mut self) -> Result<Value> {
        Ok(match self.byte()? {
            NULL => Value::Null,
            FALSE => Value::Boolean(false),
            TRUE => Value::Boolean(true),
            INTEGER => Value::Integer(self.signed()?),
            FLOAT => Value::Float(self.float()?),
            DECIMAL => Value::Decimal(self.text()?.to_owned()),
            TEXT => Value::Text(self.text()?.to_owned()),
            BYTES => Value::Bytes(self.bytes()?.to_vec()),
            TIMESTAMP => Value::Timestamp(self.signed()?),
            POINT => Value::Point(GeoPoint {
                latitude: self.float()?,
                longitude: self.float()?,
            }),
            JSON => Value::Json(self.text()?.to_owned()),
            OTHER => Value::Other(OtherValue {
                kind: self.text()?.to_owned(),
                text: self.text()?.to_owned(),
            }),
            _ => {
                return Err(damaged(
                    "a value in a record has a tag that is not known here",
                ));
            }
        })
    }

    fn skip_value(&mut self) -> Result<()> {
        match self.byte()? {
            NULL | FALSE | TRUE => {}
            INTEGER | TIMESTAMP => {
                self.number()?;
            }
            FLOAT => {
                self.take(8)?;
            }
            POINT => {
                self.take(16)?;
            }
            DECIMAL | TEXT | BYTES | JSON => {
                self.bytes()?;
            }
            OTHER => {
                self.bytes()?;
                self.bytes()?;
            }
            _ => {
                return Err(damaged(
                    "a value in a record has a tag that is not known here",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            (-1e9..1e9_f64).prop_map(Value::Float),
            any::<i64>().prop_map(|number| Value::Decimal(format!("{number}.5"))),
            ".*".prop_map(Value::Text),
            any::<Vec<u8>>().prop_map(Value::Bytes),
            any::<i64>().prop_map(Value::Timestamp),
            (-90.0..90.0, -180.0..180.0).prop_map(|(latitude, longitude)| Value::Point(GeoPoint {
                latitude,
                longitude
            })),
            Just(Value::Json("[1]".into())),
            ("[a-z]+", ".*").prop_map(|(kind, text)| Value::Other(OtherValue { kind, text })),
        ]
    }

    fn record() -> impl Strategy<Value = Entity> {
        proptest::collection::btree_map("[a-e]", value(), 0..5)
            .prop_map(|pairs| pairs.into_iter().collect::<Entity>())
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_whether_or_not_its_names_are_listed(record in record()) {
            let names = Names::new(&["a".into(), "c".into()]);
            prop_assert_eq!(decode(&encode(&record, &names), &names, &Wanted::All).unwrap(), record);
        }

        #[test]
        fn a_part_is_decoded_as_if_the_rest_were_not_there(record in record()) {
            let names = Names::new(&["a".into(), "b".into()]);
            let wanted = Wanted::only(["b", "d"], &names);
            let mut part = record.clone();
            part.retain(|name| name == "b" || name == "d");
            prop_assert_eq!(decode(&encode(&record, &names), &names, &wanted).unwrap(), part);
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(bytes in any::<Vec<u8>>()) {
            let names = Names::new(&["a".into()]);
            let _ = decode(&bytes, &names, &Wanted::All);
            let _ = decode(&[&[VERSION], bytes.as_slice()].concat(), &names, &Wanted::only(["b"], &names));
        }
    }
}
