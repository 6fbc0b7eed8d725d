//! Values of each kind: plain ones that every connector must keep, odd ones at the kind's limits, and those that
//! invented records are made of.

use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{GeoPoint, OtherValue, PropertyType, Value};

use crate::facts::Facts;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn texts(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|it| text(it)).collect()
}

fn decimals(decimals: &[&str]) -> Vec<Value> {
    let decimals = decimals.iter();
    decimals.map(|it| Value::Decimal((*it).into())).collect()
}

fn json(documents: &[&str]) -> Vec<Value> {
    let documents = documents.iter();
    documents.map(|it| Value::Json((*it).into())).collect()
}

fn point(latitude: f64, longitude: f64) -> Value {
    Value::Point(GeoPoint {
        latitude,
        longitude,
    })
}

/// Values that a connector must keep where it keeps the kind at all.
pub fn plain(kind: PropertyType) -> Vec<Value> {
    match kind {
        PropertyType::Text => texts(&[
            "a", "b", "ab", "A", "B", "a b", "ä", "Ä", "ö%", "a_b", "中文",
        ]),
        PropertyType::Boolean => vec![Value::Boolean(false), Value::Boolean(true)],
        PropertyType::Integer => [0, 1, -1, 2, 10, 100, -100, 70_000, 3_000_000_000]
            .map(Value::Integer)
            .to_vec(),
        PropertyType::Float => [0.0, 1.0, -1.5, 0.1, 2.5, 1e10, -1e-3]
            .map(Value::Float)
            .to_vec(),
        PropertyType::Decimal => decimals(&["0", "1", "-1.5", "0.1", "2.50", "10", "1234567.891"]),
        // 1970, 2024 with and without a part of a second, 1969.
        PropertyType::Timestamp => [0, 1_704_164_645_000_000, 1_704_164_645_678_901, -1_500_000]
            .map(Value::Timestamp)
            .to_vec(),
        PropertyType::Date => texts(&["2024-02-29", "1999-12-31", "2026-11-20"]),
        PropertyType::Time => texts(&["00:00:00", "12:30:45", "23:59:59"]),
        PropertyType::Bytes => [&b"a"[..], b"ab", b"\x00\xff\x80", b"A"]
            .map(|bytes| Value::Bytes(bytes.into()))
            .to_vec(),
        PropertyType::Point => vec![
            point(0.0, 0.0),
            point(52.5, 13.4),
            point(-33.9, 151.2),
            point(0.0, 1.0),
        ],
        PropertyType::Uuid => texts(&[
            "00000000-0000-4000-8000-000000000001",
            "936da01f-9abd-4d9d-80c7-02af85c822a8",
            "ffffffff-ffff-4fff-bfff-ffffffffffff",
        ]),
        PropertyType::Json => json(&[
            "[]",
            "{}",
            r#"{"n":1}"#,
            r#"{"n":2,"t":"a"}"#,
            r#"{"t":"b","o":{"n":3}}"#,
            r#"[1,2,3]"#,
            r#"[{"n":1},{"n":2,"t":"b"}]"#,
            r#"{"list":[1,"a",null],"n":null}"#,
            r#"{"list":[{"n":5},{"t":"a"}]}"#,
        ]),
        PropertyType::Any => vec![
            Value::Integer(1),
            text("a"),
            Value::Boolean(true),
            Value::Float(1.5),
            Value::Integer(-2),
            text("1"),
        ],
    }
}

