//! Sums: of integers and decimals exactly, of floats with what rounding loses kept beside them.
//!
//! A decimal is added as groups of 18 digits, each to a total of its own: no carry until the end, and nothing
//! overflows before there are more values than a count of 64 bits holds. Its memory is that of the longest
//! number added.

use crate::contract::Value;
use crate::decimal::Decimal;

/// How many decimal digits a group has: the most that fit into 64 bits with sign.
const DIGITS: usize = 18;
/// Ten to the power of [`DIGITS`].
const BASE: i128 = 1_000_000_000_000_000_000;
/// How many digits of an average are worked out: beyond what a float can tell apart.
const AVERAGE_DIGITS: usize = 40;

/// Numbers added up.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    values: u64,
    integers: i128,
    decimals: Option<Box<Decimals>>,
    floats: Option<Floats>,
}

/// Why a sum isn't known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is beyond the greatest float, or was on the way.
    TooGreat,
}

impl Sum {
    /// Adds a number; false where the value is none.
    pub(super) fn add(&mut self, value: &Value) -> bool {
        match value {
            Value::Integer(integer) => self.integers += i128::from(*integer),
            Value::Float(float) => self.floats.get_or_insert_default().add(*float),
            Value::Decimal(text) => match Decimal::parse(text) {
                Some(decimal) => {
                    let written = text.split_once('.').map_or(0, |(_, digits)| digits.len());
                    self.decimals.get_or_insert_default().add(decimal, written);
                }
                None => return false,
            },
            _ => return false,
        }
        self.values += 1;
        true
    }

    /// The sum, null of no values: an integer where all are and 64 bits hold it, a float where one is, else a
    /// decimal.
    pub(super) fn total(&self) -> Result<Value, Unknown> {
        if self.values == 0 {
            return Ok(Value::Null);
        }
        if self.floats.is_some() {
            return self.float_total().map(Value::Float);
        }
        if let (None, Ok(integer)) = (&self.decimals, i64::try_from(self.integers)) {
            return Ok(Value::Integer(integer));
        }
        Ok(Value::Decimal(self.exact_total().text()))
    }

    /// The sum by the number of values, as a float; null of no values.
    pub(super) fn average(&self) -> Result<Value, Unknown> {
        if self.values == 0 {
            return Ok(Value::Null);
        }
        let average = if self.floats.is_some() {
            self.float_total()? / self.values as f64
        } else {
            self.exact_total().divided_by(self.values)
        };
        finite(average).map(Value::Float)
    }

    fn float_total(&self) -> Result<f64, Unknown> {
        let mut floats = self.floats.clone().unwrap_or_default();
        if self.integers != 0 || self.decimals.is_some() {
            floats.add(self.exact_total().float());
        }
        finite(floats.total())
    }

    fn exact_total(&self) -> Exact {
        let mut decimals = self.decimals.as_deref().cloned().unwrap_or_default();
        decimals.add_integer(self.integers);
        decimals.total()
    }
}

/// An exact sum by the number of its values, as a float that is rounded once; none where the sum is no exact number,
/// there are no values, or no float holds it. For whoever has the sum from elsewhere.
pub fn exact_average(total: &Value, values: u64) -> Option<f64> {
    let mut sum = Sum::default();
    if values == 0 || !sum.add(total) || sum.floats.is_some() {
        return None;
    }
    sum.values = values;
    match sum.average() {
        Ok(Value::Float(average)) => Some(average),
        _ => None,
    }
}

fn finite(float: f64) -> Result<f64, Unknown> {
    if float.is_finite() {
        Ok(float)
    } else {
        Err(Unknown::TooGreat)
    }
}

/// Floats by Neumaier's summation: <https://en.wikipedia.org/wiki/Kahan_summation_algorithm>.
#[derive(Clone, Debug, Default)]
struct Floats {
    sum: f64,
    lost: f64,
}

impl Floats {
    fn add(&mut self, float: f64) {
        let sum = self.sum + float;
        self.lost += if self.sum.abs() >= float.abs() {
            (self.sum - sum) + float
        } else {
            (float - sum) + self.sum
        };
        self.sum = sum;
    }

    fn total(&self) -> f64 {
        self.sum + self.lost
    }
}

/// Decimals by groups of digits, each group's total with its sign.
#[derive(Clone, Debug, Default)]
struct Decimals {
    /// Before the point, the least significant first.
    whole: Vec<i128>,
    /// After the point, the most significant first.
    fraction: Vec<i128>,
    /// The most digits after the point that a value was written with.
    scale: usize,
}

