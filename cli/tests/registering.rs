//! Connectors and data sources on the command line, without and with a `tenon.toml`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A failed test may panic.

mod program;
#[path = "../../runtime/tests/support/connector.rs"]
mod tiny;

use std::fs;

use predicates::str::contains;
use program::{Project, says};

#[test]
fn connectors_are_registered_listed_inspected_and_removed_without_a_configuration() {
    let project = Project::empty();
    let list = says(project.tenon_alone(&["connectors"]), 0);
    assert!(list.contains("no connector is registered"), "{list}");
    assert!(
        !project.path().join(".tenon").exists(),
        "looking makes nothing"
    );

    project.write("tiny.wasm", tiny::connector("tiny", "0.1.0"));
    let register = project
        .tenon_alone(&["register", "tiny.wasm"])
        .assert()
        .success();
    let text = String::from_utf8_lossy(&register.get_output().stdout).into_owned();
    for part in [
        "name          tiny",
        "version       0.1.0",
        "outcome       registered",
        "sha256:",
        "bytes",
        "seconds",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    project
        .tenon_alone(&["register", "tiny.wasm"])
        .assert()
        .success()
        .stdout(contains("was registered already"));
    project
        .tenon_alone(&["connectors", "-o", "csv"])
        .assert()
        .success()
        .stdout(contains("tiny,0.1.0,exclusive"));
    project
        .tenon_alone(&["inspect", "tiny"])
        .assert()
        .success()
        .stdout(contains("A connector for tests."));
    project
        .tenon_alone(&["inspect", "tiny", "-o", "json"])
        .assert()
        .success()
        .stdout(contains(r#""settings-schema":{"type":"object"}"#));
    project
        .tenon_alone(&["remove", "tiny@0.1"])
        .assert()
        .success()
        .stdout(contains("removed tiny 0.1.0"));
    assert!(says(project.tenon_alone(&["inspect", "tiny"]), 3).contains("tiny"));
}

#[test]
fn what_is_no_connector_is_refused_and_the_others_are_taken() {
    let project = Project::empty();
    project.write("text.wasm", "no connector");
    project.write("good.wasm", tiny::connector("good", "0.1.0"));
    project.write(
        "other.wasm",
        tiny::variant(tiny::connector("good", "0.1.0"), "other"),
    );
    let told = says(
        project.tenon_alone(&["register", "text.wasm", "good.wasm"]),
        6,
    );
    assert!(
        told.contains("text.wasm: this is not WebAssembly"),
        "{told}"
    );
    project
        .tenon_alone(&["connectors"])
        .assert()
        .success()
        .stdout(contains("good"));
    says(project.tenon_alone(&["register", "other.wasm"]), 7);
    says(project.tenon_alone(&["register", "missing.wasm"]), 1);
}

#[test]
fn the_registry_can_be_named() {
    let (project, other) = (Project::empty(), Project::empty());
    project.write("tiny.wasm", tiny::connector("tiny", "0.1.0"));
    let folder = other.path().join("registry");
    let folder = folder.to_str().unwrap();
    project
        .tenon_alone(&["--registry", folder, "register", "tiny.wasm"])
        .assert()
        .success();
    project
        .tenon_alone(&["connectors"])
        .env("TENON_REGISTRY", folder)
        .assert()
        .success()
        .stdout(contains("tiny"));
    assert!(!project.path().join(".tenon").exists());
}

#[test]
fn a_locked_connector_stays_until_it_is_upgraded() {
    let project = Project::new("[sources.one]\nconnector = \"tiny@0.1\"\n");
    project.write("old.wasm", tiny::connector("tiny", "0.1.0"));
    project.write("new.wasm", tiny::connector("tiny", "0.1.1"));
    project.write("next.wasm", tiny::connector("tiny", "0.2.0"));
    project
        .tenon_alone(&["register", "old.wasm"])
        .assert()
        .success();
    // It can't be asked what it needs, but it is locked now.
    says(project.tenon_alone(&["sources"]), 1);
    project
        .tenon_alone(&["register", "new.wasm", "next.wasm"])
        .assert()
        .success();
    project
        .tenon_alone(&["sources"])
        .assert()
        .stdout(contains("tiny 0.1.0"));
    let used = says(project.tenon_alone(&["remove", "tiny@0.1.0"]), 7);
    assert!(used.contains("tiny 0.1.0 is used by: one"), "{used}");
    project
        .tenon_alone(&["inspect", "tiny@0.1.0"])
        .assert()
        .success()
        .stdout(contains("used by       one"));

    project
        .tenon_alone(&["upgrade", "-o", "csv"])
        .assert()
        .success()
        .stdout(contains("one,tiny@0.1,0.1.0,0.1.1,moved"));
    project
        .tenon_alone(&["upgrade", "one", "-o", "csv"])
        .assert()
        .success()
        .stdout(contains("is the newest"));
    project
        .tenon_alone(&["remove", "tiny@0.1.0"])
        .assert()
        .success();
    let unknown = says(project.tenon_alone(&["upgrade", "ones"]), 3);
    assert!(unknown.contains("did you mean \"one\"?"), "{unknown}");
}

#[test]
fn sources_show_needs_grants_limits_and_models_and_one_that_is_wrong_hides_no_other() {
    let project = Project::with_redb(
        r#"
[sources.bare]
connector = "gone"

[sources.closed]
connector = "gone"
limits = { memory = "64MiB", call-timeout = "5s" }

[models.Route]
source = "store"
"#,
    );
    let config = project.read("tenon.toml");
    let connector = config
        .lines()
        .find(|line| line.starts_with("connector"))
        .unwrap()
        .to_owned();
    let closed = format!("[sources.closed]\n{connector}\nsettings = {{ path = \"/data/x.redb\" }}");
    project.write(
        "tenon.toml",
        config.replace("[sources.closed]\nconnector = \"gone\"", &closed),
    );
    let shown = project.tenon(&["sources"]).assert().code(3);
    let text = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    for part in [
        "no connector named gone",
        "writing to /data: granted",
        "writing to /data: NOT GRANTED",
        r#"grants = [{ folder = "./data", as = "/data", mode = "write" }]"#,
        "memory = 64MiB, usually 256MiB",
        "call-timeout = 5s, usually 30s",
        "models     Route",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    project
        .tenon(&["sources", "store", "-o", "json"])
        .assert()
        .success()
        .stdout(contains(r#""models":["Route"]"#));
    project.tenon(&["sources", "closed"]).assert().code(4);
}

#[test]
fn sources_tell_who_sees_to_it_that_no_two_callers_create_the_same() {
    let project = Project::with_json_files(&format!(
        "[sources.memory]\nconnector = {:?}\n",
        program::guests::guest("memory")
    ));
    for (name, said, means) in [
        (
            "memory",
            "backend",
            "upserts    in one step of the backend's",
        ),
        (
            "files",
            "runtime",
            "upserts    by key as the backend refuses duplicates",
        ),
    ] {
        let text = project.shows(&["sources", name]);
        assert!(text.contains(means), "{text}");
        let row = project.shows(&["sources", name, "-o", "ndjson"]);
        assert!(row.contains(&format!(r#""upserts":"{said}""#)), "{row}");
    }
}

#[test]
fn a_missing_grant_is_an_error_with_the_line_to_add() {
    let project = Project::with_redb(program::ROUTE);
    let config = project.read("tenon.toml");
    let without: String = config
        .lines()
        .filter(|line| !line.starts_with("grants"))
        .map(|line| format!("{line}\n"))
        .collect();
    project.write("tenon.toml", &without);
    project.write("routes.csv", "origin,destination,count\nA,B,1\n");
    for command in [
        &["count", "Route"][..],
        &["import", "routes.csv", "--model", "Route"],
    ] {
        let told = project.fails(4, command);
        assert!(
            told.contains(r#"grants = [{ folder = "./data", as = "/data", mode = "write" }]"#),
            "{told}"
        );
    }
    let line = r#"grants = [{ folder = "./data", as = "/data", mode = "write" }]"#;
    project.write(
        "tenon.toml",
        without
            .replace("[models.Route]", &format!("{line}\n[models.Route]"))
            .replacen("settings =", "settings  =", 1),
    );
    assert_eq!(project.shows(&["count", "Route"]), "0\n");
}

#[test]
fn every_mistake_in_a_configuration_is_shown_in_its_text() {
    let project = Project::new("[sources.a]\nconector = \"x\"\n\n[models.M]\nsource = \"b\"\n");
    let told = project.fails(2, &["sources"]);
    assert!(
        told.contains("conector") && told.contains("tenon.toml:2"),
        "{told}"
    );
    assert!(told.contains("source = \"b\""), "{told}");
    let missing = says(Project::empty().tenon(&["sources"]), 2);
    assert!(missing.contains("tenon.toml"), "{missing}");
}

#[test]
fn completions_are_written_for_shells() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish"] {
        project
            .tenon(&["completions", shell])
            .assert()
            .success()
            .stdout(contains("tenon"));
    }
    project.tenon(&["completions", "cobol"]).assert().code(2);
    assert!(fs::read_dir(project.path()).unwrap().next().is_none());
}

#[test]
fn the_log_is_as_long_as_it_is_asked_for() {
    let project = Project::with_redb(program::ROUTE);
    let quiet = says(project.tenon(&["count", "Route"]), 0);
    assert_eq!(quiet, "");
    let operations = says(project.tenon(&["count", "Route", "-v"]), 0);
    assert!(operations.contains("operation done"), "{operations}");
    let mut wrong = project.tenon(&["count", "Route"]);
    wrong.env("TENON_LOG", "tenon=loud");
    assert!(says(wrong, 2).contains("TENON_LOG"));
}
