//! Keys: whole, in order, of their kinds.

use serde_json::json;
use tenon_model::{Entity, Key, Model, Property, PropertyType, Value};

fn seat() -> Model {
    // Declared in another order than the key's.
    let mut row = Property::new("row", PropertyType::Integer).required();
    row.key = Some(2);
    let mut flight = Property::new("flight", PropertyType::Text).required();
    flight.key = Some(1);
    Model::new("Seat")
        .property(row)
        .property(flight)
        .property(Property::new("who", PropertyType::Text))
}

fn whole() -> Key {
    Key::composite(["LH1".into(), Value::Integer(7)])
}

#[test]
fn a_records_key_is_in_the_keys_order_or_not_at_all() {
    let record = Entity::new()
        .with("row", 7)
        .with("flight", "LH1")
        .with("who", "Ann");
    assert_eq!(seat().key_of(&record), Some(whole()));
    assert_eq!(
        seat().key_of(&record.clone().with("row", Value::Null)),
        None
    );
    assert_eq!(seat().key_of(&Entity::new().with("row", 7)), None);
    assert_eq!(Model::new("Keyless").key_of(&record), None);
}

#[test]
fn a_key_is_coerced_part_by_part() {
    assert_eq!(
        seat().check_key(Key::composite(["LH1".into(), "7".into()])),
        Ok(whole())
    );
    let problems = seat()
        .check_key(Key::composite([Value::Null, "x".into()]))
        .unwrap_err();
    let places: Vec<&str> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    assert_eq!(places, ["flight", "row"]);
}

#[test]
fn a_key_is_never_a_part_of_itself() {
    let problems = seat().check_key(Key::from("LH1")).unwrap_err().to_string();
    assert!(
        problems.contains("`flight`, `row`") && problems.contains("give 2"),
        "{problems}"
    );
    assert!(
        Model::new("Keyless")
            .check_key(Key::from(1))
            .unwrap_err()
            .to_string()
            .contains("no key")
    );
}

#[test]
fn a_key_has_three_forms_in_json() {
    let seat = seat();
    assert_eq!(seat.key_from_json(&json!(["LH1", 7])), Ok(whole()));
    assert_eq!(
        seat.key_from_json(&json!({"row": 7, "flight": "LH1"})),
        Ok(whole())
    );
    let single = Model::new("Airport").key("iata", PropertyType::Text);
    assert_eq!(single.key_from_json(&json!("TXL")), Ok(Key::from("TXL")));
    assert_eq!(single.key_from_json(&json!(["TXL"])), Ok(Key::from("TXL")));
    assert_eq!(
        single.key_from_json(&json!({"iata": "TXL"})),
        Ok(Key::from("TXL"))
    );
    let moment = Model::new("Tick").key("at", PropertyType::Timestamp);
    assert_eq!(
        moment.key_from_json(&json!({"$timestamp": 5})),
        Ok(Key::composite([Value::Timestamp(5)]))
    );
}

#[test]
fn a_key_in_json_that_is_not_whole_is_refused() {
    for broken in [
        json!("LH1"),
        json!(["LH1"]),
        json!(["LH1", 7, 8]),
        json!({"flight": "LH1"}),
        json!({"flight": "LH1", "row": 7, "who": "Ann"}),
        json!(["LH1", null]),
        json!(["LH1", "x"]),
    ] {
        assert!(seat().key_from_json(&broken).is_err(), "{broken}");
    }
}
