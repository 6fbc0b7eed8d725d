//! From the value that came to the kind that a property declares: exactly, or not at all.
//!
//! What leaves here is in the contract's form, whatever came in. Nothing is guessed: a number that would have to
//! be rounded, a text that is nearly a date, is refused with what to write instead. Only the step from decimal
//! digits to a float rounds, since a float has no other meaning.

use crate::contract::{GeoPoint, PropertyType, Value};
use crate::decimal::{self, Decimal};
use crate::json;
use crate::problem::shown;
use crate::time;

/// The value as one of that kind; null stays null.
///
/// # Errors
/// A sentence that says what the value is and what the kind takes.
pub fn coerce(value: Value, kind: PropertyType) -> Result<Value, String> {
    use PropertyType as Kind;
    match (kind, &value) {
        (_, Value::Null)
        | (Kind::Text, Value::Text(_))
        | (Kind::Boolean, Value::Boolean(_))
        | (Kind::Integer, Value::Integer(_))
        | (Kind::Timestamp, Value::Timestamp(_))
        | (Kind::Bytes, Value::Bytes(_)) => Ok(value),
        (Kind::Any, _) => value.check().map(|()| value),
        // A backend's own word for what is one of the contract's kinds after all.
        (_, Value::Other(other)) if other.kind == kind.name() && kind != Kind::Json => {
            coerce(Value::Text(other.text.clone()), kind)
        }
        _ => convert(&value, kind).ok_or_else(|| refusal(&value, kind)),
    }
}

/// The value as another kind; none where it isn't exactly one of that kind.
fn convert(value: &Value, kind: PropertyType) -> Option<Value> {
    match kind {
        PropertyType::Text => to_text(value).map(Value::Text),
        PropertyType::Boolean => to_boolean(value).map(Value::Boolean),
        PropertyType::Integer => to_integer(value).map(Value::Integer),
        PropertyType::Float => to_float(value).map(Value::Float),
        PropertyType::Decimal => to_decimal(value).map(Value::Decimal),
        PropertyType::Timestamp => to_timestamp(value).map(Value::Timestamp),
        PropertyType::Date => to_date(value).map(Value::Text),
        PropertyType::Time => to_time(value).map(Value::Text),
        PropertyType::Bytes => to_bytes(value).map(Value::Bytes),
        PropertyType::Point => to_point(value).map(Value::Point),
        PropertyType::Uuid => to_uuid(value).map(Value::Text),
        PropertyType::Json => to_json(value).map(Value::Json),
        PropertyType::Any => None,
    }
}

/// Why a value is none of that kind, and what is.
pub(crate) fn refusal(value: &Value, kind: PropertyType) -> String {
    let wanted = match kind {
        PropertyType::Text => "text: write it as one, in quotation marks",
        PropertyType::Boolean => "a boolean: write true or false",
        PropertyType::Integer => "an integer: write a whole number of 64 bits, such as 12",
        PropertyType::Float => {
            "a float: write a finite number, such as 1.5; a whole one only as far as floats are exact"
        }
        PropertyType::Decimal => "a decimal: write a number, or one as text, such as \"12.50\"",
        PropertyType::Timestamp => {
            "a timestamp: write RFC 3339 text, such as \"2026-11-20T12:30:00Z\""
        }
        PropertyType::Date => "a date: write text such as \"2026-11-20\"",
        PropertyType::Time => {
            "a time of day: write text such as \"23:59:59\" or \"23:59:59.123456\""
        }
        PropertyType::Bytes => "bytes: write base64 text",
        PropertyType::Point => {
            "a point: write an object such as {\"lat\": 52.5, \"lng\": 13.4}, in degrees, the latitude up to 90 \
             and the longitude up to 180 either way"
        }
        PropertyType::Uuid => "a UUID: write text such as \"936da01f-9abd-4d9d-80c7-02af85c822a8\"",
        PropertyType::Json => "JSON: write an array or an object",
        PropertyType::Any => "a value that the contract has a form for",
    };
    let detail = match (kind, value) {
        (PropertyType::Timestamp, Value::Text(text)) => time::parse_timestamp(text.trim()).err(),
        (PropertyType::Time, Value::Text(text)) => time::normalise_time(text.trim()).err(),
        (PropertyType::Timestamp, Value::Integer(_)) => Some(
            "a number alone doesn't tell its unit; {\"$timestamp\": …} takes microseconds"
                .to_owned(),
        ),
        _ => None,
    };
    let detail = detail
        .map(|detail| format!(" ({detail})"))
        .unwrap_or_default();
    format!("{} is not {wanted}{detail}", value.describe())
}

/// What is written in only one way.
fn to_text(value: &Value) -> Option<String> {
    match value {
        Value::Boolean(boolean) => Some(boolean.to_string()),
        Value::Integer(integer) => Some(integer.to_string()),
        Value::Float(float) if float.is_finite() => Some(float.to_string()),
        Value::Decimal(text) => Decimal::parse(text).map(|_| text.clone()),
        Value::Timestamp(micros) => Some(time::format_timestamp(*micros)),
        _ => None,
    }
}

fn to_boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Text(text) => match text.trim() {
            "1" => Some(true),
            "0" => Some(false),
            word if word.eq_ignore_ascii_case("true") => Some(true),
            word if word.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        },
        _ => match to_integer(value)? {
            1 => Some(true),
            0 => Some(false),
            _ => None,
        },
    }
}

fn to_integer(value: &Value) -> Option<i64> {
    /// Two to the power of 63: the least float beyond every integer.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Value::Integer(integer) => Some(*integer),
        Value::Float(float) if float.trunc() == *float && (-BEYOND..BEYOND).contains(float) => {
            Some(*float as i64)
        }
        Value::Decimal(text) => Decimal::parse(text)?.to_integer(),
        Value::Text(text) => {
            let text = text.trim();
            match text.parse() {
                Ok(integer) => Some(integer),
                Err(_) => Decimal::parse(&decimal::normalise(text)?)?.to_integer(),
            }
        }
        _ => None,
    }
}

fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(*float),
        Value::Integer(integer) => {
            let float = *integer as f64;
            // In 128 bits, since the float may be two to the power of 63.
            (float as i128 == i128::from(*integer)).then_some(float)
        }
        Value::Decimal(text) => Decimal::parse(text).map(Decimal::to_float),
        Value::Text(text) => {
            let text = text.trim();
            // Rust also reads words such as `inf`.
            let is_number = text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
            text.parse().ok().filter(|_| is_number)
        }
        _ => None,
    }
    .filter(|float: &f64| float.is_finite())
}

fn to_decimal(value: &Value) -> Option<String> {
    match value {
        Value::Integer(integer) => Some(integer.to_string()),
        // The shortest digits that are this float and no other: what was written, in nearly every case.
        Value::Float(float) if float.is_finite() => decimal::normalise(&float.to_string()),
        Value::Decimal(text) | Value::Text(text) => decimal::normalise(text.trim()),
        _ => None,
    }
}

fn to_timestamp(value: &Value) -> Option<i64> {
    match value {
        Value::Text(text) => time::parse_timestamp(text.trim()).ok(),
        _ => None,
    }
}

/// A date, or a moment that is a midnight in UTC.
fn to_date(value: &Value) -> Option<String> {
    let micros = match value {
        Value::Text(text) if time::valid_date(text.trim()) => return Some(text.trim().to_owned()),
        Value::Text(text) => time::parse_timestamp(text.trim()).ok()?,
        Value::Timestamp(micros) => *micros,
        _ => return None,
    };
    let date = time::format_date(micros);
    (time::format_time(micros) == "00:00:00" && time::valid_date(&date)).then_some(date)
}

fn to_time(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => time::normalise_time(text.trim()).ok(),
        _ => None,
    }
}

fn to_bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Text(text) => json::decode_base64(text.trim()),
        _ => None,
    }
}

fn to_point(value: &Value) -> Option<GeoPoint> {
    let point = match value {
        Value::Point(point) => *point,
        Value::Json(text) => json::point_from_text(text)?,
        Value::Text(text) => {
            let (latitude, longitude) = text.split_once(',')?;
            GeoPoint {
                latitude: to_float(&latitude.into())?,
                longitude: to_float(&longitude.into())?,
            }
        }
        _ => return None,
    };
    is_on_earth(point).then_some(point)
}

/// Whether both degrees are numbers within their bounds.
fn is_on_earth(point: GeoPoint) -> bool {
    (-90.0..=90.0).contains(&point.latitude) && (-180.0..=180.0).contains(&point.longitude)
}

/// Lower case with hyphens, from hexadecimal digits with hyphens at their places or without.
fn to_uuid(value: &Value) -> Option<String> {
    const DIGITS: usize = 32;
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let text = value.as_text()?.trim();
    let mut uuid = String::with_capacity(DIGITS + HYPHENS.len());
    let with_hyphens = text.len() == DIGITS + HYPHENS.len();
    if !with_hyphens && text.len() != DIGITS {
        return None;
    }
    for character in text.chars() {
        if HYPHENS.contains(&uuid.len()) {
            uuid.push('-');
            if with_hyphens {
                if character != '-' {
                    return None;
                }
                continue;
            }
        }
        uuid.push(
            character
                .is_ascii_hexdigit()
                .then(|| character.to_ascii_lowercase())?,
        );
    }
    Some(uuid)
}

fn to_json(value: &Value) -> Option<String> {
    match value {
        Value::Json(text) | Value::Text(text) if json::is_array_or_object(text) => {
            Some(text.clone())
        }
        _ => None,
    }
}

impl Value {
    /// Whether it is in the contract's form: floats and degrees finite, decimals numbers, JSON an array or object.
    ///
    /// # Errors
    /// A sentence that says what it is instead.
    pub fn check(&self) -> Result<(), String> {
        let fault = match self {
            Self::Float(float) if !float.is_finite() => {
                "isn't finite; such a value travels as `other`"
            }
            Self::Decimal(text) if Decimal::parse(text).is_none() => {
                "isn't a number in the contract's form, such as -12.50"
            }
            Self::Point(point) if !(point.latitude.is_finite() && point.longitude.is_finite()) => {
                "isn't a place: its degrees must be finite"
            }
            Self::Json(text) if !json::is_array_or_object(text) => {
                "isn't an array or object of valid JSON"
            }
            _ => return Ok(()),
        };
        Err(format!("{} {fault}", self.describe()))
    }

    /// What it is, for a person: its case, and as much of its content as fits into a sentence.
    pub(crate) fn describe(&self) -> String {
        let content = match self {
            Self::Null => return "null".to_owned(),
            Self::Bytes(bytes) => return format!("a value of {} bytes", bytes.len()),
            Self::Point(point) => format!("{}, {}", point.latitude, point.longitude),
            Self::Boolean(boolean) => boolean.to_string(),
            Self::Integer(integer) => integer.to_string(),
            Self::Float(float) => float.to_string(),
            Self::Timestamp(micros) => time::format_timestamp(*micros),
            Self::Text(text) => return format!("the text {}", shown(text)),
            Self::Json(text) => return format!("the JSON {}", shown(text)),
            Self::Decimal(text) => return format!("the decimal {}", shown(text)),
            Self::Other(other) => {
                return format!("the {} {}", shown(&other.kind), shown(&other.text));
            }
        };
        format!("the {} {content}", self.case_name())
    }
}
