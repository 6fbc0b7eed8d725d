//! What redb promises of its file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tenon_redb::{CacheSize, Redb, Settings};
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Connector, Crud, Done, Entity, ErrorKind, Filter, Generation, Key, Limits, PropertyType, Query,
    Result, SortKey, Value,
};

fn settings(path: &Path) -> Settings {
    Settings {
        path: path.to_str().unwrap().into(),
        cache_size: Some(CacheSize(1 << 20)),
    }
}

fn try_open(path: &Path, model: &tenon_model::Model) -> Result<Redb> {
    let mut redb = Redb::initialize(settings(path), &Limits::default())?;
    redb.connect()?;
    redb.define(model.to_contract())?;
    Ok(redb)
}

fn open(path: &Path, model: &tenon_model::Model) -> Redb {
    try_open(path, model).unwrap()
}

/// Airports with the index `state`.
fn airport() -> tenon_model::Model {
    tenon_model::Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(tenon_model::Property::new("name", PropertyType::Text))
        .property(tenon_model::Property::new("state", PropertyType::Text))
        .index(&["state"], false)
}

fn an_airport(iata: &str, name: &str, state: &str) -> Entity {
    Entity::new()
        .with("iata", iata)
        .with("name", name)
        .with("state", state)
}

fn equal(property: &str, value: &str) -> Filter {
    tenon_model::Filter::equal(property, value).to_nodes()
}

fn some_airports(redb: &mut Redb) {
    let airports = vec![
        an_airport("SEA", "Seattle-Tacoma", "WA"),
        an_airport("GEG", "Spokane", "WA"),
        an_airport("PDX", "Portland", "OR"),
    ];
    redb.create_all("Airport", airports).unwrap();
}

#[test]
fn what_was_confirmed_is_in_the_file_while_it_is_still_open() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (
        folder.path().join("a.redb"),
        folder.path().join("copy.redb"),
    );
    let mut redb = open(&path, &airport());
    some_airports(&mut redb);
    redb.update(
        "Airport",
        equal("state", "WA"),
        Entity::new().with("state", "ID"),
    )
    .unwrap();
    // As a kill would leave it.
    fs::copy(&path, &copy).unwrap();
    let mut killed = open(&copy, &airport());
    assert_eq!(killed.count("Airport", Vec::new()).unwrap(), 3);
    assert_eq!(killed.count("Airport", equal("state", "ID")).unwrap(), 2);
}

#[test]
fn a_reopened_file_has_its_records_and_goes_on_counting() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut model = tenon_model::Model::new("Note").key("id", PropertyType::Integer);
    model.properties[0].generated = Generation::WhenMissing;
    let mut redb = open(&path, &model);
    for _ in 0..3 {
        redb.create("Note", Entity::new()).unwrap();
    }
    redb.destroy("Note", Key::from(3_i64)).unwrap();
    redb.disconnect().unwrap();
    redb.connect().unwrap();
    assert_eq!(
        redb.create("Note", Entity::new()).unwrap().get("id"),
        Some(&Value::Integer(4))
    );
    drop(redb);
    let made = open(&path, &model).create("Note", Entity::new()).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(5)));
}

#[test]
fn names_with_slashes_have_counters_of_their_own() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut first = tenon_model::Model::new("a/b").key("c", PropertyType::Integer);
    first.properties[0].generated = Generation::WhenMissing;
    let mut second = tenon_model::Model::new("a").key("b/c", PropertyType::Integer);
    second.properties[0].generated = Generation::WhenMissing;
    let mut redb = open(&path, &first);
    redb.define(second.to_contract()).unwrap();
    for number in 1..=3_i64 {
        let made = redb.create("a/b", Entity::new()).unwrap();
        assert_eq!(made.get("c"), Some(&Value::Integer(number)));
        let made = redb.create("a", Entity::new()).unwrap();
        assert_eq!(made.get("b/c"), Some(&Value::Integer(number)));
    }
}

