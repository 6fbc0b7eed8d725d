//! Find-or-write, each in one step.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{airport, all, an_airport, equal, open, some_airports};
use tempfile::TempDir;
use tenon_redb::Redb;
use tenon_sdk::{Crud, Entity, ErrorKind, Outcome, Upsert, Value};

fn with_airports(folder: &TempDir) -> Redb {
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    redb
}

fn by(properties: &[&str]) -> Vec<String> {
    properties.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn update_or_create_sets_properties_of_the_record_it_finds_by_its_key() {
    let folder = TempDir::new().unwrap();
    let mut redb = with_airports(&folder);
    let data = Entity::new().with("iata", "SEA").with("state", "ID");
    let outcome = redb.update_or_create("Airport", &by(&["iata"]), data);
    let wanted = an_airport("SEA", 1, "ID").with("number", 1_i64);
    assert_eq!(outcome.unwrap(), Outcome::found(wanted));
    assert_eq!(redb.count("Airport", equal("state", "ID")).unwrap(), 1);

    let data = Entity::new().with("iata", "BOI").with("state", "ID");
    let outcome = redb.update_or_create("Airport", &by(&["iata"]), data.clone());
    let wanted = data.with("number", 4_i64);
    assert_eq!(outcome.unwrap(), Outcome::created(wanted));
    assert_eq!(redb.count("Airport", equal("state", "ID")).unwrap(), 2);
}

#[test]
fn a_record_is_found_by_a_unique_index_and_keeps_its_key() {
    let folder = TempDir::new().unwrap();
    let mut redb = with_airports(&folder);
    let data = Entity::new().with("code", 2_i64).with("state", "ID");
    let outcome = redb.replace_or_create("Airport", &by(&["code"]), data.clone());
    let outcome = outcome.unwrap();
    assert!(!outcome.created);
    assert_eq!(outcome.entity.get("iata"), Some(&Value::from("GEG")));
    // It is replaced whole.
    assert_eq!(outcome.entity.get("number"), None);
    let found = redb.find("Airport", "GEG".into()).unwrap();
    assert_eq!(found.as_ref(), Some(&outcome.entity));

    for other_key in [
        data.clone().with("iata", "XXX"),
        data.with("iata", Value::Null),
    ] {
        let replaced = redb.replace_or_create("Airport", &by(&["code"]), other_key.clone());
        let updated = redb.update_or_create("Airport", &by(&["code"]), other_key);
        for error in [replaced.unwrap_err(), updated.unwrap_err()] {
            assert_eq!(error.kind, ErrorKind::Invalid);
            assert!(error.message.contains("`iata`"), "{error}");
        }
    }
    assert_eq!(redb.find("Airport", "GEG".into()).unwrap(), found);
}

#[test]
fn a_null_in_a_unique_index_finds_nothing() {
    let folder = TempDir::new().unwrap();
    let mut redb = with_airports(&folder);
    for iata in ["AAA", "BBB"] {
        let data = Entity::new().with("iata", iata).with("code", Value::Null);
        let outcome = redb.update_or_create("Airport", &by(&["code"]), data);
        assert!(outcome.unwrap().created);
    }
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 5);
}

#[test]
fn what_no_unique_index_finds_is_left_to_the_runtime() {
    let folder = TempDir::new().unwrap();
    let mut redb = with_airports(&folder);
    let data = an_airport("SEA", 1, "WA");
    for properties in [&["state"][..], &["iata", "code"], &[]] {
        let error = redb.update_or_create("Airport", &by(properties), data.clone());
        assert_eq!(error.unwrap_err().kind, ErrorKind::Unsupported);
    }
    let error = redb.replace_or_create("Airport", &by(&["code"]), Entity::new());
    assert_eq!(error.unwrap_err().kind, ErrorKind::Invalid);
}

#[test]
fn find_or_create_leaves_what_it_finds() {
    let folder = TempDir::new().unwrap();
    let mut redb = with_airports(&folder);
    let boise = an_airport("BOI", 4, "ID");
    let found = redb.find_or_create("Airport", equal("code", 3_i64), boise.clone());
    let found = found.unwrap();
    assert!(!found.created);
    assert_eq!(found.entity.get("iata"), Some(&Value::from("PDX")));
    for created in [true, false] {
        let outcome = redb.find_or_create("Airport", equal("state", "ID"), boise.clone());
        let wanted = boise.clone().with("number", 4_i64);
        assert_eq!(
            outcome.unwrap(),
            Outcome {
                entity: wanted,
                created
            }
        );
    }
    // None matches, and the key is taken.
    let error = redb.find_or_create("Airport", equal("state", "XX"), boise);
    assert_eq!(error.unwrap_err().kind, ErrorKind::Duplicate);
}

#[test]
fn upsert_where_changes_one_match_and_refuses_several() {
    let folder = TempDir::new().unwrap();
    let mut redb = with_airports(&folder);
    let before = all(&mut redb, "Airport");
    let idaho = Entity::new().with("state", "ID");
    let error = redb.upsert_where("Airport", equal("state", "WA"), idaho.clone());
    assert_eq!(error.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(all(&mut redb, "Airport"), before);

    let updated = redb.upsert_where("Airport", equal("state", "OR"), idaho);
    let updated = updated.unwrap();
    assert_eq!(
        (updated.created, updated.entity.get("iata")),
        (false, Some(&Value::from("PDX")))
    );
    let created = redb.upsert_where("Airport", equal("state", "OR"), an_airport("EUG", 7, "OR"));
    assert!(created.unwrap().created);
    assert_eq!(redb.count("Airport", equal("state", "OR")).unwrap(), 1);
}
