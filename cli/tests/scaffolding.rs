//! A connector's afternoon: `tenon new`, the scaffold's own tests, its component, and `tenon dev`.
//!
//! These build crates with cargo, without a network: with the versions that this workspace is locked to, and into
//! one target folder, so that dependencies are built once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A failed test may panic.

mod program;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use program::{Project, guests, says};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Longer than a build of a scaffold with all its dependencies takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// A scaffold that can be built here.
fn scaffold(project: &Project, name: &str) -> PathBuf {
    // With it cargo has fetched whatever a connector is built of.
    guests::guest("hello");
    project.shows(&["new", name]);
    let folder = project.path().join(name);
    fs::copy(
        Path::new(WORKSPACE).join("Cargo.lock"),
        folder.join("Cargo.lock"),
    )
    .unwrap();
    let target = guests::target_folder().join("scaffolds");
    fs::create_dir_all(&target).unwrap();
    std::os::unix::fs::symlink(target, folder.join("target")).unwrap();
    folder
}

fn cargo(folder: &Path, arguments: &[&str]) {
    let output = std::process::Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_NET_OFFLINE", "true")
        // It builds into its own folder `target`, as the connector of its tenon.toml has it.
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {said}");
}

#[test]
fn a_new_connector_is_tested_built_registered_and_serves_records() {
    let project = Project::empty();
    let folder = scaffold(&project, "scaffold-built");
    cargo(&folder, &["test", "--quiet"]);
    cargo(
        &folder,
        &["build", "--quiet", "--release", "--target", "wasm32-wasip2"],
    );

    let tenon = |arguments: &[&str]| {
        let mut command = project.tenon_alone(arguments);
        command.current_dir(&folder);
        let output = command.assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    };
    let registered = tenon(&[
        "register",
        "target/wasm32-wasip2/release/scaffold_built.wasm",
    ]);
    assert!(
        registered.contains("name          scaffold-built"),
        "{registered}"
    );
    assert_eq!(
        tenon(&["find", "Entry", "--fields", "name", "-o", "csv"]),
        "name\nada\nalan\ngrace\n"
    );
    assert_eq!(
        tenon(&[
            "count",
            "Entry",
            "--where",
            r#"{"text": {"like": "%ask%"}}"#
        ]),
        "1\n"
    );
    assert!(tenon(&["get", "Entry", "alan"]).contains("a short distance"));
    assert!(tenon(&["check-config"]).contains("nothing is wrong"));
    // As its README says.
    let checked = tenon(&["check", "--source", "entries"]);
    assert!(checked.contains("\nPASSED: "), "{checked}");

    fs::write(folder.join("data/entries.txt"), "ada: hello\nnonsense\n").unwrap();
    let mut find = project.tenon_alone(&["find", "Entry"]);
    find.current_dir(&folder);
    let said = says(find, 1);
    assert!(
        said.contains("/data/entries.txt: line 2 is not `name: text`"),
        "{said}"
    );
}

#[test]
fn nothing_that_is_there_is_touched_and_a_bad_name_is_told() {
    let project = Project::empty();
    project.write("file", "text");
    assert!(
        project
            .fails(7, &["new", "file"])
            .contains("is there already")
    );
    fs::create_dir(project.path().join("full")).unwrap();
    project.write("full/notes.txt", "mine");
    assert!(
        project
            .fails(7, &["new", "full"])
            .contains("not an empty folder")
    );
    assert_eq!(
        fs::read_dir(project.path().join("full")).unwrap().count(),
        1
    );
    let said = project.fails(2, &["new", "My Files"]);
    assert!(said.contains("--name my-files"), "{said}");
    let said = project.fails(3, &["new", "files", "--sdk", "nowhere"]);
    assert!(said.contains("tenon-sdk"), "{said}");
    let left: Vec<_> = fs::read_dir(project.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "a refusal leaves nothing: {left:?}");

    fs::create_dir(project.path().join("empty")).unwrap();
    project.shows(&[
        "new",
        "empty",
        "--name",
        "files",
        "--sdk",
        "https://example.com/tenon.git",
    ]);
    let manifest = project.read("empty/Cargo.toml");
    assert!(manifest.contains("name = \"files\""), "{manifest}");
    assert!(
        manifest.contains("git = \"https://example.com/tenon.git\""),
        "{manifest}"
    );
}

/// `tenon dev`, with all that it shows.
struct Dev {
    child: Child,
    lines: Receiver<String>,
}

impl Dev {
    fn start(project: &Project, folder: &Path) -> Self {
        let prepared = project.tenon(&["dev"]);
        let mut command = std::process::Command::new(prepared.get_program());
        for (name, value) in prepared.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut child = command
            .arg("dev")
            .arg(folder)
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let outputs: [Box<dyn std::io::Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for output in outputs {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Self { child, lines }
    }

    /// Waits until each of these was shown, in any order, and returns all that was.
    fn shows(&self, wanted: &[&str]) -> String {
        let started = Instant::now();
        let mut shown = String::new();
        while !wanted.iter().all(|wanted| shown.contains(wanted)) {
            let left = PATIENCE.saturating_sub(started.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => shown = format!("{shown}{line}\n"),
                Err(end) => panic!("{end} while waiting for {wanted:?}: {shown}"),
            }
        }
        shown
    }

    fn enter(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    fn interrupt(mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn an_author_sees_each_change_and_what_is_wrong_with_it() {
    const WAITING: &str = "waiting for a change";
    let project = Project::empty();
    let folder = scaffold(&project, "scaffold-dev");
    let entries = folder.join("src/entries.rs");
    let mut dev = Dev::start(&project, &folder);
    let shown = dev.shows(&[WAITING, "Entry: the first 3 records", "grace"]);
    assert!(shown.contains("scaffold-dev 0.1.0 (crud)"), "{shown}");
    let log = shown
        .lines()
        .find(|line| line.contains("reading /data/entries.txt"))
        .unwrap();
    assert!(
        log.contains("DEBUG") && log.contains("tenon::guest"),
        "{log}"
    );

    edit(
        &entries,
        ".with(\"text\", text.trim())",
        ".with(\"text\", text.trim().to_uppercase())",
    );
    dev.shows(&[WAITING, "IT IS EASIER TO ASK"]);

    // What doesn't compile is shown, and what was built before goes on.
    edit(&entries, "to_uppercase()", "to_upper_case()");
    dev.shows(&[
        "error[E0599]",
        "doesn't build",
        "what was built before goes on",
    ]);
    dev.enter();
    dev.shows(&["IT IS EASIER TO ASK"]);

    // A panic is shown with the functions that led to it, and where they are.
    edit(
        &entries,
        "to_upper_case()",
        "parse::<u64>().unwrap().to_string()",
    );
    let shown = dev.shows(&[WAITING, "connector trapped", "the connector crashed"]);
    assert!(shown.contains("ParseIntError"), "{shown}");
    assert!(shown.contains("scaffold_dev::entries::parse"), "{shown}");
    assert!(shown.contains("src/entries.rs:"), "{shown}");

    edit(
        &entries,
        "parse::<u64>().unwrap().to_string()",
        "to_lowercase()",
    );
    dev.shows(&[WAITING, "it is easier to ask"]);
    dev.interrupt();
}