#[test]
fn numbers_are_counted_on_from_records_that_were_there_before() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut model = tenon_model::Model::new("Note").key("id", PropertyType::Integer);
    open(&path, &model)
        .create("Note", Entity::new().with("id", 7_i64))
        .unwrap();
    model.properties[0].generated = Generation::WhenMissing;
    let made = open(&path, &model).create("Note", Entity::new()).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(8)));
}

#[test]
fn a_new_index_is_built_from_the_records() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    some_airports(&mut open(&path, &airport()));
    let mut redb = open(&path, &airport().index(&["name"], true));
    assert_eq!(redb.count("Airport", equal("name", "Spokane")).unwrap(), 1);
    let error = redb
        .create("Airport", an_airport("XXX", "Spokane", ""))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 3);
}

#[test]
fn an_index_that_was_left_out_for_a_time_is_right_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut bare = airport();
    bare.indexes.clear();
    some_airports(&mut open(&path, &airport()));
    open(&path, &bare)
        .create("Airport", an_airport("PUW", "Pullman", "WA"))
        .unwrap();
    assert_eq!(
        open(&path, &airport())
            .count("Airport", equal("state", "WA"))
            .unwrap(),
        3
    );
}

#[test]
fn a_unique_index_that_the_records_break_is_refused_and_the_file_left_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    some_airports(&mut open(&path, &airport()));
    let error = try_open(&path, &airport().index(&["state"], true))
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert!(error.message.contains("can't be built"), "{error}");
    assert_eq!(
        open(&path, &airport())
            .count("Airport", equal("state", "WA"))
            .unwrap(),
        2
    );
}

#[test]
fn another_key_is_refused_unless_there_are_no_records() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut other = airport();
    other.properties[0].key = None;
    other.properties[1].key = Some(1);
    open(&path, &airport());
    open(&path, &other);
    some_airports(&mut open(&path, &airport()));
    let error = try_open(&path, &other).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(
        error.message.contains("iata") && error.message.contains("name"),
        "{error}"
    );
}

#[test]
fn a_property_that_was_undeclared_is_found_by_its_declaration() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport().open());
    redb.create(
        "Airport",
        an_airport("SEA", "Seattle", "WA").with("runways", 3_i64),
    )
    .unwrap();
    drop(redb);
    let model = airport()
        .property(tenon_model::Property::new("runways", PropertyType::Integer))
        .index(&["runways"], false);
    let mut redb = open(&path, &model);
    redb.create(
        "Airport",
        an_airport("GEG", "Spokane", "WA").with("runways", 3_i64),
    )
    .unwrap();
    let filter = tenon_model::Filter::equal("runways", 3_i64).to_nodes();
    assert_eq!(redb.count("Airport", filter).unwrap(), 2);
}

#[test]
fn what_an_index_orders_is_done_and_the_rest_left_to_the_runtime() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    some_airports(&mut redb);
    let by = |property: &str| Query {
        order: vec![SortKey {
            property: property.into(),
            path: Vec::new(),
            descending: true,
        }],
        limit: Some(1),
        ..Query::default()
    };
    let mut answer = redb.all("Airport", by("state")).unwrap();
    assert!(
        answer
            .done
            .contains(Done::FILTER | Done::ORDER | Done::PAGING)
    );
    let rows = read_all(&mut answer.rows, 10).unwrap();
    assert_eq!(rows, [an_airport("SEA", "Seattle-Tacoma", "WA")]);
    let mut answer = redb.all("Airport", by("name")).unwrap();
    assert!(!answer.done.contains(Done::ORDER) && !answer.done.contains(Done::PAGING));
    assert_eq!(read_all(&mut answer.rows, 10).unwrap().len(), 3);
}

