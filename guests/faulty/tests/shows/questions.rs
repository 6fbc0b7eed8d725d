//! Filters, orders, pages.

use tenon_model::{Comparison, Extension};
use tenon_sdk::{Crud, Entity, GeoPoint, Limits, Query, SortKey, Value};

use crate::scene::{Act, Scene, numbered, pages, some_name};

pub const FILTERS: &[Act] = &[filters, many];
pub const ORDERS: &[Act] = &[orders];
pub const PAGES: &[Act] = &[paging, cursors, fields];

fn seed(scene: &mut Scene) {
    let json = |text: &str| Value::Json(text.into());
    let decimal = |text: &str| Value::Decimal(text.into());
    let point = |latitude, longitude| GeoPoint {
        latitude,
        longitude,
    };
    let things = [
        Entity::new()
            .with("n", 1_i64)
            .with("t", "alpha")
            .with("b", true)
            .with("d", decimal("12345678901234567890.1"))
            .with("at", Value::Timestamp(1_000_001))
            .with("p", point(60.0, 10.0))
            .with(
                "j",
                json(r#"{"n": 2, "tags": ["x", "y"], "items": [{"k": 1}, {"k": 2}]}"#),
            ),
        Entity::new()
            .with("n", 2_i64)
            .with("t", "Alpha")
            .with("b", false)
            .with("d", decimal("12345678901234567890.2"))
            .with("at", Value::Timestamp(1_000_002))
            .with("p", point(60.0, 11.0))
            .with("j", json(r#"{"n": 1, "tags": ["x"], "b": 1}"#)),
        Entity::new()
            .with("n", 3_i64)
            .with("t", "")
            .with("b", Value::Null)
            .with("at", Value::Timestamp(3_601_000_002))
            .with("p", point(61.0, 10.0))
            .with("j", json(r#"{"a": 1, "b": 2}"#)),
        Entity::new()
            .with("n", 10_i64)
            .with("t", "ÄPFEL")
            .with("b", true),
        Entity::new()
            .with("n", 9_007_199_254_740_993_i64)
            .with("t", "100%"),
        Entity::new()
            .with("n", 9_007_199_254_740_992_i64)
            .with("t", "1000"),
        Entity::new().with("n", Value::Null).with("t", Value::Null),
        Entity::new().with("t", "\u{10000}").with("b", false),
        Entity::new().with("t", "\u{ffff}").with("n", 1_i64),
        Entity::new()
            .with("t", "Zeta")
            .with("n", 2_i64)
            .with("b", true),
    ];
    scene.one.create_all("Thing", things.into()).unwrap();
}

fn filters(scene: &mut Scene) {
    seed(scene);
    for filter in [
        r#"{}"#,
        r#"{"t": {"neq": "alpha"}}"#,
        r#"{"n": {"nin": [1]}}"#,
        r#"{"n": {"nin": []}}"#,
        r#"{"n": {"inq": []}}"#,
        r#"{"n": {"inq": [1, 2]}}"#,
        r#"{"n": {"inq": [1, null]}}"#,
        r#"{"n": {"between": [1, 3]}}"#,
        r#"{"n": {"lt": 2}}"#,
        r#"{"n": {"lte": 2}}"#,
        r#"{"n": {"gt": 2}}"#,
        r#"{"n": {"gte": 2}}"#,
        r#"{"n": {"gt": 9007199254740992}}"#,
        r#"{"n": null}"#,
        r#"{"t": "alpha"}"#,
        r#"{"t": ""}"#,
        r#"{"b": false}"#,
        r#"{"t": {"like": "a%"}}"#,
        r#"{"t": {"like": "lph"}}"#,
        r#"{"t": {"like": "_lph"}}"#,
        r#"{"t": {"like": "_pha"}}"#,
        r#"{"t": {"like": "100\\%"}}"#,
        r#"{"t": {"nlike": "a%"}}"#,
        r#"{"t": {"ilike": "ALPHA"}}"#,
        r#"{"t": {"ilike": "äpfel"}}"#,
        r#"{"t": {"regexp": "(?i)^alpha$"}}"#,
        r#"{"t": {"regexp": "lph"}}"#,
        r#"{"n": {"exists": true}}"#,
        r#"{"n": {"exists": false}}"#,
        r#"{"j.tags": {"contains": "x"}}"#,
        r#"{"j.n": 1}"#,
        r#"{"j.items.k": 2}"#,
        r#"{"and": [{"n": {"gt": 1}}, {"n": {"lt": 3}}]}"#,
        r#"{"or": [{"n": 1}, {"b": true}]}"#,
        r#"{"or": []}"#,
        r#"{"nor": [{"n": 1}, {"b": true}]}"#,
        r#"{"n": 1, "or": [{"b": true}, {"and": [{"t": "x"}, {"b": false}]}]}"#,
        r#"{"d": {"$decimal": "12345678901234567890.2"}}"#,
        r#"{"t": {"gt": "b"}}"#,
        "{\"t\": {\"gt\": \"\u{ffff}\"}}",
        r#"{"at": {"gt": {"$timestamp": 1000001}}}"#,
        r#"{"at": {"$timestamp": 1000002}}"#,
        r#"{"p": {"near": "60,10", "maxDistance": 80, "unit": "kilometers"}}"#,
        r#"{"p": {"near": "60,10", "maxDistance": 120, "minDistance": 1, "unit": "kilometers"}}"#,
    ] {
        scene.ask(&format!(r#"{{"where": {filter}, "fields": ["id"]}}"#));
    }
    let json = Value::Json(r#"{"b": 2, "a": 1}"#.into());
    scene.ask_filter(tenon_model::Filter::compare("j", Comparison::Equal, json).to_nodes());
    let unknown = tenon_model::contract::FilterNode::Extension(Extension {
        name: "sounds-like".into(),
        property: "t".into(),
        path: Vec::new(),
        operands: vec!["alfa".into()],
    });
    scene.ask_filter(vec![unknown]);
}

fn many(scene: &mut Scene) {
    numbered(&mut scene.one, 0..103);
    scene.ask(r#"{"where": {"n": {"lt": 1}}}"#);
}

fn orders(scene: &mut Scene) {
    seed(scene);
    for order in [
        r#"["n DESC", "id"]"#,
        r#"["n", "id"]"#,
        r#"["b", "t", "id"]"#,
        r#"["b", "n DESC", "id"]"#,
        r#"["n", "t DESC", "id"]"#,
        r#"["b DESC", "id"]"#,
        r#"["t", "id"]"#,
        r#"["j.n", "id"]"#,
    ] {
        scene.ask(&format!(r#"{{"order": {order}, "fields": ["id"]}}"#));
        scene.ask(&format!(
            r#"{{"order": {order}, "fields": ["id"], "limit": 3, "skip": 2}}"#
        ));
    }
    scene.ask(r#"{"where": {"p": {"near": "61,10"}}, "fields": ["id"]}"#);
}

fn paging(scene: &mut Scene) {
    numbered(&mut scene.one, 0..7);
    for part in [
        r#""limit": 2"#,
        r#""limit": 2, "skip": 2"#,
        r#""skip": 2"#,
        r#""limit": 0"#,
    ] {
        scene.ask(&format!(r#"{{"order": ["id"], {part}}}"#));
    }
    let hinted = Query {
        hints: vec![("index".into(), "n".into())],
        ..Query::default()
    };
    scene.ask_query(hinted);
    let narrow = Limits {
        page_size: 150,
        ..Limits::default()
    };
    let rows = scene.one.all("Thing", Query::default()).unwrap().rows;
    scene.note(pages(rows, 100, &narrow));
}

fn cursors(scene: &mut Scene) {
    seed(scene);
    scene.one.create("Named", some_name("somebody", 1)).unwrap();
    let by_id = Query {
        order: vec![SortKey {
            property: "id".into(),
            path: Vec::new(),
            descending: false,
        }],
        ..Query::default()
    };
    let mut first = scene.one.all("Thing", by_id.clone()).unwrap().rows;
    scene.note(first.next(2, &Limits::default()));
    let second = scene.one.all("Thing", by_id.clone()).unwrap().rows;
    scene.note(first.next(2, &Limits::default()));
    scene.note(pages(second, 4, &Limits::default()));
    let mut third = scene.one.all("Thing", by_id).unwrap().rows;
    scene.note(third.next(2, &Limits::default()));
    numbered(&mut scene.one, [5]);
    scene.note(pages(third, 4, &Limits::default()));
}

fn fields(scene: &mut Scene) {
    seed(scene);
    scene.ask(r#"{"fields": ["id", "n"]}"#);
    scene.all("Thing");
}
