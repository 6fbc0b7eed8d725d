//! Values of a kind from the whole of its range: what a backend may refuse, and may not change.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{GeoPoint, OtherValue, PropertyType, Value};

/// Lengths at which something begins to be long: of a byte, of a page, of what a backend keeps in place.
const LENGTHS: &[usize] = &[
    63, 64, 127, 128, 255, 256, 257, 1_000, 1_023, 1_024, 2_712, 3_073, 4_000, 4_096, 8_191, 8_192,
    32_767, 65_535, 65_536,
];

/// The first and the last microsecond of the years from 1 to 9999.
const YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A value of that kind, never null.
pub fn value(kind: PropertyType) -> BoxedStrategy<Value> {
    match kind {
        PropertyType::Text => text().prop_map(Value::Text).boxed(),
        PropertyType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        PropertyType::Integer => integer().prop_map(Value::Integer).boxed(),
        PropertyType::Float => float().prop_map(Value::Float).boxed(),
        PropertyType::Decimal => decimal().prop_map(Value::Decimal).boxed(),
        PropertyType::Timestamp => timestamp().prop_map(Value::Timestamp).boxed(),
        PropertyType::Date => date().prop_map(Value::Text).boxed(),
        PropertyType::Time => time().prop_map(Value::Text).boxed(),
        PropertyType::Bytes => bytes().prop_map(Value::Bytes).boxed(),
        PropertyType::Point => point().prop_map(Value::Point).boxed(),
        PropertyType::Uuid => any::<u128>()
            .prop_map(|bits| Value::Text(uuid(bits)))
            .boxed(),
        PropertyType::Json => document().prop_map(Value::Json).boxed(),
        PropertyType::Any => anything(),
    }
}

fn text() -> BoxedStrategy<String> {
    let long = (
        select(LENGTHS),
        select(vec!["x", "ä", "中", "😀", " ", "a b"]),
    )
        .prop_map(|(length, unit)| unit.chars().cycle().take(length).collect());
    prop_oneof![
        4 => "[ -~]{0,40}",
        4 => vec(any::<char>(), 0..20).prop_map(|characters| characters.into_iter().collect()),
        // What looks like something else.
        1 => select(vec!["1", "1.0", "-0", "1e5", "true", "{}", "[1]", "2024-01-01", "NaN", "\\N", "\\x00", "0x1f"])
            .prop_map(str::to_owned),
        1 => long
    ]
    .boxed()
}

fn integer() -> BoxedStrategy<i64> {
    // As many bits as there may be, and one more or less than a power of two.
    let near = (0..63_u32, -1..=1_i64, any::<bool>()).prop_map(|(bits, step, negative)| {
        let number = (1_i64 << bits).wrapping_add(step);
        if negative { -number } else { number }
    });
    prop_oneof![2 => -1_000..1_000_i64, 2 => near, 2 => any::<i64>()].boxed()
}

fn float() -> BoxedStrategy<f64> {
    prop_oneof![
        2 => (-1_000..1_000_i32, 1..100_i32).prop_map(|(one, other)| f64::from(one) / f64::from(other)),
        2 => proptest::num::f64::NORMAL | proptest::num::f64::ZERO,
        1 => proptest::num::f64::SUBNORMAL,
        1 => any::<i64>().prop_map(|number| number as f64)
    ]
    .boxed()
}

fn decimal() -> BoxedStrategy<String> {
    let part = prop_oneof![3 => "[0-9]{1,6}", 1 => "[0-9]{1,40}"];
    let whole = prop_oneof![3 => "[1-9][0-9]{0,6}", 1 => "[1-9][0-9]{0,40}", 1 => "0"];
    (any::<bool>(), whole, proptest::option::of(part))
        .prop_map(|(negative, whole, part)| {
            let digits = match part {
                Some(part) => format!("{whole}.{part}"),
                None => whole,
            };
            let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
            let sign = if negative && !is_zero { "-" } else { "" };
            format!("{sign}{digits}")
        })
        .boxed()
}

