//! Values as bytes that sort as the values do: for the keys and indexes of ordered stores.
//!
//! The order of the bytes is that of [`compare`](crate::compare), of whatever cases the values are, and equal
//! bytes mean [`equal`](crate::equal) values; an integer and the decimal of the same value are the same bytes.
//! Points, JSON and other values, which have no order, come last: their bytes serve for equality alone.
//! No value's bytes begin another's, so those of several one after the other sort as the list does, and the
//! first of them are a prefix of what has the same first values. The encoding is for comparing, not for
//! reading back.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::contract::Value;
use crate::decimal::Decimal;
use crate::json;

// What a value's bytes begin with. None is 0, which ends lists, nor 255.
const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const NUMBER: u8 = 3;
const TEXT: u8 = 4;
const TIMESTAMP: u8 = 5;
const BYTES: u8 = 6;
const POINT: u8 = 7;
const ARRAY: u8 = 8;
const OBJECT: u8 = 9;
const OTHER: u8 = 10;

// How a number compares with the float nearest to it, which stands in front.
const LESS: u8 = 0x40;
const EXACT: u8 = 0x80;
const GREATER: u8 = 0xc0;

/// Ends arrays and objects.
const END: u8 = 0;
/// Ends text and bytes; in them, a zero is followed by 255 instead.
const TERMINATOR: [u8; 2] = [0, 1];
const ESCAPED_ZERO: [u8; 2] = [0, 255];

/// Appends the value's bytes.
///
/// # Errors
/// What is not in the contract's form has no place in the order: floats that aren't finite, decimals that are
/// no numbers, JSON that isn't valid. What was appended before then must be thrown away.
pub fn encode(value: &Value, bytes: &mut Vec<u8>) -> Result<(), String> {
    match value {
        Value::Null => bytes.push(NULL),
        Value::Boolean(boolean) => bytes.extend([BOOLEAN, u8::from(*boolean)]),
        Value::Integer(integer) => encode_integer(*integer, bytes),
        Value::Float(float) if float.is_finite() => {
            bytes.push(NUMBER);
            encode_float(*float, bytes);
            bytes.push(EXACT);
        }
        Value::Decimal(text) => {
            let decimal = Decimal::parse(text).ok_or_else(|| {
                format!("{} can't be a part of a key or an index", value.describe())
            })?;
            encode_decimal(decimal, bytes);
        }
        Value::Text(text) => encode_string(TEXT, text.as_bytes(), bytes),
        Value::Timestamp(micros) => {
            bytes.push(TIMESTAMP);
            // Without the sign bit's meaning, two's complement sorts as it stands.
            bytes.extend((*micros ^ i64::MIN).to_be_bytes());
        }
        Value::Bytes(content) => encode_string(BYTES, content, bytes),
        Value::Point(point) => {
            bytes.push(POINT);
            encode_float(point.latitude, bytes);
            encode_float(point.longitude, bytes);
        }
        Value::Json(text) => {
            let json = serde_json::from_str(text)
                .map_err(|error| format!("{} isn't valid JSON: {error}", value.describe()))?;
            encode_json(&json, bytes)?;
        }
        Value::Other(other) => {
            encode_string(OTHER, other.kind.as_bytes(), bytes);
            encode_string(OTHER, other.text.as_bytes(), bytes);
        }
        Value::Float(_) => {
            return Err(format!(
                "{} can't be a part of a key or an index",
                value.describe()
            ));
        }
    }
    Ok(())
}

/// Appends bytes that sort the other way round, greatest values first.
///
/// # Errors
/// As [`encode`].
pub fn encode_descending(value: &Value, bytes: &mut Vec<u8>) -> Result<(), String> {
    let start = bytes.len();
    encode(value, bytes)?;
    for byte in bytes.iter_mut().skip(start) {
        *byte = !*byte;
    }
    Ok(())
}

/// Appends what the bytes of every text that begins with `prefix` begin with.
pub fn encode_text_prefix(prefix: &str, bytes: &mut Vec<u8>) {
    encode_string(TEXT, prefix.as_bytes(), bytes);
    bytes.truncate(bytes.len() - TERMINATOR.len());
}

/// The least bytes beyond all that begin with these; none where there are no such bytes.
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    if let Some(byte) = end.last_mut() {
        *byte += 1;
    }
    Some(end)
}

fn encode_string(tag: u8, content: &[u8], bytes: &mut Vec<u8>) {
    bytes.reserve(1 + content.len() + TERMINATOR.len());
    bytes.push(tag);
    let mut parts = content.split(|byte| *byte == 0);
    bytes.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        bytes.extend(ESCAPED_ZERO);
        bytes.extend_from_slice(part);
    }
    bytes.extend(TERMINATOR);
}

/// A float's bits in the order of floats; both zeros are one.
fn encode_float(float: f64, bytes: &mut Vec<u8>) {
    const SIGN: u64 = 1 << 63;
    let bits = if float == 0.0 { 0 } else { float.to_bits() };
    let sortable = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    bytes.extend(sortable.to_be_bytes());
}

/// A number is the float nearest to it, then how it compares with that float, then, where they differ, its
/// digits. Rounding never changes an order, so this sorts all numbers exactly, and most need no digits.
fn encode_integer(integer: i64, bytes: &mut Vec<u8>) {
    let float = integer as f64;
    if float as i128 == i128::from(integer) {
        bytes.push(NUMBER);
        encode_float(float, bytes);
        bytes.push(EXACT);
    } else if let Some(decimal) = Decimal::parse(&integer.to_string()) {
        encode_decimal(decimal, bytes);
    }
}

fn encode_decimal(decimal: Decimal<'_>, bytes: &mut Vec<u8>) {
    let float = decimal.to_float();
    bytes.push(NUMBER);
    encode_float(float, bytes);
    match decimal.compare_float(float) {
        Ordering::Less => bytes.push(LESS),
        Ordering::Equal => return bytes.push(EXACT),
        Ordering::Greater => bytes.push(GREATER),
    }
    let start = bytes.len();
    let (integer, fraction) = decimal.digits();
    let significant = fraction.trim_start_matches('0');
    let (point, fraction) = if integer.is_empty() {
        (-place(fraction.len() - significant.len()), significant)
    } else {
        (place(integer.len()), fraction)
    };
    bytes.extend((point ^ i32::MIN).to_be_bytes());
    bytes.extend_from_slice(integer.as_bytes());
    bytes.extend_from_slice(fraction.as_bytes());
    bytes.push(END);
    if decimal.is_negative() {
        for byte in bytes.iter_mut().skip(start) {
            *byte = !*byte;
        }
    }
}

/// A count of digits; no text is long enough to exceed it.
fn place(digits: usize) -> i32 {
    i32::try_from(digits).unwrap_or(i32::MAX)
}

/// JSON by its structure: members by name, scalars as the values that they are.
fn encode_json(json: &Json, bytes: &mut Vec<u8>) -> Result<(), String> {
    if let Some(scalar) = json::scalar(json) {
        return encode(&scalar, bytes);
    }
    match json {
        Json::Array(elements) => {
            bytes.push(ARRAY);
            for element in elements {
                encode_json(element, bytes)?;
            }
        }
        Json::Object(members) => {
            bytes.push(OBJECT);
            // The map keeps the text's order where serde_json is built to.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            for (name, member) in members {
                encode_string(TEXT, name.as_bytes(), bytes);
                encode_json(member, bytes)?;
            }
        }
        _ => return Err(format!("{json} has no value")),
    }
    bytes.push(END);
    Ok(())
}
