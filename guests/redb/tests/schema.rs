//! Collections as plans change them, and as they are discovered.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{airport, all, an_airport, connect, dump, equal, open, some_airports};
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;
use tenon_redb::Redb;
use tenon_sdk::testing::scenario;
use tenon_sdk::{
    Connector, Crud, ErrorKind, Generation, Key, Model, PropertyType, Schema, Step,
    TransactionOptions, Transactions, Value,
};

fn plan(redb: &mut Redb, model: &tenon_model::Model) -> Vec<Step> {
    redb.plan(vec![model.to_contract()]).unwrap()
}

fn kinds(steps: &[Step]) -> Vec<(&str, bool)> {
    steps
        .iter()
        .map(|step| (step.kind.as_str(), step.destructive))
        .collect()
}

fn discover(redb: &mut Redb, collection: &str) -> Model {
    redb.discover(vec![collection.into()]).unwrap().remove(0)
}

#[test]
fn a_plan_says_what_define_would_do_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = connect(&path);
    let before = dump(&path);
    let steps = plan(&mut redb, &airport());
    let wanted = [
        ("create-collection", false),
        ("create-index", false),
        ("create-index", false),
    ];
    assert_eq!(kinds(&steps), wanted);
    assert!(steps[0].description.contains("iata (text)"));
    assert_eq!(dump(&path), before);

    redb.apply(steps.clone()).unwrap();
    let applied = dump(&path);
    assert_eq!(plan(&mut redb, &airport()), []);
    redb.define(airport().to_contract()).unwrap();
    assert_eq!(dump(&path), applied);

    let error = redb.apply(steps).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.message.contains("plan again"), "{error}");
    assert!(error.details.contains(&("index".into(), "0".into())));
}

#[test]
fn indexes_come_go_and_change_their_names_without_loss() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let mut other = airport().index(&["number"], true);
    other.indexes.remove(1);
    other.indexes[0].name = "by state".into();
    let steps = plan(&mut redb, &other);
    assert_eq!(
        kinds(&steps),
        [
            ("rename-index", false),
            ("create-index", false),
            ("drop-index", false)
        ]
    );
    redb.apply(steps).unwrap();
    assert_eq!(plan(&mut redb, &other), []);
    redb.define(other.to_contract()).unwrap();
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 2);
    // The index over the code is gone, and the one over the number is there.
    redb.create("Airport", an_airport("XXX", 1, "")).unwrap();
    let twice = an_airport("YYY", 9, "").with("number", 1_i64);
    assert_eq!(
        redb.create("Airport", twice).unwrap_err().kind,
        ErrorKind::Duplicate
    );
}

#[test]
fn steps_are_taken_all_or_none() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let before = dump(&path);
    let model = airport()
        .index(&["iata", "code"], false)
        .index(&["state"], true);
    let mut unique = model;
    unique.indexes[3].name = "one a state".into();
    let steps = plan(&mut redb, &unique);
    assert_eq!(kinds(&steps), [("create-index", false); 2]);
    let error = redb.apply(steps).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert!(error.details.contains(&("index".into(), "1".into())));
    assert_eq!(dump(&path), before);
    // What was defined before is there still.
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 2);
}

#[test]
fn another_key_is_destructive_where_there_are_records_and_they_are_laid_under_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    let mut by_code = airport();
    by_code.properties[0].key = None;
    by_code.properties[1].key = Some(1);
    assert_eq!(kinds(&plan(&mut redb, &by_code))[0], ("alter-key", false));
    redb.create_all("Airport", some_airports()).unwrap();
    let steps = plan(&mut redb, &by_code);
    assert_eq!(kinds(&steps)[0], ("alter-key", true));
    assert!(
        steps[0]
            .description
            .contains("from iata (text) to code (integer)")
    );
    assert_eq!(
        redb.define(by_code.to_contract()).unwrap_err().kind,
        ErrorKind::Invalid
    );

    redb.apply(steps).unwrap();
    redb.define(by_code.to_contract()).unwrap();
    assert_eq!(plan(&mut redb, &by_code), []);
    let found = redb.find("Airport", Key::from(2_i64)).unwrap().unwrap();
    assert_eq!(found.get("iata"), Some(&Value::from("GEG")));
    let codes: Vec<_> = all(&mut redb, "Airport")
        .iter()
        .map(|row| row.get("code").cloned())
        .collect();
    assert_eq!(codes, [1_i64, 2, 3].map(|code| Some(Value::from(code))));
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 2);
    redb.destroy_all("Airport", equal("state", "WA")).unwrap();
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 1);
}

