//! What a property holds, of what the wire has.
//!
//! A day that the server keeps without a month or day, as in `0000-00-00`, is null. Any number but zero is true. What a
//! property can't hold is an error that names the column; a property of kind `any` gets it in the server's words.

use std::borrow::Cow;

use mysql_common::constants::ColumnType as Type;
use tenon_model::coerce;
use tenon_sdk::{PropertyType, Value};

use super::wire::Raw;
use super::{Cell, geometry};
use crate::connection::{BINARY, ColumnDefinition};

/// The value of a property of that kind; `is_json` says that the column holds JSON, whatever its type.
///
/// # Errors
/// A sentence that says what can't be read so.
pub(crate) fn shape<'a>(
    raw: Raw<'a>,
    column: &ColumnDefinition,
    kind: PropertyType,
    is_json: bool,
) -> Result<Cell<'a>, String> {
    use PropertyType as Kind;
    let is_json = is_json || column.is_json || column.kind == Type::MYSQL_TYPE_JSON;
    Ok(match (kind, raw) {
        (_, Raw::Null) => Cell::Null,
        (Kind::Integer, Raw::Signed(integer)) => Cell::Integer(integer),
        (Kind::Integer, Raw::Unsigned(integer)) => unsigned(integer),
        (Kind::Integer, Raw::Bytes(bits)) if is_bits(column) => unsigned(number(bits)?),
        (Kind::Boolean, Raw::Signed(integer)) => Cell::Boolean(integer != 0),
        (Kind::Boolean, Raw::Unsigned(integer)) => Cell::Boolean(integer != 0),
        (Kind::Boolean, Raw::Bytes(bits)) if is_bits(column) => Cell::Boolean(is_set(bits)),
        (Kind::Float, Raw::Float(float)) => Cell::Float(float),
        (Kind::Text, Raw::Bytes(bytes)) if is_text(column) => Cell::Text(utf8(bytes)?.into()),
        (Kind::Decimal, Raw::Bytes(bytes)) if is_decimal(column) => decimal(bytes, column)?,
        (Kind::Bytes, Raw::Bytes(bytes)) => Cell::Bytes(bytes),
        (Kind::Timestamp, Raw::DateTime(moment) | Raw::Date(moment)) if moment.is_zero() => {
            Cell::Null
        }
        (Kind::Timestamp, Raw::DateTime(moment) | Raw::Date(moment)) => Cell::Timestamp(
            moment
                .to_timestamp()
                .ok_or("a moment that there is not can't be read as a timestamp")?,
        ),
        (Kind::Date, Raw::Date(moment)) if moment.is_zero() => Cell::Null,
        (Kind::Date, Raw::Date(moment)) => Cell::Text(
            moment
                .to_date()
                .ok_or("a day that there is not can't be read as a date")?
                .into(),
        ),
        (Kind::Time, Raw::Time(span)) if span.is_time() => Cell::Text(span.text().into()),
        (Kind::Time, Raw::Time(span)) => {
            return Err(format!("{} is a span, and no time of day", span.text()));
        }
        (Kind::Uuid, Raw::Bytes(&[a, b, c, d, ref rest @ ..])) if rest.len() == 12 => {
            Cell::Text(uuid([a, b, c, d].iter().chain(rest)).into())
        }
        (Kind::Json, Raw::Bytes(bytes)) if is_json || is_text(column) => {
            let text = utf8(bytes)?;
            match text.trim_ascii_start().as_bytes().first() {
                Some(b'[' | b'{') => Cell::Json(text.into()),
                _ if text.trim_ascii() == "null" => Cell::Null,
                _ => return Err("JSON that is neither an array nor an object".to_owned()),
            }
        }
        (Kind::Any, raw) => natural(raw, column, is_json)?,
        (kind, raw) => {
            let value = natural(raw, column, is_json)?.into_value();
            Cell::Made(coerce(value, kind)?)
        }
    })
}

