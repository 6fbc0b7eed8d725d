//! Bytes that sort as values do.

use std::cmp::Ordering;

use proptest::prelude::*;
use tenon_model::sortable::{encode, encode_descending, encode_text_prefix, prefix_end};
use tenon_model::{Value, compare, equal};

use crate::strategies::{number, unchecked, value};

type Encoded = Result<Vec<u8>, TestCaseError>;

fn bytes(values: &[Value]) -> Encoded {
    let mut bytes = Vec::new();
    for value in values {
        encode(value, &mut bytes).map_err(TestCaseError::fail)?;
    }
    Ok(bytes)
}

fn compare_lists(left: &[Value], right: &[Value]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(left, right)| compare(left, right))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

const fn has_order(value: &Value) -> bool {
    !matches!(value, Value::Point(_) | Value::Json(_) | Value::Other(_))
}

fn ordered() -> impl Strategy<Value = Value> {
    value().prop_filter("has an order", has_order)
}

proptest! {
    #[test]
    fn bytes_sort_as_the_values_do(a in ordered(), b in ordered()) {
        let order = compare(&a, &b);
        prop_assert_eq!(bytes(&[a])?.cmp(&bytes(&[b])?), order);
    }

    #[test]
    fn numbers_sort_across_their_cases(a in number(), b in number()) {
        let order = compare(&a, &b);
        prop_assert_eq!(bytes(&[a])?.cmp(&bytes(&[b])?), order);
    }

    #[test]
    fn equal_bytes_are_equal_values(a in value(), b in value()) {
        let equal = equal(&a, &b);
        prop_assert_eq!(bytes(&[a])? == bytes(&[b])?, equal);
    }

    #[test]
    fn values_without_an_order_come_last(a in ordered(), b in value()) {
        if !has_order(&b) {
            prop_assert!(bytes(&[a])? < bytes(&[b])?);
        }
    }

    #[test]
    fn lists_sort_by_their_first_difference(
        a in prop::collection::vec(ordered(), 0..3), b in prop::collection::vec(ordered(), 0..3),
    ) {
        prop_assert_eq!(bytes(&a)?.cmp(&bytes(&b)?), compare_lists(&a, &b));
    }

    #[test]
    fn no_values_bytes_begin_anothers(a in value(), b in value()) {
        let (a, b) = (bytes(&[a])?, bytes(&[b])?);
        prop_assert!(a == b || !(a.starts_with(&b) || b.starts_with(&a)));
    }

    #[test]
    fn descending_is_the_exact_reverse(a in ordered(), b in ordered(), c in ordered(), d in ordered()) {
        let descending = |first: &Value, second: &Value| -> Encoded {
            let mut bytes = Vec::new();
            encode_descending(first, &mut bytes).map_err(TestCaseError::fail)?;
            encode(second, &mut bytes).map_err(TestCaseError::fail)?;
            Ok(bytes)
        };
        let order = compare(&b, &a).then(compare(&c, &d));
        prop_assert_eq!(descending(&a, &c)?.cmp(&descending(&b, &d)?), order);
    }

    #[test]
    fn a_prefix_range_holds_the_texts_that_begin_so(prefix in "[\u{0}ab\u{10ffff}]{0,2}", text in "[\u{0}ab\u{10ffff}]{0,4}") {
        let mut start = Vec::new();
        encode_text_prefix(&prefix, &mut start);
        let end = prefix_end(&start).unwrap();
        let begins = text.starts_with(&prefix);
        let key = bytes(&[Value::Text(text)])?;
        prop_assert_eq!(start <= key && key < end, begins);
    }

    #[test]
    fn anything_is_encoded_or_refused(a in unchecked()) {
        let sound = a.check().is_ok();
        let encoded = bytes(&[a]).is_ok();
        prop_assert!(encoded || !sound);
    }
}

#[test]
fn a_prefixs_end_is_the_least_beyond_it() {
    assert_eq!(prefix_end(&[1, 2]), Some(vec![1, 3]));
    assert_eq!(prefix_end(&[1, 255, 255]), Some(vec![2]));
    assert_eq!(prefix_end(&[255]), None);
    assert_eq!(prefix_end(&[]), None);
}

#[test]
fn what_has_no_place_in_the_order_is_refused() {
    for value in [
        Value::Float(f64::NAN),
        Value::Float(f64::INFINITY),
        Value::Decimal("one".to_owned()),
        Value::Json("{".to_owned()),
    ] {
        assert!(encode(&value, &mut Vec::new()).is_err(), "{value:?}");
    }
}

#[test]
fn ordinary_numbers_are_short() {
    assert_eq!(
        bytes(&[Value::Integer(i64::from(i32::MAX))]).unwrap().len(),
        10
    );
    assert_eq!(bytes(&[Value::Float(0.1)]).unwrap().len(), 10);
}