/// Values at a kind's limits, which a backend may refuse, and may not change.
pub fn odd(kind: PropertyType) -> Vec<Value> {
    match kind {
        PropertyType::Text => {
            let mut odd = texts(&[
                "",
                " ",
                " a ",
                "a ",
                "\t\n\r",
                "'",
                "\"",
                "\\",
                "a\\%b",
                "%",
                "_",
                "null",
                "NULL",
                "0",
                "true",
                "\u{0}",
                "a\u{0}b",
                "\u{7f}",
                "e\u{301}",
                "é",
                "ß",
                "ẞ",
                "SS",
                "ss",
                // What folds alike though neither is the other's upper or lower case.
                "ſ",
                "\u{212a}",
                "k",
                "σ",
                "ς",
                "Σ",
                "ﬆ",
                "[",
                "a.b",
                "a*",
                "İ",
                "ı",
                "\u{fffd}",
                "\u{feff}a",
                "\u{d7ff}\u{e000}",
                "\u{ffff}",
                "\u{10000}",
                "😀",
                "\u{10ffff}",
                "'; drop table t; --",
                "$1 ? :a @b {c}",
            ]);
            odd.push(text(&"x".repeat(256)));
            odd.push(text(&"long ".repeat(20_000)));
            odd.push(text(&every_character()));
            odd
        }
        PropertyType::Boolean => Vec::new(),
        PropertyType::Integer => [
            i64::MAX,
            i64::MIN,
            i64::MAX - 1,
            (1 << 53) + 1,
            -(1 << 53) - 1,
            i64::from(i32::MAX) + 1,
            i64::from(i32::MIN) - 1,
        ]
        .map(Value::Integer)
        .to_vec(),
        PropertyType::Float => [
            -0.0,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            5e-324,
            0.1 + 0.2,
            9_007_199_254_740_993.0,
            1e300,
            f64::EPSILON,
            // What a single-precision number can't hold.
            16_777_217.0,
        ]
        .map(Value::Float)
        .to_vec(),
        PropertyType::Decimal => decimals(&[
            "-0",
            "0.0",
            "1.00",
            "0.30000000000000004",
            "9007199254740993",
            "9223372036854775808",
            "1234567890123456789012345678901234567890",
            "-9999999999999999999999999999999999999999",
            "0.0000000000000000000000000000000000000001",
            "12345678901234567890.12345678901234567891",
        ]),
        PropertyType::Timestamp => vec![
            Value::Timestamp(1),
            Value::Timestamp(-1),
            Value::Timestamp(999_999),
            Value::Timestamp(-999_999),
            // The last moment of 1969, of 1899 and of 9999; the first of 1; 10000.
            Value::Timestamp(-1_000_000),
            Value::Timestamp(-2_208_988_800_000_001),
            Value::Timestamp(253_402_300_799_999_999),
            Value::Timestamp(-62_135_596_800_000_000),
            Value::Timestamp(253_402_300_800_000_000),
            Value::Timestamp(1 << 53),
        ],
        PropertyType::Date => texts(&["0001-01-01", "1582-10-10", "1969-12-31", "9999-12-31"]),
        PropertyType::Time => texts(&["23:59:59.999999", "00:00:00.000001", "12:00:00.5"]),
        PropertyType::Bytes => {
            let every: Vec<u8> = (0..=255).collect();
            vec![
                Value::Bytes(Vec::new()),
                Value::Bytes(vec![0]),
                Value::Bytes(vec![0xff, 0xfe, 0xc3, 0x28]),
                Value::Bytes(b"text".to_vec()),
                Value::Bytes(every),
                Value::Bytes(vec![7; 100_000]),
            ]
        }
        PropertyType::Point => vec![
            point(90.0, 0.0),
            point(-90.0, 0.0),
            point(0.0, 180.0),
            point(0.0, -180.0),
            point(0.1 + 0.2, -0.1),
            point(1e-10, 1e-10),
        ],
        PropertyType::Uuid => texts(&[
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ]),
        PropertyType::Json => {
            let mut odd = json(&[
                r#"{"":0}"#,
                r#"{"a.b":1,"a":{"b":2}}"#,
                r#"{"quote\"d":"\\ \" \u00e4 \n"}"#,
                r#"{"n":1.5e300}"#,
                r#"{"n":9007199254740993}"#,
                r#"{"n":-0.1}"#,
                r#"{"t":""}"#,
                r#"{"t":"😀"}"#,
                r#"[null]"#,
                r#"[[],[[]],{}]"#,
                r#"{"at":{"$timestamp":1704164645678901}}"#,
                r#"{"price":{"$decimal":"1.50"}}"#,
                r#"{"raw":{"$bytes":"AP+A"}}"#,
                r#"[3,1,2,1,3]"#,
                r#"{"b":1,"a":{"d":[{"z":1,"y":null}]}}"#,
            ]);
            odd.push(Value::Json(format!(
                "{}1{}",
                "[".repeat(60),
                "]".repeat(60)
            )));
            odd.push(Value::Json(format!(
                r#"{{"list":[{}0]}}"#,
                "12345,".repeat(3_000)
            )));
            odd
        }
        PropertyType::Any => vec![
            Value::Integer(i64::MAX),
            text(""),
            Value::Float(-0.5),
            Value::Decimal("1.10".into()),
            Value::Bytes(b"\x00\xff".to_vec()),
            Value::Timestamp(1),
            point(1.0, 2.0),
            Value::Json(r#"{"n":[1]}"#.into()),
            Value::Other(OtherValue {
                kind: "uuid".into(),
                text: "936da01f-9abd-4d9d-80c7-02af85c822a8".into(),
            }),
        ],
    }
}

/// A character of each script and plane that has any, and of each length in UTF-8 and UTF-16.
fn every_character() -> String {
    (1..0x11_0000_u32)
        .step_by(257)
        .filter_map(char::from_u32)
        .collect()
}

/// Values of an invented record or operand, never null: few, so that they meet, and now and then an odd one.
pub fn value(kind: PropertyType, facts: &Facts) -> BoxedStrategy<Value> {
    let plain = select(plain(kind));
    let short: Vec<Value> = facts
        .odd_values(kind)
        .iter()
        .filter(|value| is_short(value) && is_orderly(value))
        .cloned()
        .collect();
    let any = invented(kind);
    if short.is_empty() {
        return prop_oneof![6 => plain, 1 => any].boxed();
    }
    prop_oneof![6 => plain, 2 => select(short), 1 => any].boxed()
}

/// Whether a value is small enough to be in many records, and in keys and indexes.
pub fn is_short(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Json(text) => text.len() <= 60,
        Value::Bytes(bytes) => bytes.len() <= 60,
        _ => true,
    }
}

