//! The richer store: tables, and documents that are found and changed by filters.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod support;

use support::{connect, files};
use tempfile::TempDir;
use tenon_json_files::{JsonFiles, JsonStore};
use tenon_model::{Comparison, Filter};
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Done, Edit, Entity, ErrorKind, PropertyType, Query, ReadModel, SortKey, Store, Table,
    TableIndex, Value,
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

fn id(id: &str) -> tenon_sdk::Filter {
    Filter::equal("id", id).to_nodes()
}

fn find(store: &mut JsonStore, query: Query) -> Vec<Entity> {
    let mut answer = store.find("players", query).unwrap();
    assert!(
        answer
            .done
            .contains(Done::FILTER | Done::ORDER | Done::PAGING | Done::FIELDS)
    );
    read_all(&mut answer.rows, 2).unwrap()
}

fn ids(store: &mut JsonStore, filter: Filter) -> Vec<String> {
    let query = Query {
        filter: filter.to_nodes(),
        ..Query::default()
    };
    let found = find(store, query);
    found
        .iter()
        .map(|row| row.get("id").unwrap().as_text().unwrap().to_owned())
        .collect()
}

fn one(store: &mut JsonStore, wanted: &str) -> Entity {
    let query = Query {
        filter: id(wanted),
        ..Query::default()
    };
    find(store, query).remove(0)
}

#[test]
fn tables_and_documents_are_kept_from_one_use_to_the_next() {
    let folder = TempDir::new().unwrap();
    let (mut session, mut players) = with_players(&folder);
    players.set(r#"{"position": 5}"#.into()).unwrap();
    session.close(players, "players").unwrap();
    assert_eq!(files(folder.path()), ["players.read-model.json"]);
    let (_session, mut players) = store(&folder);
    assert_eq!(players.count("players", Vec::new()).unwrap(), 5);
    assert_eq!(one(&mut players, "ann"), player("ann", 3));
    assert_eq!(
        players.get().unwrap().as_deref(),
        Some(r#"{"position": 5}"#)
    );
    assert_eq!(
        players.define_table(table("players")).unwrap_err().kind,
        ErrorKind::Duplicate
    );
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
fn a_duplicate_key_and_an_unknown_field_are_errors() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let kind = |result: tenon_sdk::Result<()>| result.unwrap_err().kind;
    assert_eq!(
        kind(store.insert("players", player("ann", 9))),
        ErrorKind::Duplicate
    );
    for wrong in [
        player("fay", 1).with("shoe", 44_i64),
        Entity::new().with("score", 1_i64),
        Entity::new().with("id", Value::Null),
        Entity::new().with("id", 7_i64),
        Entity::new().with("id", "fay").with("score", "much"),
    ] {
        assert_eq!(kind(store.insert("players", wrong)), ErrorKind::Invalid);
    }
    let unknown = || Filter::equal("shoe", 44_i64).to_nodes();
    let set = |field: &str| vec![Edit::Set(path(field), Value::Integer(1))];
    let order = SortKey {
        property: "shoe".into(),
        path: Vec::new(),
        descending: false,
    };
    let errors = [
        store.count("players", unknown()).unwrap_err(),
        store.delete("players", unknown()).unwrap_err(),
        store
            .update("players", unknown(), set("score"), false)
            .unwrap_err(),
        store
            .update("players", Vec::new(), set("shoe"), false)
            .unwrap_err(),
        store
            .update("players", Vec::new(), set("shoe.size"), true)
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert!(error.message.contains("shoe"), "{error}");
    }
    let queries = [
        Query {
            filter: unknown(),
            ..Query::default()
        },
        Query {
            order: vec![order],
            ..Query::default()
        },
        Query {
            fields: vec!["shoe".into()],
            ..Query::default()
        },
    ];
    for query in queries {
        let error = store.find("players", query).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Invalid);
    }
    assert_eq!(store.count("players", Vec::new()).unwrap(), 5);
}

#[test]
fn comparisons_with_null_are_total() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let null = |comparison| Filter::compare("score", comparison, Value::Null);
    assert_eq!(ids(&mut store, null(Comparison::Equal)), ["dan", "eve"]);
    assert_eq!(
        ids(&mut store, null(Comparison::NotEqual)),
        ["ann", "bob", "cid"]
    );
    let not_one = Filter::compare("score", Comparison::NotEqual, 1_i64);
    assert_eq!(ids(&mut store, not_one), ["ann", "cid", "dan", "eve"]);
    let less = Filter::compare("score", Comparison::Less, 3_i64);
    assert_eq!(ids(&mut store, less), ["bob", "cid"]);
}

