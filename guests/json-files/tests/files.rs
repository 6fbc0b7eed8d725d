//! What json-files promises of its records' files.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod support;

use std::fs;

use support::{connect, files, settings, with};
use tempfile::TempDir;
use tenon_json_files::JsonFiles;
use tenon_model::{Filter, Model};
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Connector, Crud, Entity, ErrorKind, Generation, Key, Limits, PropertyType, Query, ReadModel,
    Store, Value,
};

fn airport() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(tenon_model::Property::new("name", PropertyType::Text))
        .index(&["name"], true)
}

fn counted() -> Model {
    let mut model = Model::new("Note").key("id", PropertyType::Integer).open();
    model.properties[0].generated = Generation::WhenMissing;
    model
}

fn open(folder: &TempDir, model: &Model) -> JsonFiles {
    let mut session = connect(folder.path());
    session.define(model.to_contract()).unwrap();
    session
}

fn an_airport(iata: &str, name: &str) -> Entity {
    Entity::new().with("iata", iata).with("name", name)
}

#[test]
fn records_stand_in_a_file_that_a_person_can_read() {
    let folder = TempDir::new().unwrap();
    let mut session = open(&folder, &airport());
    let airports = vec![an_airport("SEA", "Seattle"), an_airport("ABE", "Allentown")];
    session.create_all("Airport", airports).unwrap();
    let text = fs::read_to_string(folder.path().join("_airport.json")).unwrap();
    let expected = r#"{"format":1,"collection":"Airport","counters":{},"records":[
{"iata":"ABE","name":"Allentown"},
{"iata":"SEA","name":"Seattle"}
]}
"#;
    assert_eq!(text, expected);
}

#[test]
fn a_reopened_folder_has_its_records_and_goes_on_counting() {
    let folder = TempDir::new().unwrap();
    let mut session = open(&folder, &counted());
    let note = Entity::new()
        .with("at", Value::Timestamp(5))
        .with("none", Value::Null);
    for _ in 0..3 {
        session.create("Note", note.clone()).unwrap();
    }
    session.destroy("Note", Key::from(3_i64)).unwrap();
    drop(session);
    let mut session = open(&folder, &counted());
    let made = session.create("Note", Entity::new()).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(4)));
    session.disconnect().unwrap();
    session.connect().unwrap();
    assert_eq!(
        session.find("Note", Key::from(2_i64)).unwrap(),
        Some(note.with("id", 2_i64))
    );
    assert_eq!(session.count("Note", Vec::new()).unwrap(), 3);
}

#[test]
fn uuids_are_made_where_the_model_wants_them() {
    let folder = TempDir::new().unwrap();
    let mut model = Model::new("Note").key("id", PropertyType::Uuid);
    model.properties[0].generated = Generation::WhenMissing;
    let made = open(&folder, &model).create("Note", Entity::new()).unwrap();
    assert_eq!(made.get("id").unwrap().as_text().unwrap().len(), 36);
}

#[test]
fn a_batch_that_fails_leaves_the_file_and_the_records() {
    let folder = TempDir::new().unwrap();
    let mut session = open(&folder, &airport());
    session
        .create("Airport", an_airport("SEA", "Seattle"))
        .unwrap();
    let before = fs::read_to_string(folder.path().join("_airport.json")).unwrap();
    let batch = vec![an_airport("ABE", "Allentown"), an_airport("SEB", "Seattle")];
    let error = session.create_all("Airport", batch).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert!(
        error.details.contains(&("index".into(), "1".into())),
        "{error:?}"
    );
    assert_eq!(session.count("Airport", Vec::new()).unwrap(), 1);
    let rename = Entity::new().with("name", "X");
    session
        .create("Airport", an_airport("ABE", "Allentown"))
        .unwrap();
    let error = session.update("Airport", Vec::new(), rename).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    session.destroy("Airport", Key::from("ABE")).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("_airport.json")).unwrap(),
        before
    );
}

#[test]
fn an_update_of_the_key_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut session = open(&folder, &airport());
    session
        .create("Airport", an_airport("SEA", "Seattle"))
        .unwrap();
    let error = session
        .update("Airport", Vec::new(), Entity::new().with("iata", "X"))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    let error = session
        .save("Airport", an_airport("XXX", "Nowhere"))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[test]
