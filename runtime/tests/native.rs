//! Native commands: allowed or not, their rows page by page, and what becomes of the sessions that ran them.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::Bench;
use tenon_model::contract::Effect;
use tenon_model::{Model, Property, PropertyType, Value};
use tenon_runtime::{DataSource, ErrorKind, Limits, TransactionOptions};

fn thing() -> Vec<Model> {
    let thing = Model::new("Thing")
        .key("id", PropertyType::Text)
        .property(Property::new("calls", PropertyType::Integer));
    vec![thing]
}

/// A data source of one session that allows commands.
async fn evil(limits: Limits) -> (Bench, Arc<DataSource>) {
    let limits = Limits {
        sessions: 1,
        wait_timeout: Duration::from_secs(2),
        ..limits
    };
    let bench = Bench::new("evil", thing(), |source, _| {
        source.limits(limits).allow_native()
    })
    .await;
    let source = bench.runtime.data_source("test").await.unwrap();
    (bench, source)
}

/// A command's rows, all of them.
async fn rows(source: &DataSource, command: &str) -> Vec<Vec<Value>> {
    let mut rows = source.execute(command, Vec::new()).await.unwrap();
    rows.read_all().await.unwrap()
}

/// What is left in the session: its variable, and how often it was reset.
async fn state(source: &DataSource) -> (Value, i64) {
    let row = rows(source, "state").await.remove(0);
    (row[0].clone(), row[1].as_integer().unwrap())
}

