//! Read models on the command line.

mod program;

use std::fs;

use program::Project;
use serde_json::{Value, json};

fn project() -> Project {
    Project::with_json_files(
        r#"
[read-models.traffic]
source = "files"

[read-models.players]
source = "files"
"#,
    )
}

#[test]
fn a_state_is_set_and_shown_and_dropped_by_consent() {
    let project = project();
    let none = project.fails(3, &["read-model", "get", "traffic"]);
    assert!(
        none.contains("the read model traffic has no state"),
        "{none}"
    );
    let state = r#"{"position": 2, "movements": {"SEA": 2}}"#;
    project.shows(&["read-model", "set", "traffic", state]);
    let shown = project.shows(&["read-model", "get", "traffic"]);
    assert!(shown.lines().count() > 1, "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown, json!({"position": 2, "movements": {"SEA": 2}}));
    let exact = "12345678901234567890.50";
    let set = project
        .tenon(&["read-model", "set", "traffic", "-"])
        .write_stdin(exact)
        .assert();
    set.success();
    assert!(project.read("data/traffic.read-model.json").contains(exact));
    let kept = project.fails(2, &["read-model", "drop", "traffic"]);
    assert!(kept.contains("--yes"), "{kept}");
    project.shows(&["read-model", "get", "traffic", "--output", "json"]);
    project.shows(&["read-model", "drop", "traffic", "--yes"]);
    assert!(
        fs::read_dir(project.path().join("data"))
            .unwrap()
            .next()
            .is_none()
    );
}

#[test]
fn a_state_that_is_no_json_is_refused() {
    let told = project().fails(2, &["read-model", "set", "traffic", "{position: 1}"]);
    assert!(told.contains("the state isn't JSON"), "{told}");
}

#[test]
fn documents_are_shown_and_counted() {
    let project = project();
    project.write(
        "data/players.read-model.json",
        r#"{"format": 1, "read-model": "players", "tables": {"players": {
            "indexes": [{"field": "id", "kind": "text"}], "fields": ["score"],
            "documents": [{"id": "ann", "score": 3}, {"id": "bob", "score": 1}, {"id": "cid"}]}}}"#,
    );
    let players = ["read-model", "find", "players", "players"];
    let found = project.shows(
        &[
            &players[..],
            &["--order", "score DESC", "--limit", "2", "-o", "ndjson"],
        ]
        .concat(),
    );
    assert_eq!(
        found,
        "{\"id\":\"ann\",\"score\":3}\n{\"id\":\"bob\",\"score\":1}\n"
    );
    let count = ["read-model", "count", "players", "players"];
    assert_eq!(project.shows(&count), "3\n");
    let some = [&count[..], &["--where", r#"{"score": {"gt": 1}}"#]].concat();
    assert_eq!(project.shows(&some), "1\n");
    let unknown = project.fails(6, &[&count[..], &["--where", r#"{"shoe": 1}"#]].concat());
    assert!(unknown.contains("no field `shoe`"), "{unknown}");
    let nowhere = project.fails(3, &["read-model", "count", "players", "teams"]);
    assert!(nowhere.contains("there is no table `teams`"), "{nowhere}");
}

#[test]
fn read_models_are_listed_and_an_unknown_one_is_said_to_be() {
    let project = project();
    let listed = project.shows(&["read-model", "list", "-o", "csv"]);
    assert!(listed.contains("players,files,"), "{listed}");
    assert!(listed.contains("traffic,files,"), "{listed}");
    let told = project.fails(3, &["read-model", "get", "trafic"]);
    assert!(told.contains("did you mean \"traffic\"?"), "{told}");
}

#[test]
fn a_lock_of_another_program_is_a_conflict() {
    let project = project();
    project.write(
        "data/traffic.read-model.lock",
        r#"{"owner": "resolve-4711"}"#,
    );
    let told = project.fails(7, &["read-model", "get", "traffic"]);
    assert!(told.contains("resolve-4711"), "{told}");
}
