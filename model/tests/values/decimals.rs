//! Decimals against exact arithmetic.

use std::cmp::Ordering;

use proptest::prelude::*;
use tenon_model::{Decimal, PropertyType, Value, coerce, compare, equal};

use crate::strategies;

/// `mantissa / 10^scale` in the contract's form.
fn decimal_text(mantissa: i64, scale: u32) -> String {
    let scale = scale as usize;
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
    let (integer, fraction) = digits.split_at(digits.len() - scale);
    let point = if scale == 0 { "" } else { "." };
    format!(
        "{}{integer}{point}{fraction}",
        if mantissa < 0 { "-" } else { "" }
    )
}

fn decimal(mantissa: i64, scale: u32) -> Value {
    Value::Decimal(decimal_text(mantissa, scale))
}

proptest! {
    #[test]
    fn two_decimals_compare_as_their_fractions_do(
        (a, s) in (any::<i64>(), 0..18_u32),
        (b, t) in prop_oneof![(any::<i64>(), 0..18_u32), (-200..200_i64, 0..3_u32)],
    ) {
        let exact = (i128::from(a) * 10_i128.pow(t)).cmp(&(i128::from(b) * 10_i128.pow(s)));
        prop_assert_eq!(compare(&decimal(a, s), &decimal(b, t)), exact);
    }

    #[test]
    fn a_decimal_and_an_integer_compare_as_fractions_do(a in any::<i64>(), s in 0..18_u32, b in any::<i64>()) {
        let near = i64::try_from(i128::from(a) / 10_i128.pow(s)).unwrap();
        for b in [b, near, near.saturating_add(1), near.saturating_sub(1)] {
            let exact = i128::from(a).cmp(&(i128::from(b) * 10_i128.pow(s)));
            prop_assert_eq!(compare(&decimal(a, s), &Value::Integer(b)), exact);
        }
    }

    #[test]
    fn a_decimal_and_a_float_compare_as_fractions_do(
        a in -1_000_000_000_000_000..1_000_000_000_000_000_i64, s in 0..9_u32,
        m in -(1_i64 << 53)..(1_i64 << 53), k in 0..20_u32,
    ) {
        let float = m as f64 / f64::from(1_u32 << k);
        let exact = (i128::from(a) << k).cmp(&(i128::from(m) * 10_i128.pow(s)));
        prop_assert_eq!(compare(&decimal(a, s), &Value::Float(float)), exact);
    }

    #[test]
    fn a_float_equals_its_exact_expansion_and_nothing_beside_it(
        float in any::<f64>().prop_filter("finite, and not zero", |float| float.is_finite() && *float != 0.0),
    ) {
        let exact = format!("{float:.1074}");
        prop_assert!(equal(&Value::Float(float), &Value::Decimal(exact.clone())));
        let away = if float > 0.0 { Ordering::Greater } else { Ordering::Less };
        prop_assert_eq!(compare(&Value::Decimal(format!("{exact}1")), &Value::Float(float)), away);
    }

    #[test]
    fn normalising_keeps_the_value_and_stays(text in strategies::decimal()) {
        let normal = coerce(Value::Text(text.clone()), PropertyType::Decimal).unwrap();
        prop_assert!(equal(&normal, &Value::Decimal(text)));
        prop_assert_eq!(coerce(normal.clone(), PropertyType::Decimal).unwrap(), normal);
    }

    #[test]
    fn an_exponent_moves_the_point(mantissa in any::<i64>(), scale in 0..18_u32) {
        let text = Value::Text(format!("{mantissa}e-{scale}"));
        let moved = coerce(text, PropertyType::Decimal).unwrap();
        prop_assert!(equal(&moved, &decimal(mantissa, scale)));
    }
}

#[test]
fn other_ways_to_write_a_number_are_normalised() {
    let normal = |text: &str| coerce(Value::Text(text.to_owned()), PropertyType::Decimal);
    for (written, expected) in [
        ("+1.50", "1.50"),
        ("007", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("1.5e3", "1500"),
        ("15E-1", "1.5"),
        ("-12e-3", "-0.012"),
        (" 3 ", "3"),
    ] {
        assert_eq!(
            normal(written),
            Ok(Value::Decimal(expected.to_owned())),
            "{written}"
        );
    }
    for refused in [
        "",
        ".",
        "-",
        "+",
        "e5",
        "1e",
        "1.2.3",
        "1,5",
        "0x1",
        "inf",
        "NaN",
        "--1",
        "1e10000000000",
        "١",
    ] {
        assert!(normal(refused).is_err(), "{refused}");
    }
}

#[test]
fn only_the_contracts_form_parses() {
    assert!(Decimal::parse("-12.50").is_some());
    for refused in ["", "-", "+1", "1.", ".5", "1e3", " 1", "1 ", "1.-5"] {
        assert!(Decimal::parse(refused).is_none(), "{refused}");
    }
    assert_eq!(
        Decimal::parse("-9223372036854775808.0").and_then(Decimal::to_integer),
        Some(i64::MIN)
    );
    assert_eq!(
        Decimal::parse("9223372036854775808").and_then(Decimal::to_integer),
        None
    );
}
