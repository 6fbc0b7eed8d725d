//! Dates and times (RFC 5545, 3.3.4 and 3.3.5) as Tenon has them: microseconds since 1970 in UTC.

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A moment of a calendar.
#[derive(Debug, PartialEq)]
pub struct Moment {
    /// Microseconds since 1970. Of a time in another zone, as if it were in UTC: which zone is told beside it.
    pub timestamp: i64,
    /// A date alone.
    pub is_date: bool,
    /// In UTC, not in a zone or wherever one is.
    pub is_utc: bool,
}

/// Reads `20261121`, `20261121T093000` or `20261121T093000Z`.
pub fn parse(text: &str) -> Option<Moment> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let [year, month, day] = numbers(date, [4, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * DAY;
    let Some(time) = time else {
        return Some(Moment {
            timestamp: midnight,
            is_date: true,
            is_utc: false,
        });
    };
    let (time, is_utc) = match time.strip_suffix('Z') {
        Some(time) => (time, true),
        None => (time, false),
    };
    let [hours, minutes, seconds] = numbers(time, [2, 2, 2])?;
    // A leap second has the number 60, and is the next one here.
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    Some(Moment {
        timestamp: midnight + ((hours * 60 + minutes) * 60 + seconds) * 1_000_000,
        is_date: false,
        is_utc,
    })
}

/// Numbers of so many digits, with nothing between them and nothing after.
fn numbers(text: &str, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut rest = text;
    let mut numbers = [0; 3];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let (first, after) = rest.split_at_checked(digits)?;
        if !first.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = first.parse().ok()?;
        rest = after;
    }
    rest.is_empty().then_some(numbers)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// In the Gregorian calendar: days are counted in years that begin in March, so that a leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by it")]
mod tests {
    use super::*;

    #[test]
    fn moments_are_counted_from_1970() {
        for (text, seconds) in [
            ("19700101", 0),
            ("19700101T000001Z", 1),
            ("19691231T235959Z", -1),
            ("20000229T120000Z", 951_825_600),
            ("20261121T093000Z", 1_795_253_400),
        ] {
            assert_eq!(
                parse(text).unwrap().timestamp,
                seconds * 1_000_000,
                "{text}"
            );
        }
        assert!(parse("20261121").unwrap().is_date);
        assert!(!parse("20261121T093000").unwrap().is_utc);
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "2026",
            "20261301",
            "20260229",
            "20261121T",
            "20261121T240000",
            "20261121T0930",
            "2026112é",
            "20261121TZ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
