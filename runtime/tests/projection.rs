//! The example `projection`: each event counts once, wherever its process was stopped.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../examples/projection.rs"]
mod projection;
mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use projection::{Event, Traffic, events, project};
use support::{guest, target_folder};
use tenon_runtime::config::{Config, ReadModelConfig, SourceConfig};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::registry::Compiler;
use tenon_runtime::{ConnectorReference, DataSourceName, Runtime};

/// Names the folder that the process to be killed works in.
const FOLDER: &str = "TENON_TEST_PROJECTION_FOLDER";

const EVENTS: usize = 60_000;

/// How often a process is killed.
const KILLS: u64 = 8;

fn runtime(folder: &Path) -> Runtime {
    let name = DataSourceName::new("files").unwrap();
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let source = SourceConfig::new(name.clone(), ConnectorReference::Path(guest("json-files")))
        .setting("path", "/data")
        .grant(FolderGrant::writable(folder.join("data"), "/data").unwrap());
    let mut config = Config::new(folder)
        .source(source)
        .read_model(ReadModelConfig::new(name, "traffic"));
    config.registry = target_folder().join("test-registry");
    let builder = Runtime::builder(config).compiler(Compiler::InProcess);
    builder.build().unwrap()
}

fn airport(number: usize) -> String {
    format!("A{:02}", number * number % 97)
}

fn write_events(folder: &Path) -> String {
    let path = folder.join("events.ndjson");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    for number in 0..EVENTS {
        let airport = airport(number);
        serde_json::to_writer(&mut file, &Event { airport }).unwrap();
        file.write_all(b"\n").unwrap();
    }
    file.flush().unwrap();
    path.to_str().unwrap().to_owned()
}

async fn run(folder: &Path) -> Traffic {
    let runtime = runtime(folder);
    let traffic = runtime.read_model("traffic").await.unwrap();
    let path = folder.join("events.ndjson");
    println!("projecting");
    let folded = project(&traffic, events(path.to_str().unwrap()).unwrap()).await;
    let folded = folded.unwrap();
    runtime.shut_down().await.unwrap();
    folded
}

/// The life of the process that is killed. Without the folder's name there is nothing for it to do: it is a
/// test only so that the test program can be started as that process.
#[tokio::test]
async fn process_that_projects_until_it_is_killed() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        run(Path::new(&folder)).await;
    }
}

/// How far the read model came, as its file says.
fn position(folder: &Path) -> usize {
    let Ok(text) = std::fs::read_to_string(folder.join("data/traffic.read-model.json")) else {
        return 0;
    };
    let file: serde_json::Value = serde_json::from_str(&text).expect("a whole file");
    let position = file.pointer("/state/position").unwrap();
    usize::try_from(position.as_u64().unwrap()).unwrap()
}

#[tokio::test]
async fn every_event_counts_once_wherever_its_process_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    write_events(folder.path());
    let mut stopped_within = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "process_that_projects_until_it_is_killed",
                "--nocapture",
            ])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("projecting")));
        std::thread::sleep(Duration::from_millis(30 + kill * 13));
        child.kill().unwrap();
        child.wait().unwrap();
        let position = position(folder.path());
        stopped_within += usize::from((1..EVENTS).contains(&position));
    }
    assert!(stopped_within > 0, "no process was stopped in the middle");
    let mut expected = Traffic::default();
    for number in 0..EVENTS {
        let airport = airport(number);
        expected.fold(Event { airport });
    }
    assert_eq!(run(folder.path()).await, expected);
    // Once more changes nothing.
    assert_eq!(run(folder.path()).await, expected);
}
