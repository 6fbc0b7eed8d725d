//! Values as JSON text, both ways.
//!
//! Numbers go by their text: a long one is kept exactly or refused, never rounded on the way through a
//! float. Objects and arrays keep their members' order and their numbers' digits.

use tenon_model::{PropertyType, Value, coerce};

use super::visible;

/// Reads the JSON text of a property of that kind. The text must be one JSON value.
///
/// # Errors
/// Why it isn't JSON, or doesn't fit the kind.
pub fn read(text: &str, kind: PropertyType) -> Result<Value, String> {
    let text = text.trim();
    if text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && let Some(value) = number(text, kind)
    {
        return value;
    }
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match Value::from_json(&json, kind)? {
        Value::Json(_) if text.starts_with(['{', '[']) => {
            let mut kept = String::with_capacity(text.len());
            compact(text, &mut kept);
            Ok(Value::Json(kept))
        }
        value => Ok(value),
    }
}

/// A JSON number for the kinds that hold numbers; none where the general way does.
fn number(text: &str, kind: PropertyType) -> Option<Result<Value, String>> {
    let exponent = text.contains(['e', 'E']);
    let whole = !exponent && !text.contains('.');
    let float = || match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Ok(Value::Float(float)),
        Ok(_) => Err(format!("{text} is greater than any float")),
        Err(_) => Err(format!("`{text}` isn't a number")),
    };
    // Checked here, since Rust reads more as a number than JSON has.
    serde_json::from_str::<&serde_json::value::RawValue>(text).ok()?;
    match kind {
        PropertyType::Float => Some(float()),
        PropertyType::Any if whole => Some(Ok(match text.parse() {
            Ok(integer) => Value::Integer(integer),
            Err(_) => Value::Decimal(text.to_owned()),
        })),
        PropertyType::Any => Some(float()),
        PropertyType::Integer | PropertyType::Decimal if !exponent => Some(match text.parse() {
            Ok(integer) => coerce(Value::Integer(integer), kind),
            Err(_) => coerce(Value::Decimal(text.to_owned()), kind),
        }),
        PropertyType::Integer => Some(float().and_then(|float| coerce(float, kind))),
        _ => None,
    }
}

/// Writes the value of a property of that kind as JSON, on one line.
///
/// Where the kind doesn't say what a text is (`any`), moments, decimals and the like are written as the
/// contract's objects of one member: `{"$timestamp": ..}`.
pub fn write(value: &Value, kind: PropertyType, out: &mut String) {
    let start = out.len();
    match value {
        Value::Json(text) => compact(text, out),
        _ if kind == PropertyType::Any => out.push_str(&value.to_lossless_json().to_string()),
        _ => out.push_str(&value.to_json().to_string()),
    }
    visible::escape_json(out, start);
}

/// Writes a JSON string.
pub fn write_text(text: &str, out: &mut String) {
    let start = out.len();
    out.push_str(&serde_json::Value::from(text).to_string());
    visible::escape_json(out, start);
}

/// Copies JSON without the space between its parts.
fn compact(json: &str, out: &mut String) {
    let (mut in_text, mut escaped) = (false, false);
    out.extend(json.chars().filter(|char| {
        if in_text {
            in_text = escaped || *char != '"';
            escaped = !escaped && *char == '\\';
            return true;
        }
        in_text = *char == '"';
        !matches!(char, ' ' | '\t' | '\n' | '\r')
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit_or_are_refused() {
        assert_eq!(read("12", PropertyType::Any), Ok(Value::Integer(12)));
        assert_eq!(read("1.5", PropertyType::Any), Ok(Value::Float(1.5)));
        assert_eq!(
            read("12345678901234567890", PropertyType::Any),
            Ok(Value::Decimal("12345678901234567890".into()))
        );
        assert_eq!(
            read("0.1234567890123456789", PropertyType::Decimal),
            Ok(Value::Decimal("0.1234567890123456789".into()))
        );
        assert_eq!(read("3.0", PropertyType::Integer), Ok(Value::Integer(3)));
        assert!(read("3.0000000000000001", PropertyType::Integer).is_err());
        assert!(read("1e999", PropertyType::Float).is_err());
        assert!(read("01", PropertyType::Float).is_err());
        // Parsed one unit in the last place too low by quicker parsers.
        assert_eq!(
            read("5.9604644775390625e-8", PropertyType::Float),
            Ok(Value::Float(5.960_464_477_539_063e-8))
        );
    }

    #[test]
    fn objects_keep_their_order_and_digits() {
        let text = "{ \"b\": 1.10,\n \"a\": [ \"x \\\" y\" , 12345678901234567890 ] }";
        assert_eq!(
            read(text, PropertyType::Json),
            Ok(Value::Json(
                r#"{"b":1.10,"a":["x \" y",12345678901234567890]}"#.into()
            ))
        );
    }

    #[test]
    fn a_value_of_no_declared_kind_says_what_it_is() {
        let mut out = String::new();
        write(&Value::Timestamp(0), PropertyType::Any, &mut out);
        assert_eq!(out, r#"{"$timestamp":0}"#);
        out.clear();
        write(&Value::Timestamp(0), PropertyType::Timestamp, &mut out);
        assert_eq!(out, r#""1970-01-01T00:00:00Z""#);
    }

    #[test]
    fn nothing_in_json_moves_a_terminals_cursor() {
        let mut out = String::new();
        write(
            &Value::from("\u{1b}[2J\u{9b}\u{202e}"),
            PropertyType::Text,
            &mut out,
        );
        assert_eq!(out, r#""\u001b[2J\u009b\u202e""#);
    }
}
