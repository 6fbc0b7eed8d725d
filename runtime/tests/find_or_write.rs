//! Finding or writing a record: nobody creates what another has created, with the backend's own step or without.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use support::{Bench, entity};
use tenon_model::{Comparison, DefaultValue, Entity, Filter, Model, Property, PropertyType, Value};
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{Dao, ErrorKind, Runtime, TransactionOptions};

/// Connectors that have a step of their own, and one that hasn't.
const CONNECTORS: [&str; 3] = ["memory", "redb", "json-files"];

fn person() -> Model {
    Model::new("Person")
        .key("id", PropertyType::Integer)
        .property(Property::new("email", PropertyType::Text))
        .property(Property::new("name", PropertyType::Text).required())
        .property(
            Property::new("role", PropertyType::Text)
                .default(DefaultValue::Value(Value::from("reader"))),
        )
        .index(&["email"], true)
}

fn in_folder(connector: &str, source: SourceConfig, folder: &Path) -> SourceConfig {
    let path = match connector {
        "memory" => return source,
        "redb" => "/data/test.redb",
        _ => "/data",
    };
    std::fs::create_dir_all(folder.join("data")).unwrap();
    source
        .setting("path", path)
        .grant(FolderGrant::writable(folder.join("data"), "/data").unwrap())
}

async fn bench(connector: &str) -> Bench {
    Bench::new(connector, vec![person()], |source, folder| {
        in_folder(connector, source, folder)
    })
    .await
}

fn ann() -> Entity {
    entity([
        ("id", 1.into()),
        ("email", "ann@example.org".into()),
        ("name", "Ann".into()),
    ])
}

fn has_email() -> Filter {
    Filter::equal("email", "ann@example.org")
}

#[tokio::test]
async fn update_or_create_creates_with_defaults_and_updates_without() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        let first = people.update_or_create(ann()).await.unwrap();
        assert!(first.created, "{connector}");
        assert_eq!(first.record.get("role"), Some(&"reader".into()));
        let promote = entity([("role", "editor".into())]);
        people.update_attributes(1, promote).await.unwrap();
        let rename = entity([("id", 1.into()), ("name", "Anna".into())]);
        let second = people.update_or_create(rename).await.unwrap();
        assert!(!second.created, "{connector}");
        assert_eq!(second.record.get("name"), Some(&"Anna".into()));
        assert_eq!(
            second.record.get("role"),
            Some(&"editor".into()),
            "{connector}: a default is for new records"
        );
        assert_eq!(
            second.record.get("email"),
            Some(&"ann@example.org".into()),
            "{connector}: what isn't given stays"
        );
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn data_that_are_no_whole_record_update_and_create_nothing() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        let nameless = entity([("id", 1.into()), ("role", "editor".into())]);
        let refused = people.update_or_create(nameless.clone()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Validation, "{connector}");
        assert!(refused.to_string().contains("name"), "{refused}");
        people.create(ann()).await.unwrap();
        let outcome = people.update_or_create(nameless).await.unwrap();
        assert!(!outcome.created);
        assert_eq!(outcome.record.get("role"), Some(&"editor".into()));
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn replace_or_create_leaves_nothing_of_the_old_record() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        assert!(people.replace_or_create(ann()).await.unwrap().created);
        let other = entity([("id", 1.into()), ("name", "Other".into())]);
        let outcome = people.replace_or_create(other).await.unwrap();
        assert!(!outcome.created);
        let now = people.find_by_id(1).await.unwrap().unwrap();
        assert_eq!(now, outcome.record, "{connector}");
        assert_eq!(now.get("email"), Some(&Value::Null), "{connector}");
        assert_eq!(now.get("name"), Some(&"Other".into()));
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn a_unique_index_finds_the_record_as_the_key_does() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        people.create(ann()).await.unwrap();
        let data = entity([
            ("email", "ann@example.org".into()),
            ("name", "Anna".into()),
            ("role", "editor".into()),
        ]);
        let outcome = people.update_or_create_by(&["email"], data).await.unwrap();
        assert!(!outcome.created, "{connector}");
        assert_eq!(outcome.record.get("id"), Some(&1.into()));
        assert_eq!(outcome.record.get("name"), Some(&"Anna".into()));
        let wrong = people.update_or_create_by(&["name"], ann()).await;
        let wrong = wrong.unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::Invalid);
        assert!(wrong.to_string().contains("upsert_where"), "{wrong}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn a_key_beside_what_finds_the_record_is_the_new_records() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        let outcome = people.update_or_create_by(&["email"], ann().with("id", 7));
        let outcome = outcome.await.unwrap();
        assert!(outcome.created);
        assert_eq!(outcome.record.get("id"), Some(&7.into()), "{connector}");
        let moved = people.update_or_create_by(&["email"], ann().with("id", 8));
        let moved = moved.await.unwrap_err();
        assert_eq!(moved.kind(), ErrorKind::Validation, "{connector}: {moved}");
        assert!(people.exists(7).await.unwrap(), "{connector}");
        assert!(!people.exists(8).await.unwrap(), "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn another_unique_value_that_is_taken_is_a_duplicate() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        people.create(ann()).await.unwrap();
        let thief = ann().with("id", 2);
        let refused = people.update_or_create(thief.clone()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Duplicate, "{connector}");
        let refused = people.replace_or_create(thief).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Duplicate, "{connector}");
        assert_eq!(people.count(Filter::all()).await.unwrap(), 1);
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn upsert_where_changes_one_creates_one_and_refuses_several() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        let created = people.upsert_where(has_email(), ann()).await.unwrap();
        assert!(created.created, "{connector}");
        let rename = entity([("name", "Anna".into())]);
        let changed = people.upsert_where(has_email(), rename).await.unwrap();
        assert!(!changed.created);
        assert_eq!(changed.record.get("name"), Some(&"Anna".into()));
        let bob = entity([("id", 2.into()), ("name", "Bob".into())]);
        people.create(bob).await.unwrap();
        let readers = Filter::equal("role", "reader");
        let rename = entity([("name", "Nobody".into())]);
        let refused = people.upsert_where(readers, rename).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict, "{connector}");
        let renamed = Filter::equal("name", "Nobody");
        assert_eq!(people.count(renamed).await.unwrap(), 0, "{connector}");
        bench.shut_down().await;
    }
}

