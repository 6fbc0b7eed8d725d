//! A kill at any moment costs nothing that was confirmed, and leaves no file by half.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{connect, files};
use tempfile::TempDir;
use tenon_sdk::{Connector, Crud, Entity, PropertyType, ReadModel, Store};

/// Says to this very program that it is the one to be killed, and in which folder it writes.
const VICTIM: &str = "TENON_JSON_FILES_VICTIM";

fn open(folder: &Path) -> (tenon_json_files::JsonFiles, tenon_json_files::JsonStore) {
    let mut session = connect(folder);
    let model = tenon_model::Model::new("Record").key("id", PropertyType::Integer);
    session.define(model.to_contract()).unwrap();
    let store = session.open("numbers").unwrap();
    (session, store)
}

/// Writes records in batches and their sum as a state, until it is killed, and says what is confirmed.
#[test]
fn victim() {
    let Ok(folder) = std::env::var(VICTIM) else {
        return;
    };
    let (mut session, mut store) = open(Path::new(&folder));
    let mut next = i64::try_from(session.count("Record", Vec::new()).unwrap()).unwrap();
    loop {
        let batch = (next..next + 5).map(|id| Entity::new().with("id", id));
        session.create_all("Record", batch.collect()).unwrap();
        next += 5;
        let padding = "x".repeat(20_000);
        store
            .set(format!(r#"{{"next": {next}, "padding": "{padding}"}}"#))
            .unwrap();
        println!("confirmed {next}");
        std::io::stdout().flush().unwrap();
    }
}

fn write_until_killed(folder: &Path, after: Duration) -> Option<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["victim", "--exact", "--nocapture"])
        .env(VICTIM, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let confirmed = output.lines().map_while(Result::ok);
        confirmed
            .filter_map(|line| line.split_once("confirmed ")?.1.parse::<i64>().ok())
            .last()
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_confirmed() {
    let folder = TempDir::new().unwrap();
    let mut last = 0;
    for round in 0..12_u64 {
        let confirmed = write_until_killed(folder.path(), Duration::from_millis(5 + 29 * round));
        last = confirmed.unwrap_or(last).max(last);
        // The lock of the dead one is taken over, and what it had only begun is gone.
        let (mut session, mut store) = open(folder.path());
        let begun = files(folder.path())
            .into_iter()
            .any(|file| file.ends_with(".begun"));
        assert!(!begun, "round {round}");
        let count = i64::try_from(session.count("Record", Vec::new()).unwrap()).unwrap();
        assert!(count >= last, "round {round}: {count} of {last}");
        assert_eq!(count % 5, 0, "round {round}: a batch is there by half");
        let state = store.get().unwrap();
        let next = state.map_or(0, |state| {
            serde_json::from_str::<serde_json::Value>(&state).unwrap()["next"]
                .as_i64()
                .unwrap()
        });
        assert!(
            next >= last,
            "round {round}: the state is of {next}, and {last} were confirmed"
        );
        session.close(store, "numbers").unwrap();
    }
    assert!(last > 0);
}
