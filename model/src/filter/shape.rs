//! How many operands a comparison takes, and of which case; independent of any model.

use super::MAX_PATTERN;
use super::like::LikePattern;
use crate::contract::{Comparison, Condition, PropertyType, Value};

/// What is wrong with a condition by itself; none where it has a meaning.
pub(super) fn fault(condition: &Condition) -> Option<String> {
    use Comparison as C;
    let operands = condition.operands.as_slice();
    let count = operands.len();
    let wrong_count = |wanted: &str| Some(format!("it takes {wanted}; {count} are here"));
    match condition.comparison {
        C::OneOf | C::NotOneOf => None,
        C::Between => match operands {
            [_, _] => None,
            _ => wrong_count("two operands, the least and the greatest"),
        },
        C::Near => near_fault(operands),
        _ => match operands {
            [operand] => operand_fault(condition.comparison, operand),
            _ => wrong_count("one operand"),
        },
    }
}

fn operand_fault(comparison: Comparison, operand: &Value) -> Option<String> {
    use Comparison as C;
    match (comparison, operand) {
        // A comparison with null just doesn't hold.
        (_, Value::Null) => None,
        (C::Exists, Value::Boolean(_)) => None,
        (C::Exists, other) => Some(format!(
            "it takes true or false; {} is neither",
            other.describe()
        )),
        (C::Like | C::NotLike | C::Ilike | C::NotIlike | C::Matches, operand) => {
            let Value::Text(pattern) = operand else {
                return Some(format!("a pattern is text; {} is none", operand.describe()));
            };
            if pattern.len() > MAX_PATTERN {
                let length = pattern.len();
                return Some(format!(
                    "a pattern of {length} bytes; {MAX_PATTERN} are the most"
                ));
            }
            pattern_fault(comparison, pattern)
        }
        _ => None,
    }
}

fn pattern_fault(comparison: Comparison, pattern: &str) -> Option<String> {
    if comparison == Comparison::Matches {
        // Without the feature somebody else compiles it, and says what is wrong with it.
        #[cfg(feature = "regex")]
        return super::regexp::compile(pattern).err();
        #[cfg(not(feature = "regex"))]
        return None;
    }
    LikePattern::new(pattern, false).err()
}

fn near_fault(operands: &[Value]) -> Option<String> {
    let [point, bounds @ ..] = operands else {
        return Some(
            "it takes a point, and perhaps the greatest and the least distance".to_owned(),
        );
    };
    if !matches!(point, Value::Point(_) | Value::Null) {
        return Some(format!("it takes a point; {} is none", point.describe()));
    }
    if bounds.len() > 2 {
        return Some("it takes a point and two distances; there are more operands".to_owned());
    }
    bounds
        .iter()
        .find(|bound| !bound.is_null() && metres(bound).is_none())
        .map(|bound| {
            format!(
                "a distance is a number of metres from 0; {} is none",
                bound.describe()
            )
        })
}

/// A distance; none for what is no distance.
pub(super) fn metres(bound: &Value) -> Option<f64> {
    let number = matches!(
        bound,
        Value::Integer(_) | Value::Float(_) | Value::Decimal(_)
    );
    match crate::coerce(bound.clone(), PropertyType::Float) {
        Ok(Value::Float(metres)) if number && metres >= 0.0 => Some(metres),
        _ => None,
    }
}
