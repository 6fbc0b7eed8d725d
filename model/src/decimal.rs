//! Exact decimal numbers, held as the contract's text: `-` or nothing, digits, then perhaps `.` and digits.
//!
//! Everything here works on the text itself, so that no digit is ever lost and ordinary comparisons need no
//! memory. What isn't a decimal number is none, never a guess.

use std::cmp::Ordering;
use std::fmt::{self, Write};

/// The greatest exponent, either way, that is written out: `1e-9999` becomes ten thousand characters.
const MAX_EXPONENT: u32 = 9_999;

/// A decimal number, looked at in the text that holds it. Its order and equality are by value.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'a> {
    text: &'a str,
    /// Never for zero.
    negative: bool,
    /// Without zeros in front: empty for less than one.
    integer: &'a str,
    /// Without zeros at the end: empty for whole numbers.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// The number that the text is in the contract's form; none for any other text.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, fraction) = match digits.split_once('.') {
            Some((integer, fraction)) if is_digits(fraction) => (integer, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        if !is_digits(integer) {
            return None;
        }
        let integer = integer.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        Some(Self {
            text,
            negative: negative && !(integer.is_empty() && fraction.is_empty()),
            integer,
            fraction,
        })
    }

    /// The same number as an integer, where it is one of 64 bits.
    pub fn to_integer(self) -> Option<i64> {
        if !self.fraction.is_empty() {
            return None;
        }
        self.whole().and_then(|whole| i64::try_from(whole).ok())
    }

    /// The float nearest to it: infinite where it is beyond them all.
    pub fn to_float(self) -> f64 {
        // The contract's form is a part of what Rust parses, and correctly rounded.
        self.text.parse().unwrap_or(f64::NAN)
    }

    /// How many digits it needs before the point.
    pub fn integer_digits(self) -> usize {
        self.integer.len()
    }

    /// How many digits it needs after the point.
    pub fn fraction_digits(self) -> usize {
        self.fraction.len()
    }

    /// Whether it is less than zero.
    pub(crate) fn is_negative(self) -> bool {
        self.negative
    }

    /// The digits before and after the point that count.
    pub(crate) fn digits(self) -> (&'a str, &'a str) {
        (self.integer, self.fraction)
    }

    /// Compares it with an integer, exactly.
    pub fn compare_integer(self, integer: i64) -> Ordering {
        let Some(whole) = self.whole() else {
            return self.sign();
        };
        whole.cmp(&i128::from(integer)).then_with(|| {
            if self.fraction.is_empty() {
                Ordering::Equal
            } else {
                self.sign()
            }
        })
    }

    /// Compares it with a float's exact value. Anything is less than what is not a number.
    pub fn compare_float(self, float: f64) -> Ordering {
        if !float.is_finite() {
            return if float == f64::NEG_INFINITY {
                Ordering::Greater
            } else {
                Ordering::Less
            };
        }
        // Rounding never changes an order: only where the nearest float is this one the digits decide.
        match self.to_float().partial_cmp(&float) {
            Some(Ordering::Equal) if float == 0.0 => self.sign(),
            Some(Ordering::Equal) => self
                .compare_in_128_bits(float)
                .unwrap_or_else(|| self.compare_digits(float)),
            Some(order) => order,
            None => Ordering::Less,
        }
    }

    /// Compares it with a float of the same sign by cross-multiplying their fractions; none where those are too
    /// long for it.
    fn compare_in_128_bits(self, float: f64) -> Option<Ordering> {
        let (mantissa, exponent) = binary_parts(float);
        let mut digits = 0_u128;
        for byte in self.integer.bytes().chain(self.fraction.bytes()) {
            digits = digits
                .checked_mul(10)?
                .checked_add(u128::from(byte - b'0'))?;
        }
        let places = u32::try_from(self.fraction.len()).ok()?;
        let power = 2_u128.checked_pow(exponent.unsigned_abs())?;
        let theirs = u128::from(mantissa).checked_mul(10_u128.checked_pow(places)?)?;
        let magnitude = if exponent < 0 {
            digits.checked_mul(power)?.cmp(&theirs)
        } else {
            digits.cmp(&theirs.checked_mul(power)?)
        };
        Some(if self.negative {
            magnitude.reverse()
        } else {
            magnitude
        })
    }

    /// Compares it with all digits of a finite float.
    fn compare_digits(self, float: f64) -> Ordering {
        let mut exact = FloatText::default();
        let digits = exact.write(float);
        Decimal::parse(digits).map_or(Ordering::Equal, |float| self.cmp(&float))
    }

    /// How it compares with zero.
    fn sign(self) -> Ordering {
        if self.negative {
            Ordering::Less
        } else if self.integer.is_empty() && self.fraction.is_empty() {
            Ordering::Equal
        } else {
            Ordering::Greater
        }
    }

    /// What is before the point, with its sign; none beyond 128 bits.
    fn whole(self) -> Option<i128> {
        let magnitude = if self.integer.is_empty() {
            0
        } else {
            self.integer.parse::<i128>().ok()?
        };
        Some(if self.negative { -magnitude } else { magnitude })
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sign().cmp(&other.sign()).then_with(|| {
            let magnitude = self
                .integer
                .len()
                .cmp(&other.integer.len())
                .then_with(|| self.integer.cmp(other.integer))
                .then_with(|| self.fraction.cmp(other.fraction));
            if self.negative {
                magnitude.reverse()
            } else {
                magnitude
            }
        })
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal<'_> {}

/// The number in the contract's form, of what people and programs write: a `+`, zeros in front, `.5`, `5.`,
/// an exponent. Zeros at the end stay, since `1.50` may say how exact it is. None where it isn't a number.
pub fn normalise(text: &str) -> Option<String> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(integer)
        || !all_digits(fraction)
        || (integer.is_empty() && fraction.is_empty())
        || exponent.unsigned_abs() > MAX_EXPONENT
    {
        return None;
    }
    let (integer, fraction) = shift(integer, fraction, exponent);
    let integer = integer.trim_start_matches('0');
    let is_zero = integer.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    let mut normal = String::with_capacity(integer.len() + fraction.len() + 3);
    if negative && !is_zero {
        normal.push('-');
    }
    normal.push_str(if integer.is_empty() { "0" } else { integer });
    if !fraction.is_empty() {
        normal.push('.');
        normal.push_str(&fraction);
    }
    Some(normal)
}

