//! What memory promises of upserts beside what the reference does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{city, email, emails, inhabited, memory};
use tenon_sdk::{Crud, Entity, ErrorKind, Key, Upsert, Value};

fn by(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_record_is_found_by_its_key_or_made() {
    let mut memory = memory();
    let data = |city: &str| Entity::new().with("id", 7_i64).with("city", city);
    let first = data("Ulm").with("email", "a@b");
    let made = memory
        .update_or_create("Person", &by(&["id"]), first.clone())
        .unwrap();
    assert!(made.created);
    assert_eq!(made.entity, first);
    let changed = memory
        .update_or_create("Person", &by(&["id"]), data("Bonn"))
        .unwrap();
    assert!(!changed.created);
    assert_eq!(changed.entity.get("email"), email("a@b").as_ref());
    let replaced = memory
        .replace_or_create("Person", &by(&["id"]), data("Rome"))
        .unwrap();
    assert!(!replaced.created);
    assert_eq!(replaced.entity, data("Rome"));
    let there = memory.find("Person", Key::from(7_i64)).unwrap();
    assert_eq!(there, Some(data("Rome")));
}

#[test]
fn a_record_that_is_found_by_a_unique_index_keeps_its_key() {
    let mut memory = inhabited();
    let data = Entity::new().with("email", "c@d").with("city", "Bonn");
    let updated = memory
        .update_or_create("Person", &by(&["email"]), data.clone())
        .unwrap();
    assert_eq!(updated.entity.get("id"), Some(&Value::Integer(2)));
    let replaced = memory
        .replace_or_create("Person", &by(&["email"]), data.clone())
        .unwrap();
    assert_eq!(replaced.entity.get("id"), Some(&Value::Integer(2)));
    let error = memory
        .update_or_create("Person", &by(&["email"]), data.with("id", 9_i64))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert_eq!(emails(&mut memory), ["a@b", "c@d"].map(email));
}

#[test]
fn a_new_record_is_whole_with_what_was_made_for_it() {
    let mut memory = inhabited();
    let data = Entity::new().with("email", "e@f");
    let made = memory
        .update_or_create("Person", &by(&["email"]), data.clone())
        .unwrap();
    assert!(made.created);
    assert_eq!(made.entity, data.with("id", 3_i64));
    let made = memory
        .find_or_create("Person", city("Rome"), Entity::new().with("city", "Rome"))
        .unwrap();
    assert_eq!(made.entity.get("id"), Some(&Value::Integer(4)));
    let found = memory
        .find_or_create("Person", city("Rome"), Entity::new().with("city", "Rome"))
        .unwrap();
    assert!(!found.created);
    assert_eq!(found.entity, made.entity);
}

#[test]
fn nulls_are_never_the_same() {
    let mut memory = memory();
    let data = || Entity::new().with("email", Value::Null);
    for _ in 0..2 {
        let outcome = memory.update_or_create("Person", &by(&["email"]), data());
        assert!(outcome.unwrap().created);
    }
    assert_eq!(memory.count("Person", Vec::new()).unwrap(), 2);
}

#[test]
fn nothing_is_found_by_what_is_not_unique_or_not_given() {
    let mut memory = inhabited();
    let data = Entity::new().with("city", "Ulm");
    let kind = |names: &[&str], data: Entity, memory: &mut tenon_memory::Memory| {
        let outcome = memory.update_or_create("Person", &by(names), data);
        outcome.unwrap_err().kind
    };
    assert_eq!(
        kind(&["city"], data.clone(), &mut memory),
        ErrorKind::Unsupported
    );
    assert_eq!(kind(&[], data.clone(), &mut memory), ErrorKind::Unsupported);
    assert_eq!(kind(&["email"], data, &mut memory), ErrorKind::Invalid);
    assert_eq!(emails(&mut memory), ["a@b", "c@d"].map(email));
}

#[test]
fn of_several_matches_none_is_changed() {
    let mut memory = inhabited();
    let data = Entity::new().with("city", "Bonn");
    let error = memory
        .upsert_where("Person", city("Ulm"), data.clone())
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert_eq!(memory.count("Person", city("Ulm")).unwrap(), 2);
    memory.destroy("Person", Key::from(1_i64)).unwrap();
    let updated = memory
        .upsert_where("Person", city("Ulm"), data.clone())
        .unwrap();
    assert!(!updated.created);
    assert_eq!(updated.entity.get("email"), email("c@d").as_ref());
    let created = memory.upsert_where("Person", city("Ulm"), data).unwrap();
    assert!(created.created);
}

#[test]
fn a_value_that_another_record_has_is_a_duplicate() {
    let mut memory = inhabited();
    let taken = Entity::new().with("id", 2_i64).with("email", "a@b");
    for outcome in [
        memory.update_or_create("Person", &by(&["id"]), taken.clone()),
        memory.replace_or_create("Person", &by(&["id"]), taken.clone()),
        memory.find_or_create("Person", city("Rome"), taken.clone()),
        memory.upsert_where("Person", city("Rome"), taken),
    ] {
        assert_eq!(outcome.unwrap_err().kind, ErrorKind::Duplicate);
    }
    assert_eq!(emails(&mut memory), ["a@b", "c@d"].map(email));
}