/// The value that is in a column by its own type alone.
fn natural<'a>(raw: Raw<'a>, column: &ColumnDefinition, is_json: bool) -> Result<Cell<'a>, String> {
    /// How the server shows a boolean: with one digit.
    const ONE: u32 = 1;
    Ok(match raw {
        Raw::Null => Cell::Null,
        Raw::Signed(integer) if column.kind == Type::MYSQL_TYPE_TINY && column.length == ONE => {
            Cell::Boolean(integer != 0)
        }
        Raw::Signed(integer) => Cell::Integer(integer),
        Raw::Unsigned(integer) => unsigned(integer),
        Raw::Float(float) => Cell::Float(float),
        Raw::Date(moment) => Cell::Other("date", moment.day_text()),
        Raw::DateTime(moment) => match moment.to_timestamp() {
            Some(micros) => Cell::Timestamp(micros),
            None => Cell::Other("datetime", moment.day_text()),
        },
        Raw::Time(span) => Cell::Other("time", span.text()),
        Raw::Bytes(bytes) if is_json => json(bytes)?,
        Raw::Bytes(bytes) if is_decimal(column) => decimal(bytes, column)?,
        Raw::Bytes(bytes) if is_bits(column) && column.length == ONE => {
            Cell::Boolean(is_set(bytes))
        }
        Raw::Bytes(bytes) if column.kind == Type::MYSQL_TYPE_GEOMETRY => {
            match geometry::read_point(bytes) {
                Some(point) => Cell::Point(point),
                None => Cell::Other("geometry", hexadecimal(bytes)),
            }
        }
        Raw::Bytes(bytes) if is_text(column) => Cell::Text(utf8(bytes)?.into()),
        Raw::Bytes(bytes) => Cell::Bytes(bytes),
    })
}

/// The value that JSON stands for: a scalar is one of its own.
fn json(bytes: &[u8]) -> Result<Cell<'_>, String> {
    let text = utf8(bytes)?;
    let parsed: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("JSON that can't be read: {error}"))?;
    match Value::from_json(&parsed, PropertyType::Any)? {
        Value::Json(_) => Ok(Cell::Json(text.into())),
        value => Ok(Cell::Made(value)),
    }
}

fn unsigned(integer: u64) -> Cell<'static> {
    match i64::try_from(integer) {
        Ok(integer) => Cell::Integer(integer),
        Err(_) => Cell::Decimal(integer.to_string().into()),
    }
}

/// A decimal in the contract's form. One with as many decimals as there can be was declared without a scale: its zeros
/// at the end say nothing.
fn decimal<'a>(bytes: &'a [u8], column: &ColumnDefinition) -> Result<Cell<'a>, String> {
    const MOST_DECIMALS: u8 = 30;
    let mut text = utf8(bytes)?;
    if column.decimals >= MOST_DECIMALS && text.contains('.') {
        text = text.trim_end_matches('0').trim_end_matches('.');
    }
    // A column may be filled up with zeros.
    let digits = text.trim_start_matches('0');
    Ok(Cell::Decimal(if digits.len() == text.len() {
        text.into()
    } else if digits.is_empty() || digits.starts_with('.') {
        Cow::Owned(format!("0{digits}"))
    } else {
        digits.into()
    }))
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "text that isn't UTF-8".to_owned())
}

const fn is_text(column: &ColumnDefinition) -> bool {
    column.collation != BINARY
        && !matches!(
            column.kind,
            Type::MYSQL_TYPE_BIT | Type::MYSQL_TYPE_GEOMETRY | Type::MYSQL_TYPE_NEWDECIMAL
        )
}

fn is_decimal(column: &ColumnDefinition) -> bool {
    matches!(
        column.kind,
        Type::MYSQL_TYPE_NEWDECIMAL | Type::MYSQL_TYPE_DECIMAL
    )
}

fn is_bits(column: &ColumnDefinition) -> bool {
    column.kind == Type::MYSQL_TYPE_BIT
}

fn is_set(bits: &[u8]) -> bool {
    bits.iter().any(|byte| *byte != 0)
}

fn number(bits: &[u8]) -> Result<u64, String> {
    if bits.len() > 8 {
        return Err("more than 64 bits".to_owned());
    }
    Ok(bits
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn uuid<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    let mut text = String::new();
    for (place, byte) in bytes.enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
