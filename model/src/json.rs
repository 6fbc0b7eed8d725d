//! Values as JSON, in and out: the form that applications see, and the form that loses nothing.
//!
//! An application's JSON has text for what JSON has no form for; the property's kind tells what the text is.
//! Where no kind does, as inside JSON, the contract's objects of one member (`{"$timestamp": …}`) keep the case.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Number, Value as Json};

use crate::coerce::{coerce, refusal};
use crate::contract::{GeoPoint, OtherValue, PropertyType, Value};
use crate::order;
use crate::time::{format_timestamp, parse_timestamp};

/// Writes padding, and reads with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Value {
    /// As an application sees it: timestamps as RFC 3339 text, decimals and other values as text, bytes as
    /// base64, points as `{"lat": …, "lng": …}`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(boolean) => Json::Bool(*boolean),
            Self::Integer(integer) => Json::Number((*integer).into()),
            // JSON has no form for what isn't finite, and null would say that there is no value.
            Self::Float(float) => Number::from_f64(*float)
                .map_or_else(|| Json::String(float.to_string()), Json::Number),
            Self::Decimal(text) | Self::Text(text) => Json::String(text.clone()),
            Self::Bytes(bytes) => Json::String(encode_base64(bytes)),
            Self::Timestamp(micros) => Json::String(format_timestamp(*micros)),
            Self::Point(point) => point_to_json(*point),
            Self::Json(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone()))
            }
            Self::Other(other) => Json::String(other.text.clone()),
        }
    }

    /// As JSON that keeps the case: read back as kind `any`, it is the same value. This is also how a value
    /// stands inside JSON.
    pub fn to_lossless_json(&self) -> Json {
        match self {
            Self::Decimal(text) => tagged("$decimal", Json::String(text.clone())),
            Self::Bytes(bytes) => tagged("$bytes", Json::String(encode_base64(bytes))),
            Self::Timestamp(micros) => tagged("$timestamp", Json::Number((*micros).into())),
            Self::Point(point) => tagged("$point", point_to_json(*point)),
            Self::Other(other) => tagged(
                &format!("${}", other.kind),
                Json::String(other.text.clone()),
            ),
            plain => plain.to_json(),
        }
    }

    /// The value of that kind that the JSON stands for: as [`Value::to_json`] writes it, or as
    /// [`Value::to_lossless_json`] does, or in any other form that [`coerce`] takes. A point may also
    /// be an object of `latitude` and `longitude`.
    ///
    /// # Errors
    /// A sentence that says why it stands for no value of that kind.
    pub fn from_json(json: &Json, kind: PropertyType) -> Result<Self, String> {
        match (kind, json) {
            (PropertyType::Json, Json::Array(_) | Json::Object(_)) => {
                Ok(Self::Json(json.to_string()))
            }
            // As serde writes bytes.
            (PropertyType::Bytes, Json::Array(elements)) => elements
                .iter()
                .map(|element| element.as_u64().and_then(|byte| u8::try_from(byte).ok()))
                .collect::<Option<Vec<u8>>>()
                .map(Self::Bytes)
                .ok_or_else(|| "as an array, bytes are numbers from 0 to 255".to_owned()),
            (PropertyType::Point, Json::Object(members)) if !is_tagged(members) => {
                coerce(Self::Point(point_from_members(members)?), kind)
            }
            _ => coerce(untyped(json)?, kind),
        }
    }
}

/// The value that JSON alone stands for, where no kind says more.
fn untyped(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::Number(number) => from_number(number),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) => Value::Json(json.to_string()),
        Json::Object(members) => match from_tagged(members)? {
            Some(value) => value,
            None => Value::Json(json.to_string()),
        },
    })
}

fn from_number(number: &Number) -> Value {
    match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => Value::Integer(integer),
        // Beyond 64 bits with sign, and still exact.
        (None, _) if number.is_u64() => Value::Decimal(number.to_string()),
        (None, Some(float)) => Value::Float(float),
        (None, None) => Value::Decimal(number.to_string()),
    }
}

/// Whether it is an object of one member whose name begins with `$`.
fn is_tagged(members: &Map<String, Json>) -> bool {
    members.len() == 1 && members.keys().all(|name| name.starts_with('$'))
}

