//! Sessions under connectors that mean harm, callers that go away, and others who want the same.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use support::{Bench, entity};
use tenon_model::{Filter, Model, Property, PropertyType, Query, Value};
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{Dao, ErrorKind, Limits};

fn things() -> Vec<Model> {
    ["Thing", "Endless", "Few", "Misfit"]
        .map(|name| {
            Model::new(name)
                .key("id", PropertyType::Text)
                .property(Property::new("calls", PropertyType::Integer))
        })
        .into()
}

async fn evil(limits: Limits) -> Bench {
    Bench::new("evil", things(), |source, _| source.limits(limits)).await
}

fn one_session() -> Limits {
    Limits {
        sessions: 1,
        ..Limits::default()
    }
}

/// Which call of its session this was: 1 in a new one.
async fn calls(things: &Dao) -> i64 {
    let record = things.find_by_id("well").await.unwrap().unwrap();
    record.get("calls").and_then(Value::as_integer).unwrap()
}

#[tokio::test]
async fn a_session_that_traps_is_replaced() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    assert_eq!(calls(&things).await, 1);
    assert_eq!(calls(&things).await, 2);
    let error = things.find_by_id("trap").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Crashed);
    assert!(error.to_string().contains("data source test"), "{error}");
    assert_eq!(calls(&things).await, 1);
}

#[tokio::test]
async fn a_session_that_lost_its_backend_is_replaced() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    let error = things.find_by_id("lose session").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(calls(&things).await, 1);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_stopped_running_or_waiting() {
    let bench = evil(Limits {
        call_timeout: Duration::from_millis(200),
        ..one_session()
    })
    .await;
    let things = bench.model("Thing").await;
    for id in ["loop", "sleep long"] {
        let error = things.find_by_id(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(error.to_string().contains("call-timeout"), "{error}");
        assert_eq!(calls(&things).await, 1);
    }
}

#[tokio::test]
async fn a_call_that_wants_too_much_memory_fails_alone() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    let error = things.find_by_id("allocate").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
    assert_eq!(calls(&things).await, 1);
}

#[tokio::test]
async fn callers_wait_their_turn_for_so_long_and_so_many() {
    let bench = evil(Limits {
        wait_timeout: Duration::from_millis(20),
        queue: 1,
        ..one_session()
    })
    .await;
    let things = bench.model("Thing").await;
    calls(&things).await;
    let (first, second, third) = tokio::join!(
        things.find_by_id("sleep"),
        things.find_by_id("well"),
        things.find_by_id("well"),
    );
    first.unwrap();
    let late = second.unwrap_err();
    assert!(late.to_string().contains("wait-timeout"), "{late}");
    let refused = third.unwrap_err();
    assert!(refused.to_string().contains("queue"), "{refused}");
    assert_eq!(
        calls(&things).await,
        3,
        "the session serves on, and was not called by those who were refused"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_that_give_up_cost_no_session() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    let mut begun = calls(&things).await;
    for n in 0_u64..1_000 {
        let find = things.find_by_id(if n % 50 == 0 { "sleep" } else { "well" });
        // Spread over the life of a call: before it, in it, after it.
        let patience = Duration::from_micros((n * 7919) % 40);
        let _ = tokio::time::timeout(patience, find).await;
        begun += 1;
    }
    let seen = calls(&things).await;
    assert!(
        seen > 100,
        "it is the same session after all, and calls went on without their callers: {seen}"
    );
    assert!(seen <= begun + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_that_give_up_cost_no_data() {
    let note = Model::new("Note").key("id", PropertyType::Integer);
    let bench = Bench::with_memory(vec![note]).await;
    let notes = bench.model("Note").await;
    let mut confirmed = Vec::new();
    for n in 0_i64..1_000 {
        let create = notes.create(entity([("id", n.into())]));
        let patience = Duration::from_micros((n as u64 * 7919) % 60);
        if let Ok(created) = tokio::time::timeout(patience, create).await {
            created.unwrap();
            confirmed.push(n);
        }
    }
    for n in &confirmed {
        assert!(notes.exists(*n).await.unwrap(), "{n} was confirmed");
    }
    let kept = notes.count(Filter::all()).await.unwrap();
    assert!((confirmed.len() as u64..=1_000).contains(&kept));
}

#[tokio::test]
async fn a_stream_keeps_its_session_until_it_is_dropped() {
    let bench = evil(Limits {
        wait_timeout: Duration::from_millis(50),
        ..one_session()
    })
    .await;
    let things = bench.model("Thing").await;
    let mut stream = bench.model("Endless").await.find(Query::new());
    stream.next().await.unwrap().unwrap();
    assert_eq!(
        things.find_by_id("well").await.unwrap_err().kind(),
        ErrorKind::Exhausted
    );
    drop(stream);
    assert_eq!(
        calls(&things).await,
        2,
        "the same session, its cursor closed"
    );
}

#[tokio::test]
async fn a_result_of_one_page_keeps_no_session() {
    let bench = evil(one_session()).await;
    let mut stream = bench.model("Few").await.find(Query::new());
    stream.next().await.unwrap().unwrap();
    assert_eq!(calls(&bench.model("Thing").await).await, 2);
    assert_eq!(stream.collect().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_closed() {
    let bench = evil(Limits {
        idle_timeout: Duration::from_millis(100),
        page_rows: 10,
        ..one_session()
    })
    .await;
    let mut stream = bench.model("Endless").await.find(Query::new());
    stream.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    bench.model("Thing").await.find_by_id("well").await.unwrap();
    let error = stream.collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn a_connector_without_grants_reaches_nothing() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    assert_eq!(things.find_by_id("read file").await.unwrap(), None);
    for (id, seen) in [("environment", "0"), ("connect", "false")] {
        let record = things.find_by_id(id).await.unwrap().unwrap();
        assert_eq!(record.get("id"), Some(&seen.into()), "{id}");
    }
}

#[tokio::test]
async fn a_missing_grant_is_an_error_that_says_which_line_to_add() {
    let bench = Bench::new("evil", things(), |source, _| {
        source.setting("folder", "/secrets")
    })
    .await;
    let error = bench
        .model("Thing")
        .await
        .find_by_id("well")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.to_string().contains(r#"as = "/secrets""#), "{error}");
}

#[tokio::test]
async fn what_does_not_fit_the_model_is_the_connectors_error() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    let error = things.find_by_id("misfit").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backend, "{error}");
    let error = bench
        .model("Misfit")
        .await
        .find(Query::new())
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backend, "{error}");
    let record = things
        .find_by_id("other properties")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        record.get("undeclared"),
        None,
        "a strict model has no other properties"
    );
}

#[tokio::test]
async fn a_flood_of_output_costs_neither_the_session_nor_the_log() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    things.find_by_id("print").await.unwrap();
    assert_eq!(calls(&things).await, 2);
}

#[tokio::test]
async fn a_session_is_retired_after_so_many_calls_and_when_nobody_uses_it() {
    let bench = evil(Limits {
        max_calls: 5,
        ..one_session()
    })
    .await;
    let things = bench.model("Thing").await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(calls(&things).await);
        // A worn session is ended in the background.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        seen,
        [1, 2, 1, 2, 1, 2],
        "initialize, connect and define are calls too"
    );

    let bench = evil(Limits {
        idle_timeout: Duration::from_millis(100),
        ..one_session()
    })
    .await;
    let things = bench.model("Thing").await;
    assert_eq!(calls(&things).await, 1);
    assert_eq!(bench.state().await.idle, 1);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(bench.state().await.idle, 0);
    assert_eq!(
        calls(&things).await,
        1,
        "a new session serves the next caller"
    );
}