/// Whether a value has its place in the order of every backend: some fill texts up with zeros to sort them.
pub fn is_orderly(value: &Value) -> bool {
    !matches!(value, Value::Text(text) if text.ends_with('\0'))
}

/// Values of a kind, of which there are too many to list.
fn invented(kind: PropertyType) -> BoxedStrategy<Value> {
    match kind {
        PropertyType::Text => "[a-cA-C %_\\\\äÄß]{0,6}".prop_map(Value::Text).boxed(),
        PropertyType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        PropertyType::Integer => prop_oneof![-20..20_i64, -1_000_000_000..1_000_000_000_i64]
            .prop_map(Value::Integer)
            .boxed(),
        PropertyType::Float => (-1_000..1_000_i32)
            .prop_map(|number| Value::Float(f64::from(number) / 8.0))
            .boxed(),
        PropertyType::Decimal => (-100_000..100_000_i64, 0..4_usize)
            .prop_map(|(number, scale)| Value::Decimal(with_scale(number, scale)))
            .boxed(),
        // Between 1950 and 2090, in whole milliseconds.
        PropertyType::Timestamp => (-631_152_000_000..3_786_912_000_000_i64)
            .prop_map(|millis| Value::Timestamp(millis * 1_000))
            .boxed(),
        PropertyType::Date => (1950..2050_i32, 1..=12_u8, 1..=28_u8)
            .prop_map(|(year, month, day)| text(&format!("{year:04}-{month:02}-{day:02}")))
            .boxed(),
        PropertyType::Time => (0..24_u8, 0..60_u8, 0..60_u8)
            .prop_map(|(hour, minute, second)| text(&format!("{hour:02}:{minute:02}:{second:02}")))
            .boxed(),
        PropertyType::Bytes => proptest::collection::vec(any::<u8>(), 0..4)
            .prop_map(Value::Bytes)
            .boxed(),
        PropertyType::Point => (-80..80_i32, -179..179_i32)
            .prop_map(|(latitude, longitude)| point(f64::from(latitude), f64::from(longitude)))
            .boxed(),
        PropertyType::Uuid => any::<u64>()
            .prop_map(|bits| {
                text(&format!(
                    "{:08x}-{:04x}-4000-8000-0000000000ff",
                    bits >> 32,
                    bits & 0xffff
                ))
            })
            .boxed(),
        PropertyType::Json => (-3..4_i64, "[ab]{0,2}", 0..4_usize)
            .prop_map(|(number, word, shape)| {
                Value::Json(match shape {
                    0 => format!(r#"{{"n":{number}}}"#),
                    1 => format!(r#"{{"n":{number},"t":"{word}"}}"#),
                    2 => format!(r#"[{{"n":{number}}},{{"t":"{word}"}}]"#),
                    _ => format!(
                        r#"{{"o":{{"n":{number},"t":"{word}"}},"list":[{number},"{word}"]}}"#
                    ),
                })
            })
            .boxed(),
        PropertyType::Any => prop_oneof![
            (-3..4_i64).prop_map(Value::Integer),
            "[a-c]{0,2}".prop_map(Value::Text),
        ]
        .boxed(),
    }
}

/// A number with so many digits behind the point.
fn with_scale(number: i64, scale: usize) -> String {
    if scale == 0 {
        return number.to_string();
    }
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{part}")
}
