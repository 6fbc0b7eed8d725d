//! Values as the text of a CSV's cell, both ways.
//!
//! An empty cell is null; a quoted empty one (`""`) is the empty text, where its kind is text. Objects and
//! arrays are JSON text. A cell of kind `any` is what it looks like, and a text that looks like something
//! else is written as a JSON string, so that it comes back as text.

use tenon_model::{PropertyType, Value, coerce};

use super::json;
use super::plain::{self, Look};

/// A CSV's cell as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its text, without quotes.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

/// Reads a cell of a property of that kind.
///
/// # Errors
/// Why the text doesn't fit the kind.
pub fn read(cell: &Cell, kind: PropertyType) -> Result<Value, String> {
    let text = cell.text.as_str();
    if text.is_empty() {
        let is_text = cell.quoted && matches!(kind, PropertyType::Text | PropertyType::Any);
        return Ok(if is_text {
            Value::from("")
        } else {
            Value::Null
        });
    }
    match kind {
        PropertyType::Text => Ok(Value::from(text)),
        PropertyType::Any => Ok(any(text)),
        PropertyType::Json => json::read(text, kind),
        PropertyType::Point if text.starts_with('{') => json::read(text, kind),
        _ => coerce(Value::from(text.trim()), kind),
    }
}

fn any(text: &str) -> Value {
    match plain::look(text) {
        // Only as they are written here: other spellings are kept.
        Look::Boolean(true) if text == "true" => Value::Boolean(true),
        Look::Boolean(false) if text == "false" => Value::Boolean(false),
        Look::Integer(integer) => Value::Integer(integer),
        Look::Float(float) => Value::Float(float),
        Look::Json => json::read(text, PropertyType::Any).unwrap_or_else(|_| Value::from(text)),
        _ if text.starts_with('"') => {
            json::read(text, PropertyType::Any).unwrap_or_else(|_| Value::from(text))
        }
        _ => Value::from(text),
    }
}

/// The text of a cell that holds the value of a property of that kind; none for null.
pub fn write(value: &Value, kind: PropertyType) -> Option<String> {
    let as_json = || {
        let mut out = String::new();
        json::write(value, kind, &mut out);
        out
    };
    match (value, kind) {
        (Value::Null, _) => None,
        (Value::Text(text), PropertyType::Any) if any(text) != *value => Some(as_json()),
        (_, PropertyType::Json) => Some(as_json()),
        (Value::Text(text), _) => Some(text.clone()),
        (Value::Float(float), PropertyType::Any) => Some(float_text(*float)),
        (_, PropertyType::Any) => Some(as_json()),
        _ => match value.to_json() {
            serde_json::Value::String(text) => Some(text),
            _ => Some(as_json()),
        },
    }
}

/// A float that looks like one: with a point, even before an exponent.
fn float_text(float: f64) -> String {
    let text = format!("{float:?}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> Cell {
        Cell {
            text: text.into(),
            quoted: false,
        }
    }

    #[test]
    fn empty_cells_are_null_and_quoted_empty_ones_are_text_where_text_is_meant() {
        let quoted = Cell {
            text: String::new(),
            quoted: true,
        };
        assert_eq!(read(&bare(""), PropertyType::Text), Ok(Value::Null));
        assert_eq!(read(&quoted, PropertyType::Text), Ok(Value::from("")));
        assert_eq!(read(&quoted, PropertyType::Integer), Ok(Value::Null));
    }

    #[test]
    fn cells_are_read_as_their_kind_or_refused() {
        assert_eq!(
            read(&bare(" 12 "), PropertyType::Integer),
            Ok(Value::Integer(12))
        );
        assert_eq!(
            read(&bare(" 12 "), PropertyType::Text),
            Ok(Value::from(" 12 "))
        );
        assert_eq!(
            read(&bare("007"), PropertyType::Any),
            Ok(Value::from("007"))
        );
        assert!(read(&bare("twelve"), PropertyType::Integer).is_err());
        assert!(read(&bare("{oops"), PropertyType::Json).is_err());
    }

    #[test]
    fn a_text_of_kind_any_that_looks_like_something_else_comes_back_as_text() {
        for text in [
            "5", "true", "{}", "\"", "\"a\"", "1.5", "", "007", "null", "[x]",
        ] {
            let value = Value::from(text);
            let written = write(&value, PropertyType::Any).unwrap_or_default();
            let cell = Cell {
                quoted: written.is_empty(),
                text: written,
            };
            assert_eq!(read(&cell, PropertyType::Any), Ok(value), "{text}");
        }
        for float in [3.0, 1e21, 1.5e-7, f64::MAX, -0.0, 5e-324] {
            let value = Value::Float(float);
            let cell = bare(&write(&value, PropertyType::Any).unwrap_or_default());
            assert_eq!(read(&cell, PropertyType::Any), Ok(value));
        }
    }
}
