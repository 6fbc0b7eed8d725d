//! Operands, brought to what a column holds.
//!
//! The runtime gives an operand the kind that the property declares. Here it is made sure of, since a statement must
//! mean exactly what was asked: what is of another kind is never equal, and what lies beyond the column's values is less
//! or greater than them all.

use tenon_model::{Decimal, PropertyType, Value, coerce, equal};

/// Where an operand stands to the values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// It is such a value: the backend compares.
    Value(Value),
    /// It is less than all of them.
    Below,
    /// It is greater than all of them.
    Above,
    /// No value is equal to it, none greater and none less.
    Apart,
    /// No value is equal to it; whether one is greater or less is for the runtime to find out.
    Unequal,
    /// Nothing is known: the runtime compares.
    Unknown,
}

/// Where an operand that isn't null stands to the values that a property of that kind has.
pub(crate) fn fit(kind: PropertyType, operand: &Value) -> Fit {
    use PropertyType as Kind;
    match (kind, operand) {
        (Kind::Json | Kind::Any | Kind::Point, _) | (_, Value::Null | Value::Other(_)) => {
            Fit::Unknown
        }
        (Kind::Boolean, Value::Boolean(_))
        | (Kind::Integer, Value::Integer(_))
        | (Kind::Text, Value::Text(_))
        | (Kind::Bytes, Value::Bytes(_))
        | (Kind::Timestamp, Value::Timestamp(_)) => Fit::Value(operand.clone()),
        (Kind::Date | Kind::Time | Kind::Uuid, Value::Text(text)) => {
            // A text that isn't in the kind's one form may still be greater or less, as text.
            match coerce(operand.clone(), kind) {
                Ok(Value::Text(normal)) if normal == *text => Fit::Value(operand.clone()),
                _ => Fit::Unequal,
            }
        }
        (
            Kind::Integer | Kind::Float | Kind::Decimal,
            Value::Integer(_) | Value::Float(_) | Value::Decimal(_),
        ) => number(kind, operand),
        _ => Fit::Apart,
    }
}

/// A number of one of the three cases as one of a kind's, only where it is the very same.
fn number(kind: PropertyType, operand: &Value) -> Fit {
    let malformed = match operand {
        Value::Float(float) => !float.is_finite(),
        Value::Decimal(text) => Decimal::parse(text).is_none(),
        _ => false,
    };
    if malformed {
        return Fit::Unknown;
    }
    match coerce(operand.clone(), kind) {
        Ok(same) if equal(&same, operand) => Fit::Value(same),
        // A decimal may have as many digits as it takes to be a float's very value.
        _ if kind == PropertyType::Decimal => Fit::Unknown,
        _ => Fit::Unequal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PropertyType as Kind;

    fn decimal(text: &str) -> Value {
        Value::Decimal(text.to_owned())
    }

    #[test]
    fn numbers_change_their_case_only_where_they_stay_the_same() {
        assert_eq!(
            fit(Kind::Integer, &Value::Float(5.0)),
            Fit::Value(Value::Integer(5))
        );
        assert_eq!(fit(Kind::Integer, &Value::Float(5.5)), Fit::Unequal);
        assert_eq!(
            fit(Kind::Integer, &decimal("9223372036854775808")),
            Fit::Unequal
        );
        assert_eq!(
            fit(Kind::Float, &Value::Integer(1 << 60)),
            Fit::Value(Value::Float((1_u64 << 60) as f64))
        );
        assert_eq!(
            fit(Kind::Float, &Value::Integer((1 << 60) + 1)),
            Fit::Unequal
        );
        assert_eq!(fit(Kind::Float, &decimal("0.1")), Fit::Unequal);
        assert_eq!(
            fit(Kind::Float, &decimal("0.50")),
            Fit::Value(Value::Float(0.5))
        );
        assert_eq!(
            fit(Kind::Decimal, &Value::Integer(-3)),
            Fit::Value(decimal("-3"))
        );
        assert_eq!(fit(Kind::Decimal, &Value::Float(0.1)), Fit::Unknown);
        assert_eq!(fit(Kind::Float, &Value::Float(f64::NAN)), Fit::Unknown);
    }

    #[test]
    fn other_kinds_are_apart() {
        assert_eq!(fit(Kind::Integer, &"5".into()), Fit::Apart);
        assert_eq!(fit(Kind::Text, &Value::Integer(5)), Fit::Apart);
        assert_eq!(fit(Kind::Boolean, &Value::Integer(1)), Fit::Apart);
        assert_eq!(fit(Kind::Timestamp, &"2024-01-01".into()), Fit::Apart);
    }

    #[test]
    fn texts_of_a_form_are_values_in_that_form_alone() {
        let uuid = "936da01f-9abd-4d9d-80c7-02af85c822a8";
        assert_eq!(fit(Kind::Uuid, &uuid.into()), Fit::Value(uuid.into()));
        assert_eq!(fit(Kind::Uuid, &uuid.to_uppercase().into()), Fit::Unequal);
        assert_eq!(fit(Kind::Date, &"2024-1-1".into()), Fit::Unequal);
        assert_eq!(
            fit(Kind::Time, &"10:00:00".into()),
            Fit::Value("10:00:00".into())
        );
    }
}
