//! Values, in and out of SQLite.
//!
//! SQLite keeps any value in any column. What this connector has stored is read as it was; what another program has
//! stored is read as the column's kind wherever nothing is lost by it, and is otherwise an error that names the column.

use rusqlite::types::{ToSqlOutput, Value as Sqlite, ValueRef};
use serde_json::Value as Json;
use tenon_model::{Decimal, parse_timestamp};
use tenon_sdk::{ColumnBuilder, Error, PropertyType, Result, Value};
use tenon_sql::ResultColumn;

/// A parameter as SQLite takes it.
///
/// # Errors
/// `invalid` for what SQLite has no form for: it would store NaN as null.
pub(crate) fn bind(value: &Value) -> Result<ToSqlOutput<'_>> {
    let owned = |value| Ok(ToSqlOutput::Owned(value));
    let text = |text: &'_ str| Ok(ToSqlOutput::Owned(Sqlite::Text(text.to_owned())));
    match value {
        Value::Null => owned(Sqlite::Null),
        Value::Boolean(boolean) => owned(Sqlite::Integer((*boolean).into())),
        Value::Integer(number) | Value::Timestamp(number) => owned(Sqlite::Integer(*number)),
        Value::Float(float) if float.is_nan() => Err(nan()),
        Value::Float(float) => owned(Sqlite::Real(*float)),
        Value::Decimal(string) | Value::Text(string) | Value::Json(string) => {
            Ok(ToSqlOutput::Borrowed(ValueRef::Text(string.as_bytes())))
        }
        Value::Bytes(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
        Value::Point(_) => text(&value.to_json().to_string()),
        Value::Other(other) => match (other.kind.as_str(), other.text.as_str()) {
            ("float", "inf") => owned(Sqlite::Real(f64::INFINITY)),
            ("float", "-inf") => owned(Sqlite::Real(f64::NEG_INFINITY)),
            ("float", "NaN") => Err(nan()),
            (kind, _) => Err(Error::invalid(format!(
                "SQLite has no type for a value of the kind `{kind}`"
            ))),
        },
    }
}

fn nan() -> Error {
    Error::invalid("SQLite can't store NaN: it would become null")
}

/// Puts a value that came from a column into a page; the usual ones without a copy in between.
///
/// # Errors
/// As [`read`].
pub(crate) fn put(
    stored: ValueRef<'_>,
    column: &ResultColumn,
    cell: &mut ColumnBuilder,
) -> Result<()> {
    match (column.kind, stored) {
        (_, ValueRef::Null) => cell.null(),
        (PropertyType::Integer, ValueRef::Integer(number)) => cell.integer(number),
        (PropertyType::Timestamp, ValueRef::Integer(micros)) => cell.timestamp(micros),
        (PropertyType::Float, ValueRef::Real(float)) => cell.float(float),
        (PropertyType::Text, ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => cell.text(text),
            Err(_) => return Err(unfit(stored, column)),
        },
        (PropertyType::Bytes, ValueRef::Blob(bytes)) => cell.bytes(bytes),
        _ => cell.value(read(stored, column)?),
    }
    Ok(())
}

/// Puts a value into a page as it is.
///
/// # Errors
/// `backend` for text that is not UTF-8.
pub(crate) fn put_plain(stored: ValueRef<'_>, name: &str, cell: &mut ColumnBuilder) -> Result<()> {
    match stored {
        ValueRef::Null => cell.null(),
        ValueRef::Integer(number) => cell.integer(number),
        ValueRef::Real(float) => cell.float(float),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => cell.text(text),
            Err(_) => {
                return Err(Error::backend(format!(
                    "`{name}` holds text that is not UTF-8"
                )));
            }
        },
        ValueRef::Blob(bytes) => cell.bytes(bytes),
    }
    Ok(())
}

/// A value that came from a column.
///
/// # Errors
/// `backend` where it is none of the column's kind.
pub(crate) fn read(stored: ValueRef<'_>, column: &ResultColumn) -> Result<Value> {
    if matches!(stored, ValueRef::Null) {
        return Ok(Value::Null);
    }
    of_kind(stored, column).ok_or_else(|| unfit(stored, column))
}

