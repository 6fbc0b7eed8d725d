//! Moments, dates and times of day, as text.
//!
//! A timestamp is a 64-bit count of microseconds, and every one of them can be written and read back: RFC 3339
//! in the years 0 to 9999, and beyond them ISO 8601's years with a sign and six digits, `+012345-01-01T…`. Days are
//! counted in the proleptic Gregorian calendar; leap seconds count into the next minute.

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
const DAY: i64 = 86_400 * SECOND;

/// The moment that a text names, in microseconds since 1970: RFC 3339, with a space for the `T` if need be; a time
/// without a zone is in UTC, and a date alone is its midnight in UTC. Finer than a microsecond is rounded down.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn parse_timestamp(text: &str) -> Result<i64, String> {
    let mut reader = Reader(text.as_bytes());
    let days = reader.date(true)?;
    let mut micros = i128::from(days) * i128::from(DAY);
    if !reader.is_done() {
        if !reader.take_any(b"Tt ") {
            return Err("after the date `T` and a time must follow, or nothing".to_owned());
        }
        micros += i128::from(reader.time()?.0);
        micros -= i128::from(reader.zone()?);
    }
    if !reader.is_done() {
        return Err("something follows after the time and its zone".to_owned());
    }
    i64::try_from(micros).map_err(|_| {
        "it is beyond what a timestamp can hold, some 292,000 years around 1970".to_owned()
    })
}

/// The moment as RFC 3339 in UTC: `2026-11-20T12:30:00Z`, with as many decimals as it needs.
pub fn format_timestamp(micros: i64) -> String {
    let mut text = String::with_capacity("+292277-01-01T00:00:00.000000Z".len());
    push_date(&mut text, micros);
    text.push('T');
    push_time(&mut text, micros);
    text.push('Z');
    text
}

/// The day of a moment in UTC: `2026-11-20`.
pub(crate) fn format_date(micros: i64) -> String {
    let mut text = String::new();
    push_date(&mut text, micros);
    text
}

/// The time of day of a moment in UTC: `23:59:59.5`, with as many decimals as it needs.
pub(crate) fn format_time(micros: i64) -> String {
    let mut text = String::new();
    push_time(&mut text, micros);
    text
}

fn push_date(text: &mut String, micros: i64) {
    let (year, month, day) = civil_from_days(micros.div_euclid(DAY));
    if (0..=9_999).contains(&year) {
        push_digits(text, year, 4);
    } else {
        text.push(if year < 0 { '-' } else { '+' });
        push_digits(text, year.abs(), 6);
    }
    text.push('-');
    push_digits(text, month, 2);
    text.push('-');
    push_digits(text, day, 2);
}

fn push_time(text: &mut String, micros: i64) {
    let micros = micros.rem_euclid(DAY);
    let seconds = micros / SECOND;
    push_digits(text, seconds / 3_600, 2);
    text.push(':');
    push_digits(text, seconds / 60 % 60, 2);
    text.push(':');
    push_digits(text, seconds % 60, 2);
    if micros % SECOND != 0 {
        text.push('.');
        push_digits(text, micros % SECOND, 6);
        text.truncate(text.trim_end_matches('0').len());
    }
}

/// Appends the last digits of a number, with zeros in front.
fn push_digits(text: &mut String, number: i64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        text.push(char::from(b'0' + digit as u8));
    }
}

/// Whether the text is a date in the contract's form, `2026-11-20`, of a day that there is.
pub fn valid_date(text: &str) -> bool {
    let mut reader = Reader(text.as_bytes());
    reader.date(false).is_ok() && reader.is_done()
}

/// Whether the text is a time of day in the contract's form: `23:59:59`, perhaps with up to six decimals.
pub fn valid_time(text: &str) -> bool {
    let mut reader = Reader(text.as_bytes());
    let form = text.get(2..3) == Some(":") && text.get(5..6) == Some(":") && text.len() <= 15;
    form && matches!(reader.time(), Ok((0..DAY, true))) && reader.is_done()
}

