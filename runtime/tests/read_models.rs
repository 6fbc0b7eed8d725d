//! Read models: opened and closed around each use, whatever becomes of their user, their session or the process.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use support::{entity, guest, target_folder};
use tempfile::TempDir;
use tenon_model::{Comparison, Filter, Model, PropertyType, Query};
use tenon_runtime::config::{Config, ModelConfig, ReadModelConfig, SourceConfig};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::registry::Compiler;
use tenon_runtime::{
    ConnectorReference, DataSourceName, Edit, Error, ErrorKind, IndexKind, Limits, ReadModel,
    Result, Runtime, Table,
};

/// Names the folder that the process to be killed works in.
const FOLDER: &str = "TENON_TEST_READ_MODEL_FOLDER";

const NAMES: [&str; 5] = ["traffic", "weather", "trap", "no-json", "Traffic"];

fn runtime(connector: &str, folder: &Path, limits: Limits) -> Runtime {
    let name = DataSourceName::new("files").unwrap();
    let component = ConnectorReference::Path(guest(connector));
    let mut source = SourceConfig::new(name.clone(), component).limits(limits);
    if connector == "json-files" {
        let data = folder.join("data");
        fs::create_dir_all(&data).unwrap();
        let grant = FolderGrant::writable(data, "/data").unwrap();
        source = source.setting("path", "/data").grant(grant);
    }
    let note = Model::new("Note").key("id", PropertyType::Integer);
    let mut config = Config::new(folder)
        .source(source)
        .model(ModelConfig::new(name.clone(), note));
    for read_model in NAMES {
        config = config.read_model(ReadModelConfig::new(name.clone(), read_model));
    }
    config.registry = target_folder().join("test-registry");
    let builder = Runtime::builder(config).compiler(Compiler::InProcess);
    builder.build().unwrap()
}

/// Read models in a folder of their own.
struct Files {
    runtime: Runtime,
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = runtime("json-files", folder.path(), limits);
        Self { runtime, folder }
    }

    async fn traffic(&self) -> ReadModel {
        self.runtime.read_model("traffic").await.unwrap()
    }

    fn lock(&self) -> PathBuf {
        self.folder.path().join("data/traffic.read-model.lock")
    }

    /// Waits for the lock to be given back by nobody in particular.
    async fn unlocked(&self) -> bool {
        let begun = Instant::now();
        while self.lock().exists() && begun.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        !self.lock().exists()
    }
}