#[test]
fn several_ranges_come_in_the_querys_order() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    some_airports(&mut redb);
    let states = tenon_model::Filter::Condition(tenon_model::Condition {
        property: "state".into(),
        path: Vec::new(),
        comparison: tenon_model::Comparison::OneOf,
        operands: vec!["WA".into(), "OR".into()],
    });
    for (query, wanted) in [
        (
            tenon_model::Query::filter(states.clone())
                .ascending("state")
                .ascending("iata"),
            ["PDX", "GEG", "SEA"],
        ),
        (
            tenon_model::Query::filter(states)
                .descending("state")
                .descending("iata"),
            ["SEA", "GEG", "PDX"],
        ),
    ] {
        let mut answer = redb.all("Airport", query.to_contract()).unwrap();
        assert!(answer.done.contains(Done::ORDER));
        let rows = read_all(&mut answer.rows, 10).unwrap();
        let codes: Vec<_> = rows
            .iter()
            .filter_map(|row| row.get("iata")?.as_text())
            .collect();
        assert_eq!(codes, wanted);
    }
}

#[test]
fn a_cursor_sees_the_records_as_they_were() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    some_airports(&mut redb);
    let mut rows = redb.all("Airport", Query::default()).unwrap().rows;
    let first = rows.next_rows(1, &Limits::default()).unwrap().unwrap();
    redb.destroy_all("Airport", Vec::new()).unwrap();
    redb.create("Airport", an_airport("AAA", "", "")).unwrap();
    let rest = read_all(&mut rows, 10).unwrap();
    assert_eq!((first.len(), rest.len()), (1, 2));
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 1);
}

#[test]
fn a_file_that_was_only_begun_is_made_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    fs::write(folder.path().join("a.redb.new"), b"half a header").unwrap();
    fs::write(&path, b"").unwrap();
    some_airports(&mut open(&path, &airport()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_is_not_there_is_denied_with_its_remedy() {
    let folder = TempDir::new().unwrap();
    let error = try_open(&folder.path().join("missing/a.redb"), &airport())
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(error.message.contains("grant the folder"), "{error}");
}

#[test]
fn a_file_of_another_program_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let content = "no database ".repeat(1000);
    fs::write(&path, &content).unwrap();
    assert!(try_open(&path, &airport()).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), content);
}

#[test]
fn a_collection_belongs_to_one_model() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    some_airports(&mut redb);
    let mut other = airport().to_contract();
    other.name = "Field".into();
    other.collection = Some("Airport".into());
    other.indexes.clear();
    let error = redb.define(other).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(
        error.message.contains("belongs to the model `Airport`"),
        "{error}"
    );
    // The model itself may be defined again, and its index is still there.
    redb.define(airport().to_contract()).unwrap();
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 2);
}

/// Notes with an `id` that counts up, and a `number` that does where it is said to.
fn note(id: Generation, number: Generation) -> tenon_model::Model {
    let mut model = tenon_model::Model::new("Note")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("number", PropertyType::Integer));
    model.properties[0].generated = id;
    model.properties[1].generated = number;
    model
}

#[test]
fn another_counted_property_leaves_the_first_ones_counter() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &note(Generation::WhenMissing, Generation::Never));
    for _ in 0..3 {
        redb.create("Note", Entity::new()).unwrap();
    }
    redb.destroy("Note", Key::from(3_i64)).unwrap();
    let both = note(Generation::WhenMissing, Generation::WhenMissing);
    redb.define(both.to_contract()).unwrap();
    let made = redb.create("Note", Entity::new()).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(4)));
    assert_eq!(made.get("number"), Some(&Value::Integer(1)));
}

#[test]
fn a_property_that_was_not_counted_for_a_time_is_counted_on_from_the_records() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let counted = note(Generation::WhenMissing, Generation::Never);
    open(&path, &counted).create("Note", Entity::new()).unwrap();
    let mut redb = open(&path, &note(Generation::Never, Generation::Never));
    for id in 2..=5_i64 {
        redb.create("Note", Entity::new().with("id", id)).unwrap();
    }
    drop(redb);
    let made = open(&path, &counted).create("Note", Entity::new()).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(6)));
}
