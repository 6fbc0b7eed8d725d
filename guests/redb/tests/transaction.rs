//! A transaction is there as a whole when it is committed, and otherwise never was.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{airport, all, an_airport, connect, dump, equal, open, some_airports};
use proptest::prelude::*;
use tempfile::TempDir;
use tenon_redb::Redb;
use tenon_sdk::testing::{Scenario, Step, read_all, scenario};
use tenon_sdk::{
    Aftermath, Connector, Crud, Effect, Entity, ErrorKind, Isolation, Key, Limits, PropertyType,
    Query, Result, TransactionOptions, Transactions, Upsert, Value,
};

fn begin(redb: &mut Redb) {
    redb.begin(TransactionOptions::default()).unwrap();
}

fn read_only() -> TransactionOptions {
    TransactionOptions {
        read_only: true,
        ..TransactionOptions::default()
    }
}

#[test]
fn a_transaction_sees_its_own_changes_and_its_commit_is_on_the_disk() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    let before = dump(&path);
    begin(&mut redb);
    redb.create_all("Airport", some_airports()).unwrap();
    redb.destroy("Airport", Key::from("PDX")).unwrap();
    let idaho = Entity::new().with("state", "ID");
    assert_eq!(
        redb.update("Airport", equal("state", "WA"), idaho).unwrap(),
        2
    );
    assert_eq!(redb.count("Airport", equal("state", "ID")).unwrap(), 2);
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 2);
    assert!(!redb.exists("Airport", Key::from("PDX")).unwrap());
    assert_eq!(all(&mut redb, "Airport").len(), 2);
    assert_eq!(dump(&path), before);
    redb.commit().unwrap();
    assert_ne!(dump(&path), before);
    drop(redb);
    let mut redb = open(&path, &airport());
    assert_eq!(redb.count("Airport", equal("state", "ID")).unwrap(), 2);
}

#[test]
fn a_rolled_back_transaction_leaves_records_indexes_and_counters_as_they_were() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let before = dump(&path);
    begin(&mut redb);
    let made = redb.create("Airport", an_airport("BOI", 4, "ID")).unwrap();
    assert_eq!(made.get("number"), Some(&Value::Integer(4)));
    redb.destroy_all("Airport", Vec::new()).unwrap();
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 0);
    redb.rollback().unwrap();
    assert_eq!(dump(&path), before);
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 2);
    let made = redb.create("Airport", an_airport("BOI", 4, "ID")).unwrap();
    assert_eq!(made.get("number"), Some(&Value::Integer(4)));
}

#[test]
fn a_call_that_fails_leaves_the_transaction_as_it_was_before_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    begin(&mut redb);
    redb.create("Airport", an_airport("BOI", 4, "ID")).unwrap();
    let before = all(&mut redb, "Airport");
    let batch = vec![
        an_airport("LWS", 5, "ID"),
        an_airport("PUW", 6, "WA"),
        an_airport("GEG", 7, "WA"),
    ];
    let one = Entity::new().with("code", 1_i64);
    let errors = [
        redb.create_all("Airport", batch).unwrap_err(),
        // The second record meets the first one's code.
        redb.update("Airport", equal("state", "WA"), one.clone())
            .unwrap_err(),
        redb.save("Airport", an_airport("PDX", 1, "XX"))
            .unwrap_err(),
        redb.update_attributes("Airport", Key::from("PDX"), one.clone())
            .unwrap_err(),
        redb.update_or_create("Airport", &["iata".into()], one.with("iata", "PDX"))
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Duplicate, "{error}");
        assert_eq!(error.aftermath, Aftermath::Usable, "{error}");
        assert_eq!(error.effect, Effect::Nothing, "{error}");
    }
    assert_eq!(all(&mut redb, "Airport"), before);
    redb.commit().unwrap();
    assert_eq!(all(&mut redb, "Airport"), before);
    // Numbers that only failed calls took are given out still, and indexes lead to the same records.
    let made = redb.create("Airport", an_airport("LWS", 5, "ID")).unwrap();
    assert_eq!(made.get("number"), Some(&Value::Integer(5)));
    assert_eq!(redb.count("Airport", equal("state", "ID")).unwrap(), 2);
    assert_eq!(redb.count("Airport", equal("code", 1_i64)).unwrap(), 1);
    assert_eq!(redb.count("Airport", equal("code", 6_i64)).unwrap(), 0);
}

