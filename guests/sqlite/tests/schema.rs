//! Tables by plans, and models of tables that somebody else has made.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;
#[path = "../../../guest-sdk/sql/tests/tables/mod.rs"]
mod tables;

use common::{ask, connect};
use tables::{
    discovered, find, index, keeps_defaults, kinds, migrate, model, of, property, refers, run,
};
use tempfile::TempDir;
use tenon_sdk::{
    Connector, ErrorKind, Generation, Property, PropertyType, Reference, Schema, Value,
};
use tenon_sqlite::Sqlite;

fn file(folder: &TempDir) -> Sqlite {
    connect(&folder.path().join("things.sqlite"))
}

#[test]
fn tables_of_somebody_elses_are_models_that_need_no_change() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = file(&folder);
    run(
        &mut sqlite,
        &[
            "CREATE TABLE \"odd \"\"table\"\".name; --\" (\"select\" INTEGER PRIMARY KEY, \"a.b\" TEXT NOT NULL DEFAULT 'it''s', \
         \"größe\" NUMERIC(10,2) DEFAULT 1.5, \" \" VARCHAR(40) COLLATE NOCASE, made DATETIME DEFAULT CURRENT_TIMESTAMP)",
            "CREATE TABLE part (maker TEXT, number INT, price REAL DEFAULT -1e3, PRIMARY KEY (number, maker)) WITHOUT ROWID",
            "CREATE TABLE stock (id INTEGER PRIMARY KEY AUTOINCREMENT, number INT, maker TEXT, twin INTEGER REFERENCES stock, \
         amount INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0), twice INTEGER GENERATED ALWAYS AS (amount * 2) STORED, \
         code TEXT UNIQUE, flag BOOLEAN DEFAULT FALSE, raw BLOB DEFAULT x'00ff', \
         FOREIGN KEY (maker, number) REFERENCES part (maker, number) ON DELETE CASCADE ON UPDATE SET NULL, \
         FOREIGN KEY (maker, number) REFERENCES part (maker, number))",
            "CREATE INDEX stock_made ON stock (maker, amount DESC)",
            "CREATE INDEX stock_part ON stock (maker) WHERE amount > 0",
            "CREATE INDEX stock_lower ON stock (lower(maker))",
            "CREATE TABLE bare (a, b ANY)",
            "CREATE TABLE unique_only (code TEXT NOT NULL UNIQUE, x TEXT)",
            "CREATE VIEW rich AS SELECT maker, sum(amount) AS total FROM stock GROUP BY maker",
        ],
    );
    let models = discovered(&mut sqlite);
    let find = |name: &str| find(&models, name);
    let odd = find("\"odd \"\"table\"\".name; --\"");
    assert_eq!(of(odd, "select").generated, Generation::WhenMissing);
    let name = of(odd, "a.b");
    assert!(name.required);
    assert_eq!(name.default_value, Some(Value::Text("it's".into())));
    let blank = of(odd, "column 4");
    assert_eq!(blank.column.as_deref(), Some(" "));
    assert_eq!(blank.length, Some(40));
    assert_eq!(blank.settings.as_deref(), Some(r#"{"collation":"NOCASE"}"#));
    assert_eq!(of(odd, "made").generated, Generation::WhenMissing);
    let part = find("part");
    assert_eq!(of(part, "number").key, Some(1));
    assert_eq!(of(part, "maker").key, Some(2));
    let stock = find("stock");
    assert_eq!(of(stock, "twice").generated, Generation::Always);
    assert_eq!(of(stock, "flag").default_value, Some(Value::Boolean(false)));
    assert_eq!(
        of(stock, "raw").default_value,
        Some(Value::Bytes(vec![0, 255]))
    );
    assert_eq!(stock.references.len(), 3);
    let names: std::collections::BTreeSet<_> = stock
        .references
        .iter()
        .map(|reference| &reference.name)
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(of(find("unique_only"), "code").key, Some(1));
    assert!(
        find("bare")
            .properties
            .iter()
            .all(|property| property.key.is_none())
    );
    assert_eq!(find("rich").properties.len(), 2);
}

#[test]
fn what_sqlite_cant_change_in_place_is_made_anew_and_nothing_is_lost() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = file(&folder);
    let mut owner = model("Owner", vec![property("name", PropertyType::Text)]);
    let mut pet = model(
        "Pet",
        vec![
            property("name", PropertyType::Text),
            property("owner", PropertyType::Integer),
        ],
    );
    pet.references = vec![Reference {
        settings: Some(r#"{"on-delete": "cascade"}"#.into()),
        ..refers("owner", "Owner")
    }];
    pet.indexes = vec![index("owner", &["owner"], false)];
    let steps = migrate(&mut sqlite, &[pet.clone(), owner.clone()]);
    assert_eq!(
        kinds(&steps),
        ["create-collection", "create-index", "create-collection"]
    );
    run(
        &mut sqlite,
        &[
            "CREATE TABLE log (what TEXT)",
            "CREATE TRIGGER told AFTER INSERT ON Owner BEGIN INSERT INTO log VALUES (new.name); END",
            "CREATE INDEX special ON Owner (lower(name))",
            "CREATE VIEW owners AS SELECT name FROM Owner",
            "INSERT INTO Owner (name) VALUES ('Ann'), ('Bob')",
            "INSERT INTO Pet (name, owner) VALUES ('Rex', 1), ('Tom', 2)",
        ],
    );
    // Its name is never null now: a change of the column, which others refer to the table of.
    owner.properties[1].required = true;
    owner.properties[1].default_value = Some(Value::Text("nobody".into()));
    owner
        .properties
        .push(property("age", PropertyType::Integer));
    owner.indexes = vec![index("name", &["name"], true)];
    let steps = migrate(&mut sqlite, &[pet.clone(), owner.clone()]);
    assert_eq!(kinds(&steps), ["alter-collection"]);
    assert!(!steps[0].destructive, "{steps:#?}");
    let pets = ask(&mut sqlite, "SELECT count(*) FROM Pet", vec![]);
    assert_eq!(
        pets,
        [[Value::Integer(2)]],
        "they were not deleted with the old table"
    );
    run(&mut sqlite, &["INSERT INTO Owner DEFAULT VALUES"]);
    let told = ask(&mut sqlite, "SELECT what FROM log", vec![]);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[2], [Value::Text("nobody".into())]);
    let owners = ask(&mut sqlite, "SELECT name FROM owners", vec![]);
    assert_eq!(owners.len(), 3);
    let special = ask(
        &mut sqlite,
        "SELECT 1 FROM sqlite_schema WHERE name = 'special'",
        vec![],
    );
    assert_eq!(special.len(), 1);
    // References are kept to again.
    run(&mut sqlite, &["DELETE FROM Owner WHERE id = 1"]);
    assert_eq!(ask(&mut sqlite, "SELECT name FROM Pet", vec![]).len(), 1);
    // A column that goes is told of as a loss.
    owner.properties.pop();
    let steps = migrate(&mut sqlite, &[pet.clone(), owner.clone()]);
    assert_eq!(kinds(&steps), ["drop-column"]);
    assert!(steps[0].destructive);
    // So does a reference that goes, with the table made anew.
    pet.references.clear();
    assert_eq!(
        kinds(&migrate(&mut sqlite, &[pet, owner])),
        ["alter-collection"]
    );
}

