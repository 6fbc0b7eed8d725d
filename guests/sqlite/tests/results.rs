//! Open results, and what others do meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::fs;

use common::{ask, connect, connect_within, run};
use tempfile::TempDir;
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Aftermath, CommandResult, Connector, Entity, ErrorKind, Limits, Native, TransactionOptions,
    Transactions, Value,
};
use tenon_sqlite::Sqlite;

/// A file with the numbers from 1, each with a text of some length.
fn numbers(folder: &TempDir, count: usize, length: usize) -> Sqlite {
    let mut sqlite = connect(&folder.path().join("n.sqlite"));
    run(
        &mut sqlite,
        "CREATE TABLE n (id INTEGER PRIMARY KEY, text TEXT)",
    );
    let fill = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?1) \
                INSERT INTO n SELECT i, printf('%.*c', ?2, 'x') FROM c";
    let parameters = vec![Value::Integer(count as i64), Value::Integer(length as i64)];
    let filled = sqlite.execute(fill, parameters).unwrap();
    assert_eq!(filled.affected.get(), Some(count as u64));
    sqlite
}

fn open(sqlite: &mut Sqlite) -> CommandResult {
    sqlite
        .execute("SELECT id, text FROM n ORDER BY id", Vec::new())
        .unwrap()
}

fn some(result: &mut CommandResult, count: u32) -> Vec<Entity> {
    result
        .rows
        .next_rows(count, &Limits::default())
        .unwrap()
        .unwrap()
}

fn ids(rows: &[Entity]) -> Vec<i64> {
    rows.iter()
        .map(|row| row.get("id").and_then(Value::as_integer).unwrap())
        .collect()
}

#[test]
fn a_result_shows_what_was_there_when_it_was_opened() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = numbers(&folder, 100, 3);
    let mut result = open(&mut sqlite);
    let mut seen = ids(&some(&mut result, 10));
    // Such a change makes a statement that is still stepping come to the same records again.
    run(&mut sqlite, "UPDATE n SET id = id + 1000, text = 'changed'");
    run(&mut sqlite, "DELETE FROM n WHERE id > 1050");
    run(&mut sqlite, "INSERT INTO n VALUES (50, 'new')");
    let rest = read_all(&mut result.rows, 7).unwrap();
    assert!(
        rest.iter()
            .all(|row| row.get("text") == Some(&Value::from("xxx")))
    );
    seen.extend(ids(&rest));
    assert_eq!(seen, (1..=100).collect::<Vec<_>>());
}

#[test]
fn what_does_not_fit_into_memory_is_set_aside_in_a_file_without_a_name() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = numbers(&folder, 20_000, 500);
    let mut results = [open(&mut sqlite), open(&mut sqlite)];
    let first: Vec<_> = results.iter_mut().map(|result| some(result, 5)).collect();
    run(&mut sqlite, "DELETE FROM n");
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("n.sqlite") && !name.contains("rows")),
        "{names:?}"
    );
    for (result, first) in results.iter_mut().zip(first) {
        let mut seen = ids(&first);
        seen.extend(ids(&read_all(&mut result.rows, 1_000).unwrap()));
        assert_eq!(seen, (1..=20_000).collect::<Vec<_>>());
    }
}

#[test]
fn tables_may_change_under_an_open_result() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = numbers(&folder, 50, 3);
    let mut result = open(&mut sqlite);
    some(&mut result, 1);
    run(&mut sqlite, "ALTER TABLE n DROP COLUMN text");
    run(&mut sqlite, "DROP TABLE n");
    run(&mut sqlite, "VACUUM");
    assert_eq!(read_all(&mut result.rows, 10).unwrap().len(), 49);
}

