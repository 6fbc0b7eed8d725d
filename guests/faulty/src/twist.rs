//! Values, mistaken for others: what faults compare instead.

use serde_json::Value as Json;
use tenon_model::Decimal;
use tenon_sdk::Value;

/// Text in lower case.
pub(crate) fn lower(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.to_lowercase()),
        other => other.clone(),
    }
}

/// Text with a to z in lower case.
pub(crate) fn lower_ascii(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.to_ascii_lowercase()),
        other => other.clone(),
    }
}

/// Text whose order by code point is the value's order by UTF-16 units.
pub(crate) fn utf16(value: &Value) -> Value {
    let place = |unit: u16| char::from_u32(0x1_0000 + u32::from(unit));
    match value {
        Value::Text(text) => Value::Text(text.encode_utf16().filter_map(place).collect()),
        other => other.clone(),
    }
}

/// A decimal's nearest float.
pub(crate) fn decimal_as_float(value: &Value) -> Value {
    match value {
        Value::Decimal(text) => {
            Decimal::parse(text).map_or_else(|| value.clone(), |it| Value::Float(it.to_float()))
        }
        other => other.clone(),
    }
}

/// An integer's nearest float.
pub(crate) fn integer_as_float(value: &Value) -> Value {
    match value {
        Value::Integer(integer) => Value::Float(*integer as f64),
        other => other.clone(),
    }
}

/// A number's digits.
pub(crate) fn number_as_text(value: &Value) -> Value {
    match value {
        Value::Integer(integer) => Value::Text(integer.to_string()),
        Value::Float(float) => Value::Text(float.to_string()),
        Value::Decimal(text) => Value::Text(text.clone()),
        other => other.clone(),
    }
}

/// A timestamp's second.
pub(crate) fn second(value: &Value) -> Value {
    match value {
        Value::Timestamp(micros) => Value::Timestamp(micros.div_euclid(1_000_000)),
        other => other.clone(),
    }
}

/// JSON as the text that it is.
pub(crate) fn json_as_text(value: &Value) -> Value {
    match value {
        Value::Json(text) => Value::Text(text.clone()),
        other => other.clone(),
    }
}

/// JSON of whose arrays the first element alone is left, where a path's name meets them.
pub(crate) fn first_elements(path: &[String], value: &Value) -> Value {
    let Value::Json(text) = value else {
        return value.clone();
    };
    match serde_json::from_str::<Json>(text) {
        Ok(mut json) => {
            leave_first(path, &mut json);
            Value::Json(json.to_string())
        }
        Err(_) => value.clone(),
    }
}

fn leave_first(path: &[String], json: &mut Json) {
    let Some((step, rest)) = path.split_first() else {
        return;
    };
    match json {
        Json::Array(elements) => match step.parse::<usize>() {
            Ok(index) => {
                if let Some(element) = elements.get_mut(index) {
                    leave_first(rest, element);
                }
            }
            Err(_) => {
                elements.truncate(1);
                if let Some(element) = elements.first_mut() {
                    leave_first(path, element);
                }
            }
        },
        Json::Object(members) => {
            if let Some(member) = members.get_mut(step) {
                leave_first(rest, member);
            }
        }
        _ => {}
    }
}