/// Calls `work` from 64 callers at once, and returns how many of them created a record.
async fn at_once<F>(people: &Dao, work: impl Fn(Dao, i64) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let callers: Vec<_> = (0..64)
        .map(|caller| tokio::spawn(work(people.clone(), caller)))
        .collect();
    let mut created = 0;
    for caller in callers {
        created += usize::from(caller.await.unwrap());
    }
    created
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_callers_one_creates() {
    for connector in CONNECTORS {
        let bench = bench(connector).await;
        let people = bench.model("Person").await;
        let by_filter = |people: Dao, caller: i64| async move {
            let data = entity([("id", caller.into()), ("name", "Ann".into())]);
            let filter = Filter::equal("name", "Ann");
            people.find_or_create(filter, data).await.unwrap().created
        };
        assert_eq!(at_once(&people, by_filter).await, 1, "{connector}");
        let by_key = |people: Dao, caller: i64| async move {
            let name = Value::from(format!("caller {caller}"));
            let data = entity([("id", 1_000.into()), ("name", name)]);
            people.update_or_create(data).await.unwrap().created
        };
        assert_eq!(at_once(&people, by_key).await, 1, "{connector}");
        let where_none = |people: Dao, caller: i64| async move {
            let id = Value::from(2_000 + caller);
            let data = entity([("id", id), ("name", "Zoe".into())]);
            let filter = Filter::equal("name", "Zoe");
            match people.upsert_where(filter, data).await {
                Ok(outcome) => outcome.created,
                // The one that is there has another key.
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Validation);
                    false
                }
            }
        };
        assert_eq!(at_once(&people, where_none).await, 1, "{connector}");
        assert_eq!(people.count(Filter::all()).await.unwrap(), 3, "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_leave_create_no_second_record() {
    let bench = bench("json-files").await;
    let people = bench.model("Person").await;
    for caller in 0..200 {
        let data = entity([("id", caller.into()), ("name", "Ann".into())]);
        let filter = Filter::equal("name", "Ann");
        let finding = people.find_or_create(filter, data);
        let patience = std::time::Duration::from_micros(20 * caller as u64);
        // It may be given up anywhere: what was begun goes on, and keeps its turn.
        let _ = tokio::time::timeout(patience, finding).await;
    }
    let last = entity([("id", 1_000.into()), ("name", "Ann".into())]);
    let filter = Filter::equal("name", "Ann");
    people.find_or_create(filter, last).await.unwrap();
    assert_eq!(people.count(Filter::all()).await.unwrap(), 1);
    bench.shut_down().await;
}

#[tokio::test]
async fn inside_a_transaction_nothing_waits_for_itself() {
    for connector in ["memory", "redb"] {
        let bench = bench(connector).await;
        let begin = bench.runtime.transaction("test", TransactionOptions::new());
        let transaction = begin.await.unwrap();
        let people = transaction.model("Person").await.unwrap();
        assert!(people.update_or_create(ann()).await.unwrap().created);
        let again = people.find_or_create(has_email(), ann()).await.unwrap();
        assert!(!again.created);
        let rename = entity([("name", "Anna".into())]);
        let changed = people.upsert_where(has_email(), rename).await.unwrap();
        assert_eq!(changed.record.get("name"), Some(&"Anna".into()));
        drop((people, transaction));
        let people = bench.model("Person").await;
        assert_eq!(people.count(Filter::all()).await.unwrap(), 0, "{connector}");
        bench.shut_down().await;
    }
}

/// Names the folder that two processes write in at the same time.
const FOLDER: &str = "TENON_TEST_TWO_PROCESSES";

fn shared(folder: &Path) -> Runtime {
    Bench::runtime(folder, "redb", vec![person()], |source, folder| {
        in_folder("redb", source, folder)
    })
}

/// The life of either process. Without the folder's name there is nothing for it to do: it is a test only so that
/// the test program can be started as that process.
#[tokio::test]
async fn process_that_finds_or_creates() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let process = i64::from(std::process::id());
    for turn in 0..8 {
        let runtime = shared(Path::new(&folder));
        let people = runtime.model("Person").await.unwrap();
        let name = Value::from(format!("turn {turn}"));
        let data = entity([("id", (process * 8 + turn).into()), ("name", name.clone())]);
        let filter = Filter::compare("name", Comparison::Equal, name);
        people.find_or_create(filter, data).await.unwrap();
        runtime.shut_down().await.unwrap();
    }
}

#[tokio::test]
async fn two_processes_create_one_record() {
    if std::env::var_os(FOLDER).is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let processes: Vec<_> = (0..2)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["process_that_finds_or_creates", "--exact"])
                .env(FOLDER, folder.path())
                .stdout(Stdio::null())
                .spawn()
                .expect("this program starts")
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let runtime = shared(folder.path());
    let people = runtime.model("Person").await.unwrap();
    assert_eq!(people.count(Filter::all()).await.unwrap(), 8);
    runtime.shut_down().await.unwrap();
}
