//! What memory promises of collections.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{city, connected, emails, inhabited, people, person};
use tenon_memory::Memory;
use tenon_sdk::{
    Connector, Crud, Entity, ErrorKind, Limits, PropertyType, Schema, Step, TransactionOptions,
    Transactions, Value,
};

fn plan(memory: &mut Memory, model: &tenon_model::Model) -> Vec<Step> {
    memory.plan(vec![model.to_contract()]).unwrap()
}

fn kinds(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.kind.as_str()).collect()
}

/// People without an index, and with the nickname unique.
fn nicknamed() -> tenon_model::Model {
    let mut model = person().property(tenon_model::Property::new("nick", PropertyType::Text));
    model.indexes.clear();
    model.index(&["nick"], true)
}

#[test]
fn a_plan_says_what_changes_and_changes_nothing() {
    let mut memory = inhabited();
    let steps = plan(&mut memory, &nicknamed());
    assert_eq!(
        kinds(&steps),
        ["add-column", "drop-index", "drop-index", "create-index"]
    );
    assert!(steps[0].description.contains("`nick` (text)"), "{steps:#?}");
    assert_eq!(steps[1].name.as_deref(), Some("email"));
    assert!(
        steps[3]
            .description
            .contains("unique index `nick` over nick"),
        "{steps:#?}"
    );
    assert!(
        steps
            .iter()
            .all(|step| step.collection == "Person" && !step.destructive)
    );
    assert_eq!(plan(&mut memory, &nicknamed()), steps);
    assert!(plan(&mut memory, &person()).is_empty());
}

#[test]
fn steps_are_taken_all_or_none_and_the_one_that_fails_is_named() {
    let mut memory = inhabited();
    for email in ["x@y", "z@y"] {
        let person = Entity::new().with("email", email).with("nick", "same");
        memory.create("Person", person).unwrap();
    }
    let steps = plan(&mut memory, &nicknamed());
    let error = memory.apply(steps.clone()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert!(error.details.contains(&("index".into(), "3".into())));
    assert!(plan(&mut memory, &person()).is_empty());
    memory
        .destroy("Person", tenon_sdk::Key::from(4_i64))
        .unwrap();
    memory.apply(steps).unwrap();
    assert!(plan(&mut memory, &nicknamed()).is_empty());
    let again = Entity::new().with("nick", "same");
    assert_eq!(
        memory.create("Person", again).unwrap_err().kind,
        ErrorKind::Duplicate
    );
}

#[test]
fn another_key_is_destructive_where_there_are_records() {
    let mut by_email = person();
    by_email.properties[0].key = None;
    by_email.properties[1].key = Some(1);
    let mut memory = inhabited();
    let steps = plan(&mut memory, &by_email);
    assert_eq!(kinds(&steps), ["alter-key"]);
    assert!(steps[0].destructive);
    memory.apply(steps).unwrap();
    let found = memory.find("Person", tenon_sdk::Key::from("c@d")).unwrap();
    assert_eq!(found.unwrap().get("id"), Some(&Value::Integer(2)));

    let mut empty = common::memory();
    assert!(!plan(&mut empty, &by_email)[0].destructive);
}

#[test]
fn a_step_that_the_collection_has_moved_away_from_is_refused() {
    let mut memory = inhabited();
    let steps = plan(&mut memory, &nicknamed());
    memory.define(nicknamed().to_contract()).unwrap();
    let error = memory.apply(steps).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.message.contains("plan again"), "{error}");
    assert!(plan(&mut memory, &nicknamed()).is_empty());
}

#[test]
fn what_is_no_command_of_memory_is_refused() {
    let mut memory = inhabited();
    let mut steps = plan(&mut memory, &nicknamed());
    steps[2].commands = vec!["DROP INDEX email".into()];
    let error = memory.apply(steps).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.details.contains(&("index".into(), "2".into())));
    assert!(plan(&mut memory, &person()).is_empty());
}