fn of_kind(stored: ValueRef<'_>, column: &ResultColumn) -> Option<Value> {
    match column.kind {
        PropertyType::Text => text(stored),
        PropertyType::Integer => integer(stored).map(Value::Integer),
        PropertyType::Float => match stored {
            ValueRef::Real(float) => Some(Value::from(float)),
            ValueRef::Integer(number) => exact_float(number).map(Value::Float),
            _ => None,
        },
        // As SQLite has it, and so as statements compare it.
        PropertyType::Boolean => match stored {
            ValueRef::Integer(number) => Some(Value::Boolean(number != 0)),
            ValueRef::Real(number) => Some(Value::Boolean(number != 0.0)),
            _ => None,
        },
        PropertyType::Decimal => decimal(stored),
        PropertyType::Timestamp => match stored {
            ValueRef::Integer(micros) => Some(Value::Timestamp(micros)),
            _ => parse_timestamp(utf8(stored)?).ok().map(Value::Timestamp),
        },
        PropertyType::Date | PropertyType::Time | PropertyType::Uuid => {
            let text = utf8(stored)?.to_owned();
            tenon_model::coerce(Value::Text(text), column.kind).ok()
        }
        PropertyType::Bytes => match stored {
            ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Some(Value::Bytes(bytes.to_vec())),
            _ => None,
        },
        PropertyType::Json => json(stored),
        PropertyType::Point => point(stored),
        PropertyType::Any if column.native_type.eq_ignore_ascii_case("ANY_TEXT") => {
            let json: Json = serde_json::from_str(utf8(stored)?).ok()?;
            Value::from_json(&json, PropertyType::Any).ok()
        }
        PropertyType::Any => plain(stored),
    }
}

/// A value as it is, whatever its column is.
fn plain(stored: ValueRef<'_>) -> Option<Value> {
    Some(match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(float) => Value::from(float),
        ValueRef::Text(_) => Value::Text(utf8(stored)?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}

fn utf8(stored: ValueRef<'_>) -> Option<&str> {
    match stored {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

fn text(stored: ValueRef<'_>) -> Option<Value> {
    Some(Value::Text(match stored {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(float) => float.to_string(),
        _ => utf8(stored)?.to_owned(),
    }))
}

fn integer(stored: ValueRef<'_>) -> Option<i64> {
    match stored {
        ValueRef::Integer(number) => Some(number),
        // Exact below this: every such float is a whole number or has a fraction that shows.
        ValueRef::Real(float) if float.fract() == 0.0 && float.abs() < 9.0e15 => Some(float as i64),
        _ => None,
    }
}

fn exact_float(number: i64) -> Option<f64> {
    let float = number as f64;
    (float as i128 == i128::from(number)).then_some(float)
}

fn decimal(stored: ValueRef<'_>) -> Option<Value> {
    let text = match stored {
        ValueRef::Integer(number) => number.to_string(),
        // The shortest text that is this float, as whoever wrote 9.99 into a NUMERIC column meant it.
        ValueRef::Real(float) if float.is_finite() => float.to_string(),
        _ => utf8(stored)?.to_owned(),
    };
    if Decimal::parse(&text).is_some() {
        return Some(Value::Decimal(text));
    }
    tenon_model::coerce(Value::Text(text), PropertyType::Decimal).ok()
}

/// Arrays and objects stay as they are written; another JSON value is that value.
fn json(stored: ValueRef<'_>) -> Option<Value> {
    let ValueRef::Text(_) = stored else {
        return plain(stored);
    };
    let text = utf8(stored)?;
    if text.trim_start().starts_with(['[', '{']) {
        return Some(Value::Json(text.to_owned()));
    }
    let json: Json = serde_json::from_str(text).ok()?;
    Value::from_json(&json, PropertyType::Any).ok()
}

fn point(stored: ValueRef<'_>) -> Option<Value> {
    let json: Json = serde_json::from_str(utf8(stored)?).ok()?;
    Value::from_json(&json, PropertyType::Point).ok()
}

fn unfit(stored: ValueRef<'_>, column: &ResultColumn) -> Error {
    let what = match stored {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => format!("the integer {number}"),
        ValueRef::Real(float) => format!("the number {float}"),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => format!("the text `{}`", text.chars().take(40).collect::<String>()),
            Err(_) => "text that is not UTF-8".to_owned(),
        },
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    };
    Error::backend(format!(
        "`{}` (declared `{}`) holds {what}, which is no {}: give the property the kind `any`, or correct the value",
        column.name, column.native_type, column.kind
    ))
    .detail("property", &column.name)
}
