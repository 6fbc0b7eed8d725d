//! What is logged, and what never is. In a process of its own, since it is about everything that is logged.

mod support;

use std::sync::{Mutex, PoisonError};

use support::{Bench, entity};
use tenon_model::{Filter, Model, Property, PropertyType};
use tenon_runtime::Secret;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

const PASSWORD: &str = "correct horse battery staple";

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn things() -> Vec<Model> {
    vec![
        Model::new("Thing")
            .key("id", PropertyType::Text)
            .property(Property::new("calls", PropertyType::Integer)),
    ]
}

#[tokio::test]
async fn operations_are_logged_without_their_data_and_without_secrets() {
    // Tenon's own, all of it: what compiles the connectors would add millions of lines.
    let ours = Targets::new().with_target("tenon", tracing::Level::TRACE);
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(|| Log);
    tracing_subscriber::registry()
        .with(layer.with_filter(ours))
        .init();
    let bench = Bench::new("evil", things(), |source, _| {
        source.setting("password", Secret::new(PASSWORD))
    })
    .await;
    let things = bench.model("Thing").await;
    let error = things.find_by_id("tell password").await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains(PASSWORD) && !shown.contains('\u{1b}'),
        "{shown}"
    );
    things
        .count(Filter::equal("id", "somebody\'s data"))
        .await
        .unwrap();
    things
        .create(entity([("id", "somebody\'s data".into())]))
        .await
        .unwrap_err();
    bench.shut_down().await;

    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("the password is"),
        "what a connector prints is in the log: {log}"
    );
    assert!(!log.contains(PASSWORD));
    assert!(!log.contains('\u{1b}'));
    assert!(!log.contains("somebody"), "no data in the log: {log}");
    for field in [
        r#"source="test""#,
        r#"model="Thing""#,
        r#"operation="count""#,
        r#"outcome="ok""#,
        r#"outcome="backend""#,
        r#"outcome="unsupported""#,
        "microseconds=",
    ] {
        assert!(log.contains(field), "{field} is in the log: {log}");
    }
}
