//! Equal, greater and sorted.

use std::cmp::Ordering;

use proptest::prelude::*;
use tenon_model::{GeoPoint, OtherValue, Value, compare, compare_same, equal};

use crate::strategies::{number, unchecked, value};

proptest! {
    #[test]
    fn the_order_is_total(a in unchecked(), b in unchecked(), c in unchecked()) {
        prop_assert_eq!(compare(&a, &a), Ordering::Equal);
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
            prop_assert!(compare(&a, &c).is_le());
        }
    }

    #[test]
    fn the_order_of_numbers_is_total_across_their_cases(a in number(), b in number(), c in number()) {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
            prop_assert!(compare(&a, &c).is_le());
        }
    }

    #[test]
    fn equality_is_an_equivalence(a in unchecked(), b in unchecked(), c in unchecked()) {
        prop_assert!(equal(&a, &a));
        prop_assert_eq!(equal(&a, &b), equal(&b, &a));
        if equal(&a, &b) && equal(&b, &c) {
            prop_assert!(equal(&a, &c));
        }
    }

    #[test]
    fn equal_values_have_one_place_in_the_order(a in value(), b in value()) {
        if equal(&a, &b) {
            prop_assert_eq!(compare(&a, &b), Ordering::Equal);
        }
        if let Some(order) = compare_same(&a, &b) {
            prop_assert_eq!(order, compare(&a, &b));
            prop_assert_eq!(order == Ordering::Equal, equal(&a, &b));
        }
    }
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.to_owned())
}

#[test]
fn the_cases_come_in_the_contracts_order() {
    let sorted = [
        Value::Null,
        Value::Boolean(false),
        Value::Boolean(true),
        Value::Float(-1.5),
        Value::Integer(-1),
        decimal("0.1"),
        Value::Integer(2),
        "".into(),
        "Z".into(),
        "a".into(),
        "é".into(),
        Value::Timestamp(-5),
        Value::Timestamp(5),
        Value::Bytes(vec![]),
        Value::Bytes(vec![0]),
    ];
    for pair in sorted.windows(2) {
        assert_eq!(compare(&pair[0], &pair[1]), Ordering::Less, "{pair:?}");
    }
    let last = [
        Value::Point(GeoPoint {
            latitude: 1.0,
            longitude: 2.0,
        }),
        Value::Json("[]".to_owned()),
        Value::Other(OtherValue {
            kind: "a".to_owned(),
            text: "b".to_owned(),
        }),
    ];
    for value in &last {
        assert_eq!(compare(&sorted[14], value), Ordering::Less);
        assert_eq!(compare(&last[0], value), Ordering::Equal);
        assert_eq!(compare_same(value, value), None);
    }
}

#[test]
fn numbers_are_equal_by_value_whatever_their_case() {
    assert!(equal(&Value::Integer(1), &Value::Float(1.0)));
    assert!(equal(&Value::Integer(1), &decimal("1.00")));
    assert!(equal(&Value::Float(0.5), &decimal("0.50")));
    assert!(equal(&Value::Float(0.0), &Value::Float(-0.0)));
    assert!(equal(&decimal("-0.0"), &Value::Integer(0)));
    // The float nearest to 0.1 is a little more.
    assert_eq!(
        compare(&Value::Float(0.1), &decimal("0.1")),
        Ordering::Greater
    );
    assert_eq!(
        compare(
            &Value::Integer(i64::MAX),
            &Value::Float(9_223_372_036_854_775_808.0)
        ),
        Ordering::Less
    );
    assert_eq!(
        compare(
            &Value::Integer((1 << 53) + 1),
            &Value::Float(9_007_199_254_740_992.0)
        ),
        Ordering::Greater
    );
}

#[test]
fn null_equals_null_and_is_neither_greater_nor_less() {
    assert!(equal(&Value::Null, &Value::Null));
    assert!(!equal(&Value::Null, &Value::Boolean(false)));
    assert_eq!(compare_same(&Value::Null, &Value::Null), None);
    assert_eq!(compare_same(&Value::Null, &Value::Integer(1)), None);
}

#[test]
fn values_of_different_cases_are_unequal_and_neither_is_greater() {
    assert!(!equal(&"1".into(), &Value::Integer(1)));
    assert_eq!(compare_same(&"1".into(), &Value::Integer(1)), None);
    assert_eq!(compare_same(&Value::Timestamp(1), &Value::Integer(1)), None);
}

#[test]
fn what_is_no_number_is_not_compared() {
    assert_eq!(
        compare_same(&Value::Float(f64::NAN), &Value::Integer(1)),
        None
    );
    assert_eq!(compare_same(&decimal("one"), &decimal("one")), None);
    assert_eq!(
        compare(&Value::Float(f64::NAN), &decimal("1")),
        Ordering::Greater
    );
}

#[test]
fn json_is_equal_by_structure() {
    let json = |text: &str| Value::Json(text.to_owned());
    assert!(equal(
        &json(r#"{"a":1,"b":[true,null]}"#),
        &json(r#"{ "b": [true, null], "a": 1.0 }"#)
    ));
    assert!(!equal(&json("[1,2]"), &json("[2,1]")));
    assert!(!equal(&json(r#"{"a":null}"#), &json("{}")));
    assert!(equal(&json(r#"[{"$decimal":"1.50"}]"#), &json("[1.5]")));
    assert!(equal(
        &json(r#"[{"$timestamp":0}]"#),
        &json(r#"[{"$timestamp":"1970-01-01T00:00:00Z"}]"#)
    ));
    assert!(equal(
        &json(r#"[{"$a":{"b":1}}]"#),
        &json(r#"[{"$a":{"b":1.0}}]"#)
    ));
    assert!(equal(&json("{broken"), &json("{broken")));
    assert!(!equal(&json("{broken"), &json("{}")));
}
