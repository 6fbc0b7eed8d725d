//! What memory promises beside right answers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{connected, memory, person};
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Connector, Crud, Entity, ErrorKind, GeoPoint, Key, Limits, Model, PropertyType, Query, Value,
};

#[test]
fn missing_keys_count_up_from_the_greatest_so_far() {
    let mut memory = memory();
    let made = memory
        .create("Person", Entity::new().with("city", "Ulm"))
        .unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(1)));
    assert!(
        memory
            .create("Person", Entity::new().with("id", 41_i64))
            .unwrap()
            .is_empty()
    );
    let made = memory
        .create_all(
            "Person",
            vec![Entity::new(), Entity::new().with("id", Value::Null)],
        )
        .unwrap();
    let ids: Vec<_> = made.iter().map(|made| made.get("id").cloned()).collect();
    assert_eq!(ids, [Some(Value::Integer(42)), Some(Value::Integer(43))]);
}

#[test]
fn a_uuid_key_is_made_at_random() {
    let mut model = tenon_model::Model::new("Token").key("id", PropertyType::Uuid);
    model.properties[0].generated = tenon_sdk::Generation::Always;
    let mut memory = connected();
    memory.define(model.to_contract()).unwrap();
    let made = memory.create("Token", Entity::new()).unwrap();
    let id = made.get("id").cloned().unwrap();
    assert_eq!(id.as_text().map(str::len), Some(36));
    assert!(memory.exists("Token", Key::from(id)).unwrap());
}

#[test]
fn a_new_index_finds_old_records_and_one_that_does_not_fit_is_refused() {
    let mut memory = memory();
    for nick in ["a", "b", "a"] {
        memory
            .create("Person", Entity::new().with("nick", nick))
            .unwrap();
    }
    let property = tenon_model::Property::new("nick", PropertyType::Text);
    let unique = person().property(property.clone()).index(&["nick"], true);
    assert_eq!(
        memory.define(unique.to_contract()).unwrap_err().kind,
        ErrorKind::Duplicate
    );
    assert_eq!(memory.count("Person", Vec::new()).unwrap(), 3);
    memory
        .define(
            person()
                .property(property)
                .index(&["nick"], false)
                .to_contract(),
        )
        .unwrap();
    let nick = tenon_model::Filter::equal("nick", "a").to_nodes();
    assert_eq!(memory.count("Person", nick).unwrap(), 2);
}

#[test]
fn two_models_do_not_share_a_collection() {
    let mut memory = memory();
    let other = Model {
        name: "Animal".into(),
        collection: Some("Person".into()),
        ..person().to_contract()
    };
    assert!(
        memory
            .define(other)
            .unwrap_err()
            .message
            .contains("belongs to the model `Person`")
    );
}

#[test]
fn an_index_of_an_unknown_kind_is_refused() {
    let mut model = person();
    model.indexes[0].settings = Some(r#"{"kind": "magic"}"#.into());
    assert_eq!(
        connected().define(model.to_contract()).unwrap_err().kind,
        ErrorKind::Invalid
    );
}

#[test]
fn what_memory_cannot_evaluate_is_left_to_the_runtime_and_never_ignored() {
    let mut memory = memory();
    memory
        .create("Person", Entity::new().with("city", "Ulm"))
        .unwrap();
    let filter = vec![tenon_model::contract::FilterNode::Extension(
        tenon_model::Extension {
            name: "sounds-like".into(),
            property: "city".into(),
            path: Vec::new(),
            operands: vec!["olm".into()],
        },
    )];
    assert_eq!(
        memory.count("Person", filter.clone()).unwrap_err().kind,
        ErrorKind::Unsupported
    );
    assert_eq!(
        memory
            .destroy_all("Person", filter.clone())
            .unwrap_err()
            .kind,
        ErrorKind::Unsupported
    );
    let query = Query {
        filter,
        limit: Some(0),
        ..Query::default()
    };
    let mut answer = memory.all("Person", query).unwrap();
    assert!(
        !answer.done.contains(tenon_sdk::Done::FILTER)
            && !answer.done.contains(tenon_sdk::Done::PAGING)
    );
    assert_eq!(read_all(&mut answer.rows, 10).unwrap().len(), 1);
}

#[test]
fn a_sorted_result_does_not_mistake_a_new_record_for_the_one_whose_place_it_took() {
    let mut memory = memory();
    for nick in ["a", "b", "c"] {
        memory
            .create("Person", Entity::new().with("nick", nick))
            .unwrap();
    }
    let by_nick = tenon_model::Query::new().ascending("nick").to_contract();
    let mut rows = memory.all("Person", by_nick).unwrap().rows;
    rows.next_rows(1, &Limits::default()).unwrap();
    memory.destroy("Person", Key::from(3_i64)).unwrap();
    memory
        .create("Person", Entity::new().with("nick", "0"))
        .unwrap();
    let rest = read_all(&mut rows, 10).unwrap();
    let nicks: Vec<_> = rest
        .iter()
        .filter_map(|row| row.get("nick").cloned())
        .collect();
    assert_eq!(nicks, ["b".into()]);
}

#[test]
fn the_equally_near_come_in_the_order_of_their_keys() {
    let model = tenon_model::Model::new("Place")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("at", PropertyType::Point));
    let mut memory = connected();
    memory.define(model.to_contract()).unwrap();
    for (id, longitude) in [(4_i64, 1.0), (2, -1.0), (3, 1.0), (1, 5.0)] {
        let at = GeoPoint {
            latitude: 0.0,
            longitude,
        };
        let place = Entity::new().with("id", id).with("at", at);
        memory.create("Place", place).unwrap();
    }
    let near = serde_json::json!({"where": {"at": {"near": "0,0"}}, "limit": 3});
    let near = tenon_model::Query::from_json(&near).unwrap().to_contract();
    let rows = read_all(&mut memory.all("Place", near).unwrap().rows, 10).unwrap();
    let ids = rows.iter().map(|row| row.get("id").cloned());
    assert!(ids.eq([2, 3, 4].map(|id: i64| Some(Value::from(id)))));
}
