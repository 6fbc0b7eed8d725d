//! Values of each kind, few enough to meet, with those that backends get wrong among them.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::{GeoPoint, PropertyType, Value};

/// Kinds that a key can have everywhere.
pub const KEY_KINDS: [PropertyType; 5] = [
    PropertyType::Integer,
    PropertyType::Text,
    PropertyType::Uuid,
    PropertyType::Date,
    PropertyType::Timestamp,
];

/// The longest text of a property that has a key or an index.
pub const KEY_LENGTH: u32 = 40;

/// A decimal's digits, and those after the point.
pub const PRECISION: u32 = 40;
pub const SCALE: u8 = 10;

const INTEGERS: [i64; 12] = [
    -2,
    -1,
    0,
    1,
    2,
    3,
    (1 << 53) - 1,
    1 << 53,
    (1 << 53) + 1,
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
];

const FLOATS: [f64; 14] = [
    -1.5,
    -0.0,
    0.0,
    0.1,
    0.3,
    1.0,
    2.0,
    1.0 / 3.0,
    9_007_199_254_740_993.0,
    1e300,
    -1e300,
    f64::MAX,
    f64::MIN_POSITIVE,
    30.685_861_11,
];

const DECIMALS: [&str; 12] = [
    "0",
    "1",
    "1.5",
    "-1.5",
    "1.50",
    "0.0000000001",
    "-0.0000000001",
    "123456789012345678901234567890.0123456789",
    "-123456789012345678901234567890.0123456789",
    "999999999999999999999999999999.9999999999",
    "9007199254740993",
    "0.1",
];

/// Case, accents in both forms, spaces at the end, the characters of patterns and of quoting, and those whose order
/// by code point isn't that of UTF-16.
const TEXTS: [&str; 44] = [
    "",
    " ",
    "  ",
    "a",
    "A",
    "a ",
    " a",
    "ab",
    "aB",
    "AB",
    "abc",
    "b",
    "B",
    "Z",
    "z",
    "á",
    "Á",
    "a\u{301}",
    "ä",
    "ß",
    "ẞ",
    "ss",
    "SS",
    "ı",
    "İ",
    "ſ",
    "K",
    "%",
    "a%b",
    "_",
    "a_b",
    "\\",
    "a\\b",
    "'",
    "''; drop table \"Thing\"; --",
    "\"",
    "`",
    "$1 ? :a",
    "\n",
    "日本",
    "\u{E000}",
    "\u{10000}",
    "\u{10FFFF}",
    "🦀",
];

const DATES: [&str; 7] = [
    "1000-01-01",
    "1582-10-15",
    "1969-12-31",
    "1970-01-01",
    "2000-02-29",
    "2026-11-20",
    "9999-12-31",
];

const TIMES: [&str; 5] = [
    "00:00:00",
    "00:00:00.000001",
    "12:30:00",
    "12:30:00.5",
    "23:59:59.999999",
];

/// From the year 1000 to the year 9999, which all backends have.
const TIMESTAMPS: [i64; 9] = [
    -30_610_224_000_000_000,
    -12_219_292_800_000_000,
    -1_000_001,
    -1,
    0,
    1,
    1_700_000_000_123_456,
    951_782_400_000_000,
    253_402_300_799_999_999,
];

const UUIDS: [&str; 4] = [
    "00000000-0000-0000-0000-000000000000",
    "936da01f-9abd-4d9d-80c7-02af85c822a8",
    "936da01f-9abd-4d9d-80c7-02af85c822a9",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
];

/// A value of that kind, never null.
pub fn value(kind: PropertyType) -> BoxedStrategy<Value> {
    use PropertyType as P;
    match kind {
        P::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        P::Integer => select(INTEGERS.to_vec()).prop_map(Value::Integer).boxed(),
        P::Float => select(FLOATS.to_vec()).prop_map(Value::Float).boxed(),
        P::Decimal => one_of(&DECIMALS, Value::Decimal),
        P::Timestamp => select(TIMESTAMPS.to_vec())
            .prop_map(Value::Timestamp)
            .boxed(),
        P::Date => one_of(&DATES, Value::Text),
        P::Time => one_of(&TIMES, Value::Text),
        P::Uuid => one_of(&UUIDS, Value::Text),
        P::Bytes => prop_oneof![
            vec(select(vec![0_u8, 1, 39, 92, 128, 255]), 0..3),
            Just(vec![7; 300])
        ]
        .prop_map(Value::Bytes)
        .boxed(),
        P::Point => point().prop_map(Value::Point).boxed(),
        P::Json => json().prop_map(Value::Json).boxed(),
        P::Text | P::Any => prop_oneof![
            9 => select(TEXTS.to_vec()).prop_map(str::to_owned),
            1 => "[^\u{0}]{0,5}",
        ]
        .prop_map(Value::Text)
        .boxed(),
    }
}

fn one_of(texts: &'static [&'static str], case: fn(String) -> Value) -> BoxedStrategy<Value> {
    select(texts)
        .prop_map(move |text| case(text.to_owned()))
        .boxed()
}

/// A point of whole degrees, so that distances are told apart by no rounding.
pub fn point() -> impl Strategy<Value = GeoPoint> {
    (
        select(vec![-90, -10, 0, 1, 47, 90]),
        select(vec![-180, -122, 0, 1, 2, 179]),
    )
        .prop_map(|(latitude, longitude)| GeoPoint {
            latitude: f64::from(latitude),
            longitude: f64::from(longitude),
        })
}

/// A scalar inside of JSON.
pub fn json_scalar() -> BoxedStrategy<serde_json::Value> {
    use serde_json::{Value as Json, json};
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (-2..3_i64).prop_map(Json::from),
        select(vec![-1.5, 0.5, 1.0, 2.25]).prop_map(|float: f64| json!(float)),
        select(vec!["", "a", "A", "ä", "a\"b\\", "🦀", "1", "null"]).prop_map(Json::from),
    ]
    .boxed()
}

/// An array or object, with names that paths meet.
fn json() -> impl Strategy<Value = String> {
    use serde_json::Value as Json;
    let inner = json_scalar().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Json::Array),
            btree_map("[ab]|c d", inner, 0..3)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    });
    prop_oneof![
        vec(inner.clone(), 0..3).prop_map(Json::Array),
        btree_map("[ab]|c d", inner, 0..3)
            .prop_map(|members| Json::Object(members.into_iter().collect())),
    ]
    .prop_map(|json| json.to_string())
}