#[tokio::test]
async fn a_command_is_denied_unless_the_data_source_allows_it() {
    let bench = Bench::new("evil", thing(), |source, _| source).await;
    let source = bench.runtime.data_source("test").await.unwrap();
    let error = source.execute("state", Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.to_string().contains("native = true"), "{error}");
    assert!(error.to_string().contains("[sources.test]"), "{error}");
    assert_eq!(source.pool_state(), None, "nothing was started for it");
    let transaction = bench
        .runtime
        .transaction("test", TransactionOptions::new())
        .await
        .unwrap();
    let error = transaction.execute("state", Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
}

#[tokio::test]
async fn a_connector_without_a_command_language_says_so() {
    let bench = Bench::new("memory", thing(), |source, _| source.allow_native()).await;
    let source = bench.runtime.data_source("test").await.unwrap();
    let error = source.execute("state", Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("`native`"), "{error}");
}

#[tokio::test]
async fn a_session_is_reset_before_it_serves_another() {
    let (bench, source) = evil(Limits::default()).await;
    rows(&source, "set secret").await;
    assert_eq!(state(&source).await, (Value::Null, 1));
    // Also before a call of another kind, and not again after it.
    rows(&source, "set secret").await;
    bench.model("Thing").await.find_by_id("well").await.unwrap();
    bench.model("Thing").await.find_by_id("well").await.unwrap();
    assert_eq!(state(&source).await, (Value::Null, 3));
}

#[tokio::test]
async fn a_session_that_cant_be_reset_is_replaced() {
    let (_bench, source) = evil(Limits::default()).await;
    for deed in ["trap", "fail"] {
        rows(&source, &format!("on reset: {deed}")).await;
        assert_eq!(state(&source).await, (Value::Null, 0), "{deed}");
    }
}

#[tokio::test]
async fn columns_may_share_a_name_and_rows_may_differ() {
    let (_bench, source) = evil(Limits::default()).await;
    let mut joined = source.execute("join", Vec::new()).await.unwrap();
    let names = |rows: &tenon_runtime::CommandRows| -> Vec<String> {
        let columns = rows.columns().iter();
        columns.map(|column| column.name.clone()).collect()
    };
    assert_eq!(names(&joined), ["id", "name", "id"]);
    let row = |id: i64| vec![Value::from(id), Value::from("x"), Value::from(id + 10)];
    assert_eq!(joined.read_all().await.unwrap(), [row(0), row(1)]);
    drop(joined);

    let mut ragged = source.execute("ragged", Vec::new()).await.unwrap();
    assert_eq!(names(&ragged), ["a", "b"]);
    assert_eq!(
        ragged.read_all().await.unwrap(),
        [
            vec![Value::from(1), Value::Null],
            vec![Value::from(3), Value::from(2)]
        ]
    );
}

#[tokio::test]
async fn parameters_arrive_as_they_are() {
    let (_bench, source) = evil(Limits::default()).await;
    let parameters = vec![
        Value::from("'; DROP TABLE students; --"),
        Value::from(7),
        Value::Null,
        Value::Bytes(vec![0, 255]),
    ];
    let mut echoed = source.execute("echo", parameters.clone()).await.unwrap();
    assert_eq!(echoed.next().await.unwrap().unwrap(), parameters);
}

#[tokio::test]
async fn rows_come_page_by_page_and_then_how_many_were_changed() {
    let (_bench, source) = evil(Limits {
        page_rows: 10,
        ..Limits::default()
    })
    .await;
    let mut rows = source.execute("rows 95", Vec::new()).await.unwrap();
    assert_eq!(source.pool_state().unwrap().busy, 1, "the session is kept");
    let mut seen = 0;
    while let Some(row) = rows.next().await {
        assert_eq!(row.unwrap(), [Value::from(seen)]);
        assert_eq!(rows.affected(), None);
        seen += 1;
    }
    assert_eq!((seen, rows.affected()), (95, Some(95)));
    drop(rows);
    assert_eq!(state(&source).await.1, 1);

    let none = source.execute("set x", Vec::new()).await.unwrap();
    assert_eq!((none.columns().len(), none.affected()), (0, Some(1)));
}

#[tokio::test]
async fn a_result_that_is_left_behind_gives_its_session_back() {
    let (_bench, source) = evil(Limits {
        page_rows: 10,
        ..Limits::default()
    })
    .await;
    let mut rows = source.execute("rows 1000000", Vec::new()).await.unwrap();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    assert_eq!(state(&source).await, (Value::Null, 1));

    // One that nobody waits for any more goes on to its first rows, and is closed there.
    let rows = source.execute("wait 1000000", Vec::new());
    let given_up = tokio::time::timeout(Duration::from_millis(10), rows).await;
    assert!(given_up.is_err());
    assert_eq!(state(&source).await, (Value::Null, 3));
}

#[tokio::test]
async fn a_result_that_nobody_reads_is_closed_in_time() {
    let (_bench, source) = evil(Limits {
        page_rows: 10,
        idle_timeout: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    let mut unread = source.execute("rows 1000", Vec::new()).await.unwrap();
    // It waits for the one session, and gets it.
    state(&source).await;
    let error = unread.read_all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(unread.next().await.is_none());
}

#[tokio::test]
async fn what_goes_wrong_is_told_and_nothing_is_made_up() {
    let (_bench, source) = evil(Limits {
        page_rows: 4,
        ..Limits::default()
    })
    .await;
    let mut broken = source.execute("break", Vec::new()).await.unwrap();
    let error = broken.read_all().await.unwrap_err();
    assert!(error.to_string().contains("no more"), "{error}");
    assert!(broken.next().await.is_none());
    drop(broken);

    let error = source.execute("wide", Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backend, "{error}");
    assert!(error.to_string().contains("columns"), "{error}");

    let error = source.execute("trap", Vec::new()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Crashed, Effect::Unknown)
    );
    assert_eq!(state(&source).await, (Value::Null, 0));
}

#[tokio::test]
async fn a_command_within_a_transaction_is_read_whole_and_its_session_reset() {
    let (bench, source) = evil(Limits {
        page_rows: 4,
        transaction_rows: 20,
        ..Limits::default()
    })
    .await;
    let transaction = bench
        .runtime
        .transaction("test", TransactionOptions::new())
        .await
        .unwrap();
    let mut ten = transaction.execute("rows 10", Vec::new()).await.unwrap();
    transaction.execute("set x", Vec::new()).await.unwrap();
    let things = transaction.model("Thing").await.unwrap();
    things.find_by_id("well").await.unwrap();
    assert_eq!(ten.read_all().await.unwrap().len(), 10);
    assert_eq!(ten.affected(), Some(10));

    let error = transaction
        .execute("rows 21", Vec::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted);
    assert!(error.to_string().contains("transaction-rows"), "{error}");

    let mut state_within = transaction.execute("state", Vec::new()).await.unwrap();
    let row = state_within.next().await.unwrap().unwrap();
    assert_eq!(row[0], Value::from("x"), "it is the transaction's session");
    assert_eq!(row[3], Value::from(true));
    transaction.commit().await.unwrap();
    assert_eq!(state(&source).await, (Value::Null, 1));
}

#[tokio::test]
async fn a_transaction_that_goes_wrong_costs_nobody_else() {
    let (bench, source) = evil(Limits::default()).await;
    let things = bench.model("Thing").await;
    let begin = || bench.runtime.transaction("test", TransactionOptions::new());

    things.find_by_id("on begin: trap").await.unwrap();
    assert_eq!(begin().await.unwrap_err().kind(), ErrorKind::Crashed);
    things.find_by_id("on begin: fail").await.unwrap();
    assert_eq!(begin().await.unwrap_err().kind(), ErrorKind::Conflict);

    for (deed, kind, effect) in [
        ("trap", ErrorKind::Crashed, Effect::Unknown),
        ("fail unknown", ErrorKind::Conflict, Effect::Unknown),
        ("fail", ErrorKind::Conflict, Effect::Nothing),
        ("lose transaction", ErrorKind::Conflict, Effect::Nothing),
        ("lose session", ErrorKind::Unavailable, Effect::Nothing),
    ] {
        let transaction = begin().await.unwrap();
        let within = transaction.model("Thing").await.unwrap();
        within
            .find_by_id(format!("on commit: {deed}"))
            .await
            .unwrap();
        let error = transaction.commit().await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{deed}");
        let row = rows(&source, "state").await.remove(0);
        assert_eq!(row[3], Value::from(false), "after {deed}");
    }

    for deed in ["trap", "fail", "lose session"] {
        let transaction = begin().await.unwrap();
        let within = transaction.model("Thing").await.unwrap();
        within
            .find_by_id(format!("on rollback: {deed}"))
            .await
            .unwrap();
        drop(transaction);
        let row = rows(&source, "state").await.remove(0);
        assert_eq!(row[3], Value::from(false), "after {deed}");
    }

    let transaction = begin().await.unwrap();
    let within = transaction.model("Thing").await.unwrap();
    let lost = within.find_by_id("lose transaction").await.unwrap_err();
    assert_eq!(lost.effect(), Effect::Nothing);
    let after = transaction.execute("state", Vec::new()).await.unwrap_err();
    assert_eq!(after.kind(), ErrorKind::Conflict, "{after}");
}
