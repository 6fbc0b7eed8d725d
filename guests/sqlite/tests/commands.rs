//! Commands of a caller's own, and what they may not do.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{ask, connect, run};
use tempfile::TempDir;
use tenon_sdk::testing::read_all;
use tenon_sdk::{Connector, ErrorKind, GeoPoint, Native, TransactionOptions, Transactions, Value};
use tenon_sqlite::Sqlite;

fn sqlite(folder: &TempDir) -> Sqlite {
    let mut sqlite = connect(&folder.path().join("a.sqlite"));
    run(
        &mut sqlite,
        "CREATE TABLE n (id INTEGER PRIMARY KEY, text TEXT)",
    );
    sqlite
}

fn refused(sqlite: &mut Sqlite, command: &str) -> (ErrorKind, String) {
    let mut outcome = sqlite.execute(command, Vec::new());
    // What only reads may be refused no earlier than with its first row.
    if let Ok(result) = &mut outcome
        && let Err(error) = read_all(&mut result.rows, 10)
    {
        outcome = Err(error);
    }
    assert!(outcome.is_err(), "{command} was not refused");
    let error = outcome.err().unwrap();
    (error.kind, error.message.clone())
}

#[test]
fn parameters_are_bound_by_their_numbers_whatever_sign_is_before_them() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    let parameters = || vec![Value::from("one"), Value::from("two")];
    for command in [
        "SELECT $2, $1",
        "SELECT ?2, ?1",
        "SELECT :2, :1",
        "SELECT @2, @1",
    ] {
        let rows = ask(&mut sqlite, command, parameters());
        assert_eq!(
            rows,
            [[Value::from("two"), Value::from("one")]],
            "{command}"
        );
    }
    let rows = ask(&mut sqlite, "SELECT $2", parameters());
    assert_eq!(rows, [[Value::from("two")]]);
    let rows = ask(&mut sqlite, "SELECT ?, ?", parameters());
    assert_eq!(rows, [[Value::from("one"), Value::from("two")]]);
    let error = sqlite.execute("SELECT ?", parameters()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("1 parameters, and 2"), "{error}");
}

#[test]
fn every_kind_of_value_can_be_a_parameter() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    let point = Value::Point(GeoPoint {
        latitude: 1.5,
        longitude: -2.0,
    });
    for (value, seen) in [
        (Value::Null, Value::Null),
        (Value::Boolean(true), Value::Integer(1)),
        (Value::Integer(i64::MIN), Value::Integer(i64::MIN)),
        (Value::Float(0.1), Value::Float(0.1)),
        (Value::from(f64::INFINITY), Value::from(f64::INFINITY)),
        (Value::Decimal("1.50".into()), Value::from("1.50")),
        (
            Value::from("a\0b'\"; DROP TABLE n"),
            Value::from("a\0b'\"; DROP TABLE n"),
        ),
        (Value::Bytes(vec![0, 255]), Value::Bytes(vec![0, 255])),
        (Value::Timestamp(-5), Value::Integer(-5)),
        (Value::Json("[1]".into()), Value::from("[1]")),
        (point, Value::from(r#"{"lat":1.5,"lng":-2.0}"#)),
    ] {
        let rows = ask(&mut sqlite, "SELECT ?", vec![value.clone()]);
        assert_eq!(rows, [[seen]], "{value:?}");
    }
    let nan = sqlite.execute("SELECT ?", vec![Value::from(f64::NAN)]);
    assert_eq!(nan.err().unwrap().kind, ErrorKind::Invalid);
}

#[test]
fn columns_that_share_a_name_are_all_there() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    let rows = ask(
        &mut sqlite,
        "SELECT 1 AS a, 2 AS a, 3 AS \"a b\"",
        Vec::new(),
    );
    assert_eq!(rows, [[1_i64, 2, 3].map(Value::Integer)]);
}

#[test]
fn what_a_command_changed_is_told_and_what_it_returns_too() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    let mut result = sqlite
        .execute(
            "INSERT INTO n VALUES (1, 'a'), (2, 'b') RETURNING text",
            Vec::new(),
        )
        .unwrap();
    assert_eq!(result.affected.get(), Some(2));
    assert_eq!(read_all(&mut result.rows, 1).unwrap().len(), 2);
    let updated = sqlite
        .execute("UPDATE n SET text = 'c'", Vec::new())
        .unwrap();
    assert_eq!(updated.affected.get(), Some(2));
    let made = sqlite.execute("CREATE TABLE m (a)", Vec::new()).unwrap();
    assert_eq!(made.affected.get(), Some(0));
    assert_eq!(
        sqlite
            .execute("SELECT 1", Vec::new())
            .unwrap()
            .affected
            .get(),
        None
    );
}

#[test]
fn a_command_is_one_statement() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    let (kind, message) = refused(&mut sqlite, "INSERT INTO n VALUES (1, 'a'); DROP TABLE n");
    assert_eq!(kind, ErrorKind::Invalid);
    assert!(message.contains("more than one statement"), "{message}");
    for nothing in ["", "  ", "-- only this"] {
        assert_eq!(
            refused(&mut sqlite, nothing).0,
            ErrorKind::Invalid,
            "{nothing:?}"
        );
    }
    let (kind, message) = refused(&mut sqlite, "SELEC 1");
    assert_eq!(kind, ErrorKind::Invalid);
    assert!(message.contains("SELEC"), "{message}");
    assert_eq!(refused(&mut sqlite, "SELECT 'a\0b'").0, ErrorKind::Invalid);
    assert_eq!(
        ask(&mut sqlite, "SELECT count(*) FROM n", Vec::new()),
        [[Value::Integer(0)]]
    );
}

