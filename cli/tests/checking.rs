//! `tenon check-config`: everything that is wrong, and what would change, without changing anything.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A failed test may panic.

mod program;
#[path = "../../runtime/tests/support/connector.rs"]
#[allow(dead_code)] // The tests of the registry use the rest.
mod tiny;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use program::{Project, ROUTE, guests};

/// Every file of a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

fn run(project: &Project, arguments: &[&str], code: i32) -> String {
    let mut command = project.tenon_alone(&[&["check-config"], arguments].concat());
    let output = command.assert().code(code).get_output().clone();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_good_configuration_is_good_and_nothing_is_made() {
    let project = Project::with_redb(ROUTE);
    let before = files(project.path());
    let text = run(&project, &[], 0);
    assert!(
        text.contains("nothing is wrong: data sources 1, models 1"),
        "{text}"
    );
    assert_eq!(files(project.path()), before);
}

#[test]
fn every_mistake_is_told_with_its_remedy() {
    let redb = guests::guest("redb");
    let project = Project::new(&format!(
        r#"
[sources.wrong]
connector = {redb:?}
settings = {{ path = 5, cash-size = 3 }}

[sources.bare]
connector = {redb:?}
settings = {{ path = "/data/store.redb" }}

[sources.nowhere]
connector = {redb:?}
settings = {{ path = "/data/store.redb" }}
grants = [{{ folder = "./missing", as = "/data", mode = "write" }}]

[sources.unknown]
connector = "unheard-of"

[sources.secretive]
connector = {redb:?}
settings = {{ path = {{ env = "NO_SUCH_VARIABLE_OF_TENONS" }} }}
"#
    ));
    let before = files(project.path());
    let text = run(&project, &[], 4);
    for wrong in [
        "its settings are wrong",
        "cash-size",
        "the connector asks for writing to /data",
        "grants = [{ folder",
        "missing is not there",
        "mkdir -p",
        "unheard-of",
        "NO_SUCH_VARIABLE_OF_TENONS",
    ] {
        assert!(text.contains(wrong), "{wrong} in {text}");
    }
    assert_eq!(files(project.path()), before);
    let json = run(&project, &["--output", "json"], 4);
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    let outcomes: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["outcome"])
        .collect();
    assert_eq!(
        outcomes,
        ["itself", "itself", "itself", "missing", "itself"]
    );
    assert!(
        rows[0]["problems"][0]
            .as_str()
            .unwrap()
            .contains("[sources.bare]"),
        "{json}"
    );

    project.write("tenon.toml", "[sources.one]\nconector = \"redb\"\n");
    let text = run(&project, &[], 2);
    assert!(text.contains("conector"), "{text}");
}

#[test]
fn what_the_lock_would_become_is_told_and_not_done() {
    let project = Project::new("[sources.one]\nconnector = \"tiny\"\n");
    let register = |version: &str| {
        project.write("tiny.wasm", tiny::connector("tiny", version));
        project
            .tenon_alone(&["register", "tiny.wasm"])
            .assert()
            .success();
    };
    let outcome = || {
        let before = std::fs::read(project.path().join("tenon.lock")).ok();
        let json = run(&project, &["-o", "ndjson"], 1);
        assert_eq!(
            std::fs::read(project.path().join("tenon.lock")).ok(),
            before
        );
        let rows = json
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        rows.map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            let version = |name: &str| text(name).split(',').next().unwrap().to_owned();
            (text("outcome"), version("connector"), version("newest"))
        })
        .collect::<Vec<_>>()
    };
    let is = |outcome: &str, connector: &str, newest: &str| {
        (outcome.to_owned(), connector.to_owned(), newest.to_owned())
    };
    // Such a connector can do nothing but describe itself, which is found out, and is no matter here.
    register("0.1.0");
    assert_eq!(outcome(), [is("new", "tiny 0.1.0", "-")]);
    // Asking for its data sources remembers what they stand for.
    project.tenon_alone(&["upgrade"]).assert().success();
    assert_eq!(outcome(), [is("locked", "tiny 0.1.0", "-")]);
    register("0.2.0");
    assert_eq!(outcome(), [is("can move", "tiny 0.1.0", "tiny 0.2.0")]);
    let text = run(&project, &[], 1);
    assert!(text.contains("tenon upgrade one"), "{text}");

    project.write("tenon.toml", "[sources.two]\nconnector = \"tiny@0.2\"\n");
    assert_eq!(
        outcome(),
        [
            is("new", "tiny 0.2.0", "-"),
            is("unused", "tiny 0.1.0", "-")
        ]
    );

    // A connector that is locked to and gone.
    project.write("tenon.toml", "[sources.one]\nconnector = \"tiny\"\n");
    project.write("other.toml", "");
    project
        .tenon_alone(&["remove", "tiny@0.1", "--config", "other.toml"])
        .assert()
        .success();
    let text = run(&project, &[], 3);
    assert!(text.contains("which is not registered"), "{text}");
    assert!(text.contains("tiny 0.2.0"), "{text}");
}

#[test]
fn models_and_read_models_need_a_connector_that_keeps_them() {
    let project = Project::new(
        "[sources.one]\nconnector = \"./tiny.wasm\"\n\n[models.Thing]\nsource = \"one\"\nproperties.name = \"text\"\n\n[read-models.traffic]\nsource = \"one\"\n",
    );
    project.write("tiny.wasm", tiny::connector("tiny", "0.1.0"));
    let text = run(&project, &[], 2);
    for said in [
        "models (Thing)",
        "export `crud`",
        "read models (traffic)",
        "export `read-model`",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
}