#[test]
fn a_roll_back_keeps_results_from_before_the_transaction_and_ends_those_of_its_own_changes() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = numbers(&folder, 50, 3);
    let mut before = open(&mut sqlite);
    some(&mut before, 1);
    sqlite.begin(TransactionOptions::default()).unwrap();
    run(&mut sqlite, "DELETE FROM n WHERE id > 10");
    let mut within = open(&mut sqlite);
    assert_eq!(ids(&some(&mut within, 5)), [1, 2, 3, 4, 5]);
    sqlite.rollback().unwrap();
    assert_eq!(read_all(&mut before.rows, 10).unwrap().len(), 49);
    let error = within.rows.next_rows(5, &Limits::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert_eq!(
        ask(&mut sqlite, "SELECT count(*) FROM n", Vec::new()),
        [[Value::Integer(50)]]
    );
}

#[test]
fn a_commit_lets_results_go_on() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = numbers(&folder, 50, 3);
    sqlite.begin(TransactionOptions::default()).unwrap();
    run(&mut sqlite, "DELETE FROM n WHERE id > 10");
    let mut within = open(&mut sqlite);
    some(&mut within, 5);
    sqlite.commit().unwrap();
    assert_eq!(
        ids(&read_all(&mut within.rows, 10).unwrap()),
        [6, 7, 8, 9, 10]
    );
}

#[test]
fn a_result_of_a_session_that_was_ended_says_so_and_does_not_keep_the_file_open() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = numbers(&folder, 50, 3);
    let mut result = open(&mut sqlite);
    some(&mut result, 5);
    sqlite.disconnect().unwrap();
    assert!(
        !folder.path().join("n.sqlite-wal").exists(),
        "the log is in the file"
    );
    let error = result.rows.next_rows(5, &Limits::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    sqlite.connect().unwrap();
    assert_eq!(read_all(&mut open(&mut sqlite).rows, 10).unwrap().len(), 50);
}

#[test]
fn a_statement_that_takes_too_long_is_stopped_and_the_session_goes_on() {
    let folder = TempDir::new().unwrap();
    let limits = Limits {
        call_timeout: Some(std::time::Duration::from_millis(300)),
        ..Limits::default()
    };
    let mut sqlite = connect_within(&folder.path().join("a.sqlite"), &limits);
    run(&mut sqlite, "CREATE TABLE n (id INTEGER PRIMARY KEY)");
    let endless = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)";
    let start = std::time::Instant::now();
    let mut result = sqlite
        .execute(&format!("{endless} SELECT max(i) FROM c"), Vec::new())
        .unwrap();
    let error = result.rows.next_rows(1, &limits).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(start.elapsed() < std::time::Duration::from_millis(300));
    let writing = format!("{endless} INSERT INTO n SELECT i FROM c");
    let error = sqlite.execute(&writing, Vec::new()).err().unwrap();
    assert_eq!(
        (error.kind, error.aftermath),
        (ErrorKind::Timeout, Aftermath::Usable)
    );
    assert_eq!(
        ask(&mut sqlite, "SELECT count(*) FROM n", Vec::new()),
        [[Value::Integer(0)]]
    );

    sqlite.begin(TransactionOptions::default()).unwrap();
    run(&mut sqlite, "INSERT INTO n VALUES (-1)");
    let error = sqlite.execute(&writing, Vec::new()).err().unwrap();
    assert_eq!(
        (error.kind, error.aftermath),
        (ErrorKind::Timeout, Aftermath::TransactionLost)
    );
    let error = sqlite.execute("SELECT 1", Vec::new()).err().unwrap();
    assert_eq!(error.aftermath, Aftermath::TransactionLost);
    sqlite.rollback().unwrap();
    assert_eq!(
        ask(&mut sqlite, "SELECT count(*) FROM n", Vec::new()),
        [[Value::Integer(0)]]
    );
}

#[test]
fn what_can_not_be_set_aside_in_time_fails_alone() {
    let folder = TempDir::new().unwrap();
    numbers(&folder, 200_000, 200).disconnect().unwrap();
    let limits = Limits {
        call_timeout: Some(std::time::Duration::from_millis(40)),
        ..Limits::default()
    };
    let mut sqlite = connect_within(&folder.path().join("n.sqlite"), &limits);
    let mut result = open(&mut sqlite);
    some(&mut result, 5);
    run(&mut sqlite, "INSERT INTO n VALUES (0, 'new')");
    let error = result.rows.next_rows(5, &limits).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
}
