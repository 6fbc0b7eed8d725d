//! Values into the kinds that properties declare.

use proptest::prelude::*;
use tenon_model::{GeoPoint, OtherValue, PropertyType, Value, coerce};

use crate::strategies::{unchecked, value};

fn kind() -> impl Strategy<Value = PropertyType> {
    prop::sample::select(PropertyType::ALL.to_vec())
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.to_owned())
}

proptest! {
    #[test]
    fn what_was_coerced_stays_as_it_is(value in unchecked(), kind in kind()) {
        if let Ok(coerced) = coerce(value, kind) {
            prop_assert!(coerced.check().is_ok());
            prop_assert_eq!(coerce(coerced.clone(), kind), Ok(coerced));
        }
    }

    #[test]
    fn any_takes_every_sound_value_as_it_is(value in value()) {
        prop_assert_eq!(coerce(value.clone(), PropertyType::Any), Ok(value));
    }

    #[test]
    fn null_is_of_every_kind(kind in kind()) {
        prop_assert_eq!(coerce(Value::Null, kind), Ok(Value::Null));
    }

    #[test]
    fn a_number_survives_the_way_through_text(integer in any::<i64>(), kind in prop::sample::select(vec![PropertyType::Integer, PropertyType::Decimal])) {
        let text = coerce(Value::Integer(integer), PropertyType::Text).unwrap();
        let back = coerce(coerce(text, kind).unwrap(), PropertyType::Integer);
        prop_assert_eq!(back, Ok(Value::Integer(integer)));
    }
}

#[test]
fn what_is_exactly_of_the_kind_is_taken() {
    use PropertyType as Kind;
    for (value, kind, expected) in [
        ("12".into(), Kind::Integer, Value::Integer(12)),
        (" 12.0 ".into(), Kind::Integer, Value::Integer(12)),
        ("1e3".into(), Kind::Integer, Value::Integer(1_000)),
        (Value::Float(3.0), Kind::Integer, Value::Integer(3)),
        (decimal("3.00"), Kind::Integer, Value::Integer(3)),
        (Value::Integer(2), Kind::Float, Value::Float(2.0)),
        ("0.1".into(), Kind::Float, Value::Float(0.1)),
        (decimal("0.1"), Kind::Float, Value::Float(0.1)),
        (Value::Float(0.1), Kind::Decimal, decimal("0.1")),
        (
            Value::Float(1e21),
            Kind::Decimal,
            decimal("1000000000000000000000"),
        ),
        (Value::Integer(5), Kind::Text, "5".into()),
        (Value::Boolean(true), Kind::Text, "true".into()),
        ("TRUE".into(), Kind::Boolean, Value::Boolean(true)),
        (Value::Integer(0), Kind::Boolean, Value::Boolean(false)),
        (
            "1970-01-02".into(),
            Kind::Timestamp,
            Value::Timestamp(86_400_000_000),
        ),
        (
            Value::Timestamp(86_400_000_000),
            Kind::Date,
            "1970-01-02".into(),
        ),
        (
            "2026-11-20T00:00:00.000Z".into(),
            Kind::Date,
            "2026-11-20".into(),
        ),
        ("07:05".into(), Kind::Time, "07:05:00".into()),
        ("07:05:00.500000".into(), Kind::Time, "07:05:00.5".into()),
        (
            "936DA01F9ABD4D9D80C702AF85C822A8".into(),
            Kind::Uuid,
            "936da01f-9abd-4d9d-80c7-02af85c822a8".into(),
        ),
        (
            "936DA01F-9abd-4d9d-80c7-02af85c822a8".into(),
            Kind::Uuid,
            "936da01f-9abd-4d9d-80c7-02af85c822a8".into(),
        ),
        ("AAE=".into(), Kind::Bytes, Value::Bytes(vec![0, 1])),
        ("AAE".into(), Kind::Bytes, Value::Bytes(vec![0, 1])),
        (
            "[1, 2]".into(),
            Kind::Json,
            Value::Json("[1, 2]".to_owned()),
        ),
        (
            "52.5, 13.4".into(),
            Kind::Point,
            Value::Point(GeoPoint {
                latitude: 52.5,
                longitude: 13.4,
            }),
        ),
        (
            Value::Other(OtherValue {
                kind: "uuid".to_owned(),
                text: "936da01f9abd4d9d80c702af85c822a8".to_owned(),
            }),
            Kind::Uuid,
            "936da01f-9abd-4d9d-80c7-02af85c822a8".into(),
        ),
    ] {
        assert_eq!(
            coerce(value.clone(), kind),
            Ok(expected),
            "{value:?} as {kind}"
        );
    }
}

