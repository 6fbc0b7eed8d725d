//! A kill at any moment costs nothing that was confirmed, and the file opens at once.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tenon_sdk::{
    Connector, Crud, Entity, Key, PropertyType, TransactionOptions, Transactions, Value,
};
use tenon_sqlite::Sqlite;

/// Says to this very program that it is the one to be killed, and which file it writes.
const VICTIM: &str = "TENON_SQLITE_VICTIM";

fn open(path: &str) -> Sqlite {
    let mut sqlite = common::connect(Path::new(path));
    let model = tenon_model::Model::new("Record")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("half", PropertyType::Integer))
        .property(tenon_model::Property::new("seen", PropertyType::Integer))
        .index(&["half"], false)
        .to_contract();
    common::make(&mut sqlite, &model);
    sqlite.define(model).unwrap();
    sqlite
}

/// Writes records in batches until it is killed, and says the last of each batch that is confirmed.
fn write(write_batch: fn(&mut Sqlite, Vec<Entity>)) {
    let Ok(path) = std::env::var(VICTIM) else {
        return;
    };
    let mut sqlite = open(&path);
    let mut next = i64::try_from(sqlite.count("Record", Vec::new()).unwrap()).unwrap();
    loop {
        let batch = (next..next + 5).map(|id| Entity::new().with("id", id).with("half", id / 2));
        write_batch(&mut sqlite, batch.collect());
        next += 5;
        println!("confirmed {}", next - 1);
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn victim() {
    write(|sqlite, batch| {
        sqlite.create_all("Record", batch).unwrap();
    });
}

#[test]
fn victim_in_transactions() {
    write(|sqlite, batch| {
        sqlite.begin(TransactionOptions::default()).unwrap();
        for record in batch {
            sqlite.create("Record", record).unwrap();
        }
        // Every record gets the number of the records that there are.
        let all = i64::try_from(sqlite.count("Record", Vec::new()).unwrap()).unwrap();
        let seen = Entity::new().with("seen", all);
        sqlite.update("Record", Vec::new(), seen).unwrap();
        sqlite.commit().unwrap();
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
    let path = folder.path().join("records.sqlite");
    let text = path.to_str().unwrap();
    let mut last = -1;
    for round in 0..12_u64 {
        let confirmed = write_until_killed(victim, text, Duration::from_millis(5 + 37 * round));
        last = confirmed.unwrap_or(last).max(last);
        let mut sqlite = open(text);
        let whole = common::ask(&mut sqlite, "PRAGMA integrity_check", Vec::new());
        assert_eq!(whole, [[Value::from("ok")]], "round {round}");
        for id in 0..=last {
            assert!(
                sqlite.exists("Record", Key::from(id)).unwrap(),
                "round {round}: {id} of {last} is gone"
            );
        }
        let count = sqlite.count("Record", Vec::new()).unwrap();
        let by_index =
            tenon_model::Filter::compare("half", tenon_model::Comparison::GreaterOrEqual, 0_i64);
        assert_eq!(
            sqlite.count("Record", by_index.to_nodes()).unwrap(),
            count,
            "round {round}: the index differs"
        );
        assert_eq!(count % 5, 0, "round {round}: a batch is there by half");
        let mut seen: Vec<Option<Value>> = Vec::new();
        for id in 0..i64::try_from(count).unwrap() {
            let record = sqlite.find("Record", Key::from(id)).unwrap().unwrap();
            seen.push(record.get("seen").cloned());
        }
        seen.dedup();
        assert!(seen.len() <= 1, "round {round}: an update is there by half");
    }
    assert!(last > 0);
}