#[test]
fn a_key_that_records_share_or_lack_is_refused_and_the_file_left_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let mut by_state = airport();
    by_state.properties[0].key = None;
    by_state.properties[2].key = Some(1);
    let before = dump(&path);
    let steps = plan(&mut redb, &by_state);
    let error = redb.apply(steps.clone()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert!(error.message.contains("doesn't fit the new key"), "{error}");
    assert_eq!(dump(&path), before);

    redb.destroy("Airport", Key::from("GEG")).unwrap();
    let nothing = tenon_sdk::Entity::new().with("state", Value::Null);
    redb.update("Airport", Vec::new(), nothing).unwrap();
    let before = dump(&path);
    assert_eq!(redb.apply(steps).unwrap_err().kind, ErrorKind::Invalid);
    assert_eq!(dump(&path), before);
}

#[test]
fn a_declaration_that_goes_leaves_the_values() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let mut fewer = airport().open();
    fewer.properties.truncate(3);
    fewer.properties[1].required = true;
    let steps = plan(&mut redb, &fewer);
    assert_eq!(kinds(&steps), [("alter-collection", false)]);
    for words in [
        "`number` no longer",
        "`code` from (integer) to (integer, required)",
    ] {
        assert!(steps[0].description.contains(words), "{:?}", steps[0]);
    }
    redb.apply(steps).unwrap();
    redb.define(fewer.to_contract()).unwrap();
    let found = redb.find("Airport", Key::from("SEA")).unwrap().unwrap();
    assert_eq!(found.get("number"), Some(&Value::Integer(1)));
    assert_eq!(discover(&mut redb, "Airport").properties.len(), 3);
}

#[test]
fn a_number_that_is_counted_from_now_on_begins_after_the_records() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let mut counted = airport();
    counted.properties[1].generated = Generation::WhenMissing;
    let steps = plan(&mut redb, &counted);
    redb.apply(steps).unwrap();
    redb.define(counted.to_contract()).unwrap();
    let record = tenon_sdk::Entity::new().with("iata", "BOI");
    let made = redb.create("Airport", record).unwrap();
    assert_eq!(made.get("code"), Some(&Value::Integer(4)));
    assert_eq!(made.get("number"), Some(&Value::Integer(4)));
}

#[test]
fn what_was_made_can_be_listed_and_discovered() {
    let folder = TempDir::new().unwrap();
    let mut redb = open(&folder.path().join("a.redb"), &airport());
    let mut route = tenon_model::Model::new("Route")
        .key("origin", PropertyType::Text)
        .key("number", PropertyType::Integer)
        .open();
    route.collection = Some("routes".into());
    route.references.push(tenon_sdk::Reference {
        name: "from".into(),
        properties: vec!["origin".into()],
        model: "Airport".into(),
        targets: vec!["iata".into()],
        settings: None,
    });
    redb.define(route.to_contract()).unwrap();
    let collections = redb.collections().unwrap();
    let names: Vec<_> = collections.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["Airport", "routes"]);

    let both = redb
        .discover(vec!["routes".into(), "Airport".into()])
        .unwrap();
    let mut wanted = route.to_contract();
    wanted.name = "routes".into();
    wanted.collection = None;
    let mut airports = airport().to_contract();
    for model in [&mut wanted, &mut airports] {
        for property in &mut model.properties {
            property.native_type = Some(property.kind.name().into());
        }
    }
    assert_eq!(both, [wanted, airports]);
    assert_eq!(redb.plan(both).unwrap(), []);
    let error = redb.discover(vec!["nothing".into()]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.message.contains("`nothing`"), "{error}");
}

#[test]
fn a_dropped_collection_is_gone_and_its_model_begins_anew() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = connect(&path);
    redb.define(
        tenon_model::Model::new("Kept")
            .key("id", PropertyType::Text)
            .to_contract(),
    )
    .unwrap();
    let before = dump(&path);
    redb.define(airport().to_contract()).unwrap();
    redb.create_all("Airport", some_airports()).unwrap();
    Schema::drop(&mut redb, "Airport").unwrap();
    let mut after = dump(&path);
    // A list of counters that is empty is as none.
    assert_eq!(after.remove("counters"), Some(Vec::new()));
    assert_eq!(after, before);
    Schema::drop(&mut redb, "Airport").unwrap();
    assert_eq!(
        Schema::drop(&mut redb, "Nothing").unwrap_err().kind,
        ErrorKind::Invalid
    );
    let made = redb.create("Airport", an_airport("BOI", 4, "ID")).unwrap();
    assert_eq!(made.get("number"), Some(&Value::Integer(1)));
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 1);
}

