//! reSolve's documented sample: a file a read model, and a lock beside it while it is open.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod support;

use std::fs;
use std::time::Duration;

use support::{connect, files, settings, with};
use tempfile::TempDir;
use tenon_json_files::JsonFiles;
use tenon_sdk::{Connector, Error, ErrorKind, Limits, ReadModel, Store};

const LOCK: &str = "traffic.read-model.lock";
const DATA: &str = "traffic.read-model.json";

fn detail<'a>(error: &'a Error, name: &str) -> Option<&'a str> {
    let found = error
        .details
        .iter()
        .find(|(candidate, _)| candidate == name);
    found.map(|(_, value)| value.as_str())
}

fn refused(session: &mut JsonFiles) -> Error {
    session.open("traffic").err().unwrap()
}

#[test]
fn the_state_is_kept_from_one_use_to_the_next() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let mut store = session.open("traffic").unwrap();
    assert_eq!(store.get().unwrap(), None);
    store.set(r#"{"flights": 1}"#.into()).unwrap();
    session.close(store, "traffic").unwrap();
    assert_eq!(files(folder.path()), [DATA]);

    let mut session = connect(folder.path());
    let mut store = session.open("traffic").unwrap();
    assert_eq!(store.get().unwrap().as_deref(), Some(r#"{"flights": 1}"#));
    assert_eq!(files(folder.path()), [DATA, LOCK]);
    session.close(store, "traffic").unwrap();
}

#[test]
fn a_state_is_kept_as_it_was_written_be_it_null_or_deep() {
    let folder = TempDir::new().unwrap();
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    for state in [
        "null",
        "12345678901234567890123.50",
        r#"{"b":1, "a":2}"#,
        "\"x\"",
        &deep,
    ] {
        let mut session = connect(folder.path());
        let mut store = session.open("traffic").unwrap();
        store.set(state.to_owned()).unwrap();
        drop(session);
        let mut session = connect(folder.path());
        let mut store = session.open("traffic").unwrap();
        assert_eq!(store.get().unwrap().as_deref(), Some(state));
    }
}

#[test]
fn a_state_that_is_no_json_is_refused_and_the_old_one_stays() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let mut store = session.open("traffic").unwrap();
    store.set("1".into()).unwrap();
    for state in ["", "{", "1 2", "{\"a\": 1,}"] {
        let error = store.set(state.into()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{state}");
    }
    assert_eq!(store.get().unwrap().as_deref(), Some("1"));
}

#[test]
fn a_store_is_good_for_nothing_once_it_is_closed() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let mut store = session.open("traffic").unwrap();
    session.reset().unwrap();
    assert_eq!(store.get().unwrap_err().kind, ErrorKind::Invalid);
    assert_eq!(store.set("1".into()).unwrap_err().kind, ErrorKind::Invalid);
    // Its successor's lock is not its own to give back.
    let successor = session.open("traffic").unwrap();
    session.close(store, "traffic").unwrap();
    assert_eq!(files(folder.path()), [LOCK]);
    assert_eq!(refused(&mut session).kind, ErrorKind::Conflict);
    session.close(successor, "traffic").unwrap();
}

#[test]
fn a_store_of_another_read_model_is_refused_and_its_lock_given_back() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let store = session.open("traffic").unwrap();
    assert_eq!(
        session.close(store, "other").unwrap_err().kind,
        ErrorKind::Invalid
    );
    assert!(files(folder.path()).is_empty());
}

#[test]
fn drop_removes_data_and_lock_and_leaves_the_store_to_be_closed() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let mut store = session.open("traffic").unwrap();
    store.set("1".into()).unwrap();
    session.drop_data(&mut store, "traffic").unwrap();
    assert!(files(folder.path()).is_empty());
    assert_eq!(store.set("2".into()).unwrap_err().kind, ErrorKind::Invalid);
    session.close(store, "traffic").unwrap();
    let mut store = session.open("traffic").unwrap();
    assert_eq!(store.get().unwrap(), None);
    session.drop_data(&mut store, "traffic").unwrap();
}

