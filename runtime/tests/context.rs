//! What a connector learns of the call that it serves, if it asks.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use support::{Bench, guest};
use tenon_model::{Entity, Model, Property, PropertyType, Query, Value};
use tenon_runtime::{CallContext, Dao, Limits, in_context};
use wit_component::{DecodedWasm, decode};

fn things() -> Vec<Model> {
    ["Thing", "Contexts"]
        .map(|name| {
            Model::new(name)
                .key("id", PropertyType::Text)
                .property(Property::new("calls", PropertyType::Integer))
        })
        .into()
}

async fn bench() -> Bench {
    let limits = Limits {
        sessions: 1,
        call_timeout: Duration::from_secs(5),
        ..Limits::default()
    };
    Bench::new("evil", things(), |source, _| source.limits(limits)).await
}

fn text(record: &Entity) -> &str {
    record.get("id").and_then(Value::as_text).unwrap()
}

/// What the connector knows of the call: the milliseconds left, and the rest.
async fn seen(things: &Dao, id: &str) -> (u64, String) {
    let record = things.find_by_id(id).await.unwrap().unwrap();
    let (left, rest) = text(&record).split_once(' ').unwrap();
    let left = left.strip_prefix("Some(").unwrap().strip_suffix(')');
    (left.unwrap().parse().unwrap(), rest.to_owned())
}

#[tokio::test]
async fn a_connector_that_asks_learns_what_the_call_is_for() {
    let bench = bench().await;
    let things = bench.model("Thing").await;
    let context = CallContext::new().with_trace_id("4bf9").with_caller("ann");
    let (_, rest) = in_context(context.clone(), seen(&things, "context")).await;
    assert_eq!(rest, r#"Some("4bf9") Some("ann")"#);
    let inner = in_context(
        CallContext::new().with_caller("bob"),
        seen(&things, "context"),
    );
    let (_, rest) = in_context(context, inner).await;
    assert_eq!(rest, r#"None Some("bob")"#);
    let (_, rest) = seen(&things, "context").await;
    assert_eq!(
        rest, "None None",
        "what was said is said of its calls alone"
    );
}

#[tokio::test]
async fn the_deadline_is_the_calls_own_time_limit() {
    let bench = bench().await;
    let things = bench.model("Thing").await;
    let (at_first, _) = seen(&things, "context").await;
    assert!((1..=5_000).contains(&at_first), "{at_first}");
    let (later, _) = seen(&things, "context later").await;
    assert!(later <= 4_900, "{later}");
}

#[tokio::test]
async fn what_an_application_says_is_bounded_and_without_control_characters() {
    let bench = bench().await;
    let things = bench.model("Thing").await;
    let context = CallContext::new()
        .with_trace_id(&"ü".repeat(1_000))
        .with_caller("ann\n\u{1b}[2Jbob");
    assert_eq!(context.trace_id(), Some("ü".repeat(128).as_str()));
    assert_eq!(context.caller(), Some("ann  [2Jbob"));
    let (_, rest) = in_context(context, seen(&things, "context")).await;
    assert_eq!(
        rest,
        format!("Some(\"{}\") Some(\"ann  [2Jbob\")", "ü".repeat(128))
    );
}

#[tokio::test]
async fn a_call_whose_caller_left_keeps_its_context() {
    let bench = bench().await;
    let things = bench.model("Thing").await;
    seen(&things, "context").await;
    let context = CallContext::new().with_caller("ann");
    let call = in_context(context, things.find_by_id("context later"));
    tokio::time::timeout(Duration::from_millis(20), call)
        .await
        .unwrap_err();
    let (_, rest) = seen(&things, "context before").await;
    assert_eq!(rest, r#"None Some("ann")"#);
}

#[tokio::test]
async fn a_streams_pages_have_the_context_of_whoever_reads_them() {
    let bench = Bench::new("evil", things(), |source, _| {
        source.limits(Limits {
            page_rows: 1,
            ..Limits::default()
        })
    })
    .await;
    let mut rows = bench.model("Contexts").await.find(Query::new());
    let mut seen = Vec::new();
    for caller in ["ann", "bob"] {
        let context = CallContext::new().with_caller(caller);
        in_context(context, async {
            for _ in 0..2 {
                let row = rows.next().await.unwrap().unwrap();
                seen.push(text(&row).rsplit(' ').next().unwrap().to_owned());
            }
        })
        .await;
    }
    let is = |caller: &str| format!("Some({caller:?})");
    assert_eq!(seen.first(), Some(&is("ann")));
    assert_eq!(seen.last(), Some(&is("bob")));
}

#[test]
fn only_a_connector_that_asks_imports_it() {
    let imports = |name: &str| {
        let wasm = std::fs::read(guest(name)).unwrap();
        let DecodedWasm::Component(contract, world) = decode(&wasm).unwrap() else {
            panic!("{name} is a component");
        };
        let imports = &contract.worlds[world].imports;
        let names = imports.keys().map(|key| contract.name_world_key(key));
        names
            .filter(|name| name.starts_with("tenon:"))
            .collect::<Vec<_>>()
    };
    assert!(
        imports("hello")
            .iter()
            .all(|name| !name.contains("context"))
    );
    assert!(imports("evil").contains(&"tenon:connector/context@0.1.0".to_owned()));
}
