//! What the tests of the program share: projects in folders of their own, and one registry for their connectors,
//! since compiling takes longer than most tests.

#![allow(dead_code)]
// Each test program uses a part of it.
// Clippy takes only functions with its attribute for tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../runtime/tests/support/guests.rs"]
pub mod guests;

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use assert_cmd::Command;
use tempfile::TempDir;

/// A folder with a `tenon.toml`.
pub struct Project(TempDir);

impl Project {
    /// One data source, `store`, on a file.
    pub fn with_redb(models: &str) -> Self {
        let redb = guests::guest("redb");
        let project = Self::new(&format!(
            r#"
[sources.store]
connector = {redb:?}
settings = {{ path = "/data/store.redb" }}
grants = [{{ folder = "./data", as = "/data", mode = "write" }}]

{models}"#
        ));
        fs::create_dir(project.path().join("data")).unwrap();
        project
    }

    /// One data source, `store`, on a file, which takes commands; none, loudly, where the connector can't be built.
    pub fn with_sqlite(models: &str) -> Option<Self> {
        let sqlite = guests::guest_with_c("sqlite")?;
        let project = Self::new(&format!(
            r#"
[sources.store]
connector = {sqlite:?}
native = true
settings = {{ path = "/data/store.sqlite" }}
grants = [{{ folder = "./data", as = "/data", mode = "write" }}]

{models}"#
        ));
        fs::create_dir(project.path().join("data")).unwrap();
        Some(project)
    }

    /// One data source, `files`, on a folder.
    pub fn with_json_files(rest: &str) -> Self {
        let files = guests::guest("json-files");
        let project = Self::new(&format!(
            r#"
[sources.files]
connector = {files:?}
settings = {{ path = "/data" }}
grants = [{{ folder = "./data", as = "/data", mode = "write" }}]

{rest}"#
        ));
        fs::create_dir(project.path().join("data")).unwrap();
        project
    }

    /// One data source, `evil`, which allows commands or not.
    pub fn with_evil(native: bool) -> Self {
        let evil = guests::guest("evil");
        Self::new(&format!(
            "[sources.evil]\nconnector = {evil:?}\nnative = {native}\n"
        ))
    }

    /// That configuration.
    pub fn new(config: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write("tenon.toml", config);
        project
    }

    /// No configuration at all.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The program, with the registry that the tests share.
    pub fn tenon(&self, arguments: &[&str]) -> Command {
        let mut command = self.tenon_alone(arguments);
        command.env(
            "TENON_REGISTRY",
            guests::target_folder().join("test-registry-of-tenon"),
        );
        command
    }

    /// The program, with the project's own registry.
    pub fn tenon_alone(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("tenon").unwrap();
        command.current_dir(self.path()).args(arguments);
        for variable in ["TENON_CONFIG", "TENON_REGISTRY", "TENON_LOG"] {
            command.env_remove(variable);
        }
        command
    }

    /// The program, with the registry that the tests share, to be started and left alone.
    pub fn started(&self, arguments: &[&str]) -> Child {
        let prepared = self.tenon(arguments);
        let mut command = std::process::Command::new(prepared.get_program());
        command.args(prepared.get_args()).current_dir(self.path());
        for (name, value) in prepared.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs the program, which succeeds, and returns what it shows.
    pub fn shows(&self, arguments: &[&str]) -> String {
        let output = self
            .tenon(arguments)
            .assert()
            .success()
            .get_output()
            .stdout
            .clone();
        String::from_utf8(output).unwrap()
    }

    /// Runs the program, which fails with that exit code, and returns what it says, on one line: where lines
    /// break depends on the length of paths.
    pub fn fails(&self, code: i32, arguments: &[&str]) -> String {
        says(self.tenon(arguments), code)
    }
}

/// Runs the program, which ends with that exit code, and returns what it says on the standard error.
pub fn says(mut command: Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().stderr.clone();
    let text = String::from_utf8(output).unwrap();
    let lines = text
        .lines()
        .map(|line| line.trim_matches([' ', '│', '×', '╰', '─', '▶', '├']));
    lines.collect::<Vec<_>>().join(" ")
}

/// A command's words, as a shell would split them.
pub fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in command.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words
}

pub const ROUTE: &str = r#"
[models.Route]
source = "store"
key = ["origin", "destination"]
properties.origin = "text"
properties.destination = "text"
properties.count = { type = "integer", required = true }
"#;