#[test]
fn dispose_and_disconnect_give_back_what_is_left() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let _stores = [
        session.open("traffic").unwrap(),
        session.open("weather").unwrap(),
    ];
    assert_eq!(files(folder.path()).len(), 2);
    session.disconnect().unwrap();
    assert!(files(folder.path()).is_empty());
    session.connect().unwrap();
    let _store = session.open("traffic").unwrap();
    session.dispose();
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_lock_that_a_dead_session_left_is_taken_over() {
    let folder = TempDir::new().unwrap();
    let mut dead = connect(folder.path());
    let mut store = dead.open("traffic").unwrap();
    store.set("1".into()).unwrap();
    // As a kill leaves it: nothing is given back.
    std::mem::forget((dead, store));
    let before = fs::read_to_string(folder.path().join(LOCK)).unwrap();
    let mut session = connect(folder.path());
    let mut store = session.open("traffic").unwrap();
    assert_eq!(store.get().unwrap().as_deref(), Some("1"));
    let after = fs::read_to_string(folder.path().join(LOCK)).unwrap();
    assert_ne!(before, after);
    session.close(store, "traffic").unwrap();
}

#[test]
fn a_lock_says_whose_it_is_and_since_when() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let _store = session.open("traffic").unwrap();
    let text = fs::read_to_string(folder.path().join(LOCK)).unwrap();
    let lock: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(
        lock["owner"]
            .as_str()
            .unwrap()
            .starts_with("tenon-json-files:")
    );
    assert!(
        lock["connector"]
            .as_str()
            .unwrap()
            .starts_with("json-files ")
    );
    assert_eq!(lock["read-model"], "traffic");
    assert!(tenon_model::parse_timestamp(lock["taken"].as_str().unwrap()).is_ok());
}

#[test]
fn a_lock_of_another_program_is_a_conflict_that_says_whose_and_how_old() {
    let folder = TempDir::new().unwrap();
    let lock = folder.path().join(LOCK);
    fs::write(
        &lock,
        r#"{"owner": "resolve-4711", "taken": "2020-01-01T00:00:00Z"}"#,
    )
    .unwrap();
    let mut session = connect(folder.path());
    let error = refused(&mut session);
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert_eq!(detail(&error, "lock-owner"), Some("resolve-4711"));
    let age: u64 = detail(&error, "lock-age").unwrap().parse().unwrap();
    assert!(age > 100_000_000_000, "{age}");
    // What nobody can read is somebody's all the same.
    for contents in ["", "4711", "{\"owner\": 4711}", "\u{0}"] {
        fs::write(&lock, contents).unwrap();
        let error = refused(&mut session);
        assert_eq!(error.kind, ErrorKind::Conflict, "{contents}");
        assert_eq!(detail(&error, "lock-owner"), None);
        assert!(detail(&error, "lock-age").unwrap().parse::<u64>().unwrap() < 60_000);
        assert_eq!(fs::read_to_string(&lock).unwrap(), contents);
    }
}

#[test]
fn another_programs_lock_is_broken_once_it_is_older_than_the_operator_says() {
    let folder = TempDir::new().unwrap();
    let lock = folder.path().join(LOCK);
    let mut stale = settings(folder.path());
    stale.stale_after = Some(3_600);
    let mut session = with(stale, &Limits::default()).unwrap();
    fs::write(&lock, "").unwrap();
    assert_eq!(refused(&mut session).kind, ErrorKind::Conflict);
    let file = fs::File::options().write(true).open(&lock).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(7_200))
        .unwrap();
    let store = session.open("traffic").unwrap();
    session.close(store, "traffic").unwrap();
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_lock_that_another_has_broken_meanwhile_is_not_given_back() {
    let folder = TempDir::new().unwrap();
    let mut session = connect(folder.path());
    let store = session.open("traffic").unwrap();
    fs::write(folder.path().join(LOCK), r#"{"owner": "resolve-4711"}"#).unwrap();
    session.close(store, "traffic").unwrap();
    assert_eq!(files(folder.path()), [LOCK]);
}

#[test]
fn a_file_that_is_damaged_is_said_to_be_and_leaves_no_lock() {
    let folder = TempDir::new().unwrap();
    for text in [
        "",
        "{}",
        r#"{"format": 9, "read-model": "traffic"}"#,
        r#"{"format": 1, "read-model": "other"}"#,
    ] {
        fs::write(folder.path().join(DATA), text).unwrap();
        let mut session = connect(folder.path());
        let error = refused(&mut session);
        assert_eq!(error.kind, ErrorKind::Backend, "{text}");
        assert!(error.message.contains(DATA), "{error}");
        assert_eq!(files(folder.path()), [DATA]);
    }
}
