//! Values as SQL literals, and literals as values: a default in a table's definition is the one place where a value is
//! a part of a statement's text.

use std::cmp::Ordering;

use tenon_model::{Decimal, coerce, format_timestamp};
use tenon_sdk::{PropertyType, Value};

/// A text as a literal of standard SQL, which is exact only where it has no backslash in it or the backend gives
/// backslashes no meaning.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A moment as `2026-11-20 10:00:00`, in UTC, with decimals where there are some; none before the year 1 and after 9999.
pub fn date_and_time(micros: i64) -> Option<String> {
    let text = format_timestamp(micros);
    let (date, time) = text.split_once('T')?;
    let time = time.strip_suffix('Z')?;
    let time = match time.split_once('.') {
        Some((whole, decimals)) if decimals.chars().all(|digit| digit == '0') => whole,
        _ => time,
    };
    (date.len() == 10 && !date.starts_with("0000")).then(|| format!("{date} {time}"))
}

/// Bytes as the digits of a hexadecimal literal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What an expression of the backend's says, where it is a literal and no more: perhaps in parentheses, with a sign,
/// an introducer or casts.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `NULL`.
    Null,
    /// A word or a number without quotes: `true`, `-1.5e3`.
    Bare(String),
    /// A text in quotes.
    Text(String),
    /// Bytes of a hexadecimal literal.
    Bytes(Vec<u8>),
}

impl Literal {
    /// Reads an expression; none where it is anything else than a literal. `escapes` says that a backslash begins an
    /// escape in ordinary quotes.
    pub fn parse(expression: &str, escapes: bool) -> Option<Self> {
        let text = without_parentheses(expression.trim());
        let (literal, rest) = first(text, escapes)?;
        is_cast(rest.trim_start()).then_some(literal)
    }

    /// As a value of that kind; none where it is no such value.
    pub fn value(&self, kind: PropertyType) -> Option<Value> {
        let value = match (self, kind) {
            (Self::Null, _) => return None,
            (Self::Bare(word), PropertyType::Boolean) => match word.to_ascii_lowercase().as_str() {
                "true" | "1" | "b'1'" => Value::Boolean(true),
                "false" | "0" | "b'0'" => Value::Boolean(false),
                _ => return None,
            },
            (Self::Text(word), PropertyType::Boolean) => match word.to_ascii_lowercase().as_str() {
                "t" | "true" | "1" | "y" | "yes" | "on" => Value::Boolean(true),
                "f" | "false" | "0" | "n" | "no" | "off" => Value::Boolean(false),
                _ => return None,
            },
            (Self::Bytes(bytes), PropertyType::Bytes) => Value::Bytes(bytes.clone()),
            (Self::Bytes(bytes), PropertyType::Text) => {
                Value::Text(String::from_utf8(bytes.clone()).ok()?)
            }
            (Self::Bytes(_), _) => return None,
            (Self::Text(text), PropertyType::Bytes) => match text.strip_prefix("\\x") {
                Some(digits) => Value::Bytes(from_hexadecimal(digits)?),
                None => Value::Bytes(text.clone().into_bytes()),
            },
            (Self::Text(text), PropertyType::Json) => Value::Json(text.clone()),
            (_, PropertyType::Point | PropertyType::Any) => return None,
            (Self::Bare(_), PropertyType::Json | PropertyType::Bytes) => return None,
            (Self::Bare(text), PropertyType::Text) => {
                number(text).map(|()| Value::Text(text.clone()))?
            }
            (Self::Bare(text), PropertyType::Integer) => Value::Integer(text.parse().ok()?),
            (Self::Bare(text), PropertyType::Float) => {
                number(text)?;
                Value::Float(text.parse().ok()?)
            }
            (Self::Bare(text), PropertyType::Timestamp) => Value::Timestamp(text.parse().ok()?),
            (Self::Bare(text) | Self::Text(text), _) => Value::Text(text.clone()),
        };
        let value = match coerce(value.clone(), kind) {
            Ok(value) => value,
            // `2026-11-20 10:00:00+00` is how a backend writes what the contract has as `2026-11-20T10:00:00+00:00`.
            Err(_) if kind == PropertyType::Timestamp => {
                let Value::Text(text) = value else {
                    return None;
                };
                coerce(Value::Text(iso(&text)), kind).ok()?
            }
            Err(_) => return None,
        };
        value.check().ok()?;
        Some(value)
    }
}