#[test]
fn what_would_leave_the_file_or_change_how_it_is_kept_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    let other = folder.path().join("other.sqlite");
    let other = other.to_str().unwrap();
    for command in [
        format!("ATTACH '{other}' AS other"),
        "ATTACH ':memory:' AS other".to_owned(),
        format!("VACUUM INTO '{other}'"),
        "PRAGMA journal_mode = DELETE".to_owned(),
        "PRAGMA main.journal_mode = OFF".to_owned(),
        "PRAGMA locking_mode = NORMAL".to_owned(),
        "PRAGMA synchronous = OFF".to_owned(),
        "PRAGMA foreign_keys = OFF".to_owned(),
        "PRAGMA writable_schema = ON".to_owned(),
        "PRAGMA trusted_schema = ON".to_owned(),
        "PRAGMA temp_store_directory = '/'".to_owned(),
        "PRAGMA query_only = ON".to_owned(),
        "SELECT load_extension('x')".to_owned(),
        "BEGIN".to_owned(),
        "BEGIN IMMEDIATE".to_owned(),
        "COMMIT".to_owned(),
        "ROLLBACK".to_owned(),
        "SAVEPOINT a".to_owned(),
    ] {
        let (kind, message) = refused(&mut sqlite, &command);
        // There is no such function at all where it is left out of SQLite.
        let kinds = [ErrorKind::Denied, ErrorKind::Invalid];
        assert!(kinds.contains(&kind), "{command}: {kind} {message}");
        assert!(
            kind == ErrorKind::Denied || command.contains("load_extension"),
            "{command}: {message}"
        );
    }
    let (_, message) = refused(&mut sqlite, "PRAGMA journal_mode = DELETE");
    assert!(message.contains("`journal_mode`"), "{message}");
    assert!(!std::path::Path::new(other).exists());
    let (kind, _) = refused(&mut sqlite, "UPDATE sqlite_schema SET sql = 'x'");
    assert_ne!(kind, ErrorKind::Timeout);
    let rows = ask(&mut sqlite, "PRAGMA journal_mode", Vec::new());
    assert_eq!(rows, [[Value::from("wal")]]);
    assert_eq!(
        ask(&mut sqlite, "PRAGMA foreign_keys", Vec::new()),
        [[Value::Integer(1)]]
    );
}

#[test]
fn what_stays_within_the_file_is_allowed() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    for command in [
        "VACUUM",
        "ANALYZE",
        "REINDEX",
        "PRAGMA optimize",
        "PRAGMA integrity_check",
        "PRAGMA user_version = 7",
        "PRAGMA table_info(n)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "CREATE VIRTUAL TABLE words USING fts5(text)",
        "INSERT INTO words VALUES ('one two')",
        "SELECT * FROM words WHERE words MATCH 'two'",
        "CREATE TRIGGER t AFTER INSERT ON n BEGIN DELETE FROM n WHERE id = 0; END",
        "SELECT json_extract('{\"a\": 1}', '$.a')",
        "EXPLAIN QUERY PLAN SELECT * FROM n",
    ] {
        run(&mut sqlite, command);
    }
    assert_eq!(
        ask(&mut sqlite, "PRAGMA user_version", Vec::new()),
        [[Value::Integer(7)]]
    );
}

#[test]
fn a_reset_leaves_nothing_of_the_session() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    run(&mut sqlite, "CREATE TEMP TABLE \"odd \"\" name\" (a)");
    run(&mut sqlite, "CREATE TEMP VIEW v AS SELECT 1");
    sqlite.begin(TransactionOptions::default()).unwrap();
    run(&mut sqlite, "INSERT INTO n VALUES (1, 'a')");
    sqlite.reset().unwrap();
    assert_eq!(
        ask(
            &mut sqlite,
            "SELECT count(*) FROM temp.sqlite_schema",
            Vec::new()
        ),
        [[Value::Integer(0)]]
    );
    assert_eq!(
        ask(&mut sqlite, "SELECT count(*) FROM n", Vec::new()),
        [[Value::Integer(0)]]
    );
    sqlite.reset().unwrap();
}

#[test]
fn a_read_only_transaction_refuses_commands_that_write() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = sqlite(&folder);
    let options = TransactionOptions {
        read_only: true,
        ..TransactionOptions::default()
    };
    sqlite.begin(options).unwrap();
    for command in [
        "INSERT INTO n VALUES (1, 'a')",
        "DROP TABLE n",
        "CREATE TABLE m (a)",
    ] {
        assert_eq!(
            refused(&mut sqlite, command).0,
            ErrorKind::Invalid,
            "{command}"
        );
    }
    ask(&mut sqlite, "SELECT * FROM n", Vec::new());
    sqlite.commit().unwrap();
}
