//! Arbitrary values, with the ones that are easily got wrong more often than chance would have it.

use proptest::prelude::*;
use tenon_model::{Entity, GeoPoint, OtherValue, Value};

/// Whole numbers around which floats stop being exact.
const EDGES: [i64; 8] = [0, 1, -1, 1 << 53, -(1 << 53), i64::MAX, i64::MIN, 1 << 62];

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -3..3_i64,
        (prop::sample::select(EDGES.to_vec()), -2..=2_i64)
            .prop_map(|(edge, step)| edge.wrapping_add(step)),
    ]
}

fn float() -> impl Strategy<Value = f64> {
    let finite = any::<f64>().prop_filter("finite", |float| float.is_finite());
    prop_oneof![
        finite,
        integer().prop_map(|integer| integer as f64),
        (-40..40_i32).prop_map(|tenths| f64::from(tenths) / 10.0),
        prop::sample::select(vec![
            0.0,
            -0.0,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            5e-324,
            -5e-324
        ]),
    ]
}

/// Decimals as people write them, beside integers, and a hair's breadth beside floats.
pub fn decimal() -> impl Strategy<Value = String> {
    let beside_float = (float(), "[0-9]{0,3}").prop_map(|(float, more)| {
        let digits = format!("{float:.60}");
        format!("{digits}{more}")
    });
    let beside_integer =
        (integer(), "(\\.[0-9]{1,4})?").prop_map(|(integer, more)| format!("{integer}{more}"));
    prop_oneof![
        "-?[0-9]{1,5}(\\.[0-9]{1,5})?",
        "-?0\\.0{0,4}[0-9]{1,3}",
        "-?[0-9]{300,320}",
        beside_float,
        beside_integer
    ]
}

fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        (-3..3_i32).prop_map(|number| number.to_string()),
        (-3..3_i32).prop_map(|number| format!("{number}.0")),
        "[ab]{0,2}".prop_map(|text| format!("\"{text}\"")),
        (-2..2_i64).prop_map(|micros| format!("{{\"$timestamp\": {micros}}}")),
        "[0-2]\\.[0-2]0?".prop_map(|digits| format!("{{\"$decimal\":\"{digits}\"}}")),
    ];
    let list = |element: BoxedStrategy<String>| {
        prop::collection::vec(element, 0..3)
            .prop_map(|elements| format!("[{}]", elements.join(",")))
    };
    let element = leaf.prop_recursive(3, 12, 3, move |inner| {
        let members =
            prop::collection::btree_map("[abc]", inner.clone(), 0..3).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .rev()
                    .map(|(name, value)| format!("\"{name}\": {value}"))
                    .collect();
                format!("{{{}}}", members.join(", "))
            });
        prop_oneof![list(inner.boxed()), members]
    });
    list(element.boxed())
}

/// Text with zeros, empty and long characters in it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[\u{0}\u{1}ab]{0,4}", ".{0,12}"]
}

/// Any value in the contract's form.
pub fn value() -> impl Strategy<Value = Value> {
    let bytes = prop::collection::vec(
        prop_oneof![Just(0_u8), Just(1), Just(255), any::<u8>()],
        0..5,
    );
    let point = (-90.0..=90.0_f64, -180.0..=180.0_f64);
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Boolean),
        3 => number(),
        2 => text().prop_map(Value::Text),
        1 => bytes.prop_map(Value::Bytes),
        1 => integer().prop_map(Value::Timestamp),
        1 => point.prop_map(|(latitude, longitude)| Value::Point(GeoPoint { latitude, longitude })),
        2 => json_text().prop_map(Value::Json),
        1 => ("[ab\u{0}]{0,2}", "[ab\u{0}]{0,2}").prop_map(|(kind, text)| Value::Other(OtherValue { kind, text })),
    ]
}

/// A number in any of its three cases.
pub fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        integer().prop_map(Value::Integer),
        float().prop_map(Value::Float),
        decimal().prop_map(Value::Decimal),
    ]
}

/// Any value at all, as a connector might send it.
pub fn unchecked() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => value(),
        1 => prop::sample::select(vec![f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).prop_map(Value::Float),
        1 => "[0-9a.-]{0,4}".prop_map(Value::Decimal),
        1 => "[{}a:\"]{0,4}".prop_map(Value::Json),
    ]
}

/// Records that share most of their properties.
pub fn entities() -> impl Strategy<Value = Vec<Entity>> {
    let alike =
        prop::collection::vec((value(), number(), any::<Option<bool>>()), 0..6).prop_map(|rows| {
            rows.into_iter()
                .map(|(first, second, third)| {
                    Entity::new()
                        .with("a", first)
                        .with("b", second)
                        .with("c", third)
                })
                .collect()
        });
    let unlike = prop::collection::vec(prop::collection::btree_map("[a-e]", value(), 0..5), 0..8)
        .prop_map(|rows| rows.into_iter().map(Entity::from_iter).collect());
    prop_oneof![alike, unlike]
}