#[test]
fn changes_in_a_transaction_are_rolled_back_with_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    let before = dump(&path);
    redb.begin(TransactionOptions::default()).unwrap();
    let model = airport().index(&["number"], false);
    let steps = plan(&mut redb, &model);
    redb.apply(steps).unwrap();
    assert_eq!(plan(&mut redb, &model), []);
    Schema::drop(&mut redb, "Airport").unwrap();
    assert_eq!(redb.collections().unwrap(), []);
    assert_eq!(redb.count("Airport", Vec::new()).unwrap(), 0);
    redb.rollback().unwrap();
    assert_eq!(dump(&path), before);
    assert_eq!(redb.count("Airport", equal("state", "WA")).unwrap(), 2);

    let read_only = TransactionOptions {
        read_only: true,
        ..TransactionOptions::default()
    };
    redb.begin(read_only).unwrap();
    assert!(Schema::drop(&mut redb, "Airport").is_err());
    let steps = plan(&mut redb, &model);
    assert_eq!(redb.apply(steps).unwrap_err().kind, ErrorKind::Invalid);
    redb.commit().unwrap();
    assert_eq!(dump(&path), before);
}

#[test]
fn what_is_no_plan_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    let before = dump(&path);
    let step = |command: &str| Step {
        kind: "create-index".into(),
        collection: "Airport".into(),
        name: None,
        description: String::new(),
        commands: vec![command.into()],
        destructive: false,
    };
    for command in ["DROP TABLE airports", "{}", r#"{"drop-everything": {}}"#] {
        let error = redb.apply(vec![step(command)]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
        assert!(error.details.contains(&("index".into(), "0".into())));
    }
    let mut twin = airport().to_contract();
    twin.name = "Field".into();
    twin.collection = Some("Airport".into());
    let error = redb.plan(vec![airport().to_contract(), twin]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert_eq!(dump(&path), before);
}

/// Takes what is declared out of the catalogue, as the first version wrote it.
fn forget_declarations(path: &Path) {
    use redb::ReadableTable as _;
    let catalogue = redb::TableDefinition::<&str, &[u8]>::new("catalogue");
    let database = redb::Database::open(path).unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut table = write.open_table(catalogue).unwrap();
        let bytes = table.get("Airport").unwrap().unwrap().value().to_vec();
        let mut stored: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        stored.as_object_mut().unwrap().remove("declared").unwrap();
        let bytes = serde_json::to_vec(&stored).unwrap();
        table.insert("Airport", bytes.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

#[test]
fn an_older_files_collection_is_discovered_by_its_key_indexes_and_names() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.redb");
    let mut redb = open(&path, &airport());
    redb.create_all("Airport", some_airports()).unwrap();
    redb.disconnect().unwrap();
    forget_declarations(&path);
    let mut redb = connect(&path);
    let found = discover(&mut redb, "Airport");
    let kinds: Vec<_> = found.properties.iter().map(|p| (p.key, p.kind)).collect();
    let wanted = [
        (Some(1), PropertyType::Text),
        (None, PropertyType::Integer),
        (None, PropertyType::Text),
        (None, PropertyType::Any),
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(redb.plan(vec![found]).unwrap(), []);
    // Its model goes on with its records and its counter.
    redb.define(airport().to_contract()).unwrap();
    let made = redb.create("Airport", an_airport("BOI", 4, "ID")).unwrap();
    assert_eq!(made.get("number"), Some(&Value::Integer(4)));
    assert_eq!(plan(&mut redb, &airport()), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_defined_is_discovered_and_plans_nothing(one in scenario(), other in scenario()) {
        let folder = TempDir::new().unwrap();
        let mut redb = connect(&folder.path().join("a.redb"));
        redb.define(one.model.clone()).unwrap();
        prop_assert_eq!(redb.plan(vec![one.model.clone()]).unwrap(), []);
        let found = discover(&mut redb, "Thing");
        prop_assert_eq!(redb.plan(vec![found]).unwrap(), []);
        // From any shape to any other.
        let steps = redb.plan(vec![other.model.clone()]).unwrap();
        redb.apply(steps).unwrap();
        prop_assert_eq!(redb.plan(vec![other.model.clone()]).unwrap(), []);
        redb.define(other.model).unwrap();
        let found = discover(&mut redb, "Thing");
        prop_assert_eq!(redb.plan(vec![found]).unwrap(), []);
    }
}