/// Whether two defaults are the same value, however they are written.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Decimal(one), Value::Decimal(other)) => {
            match (Decimal::parse(one), Decimal::parse(other)) {
                (Some(one), Some(other)) => one.cmp(&other) == Ordering::Equal,
                _ => one == other,
            }
        }
        (Value::Json(one), Value::Json(other)) => {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            one == other || read(one).is_some_and(|one| Some(one) == read(other))
        }
        _ => one == other,
    }
}

fn iso(text: &str) -> String {
    let text = text.trim().replacen(' ', "T", 1);
    let is_zone = |zone: &str| {
        zone.len() == 3
            && zone.starts_with(['+', '-'])
            && zone.chars().skip(1).all(|char| char.is_ascii_digit())
    };
    let has_time = text.contains('T');
    let zone = text.len().checked_sub(3).and_then(|at| text.get(at..));
    if has_time && zone.is_some_and(is_zone) {
        return text + ":00";
    }
    let has_zone = text
        .get(10..)
        .is_some_and(|time| time.contains(['Z', 'z', '+', '-']));
    match (has_time, has_zone) {
        (true, false) => text + "Z",
        (false, _) => text + "T00:00:00Z",
        (true, true) => text,
    }
}

/// Without parentheses that are around the whole.
fn without_parentheses(mut text: &str) -> &str {
    while let Some(inner) = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
    {
        let mut depth = 0_i32;
        let mut quoted = false;
        for char in inner.chars() {
            match char {
                '\'' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                _ => {}
            }
            if depth < 0 {
                return text;
            }
        }
        text = inner.trim();
    }
    text
}

/// The literal that a text begins with, and what follows it.
fn first(text: &str, escapes: bool) -> Option<(Literal, &str)> {
    let lower = text
        .get(..text.len().min(16))
        .unwrap_or(text)
        .to_ascii_lowercase();
    if let Some(rest) = text.strip_prefix('\'') {
        return string(rest, escapes);
    }
    if lower.starts_with("e'") {
        return string(text.get(2..)?, true);
    }
    if lower.starts_with("b'") {
        let end = text.get(2..)?.find('\'')? + 3;
        return Some((Literal::Bare(text.get(..end)?.to_owned()), text.get(end..)?));
    }
    if lower.starts_with("x'") {
        let (digits, rest) = text.get(2..)?.split_once('\'')?;
        return Some((Literal::Bytes(from_hexadecimal(digits)?), rest));
    }
    if lower.starts_with("0x") {
        let digits = text.get(2..)?;
        let end = digits
            .find(|char: char| !char.is_ascii_hexdigit())
            .unwrap_or(digits.len());
        let (digits, rest) = digits.split_at(end);
        return Some((Literal::Bytes(from_hexadecimal(digits)?), rest));
    }
    // MySQL's way from digits to a text, in an expression.
    if lower.starts_with("convert(") {
        let (literal, rest) = first(text.get(8..)?.trim_start(), escapes)?;
        let (set, rest) = rest.trim_start().split_once(')')?;
        let is_conversion = set.to_ascii_lowercase().starts_with("using ");
        return match literal {
            Literal::Bytes(bytes) if is_conversion => {
                Some((Literal::Text(String::from_utf8(bytes).ok()?), rest))
            }
            _ => None,
        };
    }
    // MySQL's introducer of a character set.
    if text.starts_with('_') {
        let end = text.find(|char: char| !char.is_ascii_alphanumeric() && char != '_')?;
        let rest = text.get(end..)?.trim_start();
        return match first(rest, escapes)? {
            (literal @ (Literal::Text(_) | Literal::Bytes(_)), rest) => Some((literal, rest)),
            _ => None,
        };
    }
    let is_part =
        |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '+' | '-' | '_');
    let end = text.find(|char| !is_part(char)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    match word.to_ascii_lowercase().as_str() {
        "null" => Some((Literal::Null, rest)),
        "true" | "false" => Some((Literal::Bare(word.to_owned()), rest)),
        "-" => match first(rest.trim_start(), escapes)? {
            (Literal::Bare(digits), rest) if number(&digits).is_some() => {
                Some((Literal::Bare(format!("-{digits}")), rest))
            }
            _ => None,
        },
        _ => number(word).map(|()| (Literal::Bare(word.to_owned()), rest)),
    }
}

