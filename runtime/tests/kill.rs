//! A process that is killed while it writes: nothing that was confirmed is lost, and the next start needs no
//! repair.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Bench, entity};
use tenon_model::{Filter, Model, Property, PropertyType, Query, Value};
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{Consent, Runtime};

/// Names the folder that the process to be killed writes in.
const FOLDER: &str = "TENON_TEST_KILL_FOLDER";

/// Names the connector that it writes with.
const CONNECTOR: &str = "TENON_TEST_KILL_CONNECTOR";

/// How often a process is killed.
const KILLS: u64 = 12;

/// Records of a batch: it is stored whole or not at all.
const BATCH: i64 = 20;

fn runtime(folder: &Path, connector: &str) -> Runtime {
    let model = Model::new("Entry")
        .key("id", PropertyType::Integer)
        .property(Property::new("batch", PropertyType::Integer))
        .property(Property::new("text", PropertyType::Text))
        .index(&["batch"], false);
    Bench::runtime(
        folder,
        connector,
        vec![model],
        |source: SourceConfig, folder| {
            std::fs::create_dir_all(folder.join("data")).unwrap();
            source
                .setting("path", "/data/kill.file")
                .grant(FolderGrant::writable(folder.join("data"), "/data").unwrap())
        },
    )
}

/// Makes the collection, where the connector doesn't by itself.
async fn migrate(folder: &Path, connector: &str) {
    let runtime = runtime(folder, connector);
    let plan = runtime.plan_schema("test", &[]).await.unwrap();
    let consent = Consent {
        digest: *plan.digest(),
        destructive: false,
    };
    runtime.apply_schema(&plan, consent).await.unwrap();
    runtime.shut_down().await.unwrap();
}

/// The life of the process that is killed. Without the folder's name there is nothing for it to do: it is a
/// test only so that the test program can be started as that process.
#[tokio::test]
async fn process_that_writes_until_it_is_killed() {
    let (Some(folder), Ok(connector)) = (std::env::var_os(FOLDER), std::env::var(CONNECTOR)) else {
        return;
    };
    let runtime = runtime(Path::new(&folder), &connector);
    let entries = runtime.model("Entry").await.unwrap();
    let written = entries.count(Filter::all()).await.unwrap() as i64;
    for batch in written / BATCH.. {
        let entry = |n| {
            entity([
                ("id", Value::from(batch * BATCH + n)),
                ("batch", batch.into()),
                ("text", "x".repeat(500).into()),
            ])
        };
        entries
            .create_all((0..BATCH).map(entry).collect())
            .await
            .unwrap();
        println!("confirmed {batch}");
    }
}

/// Lets a process write for a while, kills it, and returns the last batch that it saw confirmed.
fn write_and_kill(folder: &Path, connector: &str, after: Duration) -> Option<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "process_that_writes_until_it_is_killed",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(CONNECTOR, connector)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let batch = |line: &str| {
        line.strip_prefix("confirmed ")
            .and_then(|batch| batch.parse().ok())
    };
    let first = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| batch(&line));
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = lines.map_while(Result::ok).filter_map(|line| batch(&line));
    rest.last().or(first)
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing_that_redb_confirmed() {
    kill_at_any_moment("redb").await;
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing_that_sqlite_confirmed() {
    if support::guest_with_c("sqlite").is_some() {
        kill_at_any_moment("sqlite").await;
    }
}

async fn kill_at_any_moment(connector: &str) {
    let folder = tempfile::tempdir().unwrap();
    migrate(folder.path(), connector).await;
    for kill in 0..KILLS {
        let after = Duration::from_micros(kill * 7_919 % 40_000);
        let confirmed =
            write_and_kill(folder.path(), connector, after).expect("the process confirmed a batch");
        let runtime = runtime(folder.path(), connector);
        let entries = runtime.model("Entry").await.unwrap();
        let records = entries
            .find(Query::new().ascending("id"))
            .collect()
            .await
            .unwrap();
        assert!(
            records.len() as i64 >= (confirmed + 1) * BATCH,
            "{confirmed} was confirmed"
        );
        assert_eq!(records.len() as i64 % BATCH, 0, "no batch is torn");
        for (n, record) in records.iter().enumerate() {
            assert_eq!(record.get("id"), Some(&Value::from(n as i64)));
        }
        let last = records.len() as i64 / BATCH - 1;
        let indexed = entries.count(Filter::equal("batch", last)).await.unwrap();
        assert_eq!(indexed as i64, BATCH, "the index has what the records have");
        runtime.shut_down().await.unwrap();
    }
}
