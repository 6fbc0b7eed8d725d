//! What sqlite promises of its file, and what it says where it can't be had.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{ask, connect, make, run};
use tempfile::TempDir;
use tenon_sdk::{
    Connector, Crud, Entity, Error, ErrorKind, Key, Limits, Native, PropertyType,
    TransactionOptions, Transactions, Value,
};
use tenon_sql::{Driver, Statement};
use tenon_sqlite::{Settings, Sqlite};

/// Airports with a unique code, a state, and routes that lead from one.
fn airport() -> tenon_model::Model {
    tenon_model::Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(tenon_model::Property::new("code", PropertyType::Integer))
        .property(tenon_model::Property::new("state", PropertyType::Text))
        .index(&["code"], true)
}

fn an_airport(iata: &str, code: i64) -> Entity {
    Entity::new().with("iata", iata).with("code", code)
}

fn open(path: &Path) -> Sqlite {
    let mut sqlite = connect(path);
    let model = airport().to_contract();
    make(&mut sqlite, &model);
    sqlite.define(model).unwrap();
    sqlite
}

fn try_connect(path: &str) -> Result<Sqlite, Error> {
    let settings = Settings {
        path: path.to_owned(),
        cache_size: None,
    };
    let mut sqlite = Sqlite::initialize(settings, &Limits::default())?;
    sqlite.connect()?;
    Ok(sqlite)
}

fn error<T>(outcome: Result<T, Error>) -> Error {
    outcome.err().unwrap()
}

#[test]
fn what_was_confirmed_is_on_the_disk_while_the_file_is_still_open() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.sqlite");
    let mut sqlite = open(&path);
    sqlite.create("Airport", an_airport("SEA", 1)).unwrap();
    sqlite.begin(TransactionOptions::default()).unwrap();
    sqlite.create("Airport", an_airport("GEG", 2)).unwrap();
    // As a kill would leave it.
    let copy = TempDir::new().unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let mut killed = open(&copy.path().join("a.sqlite"));
    assert_eq!(killed.count("Airport", Vec::new()).unwrap(), 1);
    sqlite.commit().unwrap();
    assert_eq!(sqlite.count("Airport", Vec::new()).unwrap(), 2);
}

#[test]
fn a_file_that_was_closed_is_one_file_that_other_programs_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.sqlite");
    let mut sqlite = open(&path);
    sqlite.create("Airport", an_airport("SEA", 1)).unwrap();
    sqlite.disconnect().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let other = rusqlite::Connection::open(&path).unwrap();
    let code: i64 = other
        .query_row("SELECT code FROM Airport WHERE iata = 'SEA'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(code, 1);
}

#[test]
fn what_another_program_left_in_its_log_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.sqlite");
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (7)")
        .unwrap();
    let copy = TempDir::new().unwrap();
    for name in ["a.sqlite", "a.sqlite-wal", "a.sqlite-shm"] {
        fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let mut sqlite = connect(&copy.path().join("a.sqlite"));
    assert_eq!(
        ask(&mut sqlite, "SELECT a FROM t", Vec::new()),
        [[Value::Integer(7)]]
    );
}

#[test]
fn a_file_that_can_not_be_opened_is_refused_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing/a.sqlite");
    let refused = error(try_connect(missing.to_str().unwrap()));
    assert_eq!(refused.kind, ErrorKind::Denied);
    assert!(refused.message.contains("grant the folder"), "{refused}");

    let refused = error(try_connect(folder.path().to_str().unwrap()));
    assert_eq!(refused.kind, ErrorKind::Invalid);

    let text = folder.path().join("notes.txt");
    fs::write(
        &text,
        "no database at all, but long enough to look like one".repeat(40),
    )
    .unwrap();
    let refused = error(try_connect(text.to_str().unwrap()));
    assert_eq!(refused.kind, ErrorKind::Invalid);
    assert!(refused.message.contains("no SQLite database"), "{refused}");
    assert!(
        fs::read_to_string(&text)
            .unwrap()
            .starts_with("no database")
    );
}

#[test]
fn a_file_that_may_only_be_read_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.sqlite");
    open(&path).disconnect().unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    if fs::File::options().write(true).open(&path).is_ok() {
        // Whoever runs this may write everything.
        return;
    }
    let refused = error(try_connect(path.to_str().unwrap()));
    assert_eq!(refused.kind, ErrorKind::Denied);
}

#[test]
fn errors_say_which_rule_was_broken() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = open(&folder.path().join("a.sqlite"));
    sqlite.create("Airport", an_airport("SEA", 1)).unwrap();
    let duplicate = error(sqlite.create("Airport", an_airport("SEA", 2)));
    assert_eq!(duplicate.kind, ErrorKind::Duplicate);
    let detail = |error: Error, name: &str| error.into_contract().detail(name).map(str::to_owned);
    assert_eq!(detail(duplicate, "property").as_deref(), Some("iata"));
    let duplicate = error(sqlite.create("Airport", an_airport("PDX", 1)));
    assert_eq!(duplicate.kind, ErrorKind::Duplicate);
    assert_eq!(duplicate.code.as_deref(), Some("SQLITE_CONSTRAINT_UNIQUE"));
    assert_eq!(detail(duplicate, "property").as_deref(), Some("code"));

    run(
        &mut sqlite,
        "CREATE TABLE r (a TEXT NOT NULL REFERENCES Airport, b INTEGER CONSTRAINT positive CHECK (b > 0))",
    );
    for (command, property, constraint) in [
        ("INSERT INTO r VALUES (NULL, 1)", Some("a"), "NOT NULL"),
        ("INSERT INTO r VALUES ('LAX', 1)", None, "FOREIGN KEY"),
        ("INSERT INTO r VALUES ('SEA', -1)", None, "positive"),
    ] {
        let broken = error(sqlite.execute(command, Vec::new()));
        assert_eq!(broken.kind, ErrorKind::Constraint, "{command}");
        assert_eq!(
            detail(broken.clone(), "property").as_deref(),
            property,
            "{command}"
        );
        assert_eq!(
            detail(broken, "constraint").as_deref(),
            Some(constraint),
            "{command}"
        );
    }
    run(&mut sqlite, "CREATE UNIQUE INDEX lowered ON r (lower(a))");
    run(&mut sqlite, "INSERT INTO r VALUES ('SEA', 1)");
    let broken = error(sqlite.execute("INSERT INTO r VALUES ('SEA', 2)", Vec::new()));
    assert_eq!(broken.kind, ErrorKind::Duplicate);
    assert_eq!(detail(broken, "constraint").as_deref(), Some("lowered"));
    let referenced = error(sqlite.destroy("Airport", Key::from("SEA")));
    assert_eq!(referenced.kind, ErrorKind::Constraint);
}