impl Decimals {
    fn add(&mut self, decimal: Decimal<'_>, scale: usize) {
        self.scale = self.scale.max(scale);
        let (integer, fraction) = decimal.digits();
        let sign = if decimal.is_negative() { -1 } else { 1 };
        for (index, group) in integer.as_bytes().rchunks(DIGITS).enumerate() {
            add_at(&mut self.whole, index, sign * number(group));
        }
        for (index, group) in fraction.as_bytes().chunks(DIGITS).enumerate() {
            let missing = DIGITS - group.len();
            let zeros = (0..missing).fold(1, |power: i128, _| power * 10);
            add_at(&mut self.fraction, index, sign * number(group) * zeros);
        }
    }

    fn add_integer(&mut self, mut integer: i128) {
        let mut index = 0;
        while integer != 0 {
            add_at(&mut self.whole, index, integer % BASE);
            integer /= BASE;
            index += 1;
        }
    }

    fn total(&self) -> Exact {
        let (groups, carry) = self.carried(1);
        let negative = carry < 0;
        let groups = if negative { self.carried(-1).0 } else { groups };
        let digits: String = groups
            .iter()
            .rev()
            .map(|group| format!("{group:018}"))
            .collect();
        let (integer, fraction) = digits
            .split_at_checked(digits.len().saturating_sub(self.fraction.len() * DIGITS))
            .unwrap_or_default();
        Exact {
            negative,
            integer: integer.trim_start_matches('0').to_owned(),
            // No value has a digit behind the scale, so the sum has none either.
            fraction: format!("{:0<width$}", fraction, width = self.scale)
                .get(..self.scale)
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Every group times the sign as a number from 0 to [`BASE`], the least significant first, and what is left
    /// over beyond them: less than zero where the whole is.
    fn carried(&self, sign: i128) -> (Vec<i128>, i128) {
        let mut groups = Vec::with_capacity(self.fraction.len() + self.whole.len() + 2);
        let mut carry = 0;
        for total in self.fraction.iter().rev().chain(&self.whole) {
            let total = sign * total + carry;
            groups.push(total.rem_euclid(BASE));
            carry = total.div_euclid(BASE);
        }
        while carry > 0 {
            groups.push(carry % BASE);
            carry /= BASE;
        }
        (groups, carry)
    }
}

fn add_at(totals: &mut Vec<i128>, index: usize, number: i128) {
    if totals.len() <= index {
        totals.resize(index + 1, 0);
    }
    if let Some(total) = totals.get_mut(index) {
        *total += number;
    }
}

/// The number of at most [`DIGITS`] digits.
fn number(digits: &[u8]) -> i128 {
    digits
        .iter()
        .fold(0, |number, digit| number * 10 + i128::from(digit - b'0'))
}

/// An exact number by its digits.
struct Exact {
    negative: bool,
    /// Without zeros in front.
    integer: String,
    /// As many as the values had at most.
    fraction: String,
}

impl Exact {
    /// In the contract's form.
    fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let integer = if self.integer.is_empty() {
            "0"
        } else {
            &self.integer
        };
        let point = if self.fraction.is_empty() { "" } else { "." };
        format!("{sign}{integer}{point}{}", self.fraction)
    }

    fn float(&self) -> f64 {
        // The contract's form is a part of what Rust parses, and correctly rounded.
        self.text().parse().unwrap_or(f64::NAN)
    }

    /// By long division, to more digits than matter and one that says whether there are others; so only the
    /// step to a float rounds.
    fn divided_by(&self, divisor: u64) -> f64 {
        let divisor = u128::from(divisor);
        let digits = self.integer.bytes().chain(self.fraction.bytes());
        let mut quotient = String::new();
        let mut rest = 0_u128;
        let mut push = |rest: &mut u128, digit: u8| {
            *rest = *rest * 10 + u128::from(digit - b'0');
            let next = *rest / divisor;
            *rest %= divisor;
            if next > 0 || !quotient.is_empty() {
                quotient.push_str(&next.to_string());
            }
            quotient.len()
        };
        let mut length = 0;
        for digit in digits {
            length = push(&mut rest, digit);
        }
        let mut places = self.fraction.len();
        while rest != 0 && length < AVERAGE_DIGITS {
            length = push(&mut rest, b'0');
            places += 1;
        }
        if rest != 0 {
            quotient.push('1');
            places += 1;
        }
        if quotient.is_empty() {
            return 0.0;
        }
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{quotient}e-{places}")
            .parse()
            .unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: impl IntoIterator<Item = Value>) -> Sum {
        let mut sum = Sum::default();
        for value in values {
            assert!(sum.add(&value), "{value:?}");
        }
        sum
    }

    fn decimals(texts: &[&str]) -> Sum {
        sum(texts.iter().map(|text| Value::Decimal((*text).to_owned())))
    }

    #[test]
    fn integers_stay_integers_until_64_bits_are_too_few() {
        let max = || Value::Integer(i64::MAX);
        assert_eq!(sum([max(), (-1).into()]).total(), Ok((i64::MAX - 1).into()));
        let expected = Value::Decimal("18446744073709551614".to_owned());
        assert_eq!(sum([max(), max()]).total(), Ok(expected));
        let least = Value::Integer(i64::MIN);
        let expected = Value::Decimal("-18446744073709551616".to_owned());
        assert_eq!(sum([least.clone(), least]).total(), Ok(expected));
    }

    #[test]
    fn decimals_are_added_to_the_last_digit() {
        for (texts, expected) in [
            (&["0.1", "0.2"][..], "0.3"),
            (&["1.50", "2.5"], "4.00"),
            (&["-0.01", "0.005"], "-0.005"),
            (&["1", "-1.000"], "0.000"),
            (&["-0.0"], "0.0"),
            (
                &[
                    "99999999999999999999999999999999999999.9999999999999999999999",
                    "0.0000000000000000000001",
                ],
                "100000000000000000000000000000000000000.0000000000000000000000",
            ),
            (&["-1000000000000000000", "1"], "-999999999999999999"),
        ] {
            let expected = Value::Decimal(expected.to_owned());
            assert_eq!(decimals(texts).total(), Ok(expected), "{texts:?}");
        }
    }

    #[test]
    fn an_integer_and_a_decimal_are_added_exactly() {
        let mixed = sum([
            Value::Integer(i64::MAX),
            Value::Integer(i64::MAX),
            Value::Decimal("0.5".to_owned()),
        ]);
        let expected = Value::Decimal("18446744073709551614.5".to_owned());
        assert_eq!(mixed.total(), Ok(expected));
    }

    #[test]
    fn floats_keep_what_rounding_loses() {
        let floats = sum([1.0, 1e100, 1.0, -1e100].map(Value::Float));
        assert_eq!(floats.total(), Ok(Value::Float(2.0)));
        let mixed = sum([Value::Float(0.5), Value::Integer(2)]);
        assert_eq!(mixed.total(), Ok(Value::Float(2.5)));
    }

    #[test]
    fn what_no_float_holds_is_an_error() {
        let floats = sum([f64::MAX, f64::MAX].map(Value::Float));
        assert_eq!(floats.total(), Err(Unknown::TooGreat));
        assert_eq!(floats.average(), Err(Unknown::TooGreat));
        let long = "9".repeat(400);
        assert_eq!(decimals(&[&long]).average(), Err(Unknown::TooGreat));
    }

    #[test]
    fn averages_are_rounded_once() {
        assert_eq!(
            sum([1, 2].map(Value::Integer)).average(),
            Ok(Value::Float(1.5))
        );
        assert_eq!(
            decimals(&["-0.1", "-0.2", "0"]).average(),
            Ok(Value::Float(-0.1))
        );
        assert_eq!(
            sum([0, 0].map(Value::Integer)).average(),
            Ok(Value::Float(0.0))
        );
        assert_eq!(
            sum([1, 1, 0].map(Value::Integer)).average(),
            Ok(Value::Float(2.0 / 3.0))
        );
        // As floats these would add up to 2^53, and average to less.
        let odd = sum([9_007_199_254_740_993, 9_007_199_254_740_995].map(Value::Integer));
        assert_eq!(odd.average(), Ok(Value::Float(9_007_199_254_740_994.0)));
    }

    #[test]
    fn a_sum_from_elsewhere_is_averaged_alike() {
        let total = Value::Decimal("18014398509481988".to_owned());
        assert_eq!(exact_average(&total, 2), Some(9_007_199_254_740_994.0));
        assert_eq!(exact_average(&Value::Integer(2), 3), Some(2.0 / 3.0));
        for wrong in [Value::Float(1.0), Value::Null, "1".into()] {
            assert_eq!(exact_average(&wrong, 1), None);
        }
        assert_eq!(exact_average(&Value::Integer(2), 0), None);
    }

    #[test]
    fn of_nothing_there_is_no_sum_and_no_average() {
        assert_eq!(Sum::default().total(), Ok(Value::Null));
        assert_eq!(Sum::default().average(), Ok(Value::Null));
    }

    #[test]
    fn what_is_no_number_is_not_added() {
        let mut sum = Sum::default();
        for value in [
            "1".into(),
            true.into(),
            Value::Null,
            Value::Decimal("x".to_owned()),
        ] {
            assert!(!sum.add(&value), "{value:?}");
        }
        assert_eq!(sum.total(), Ok(Value::Null));
    }
}