/// A string's text and what follows its closing quote.
fn string(text: &str, escapes: bool) -> Option<(Literal, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                value.push('\'');
            }
            '\'' => return Some((Literal::Text(value), text.get(at + 1..)?)),
            '\\' if escapes => match chars.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                'b' => value.push('\u{8}'),
                '0' => value.push('\0'),
                other @ ('\\' | '\'' | '"') => value.push(other),
                // What else an escape may say is not worth guessing at.
                _ => return None,
            },
            other => value.push(other),
        }
    }
    None
}

fn number(text: &str) -> Option<()> {
    let starts = text
        .trim_start_matches(['-', '+'])
        .starts_with(|char: char| char.is_ascii_digit() || char == '.');
    (starts && text.parse::<f64>().is_ok()).then_some(())
}

fn from_hexadecimal(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Whether there is nothing left but casts: `::character varying(40)`.
fn is_cast(rest: &str) -> bool {
    let Some(types) = rest.strip_prefix("::") else {
        return rest.is_empty();
    };
    let mut quoted = false;
    types.chars().all(|char| {
        if char == '"' {
            quoted = !quoted;
        }
        quoted || char.is_alphanumeric() || " \"_.,()[]:".contains(char)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(expression: &str, kind: PropertyType) -> Option<Value> {
        Literal::parse(expression, false)?.value(kind)
    }

    #[test]
    fn literals_are_values_however_they_are_written() {
        use PropertyType as Kind;
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        for (expression, kind, expected) in [
            ("'USA'::character varying", Kind::Text, text("USA")),
            ("'it''s'", Kind::Text, text("it's")),
            ("E'a\\\\b'::text", Kind::Text, text("a\\b")),
            ("'a::b'::\"Mood\"", Kind::Text, text("a::b")),
            ("('x')", Kind::Text, text("x")),
            ("_utf8mb4'x'", Kind::Text, text("x")),
            ("_utf8mb4 0x61", Kind::Text, text("a")),
            ("convert(X'61' using utf8mb4)", Kind::Text, text("a")),
            ("0", Kind::Integer, Some(Value::Integer(0))),
            ("'-1'::integer", Kind::Integer, Some(Value::Integer(-1))),
            ("(-1)", Kind::Integer, Some(Value::Integer(-1))),
            ("- 12", Kind::Integer, Some(Value::Integer(-12))),
            ("1.50", Kind::Decimal, Some(Value::Decimal("1.50".into()))),
            (
                "'1.5'::numeric(10,2)",
                Kind::Decimal,
                Some(Value::Decimal("1.5".into())),
            ),
            ("1e3", Kind::Float, Some(Value::Float(1000.0))),
            ("true", Kind::Boolean, Some(Value::Boolean(true))),
            ("b'0'", Kind::Boolean, Some(Value::Boolean(false))),
            ("1", Kind::Boolean, Some(Value::Boolean(true))),
            (
                "'\\x6162'::bytea",
                Kind::Bytes,
                Some(Value::Bytes(b"ab".to_vec())),
            ),
            ("X'6162'", Kind::Bytes, Some(Value::Bytes(b"ab".to_vec()))),
            ("'{}'::jsonb", Kind::Json, Some(Value::Json("{}".into()))),
            (
                "'1970-01-01 00:00:01+00'::timestamp with time zone",
                Kind::Timestamp,
                Some(Value::Timestamp(1_000_000)),
            ),
            (
                "'1970-01-01 00:00:01'",
                Kind::Timestamp,
                Some(Value::Timestamp(1_000_000)),
            ),
            ("'2026-11-20'::date", Kind::Date, text("2026-11-20")),
        ] {
            assert_eq!(value(expression, kind), expected, "{expression}");
        }
    }

    #[test]
    fn what_is_computed_is_no_value() {
        for expression in [
            "now()",
            "CURRENT_TIMESTAMP",
            "nextval('a_id_seq'::regclass)",
            "'a' || 'b'",
            "'a'::text || 'b'::text",
            "1 + 1",
            "lower('A'::text)",
            "('a') || ('b')",
            "NULL",
            "NULL::character varying",
            "'open",
            "",
            "inf",
            "nan",
        ] {
            for kind in PropertyType::ALL {
                assert_eq!(value(expression, *kind), None, "{expression} as {kind:?}");
            }
        }
    }

    #[test]
    fn a_backslash_is_an_escape_only_where_the_backend_says_so() {
        let text = |escapes| Literal::parse("'a\\\\'", escapes);
        assert_eq!(text(false), Some(Literal::Text("a\\\\".into())));
        assert_eq!(text(true), Some(Literal::Text("a\\".into())));
    }
}
