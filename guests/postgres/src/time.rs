//! Moments as PostgreSQL has them: microseconds since 2000, and texts that say BC.

use tenon_model::format_timestamp;

/// 2000-01-01T00:00:00Z in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

/// A moment as it came; none where it is infinite or beyond what a timestamp can hold.
pub(crate) fn from_wire(micros: i64) -> Option<i64> {
    match micros {
        i64::MAX | i64::MIN => None,
        micros => micros.checked_add(EPOCH),
    }
}

/// A moment as it travels; none where PostgreSQL has no place for it.
pub(crate) fn to_wire(micros: i64) -> Option<i64> {
    let wire = micros.checked_sub(EPOCH)?;
    (wire != i64::MIN).then_some(wire)
}

/// What stands for a moment that has no number.
pub(crate) fn infinity(micros: i64) -> &'static str {
    if micros < 0 { "-infinity" } else { "infinity" }
}

/// A moment as PostgreSQL reads it in a text: `2026-11-20T12:30:00Z`, `0044-03-15T00:00:00Z BC`.
pub(crate) fn text(micros: i64) -> String {
    let text = format_timestamp(micros);
    let year = |digits: &str| digits.trim_start_matches('0').to_owned();
    match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => match rest.split_once('-') {
            // Year 0 is 1 BC, so -1 is 2 BC.
            Some((digits, rest)) => {
                let before: u32 = digits.parse().unwrap_or_default();
                format!("{:04}-{rest} BC", before + 1)
            }
            None => text,
        },
        (_, Some(rest)) => match rest.split_once('-') {
            Some((digits, rest)) => format!("{}-{rest}", year(digits)),
            None => text,
        },
        _ => match text.strip_prefix("0000-") {
            Some(rest) => format!("0001-{rest} BC"),
            None => text,
        },
    }
}

/// As [`text`], read from what PostgreSQL writes with `DateStyle` `ISO` and UTC; none for what is no such moment.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (text, before) = match text.strip_suffix(" BC") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (year, rest) = text.split_once('-')?;
    let number: i64 = year.parse().ok()?;
    let iso = match (before, number) {
        (true, 1) => format!("0000-{rest}"),
        (true, number) => format!("-{:06}-{rest}", number - 1),
        (false, 0..=9_999) => format!("{year}-{rest}"),
        (false, number) => format!("+{number:06}-{rest}"),
    };
    // `+00` is UTC, whose minutes may be missing.
    tenon_model::parse_timestamp(&iso).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_number_is_infinite_and_the_rest_survives() {
        assert_eq!(from_wire(0), Some(EPOCH));
        assert_eq!(from_wire(i64::MAX), None);
        assert_eq!(from_wire(i64::MIN), None);
        assert_eq!(from_wire(i64::MAX - 1), None);
        assert_eq!(to_wire(i64::MIN), None);
        for micros in [0, 1, -1, EPOCH, i64::MAX, i64::MIN / 2] {
            assert_eq!(from_wire(to_wire(micros).unwrap()), Some(micros));
        }
    }

    #[test]
    fn years_have_no_signs_in_texts() {
        for (iso, expected) in [
            ("2026-11-20T12:30:00.5Z", "2026-11-20T12:30:00.5Z"),
            ("+012345-01-01T00:00:00Z", "12345-01-01T00:00:00Z"),
            ("0000-03-15T00:00:00Z", "0001-03-15T00:00:00Z BC"),
            ("-000043-03-15T00:00:00Z", "0044-03-15T00:00:00Z BC"),
        ] {
            let micros = tenon_model::parse_timestamp(iso).unwrap();
            assert_eq!(text(micros), expected);
            let written = expected.replace('Z', "+00").replace('T', " ");
            assert_eq!(parse(&written), Some(micros), "{written}");
        }
    }
}
