//! Commands of the caller's own, and what they come to.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::time::{Duration, Instant};

use common::{connect, connect_for, database, detail, run, server, value};
use tenon_sdk::{
    Aftermath, Connector, ErrorKind, Limits, Native, TransactionOptions, Transactions, Value,
};

#[test]
fn values_go_in_and_come_out_as_they_are() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    for wanted in [
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Float(-1.5e-300),
        Value::Decimal("-12345678901234567890.000000000012345".into()),
        Value::Text("it's \\ \"so\" \u{10FFFF}\0;".into()),
        Value::Bytes(vec![0, 255, 39, 92]),
        Value::Timestamp(1_700_000_000_123_456),
        Value::Timestamp(-62_135_596_800_000_000),
        Value::Timestamp(253_402_300_799_999_999),
    ] {
        assert_eq!(
            value(&mut mysql, "SELECT ?", vec![wanted.clone()]).unwrap(),
            wanted
        );
    }
    let unsigned = "SELECT CAST(18446744073709551615 AS UNSIGNED)";
    assert_eq!(
        value(&mut mysql, unsigned, vec![]).unwrap(),
        Value::Decimal("18446744073709551615".into())
    );
}

#[test]
fn what_the_server_has_no_value_for_is_refused() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    for (unfit, message) in [
        (Value::Timestamp(i64::MAX), "years are 1 to 9999"),
        (Value::Decimal("9".repeat(66)), "up to 65 digits"),
        (
            Value::Decimal(format!("0.{}", "1".repeat(39))),
            "up to 65 digits",
        ),
    ] {
        let error = value(&mut mysql, "SELECT ?", vec![unfit]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert!(error.message.contains(message), "{error}");
    }
    let error = value(&mut mysql, "SELECT ?", vec![]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("1 placeholders"), "{error}");
}

#[test]
fn errors_tell_what_they_are_about() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    let setup = [
        "CREATE TABLE parents (id int PRIMARY KEY, code varchar(5) NOT NULL, UNIQUE by_code (code), CONSTRAINT positive CHECK (id > 0))",
        "CREATE TABLE children (id int PRIMARY KEY, parent int, CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id))",
        "INSERT INTO parents VALUES (1, 'a')",
    ];
    for command in setup {
        mysql.execute(command, vec![]).unwrap();
    }
    for (command, kind, name, told) in [
        (
            "INSERT INTO parents VALUES (1, 'b')",
            ErrorKind::Duplicate,
            "constraint",
            Some("PRIMARY"),
        ),
        (
            "INSERT INTO parents VALUES (2, 'a')",
            ErrorKind::Duplicate,
            "constraint",
            Some("by_code"),
        ),
        (
            "INSERT INTO parents VALUES (0, 'z')",
            ErrorKind::Constraint,
            "constraint",
            Some("positive"),
        ),
        (
            "INSERT INTO parents VALUES (3, NULL)",
            ErrorKind::Constraint,
            "property",
            Some("code"),
        ),
        (
            "INSERT INTO parents (id) VALUES (3)",
            ErrorKind::Constraint,
            "property",
            Some("code"),
        ),
        (
            "INSERT INTO parents VALUES (3, 'longer')",
            ErrorKind::Invalid,
            "property",
            Some("code"),
        ),
        (
            "INSERT INTO parents VALUES ('x', 'y')",
            ErrorKind::Invalid,
            "property",
            Some("id"),
        ),
        (
            "INSERT INTO children VALUES (1, 7)",
            ErrorKind::Constraint,
            "constraint",
            Some("of_parent"),
        ),
        (
            "SELECT * FROM nowhere",
            ErrorKind::NotFound,
            "sqlstate",
            Some("42S02"),
        ),
        (
            "SELECT nothing FROM parents",
            ErrorKind::Invalid,
            "property",
            Some("nothing"),
        ),
        ("SELEC 1", ErrorKind::Invalid, "sqlstate", Some("42000")),
        (
            "SELECT * FROM mysql.user",
            ErrorKind::Denied,
            "sqlstate",
            Some("42000"),
        ),
    ] {
        let error = run(&mut mysql, command, vec![]).unwrap_err();
        assert_eq!(error.kind, kind, "{command}: {error}");
        assert_eq!(detail(&error, name), told, "{command}: {error}");
        assert_eq!(error.aftermath, Aftermath::Usable, "{command}: {error}");
        assert!(error.code.is_some());
    }
    assert_eq!(
        value(&mut mysql, "SELECT 1", vec![]).unwrap(),
        Value::Integer(1)
    );
}

#[test]
fn commands_that_cannot_be_prepared_run_too() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    run(
        &mut mysql,
        "LOCK TABLES information_schema.tables READ",
        vec![],
    )
    .unwrap_err();
    run(&mut mysql, "UNLOCK TABLES", vec![]).unwrap();
    run(
        &mut mysql,
        "PREPARE s FROM 'SELECT 1.50 AS n, DATE ''2024-02-29'' AS d, NULL AS x'",
        vec![],
    )
    .unwrap();
    let rows = run(&mut mysql, "EXECUTE s", vec![]).unwrap();
    assert_eq!(rows[0].get("n"), Some(&Value::Decimal("1.50".into())));
}

#[test]
fn a_procedure_hands_out_its_first_rows() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    run(
        &mut mysql,
        "CREATE PROCEDURE two() BEGIN SELECT 1 AS a UNION SELECT 2; SELECT 3 AS b; END",
        vec![],
    )
    .unwrap();
    let rows = run(&mut mysql, "CALL two()", vec![]).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        value(&mut mysql, "SELECT 4", vec![]).unwrap(),
        Value::Integer(4)
    );
}