#[test]
fn find_projects_orders_and_takes_a_part() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let key = |property: &str, descending| SortKey {
        property: property.into(),
        path: Vec::new(),
        descending,
    };
    let found = find(
        &mut store,
        Query {
            order: vec![key("score", true), key("id", true)],
            fields: vec!["id".into()],
            offset: 1,
            limit: Some(3),
            ..Query::default()
        },
    );
    let only = |id: &str| Entity::new().with("id", id);
    assert_eq!(found, [only("cid"), only("bob"), only("eve")]);
}

#[test]
fn update_changes_every_match_and_says_how_many() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let edits = vec![
        Edit::Increment(path("score"), Value::Integer(10)),
        Edit::Set(path("more.tags.first"), "x".into()),
        Edit::Unset(path("name")),
    ];
    let some = Filter::compare("score", Comparison::GreaterOrEqual, 2_i64);
    assert_eq!(
        store
            .update("players", some.to_nodes(), edits.clone(), false)
            .unwrap(),
        2
    );
    let more = Value::Json(r#"{"tags":{"first":"x"}}"#.into());
    assert_eq!(one(&mut store, "ann"), player("ann", 13).with("more", more));
    assert_eq!(one(&mut store, "bob"), player("bob", 1));
    assert_eq!(
        store.update("players", id("nobody"), edits, false).unwrap(),
        0
    );
    let text = vec![
        Edit::Set(path("name"), "An".into()),
        Edit::Increment(path("name"), "n".into()),
    ];
    assert_eq!(store.update("players", id("ann"), text, false).unwrap(), 1);
    assert_eq!(
        one(&mut store, "ann").get("name"),
        Some(&Value::from("Ann"))
    );
}

#[test]
fn an_update_that_fails_changes_no_document_at_all() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    store
        .update(
            "players",
            id("cid"),
            vec![Edit::Set(path("name"), 5_i64.into())],
            false,
        )
        .unwrap();
    let before = std::fs::read_to_string(folder.path().join("players.read-model.json")).unwrap();
    let edits = |field: &str, value: Value| vec![Edit::Increment(path(field), value)];
    let wrong = [
        (edits("name", "x".into()), ErrorKind::Invalid),
        (
            vec![Edit::Set(path("id"), "same".into())],
            ErrorKind::Duplicate,
        ),
        (vec![Edit::Unset(path("id"))], ErrorKind::Invalid),
        (
            vec![Edit::Set(path("score"), "much".into())],
            ErrorKind::Invalid,
        ),
    ];
    for (edits, kind) in wrong {
        let error = store
            .update("players", Vec::new(), edits, false)
            .unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        let after = std::fs::read_to_string(folder.path().join("players.read-model.json")).unwrap();
        assert_eq!(after, before);
    }
    assert_eq!(one(&mut store, "ann"), player("ann", 3));
}

#[test]
fn an_upsert_without_a_match_inserts_the_equal_values_and_what_is_set() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let filter = || {
        Filter::AllOf(vec![
            Filter::equal("id", "fay"),
            Filter::equal("name", "Fay"),
            Filter::compare("score", Comparison::GreaterOrEqual, 0_i64),
        ])
        .to_nodes()
    };
    let edits = || {
        vec![
            Edit::Increment(path("score"), Value::Integer(1)),
            Edit::Set(path("more.new"), Value::Boolean(true)),
        ]
    };
    assert_eq!(store.update("players", filter(), edits(), true).unwrap(), 0);
    let fay = player("fay", 1).with("name", "Fay");
    let more = Value::Json(r#"{"new":true}"#.into());
    let seen = one(&mut store, "fay");
    assert_eq!(seen.len(), 4);
    for (name, value) in fay.with("more", more).iter() {
        assert_eq!(seen.get(name), Some(value), "{name}");
    }
    assert_eq!(store.update("players", filter(), edits(), true).unwrap(), 1);
    assert_eq!(
        one(&mut store, "fay").get("score"),
        Some(&Value::Integer(2))
    );
    let keyless = Filter::equal("name", "Gus").to_nodes();
    assert_eq!(
        store
            .update("players", keyless, Vec::new(), true)
            .unwrap_err()
            .kind,
        ErrorKind::Invalid
    );
}

#[test]
fn delete_and_count_say_how_many() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let some = || Filter::compare("score", Comparison::GreaterOrEqual, 2_i64).to_nodes();
    assert_eq!(store.count("players", some()).unwrap(), 2);
    assert_eq!(store.delete("players", some()).unwrap(), 2);
    assert_eq!(store.delete("players", some()).unwrap(), 0);
    assert_eq!(store.count("players", Vec::new()).unwrap(), 3);
}

#[test]
fn an_open_result_keeps_what_it_began_with() {
    let folder = TempDir::new().unwrap();
    let (_session, mut store) = with_players(&folder);
    let mut answer = store.find("players", Query::default()).unwrap();
    store.delete("players", Vec::new()).unwrap();
    assert_eq!(read_all(&mut answer.rows, 2).unwrap().len(), 5);
}
