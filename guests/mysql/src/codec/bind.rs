//! Parameters on their way to the server.

use mysql_common::constants::ColumnType as Type;
use mysql_common::io::BufMutExt;
use tenon_model::Decimal;
use tenon_sdk::{Error, Result, Value};

use super::geometry;
use super::moment::Moment;

/// The most digits of a `decimal`, and those of them behind the point.
const MOST_DIGITS: usize = 65;
const MOST_DECIMALS: usize = 38;

/// Parameters as an execution carries them: which are null, what they are, and their values.
///
/// # Errors
/// `invalid` where the server has no such value.
pub(crate) fn bind<'a>(parameters: impl Iterator<Item = &'a Value> + Clone) -> Result<Vec<u8>> {
    let count = parameters.clone().count();
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut out = vec![0; count.div_ceil(8)];
    for (place, value) in parameters.clone().enumerate() {
        if let (true, Some(byte)) = (value.is_null(), out.get_mut(place / 8)) {
            *byte |= 1 << (place % 8);
        }
    }
    // The types are given anew each time.
    out.push(1);
    for value in parameters.clone() {
        out.extend([kind(value) as u8, 0]);
    }
    for value in parameters {
        write(value, &mut out)?;
    }
    Ok(out)
}

const fn kind(value: &Value) -> Type {
    match value {
        Value::Null => Type::MYSQL_TYPE_NULL,
        Value::Boolean(_) => Type::MYSQL_TYPE_TINY,
        Value::Integer(_) => Type::MYSQL_TYPE_LONGLONG,
        Value::Float(_) => Type::MYSQL_TYPE_DOUBLE,
        Value::Decimal(_) => Type::MYSQL_TYPE_NEWDECIMAL,
        Value::Text(_) | Value::Json(_) | Value::Other(_) => Type::MYSQL_TYPE_VAR_STRING,
        Value::Bytes(_) | Value::Point(_) => Type::MYSQL_TYPE_BLOB,
        Value::Timestamp(_) => Type::MYSQL_TYPE_DATETIME,
    }
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Null => {}
        Value::Boolean(boolean) => out.push((*boolean).into()),
        Value::Integer(integer) => out.extend(integer.to_le_bytes()),
        Value::Float(float) if float.is_finite() => out.extend(float.to_le_bytes()),
        Value::Float(float) => {
            return Err(Error::invalid(format!("the server has no number {float}")));
        }
        Value::Decimal(text) => {
            // The server would take the nearest number that it has.
            let fits = Decimal::parse(text).is_some_and(|decimal| {
                let decimals = decimal.fraction_digits();
                decimals <= MOST_DECIMALS && decimal.integer_digits() + decimals <= MOST_DIGITS
            });
            if !fits {
                return Err(Error::invalid(format!(
                    "the server's decimals have up to {MOST_DIGITS} digits, {MOST_DECIMALS} of them behind the point"
                )));
            }
            out.put_lenenc_str(text.as_bytes());
        }
        Value::Text(text) | Value::Json(text) => out.put_lenenc_str(text.as_bytes()),
        Value::Other(other) => out.put_lenenc_str(other.text.as_bytes()),
        Value::Bytes(bytes) => out.put_lenenc_str(bytes),
        Value::Point(point) => {
            let mut geometry = Vec::new();
            geometry::write_point(*point, &mut geometry);
            out.put_lenenc_str(&geometry);
        }
        Value::Timestamp(micros) => {
            let moment = Moment::from_timestamp(*micros).ok_or_else(|| {
                Error::invalid(format!(
                    "the server has no moment {}: its years are 1 to 9999",
                    tenon_model::format_timestamp(*micros)
                ))
            })?;
            out.push(11);
            out.extend(moment.year.to_le_bytes());
            out.extend([
                moment.month,
                moment.day,
                moment.hour,
                moment.minute,
                moment.second,
            ]);
            out.extend(moment.micros.to_le_bytes());
        }
    }
    Ok(())
}
