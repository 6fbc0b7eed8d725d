//! Commands of a caller's own: values there and back, errors, transactions, and rows of any number.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by it"
)]

mod common;

use common::{ask, connect, error, open, open_within, run, server, try_ask, value};
use std::time::{Duration, Instant};

use tenon_sdk::{
    Aftermath, Connector, Effect, ErrorKind, GeoPoint, Isolation, Limits, Native, OtherValue,
    TransactionOptions, Transactions, Value,
};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn other(kind: &str, text: &str) -> Value {
    Value::Other(OtherValue {
        kind: kind.to_owned(),
        text: text.to_owned(),
    })
}

#[test]
fn values_go_there_and_come_back_as_they_were() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    let digits = "1234567890".repeat(4);
    let micros = |text: &str| Value::Timestamp(tenon_model::parse_timestamp(text).unwrap());
    let point = Value::Point(GeoPoint {
        latitude: -90.0,
        longitude: 180.0,
    });
    for (kind, values) in [
        ("boolean", vec![Value::Boolean(true), Value::Boolean(false)]),
        (
            "smallint",
            [i16::MIN, i16::MAX]
                .map(|n| Value::Integer(n.into()))
                .to_vec(),
        ),
        (
            "integer",
            [i32::MIN, i32::MAX]
                .map(|n| Value::Integer(n.into()))
                .to_vec(),
        ),
        (
            "bigint",
            [i64::MIN, -1, 0, i64::MAX].map(Value::Integer).to_vec(),
        ),
        (
            "real",
            vec![Value::Float(0.5), Value::Float(f64::from(-1e30_f32))],
        ),
        (
            "double precision",
            vec![
                Value::Float(f64::MAX),
                Value::Float(f64::MIN_POSITIVE),
                Value::Float(-0.0),
                Value::from(f64::NAN),
                Value::from(f64::INFINITY),
                Value::from(f64::NEG_INFINITY),
            ],
        ),
        (
            "numeric",
            vec![
                Value::Decimal(digits.clone()),
                Value::Decimal(format!("-{digits}.{digits}")),
                Value::Decimal("0.000".into()),
                other("decimal", "NaN"),
            ],
        ),
        (
            "text",
            ["", "ä\u{1f600}", "'; drop table x; --", "$1 \\ \" %"]
                .map(text)
                .to_vec(),
        ),
        ("character varying(3)", vec![text("abc")]),
        ("name", vec![text("abc")]),
        (
            "bytea",
            vec![Value::Bytes(Vec::new()), Value::Bytes((0..=255).collect())],
        ),
        (
            "timestamp with time zone",
            vec![
                micros("1970-01-01T00:00:00Z"),
                micros("1969-12-31T23:59:59.999999Z"),
                micros("2026-11-20T12:30:00.000001Z"),
                micros("-004713-12-01T00:00:00Z"),
                micros("+250000-01-01T00:00:00Z"),
                other("timestamp", "infinity"),
                other("timestamp", "-infinity"),
            ],
        ),
        (
            "timestamp",
            vec![
                micros("2026-11-20T12:30:00.5Z"),
                micros("0000-01-01T00:00:00Z"),
            ],
        ),
        (
            "date",
            vec![other("date", "2026-11-20"), other("date", "0044-03-15 BC")],
        ),
        (
            "time",
            vec![other("time", "23:59:59.999999"), other("time", "24:00:00")],
        ),
        (
            "uuid",
            vec![other("uuid", "936da01f-9abd-4d9d-80c7-02af85c822a8")],
        ),
        (
            "jsonb",
            vec![Value::Json(r#"{"a": [1, null, "x"]}"#.into())],
        ),
        ("json", vec![Value::Json(r#"[1,  2]"#.into())]),
        ("point", vec![point]),
        ("inet", vec![other("inet", "10.0.0.1/8")]),
        ("interval", vec![other("interval", "P1Y2M3DT4H5M6.7S")]),
        ("int4range", vec![other("int4range", "[1,5)")]),
        (
            "text[]",
            vec![Value::Json(r#"["a","NULL",null,"b\"c\\,{}"]"#.into())],
        ),
        (
            "integer[]",
            vec![
                Value::Json("[[1,2],[3,4]]".into()),
                Value::Json("[]".into()),
            ],
        ),
        ("jsonb[]", vec![Value::Json(r#"[{"a": 1},[2]]"#.into())]),
    ] {
        for sent in values {
            let came = value(
                &mut postgres,
                &format!("select $1::{kind}"),
                vec![sent.clone()],
            );
            assert_eq!(came, sent, "{kind}");
        }
        let null = value(
            &mut postgres,
            &format!("select $1::{kind}"),
            vec![Value::Null],
        );
        assert_eq!(null, Value::Null, "{kind}");
    }
}

#[test]
fn types_of_the_databases_own_are_read_by_what_they_are() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    run(
        &mut postgres,
        "create type mood as enum ('sad', 'it''s \"ok\"')",
    );
    run(
        &mut postgres,
        "create domain positive as integer check (value > 0)",
    );
    run(
        &mut postgres,
        "create domain small as positive check (value < 9)",
    );
    run(&mut postgres, "create type pair as (a integer, b text)");
    run(
        &mut postgres,
        "create table odd (m mood, n small, ms mood[], p pair)",
    );
    let insert = "insert into odd values ($1, $2, $3, $4)";
    let moods = Value::Json(r#"["sad","it's \"ok\""]"#.into());
    let row = vec![
        text("it's \"ok\""),
        Value::Integer(5),
        moods,
        other("pair", "(1,x)"),
    ];
    ask(&mut postgres, insert, row.clone());
    assert_eq!(ask(&mut postgres, "select * from odd", vec![]), [row]);
    let too_great = vec![Value::Null, Value::Integer(10), Value::Null, Value::Null];
    let refused = error(&mut postgres, insert, too_great);
    assert_eq!(refused.kind, ErrorKind::Constraint);
    assert_eq!(refused.code.as_deref(), Some("23514"));
}

#[test]
fn a_commands_columns_keep_their_names_places_and_types() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    let mut result = postgres
        .execute(
            "select 1 as a, 'x'::text as a, 2::int8 as \"B b\"",
            Vec::new(),
        )
        .unwrap();
    let Some(tenon_model::contract::Page::Columns(page)) =
        result.next(10, &Limits::default()).unwrap()
    else {
        panic!("no page in columns");
    };
    let columns = page.columns.iter();
    let columns: Vec<_> = columns
        .map(|column| (column.name.as_str(), column.native_type.as_deref().unwrap()))
        .collect();
    assert_eq!(
        columns,
        [("a", "integer"), ("a", "text"), ("B b", "bigint")]
    );
    assert_eq!(result.next(10, &Limits::default()).unwrap(), None);
    assert_eq!(result.affected.get(), None);
}

#[test]
fn changes_are_counted_and_returned() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    run(
        &mut postgres,
        "create table t (id integer primary key, x integer)",
    );
    let affected = |postgres: &mut tenon_postgres::Postgres, command: &str| {
        let mut result = postgres.execute(command, Vec::new()).unwrap();
        let mut rows = 0;
        while let Some(page) = result.rows.next_rows(10, &Limits::default()).unwrap() {
            rows += page.len();
        }
        (rows, result.affected.get())
    };
    let insert = "insert into t select g, g from generate_series(1, 1000) g returning id";
    assert_eq!(affected(&mut postgres, insert), (1000, Some(1000)));
    assert_eq!(
        affected(&mut postgres, "update t set x = 0 where id <= 7"),
        (0, Some(7))
    );
    assert_eq!(affected(&mut postgres, "create table u ()"), (0, None));
    let cte = "with gone as (delete from t where id <= 3 returning id) select id from gone";
    assert_eq!(affected(&mut postgres, cte), (3, None));
    assert_eq!(
        value(&mut postgres, "select count(*) from t", vec![]),
        Value::Integer(997)
    );
}

#[test]
fn errors_say_what_they_are_and_leave_the_session_usable() {
    let Some(server) = server() else { return };
    let (mut postgres, settings) = connect(server);
    run(
        &mut postgres,
        "create table people (id integer primary key, email text constraint one_each unique, boss integer references people)",
    );
    run(&mut postgres, "insert into people values (1, 'a', null)");
    for (command, kind, code) in [
        (
            "insert into people values (2, 'a')",
            ErrorKind::Duplicate,
            "23505",
        ),
        (
            "insert into people values (2, 'b', 9)",
            ErrorKind::Constraint,
            "23503",
        ),
        (
            "insert into people values (null)",
            ErrorKind::Constraint,
            "23502",
        ),
        ("select * from nobody", ErrorKind::NotFound, "42P01"),
        ("select nothing from people", ErrorKind::Invalid, "42703"),
        ("selec", ErrorKind::Invalid, "42601"),
        ("select 1; select 2", ErrorKind::Invalid, "42601"),
        ("select 1 / 0", ErrorKind::Invalid, "22012"),
        (
            "select 1 / (3 - g) from generate_series(1, 5) g",
            ErrorKind::Invalid,
            "22012",
        ),
        ("select * from pg_authid", ErrorKind::Denied, "42501"),
        (
            "set session authorization postgres",
            ErrorKind::Denied,
            "42501",
        ),
    ] {
        let error = error(&mut postgres, command, vec![]);
        assert_eq!(
            (error.kind, error.code.as_deref()),
            (kind, Some(code)),
            "{command}"
        );
        assert_eq!(error.effect, Effect::Nothing, "{command}");
        assert_eq!(error.aftermath, Aftermath::Usable, "{command}");
    }
    let taken = error(&mut postgres, "insert into people values (2, 'a')", vec![]).into_contract();
    assert_eq!(taken.detail("constraint"), Some("one_each"));
    assert_eq!(taken.detail("property"), Some("email"));
    let wrong = error(&mut postgres, "select $1::int", vec![text("x")]);
    assert_eq!(wrong.kind, ErrorKind::Invalid);
    for parameters in [vec![], vec![Value::Null, Value::Null]] {
        let error = error(&mut postgres, "select $1::int", parameters);
        assert!(error.message.contains("1 parameters"), "{error}");
    }
    let copy = error(&mut postgres, "copy people to stdout", vec![]);
    assert_eq!(copy.kind, ErrorKind::Unsupported);
    assert_eq!(value(&mut postgres, "select 1", vec![]), Value::Integer(1));
    // COPY that is hidden costs the session.
    let copy = error(&mut postgres, "/* select */ copy people to stdout", vec![]);
    assert_eq!(copy.kind, ErrorKind::Unsupported);
    drop(postgres);
    let mut postgres = open(&settings).unwrap();
    run(&mut postgres, "prepare mine as select 1");
    assert_eq!(
        value(&mut postgres, "execute mine", vec![]),
        Value::Integer(1)
    );
}

#[test]
fn a_transaction_is_undone_committed_or_lost() {
    let Some(server) = server() else { return };
    let (mut postgres, settings) = connect(server);
    let mut other = open(&settings).unwrap();
    run(&mut postgres, "create table t (id integer primary key)");
    let count = |postgres: &mut tenon_postgres::Postgres| {
        value(postgres, "select count(*) from t", vec![])
            .as_integer()
            .unwrap()
    };
    postgres.begin(TransactionOptions::default()).unwrap();
    assert!(postgres.begin(TransactionOptions::default()).is_err());
    run(&mut postgres, "insert into t values (1)");
    assert_eq!((count(&mut postgres), count(&mut other)), (1, 0));
    postgres.rollback().unwrap();
    assert_eq!(count(&mut postgres), 0);
    postgres.begin(TransactionOptions::default()).unwrap();
    run(&mut postgres, "insert into t values (1)");
    postgres.commit().unwrap();
    assert_eq!(count(&mut other), 1);
    assert!(postgres.commit().is_err() && postgres.rollback().is_err());
    // An error loses it.
    postgres.begin(TransactionOptions::default()).unwrap();
    run(&mut postgres, "insert into t values (2)");
    let lost = error(&mut postgres, "insert into t values (2)", vec![]);
    assert_eq!(lost.aftermath, Aftermath::TransactionLost);
    let lost = postgres.commit().unwrap_err();
    assert_eq!(lost.aftermath, Aftermath::TransactionLost);
    assert_eq!(lost.effect, Effect::Nothing);
    postgres.rollback().unwrap();
    assert_eq!(count(&mut postgres), 1);
    // One that only reads refuses to write.
    let read_only = TransactionOptions {
        read_only: true,
        ..TransactionOptions::default()
    };
    postgres.begin(read_only).unwrap();
    let refused = error(&mut postgres, "insert into t values (3)", vec![]);
    assert_eq!(refused.code.as_deref(), Some("25006"));
    postgres.rollback().unwrap();
    // A rule that is checked late.
    run(
        &mut postgres,
        "create table late (t integer references t deferrable initially deferred)",
    );
    postgres.begin(TransactionOptions::default()).unwrap();
    run(&mut postgres, "insert into late values (9)");
    let late = postgres.commit().unwrap_err();
    assert_eq!(
        (late.kind, late.effect),
        (ErrorKind::Constraint, Effect::Nothing)
    );
    postgres.rollback().unwrap();
    assert_eq!(
        value(&mut postgres, "select count(*) from late", vec![]),
        Value::Integer(0)
    );
}

#[test]
fn a_command_begins_and_ends_no_transaction() {
    let Some(server) = server() else { return };
    let (mut postgres, settings) = connect(server);
    let mut other = open(&settings).unwrap();
    run(&mut postgres, "create table t (id integer primary key)");
    let commands = [
        "BEGIN",
        "start transaction",
        "Commit",
        "/* a /* b */ */ ; -- c\r END",
        "rollback",
        "ROLLBACK WORK AND CHAIN",
        "abort",
        "prepare transaction 'a'",
    ];
    for command in commands {
        let refused = error(&mut postgres, command, vec![]);
        assert_eq!(refused.kind, ErrorKind::Invalid, "{command}");
        assert_eq!(refused.aftermath, Aftermath::Usable, "{command}");
    }
    postgres.begin(TransactionOptions::default()).unwrap();
    run(&mut postgres, "insert into t values (1)");
    for command in commands {
        let refused = error(&mut postgres, command, vec![]);
        assert_eq!(refused.kind, ErrorKind::Invalid, "{command}");
        assert_eq!(refused.aftermath, Aftermath::Usable, "{command}");
    }
    // Neither a procedure nor a prepared statement gets around it.
    run(&mut postgres, "savepoint a");
    assert!(try_ask(&mut postgres, "do $$ begin commit; end $$", vec![]).is_err());
    run(
        &mut postgres,
        "/* undo */ rollback transaction to savepoint a",
    );
    run(&mut postgres, "insert into t values (2)");
    run(&mut postgres, "rollback to a");
    run(&mut postgres, "release savepoint a");
    let seen = "select count(*) from t";
    assert_eq!(value(&mut postgres, seen, vec![]), Value::Integer(1));
    assert_eq!(value(&mut other, seen, vec![]), Value::Integer(0));
    postgres.rollback().unwrap();
    assert_eq!(value(&mut other, seen, vec![]), Value::Integer(0));
}

#[test]
fn each_level_of_isolation_is_had_and_a_conflict_is_told() {
    let Some(server) = server() else { return };
    let (mut postgres, settings) = connect(server);
    let mut other = open(&settings).unwrap();
    for (isolation, name) in [
        (Isolation::ReadUncommitted, "read uncommitted"),
        (Isolation::ReadCommitted, "read committed"),
        (Isolation::RepeatableRead, "repeatable read"),
        (Isolation::Serializable, "serializable"),
    ] {
        let options = TransactionOptions {
            isolation: Some(isolation),
            read_only: false,
        };
        postgres.begin(options).unwrap();
        let is = value(&mut postgres, "show transaction_isolation", vec![]);
        assert_eq!(is, text(name));
        postgres.rollback().unwrap();
    }
    run(
        &mut postgres,
        "create table t (id integer primary key, n integer)",
    );
    run(&mut postgres, "insert into t values (1, 0)");
    let serializable = TransactionOptions {
        isolation: Some(Isolation::Serializable),
        read_only: false,
    };
    postgres.begin(serializable).unwrap();
    other.begin(serializable).unwrap();
    run(&mut postgres, "select * from t");
    run(&mut other, "select * from t");
    run(&mut postgres, "update t set n = n + 1");
    postgres.commit().unwrap();
    let conflict = error(&mut other, "update t set n = n + 1", vec![]);
    assert_eq!(conflict.kind, ErrorKind::Conflict);
    assert_eq!(conflict.code.as_deref(), Some("40001"));
    other.rollback().unwrap();
}

#[test]
fn a_hundred_thousand_rows_come_and_a_cursor_may_be_closed_early() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    let many = "select g, 'row ' || g from generate_series(1, 100000) g";
    let mut result = postgres.execute(many, Vec::new()).unwrap();
    let mut next = 1;
    while let Some(page) = result.rows.next_rows(1000, &Limits::default()).unwrap() {
        for row in page {
            assert_eq!(row.get("g"), Some(&Value::Integer(next)));
            next += 1;
        }
    }
    assert_eq!(next, 100_001);
    for end in [0, 1, 3] {
        let mut result = postgres.execute(many, Vec::new()).unwrap();
        for _ in 0..end {
            assert!(result.next(700, &Limits::default()).unwrap().is_some());
        }
        result.rows.close().unwrap();
        assert_eq!(result.rows.next_rows(1, &Limits::default()).unwrap(), None);
    }
    // One that is dropped lets the session go on too.
    let mut result = postgres.execute(many, Vec::new()).unwrap();
    result.next(10, &Limits::default()).unwrap();
    drop(result);
    assert_eq!(value(&mut postgres, "select 1", vec![]), Value::Integer(1));
    let open = "select count(*) from pg_stat_activity where state like '%transaction%' and query like 'select g, ''row%'";
    assert_eq!(value(&mut postgres, open, vec![]), Value::Integer(0));
}

#[test]
fn cursors_take_turns_in_a_transaction_and_outside() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    run(&mut postgres, "create table t (id integer)");
    for inside in [true, false] {
        if inside {
            postgres.begin(TransactionOptions::default()).unwrap();
        }
        let command = "select g from generate_series(1, 2000) g";
        let mut first = postgres.execute(command, Vec::new()).unwrap();
        let mut second = postgres.execute(command, Vec::new()).unwrap();
        let mut sums = [0, 0];
        loop {
            let mut rows = 0;
            for (result, sum) in [&mut first, &mut second].into_iter().zip(&mut sums) {
                if let Some(page) = result.rows.next_rows(150, &Limits::default()).unwrap() {
                    rows += page.len();
                    let numbers = page
                        .iter()
                        .map(|row| row.get("g").unwrap().as_integer().unwrap());
                    *sum += numbers.sum::<i64>();
                }
            }
            // What else is done meanwhile is kept.
            run(&mut postgres, "insert into t values (1)");
            if rows == 0 {
                break;
            }
        }
        assert_eq!(sums, [2_001_000; 2], "{inside}");
        if inside {
            postgres.commit().unwrap();
        }
    }
    let count = value(&mut postgres, "select count(*) from t", vec![]);
    assert!(count.as_integer().unwrap() > 20, "{count:?}");
}

#[test]
fn the_server_stops_a_statement_before_the_call_is_over() {
    let Some(server) = server() else { return };
    let (_, settings) = connect(server);
    let limits = Limits {
        call_timeout: Some(Duration::from_millis(400)),
        ..Limits::default()
    };
    let mut postgres = open_within(&settings, &limits).unwrap();
    let started = Instant::now();
    let stopped = error(&mut postgres, "select pg_sleep(20)", vec![]);
    assert!(started.elapsed() < Duration::from_millis(400));
    assert_eq!(stopped.kind, ErrorKind::Timeout);
    assert_eq!(stopped.aftermath, Aftermath::Usable);
    run(&mut postgres, "set statement_timeout = 0");
    postgres.reset().unwrap();
    assert_eq!(
        value(&mut postgres, "show statement_timeout", vec![]),
        text("360ms")
    );
}

#[test]
fn reset_leaves_nothing_behind() {
    let Some(server) = server() else { return };
    let (mut postgres, settings) = connect(server);
    run(&mut postgres, "create temporary table mine (id integer)");
    run(&mut postgres, "set search_path = pg_catalog");
    run(&mut postgres, "select pg_advisory_lock(7)");
    postgres.begin(TransactionOptions::default()).unwrap();
    let mut open_rows = postgres
        .execute("select g from generate_series(1, 2000) g", Vec::new())
        .unwrap();
    open_rows.next(10, &Limits::default()).unwrap();
    postgres.reset().unwrap();
    assert!(open_rows.rows.next_rows(2000, &Limits::default()).is_err());
    drop(open_rows);
    let path = format!("\"{}\"", settings.search_path[0]);
    assert_eq!(
        value(&mut postgres, "show search_path", vec![]),
        text(&path)
    );
    assert_eq!(
        error(&mut postgres, "select * from mine", vec![]).kind,
        ErrorKind::NotFound
    );
    let mut other = open(&settings).unwrap();
    let free = value(&mut other, "select pg_try_advisory_lock(7)", vec![]);
    assert_eq!(free, Value::Boolean(true));
    postgres.ping().unwrap();
}

#[test]
fn statements_follow_a_table_that_changes() {
    let Some(server) = server() else { return };
    let (mut postgres, settings) = connect(server);
    let mut other = open(&settings).unwrap();
    run(&mut postgres, "create table t (id integer)");
    run(&mut postgres, "insert into t values (1)");
    assert_eq!(
        ask(&mut postgres, "select * from t", vec![]),
        [[Value::Integer(1)]]
    );
    run(&mut other, "alter table t add column x text default 'new'");
    let row = [Value::Integer(1), text("new")];
    let rows = ask(&mut postgres, "select * from t", vec![]);
    assert_eq!(rows, std::slice::from_ref(&row));
    run(&mut postgres, "deallocate all");
    assert_eq!(ask(&mut postgres, "select * from t", vec![]), [row]);
    // More statements than are kept.
    for n in 0..300 {
        let one = value(
            &mut postgres,
            &format!("select {n} + $1::int"),
            vec![Value::Integer(1)],
        );
        assert_eq!(one, Value::Integer(n + 1));
    }
    let kept = value(
        &mut postgres,
        "select count(*) from pg_prepared_statements",
        vec![],
    );
    assert!(kept.as_integer().unwrap() <= 256, "{kept:?}");
}

#[test]
fn a_connection_that_is_killed_is_lost_and_says_what_is_known() {
    let Some(server) = server() else { return };
    let (mut postgres, settings) = connect(server);
    let mut other = open(&settings).unwrap();
    run(&mut postgres, "create table t (id integer)");
    let kill = |postgres: &mut tenon_postgres::Postgres, other: &mut tenon_postgres::Postgres| {
        let pid = value(postgres, "select pg_backend_pid()", vec![]);
        value(other, "select pg_terminate_backend($1::int)", vec![pid]);
        std::thread::sleep(Duration::from_millis(200));
    };
    kill(&mut postgres, &mut other);
    let lost = try_ask(&mut postgres, "select 1", vec![]).unwrap_err();
    assert_eq!(lost.kind, ErrorKind::Unavailable);
    assert_eq!(lost.aftermath, Aftermath::SessionLost);
    let again = postgres.ping().unwrap_err();
    assert_eq!(again.aftermath, Aftermath::SessionLost);
    postgres.connect().unwrap();
    // What was never begun has changed nothing, for certain.
    run(&mut postgres, "insert into t values (1)");
    kill(&mut postgres, &mut other);
    let lost = error(&mut postgres, "insert into t values (1)", vec![]);
    assert_eq!(
        (lost.kind, lost.effect),
        (ErrorKind::Unavailable, Effect::Nothing)
    );
    assert_eq!(
        value(&mut other, "select count(*) from t", vec![]),
        Value::Integer(1)
    );
    postgres.connect().unwrap();
    postgres.ping().unwrap();
    // In the middle of a result.
    let many = "select g, repeat('x', 1000) from generate_series(1, 100000) g";
    let mut result = postgres.execute(many, Vec::new()).unwrap();
    result.next(10, &Limits::default()).unwrap();
    let pids = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'select g, repeat%'";
    run(&mut other, pids);
    let lost = loop {
        match result.next(1000, &Limits::default()) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the result came to its end"),
            Err(error) => break error,
        }
    };
    assert_eq!(lost.aftermath, Aftermath::SessionLost);
    result.rows.close().unwrap();
}
