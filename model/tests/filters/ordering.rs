//! The order of records.

use proptest::prelude::*;
use serde_json::json;
use tenon_model::{
    Entity, Filter, GeoPoint, Model, PropertyType, Query, RowOrder, SortKey, Value, compare,
};

use crate::strategies::record;

fn sorted(query: &Query, mut records: Vec<Entity>) -> Vec<Entity> {
    RowOrder::new(query).sort(&mut records);
    records
}

proptest! {
    #[test]
    fn descending_is_the_exact_reverse(records in prop::collection::vec(record(), 2), path in prop::collection::vec("[ab0]", 0..2)) {
        let order = |descending| {
            let key = SortKey { property: "a".to_owned(), path: path.clone(), descending };
            RowOrder::new(&Query { order: vec![key], ..Query::new() })
        };
        let ascending = order(false).compare(&records[0], &records[1]);
        prop_assert_eq!(order(true).compare(&records[0], &records[1]), ascending.reverse());
        prop_assert_eq!(order(false).compare(&records[1], &records[0]), ascending.reverse());
    }

    #[test]
    fn sorting_is_stable_and_by_every_part_in_turn(records in prop::collection::vec(record(), 0..8)) {
        let query = Query::new().ascending("a").descending("b");
        let mut expected = records.clone();
        let value = |record: &Entity, name: &str| record.get(name).cloned().unwrap_or_default();
        expected.sort_by(|left, right| {
            compare(&value(left, "a"), &value(right, "a"))
                .then_with(|| compare(&value(right, "b"), &value(left, "b")))
        });
        prop_assert_eq!(sorted(&query, records), expected);
    }

    #[test]
    fn sorting_agrees_with_comparing(records in prop::collection::vec(record(), 0..8)) {
        let query = Query::from_json(&json!({"order": ["a.b", "b DESC"]})).unwrap();
        let order = RowOrder::new(&query);
        let sorted = sorted(&query, records);
        prop_assert!(sorted.windows(2).all(|pair| order.compare(&pair[0], &pair[1]).is_le()));
    }
}

#[test]
fn the_nearest_come_first_unless_there_is_an_order() {
    let record = |id: i64, longitude: f64| {
        let point = GeoPoint {
            latitude: 0.0,
            longitude,
        };
        Entity::new().with("id", id).with("place", point)
    };
    let records = vec![record(1, 5.0), Entity::new().with("id", 2), record(3, -1.0)];
    let ids = |query: &Query| -> Vec<i64> {
        let sorted = sorted(query, records.clone());
        sorted
            .iter()
            .map(|record| record.get("id").and_then(Value::as_integer).unwrap())
            .collect()
    };
    let near = json!({"place": {"near": {"lat": 0, "lng": 0}}});
    let query = |json| Query::from_json(&json).unwrap();
    assert_eq!(ids(&query(json!({"where": near}))), [3, 1, 2]);
    assert_eq!(
        ids(&query(json!({"where": {"or": [{"id": 2}, near]}}))),
        [3, 1, 2]
    );
    assert_eq!(ids(&query(json!({"where": {"not": near}}))), [1, 2, 3]);
    assert_eq!(
        ids(&query(json!({"where": near, "order": "id DESC"}))),
        [3, 2, 1]
    );
}

#[test]
fn the_key_breaks_the_ties_of_nearness() {
    let record = |id: i64, longitude: f64| {
        let point = GeoPoint {
            latitude: 0.0,
            longitude,
        };
        Entity::new().with("id", id).with("place", point)
    };
    let mut records = vec![
        record(3, 2.0),
        record(2, -2.0),
        record(1, 2.0),
        record(9, 0.0),
    ];
    let query = Query::from_json(&json!({"where": {"place": {"near": "0,0"}}})).unwrap();
    let order = RowOrder::new(&query).then_by_key(["id"]);
    order.sort(&mut records);
    let ids = records.iter().map(|record| record.get("id").cloned());
    assert!(ids.eq([9, 1, 2, 3].map(|id: i64| Some(Value::from(id)))));
    assert!(order.compare(&records[1], &records[2]).is_lt());
    assert!(RowOrder::new(&Query::new()).then_by_key(["id"]).is_empty());
}

#[test]
fn a_query_without_order_or_nearness_has_none() {
    assert!(RowOrder::new(&Query::filter(Filter::equal("a", 1))).is_empty());
    assert!(!RowOrder::new(&Query::new().ascending("a")).is_empty());
}

#[test]
fn the_key_completes_an_order_where_it_matters() {
    let model = Model::new("M")
        .key("x", PropertyType::Integer)
        .key("y", PropertyType::Integer);
    let order = |query: Query| -> Vec<String> {
        let keys = query.with_total_order(&model).order;
        keys.into_iter()
            .map(|key| format!("{} {}", key.property, key.descending))
            .collect()
    };
    assert_eq!(order(Query::new()), [""; 0]);
    assert_eq!(order(Query::new().limit(1)), ["x false", "y false"]);
    assert_eq!(order(Query::new().offset(1)), ["x false", "y false"]);
    assert_eq!(order(Query::new().descending("y")), ["y true", "x false"]);
    let near = Filter::from_json(&json!({"p": {"near": "0,0"}})).unwrap();
    assert_eq!(order(Query::filter(near).limit(1)), [""; 0]);
}
