//! A kill at any moment costs nothing that was confirmed, and the file opens without repair.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tenon_redb::{CacheSize, Redb, Settings};
use tenon_sdk::{
    Connector, Crud, Entity, Key, Limits, PropertyType, TransactionOptions, Transactions, Value,
};

/// Says to this very program that it is the one to be killed, and which file it writes.
const VICTIM: &str = "TENON_REDB_VICTIM";

fn open(path: &str) -> Redb {
    let settings = Settings {
        path: path.into(),
        cache_size: Some(CacheSize(1 << 20)),
    };
    let mut redb = Redb::initialize(settings, &Limits::default()).unwrap();
    redb.connect().unwrap();
    let model = tenon_model::Model::new("Record")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("half", PropertyType::Integer))
        .property(tenon_model::Property::new("seen", PropertyType::Integer))
        .index(&["half"], false);
    redb.define(model.to_contract()).unwrap();
    redb
}

/// Writes records in batches until it is killed, and says the last of each batch that is confirmed.
fn write(write_batch: fn(&mut Redb, Vec<Entity>)) {
    let Ok(path) = std::env::var(VICTIM) else {
        return;
    };
    let mut redb = open(&path);
    let mut next = i64::try_from(redb.count("Record", Vec::new()).unwrap()).unwrap();
    loop {
        let batch = (next..next + 5).map(|id| Entity::new().with("id", id).with("half", id / 2));
        write_batch(&mut redb, batch.collect());
        next += 5;
        println!("confirmed {}", next - 1);
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn victim() {
    write(|redb, batch| {
        redb.create_all("Record", batch).unwrap();
    });
}

#[test]
fn victim_in_transactions() {
    write(|redb, batch| {
        redb.begin(TransactionOptions::default()).unwrap();
        for record in batch {
            redb.create("Record", record).unwrap();
        }
        // Every record gets the number of the records that there are.
        let all = i64::try_from(redb.count("Record", Vec::new()).unwrap()).unwrap();
        let seen = Entity::new().with("seen", all);
        redb.update("Record", Vec::new(), seen).unwrap();
        redb.commit().unwrap();
    });
}

fn write_until_killed(victim: &str, path: &str, after: Duration) -> Option<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([victim, "--exact", "--nocapture"])
        .env(VICTIM, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let confirmed = output.lines().map_while(Result::ok);
        confirmed
            .filter_map(|line| line.strip_prefix("confirmed ")?.parse::<i64>().ok())
            .last()
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn opens_without_repair(path: &Path) -> bool {
    let repaired = Arc::new(AtomicBool::new(false));
    let seen = repaired.clone();
    let database = redb::Builder::new()
        .set_repair_callback(move |_| seen.store(true, Ordering::Relaxed))
        .open(path)
        .unwrap();
    drop(database);
    !repaired.load(Ordering::Relaxed)
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_confirmed() {
    kill_at_any_moment("victim");
}

#[test]
fn a_kill_in_a_transaction_leaves_nothing_of_it() {
    kill_at_any_moment("victim_in_transactions");
}

fn kill_at_any_moment(victim: &str) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records.redb");
    let text = path.to_str().unwrap();
    let mut last = -1;
    for round in 0..12_u64 {
        let confirmed = write_until_killed(victim, text, Duration::from_millis(5 + 37 * round));
        last = confirmed.unwrap_or(last).max(last);
        if path.exists() {
            assert!(opens_without_repair(&path), "round {round}");
        }
        let mut redb = open(text);
        for id in 0..=last {
            assert!(
                redb.exists("Record", Key::from(id)).unwrap(),
                "round {round}: {id} of {last} is gone"
            );
        }
        let count = redb.count("Record", Vec::new()).unwrap();
        let by_index =
            tenon_model::Filter::compare("half", tenon_model::Comparison::GreaterOrEqual, 0_i64);
        assert_eq!(
            redb.count("Record", by_index.to_nodes()).unwrap(),
            count,
            "round {round}: the index differs"
        );
        assert_eq!(count % 5, 0, "round {round}: a batch is there by half");
        let mut seen: Vec<Option<Value>> = Vec::new();
        for id in 0..i64::try_from(count).unwrap() {
            let record = redb.find("Record", Key::from(id)).unwrap().unwrap();
            seen.push(record.get("seen").cloned());
        }
        seen.dedup();
        assert!(seen.len() <= 1, "round {round}: an update is there by half");
    }
    assert!(last > 0);
}