/// The digits before and after the point, once it has moved `exponent` places to the right.
fn shift(integer: &str, fraction: &str, exponent: i32) -> (String, String) {
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
    if exponent >= 0 {
        let moved = places.min(fraction.len());
        let (before, after) = fraction.split_at(moved);
        let zeros = "0".repeat(places - moved);
        (format!("{integer}{before}{zeros}"), after.to_owned())
    } else {
        let moved = places.min(integer.len());
        let (before, after) = integer.split_at(integer.len() - moved);
        let zeros = "0".repeat(places - moved);
        (before.to_owned(), format!("{zeros}{after}{fraction}"))
    }
}

/// Digits alone, and at least one.
fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A finite float's size as an odd number, or zero, times two to the power of the second.
fn binary_parts(float: f64) -> (u64, i32) {
    let bits = float.to_bits();
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    // IEEE 754, binary64.
    let (mantissa, exponent) = if biased == 0 {
        (fraction, -1_074)
    } else {
        (fraction | (1 << 52), biased - 1_075)
    };
    if mantissa == 0 {
        return (0, 0);
    }
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, exponent.saturating_add_unsigned(zeros))
}

/// A float's exact decimal expansion, on the stack.
struct FloatText {
    /// A sign, one digit, a point, and as many digits as the smallest float has.
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl FloatText {
    const LONGEST: usize = 1_080;

    /// All digits of a finite float: as many after the point as its lowest binary digit needs.
    fn write(&mut self, float: f64) -> &str {
        let (_, exponent) = binary_parts(float);
        let digits = usize::try_from(-exponent).unwrap_or(0);
        self.length = 0;
        if write!(self, "{float:.digits$}").is_err() {
            return "";
        }
        self.bytes
            .get(..self.length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }
}

impl Default for FloatText {
    fn default() -> Self {
        Self {
            bytes: [0; Self::LONGEST],
            length: 0,
        }
    }
}

impl Write for FloatText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