#[test]
fn a_hundred_thousand_rows_come_page_by_page() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    let mut result = mysql
        .execute(
            "SELECT seq AS n, repeat('x', 100) AS t FROM seq_1_to_100000",
            vec![],
        )
        .unwrap();
    let mut count = 0;
    while let Some(rows) = result.rows.next_rows(500, &Limits::default()).unwrap() {
        assert!(rows.len() <= 500);
        count += rows.len();
    }
    assert_eq!(count, 100_000);
    result.rows.close().unwrap();
}

#[test]
fn a_result_that_is_closed_early_leaves_the_session_usable() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    for query in [
        "SELECT seq FROM seq_1_to_100",
        "SELECT repeat('x', 1000), seq FROM seq_1_to_10000000",
    ] {
        let before = Instant::now();
        let mut result = mysql.execute(query, vec![]).unwrap();
        assert!(
            result
                .rows
                .next_rows(3, &Limits::default())
                .unwrap()
                .is_some()
        );
        result.rows.close().unwrap();
        assert_eq!(
            value(&mut mysql, "SELECT 5", vec![]).unwrap(),
            Value::Integer(5)
        );
        assert!(
            before.elapsed() < Duration::from_secs(5),
            "{query} took {:?}",
            before.elapsed()
        );
        drop(mysql.execute(query, vec![]).unwrap());
        assert_eq!(
            value(&mut mysql, "SELECT 6", vec![]).unwrap(),
            Value::Integer(6)
        );
    }
}

#[test]
fn a_slow_statement_is_stopped_at_the_server_too() {
    let Some(server) = server() else { return };
    let mut mysql = connect_for(server, &database(server), 1_000);
    for command in [
        "SELECT sleep(30)",
        "CREATE TABLE slow AS SELECT sleep(30) AS s",
        "SELECT count(*) FROM seq_1_to_100000000 a, seq_1_to_1000 b",
    ] {
        let before = Instant::now();
        let error = run(&mut mysql, command, vec![]).unwrap_err();
        assert!(
            before.elapsed() < Duration::from_millis(1_000),
            "{command}: {:?}",
            before.elapsed()
        );
        assert_eq!(error.kind, ErrorKind::Timeout, "{command}: {error}");
        assert_eq!(error.aftermath, Aftermath::Usable, "{command}: {error}");
    }
    let running = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%sleep(30)%' OR info LIKE '%seq_1_to_100000000%'";
    let left = server.sql(running).unwrap();
    assert_eq!(left.trim(), "1", "only this question itself");
    assert_eq!(
        value(&mut mysql, "SELECT 7", vec![]).unwrap(),
        Value::Integer(7)
    );
}

#[test]
fn a_command_that_ends_the_transaction_is_noticed() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    run(&mut mysql, "CREATE TABLE t (id int PRIMARY KEY)", vec![]).unwrap();
    mysql.begin(TransactionOptions::default()).unwrap();
    run(&mut mysql, "INSERT INTO t VALUES (1)", vec![]).unwrap();
    run(&mut mysql, "CREATE TABLE u (id int)", vec![]).unwrap();
    let error = run(&mut mysql, "INSERT INTO t VALUES (2)", vec![]).unwrap_err();
    assert_eq!(error.aftermath, Aftermath::TransactionLost);
    mysql.rollback().unwrap();
    assert_eq!(
        value(&mut mysql, "SELECT count(*) FROM t", vec![]).unwrap(),
        Value::Integer(1)
    );
}

#[test]
fn a_reset_forgets_everything_of_the_session() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    run(&mut mysql, "CREATE TABLE t (id int PRIMARY KEY)", vec![]).unwrap();
    run(
        &mut mysql,
        "SET @x = 5, sql_mode = '', time_zone = '+05:00'",
        vec![],
    )
    .unwrap();
    mysql.begin(TransactionOptions::default()).unwrap();
    run(&mut mysql, "INSERT INTO t VALUES (1)", vec![]).unwrap();
    mysql.reset().unwrap();
    assert_eq!(value(&mut mysql, "SELECT @x", vec![]).unwrap(), Value::Null);
    assert_eq!(
        value(&mut mysql, "SELECT @@time_zone", vec![]).unwrap(),
        "+00:00".into()
    );
    assert_eq!(
        value(&mut mysql, "SELECT count(*) FROM t", vec![]).unwrap(),
        Value::Integer(0)
    );
    let mode = value(&mut mysql, "SELECT @@sql_mode", vec![]).unwrap();
    assert!(mode.as_text().unwrap().contains("NO_BACKSLASH_ESCAPES"));
    mysql.ping().unwrap();
}

#[test]
fn a_message_may_be_longer_than_a_packet() {
    let Some(server) = server() else { return };
    server
        .sql("SET GLOBAL max_allowed_packet = 67108864")
        .unwrap();
    let mut mysql = connect(server, &database(server));
    for length in [
        (1 << 24) - 100,
        (1 << 24) - 2,
        (1 << 24) - 1,
        1 << 24,
        20 << 20,
    ] {
        let bytes = vec![b'x'; length];
        let back = value(&mut mysql, "SELECT ?", vec![Value::Bytes(bytes.clone())]).unwrap();
        assert!(back == Value::Bytes(bytes), "{length}");
    }
}

#[test]
fn a_server_that_goes_is_unavailable() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    let id = value(&mut mysql, "SELECT connection_id()", vec![]).unwrap();
    server
        .sql(&format!("KILL {}", id.as_integer().unwrap()))
        .unwrap();
    let error = run(&mut mysql, "SELECT 1", vec![]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    assert_eq!(error.aftermath, Aftermath::SessionLost);
    let error = mysql.ping().unwrap_err();
    assert_eq!(error.aftermath, Aftermath::SessionLost);
    mysql.connect().unwrap();
    mysql.ping().unwrap();
}