#[test]
fn a_change_that_fails_leaves_everything_as_it_was() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = file(&folder);
    let mut owner = model("Owner", vec![property("name", PropertyType::Text)]);
    let mut pet = model("Pet", vec![property("owner", PropertyType::Integer)]);
    migrate(&mut sqlite, &[owner.clone(), pet.clone()]);
    run(&mut sqlite, &["INSERT INTO Owner (name) VALUES (NULL)"]);
    run(&mut sqlite, &["INSERT INTO Pet (owner) VALUES (7)"]);
    owner
        .properties
        .push(property("age", PropertyType::Integer));
    owner.properties[1].required = true;
    let steps = sqlite.plan(vec![owner.clone()]).unwrap();
    let error = sqlite.apply(steps).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Constraint, "{error}");
    assert_eq!(error.effect, tenon_sdk::Effect::Nothing);
    assert_eq!(error.aftermath, tenon_sdk::Aftermath::Usable);
    assert!(
        error.details.contains(&("index".into(), "0".into())),
        "{error:?}"
    );
    assert_eq!(ask(&mut sqlite, "SELECT * FROM Owner", vec![])[0].len(), 2);
    // A reference that a record breaks is found before the end.
    pet.references = vec![refers("owner", "Owner")];
    owner.properties[1].required = false;
    let steps = sqlite.plan(vec![pet, owner]).unwrap();
    let error = sqlite.apply(steps).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Constraint, "{error}");
    assert!(error.message.contains("Pet"), "{error}");
    assert_eq!(ask(&mut sqlite, "SELECT * FROM Owner", vec![])[0].len(), 2);
    assert_eq!(
        ask(&mut sqlite, "PRAGMA foreign_keys", vec![]),
        [[Value::Integer(1)]]
    );
}