fn timestamp() -> BoxedStrategy<i64> {
    prop_oneof![
        1 => -3_000_000..3_000_000_i64,
        2 => -2_000_000_000_000_000..4_000_000_000_000_000_i64,
        2 => YEARS
    ]
    .boxed()
}

fn date() -> BoxedStrategy<String> {
    let years = prop_oneof![2 => 1900..2100_i32, 1 => 1..10_000_i32];
    (years, 1..=12_u8, 1..=31_u8)
        .prop_map(|(year, month, day)| {
            let date = |day| format!("{year:04}-{month:02}-{day:02}");
            // The month may have fewer days.
            let days = [day, 30, 29, 28].into_iter().filter(|there| *there <= day);
            let mut dates = days.map(date);
            dates
                .find(|date| tenon_model::valid_date(date))
                .unwrap_or_else(|| "2024-02-29".to_owned())
        })
        .boxed()
}

fn time() -> BoxedStrategy<String> {
    let part = prop_oneof![2 => Just(0_u32), 1 => 0..1_000_000_u32, 1 => (0..1_000_u32).prop_map(|it| it * 1_000)];
    (0..24_u8, 0..60_u8, 0..60_u8, part)
        .prop_map(|(hour, minute, second, part)| {
            let time = format!("{hour:02}:{minute:02}:{second:02}");
            if part == 0 {
                return time;
            }
            let digits = format!("{part:06}");
            format!("{time}.{}", digits.trim_end_matches('0'))
        })
        .boxed()
}

fn bytes() -> BoxedStrategy<Vec<u8>> {
    let long = (select(LENGTHS), any::<u8>()).prop_map(|(length, first)| {
        (0..length)
            .map(|place| first.wrapping_add(place as u8))
            .collect()
    });
    prop_oneof![4 => vec(any::<u8>(), 0..40), 1 => long].boxed()
}

fn point() -> BoxedStrategy<GeoPoint> {
    let point = |latitude, longitude| GeoPoint {
        latitude,
        longitude,
    };
    (-90.0..=90.0_f64, -180.0..=180.0_f64)
        .prop_map(move |(latitude, longitude)| point(latitude, longitude))
        .boxed()
}

fn uuid(bits: u128) -> String {
    let digits = format!("{bits:032x}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// An array or object with anything in it.
fn document() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        (-1_000_000..1_000_000_i64).prop_map(serde_json::Value::from),
        (-1_000..1_000_i32).prop_map(|number| serde_json::Value::from(f64::from(number) / 8.0)),
        "[ -~äß中😀]{0,8}".prop_map(serde_json::Value::from),
    ];
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            btree_map("[a-zA-Z .\"ä0]{0,4}", inner, 0..4).prop_map(serde_json::Value::from_iter),
        ]
    });
    prop_oneof![
        vec(tree.clone(), 0..4).prop_map(|elements| serde_json::Value::from(elements).to_string()),
        btree_map("[a-z]{0,4}", tree, 0..4)
            .prop_map(|members| serde_json::Value::from_iter(members).to_string()),
    ]
    .boxed()
}

/// What a property of kind `any` holds.
fn anything() -> BoxedStrategy<Value> {
    prop_oneof![
        integer().prop_map(Value::Integer),
        float().prop_map(Value::Float),
        any::<bool>().prop_map(Value::Boolean),
        text().prop_map(Value::Text),
        decimal().prop_map(Value::Decimal),
        timestamp().prop_map(Value::Timestamp),
        bytes().prop_map(Value::Bytes),
        point().prop_map(Value::Point),
        document().prop_map(Value::Json),
        any::<u128>().prop_map(|bits| {
            Value::Other(OtherValue {
                kind: "uuid".to_owned(),
                text: uuid(bits),
            })
        }),
    ]
    .boxed()
}