#[test]
fn a_failed_call_too_large_to_undo_loses_the_transaction_and_says_so() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut model = airport()
        .property(tenon_model::Property::new("map", PropertyType::Bytes))
        .index(&["state", "number"], true);
    model.indexes.remove(1);
    let mut redb = open(&path, &model);
    let large = |number: i64| {
        an_airport(&format!("{number:03}"), number, "WA")
            .with("number", number)
            .with("map", vec![0_u8; 1 << 20])
    };
    redb.create_all("Airport", (0..12).map(large).collect())
        .unwrap();
    let last = an_airport("ZZZ", 99, "OR").with("number", 11_i64);
    redb.create("Airport", last).unwrap();
    let before = dump(&path);
    begin(&mut redb);
    // Eleven records have moved when the twelfth finds its place taken.
    let to_oregon = Entity::new().with("state", "OR");
    let error = redb
        .update("Airport", equal("state", "WA"), to_oregon.clone())
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert_eq!(error.aftermath, Aftermath::TransactionLost);
    for error in [
        redb.count("Airport", Vec::new()).unwrap_err(),
        redb.create("Airport", large(50)).unwrap_err(),
        redb.define(airport().to_contract()).unwrap_err(),
        redb.commit().unwrap_err(),
    ] {
        assert_eq!(error.aftermath, Aftermath::TransactionLost, "{error}");
        assert!(error.message.contains("roll it back"), "{error}");
    }
    redb.rollback().unwrap();
    assert_eq!(dump(&path), before);
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 12);
}

#[test]
fn a_model_may_be_used_first_in_a_transaction() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    for options in [TransactionOptions::default(), read_only()] {
        let mut redb = connect(&path);
        redb.begin(options).unwrap();
        redb.define(airport().to_contract()).unwrap();
        assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 0);
        redb.rollback().unwrap();
        // It stays defined, also where the collection went with the transaction.
        assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 0);
        redb.create("Airport", an_airport("SEA", 1, "WA")).unwrap();
        redb.destroy_all("Airport", Vec::new()).unwrap();
    }
}

#[test]
fn an_index_that_was_built_in_a_transaction_goes_and_comes_with_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let before = dump(&path);
    begin(&mut redb);
    redb.destroy("Airport", Key::from("GEG")).unwrap();
    let by_state = airport().index(&["state", "iata"], true);
    redb.define(by_state.to_contract()).unwrap();
    redb.create("Airport", an_airport("GEG", 2, "WA")).unwrap();
    redb.rollback().unwrap();
    assert_eq!(dump(&path), before);
    redb.create("Airport", an_airport("PUW", 6, "WA")).unwrap();
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 3);
    let indexes = |dump: common::Dump| dump.keys().filter(|name| name.starts_with("index")).count();
    assert_eq!((indexes(before), indexes(dump(&path))), (2, 3));
}

#[test]
fn a_cursor_from_before_the_transaction_keeps_its_snapshot() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let mut rows = redb.all("Airport", Query::default()).unwrap().rows;
    rows.next_rows(1, &Limits::default()).unwrap().unwrap();
    begin(&mut redb);
    redb.destroy_all("Airport", Vec::new()).unwrap();
    redb.create("Airport", an_airport("ZZZ", 9, "")).unwrap();
    let second = rows.next_rows(1, &Limits::default()).unwrap().unwrap();
    redb.commit().unwrap();
    let third = rows.next_rows(1, &Limits::default()).unwrap().unwrap();
    assert_eq!(
        (second[0].get("iata"), third[0].get("iata")),
        (Some(&"PDX".into()), Some(&"SEA".into()))
    );
}

#[test]
fn a_cursor_of_a_transaction_ends_with_it() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let ends: [fn(&mut Redb) -> Result<()>; 3] = [Redb::commit, Redb::rollback, Redb::disconnect];
    for end in ends {
        begin(&mut redb);
        let mut rows = redb.all("Airport", Query::default()).unwrap().rows;
        rows.next_rows(1, &Limits::default()).unwrap().unwrap();
        end(&mut redb).unwrap();
        let error = rows.next_rows(1, &Limits::default()).unwrap_err();
        assert!(error.message.contains("is over"), "{error}");
        rows.close().unwrap();
    }
}

#[test]
fn a_cursor_of_a_transaction_ends_with_the_definitions_it_read_by() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    begin(&mut redb);
    let by_state = tenon_model::Query::filter(tenon_model::Filter::equal("state", "WA"));
    let mut rows = redb.all("Airport", by_state.to_contract()).unwrap().rows;
    rows.next_rows(1, &Limits::default()).unwrap().unwrap();
    let mut bare = airport();
    bare.indexes.clear();
    redb.define(bare.to_contract()).unwrap();
    let error = rows.next_rows(1, &Limits::default()).unwrap_err();
    assert!(error.message.contains("definition"), "{error}");
    redb.commit().unwrap();
    assert!(!dump(&path).keys().any(|name| name.starts_with("index")));
}