#[test]
fn a_reference_that_is_checked_late_fails_the_commit_and_leaves_a_roll_back() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = open(&folder.path().join("a.sqlite"));
    run(
        &mut sqlite,
        "CREATE TABLE r (a TEXT REFERENCES Airport DEFERRABLE INITIALLY DEFERRED)",
    );
    sqlite.begin(TransactionOptions::default()).unwrap();
    run(&mut sqlite, "INSERT INTO r VALUES ('LAX')");
    let broken = error(sqlite.commit());
    assert_eq!(broken.kind, ErrorKind::Constraint);
    assert_eq!(broken.effect, tenon_sdk::Effect::Nothing);
    sqlite.rollback().unwrap();
    assert_eq!(
        ask(&mut sqlite, "SELECT count(*) FROM r", Vec::new()),
        [[Value::Integer(0)]]
    );
}

#[test]
fn a_value_that_is_too_large_and_a_file_that_is_full_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = open(&folder.path().join("a.sqlite"));
    let huge = error(
        sqlite
            .execute("SELECT zeroblob(2000000000)", Vec::new())
            .and_then(|mut result| result.rows.next_rows(1, &Limits::default()).map(|_| ())),
    );
    assert_eq!(huge.kind, ErrorKind::Invalid, "{huge}");

    // As a full disk answers.
    let limit = Statement::plain("PRAGMA max_page_count = 30");
    sqlite.driver().fetch(&limit, &[]).unwrap();
    run(&mut sqlite, "CREATE TABLE large (a)");
    let fill = "INSERT INTO large VALUES (zeroblob(1000000))";
    let full = error(sqlite.execute(fill, Vec::new()));
    assert_eq!(full.kind, ErrorKind::Exhausted);
    assert_eq!(full.aftermath, tenon_sdk::Aftermath::Usable);
    sqlite.create("Airport", an_airport("SEA", 1)).unwrap();
    sqlite.begin(TransactionOptions::default()).unwrap();
    sqlite.create("Airport", an_airport("GEG", 2)).unwrap();
    assert_eq!(
        error(sqlite.execute(fill, Vec::new())).kind,
        ErrorKind::Exhausted
    );
    sqlite.rollback().unwrap();
    assert_eq!(sqlite.count("Airport", Vec::new()).unwrap(), 1);
}

#[test]
fn transactions_come_one_after_the_other() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = open(&folder.path().join("a.sqlite"));
    assert_eq!(error(sqlite.commit()).kind, ErrorKind::Invalid);
    assert_eq!(error(sqlite.rollback()).kind, ErrorKind::Invalid);
    sqlite.begin(TransactionOptions::default()).unwrap();
    let twice = error(sqlite.begin(TransactionOptions::default()));
    assert_eq!(twice.kind, ErrorKind::Invalid);
    sqlite.create("Airport", an_airport("SEA", 1)).unwrap();
    // What fails undoes itself alone.
    let duplicate = error(sqlite.create("Airport", an_airport("SEA", 2)));
    assert_eq!(duplicate.aftermath, tenon_sdk::Aftermath::Usable);
    sqlite.commit().unwrap();
    assert_eq!(sqlite.count("Airport", Vec::new()).unwrap(), 1);
}

#[test]
fn hostile_names_and_values_are_names_and_values() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = connect(&folder.path().join("a.sqlite"));
    let evil = "x\"; DROP TABLE keep; --";
    run(&mut sqlite, "CREATE TABLE keep (a)");
    let model = tenon_model::Model::new(evil)
        .key("a\"b", PropertyType::Text)
        .property(tenon_model::Property::new(
            "'; DROP TABLE keep; --",
            PropertyType::Text,
        ))
        .property(tenon_model::Property::new("SELECT", PropertyType::Integer))
        .index(&["SELECT"], false);
    make(&mut sqlite, &model.to_contract());
    sqlite.define(model.to_contract()).unwrap();
    let text = "\"'`]); DROP TABLE keep; --\0\u{10FFFF}";
    let record = Entity::new()
        .with("a\"b", text)
        .with("'; DROP TABLE keep; --", text)
        .with("SELECT", 1_i64);
    sqlite.create(evil, record.clone()).unwrap();
    assert_eq!(sqlite.find(evil, Key::from(text)).unwrap(), Some(record));
    for property in ["a\"b", "'; DROP TABLE keep; --"] {
        let filter = tenon_model::Filter::equal(property, text).to_nodes();
        assert_eq!(sqlite.count(evil, filter).unwrap(), 1);
    }
    assert_eq!(
        ask(&mut sqlite, "SELECT count(*) FROM keep", Vec::new()),
        [[Value::Integer(0)]]
    );
}