fn what_a_crash_left_beside_is_removed_and_other_files_stay() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("_airport.json.begun"), "{").unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let mut session = open(&folder, &airport());
    assert_eq!(files(folder.path()), ["notes.txt"]);
    assert_eq!(session.count("Airport", Vec::new()).unwrap(), 0);
}

#[test]
fn a_folder_that_is_not_there_is_denied_and_a_damaged_file_is_said_to_be() {
    let folder = TempDir::new().unwrap();
    let gone = settings(&folder.path().join("gone"));
    let error = with(gone, &Limits::default()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Denied);
    let mut session = connect(folder.path());
    for text in [
        "",
        "[]",
        r#"{"format":2,"collection":"Airport","records":[]}"#,
        r#"{"format":1,"collection":"airport","records":[]}"#,
    ] {
        fs::write(folder.path().join("_airport.json"), text).unwrap();
        let error = session.define(airport().to_contract()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Backend, "{text}");
        assert!(error.message.contains("_airport.json"), "{error}");
    }
}

#[test]
fn records_that_do_not_fit_a_new_definition_keep_the_old_one() {
    let folder = TempDir::new().unwrap();
    let by_name = Model::new("Airport")
        .key("name", PropertyType::Text)
        .property(tenon_model::Property::new("iata", PropertyType::Text));
    let mut unindexed = airport();
    unindexed.indexes.clear();
    let mut session = open(&folder, &unindexed);
    let twins = vec![an_airport("SEA", "Seattle"), an_airport("BFI", "Seattle")];
    session.create_all("Airport", twins).unwrap();
    for model in [airport(), by_name] {
        let error = session.define(model.to_contract()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Duplicate, "{error}");
        assert_eq!(session.count("Airport", Vec::new()).unwrap(), 2);
    }
    session
        .create("Airport", an_airport("ABE", "Seattle"))
        .unwrap();
}

#[test]
fn two_models_of_one_collection_are_refused() {
    let folder = TempDir::new().unwrap();
    let mut session = open(&folder, &airport());
    let mut other = Model::new("Field").key("id", PropertyType::Text);
    other.collection = Some("Airport".into());
    assert_eq!(
        session.define(other.to_contract()).unwrap_err().kind,
        ErrorKind::Invalid
    );
}

#[test]
fn files_stay_within_the_memory_that_is_allowed() {
    let folder = TempDir::new().unwrap();
    let limits = Limits {
        memory: Some(64 << 10),
        ..Limits::default()
    };
    let mut session = with(settings(folder.path()), &limits).unwrap();
    session.define(counted().to_contract()).unwrap();
    session
        .create("Note", Entity::new().with("text", "x".repeat(3_000)))
        .unwrap();
    let error = session
        .create("Note", Entity::new().with("text", "x".repeat(3_000)))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Exhausted);
    let mut store = session.open("big").unwrap();
    let state = |length: usize| format!("\"{}\"", "x".repeat(length));
    assert_eq!(
        store.set(state(3_000)).unwrap_err().kind,
        ErrorKind::Exhausted
    );
    store.set(state(300)).unwrap();
    session.close(store, "big").unwrap();
    assert_eq!(session.destroy_all("Note", Vec::new()).unwrap(), 1);
    let mut store = session.open("big").unwrap();
    store.set(state(3_000)).unwrap();
}

#[test]
fn an_open_result_keeps_what_it_began_with() {
    let folder = TempDir::new().unwrap();
    let mut session = open(&folder, &airport());
    let airports = ["ABE", "SEA", "BFI"].map(|iata| an_airport(iata, iata));
    session.create_all("Airport", airports.into()).unwrap();
    let query = Query {
        filter: Filter::compare("iata", tenon_model::Comparison::Less, "C").to_nodes(),
        ..Query::default()
    };
    let mut answer = session.all("Airport", query).unwrap();
    session.destroy_all("Airport", Vec::new()).unwrap();
    assert_eq!(read_all(&mut answer.rows, 1).unwrap().len(), 2);
}