#[test]
fn a_collection_can_be_there_before_its_model() {
    let mut memory = connected();
    let model = tenon_model::Model {
        collection: Some("people".into()),
        ..person()
    };
    let steps = plan(&mut memory, &model);
    assert_eq!(
        kinds(&steps),
        ["create-collection", "create-index", "create-index"]
    );
    memory.apply(steps).unwrap();
    let collections = memory.collections().unwrap();
    assert_eq!(collections.len(), 1);
    assert_eq!(
        (collections[0].name.as_str(), collections[0].kind.as_str()),
        ("people", "table")
    );
    memory.define(model.to_contract()).unwrap();
    memory.create("Person", Entity::new()).unwrap();
    assert_eq!(memory.collections().unwrap().len(), 1);
}

#[test]
fn a_discovered_model_has_all_that_was_declared() {
    let mut model = person();
    model.settings = Some(r#"{"kind": "hash"}"#.into());
    model.indexes[1].settings = Some(r#"{"kind": "hash"}"#.into());
    model.properties[1].required = true;
    model.properties[1].length = Some(80);
    let mut memory = connected();
    memory.define(model.to_contract()).unwrap();
    let discovered = memory.discover(vec!["Person".into()]).unwrap().remove(0);
    let mut wanted = model.to_contract();
    for property in &mut wanted.properties {
        property.native_type = Some(property.kind.name().into());
    }
    assert_eq!(discovered, wanted);
    assert!(memory.plan(vec![discovered]).unwrap().is_empty());
    let error = memory.discover(vec!["Persn".into()]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[test]
fn two_models_are_not_planned_for_one_collection() {
    let mut other = person();
    other.name = "Animal".into();
    other.collection = Some("Person".into());
    let models = vec![person().to_contract(), other.to_contract()];
    let error = connected().plan(models).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
}

#[test]
fn a_dropped_collection_is_gone_until_it_is_needed_again() {
    let mut memory = inhabited();
    let by_email = tenon_model::Query::new().ascending("email").to_contract();
    let mut rows = memory.all("Person", by_email).unwrap().rows;
    rows.next_rows(1, &Limits::default()).unwrap();
    Schema::drop(&mut memory, "Person").unwrap();
    assert!(
        tenon_sdk::testing::read_all(&mut rows, 10)
            .unwrap()
            .is_empty()
    );
    assert!(people(&mut memory, Vec::new()).is_empty());
    assert!(memory.collections().unwrap().is_empty());
    assert_eq!(plan(&mut memory, &person())[0].kind, "create-collection");
    Schema::drop(&mut memory, "Person").unwrap();

    let person = Entity::new().with("email", "a@b").with("city", "Ulm");
    let made = memory.create("Person", person).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(1)));
    assert_eq!(memory.collections().unwrap().len(), 1);
    assert_eq!(memory.count("Person", city("Ulm")).unwrap(), 1);
    let error = Schema::drop(&mut memory, "Persn").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
}

#[test]
fn a_model_that_moves_to_another_collection_leaves_its_records_where_they_are() {
    let mut memory = inhabited();
    let mut moved = person();
    moved.collection = Some("people".into());
    memory.define(moved.to_contract()).unwrap();
    assert!(emails(&mut memory).is_empty());
    assert_eq!(memory.collections().unwrap().len(), 2);
    memory.define(person().to_contract()).unwrap();
    assert_eq!(emails(&mut memory).len(), 2);
}

#[test]
fn collections_do_not_change_in_a_transaction() {
    let mut memory = inhabited();
    let steps = plan(&mut memory, &nicknamed());
    memory.begin(TransactionOptions::default()).unwrap();
    assert_eq!(memory.apply(steps).unwrap_err().kind, ErrorKind::Invalid);
    let error = Schema::drop(&mut memory, "Person").unwrap_err();
    assert!(error.message.contains("end this one first"), "{error}");
    memory.rollback().unwrap();
    assert_eq!(emails(&mut memory).len(), 2);
}
