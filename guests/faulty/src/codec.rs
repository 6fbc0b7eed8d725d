//! Records as bytes.
//!
//! A text or bytes have their length in front; lengths and counts are numbers of seven bits a byte, least first, the eighth
//! bit set where more follow; signed ones zigzag. A value is a tag and what follows it, by the table of constants below.

use tenon_sdk::{Entity, Error, GeoPoint, OtherValue, Result, Value};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INTEGER: u8 = 3;
const FLOAT: u8 = 4;
const DECIMAL: u8 = 5;
const TEXT: u8 = 6;
const BYTES: u8 = 7;
const TIMESTAMP: u8 = 8;
const POINT: u8 = 9;
const JSON: u8 = 10;
const OTHER: u8 = 11;

pub(crate) fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

pub(crate) fn put_count(count: usize, out: &mut Vec<u8>) {
    put_number(u64::try_from(count).unwrap_or(u64::MAX), out);
}

pub(crate) fn put_signed(number: i64, out: &mut Vec<u8>) {
    put_number(((number << 1) ^ (number >> 63)).cast_unsigned(), out);
}

pub(crate) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_count(bytes.len(), out);
    out.extend_from_slice(bytes);
}

pub(crate) fn put_entity(entity: &Entity, out: &mut Vec<u8>) {
    put_count(entity.len(), out);
    for (name, value) in entity.iter() {
        put_bytes(name.as_bytes(), out);
        put_value(value, out);
    }
}

fn put_tagged(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    put_bytes(bytes, out);
}

fn put_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Boolean(false) => out.push(FALSE),
        Value::Boolean(true) => out.push(TRUE),
        Value::Integer(number) => {
            out.push(INTEGER);
            put_signed(*number, out);
        }
        Value::Float(number) => {
            out.push(FLOAT);
            out.extend(number.to_le_bytes());
        }
        Value::Decimal(text) => put_tagged(DECIMAL, text.as_bytes(), out),
        Value::Text(text) => put_tagged(TEXT, text.as_bytes(), out),
        Value::Bytes(bytes) => put_tagged(BYTES, bytes, out),
        Value::Timestamp(micros) => {
            out.push(TIMESTAMP);
            put_signed(*micros, out);
        }
        Value::Point(point) => {
            out.push(POINT);
            out.extend(point.latitude.to_le_bytes());
            out.extend(point.longitude.to_le_bytes());
        }
        Value::Json(text) => put_tagged(JSON, text.as_bytes(), out),
        Value::Other(other) => {
            put_tagged(OTHER, other.kind.as_bytes(), out);
            put_bytes(other.text.as_bytes(), out);
        }
    }
}

/// What is left to read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

pub(crate) fn damaged(what: &str) -> Error {
    Error::backend(format!("the file of records is damaged: {what}"))
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| damaged("it breaks off"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        match self.take(1)? {
            [byte] => Ok(*byte),
            _ => Err(damaged("it breaks off")),
        }
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged("a number is too long"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| damaged("a text is not UTF-8"))
    }

    fn float(&mut self) -> Result<f64> {
        let bytes = self.take(8)?;
        let bytes = bytes.try_into().map_err(|_| damaged("it breaks off"))?;
        Ok(f64::from_le_bytes(bytes))
    }

    pub(crate) fn entity(&mut self) -> Result<Entity> {
        let mut pairs = Vec::new();
        for _ in 0..self.number()? {
            pairs.push((self.text()?.to_owned(), self.value()?));
        }
        Ok(Entity::from(pairs))
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
            _ => return Err(damaged("a value has a tag that is not known here")),
        })
    }
}
