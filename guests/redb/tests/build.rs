//! An index over more records than a call has time for is built over several calls.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::path::Path;
use std::time::Duration;

use common::{dump, equal};
use tempfile::TempDir;
use tenon_redb::{Redb, Settings};
use tenon_sdk::{
    Connector, Crud, Effect, Entity, Error, ErrorKind, Key, Limits, PropertyType, Schema,
    TransactionOptions, Transactions,
};

/// A session whose calls have next to no time: each does the least that it can.
fn hurried(path: &Path) -> Redb {
    let settings = Settings {
        path: path.to_str().unwrap().into(),
        cache_size: None,
    };
    let limits = Limits {
        call_timeout: Some(Duration::from_nanos(1)),
        ..Limits::default()
    };
    let mut redb = Redb::initialize(settings, &limits).unwrap();
    redb.connect().unwrap();
    redb
}

fn thing() -> tenon_model::Model {
    tenon_model::Model::new("Thing")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("third", PropertyType::Integer))
}

fn by_third(unique: bool) -> tenon_model::Model {
    thing().index(&["third"], unique)
}

const RECORDS: i64 = 5000;

/// Several hundred thousand such would take the time that a call usually has.
fn with_things(folder: &TempDir) -> (std::path::PathBuf, Redb) {
    let path = folder.path().join("a.redb");
    let mut redb = hurried(&path);
    redb.define(thing().to_contract()).unwrap();
    let record = |id: i64| Entity::new().with("id", id).with("third", id / 3);
    redb.create_all("Thing", (0..RECORDS).map(record).collect())
        .unwrap();
    (path, redb)
}

fn assert_is_unfinished(error: &Error, entered: usize) {
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    let how_far = format!("{entered} of {RECORDS} records");
    assert!(error.message.contains(&how_far), "{error}");
}

fn indexes(path: &Path) -> Vec<usize> {
    let dump = dump(path);
    let indexes = dump.iter().filter(|(name, _)| name.starts_with("index"));
    indexes.map(|(_, entries)| entries.len()).collect()
}

#[test]
fn each_definition_goes_on_where_the_last_one_stopped_be_it_in_another_session() {
    let folder = TempDir::new().unwrap();
    let (path, mut redb) = with_things(&folder);
    for round in 1..=4 {
        let error = redb.define(by_third(false).to_contract()).unwrap_err();
        assert_is_unfinished(&error, round * 1024);
        assert_eq!(error.effect, Effect::Nothing);
        assert_eq!(indexes(&path), [round * 1024]);
        drop(redb);
        redb = hurried(&path);
    }
    redb.define(by_third(false).to_contract()).unwrap();
    assert_eq!(indexes(&path), [5000]);
    assert_eq!(redb.count("Thing", equal("third", 1000_i64)).unwrap(), 3);
    assert_eq!(redb.plan(vec![by_third(false).to_contract()]).unwrap(), []);
}

#[test]
fn what_is_begun_goes_where_the_records_may_change_without_it() {
    let folder = TempDir::new().unwrap();
    let (path, mut redb) = with_things(&folder);
    redb.define(by_third(false).to_contract()).unwrap_err();
    // The model is still defined as it was, without the index.
    redb.destroy("Thing", Key::from(0_i64)).unwrap();
    assert_eq!(indexes(&path), [0_usize; 0]);
    while let Err(error) = redb.define(by_third(false).to_contract()) {
        assert_eq!(error.kind, ErrorKind::Timeout);
    }
    assert_eq!(indexes(&path), [4999]);
    assert_eq!(redb.count("Thing", equal("third", 0_i64)).unwrap(), 2);
}

#[test]
fn records_that_break_a_unique_index_are_found_in_whichever_piece_they_are() {
    let folder = TempDir::new().unwrap();
    let (path, mut redb) = with_things(&folder);
    redb.update(
        "Thing",
        Vec::new(),
        Entity::new().with("third", tenon_sdk::Value::Null),
    )
    .unwrap();
    for id in [1_i64, 4000] {
        let twice = Entity::new().with("third", 7_i64);
        redb.update_attributes("Thing", Key::from(id), twice)
            .unwrap();
    }
    let error = loop {
        let error = redb.define(by_third(true).to_contract()).unwrap_err();
        if error.kind != ErrorKind::Timeout {
            break error;
        }
    };
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert_eq!(redb.count("Thing", Vec::new()).unwrap(), 5000);
    assert_eq!(indexes(&path), [0_usize; 0]);
}

#[test]
fn a_plan_whose_time_is_up_is_planned_again_and_goes_on() {
    let folder = TempDir::new().unwrap();
    let (path, mut redb) = with_things(&folder);
    let model = by_third(false).index(&["third", "id"], true).to_contract();
    let mut rounds = 0;
    loop {
        let steps = redb.plan(vec![model.clone()]).unwrap();
        if steps.is_empty() {
            break;
        }
        rounds += 1;
        assert!(steps.iter().all(|step| step.kind == "create-index"));
        if let Err(error) = redb.apply(steps) {
            assert_eq!(error.kind, ErrorKind::Timeout);
            assert_eq!(error.effect, Effect::Partial);
            assert!(error.details.iter().any(|(name, _)| name == "index"));
        }
    }
    // The end of one index and the first piece of the next are one call.
    assert_eq!(rounds, 9);
    assert_eq!(indexes(&path), [5000, 5000]);
    redb.define(model).unwrap();
    assert_eq!(redb.count("Thing", equal("third", 1000_i64)).unwrap(), 3);
}

#[test]
fn a_transaction_builds_an_index_whole() {
    let folder = TempDir::new().unwrap();
    let (path, mut redb) = with_things(&folder);
    redb.define(by_third(false).to_contract()).unwrap_err();
    redb.begin(TransactionOptions::default()).unwrap();
    redb.define(by_third(false).to_contract()).unwrap();
    assert_eq!(redb.count("Thing", equal("third", 1000_i64)).unwrap(), 3);
    redb.commit().unwrap();
    assert_eq!(indexes(&path), [5000]);
}

#[test]
fn a_collection_goes_with_what_is_begun_of_it() {
    let folder = TempDir::new().unwrap();
    let (path, mut redb) = with_things(&folder);
    redb.define(by_third(false).to_contract()).unwrap_err();
    Schema::drop(&mut redb, "Thing").unwrap();
    let left: Vec<String> = dump(&path).into_keys().collect();
    assert_eq!(left, ["catalogue", "counters"]);
    redb.define(by_third(false).to_contract()).unwrap();
    assert_eq!(redb.count("Thing", Vec::new()).unwrap(), 0);
}
