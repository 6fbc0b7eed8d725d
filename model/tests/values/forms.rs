//! Values and records as JSON, and as a program's own types.

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenon_model::{Entity, GeoPoint, Model, OtherValue, Property, PropertyType, Value, equal};

use crate::strategies::value;

/// The kind whose values are in this case.
const fn kind_of(value: &Value) -> PropertyType {
    match value {
        Value::Null | Value::Other(_) => PropertyType::Any,
        Value::Boolean(_) => PropertyType::Boolean,
        Value::Integer(_) => PropertyType::Integer,
        Value::Float(_) => PropertyType::Float,
        Value::Decimal(_) => PropertyType::Decimal,
        Value::Text(_) => PropertyType::Text,
        Value::Bytes(_) => PropertyType::Bytes,
        Value::Timestamp(_) => PropertyType::Timestamp,
        Value::Point(_) => PropertyType::Point,
        Value::Json(_) => PropertyType::Json,
    }
}

proptest! {
    #[test]
    fn a_value_reads_back_by_its_kind(value in value()) {
        let (value, kind) = match value {
            Value::Other(_) => (Value::Null, PropertyType::Any),
            value => { let kind = kind_of(&value); (value, kind) }
        };
        let back = Value::from_json(&value.to_json(), kind).unwrap();
        prop_assert!(equal(&back, &value), "{:?} became {:?}", value, back);
        prop_assert_eq!(back.case_name(), value.case_name());
    }

    #[test]
    fn the_lossless_form_reads_back_without_a_kind(value in value()) {
        prop_assume!(!matches!(&value, Value::Other(other) if other.kind.is_empty()));
        let back = Value::from_json(&value.to_lossless_json(), PropertyType::Any).unwrap();
        prop_assert!(equal(&back, &value), "{:?} became {:?}", value, back);
        prop_assert_eq!(back.case_name(), value.case_name());
    }

    #[test]
    fn any_json_is_read_or_refused(text in "[\\[\\]{}$a-c0-9\",: ]{0,20}", kind in prop::sample::select(PropertyType::ALL.to_vec())) {
        if let Ok(json) = serde_json::from_str(&text)
            && let Ok(value) = Value::from_json(&json, kind) {
            prop_assert!(value.check().is_ok());
        }
    }
}

#[test]
fn applications_see_plain_json() {
    for (value, expected) in [
        (Value::Null, json!(null)),
        (Value::Integer(12), json!(12)),
        (Value::Float(1.5), json!(1.5)),
        (Value::Decimal("12.50".to_owned()), json!("12.50")),
        (Value::Bytes(vec![0, 255]), json!("AP8=")),
        (Value::Timestamp(0), json!("1970-01-01T00:00:00Z")),
        (
            Value::Point(GeoPoint {
                latitude: 52.5,
                longitude: 13.4,
            }),
            json!({"lat": 52.5, "lng": 13.4}),
        ),
        (Value::Json("{\"a\": [1]}".to_owned()), json!({"a": [1]})),
        (
            Value::Other(OtherValue {
                kind: "inet".to_owned(),
                text: "::1".to_owned(),
            }),
            json!("::1"),
        ),
    ] {
        assert_eq!(value.to_json(), expected);
    }
}

#[test]
fn json_without_a_kind_keeps_its_own() {
    let read = |json| Value::from_json(&json, PropertyType::Any).unwrap();
    assert_eq!(read(json!(12)), Value::Integer(12));
    assert_eq!(read(json!(12.0)), Value::Float(12.0));
    assert_eq!(read(json!(u64::MAX)), Value::Decimal(u64::MAX.to_string()));
    assert_eq!(read(json!([1, "a"])), Value::Json("[1,\"a\"]".to_owned()));
    assert_eq!(read(json!({"lat": 1, "lng": 2})).case_name(), "json");
    assert_eq!(read(json!({"$timestamp": 5})), Value::Timestamp(5));
    assert_eq!(
        read(json!({"$timestamp": "1970-01-01"})),
        Value::Timestamp(0)
    );
    assert_eq!(
        read(json!({"$decimal": "1.50"})),
        Value::Decimal("1.50".to_owned())
    );
    assert_eq!(read(json!({"$bytes": "AP8="})), Value::Bytes(vec![0, 255]));
    assert_eq!(
        read(json!({"$oid": "ab"})),
        Value::Other(OtherValue {
            kind: "oid".to_owned(),
            text: "ab".to_owned()
        })
    );
    assert_eq!(read(json!({"$oid": 5})).case_name(), "json");
    assert!(
        Value::from_json(&json!({"$timestamp": true}), PropertyType::Any)
            .unwrap_err()
            .contains("microseconds")
    );
}