fn one_session() -> Limits {
    Limits {
        sessions: 1,
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_state_is_kept_from_one_use_to_the_next_and_over_a_restart() {
    let files = Files::new();
    let traffic = files.traffic().await;
    let first = traffic
        .with(async |store| {
            let before = store.get().await?;
            store.set(&json!({"flights": 1})).await?;
            Ok::<_, Error>(before)
        })
        .await
        .unwrap();
    assert_eq!(first, None);
    assert!(!files.lock().exists());
    files.runtime.shut_down().await.unwrap();
    let again = runtime("json-files", files.folder.path(), Limits::default());
    let store = again.read_model("traffic").await.unwrap();
    let store = store.open().await.unwrap();
    assert_eq!(store.get().await.unwrap(), Some(json!({"flights": 1})));
    assert!(files.lock().exists());
    store.close().await.unwrap();
    assert!(!files.lock().exists());
    again.shut_down().await.unwrap();
}

#[tokio::test]
async fn whatever_comes_of_the_work_the_lock_is_given_back() {
    let files = Files::new();
    let traffic = files.traffic().await;
    let failed: Result<(), String> = traffic
        .with(async |_| Err(Failure("mine".into())))
        .await
        .map_err(|Failure(message)| message);
    assert_eq!(failed, Err("mine".into()));
    assert!(!files.lock().exists());
}

struct Failure(String);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

#[tokio::test]
async fn who_finds_it_open_is_told_at_once_and_others_are_not_kept() {
    let files = Files::new();
    let traffic = files.traffic().await;
    let store = traffic.open().await.unwrap();
    let begun = Instant::now();
    let error = traffic.open().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5), "it didn't wait");
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    let owner = error.detail("lock-owner").unwrap();
    assert!(owner.starts_with("tenon-json-files:"), "{owner}");
    let age: u64 = error.detail("lock-age").unwrap().parse().unwrap();
    assert!(age < 60_000, "{age}");
    // It is one session that all of them share.
    let notes = files.runtime.model("Note").await.unwrap();
    notes.create(entity([("id", 1.into())])).await.unwrap();
    let weather = files.runtime.read_model("weather").await.unwrap();
    let other = weather.open().await.unwrap();
    other.set(&1).await.unwrap();
    store.set(&2).await.unwrap();
    assert_eq!(other.get().await.unwrap(), Some(json!(1)));
    other.close().await.unwrap();
    store.close().await.unwrap();
    traffic.open().await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn names_that_differ_in_case_are_different_read_models() {
    let files = Files::new();
    let lower = files.traffic().await.open().await.unwrap();
    let upper = files.runtime.read_model("Traffic").await.unwrap();
    let upper = upper.open().await.unwrap();
    lower.set("lower").await.unwrap();
    upper.set("upper").await.unwrap();
    assert_eq!(lower.get().await.unwrap(), Some(json!("lower")));
    lower.close().await.unwrap();
    upper.close().await.unwrap();
}

#[tokio::test]
async fn a_store_that_is_dropped_is_closed_before_the_next_is_opened() {
    let files = Files::new();
    let traffic = files.traffic().await;
    for round in 0..20 {
        let store = traffic.open().await.unwrap();
        store.set(&round).await.unwrap();
        drop(store);
    }
    drop(traffic.open().await.unwrap());
    assert!(files.unlocked().await);
}

#[tokio::test]
async fn a_caller_who_leaves_in_the_middle_leaves_no_lock_behind() {
    let files = Files::new();
    let traffic = files.traffic().await;
    traffic.open().await.unwrap().close().await.unwrap();
    for micros in (0..40).map(|n| n * 50) {
        let work = traffic.with(async |store| store.set(&micros).await);
        let _ = tokio::time::timeout(Duration::from_micros(micros), work).await;
    }
    assert!(files.unlocked().await);
    let state = traffic.open().await.unwrap();
    state.get().await.unwrap();
    state.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_that_try_again_after_a_conflict_lose_no_change() {
    let files = Files::new();
    let tasks = (0..8).map(|_| {
        let traffic = files.runtime.read_model("traffic");
        async move {
            let traffic = traffic.await.unwrap();
            for _ in 0..5 {
                let add = async || {
                    traffic
                        .with(async |store| {
                            let before = store.get().await?.and_then(|state| state.as_u64());
                            store.set(&(before.unwrap_or_default() + 1)).await
                        })
                        .await
                };
                while let Err(error) = add().await {
                    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
    });
    futures_util::future::join_all(tasks).await;
    let store = files.traffic().await.open().await.unwrap();
    assert_eq!(store.get().await.unwrap(), Some(json!(40)));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_use_can_be_a_task_of_its_own() {
    let files = Files::new();
    let traffic = files.traffic().await;
    let task = tokio::spawn(async move {
        traffic
            .with(async |store| {
                store.set(&1).await?;
                store.get().await
            })
            .await
    });
    assert_eq!(task.await.unwrap().unwrap(), Some(json!(1)));
}

#[tokio::test]
async fn a_store_that_nobody_uses_is_closed_in_time() {
    let files = Files::with(Limits {
        idle_timeout: Duration::from_secs(2),
        ..Limits::default()
    });
    let traffic = files.traffic().await;
    let store = traffic.open().await.unwrap();
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(600)).await;
        store.set(&1).await.expect("what is used stays open");
    }
    assert!(files.unlocked().await);
    let error = store.set(&2).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains("idle-timeout"), "{error}");
    store.close().await.unwrap();
    let store = traffic.open().await.unwrap();
    assert_eq!(store.get().await.unwrap(), Some(json!(1)));
    store.close().await.unwrap();
}

#[tokio::test]
async fn dropped_data_are_gone_with_their_lock() {
    let files = Files::new();
    let traffic = files.traffic().await;
    let set = async |store: &tenon_runtime::ReadModelStore| store.set(&1).await;
    traffic.with(set).await.unwrap();
    traffic.drop_data().await.unwrap();
    let left: Vec<_> = fs::read_dir(files.folder.path().join("data"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let store = traffic.open().await.unwrap();
    assert_eq!(store.get().await.unwrap(), None);
    store.drop_data().await.unwrap();
}

#[tokio::test]
async fn another_programs_lock_is_a_conflict_that_says_whose_and_how_old() {
    let files = Files::new();
    fs::write(
        files.lock(),
        r#"{"owner": "resolve-4711", "taken": "2020-01-01T00:00:00Z"}"#,
    )
    .unwrap();
    let error = files.traffic().await.open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.detail("lock-owner"), Some("resolve-4711"));
    let age: u64 = error.detail("lock-age").unwrap().parse().unwrap();
    assert!(age > 100_000_000_000, "{age}");
    assert!(files.lock().exists());
}

#[tokio::test]
async fn a_session_that_is_lost_takes_its_stores_with_it_and_the_next_takes_their_locks_over() {
    let files = Files::with(Limits {
        memory: 24 << 20,
        ..Limits::default()
    });
    let traffic = files.traffic().await;
    let store = traffic.open().await.unwrap();
    store.set(&1).await.unwrap();
    let weather = files.runtime.read_model("weather").await.unwrap();
    let other = weather.open().await.unwrap();
    // More than the instance can take in.
    let error = other.set(&"x".repeat(24 << 20)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
    for store in [&store, &other] {
        let error = store.get().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    other.close().await.unwrap();
    assert!(files.lock().exists());
    let again = traffic.open().await.unwrap();
    assert_eq!(again.get().await.unwrap(), Some(json!(1)));
    // The old store's end is none of the new one's business.
    store.close().await.unwrap();
    again.set(&2).await.unwrap();
    again.close().await.unwrap();
    assert!(!files.lock().exists());
}

/// The life of the process that is killed. Without the folder's name there is nothing for it to do: it is a
/// test only so that the test program can be started as that process.
#[tokio::test]
async fn process_that_holds_a_lock_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let runtime = runtime("json-files", Path::new(&folder), Limits::default());
    let traffic = runtime.read_model("traffic").await.unwrap();
    let store = traffic.open().await.unwrap();
    store.set(&json!({"by": "the dead"})).await.unwrap();
    println!("holding");
    tokio::time::sleep(Duration::from_secs(600)).await;
}

#[tokio::test]
async fn the_lock_of_a_holder_that_died_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "process_that_holds_a_lock_until_it_is_killed",
            "--nocapture",
        ])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("holding")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(folder.path().join("data/traffic.read-model.lock").exists());
    let runtime = runtime("json-files", folder.path(), Limits::default());
    let traffic = runtime.read_model("traffic").await.unwrap();
    let store = traffic.open().await.unwrap();
    assert_eq!(store.get().await.unwrap(), Some(json!({"by": "the dead"})));
    store.close().await.unwrap();
    runtime.shut_down().await.unwrap();
    assert!(!folder.path().join("data/traffic.read-model.lock").exists());
}

#[tokio::test]
async fn shutting_down_gives_back_what_is_open() {
    let files = Files::new();
    let store = files.traffic().await.open().await.unwrap();
    files.runtime.shut_down().await.unwrap();
    assert!(!files.lock().exists());
    assert_eq!(
        store.get().await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
}

fn players() -> Table {
    Table::new("players", "id", IndexKind::Text)
        .index("score", IndexKind::Number)
        .field("name")
        .field("more")
}

#[tokio::test]
async fn tables_have_documents_that_are_found_and_changed_by_filters() {
    let files = Files::new();
    let store = files.traffic().await.open().await.unwrap();
    store.define_table(players()).await.unwrap();
    for (id, score) in [("ann", 3), ("bob", 1), ("cid", 2)] {
        let player = entity([("id", id.into()), ("score", score.into())]);
        store.insert("players", player).await.unwrap();
    }
    store
        .insert("players", entity([("id", "dan".into())]))
        .await
        .unwrap();
    let edits = vec![
        Edit::increment("score", 10),
        Edit::set("more.tags.first", "x"),
    ];
    let some = Filter::compare("score", Comparison::GreaterOrEqual, 2);
    assert_eq!(
        store.update("players", some.clone(), edits).await.unwrap(),
        2
    );
    let eve = || Filter::equal("id", "eve");
    let score = || vec![Edit::increment("score", 5)];
    assert_eq!(store.upsert("players", eve(), score()).await.unwrap(), 0);
    assert_eq!(store.upsert("players", eve(), score()).await.unwrap(), 1);
    let not_one = Filter::compare("score", Comparison::NotEqual, 1);
    assert_eq!(store.count("players", not_one).await.unwrap(), 4);
    let query = Query::filter(some)
        .descending("score")
        .offset(1)
        .limit(1)
        .fields(["id", "more"]);
    let found = store.find("players", query).await.unwrap();
    let names: Vec<&str> = found[0].iter().map(|(name, _)| name).collect();
    assert_eq!((found.len(), names), (1, vec!["id", "more"]));
    assert_eq!(found[0].get("id").unwrap().as_text(), Some("cid"));
    let inside = Query::parse(r#"{"where": {"more.tags.first": "x"}, "order": "id"}"#).unwrap();
    let first = store.find_one("players", inside).await.unwrap().unwrap();
    assert_eq!(first.get("id").unwrap().as_text(), Some("ann"));
    store
        .update("players", eve(), vec![Edit::unset("score")])
        .await
        .unwrap();
    let null = Filter::equal("score", tenon_model::Value::Null);
    assert_eq!(store.delete("players", null).await.unwrap(), 2);
    assert_eq!(store.count("players", Filter::all()).await.unwrap(), 3);
    store.close().await.unwrap();
}

#[tokio::test]
async fn mistakes_with_tables_are_errors_of_their_kind() {
    let files = Files::new();
    let store = files.traffic().await.open().await.unwrap();
    store.define_table(players()).await.unwrap();
    let ann = || entity([("id", "ann".into())]);
    store.insert("players", ann()).await.unwrap();
    let kinds = [
        store.define_table(players()).await.unwrap_err().kind(),
        store.insert("players", ann()).await.unwrap_err().kind(),
        store.insert("teams", ann()).await.unwrap_err().kind(),
        store
            .insert("players", entity([("shoe", 44.into())]))
            .await
            .unwrap_err()
            .kind(),
        store
            .count("players", Filter::equal("shoe", 44))
            .await
            .unwrap_err()
            .kind(),
        store
            .find("players", Query::new().ascending("shoe"))
            .await
            .unwrap_err()
            .kind(),
    ];
    let expected = [
        ErrorKind::Duplicate,
        ErrorKind::Duplicate,
        ErrorKind::NotFound,
        ErrorKind::Invalid,
        ErrorKind::Invalid,
        ErrorKind::Invalid,
    ];
    assert_eq!(kinds, expected);
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_a_connector_leaves_of_a_query_is_done_on_its_documents() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        page_rows: 3,
        ..one_session()
    };
    let runtime = runtime("evil", folder.path(), limits);
    let store = runtime
        .read_model("traffic")
        .await
        .unwrap()
        .open()
        .await
        .unwrap();
    let even = || Filter::equal("even", true);
    assert_eq!(store.count("any", even()).await.unwrap(), 5);
    let query = Query::filter(even())
        .descending("n")
        .offset(1)
        .limit(2)
        .fields(["n"]);
    let found = store.find("any", query).await.unwrap();
    let expected = [6, 4].map(|n| entity([("n", n.into())]));
    assert_eq!(found, expected);
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_a_connector_returns_is_checked_and_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        transaction_rows: 5_000,
        ..one_session()
    };
    let runtime = runtime("evil", folder.path(), limits);
    let store = runtime
        .read_model("no-json")
        .await
        .unwrap()
        .open()
        .await
        .unwrap();
    assert_eq!(store.get().await.unwrap_err().kind(), ErrorKind::Backend);
    let misfit = store.find("misfit", Query::new()).await.unwrap_err();
    assert_eq!(misfit.kind(), ErrorKind::Backend);
    let endless = store.find("endless", Query::new()).await.unwrap_err();
    assert_eq!(endless.kind(), ErrorKind::Exhausted);
    assert!(
        endless.to_string().contains("transaction-rows"),
        "{endless}"
    );
    assert_eq!(
        store
            .find("endless", Query::new().limit(3))
            .await
            .unwrap()
            .len(),
        3
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_pooled_session_is_kept_while_a_store_is_open_and_clean_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        wait_timeout: Duration::from_millis(50),
        ..one_session()
    };
    let runtime = runtime("evil", folder.path(), limits);
    let traffic = runtime.read_model("traffic").await.unwrap();
    let store = traffic.open().await.unwrap();
    let error = traffic.open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
    drop(store);
    // The state is how many stores are open in the session.
    let store = traffic.open().await.unwrap();
    assert_eq!(store.get().await.unwrap(), Some(json!(1)));
    store.close().await.unwrap();
    let trap = runtime
        .read_model("trap")
        .await
        .unwrap()
        .open()
        .await
        .unwrap();
    assert_eq!(trap.get().await.unwrap_err().kind(), ErrorKind::Crashed);
    assert_eq!(trap.get().await.unwrap_err().kind(), ErrorKind::Unavailable);
    // Its session is free while it is still there.
    let store = traffic.open().await.unwrap();
    store.close().await.unwrap();
    trap.close().await.unwrap();
}

#[tokio::test]
async fn a_connector_without_read_models_and_a_name_that_nobody_declared_are_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime("memory", folder.path(), Limits::default());
    let error = runtime.read_model("traffic").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("read-model"), "{error}");
    let error = runtime.read_model("wether").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().contains("did you mean \"weather\"?"),
        "{error}"
    );
}
