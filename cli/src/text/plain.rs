//! What a bare text looks like: a number, a date, or only text.
//!
//! For cells of no declared kind. Careful on purpose: a text that would come back changed (leading zeros,
//! more digits than a number holds, `12E4`) is text.

use tenon_model::{PropertyType, Value, coerce};

/// The most significant digits that a float gives back as they were written by another program.
const FLOAT_DIGITS: usize = 17;

/// The most decimals of a second that a timestamp keeps.
const SECOND_DECIMALS: usize = 6;

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Look {
    /// `true` or `false`, in any case.
    Boolean(bool),
    /// A whole number of 64 bits with sign.
    Integer(i64),
    /// A number with decimals or an exponent.
    Float(f64),
    /// A number with more digits than an integer or float keeps.
    LongNumber,
    /// Digits behind a zero: a code, a telephone number.
    LeadingZeros,
    /// A moment.
    Timestamp,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A UUID.
    Uuid,
    /// A JSON object or array.
    Json,
    /// None of these.
    Text,
}

/// What a text looks like, judged by the whole of it.
pub fn look(text: &str) -> Look {
    match text.as_bytes() {
        [b'-' | b'0'..=b'9', ..] => match number(text) {
            Look::Text => moment(text),
            look => look,
        },
        [b'{', .., b'}'] | [b'[', .., b']'] if is_json(text) => Look::Json,
        bytes if bytes.eq_ignore_ascii_case(b"true") => Look::Boolean(true),
        bytes if bytes.eq_ignore_ascii_case(b"false") => Look::Boolean(false),
        _ => moment(text),
    }
}

fn number(text: &str) -> Look {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    if !is_digits(whole) || fraction.is_some_and(|fraction| !is_digits(fraction)) {
        return Look::Text;
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-']);
        // `12E4` is more often somebody's code than a number; `1.2E5` and `1e-05` are numbers.
        if !is_digits(digits.unwrap_or(exponent)) || (digits.is_none() && fraction.is_none()) {
            return Look::Text;
        }
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Look::LeadingZeros;
    }
    if fraction.is_none() && exponent.is_none() {
        return match text.parse() {
            Ok(0) if text.starts_with('-') => Look::Text,
            Ok(integer) => Look::Integer(integer),
            Err(_) => Look::LongNumber,
        };
    }
    let significant = mantissa
        .bytes()
        .filter(u8::is_ascii_digit)
        .skip_while(|digit| *digit == b'0')
        .count();
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() && significant <= FLOAT_DIGITS => Look::Float(float),
        _ => Look::LongNumber,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

/// Dates, times and UUIDs. The shapes keep the exact check, which costs more, from ordinary texts.
pub fn moment(text: &str) -> Look {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied();
    let fits = |kind| coerce(Value::from(text), kind).is_ok();
    if at(4) == Some(b'-') && at(7) == Some(b'-') && bytes.len() >= 10 {
        if bytes.len() == 10 && fits(PropertyType::Date) {
            return Look::Date;
        }
        let decimals = text.split_once('.').map_or(0, |(_, rest)| {
            rest.bytes().take_while(u8::is_ascii_digit).count()
        });
        if bytes.len() >= 16 && decimals <= SECOND_DECIMALS && fits(PropertyType::Timestamp) {
            return Look::Timestamp;
        }
    } else if at(2) == Some(b':') && at(5) == Some(b':') {
        if fits(PropertyType::Time) {
            return Look::Time;
        }
    } else if bytes.len() == 36 && at(8) == Some(b'-') && fits(PropertyType::Uuid) {
        return Look::Uuid;
    }
    Look::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_only_where_they_come_back_as_they_were() {
        assert_eq!(look("42"), Look::Integer(42));
        assert_eq!(look("-7"), Look::Integer(-7));
        assert_eq!(look("9223372036854775807"), Look::Integer(i64::MAX));
        assert_eq!(look("9223372036854775808"), Look::LongNumber);
        assert_eq!(look("31.95376472"), Look::Float(31.953_764_72));
        assert_eq!(look("1e-05"), Look::Float(1e-5));
        assert_eq!(look("1.5E10"), Look::Float(1.5e10));
        assert_eq!(look("0.1234567890123456789"), Look::LongNumber);
        assert_eq!(look("1.0e999"), Look::LongNumber);
        assert_eq!(look("007"), Look::LeadingZeros);
        assert_eq!(look("00.5"), Look::LeadingZeros);
        for text in [
            "12E4", "1e5", "+49", "-", "-0", "1.", ".5", "1,5", "0x10", "NaN", "inf", "1 000",
            "--1", "1e", "1.2e+",
        ] {
            assert_eq!(look(text), Look::Text, "{text}");
        }
    }

    #[test]
    fn moments_are_recognised_by_their_whole_text() {
        assert_eq!(look("2026-11-20"), Look::Date);
        assert_eq!(look("2026-11-20T10:00:00Z"), Look::Timestamp);
        assert_eq!(look("2026-11-20T10:00:00.123456+02:00"), Look::Timestamp);
        assert_eq!(look("23:59:59"), Look::Time);
        assert_eq!(look("6e0f6c5e-1f0a-4c7b-9a51-2b4d8f2b9d10"), Look::Uuid);
        for text in [
            "2026-02-30",
            "2026-11-20T10:00:00.1234567Z",
            "25:00:00",
            "2026-11",
            "2026-11-20 or so",
        ] {
            assert_eq!(look(text), Look::Text, "{text}");
        }
    }

    #[test]
    fn json_is_only_what_parses_as_an_object_or_array() {
        assert_eq!(look(r#"{"a": [1]}"#), Look::Json);
        assert_eq!(look("[]"), Look::Json);
        assert_eq!(look("[sic]"), Look::Text);
        assert_eq!(look("TRUE"), Look::Boolean(true));
        assert_eq!(look("yes"), Look::Text);
    }
}