#[test]
fn what_is_not_of_the_kind_is_refused_with_what_to_write() {
    use PropertyType as Kind;
    for (value, kind, hint) in [
        ("12.5".into(), Kind::Integer, "\"12.5\" is not an integer"),
        (Value::Float(2.5), Kind::Integer, "the float 2.5"),
        (
            Value::Float(9_223_372_036_854_775_808.0),
            Kind::Integer,
            "64 bits",
        ),
        (Value::Boolean(true), Kind::Integer, "the boolean true"),
        (Value::Integer((1 << 53) + 1), Kind::Float, "exact"),
        (Value::Integer(i64::MAX), Kind::Float, "exact"),
        ("inf".into(), Kind::Float, "finite"),
        ("1e999".into(), Kind::Float, "finite"),
        (Value::Float(f64::NAN), Kind::Decimal, "a decimal"),
        (Value::Integer(2), Kind::Boolean, "true or false"),
        ("yes".into(), Kind::Boolean, "true or false"),
        (Value::Integer(1_700_000_000), Kind::Timestamp, "unit"),
        (
            "yesterday".into(),
            Kind::Timestamp,
            "the year must have 4 digits",
        ),
        (Value::Timestamp(1), Kind::Date, "a date"),
        ("2026-02-30".into(), Kind::Date, "a date"),
        ("25:00".into(), Kind::Time, "the hour must be from 00 to 23"),
        ("23:59:59.1234567".into(), Kind::Time, "finer"),
        (
            "936da01f-9abd-4d9d-80c7-02af85c822a".into(),
            Kind::Uuid,
            "a UUID",
        ),
        (
            "936da01f-9abd-4d9d-80c7-02af85c82é".into(),
            Kind::Uuid,
            "a UUID",
        ),
        (
            "936da01f9abd-4d9d-80c7-02af85c822a8-".into(),
            Kind::Uuid,
            "a UUID",
        ),
        ("&&".into(), Kind::Bytes, "base64"),
        ("91, 0".into(), Kind::Point, "degrees"),
        ("north".into(), Kind::Point, "degrees"),
        ("12".into(), Kind::Json, "an array or an object"),
        (Value::Integer(12), Kind::Json, "an array or an object"),
        (Value::Json("[1".to_owned()), Kind::Any, "valid JSON"),
        (Value::Json("[1]".to_owned()), Kind::Text, "is not text"),
        (Value::Float(f64::INFINITY), Kind::Any, "isn't finite"),
        (
            Value::Other(OtherValue {
                kind: "inet".to_owned(),
                text: "::1".to_owned(),
            }),
            Kind::Text,
            "\"inet\"",
        ),
    ] {
        let error = coerce(value, kind).unwrap_err();
        assert!(error.contains(hint), "{error} doesn't say {hint}");
    }
}

#[test]
fn a_message_shows_long_and_strange_text_safely() {
    let text = format!("\u{1b}[31m{}", "x".repeat(5_000));
    let error = coerce(text.as_str().into(), PropertyType::Integer).unwrap_err();
    assert!(error.len() < 300 && !error.contains('\u{1b}'), "{error}");
}
