//! Calls that are the contract's, one for one, on instances beside a data source's own sessions.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use support::{Bench, entity};
use tenon_model::contract::{Done, ErrorKind as ContractKind, Key, Page, Query};
use tenon_model::{Model, PropertyType, Value, into_entities};
use tenon_runtime::direct::{Failure, Instance};
use tenon_runtime::{Capability, ErrorKind, Limits};

fn thing() -> Model {
    Model::new("Thing")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("text", PropertyType::Text))
}

async fn connected(bench: &Bench) -> (tenon_runtime::direct::DirectSource, Instance) {
    let source = bench.runtime.data_source("test").await.unwrap();
    let direct = source.direct().await.unwrap();
    let mut instance = direct.instance().await.unwrap();
    instance.initialize().await.unwrap();
    instance.connect().await.unwrap();
    (direct, instance)
}

#[tokio::test]
async fn a_call_is_the_contracts_own_with_nothing_added() {
    let bench = Bench::with_memory(Vec::new()).await;
    let (_direct, mut memory) = connected(&bench).await;
    let record = entity([("id", Value::Integer(1)), ("text", "a".into())]);

    let undefined = memory.create("Thing", record.as_contract()).await;
    assert_eq!(undefined.unwrap_err().kind(), Some(ContractKind::Invalid));

    memory.define(&thing().to_contract()).await.unwrap();
    memory.create("Thing", record.as_contract()).await.unwrap();
    let taken = memory.create("Thing", record.as_contract()).await;
    let taken = taken.unwrap_err();
    assert_eq!(taken.kind(), Some(ContractKind::Duplicate));

    let id: Key = vec![Value::Integer(1)];
    assert!(memory.exists("Thing", &id).await.unwrap());
    let (rows, done) = memory.all("Thing", &Query::default()).await.unwrap();
    assert!(done.contains(Done::FILTER));
    let page: Page = memory.next(rows, 10).await.unwrap().expect("a page");
    assert_eq!(into_entities(page).unwrap(), [record]);
    assert!(memory.next(rows, 10).await.unwrap().is_none());
    memory.close(rows).await.unwrap();
    memory.let_go(rows).await.unwrap();

    memory.begin(None, false).await.unwrap();
    assert!(memory.destroy("Thing", &id).await.unwrap());
    memory.rollback().await.unwrap();
    assert!(memory.exists("Thing", &id).await.unwrap());
    memory.disconnect().await.unwrap();
    memory.dispose().await.unwrap();
    bench.shut_down().await;
}

#[tokio::test]
async fn an_exclusive_source_is_held_as_long_as_it_is_called_directly() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Bench::runtime(folder.path(), "memory", vec![thing()], |source, _| {
        source.limits(Limits {
            wait_timeout: Duration::from_millis(50),
            ..Limits::default()
        })
    });
    let source = runtime.data_source("test").await.unwrap();
    let direct = source.direct().await.unwrap();
    let model = runtime.model("Thing").await.unwrap();
    let error = model.count(tenon_model::Filter::all()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    drop(direct);
    assert_eq!(model.count(tenon_model::Filter::all()).await.unwrap(), 0);
    runtime.shut_down().await.unwrap();
}

#[tokio::test]
async fn a_crash_and_an_endless_loop_cost_the_instance_alone() {
    let bench = Bench::new("evil", Vec::new(), |source, _| {
        source.limits(Limits {
            call_timeout: Duration::from_millis(300),
            ..Limits::default()
        })
    })
    .await;
    let (direct, mut evil) = connected(&bench).await;
    let crash = evil.execute("trap", &[]).await.unwrap_err();
    assert!(matches!(crash, Failure::Crashed("execute", _)), "{crash}");
    let after = evil.ping().await.unwrap_err();
    assert_eq!(after, crash, "a dead instance says what it died of");

    let mut next = direct.instance().await.unwrap();
    next.initialize().await.unwrap();
    next.connect().await.unwrap();
    let endless = next.execute("loop", &[]).await.unwrap_err();
    assert!(
        matches!(endless, Failure::TimedOut("execute", _)),
        "{endless}"
    );
    bench.shut_down().await;
}

#[tokio::test]
async fn what_is_not_exported_is_said_to_be_missing() {
    let bench = Bench::new("hello", Vec::new(), |source, _| {
        source.setting("names", tenon_runtime::SettingValue::List(Vec::new()))
    })
    .await;
    let (_direct, mut hello) = connected(&bench).await;
    assert_eq!(
        hello.begin(None, false).await,
        Err(Failure::Missing(Capability::Transactions))
    );
    let unsupported = hello.count("Thing", &Vec::new()).await.unwrap_err();
    assert_eq!(unsupported.kind(), Some(ContractKind::Unsupported));
    bench.shut_down().await;
}