/// A time of day in the contract's form, without zeros at the end, so that the order of texts is that of times.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub(crate) fn normalise_time(text: &str) -> Result<String, String> {
    let mut reader = Reader(text.as_bytes());
    match reader.time()? {
        _ if !reader.is_done() => {
            Err("something follows after the time; it has no zone".to_owned())
        }
        (_, false) => Err("it is finer than a microsecond".to_owned()),
        (micros @ 0..DAY, true) => Ok(format_time(micros)),
        _ => Err("a leap second is no time of day".to_owned()),
    }
}

/// The rest of a text that is being read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes one of these bytes, where it comes next.
    fn take_any(&mut self, bytes: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if bytes.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes one digit, where it comes next.
    fn digit(&mut self) -> Option<i64> {
        let (first, rest) = self.0.split_first()?;
        let digit = first.is_ascii_digit().then(|| i64::from(first - b'0'))?;
        self.0 = rest;
        Some(digit)
    }

    /// Exactly so many digits, of a number within the range.
    fn number(
        &mut self,
        digits: usize,
        least: i64,
        greatest: i64,
        what: &str,
    ) -> Result<i64, String> {
        let mut number = 0;
        for _ in 0..digits {
            let digit = self
                .digit()
                .ok_or_else(|| format!("the {what} must have {digits} digits"))?;
            number = number * 10 + digit;
        }
        if (least..=greatest).contains(&number) {
            Ok(number)
        } else {
            Err(format!(
                "the {what} must be from {least:02} to {greatest:02}"
            ))
        }
    }

    fn expect(&mut self, byte: u8, before: &str) -> Result<(), String> {
        if self.take_any(&[byte]) {
            Ok(())
        } else {
            Err(format!(
                "`{}` is missing before the {before}",
                char::from(byte)
            ))
        }
    }

    /// A date, as days since 1970.
    fn date(&mut self, expanded: bool) -> Result<i64, String> {
        let year = if expanded && self.take_any(b"+") {
            self.number(6, 0, 999_999, "year after `+`")?
        } else if expanded && self.take_any(b"-") {
            -self.number(6, 1, 999_999, "year after `-`")?
        } else {
            self.number(4, 0, 9_999, "year")?
        };
        self.expect(b'-', "month")?;
        let month = self.number(2, 1, 12, "month")?;
        self.expect(b'-', "day")?;
        let day = self.number(2, 1, days_in_month(year, month), "day of this month")?;
        Ok(days_from_civil(year, month, day))
    }

    /// A time of day in microseconds, and whether no finer digits were dropped. Seconds may be missing.
    fn time(&mut self) -> Result<(i64, bool), String> {
        let hour = self.number(2, 0, 23, "hour")?;
        self.expect(b':', "minute")?;
        let minute = self.number(2, 0, 59, "minute")?;
        let mut micros = (hour * 60 + minute) * 60 * SECOND;
        let mut exact = true;
        if self.take_any(b":") {
            // 60 is a leap second.
            micros += self.number(2, 0, 60, "second")? * SECOND;
            if self.take_any(b".,") {
                let mut unit = SECOND / 10;
                micros += unit * self.digit().ok_or("digits must follow the decimal point")?;
                while let Some(digit) = self.digit() {
                    unit /= 10;
                    micros += unit * digit;
                    exact &= unit > 0 || digit == 0;
                }
            }
        }
        Ok((micros, exact))
    }

    /// How far a zone is ahead of UTC, in microseconds; none is UTC.
    fn zone(&mut self) -> Result<i64, String> {
        if self.is_done() || self.take_any(b"Zz") {
            return Ok(0);
        }
        let sign = if self.take_any(b"+") {
            1
        } else if self.take_any(b"-") {
            -1
        } else {
            return Err("a zone must be `Z`, or hours and minutes as in `+02:00`".to_owned());
        };
        let hours = self.number(2, 0, 23, "zone's hours")?;
        let minutes = if self.take_any(b":") || !self.is_done() {
            self.number(2, 0, 59, "zone's minutes")?
        } else {
            0
        };
        Ok(sign * (hours * 60 + minutes) * 60 * SECOND)
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
