//! The connector `sqlite` as a component: what its file layer has to do there that tests of the connector alone, which
//! run natively, can't show.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use support::{Bench, entity, guest_with_c};
use tenon_model::{Comparison, Filter, Model, Property, PropertyType, Query, Value};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{Consent, Runtime};

/// Records of about a kilobyte: far more than a result keeps in memory.
const RECORDS: i64 = 12_000;

fn entry() -> Model {
    Model::new("Entry")
        .key("id", PropertyType::Integer)
        .property(Property::new("text", PropertyType::Text))
}

fn runtime(folder: &Path) -> Runtime {
    Bench::runtime(folder, "sqlite", vec![entry()], |source, folder| {
        std::fs::create_dir_all(folder.join("data")).unwrap();
        source
            .setting("path", "/data/test.sqlite")
            .setting("cache-size", "1MiB")
            .grant(FolderGrant::writable(folder.join("data"), "/data").unwrap())
    })
}

/// A runtime with its table and records in it; none where the connector can't be built.
async fn bench() -> Option<Bench> {
    guest_with_c("sqlite")?;
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let plan = runtime.plan_schema("test", &[]).await.unwrap();
    let consent = Consent {
        digest: *plan.digest(),
        destructive: false,
    };
    runtime.apply_schema(&plan, consent).await.unwrap();
    let bench = Bench { runtime, folder };
    let entries = bench.model("Entry").await;
    let mut records = Vec::new();
    for id in 0..RECORDS {
        records.push(entity([
            ("id", id.into()),
            ("text", format!("{:0>1000}", id * 7_919 % RECORDS).into()),
        ]));
        if records.len() == 2_000 {
            entries
                .create_all(std::mem::take(&mut records))
                .await
                .unwrap();
        }
    }
    Some(bench)
}

#[tokio::test]
async fn a_stream_shows_one_moment_while_others_write_between_its_pages() {
    let Some(bench) = bench().await else { return };
    let entries = bench.model("Entry").await;
    let mut stream = entries.find(Query::new().ascending("id"));
    let mut seen = Vec::new();
    for _ in 0..10 {
        seen.push(stream.next().await.unwrap().unwrap());
    }
    let changed = entries
        .update(Filter::all(), entity([("text", "changed".into())]))
        .await
        .unwrap();
    assert_eq!(changed, RECORDS as u64);
    let last = Filter::compare("id", Comparison::Greater, 100);
    let gone = entries.destroy_all(last).await.unwrap();
    assert_eq!(gone, RECORDS as u64 - 101);
    while let Some(record) = stream.next().await {
        seen.push(record.unwrap());
    }
    for (id, record) in (0..RECORDS).zip(&seen) {
        assert_eq!(record.get("id"), Some(&Value::from(id)));
        assert_ne!(record.get("text"), Some(&Value::from("changed")));
    }
    assert_eq!(seen.len() as i64, RECORDS);
    let names: Vec<_> = std::fs::read_dir(bench.folder.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        !names.iter().any(|name| name.contains("-rows-")),
        "{names:?}"
    );
    bench.shut_down().await;
}

#[tokio::test]
async fn an_order_without_an_index_is_sorted_beyond_the_cache() {
    let Some(bench) = bench().await else { return };
    let entries = bench.model("Entry").await;
    let sorted = entries
        .find(Query::new().descending("text"))
        .collect()
        .await
        .unwrap();
    assert_eq!(sorted.len() as i64, RECORDS);
    let texts: Vec<_> = sorted.iter().map(|record| record.get("text")).collect();
    assert!(texts.windows(2).all(|pair| {
        matches!(pair, [Some(Value::Text(one)), Some(Value::Text(other))] if one >= other)
    }));
    let folder = bench.folder.path().join("data");
    bench.runtime.shut_down().await.unwrap();
    // The log is in the file, and nothing else is left.
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}
