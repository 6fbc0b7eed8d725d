//! Decimals: coercion is settled after one time, and comparing is exact, total and antisymmetric.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tenon_model::{PropertyType, Value, coerce, compare, equal};

fuzz_target!(|input: (&str, &str, f64, i64)| {
    let (left, right, float, integer) = input;
    let mut numbers = vec![Value::Float(float), Value::Integer(integer)];
    for text in [left, right] {
        let Ok(number) = coerce(Value::from(text), PropertyType::Decimal) else {
            continue;
        };
        assert_eq!(
            coerce(number.clone(), PropertyType::Decimal).as_ref(),
            Ok(&number)
        );
        numbers.push(number);
    }
    for left in &numbers {
        for right in &numbers {
            assert_eq!(
                compare(left, right),
                compare(right, left).reverse(),
                "{left:?} {right:?}"
            );
            assert_eq!(
                compare(left, right).is_eq(),
                equal(left, right),
                "{left:?} {right:?}"
            );
        }
    }
});
