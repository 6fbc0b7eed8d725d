//! The richer store: what of tables is json-files' own. What every connector's have to do, the conformance kit checks.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod support;

use support::connect;
use tempfile::TempDir;
use tenon_json_files::{JsonFiles, JsonStore};
use tenon_model::Filter;
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Done, Edit, Entity, ErrorKind, PropertyType, Query, ReadModel, Store, Table, TableIndex, Value,
};

fn table(name: &str) -> Table {
    let index = |field: &str, kind| TableIndex {
        field: field.into(),
        kind,
    };
    Table {
        name: name.into(),
        indexes: vec![
            index("id", PropertyType::Text),
            index("score", PropertyType::Decimal),
        ],
        fields: vec!["name".into(), "more".into()],
    }
}

fn store(folder: &TempDir) -> (JsonFiles, JsonStore) {
    let mut session = connect(folder.path());
    let store = session.open("players").unwrap();
    (session, store)
}

fn player(id: &str, score: i64) -> Entity {
    Entity::new().with("id", id).with("score", score)
}

fn with_players(folder: &TempDir) -> (JsonFiles, JsonStore) {
    let (session, mut store) = store(folder);
    store.define_table(table("players")).unwrap();
    for (id, score) in [("ann", 3), ("bob", 1), ("cid", 2)] {
        store.insert("players", player(id, score)).unwrap();
    }
    store
        .insert(
            "players",
            Entity::new().with("id", "dan").with("score", Value::Null),
        )
        .unwrap();
    store
        .insert("players", Entity::new().with("id", "eve"))
        .unwrap();
    (session, store)
}

fn path(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}

#[test]
fn a_query_is_done_whole() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let answer = store.find("players", Query::default()).unwrap();
    assert!(
        answer
            .done
            .contains(Done::FILTER | Done::ORDER | Done::PAGING | Done::FIELDS)
    );
}

#[test]
fn an_indexed_field_takes_its_kind_alone_and_the_key_is_never_missing() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    for wrong in [
        Entity::new().with("id", 7_i64),
        Entity::new().with("id", "fay").with("score", "much"),
    ] {
        let error = store.insert("players", wrong).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
    }
    for (edit, upsert) in [
        (Edit::Unset(path("id")), false),
        (Edit::Set(path("score"), "much".into()), false),
        (Edit::Set(path("name"), "Gus".into()), true),
    ] {
        let filter = if upsert {
            Filter::equal("name", "Gus").to_nodes()
        } else {
            Vec::new()
        };
        let error = store
            .update("players", filter, vec![edit], upsert)
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
    }
    assert_eq!(store.count("players", Vec::new()).unwrap(), 5);
}

#[test]
fn an_unknown_field_is_named_and_a_call_that_is_refused_leaves_the_file() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let file = folder.path().join("players.read-model.json");
    let before = std::fs::read_to_string(&file).unwrap();
    let edits = vec![Edit::Set(path("shoe.size"), Value::Integer(44))];
    let errors = [
        store
            .insert("players", player("fay", 1).with("shoe", 44_i64))
            .unwrap_err(),
        store
            .update("players", Vec::new(), edits, false)
            .unwrap_err(),
    ];
    for error in errors {
        assert!(error.message.contains("shoe"), "{error}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn a_table_that_makes_no_sense_is_refused() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = store(&folder);
    let mut tables = vec![table("a"), table("b"), table("c"), table("d")];
    tables[0].indexes.clear();
    tables[1].fields.push("id".into());
    tables[2].fields.push(String::new());
    tables[3].indexes[1].kind = PropertyType::Json;
    for table in tables {
        let name = table.name.clone();
        assert_eq!(
            store.define_table(table).unwrap_err().kind,
            ErrorKind::Invalid,
            "{name}"
        );
    }
    let error = store.insert("a", player("ann", 1)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[test]
fn an_open_result_keeps_what_it_began_with() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let mut answer = store.find("players", Query::default()).unwrap();
    store.delete("players", Vec::new()).unwrap();
    assert_eq!(read_all(&mut answer.rows, 2).unwrap().len(), 5);
}
