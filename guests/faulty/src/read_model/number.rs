//! Adding numbers, exactly where both are exact.

use tenon_model::Decimal;
use tenon_sdk::{Error, Result, Value};

use crate::fault::{Fault, Planted};

/// The sum of two numbers: a float where one of them is, a decimal where one is or an integer has no room; none where
/// one of them is no number.
pub(super) fn add(planted: Planted, left: &Value, right: &Value) -> Result<Option<Value>> {
    if let (Value::Integer(left), Value::Integer(right)) = (left, right)
        && let Some(sum) = left.checked_add(*right)
    {
        return Ok(Some(Value::Integer(sum)));
    }
    if let (Some(left), Some(right)) = (exact(left), exact(right)) {
        if planted.is(Fault::IncrementPassesThroughFloats) {
            return Ok(Some(Value::Decimal(format!(
                "{}",
                float(&left) + float(&right)
            ))));
        }
        return match sum(&left, &right) {
            Some(sum) => Ok(Some(Value::Decimal(sum))),
            None => Err(Error::invalid("the sum has more digits than can be kept")),
        };
    }
    let of = |value: &Value| match value {
        Value::Float(float) => Some(*float),
        other => exact(other).map(|text| float(&text)),
    };
    let (Some(left), Some(right)) = (of(left), of(right)) else {
        return Ok(None);
    };
    let sum = left + right;
    if !sum.is_finite() {
        return Err(Error::invalid("the sum is no number that can be kept"));
    }
    Ok(Some(Value::Float(sum)))
}

fn exact(value: &Value) -> Option<String> {
    match value {
        Value::Integer(integer) => Some(integer.to_string()),
        Value::Decimal(text) => Decimal::parse(text).map(|_| text.clone()),
        _ => None,
    }
}

fn float(text: &str) -> f64 {
    Decimal::parse(text).map_or(f64::NAN, Decimal::to_float)
}

/// The sum of two decimals, as integers that are shifted to the same scale.
fn sum(left: &str, right: &str) -> Option<String> {
    let scale_of = |text: &str| text.split_once('.').map_or(0, |(_, part)| part.len());
    let scale = scale_of(left).max(scale_of(right));
    let shifted = |text: &str| {
        let zeros = std::iter::repeat_n('0', scale - scale_of(text));
        let digits = text.chars().filter(|letter| *letter != '.');
        digits.chain(zeros).collect::<String>().parse::<i128>().ok()
    };
    let sum = shifted(left)?.checked_add(shifted(right)?)?;
    let digits = format!("{:0>width$}", sum.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len().checked_sub(scale)?);
    let sign = if sum < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{part}"))
}
