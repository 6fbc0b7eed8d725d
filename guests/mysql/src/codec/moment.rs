//! Days, times of day and moments, as the server has them.
//!
//! Where its mode allows it, a server also keeps days that there are not: `0000-00-00` and `2024-01-00` are no values
//! ([`Moment::is_zero`]), `2024-02-31` is none that can be read.

/// Microseconds in a second, and in a day.
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A day, or a moment without a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) micros: u32,
}

impl Moment {
    /// Whether a part of its day is missing.
    pub(crate) const fn is_zero(&self) -> bool {
        self.month == 0 || self.day == 0
    }

    /// Microseconds since 1970, taken as UTC; none where there is no such moment.
    pub(crate) fn to_timestamp(self) -> Option<i64> {
        let (year, month, day) = (self.year.into(), self.month.into(), self.day.into());
        let is_day = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        let is_time = self.hour < 24 && self.minute < 60 && self.second < 60;
        if !is_day || !is_time || i64::from(self.micros) >= SECOND {
            return None;
        }
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute);
        let seconds = minutes * 60 + i64::from(self.second);
        Some(days_from_civil(year, month, day) * DAY + seconds * SECOND + i64::from(self.micros))
    }

    /// The moment in UTC; none outside the years 1 to 9999, beyond which the server has none.
    pub(crate) fn from_timestamp(micros: i64) -> Option<Self> {
        let (year, month, day) = civil_from_days(micros.div_euclid(DAY));
        let time = micros.rem_euclid(DAY);
        let seconds = time / SECOND;
        if !(1..=9_999).contains(&year) {
            return None;
        }
        Some(Self {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            hour: u8::try_from(seconds / 3_600).ok()?,
            minute: u8::try_from(seconds / 60 % 60).ok()?,
            second: u8::try_from(seconds % 60).ok()?,
            micros: u32::try_from(time % SECOND).ok()?,
        })
    }

    /// Its day: `2026-11-20`; none where there is no such day.
    pub(crate) fn to_date(self) -> Option<String> {
        self.to_timestamp()?;
        Some(self.day_text())
    }

    /// As the server writes its day.
    pub(crate) fn day_text(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Of `2026-11-20`, `2026-11-20 12:30:00` or `2026-11-20 12:30:00.5`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(' ').unwrap_or((text, ""));
        let mut parts = date.splitn(3, '-');
        let mut moment = Self {
            year: parts.next()?.parse().ok()?,
            month: parts.next()?.parse().ok()?,
            day: parts.next()?.parse().ok()?,
            ..Self::default()
        };
        if !time.is_empty() {
            let span = Span::parse(time).filter(|span| !span.negative)?;
            moment.hour = u8::try_from(span.hours).ok()?;
            moment.minute = span.minutes;
            moment.second = span.seconds;
            moment.micros = span.micros;
        }
        Some(moment)
    }
}

/// A time of day, or a span of up to 838 hours either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) negative: bool,
    pub(crate) hours: u32,
    pub(crate) minutes: u8,
    pub(crate) seconds: u8,
    pub(crate) micros: u32,
}

impl Span {
    /// Whether it is a time of day.
    pub(crate) fn is_time(&self) -> bool {
        !self.negative
            && self.hours < 24
            && self.minutes < 60
            && self.seconds < 60
            && i64::from(self.micros) < SECOND
    }

    /// `23:59:59`, with as many decimals as it needs.
    pub(crate) fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let mut text = format!(
            "{sign}{:02}:{:02}:{:02}",
            self.hours, self.minutes, self.seconds
        );
        if self.micros > 0 {
            text.push_str(&format!(".{:06}", self.micros));
            text.truncate(text.trim_end_matches('0').len());
        }
        text
    }

    /// Of `-838:59:59.000000`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let mut parts = whole.splitn(3, ':');
        let micros = match decimals.len() {
            0 => 0,
            1..=6 => format!("{decimals:0<6}").parse().ok()?,
            _ => return None,
        };
        Some(Self {
            negative,
            hours: parts.next()?.parse().ok()?,
            minutes: parts.next()?.parse().ok()?,
            seconds: parts.next()?.parse().ok()?,
            micros,
        })
    }
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Howard Hinnant's `days_from_civil`:
/// <https://howardhinnant.github.io/date_algorithms.html>.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day. Howard Hinnant's `civil_from_days`, from the same page.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_moment_is_the_text_of_its_timestamp(micros in -62_135_596_800_000_000..253_402_300_800_000_000_i64) {
            let moment = Moment::from_timestamp(micros).unwrap();
            prop_assert_eq!(moment.to_timestamp(), Some(micros));
            let text = tenon_model::format_timestamp(micros);
            let text = text.trim_end_matches('Z').replace('T', " ");
            prop_assert_eq!(Moment::parse(&text), Some(moment));
        }
    }

    #[test]
    fn moments_that_there_are_not_are_none() {
        for text in [
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-01-01 24:00:00",
        ] {
            assert_eq!(Moment::parse(text).unwrap().to_timestamp(), None, "{text}");
        }
        assert!(Moment::parse("0000-00-00 00:00:00").unwrap().is_zero());
        assert!(Moment::parse("2024-01-00").unwrap().is_zero());
        assert_eq!(Moment::from_timestamp(i64::MAX), None);
        assert_eq!(Moment::from_timestamp(i64::MIN), None);
    }

    #[test]
    fn a_span_is_a_time_within_a_day() {
        let span = Span::parse("-838:59:59.5").unwrap();
        assert!(!span.is_time());
        assert_eq!(span.text(), "-838:59:59.5");
        let time = Span::parse("23:59:59.000000").unwrap();
        assert!(time.is_time());
        assert_eq!(time.text(), "23:59:59");
    }
}
