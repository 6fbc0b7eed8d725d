//! The notice that a backend doesn't match its models: in the log, some time after the first use.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::Bench;
use tenon_model::{Filter, Model, Property, PropertyType};
use tenon_runtime::Secret;
use tenon_runtime::config::SourceConfig;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// What this test's thread logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn capture(&self) -> DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::WARN)
            .with_writer(self.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is logged within the first seconds of a data source whose connector plans so.
async fn logged(schema: &str, configure: impl FnOnce(SourceConfig) -> SourceConfig) -> String {
    let thing = Model::new("Thing")
        .key("id", PropertyType::Text)
        .property(Property::new("calls", PropertyType::Integer));
    let log = Log::default();
    let _capturing = log.capture();
    let bench = Bench::new("evil", vec![thing], |source, _| {
        let source = source.setting("schema", schema);
        configure(source.setting("password", Secret::new("correct horse")))
    })
    .await;
    let things = bench.model("Thing").await;
    things.find_by_id("well").await.unwrap();
    let warned = async {
        while !log.text().contains("tenon::schema") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(3), warned).await;
    // Whatever came of it, calls go on.
    assert_eq!(things.count(Filter::all()).await.unwrap(), 0);
    bench.shut_down().await;
    log.text()
}

#[tokio::test]
async fn steps_that_are_left_are_noticed_and_what_to_do_about_them() {
    let log = logged("sly", |source| source).await;
    assert!(log.contains("`tenon migrate test`"), "{log}");
    assert!(log.contains("add-column things"), "{log}");
    assert!(log.contains("1 more"), "{log}");
    assert!(!log.contains("correct horse"), "{log}");
    assert_eq!(log.matches("tenon::schema").count(), 1, "once: {log}");
}

#[tokio::test]
async fn nothing_is_said_where_nothing_is_left_or_it_is_switched_off() {
    let matching = logged("none", |source| source).await;
    assert!(!matching.contains("tenon::schema"), "{matching}");
    let off = logged("sly", SourceConfig::without_schema_check).await;
    assert!(!off.contains("tenon::schema"), "{off}");
}

#[tokio::test]
async fn a_connector_that_crashes_over_its_plan_fails_no_call() {
    let log = logged("trap", |source| source).await;
    assert!(!log.contains("tenon::schema"), "{log}");
}
