//! Adding numbers, exactly where both are exact.

use std::cmp::Ordering;

use tenon_model::Decimal;
use tenon_sdk::Value;

/// The sum: a float where one of the two is, a decimal where one is or an integer has no room; none where one
/// is no number, or the sum of floats is not finite.
pub(crate) fn add(left: &Value, right: &Value) -> Option<Value> {
    if let (Value::Integer(left), Value::Integer(right)) = (left, right) {
        return Some(match left.checked_add(*right) {
            Some(sum) => Value::Integer(sum),
            None => Value::Decimal((i128::from(*left) + i128::from(*right)).to_string()),
        });
    }
    if matches!(left, Value::Float(_)) || matches!(right, Value::Float(_)) {
        let sum = float(left)? + float(right)?;
        return sum.is_finite().then_some(Value::Float(sum));
    }
    Exact::parse(&exact(left)?)
        .zip(Exact::parse(&exact(right)?))
        .map(|(left, right)| Value::Decimal(left.add(right)))
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(*float),
        other => Some(Decimal::parse(&exact(other)?)?.to_float()),
    }
}

fn exact(value: &Value) -> Option<String> {
    match value {
        Value::Integer(integer) => Some(integer.to_string()),
        Value::Decimal(text) => Some(text.clone()),
        _ => None,
    }
}

/// A decimal number as digits, the least first.
struct Exact {
    negative: bool,
    digits: Vec<u8>,
    /// How many of them are behind the point.
    scale: usize,
}

impl Exact {
    fn parse(text: &str) -> Option<Self> {
        Decimal::parse(text)?;
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let scale = text
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let digits = text.bytes().rev().filter(u8::is_ascii_digit);
        Some(Self {
            negative,
            digits: digits.map(|digit| digit - b'0').collect(),
            scale,
        })
    }

    /// Brings two numbers to the same number of digits, before the point and behind it.
    fn align(&mut self, other: &mut Self) {
        let scale = self.scale.max(other.scale);
        for number in [&mut *self, &mut *other] {
            let missing = scale - number.scale;
            number.digits.splice(0..0, std::iter::repeat_n(0, missing));
            number.scale = scale;
        }
        let length = self.digits.len().max(other.digits.len());
        self.digits.resize(length, 0);
        other.digits.resize(length, 0);
    }

    fn add(mut self, mut other: Self) -> String {
        self.align(&mut other);
        if self.negative == other.negative {
            let mut carry = 0;
            for (digit, more) in self.digits.iter_mut().zip(&other.digits) {
                let sum = *digit + more + carry;
                *digit = sum % 10;
                carry = sum / 10;
            }
            self.digits.push(carry);
            return self.text();
        }
        if self.digits.iter().rev().cmp(other.digits.iter().rev()) == Ordering::Less {
            std::mem::swap(&mut self, &mut other);
        }
        let mut borrow = 0;
        for (digit, less) in self.digits.iter_mut().zip(&other.digits) {
            let difference = 10 + *digit - less - borrow;
            *digit = difference % 10;
            borrow = 1 - difference / 10;
        }
        self.text()
    }

    fn text(mut self) -> String {
        while self.digits.len() > self.scale + 1 && self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        let mut text = String::with_capacity(self.digits.len() + 2);
        if self.negative && self.digits.iter().any(|digit| *digit != 0) {
            text.push('-');
        }
        for (place, digit) in self.digits.iter().enumerate().rev() {
            text.push(char::from(b'0' + digit));
            if place == self.scale && place > 0 {
                text.push('.');
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Value {
        Value::Decimal(text.into())
    }

    #[test]
    fn exact_numbers_are_added_exactly() {
        for (left, right, sum) in [
            ("0.1", "0.2", "0.3"),
            ("1.50", "-0.5", "1.00"),
            ("-1", "0.25", "-0.75"),
            ("999.99", "0.01", "1000.00"),
            ("1", "-1", "0"),
            ("-0.5", "0.5", "0.0"),
            ("12345678901234567890123", "1", "12345678901234567890124"),
        ] {
            assert_eq!(
                add(&decimal(left), &decimal(right)),
                Some(decimal(sum)),
                "{left} + {right}"
            );
            assert_eq!(
                add(&decimal(right), &decimal(left)),
                Some(decimal(sum)),
                "{right} + {left}"
            );
        }
    }

    #[test]
    fn integers_become_decimals_where_they_have_no_room() {
        assert_eq!(
            add(&Value::Integer(2), &Value::Integer(-3)),
            Some(Value::Integer(-1))
        );
        let sum = add(&Value::Integer(i64::MAX), &Value::Integer(1));
        assert_eq!(sum, Some(decimal("9223372036854775808")));
    }

    #[test]
    fn floats_stay_floats_and_finite() {
        assert_eq!(
            add(&Value::Float(0.5), &decimal("0.25")),
            Some(Value::Float(0.75))
        );
        assert_eq!(add(&Value::Float(f64::MAX), &Value::Float(f64::MAX)), None);
        assert_eq!(add(&Value::Integer(1), &Value::Text("1".into())), None);
    }

    proptest! {
        #[test]
        fn decimals_add_as_integers_do(left in any::<i64>(), right in any::<i64>(), scale in 0..5_usize) {
            let shifted = |number: i128| {
                let digits = format!("{:0width$}", number.unsigned_abs(), width = scale + 1);
                let (whole, fraction) = digits.split_at(digits.len() - scale);
                let point = if scale > 0 { "." } else { "" };
                format!("{}{whole}{point}{fraction}", if number < 0 { "-" } else { "" })
            };
            let (left, right) = (i128::from(left), i128::from(right));
            let sum = add(&decimal(&shifted(left)), &decimal(&shifted(right)));
            prop_assert_eq!(sum, Some(decimal(&shifted(left + right))));
        }
    }
}