#[tokio::test]
async fn streams_of_an_exclusive_session_are_bounded_and_closed_when_they_are_dropped() {
    let note = Model::new("Note").key("id", PropertyType::Integer);
    let limits = Limits {
        page_rows: 2,
        ..Limits::default()
    };
    let bench = Bench::new("memory", vec![note], |source, _| source.limits(limits)).await;
    let notes = bench.model("Note").await;
    notes
        .create_all((0..20_i64).map(|n| entity([("id", n.into())])).collect())
        .await
        .unwrap();
    let mut open = Vec::new();
    let refused = loop {
        let mut stream = notes.find(Query::new());
        match stream.next().await.unwrap() {
            Ok(_) => open.push(stream),
            Err(error) => break error,
        }
        assert!(open.len() < 1_000, "there is a bound");
    };
    assert_eq!(refused.kind(), ErrorKind::Exhausted, "{refused}");
    drop(open);
    assert_eq!(notes.find(Query::new()).collect().await.unwrap().len(), 20);
}

#[test]
fn a_stream_that_outlives_its_tokio_runtime_ends_quietly() {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let kept = tokio.block_on(async {
        let bench = evil(one_session()).await;
        let mut stream = bench.model("Endless").await.find(Query::new());
        stream.next().await.unwrap().unwrap();
        (bench, stream)
    });
    drop(tokio);
    drop(kept);
}

fn on_file(source: SourceConfig, folder: &std::path::Path) -> SourceConfig {
    std::fs::create_dir_all(folder.join("data")).unwrap();
    source
        .setting("path", "/data/test.redb")
        .grant(FolderGrant::writable(folder.join("data"), "/data").unwrap())
        .limits(Limits {
            wait_timeout: Duration::from_millis(100),
            ..Limits::default()
        })
}

#[tokio::test]
async fn an_exclusive_source_has_one_user_and_the_next_takes_over() {
    let note = || vec![Model::new("Note").key("id", PropertyType::Integer)];
    let bench = Bench::new("redb", note(), on_file).await;
    let notes = bench.model("Note").await;
    notes.create(entity([("id", 1.into())])).await.unwrap();
    let other = Bench::runtime(bench.folder.path(), "redb", note(), on_file);
    let refused = other
        .model("Note")
        .await
        .unwrap()
        .find_by_id(1)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    bench.runtime.shut_down().await.unwrap();
    let found = other
        .model("Note")
        .await
        .unwrap()
        .find_by_id(1)
        .await
        .unwrap();
    assert!(found.is_some(), "what one has written the next one finds");
    other.shut_down().await.unwrap();
    let closed = notes.find_by_id(1).await.unwrap_err();
    assert_eq!(closed.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn an_end_waits_for_the_calls_that_run() {
    let bench = evil(one_session()).await;
    let things = bench.model("Thing").await;
    calls(&things).await;
    let slow = tokio::spawn(async move { things.find_by_id("sleep").await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    bench.runtime.shut_down().await.unwrap();
    slow.await.unwrap().unwrap();
}