#[test]
fn a_table_that_would_lose_something_is_not_made_anew() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = file(&folder);
    run(
        &mut sqlite,
        &["CREATE TABLE Owner (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 0))"],
    );
    let mut age = property("age", PropertyType::Integer);
    age.required = true;
    let error = sqlite.plan(vec![model("Owner", vec![age])]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.message.contains("a check"), "{error}");
}

#[test]
fn a_default_is_the_value_that_it_was_whatever_is_in_it() {
    let folder = TempDir::new().unwrap();
    keeps_defaults(&mut file(&folder), "INSERT INTO Thing DEFAULT VALUES");
}

#[test]
fn values_are_made_by_the_file_where_none_is_given() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = file(&folder);
    let made = |name: &str, kind| Property {
        generated: Generation::WhenMissing,
        ..property(name, kind)
    };
    let mut thing = model("Thing", vec![made("at", PropertyType::Timestamp)]);
    thing.properties[0].kind = PropertyType::Uuid;
    migrate(&mut sqlite, std::slice::from_ref(&thing));
    run(&mut sqlite, &["INSERT INTO Thing DEFAULT VALUES"]);
    sqlite.define(thing).unwrap();
    let records = common::all(&mut sqlite, "Thing");
    let Some(Value::Text(id)) = records[0].get("id") else {
        panic!("{records:?}")
    };
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'), "{id}");
    let Some(Value::Timestamp(at)) = records[0].get("at") else {
        panic!("{records:?}")
    };
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let now = i64::try_from(now.as_micros()).unwrap();
    assert!(
        (now - 60_000_000..=now + 1_000_000).contains(at),
        "{at} and {now}"
    );
    let mut two = model("Two", vec![]);
    two.properties.push(Property {
        key: Some(2),
        ..property("other", PropertyType::Text)
    });
    let error = sqlite.plan(vec![two]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("one column"), "{error}");
}

#[test]
fn several_models_may_be_of_one_table() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = file(&folder);
    let all = model("Airport", vec![property("name", PropertyType::Text)]);
    let mut open = model("Open", vec![property("closed", PropertyType::Boolean)]);
    open.collection = Some("airport".into());
    let steps = sqlite.plan(vec![all.clone(), open.clone()]).unwrap();
    assert_eq!(kinds(&steps), ["create-collection"]);
    migrate(&mut sqlite, &[all.clone(), open.clone()]);
    open.properties[1].name = "NAME".into();
    let error = sqlite.plan(vec![all, open]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
}

#[test]
fn a_table_that_others_refer_to_is_not_dropped() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = file(&folder);
    let owner = model("Owner", vec![]);
    let mut pet = model("Pet", vec![property("owner", PropertyType::Integer)]);
    pet.references = vec![refers("owner", "Owner")];
    migrate(&mut sqlite, &[owner.clone(), pet.clone()]);
    sqlite.define(owner).unwrap();
    sqlite.define(pet).unwrap();
    let error = sqlite.drop("Owner").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Constraint, "{error}");
    sqlite.drop("Pet").unwrap();
    sqlite.drop("Owner").unwrap();
    assert_eq!(sqlite.collections().unwrap(), []);
}
