//! What becomes of a record that is found or written.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod common;

use common::{connect, database, server};
use tenon_model::{Index, Model, Property};
use tenon_sdk::{Connector, Entity, Generation, PropertyType, Schema, SortKey, Upsert, Value};

/// A key that the server makes, and a unique text.
fn model() -> tenon_sdk::Model {
    let mut id = Property::new("id", PropertyType::Integer);
    id.key = Some(1);
    id.generated = Generation::WhenMissing;
    let mut code = Property::new("code", PropertyType::Text);
    code.length = Some(40);
    let mut model = Model::new("Thing")
        .property(id)
        .property(code)
        .property(Property::new("number", PropertyType::Integer));
    model.indexes = vec![Index {
        name: "code".to_owned(),
        properties: vec![SortKey {
            property: "code".to_owned(),
            path: Vec::new(),
            descending: false,
        }],
        unique: true,
        settings: None,
    }];
    model.to_contract()
}

#[test]
fn what_became_of_a_record_is_told_also_where_nothing_changed() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut connector = connect(server, &name);
    let steps = connector.plan(vec![model()]).unwrap();
    connector.apply(steps).unwrap();
    connector.define(model()).unwrap();
    let by = ["code".to_owned()];
    let data = Entity::new().with("code", "a").with("number", 1);
    let made = connector
        .update_or_create("Thing", &by, data.clone())
        .unwrap();
    assert!(made.created);
    let same = connector
        .update_or_create("Thing", &by, data.clone())
        .unwrap();
    assert!(!same.created);
    assert_eq!(same.entity, made.entity);
    let alone = Entity::new().with("code", "a");
    let found = connector
        .update_or_create("Thing", &by, alone.clone())
        .unwrap();
    assert!(!found.created);
    assert_eq!(found.entity, made.entity);
    let replaced = connector.replace_or_create("Thing", &by, alone).unwrap();
    assert!(!replaced.created);
    assert_eq!(replaced.entity.get("number"), Some(&Value::Null));
    assert_eq!(replaced.entity.get("id"), made.entity.get("id"));
    let other_key = data.with("id", 999);
    let refused = connector
        .update_or_create("Thing", &by, other_key)
        .unwrap_err();
    assert_eq!(refused.kind, tenon_sdk::ErrorKind::Invalid);
}