#[test]
fn a_session_that_ends_rolls_back() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    let before = dump(&path);
    let reconnect = |redb: &mut Redb| redb.disconnect().and_then(|()| redb.connect());
    let ends: [fn(&mut Redb) -> Result<()>; 2] = [reconnect, Connector::reset];
    for end in ends {
        begin(&mut redb);
        redb.create_all("Airport", some_airports()).unwrap();
        end(&mut redb).unwrap();
        assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 0);
        assert_eq!(redb.commit().unwrap_err().kind, ErrorKind::Invalid);
        assert_eq!(dump(&path), before);
    }
    begin(&mut redb);
    redb.create_all("Airport", some_airports()).unwrap();
    let mut rows = redb.all("Airport", Query::default()).unwrap().rows;
    redb.dispose();
    // Not even an open cursor keeps the file.
    assert_eq!(
        open(&path, &airport())
            .count("Airport", Vec::new())
            .unwrap(),
        0
    );
    rows.close().unwrap();
}

#[test]
fn transactions_come_one_after_the_other() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    for isolation in [Isolation::ReadUncommitted, Isolation::Serializable] {
        let options = TransactionOptions {
            isolation: Some(isolation),
            read_only: false,
        };
        redb.begin(options).unwrap();
        let error = redb.begin(options).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert_eq!(error.aftermath, Aftermath::Usable);
        redb.commit().unwrap();
        assert_eq!(redb.commit().unwrap_err().kind, ErrorKind::Invalid);
        assert_eq!(redb.rollback().unwrap_err().kind, ErrorKind::Invalid);
    }
}

/// Does a step, whatever comes of it but a lost transaction.
fn take(redb: &mut Redb, step: &Step) {
    let model = "Thing";
    let result = match step.clone() {
        Step::Create(data) => redb.create(model, data).map(|_| ()),
        Step::CreateAll(data) => redb.create_all(model, data).map(|_| ()),
        Step::Save(data) => redb.save(model, data).map(|_| ()),
        Step::Find(id) => redb.find(model, id).map(|_| ()),
        Step::UpdateAttributes(id, data) => redb.update_attributes(model, id, data).map(|_| ()),
        Step::Update(filter, data) => redb.update(model, filter, data).map(|_| ()),
        Step::Destroy(id) => redb.destroy(model, id).map(|_| ()),
        Step::DestroyAll(filter) => redb.destroy_all(model, filter).map(|_| ()),
        Step::Count(filter) => redb.count(model, filter).map(|_| ()),
        Step::All(query) => redb
            .all(model, query)
            .and_then(|mut answer| read_all(&mut answer.rows, 3))
            .map(|_| ()),
    };
    if let Err(error) = result {
        assert_eq!(error.aftermath, Aftermath::Usable, "{error}");
    }
}

/// A file for a scenario, with its first steps taken.
fn begun(folder: &TempDir, name: &str, scenario: &Scenario) -> (std::path::PathBuf, Redb) {
    let path = folder.path().join(name);
    let mut redb = connect(&path);
    redb.define(counted(scenario)).unwrap();
    for step in &scenario.steps[..scenario.steps.len() / 3] {
        take(&mut redb, step);
    }
    (path, redb)
}

/// The scenario's model, where a number counts up.
fn counted(scenario: &Scenario) -> tenon_sdk::Model {
    let mut model = scenario.model.clone();
    for property in &mut model.properties {
        if property.name == "number" {
            property.generated = tenon_sdk::Generation::WhenMissing;
        }
    }
    model
}

proptest! {
    // Every write outside a transaction waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_was_rolled_back_never_was(scenario in scenario()) {
        let folder = TempDir::new().unwrap();
        let (path, mut redb) = begun(&folder, "a.redb", &scenario);
        let before = dump(&path);
        begin(&mut redb);
        for step in &scenario.steps {
            take(&mut redb, step);
        }
        prop_assert_eq!(&dump(&path), &before);
        redb.rollback().unwrap();
        prop_assert_eq!(&dump(&path), &before);
        // And what comes after is as if it had never been.
        let (other_path, mut other) = begun(&folder, "b.redb", &scenario);
        for step in &scenario.steps {
            take(&mut redb, step);
            take(&mut other, step);
        }
        prop_assert_eq!(dump(&path), dump(&other_path));
    }

    #[test]
    fn the_calls_of_a_transaction_change_what_single_ones_would(scenario in scenario()) {
        let folder = TempDir::new().unwrap();
        let (path, mut redb) = begun(&folder, "a.redb", &scenario);
        let (other_path, mut other) = begun(&folder, "b.redb", &scenario);
        begin(&mut redb);
        for step in &scenario.steps {
            take(&mut redb, step);
            take(&mut other, step);
        }
        redb.commit().unwrap();
        prop_assert_eq!(dump(&path), dump(&other_path));
    }
}