#[test]
fn points_and_bytes_have_several_forms() {
    let berlin = Value::Point(GeoPoint {
        latitude: 52.5,
        longitude: 13.0,
    });
    for form in [
        json!({"lat": 52.5, "lng": 13}),
        json!({"latitude": 52.5, "longitude": 13}),
        json!({"$point": {"lat": 52.5, "lng": 13}}),
        json!("52.5,13"),
    ] {
        assert_eq!(
            Value::from_json(&form, PropertyType::Point),
            Ok(berlin.clone()),
            "{form}"
        );
    }
    for refused in [
        json!([52.5, 13]),
        json!({"lat": 1}),
        json!({"lat": 1, "lng": 2, "alt": 3}),
        json!({"lat": 91, "lng": 0}),
    ] {
        assert!(
            Value::from_json(&refused, PropertyType::Point).is_err(),
            "{refused}"
        );
    }
    assert_eq!(
        Value::from_json(&json!([0, 255]), PropertyType::Bytes),
        Ok(Value::Bytes(vec![0, 255]))
    );
    assert!(Value::from_json(&json!([256]), PropertyType::Bytes).is_err());
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Size {
    Small,
    Large,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Address {
    city: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u32,
    price: f64,
    paid: Option<bool>,
    note: Option<String>,
    at: String,
    micros: i64,
    photo: Vec<u8>,
    size: Size,
    address: Address,
    place: Option<[(); 0]>,
}

fn order_model() -> Model {
    Model::new("Order")
        .key("id", PropertyType::Integer)
        .property(Property::new("price", PropertyType::Decimal))
        .property(Property::new("at", PropertyType::Timestamp))
        .property(Property::new("photo", PropertyType::Bytes))
        .property(Property::new("address", PropertyType::Json))
}

fn order_record() -> Entity {
    Entity::new()
        .with("id", 7)
        .with("price", Value::Decimal("12.50".to_owned()))
        .with("paid", true)
        .with("note", Value::Null)
        .with("at", Value::Timestamp(0))
        .with("micros", Value::Timestamp(5))
        .with("photo", vec![1_u8, 2])
        .with("size", "large")
        .with("address", Value::Json("{\"city\":\"Berlin\"}".to_owned()))
}

#[test]
fn a_record_becomes_a_type_of_the_programs() {
    let order: Order = order_record().deserialize().unwrap();
    let expected = Order {
        id: 7,
        price: 12.5,
        paid: Some(true),
        note: None,
        at: "1970-01-01T00:00:00Z".to_owned(),
        micros: 5,
        photo: vec![1, 2],
        size: Size::Large,
        address: Address {
            city: "Berlin".to_owned(),
        },
        place: None,
    };
    assert_eq!(order, expected);
    let error = order_record()
        .with("id", -1)
        .deserialize::<Order>()
        .unwrap_err();
    assert!(error.contains("id") && error.contains("-1"), "{error}");
    let plain: serde_json::Value = Entity::new().with("a", 1).deserialize().unwrap();
    assert_eq!(plain, json!({"a": 1}));
}

#[test]
fn a_type_of_the_programs_becomes_a_record_in_the_models_kinds() {
    let order: Order = order_record().deserialize().unwrap();
    let record = Entity::serialize(&order, Some(&order_model())).unwrap();
    for name in ["id", "at", "photo", "address"] {
        assert_eq!(record.get(name), order_record().get(name), "{name}");
    }
    assert!(equal(record.get("price").unwrap(), &Value::Float(12.5)));
    assert_eq!(record.deserialize::<Order>().unwrap(), order);
    assert!(Entity::serialize(&5, None).is_err());
}

#[test]
fn a_record_from_json_reports_all_its_mistakes() {
    let members =
        serde_json::from_str(r#"{"id": "x", "price": "y", "at": 5, "other": [1]}"#).unwrap();
    let problems = Entity::from_json(members, Some(&order_model())).unwrap_err();
    let mut places: Vec<&str> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    places.sort_unstable();
    assert_eq!(places, ["at", "id", "other", "price"]);
}
