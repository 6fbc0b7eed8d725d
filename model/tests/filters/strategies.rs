//! Random values, records and filters: few names and few values, so that they meet.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tenon_model::{
    Comparison, Condition, Entity, Extension, Filter, GeoPoint, OtherValue, Quantifier, Value,
};

/// The properties that records have and filters ask for.
pub const PROPERTIES: [&str; 3] = ["a", "b", "c"];

fn text() -> impl Strategy<Value = String> {
    "[abAB]{0,3}"
}

fn number() -> impl Strategy<Value = Json> {
    prop_oneof![
        (-2i64..3).prop_map(Json::from),
        (-4i32..5).prop_map(|half| json!(f64::from(half) / 2.0))
    ]
}

/// JSON of any shape, with names and indexes that paths may meet.
fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        number(),
        text().prop_map(Json::String),
        Just(json!({"$decimal": "1.5"})),
        Just(json!({"$timestamp": 1})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Json::Array),
            vec(("[ab0]", inner), 0..3)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn json_text() -> impl Strategy<Value = String> {
    json_value().prop_map(|json| match json {
        Json::Object(members) if members.keys().any(|name| name.starts_with('$')) => {
            json!([members]).to_string()
        }
        Json::Array(_) | Json::Object(_) => json.to_string(),
        scalar => json!({"a": scalar}).to_string(),
    })
}

fn point() -> impl Strategy<Value = GeoPoint> {
    (-90i32..=90, -180i32..=180).prop_map(|(latitude, longitude)| GeoPoint {
        latitude: f64::from(latitude),
        longitude: f64::from(longitude),
    })
}

/// A value of any case, in the contract's form.
pub fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Boolean),
        3 => (-2i64..3).prop_map(Value::Integer),
        2 => (-4i32..5).prop_map(|half| Value::Float(f64::from(half) / 2.0)),
        1 => prop_oneof!["[1-2]", "-1\\.5", "0\\.5"].prop_map(Value::Decimal),
        3 => text().prop_map(Value::Text),
        1 => vec(0u8..3, 0..2).prop_map(Value::Bytes),
        1 => (-1i64..2).prop_map(Value::Timestamp),
        1 => point().prop_map(Value::Point),
        4 => json_text().prop_map(Value::Json),
        1 => text().prop_map(|text| Value::Other(OtherValue { kind: "interval".to_owned(), text })),
    ]
}

/// A record in which some properties are absent.
pub fn record() -> impl Strategy<Value = Entity> {
    vec(proptest::option::weighted(0.8, value()), PROPERTIES.len()).prop_map(|values| {
        let pairs = PROPERTIES.iter().zip(values);
        pairs
            .filter_map(|(name, value)| Some((*name, value?)))
            .collect()
    })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    proptest::sample::select(Comparison::ALL)
}

fn operands(comparison: Comparison) -> BoxedStrategy<Vec<Value>> {
    use Comparison as C;
    let one = |operand: BoxedStrategy<Value>| operand.prop_map(|operand| vec![operand]).boxed();
    match comparison {
        C::Between => vec(value(), 2).boxed(),
        C::OneOf | C::NotOneOf => vec(value(), 0..4).boxed(),
        C::Like | C::NotLike | C::Ilike | C::NotIlike => {
            one(r"([abAB%_]|\\[a%_]){0,4}".prop_map(Value::Text).boxed())
        }
        C::Matches => one("(\\^)?[ab]{1,2}(\\$)?".prop_map(Value::Text).boxed()),
        C::Exists => one(any::<bool>().prop_map(Value::Boolean).boxed()),
        C::Near => {
            let bound = |metres: [f64; 3]| {
                let bound = prop_oneof![
                    Just(None),
                    proptest::sample::select(metres.to_vec()).prop_map(Some)
                ];
                bound.prop_map(Value::from)
            };
            (
                point(),
                bound([1.5e5, 3.3e6, 1.2e7]),
                bound([0.0, 1.4e5, 3.1e6]),
            )
                .prop_map(|(point, greatest, least)| vec![Value::Point(point), greatest, least])
                .boxed()
        }
        _ => one(value().boxed()),
    }
}

/// A condition on these properties, perhaps inside of them.
pub fn condition(
    property: impl Strategy<Value = String> + 'static,
    path: impl Strategy<Value = Vec<String>> + 'static,
) -> impl Strategy<Value = Condition> {
    let compared =
        comparison().prop_flat_map(|comparison| (Just(comparison), operands(comparison)));
    (property, path, compared).prop_map(|(property, path, (comparison, operands))| Condition {
        property,
        path,
        comparison,
        operands,
    })
}

fn tree(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 16, 4, |inner| {
        let parts = || vec(inner.clone(), 0..4);
        prop_oneof![
            parts().prop_map(Filter::AllOf),
            parts().prop_map(Filter::AnyOf),
            parts().prop_map(Filter::NoneOf),
        ]
    })
}

fn known_property() -> impl Strategy<Value = String> {
    proptest::sample::select(PROPERTIES.map(str::to_owned).to_vec())
}

/// A condition on the properties of [`record`].
pub fn known_condition() -> impl Strategy<Value = Condition> {
    condition(known_property(), vec("[ab01]", 0..3))
}

/// A filter on the properties of [`record`].
pub fn known_filter() -> impl Strategy<Value = Filter> {
    tree(known_condition().prop_map(Filter::Condition))
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        r"[a-c.\\$ü]{1,4}",
        Just("or".to_owned()),
        Just("nor".to_owned())
    ]
}

/// A filter on properties of any name, with extensions in it.
pub fn any_filter() -> impl Strategy<Value = Filter> {
    let path = || vec(any_name(), 0..3);
    let extension = ("[a-z-]{1,5}", any_name(), path(), vec(value(), 0..3));
    tree(prop_oneof![
        4 => condition(any_name(), path()).prop_map(Filter::Condition),
        1 => extension.prop_map(|(name, property, path, operands)| {
            Filter::Extension(Extension { name, property, path, operands })
        }),
    ])
}

/// The same, with conditions on related records in it.
pub fn any_filter_with_related() -> impl Strategy<Value = Filter> {
    any_filter().prop_recursive(3, 8, 2, |inner| {
        let quantifier = proptest::sample::select(Quantifier::ALL.to_vec());
        let related =
            (any_name(), quantifier, inner.clone()).prop_map(|(relation, quantifier, filter)| {
                Filter::related(relation, quantifier, filter)
            });
        (related, inner).prop_map(|(related, other)| Filter::AnyOf(vec![related, other]))
    })
}