/// The value of an object such as `{"$timestamp": …}`; none for an object that is just that.
fn from_tagged(members: &Map<String, Json>) -> Result<Option<Value>, String> {
    if members.len() != 1 {
        return Ok(None);
    }
    let Some((tag, content)) = members
        .iter()
        .next()
        .and_then(|(name, content)| Some((name.strip_prefix('$')?, content)))
    else {
        return Ok(None);
    };
    let value = match (tag, content) {
        ("timestamp", Json::Number(number)) => number.as_i64().map(Value::Timestamp),
        ("timestamp", Json::String(text)) => {
            let micros =
                parse_timestamp(text).map_err(|reason| format!("`$timestamp`: {reason}"))?;
            Some(Value::Timestamp(micros))
        }
        ("decimal", Json::String(text)) => {
            Some(coerce(Value::Text(text.clone()), PropertyType::Decimal)?)
        }
        ("bytes", Json::String(text)) => {
            Some(coerce(Value::Text(text.clone()), PropertyType::Bytes)?)
        }
        ("point", Json::Object(members)) => Some(Value::Point(point_from_members(members)?)),
        ("timestamp" | "decimal" | "bytes" | "point", _) => None,
        (kind, Json::String(text)) if !kind.is_empty() => Some(Value::Other(OtherValue {
            kind: kind.to_owned(),
            text: text.clone(),
        })),
        // A name may begin with `$` by itself.
        _ => return Ok(None),
    };
    value.map(Some).ok_or_else(|| {
        format!(
            "`${tag}` takes {}",
            match tag {
                "timestamp" => "microseconds since 1970 as a whole number, or RFC 3339 text",
                "decimal" => "a number as text",
                "bytes" => "base64 text",
                _ => "an object of `lat` and `lng`",
            }
        )
    })
}

fn tagged(tag: &str, content: Json) -> Json {
    Json::Object(Map::from_iter([(tag.to_owned(), content)]))
}

fn point_to_json(point: GeoPoint) -> Json {
    let degrees = |number| Number::from_f64(number).map_or(Json::Null, Json::Number);
    Json::Object(Map::from_iter([
        ("lat".to_owned(), degrees(point.latitude)),
        ("lng".to_owned(), degrees(point.longitude)),
    ]))
}

fn point_from_members(members: &Map<String, Json>) -> Result<GeoPoint, String> {
    let degrees = |short: &str, long: &str| match (members.get(short), members.get(long)) {
        (Some(number), None) | (None, Some(number)) => number.as_f64(),
        _ => None,
    };
    match (degrees("lat", "latitude"), degrees("lng", "longitude")) {
        (Some(latitude), Some(longitude)) if members.len() == 2 => Ok(GeoPoint {
            latitude,
            longitude,
        }),
        _ => Err(refusal(
            &Value::Json(Json::Object(members.clone()).to_string()),
            PropertyType::Point,
        )),
    }
}

/// The point that a JSON text of an object stands for.
pub(crate) fn point_from_text(text: &str) -> Option<GeoPoint> {
    match serde_json::from_str(text) {
        Ok(Json::Object(members)) => point_from_members(&members).ok(),
        _ => None,
    }
}

/// Whether a text is what a JSON property may hold: one array or object.
pub(crate) fn is_array_or_object(text: &str) -> bool {
    text.trim_start().starts_with(['[', '{'])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Bytes as base64 in the standard alphabet, with padding.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The bytes of base64 text in the standard alphabet, with padding or without.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// Whether two JSON texts have the same structure; what isn't JSON equals only itself.
pub(crate) fn equal_texts(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let parse = |text: &str| serde_json::from_str::<Json>(text).ok();
    match (parse(left), parse(right)) {
        (Some(left), Some(right)) => equal_structures(&left, &right),
        _ => false,
    }
}

/// Whether arrays have equal elements, objects equal members, and everything else is equal as a value.
pub(crate) fn equal_structures(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| equal_structures(left, right))
        }
        (Json::String(left), Json::String(right)) => left == right,
        _ => match (scalar(left), scalar(right), left, right) {
            (Some(left), Some(right), _, _) => order::equal(&left, &right),
            (None, None, Json::Object(left), Json::Object(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(name, left)| {
                        right
                            .get(name)
                            .is_some_and(|right| equal_structures(left, right))
                    })
            }
            _ => false,
        },
    }
}

/// The value of what is neither array nor object, or is an object that stands for a value.
pub(crate) fn scalar(json: &Json) -> Option<Value> {
    match json {
        Json::Array(_) => return None,
        // Most objects are just that, and would be written out for nothing.
        Json::Object(members) if !is_tagged(members) => return None,
        _ => {}
    }
    match untyped(json) {
        Ok(Value::Json(_)) | Err(_) => None,
        Ok(value) => Some(value),
    }
}
