//! What becomes of a record that is found or written.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod common;

use common::{ask, connect, run, server};
use tenon_model::{Index, Model, Property};
use tenon_sdk::{
    Aftermath, Connector, Crud, Entity, ErrorKind, Generation, PropertyType, Schema, SortKey,
    TransactionOptions, Transactions, Upsert, Value,
};

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
    let (mut connector, _) = connect(server);
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

#[test]
fn a_record_that_only_the_collation_takes_for_the_same_is_left_alone() {
    let Some(server) = server() else { return };
    let (mut connector, _) = connect(server);
    for command in [
        "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "create table \"Thing\" (id bigserial primary key, code text collate nocase unique, number bigint)",
        "insert into \"Thing\" (id, code, number) values (1, 'a', 1)",
    ] {
        run(&mut connector, command);
    }
    connector.define(model()).unwrap();
    let by = ["code".to_owned()];
    for data in [
        Entity::new().with("code", "A").with("number", 2),
        Entity::new()
            .with("id", 1)
            .with("code", "A")
            .with("number", 2),
        Entity::new().with("code", "A"),
    ] {
        let taken = connector.update_or_create("Thing", &by, data).unwrap_err();
        assert_eq!(taken.kind, ErrorKind::Duplicate, "{taken}");
    }
    let other_key = Entity::new().with("id", 2).with("code", "a");
    let refused = connector
        .update_or_create("Thing", &by, other_key)
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid, "{refused}");
    let data = Entity::new().with("code", "a").with("number", 3);
    let found = connector.update_or_create("Thing", &by, data).unwrap();
    assert!(!found.created);
    assert_eq!(
        ask(
            &mut connector,
            "select id, code, number from \"Thing\"",
            Vec::new()
        ),
        vec![vec![1.into(), "a".into(), 3.into()]]
    );
}

#[test]
fn a_transaction_outlives_a_duplicate_of_a_deferrable_constraint() {
    let Some(server) = server() else { return };
    let (mut connector, _) = connect(server);
    run(
        &mut connector,
        "create table \"Thing\" (id bigserial primary key, code text unique deferrable, number bigint)",
    );
    connector.define(model()).unwrap();
    connector.begin(TransactionOptions::default()).unwrap();
    let data = Entity::new().with("code", "a");
    connector.create("Thing", data.clone()).unwrap();
    let again = connector.create("Thing", data).unwrap_err();
    assert_eq!(again.kind, ErrorKind::Duplicate, "{again}");
    assert_eq!(again.aftermath, Aftermath::Usable);
    connector
        .create("Thing", Entity::new().with("code", "b"))
        .unwrap();
    connector.commit().unwrap();
    assert_eq!(connector.count("Thing", Vec::new()).unwrap(), 2);
}
