//! `tenon check`: what it shows, in which form, and what its exit codes say.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A failed test may panic.

mod program;

use std::fs;

use program::{Project, guests, says};
use serde_json::Value as Json;
use tenon_conformance::Report;

/// A project without a configuration, and the path of a component.
fn with(guest: &str) -> (Project, String) {
    let component = guests::guest(guest);
    (Project::empty(), component.to_str().unwrap().to_owned())
}

#[test]
fn a_connector_that_does_what_it_has_to_passes() {
    let (project, memory) = with("memory");
    let arguments = ["check", &memory, "--only", "crud.create", "--seed", "17"];
    let text = project.shows(&[&arguments[..], &["--cases", "8"]].concat());
    for shown in [
        "memory 0.1.0\n",
        "capabilities  crud, ",
        "seed          17\n",
        "cases         8\n",
        "\nbasics",
        "\ncrud.create",
        "\nPASSED: ",
        ", 0 failed, ",
    ] {
        assert!(text.contains(shown), "{shown:?} in {text}");
    }
    assert!(!text.contains("crud.create.found"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let all = project.shows(&[&arguments[..], &["--all"]].concat());
    assert!(all.contains("  ok       crud.create.found: "), "{all}");
    // Nothing is left in the folder, and no registry is made.
    assert_eq!(fs::read_dir(project.path()).unwrap().count(), 0);
}

#[test]
fn a_report_is_json_or_junit_or_both_on_the_side() {
    let (project, memory) = with("memory");
    let check = |more: &[&str]| {
        let arguments = ["check", &memory, "--only", "crud.create", "--cases", "4"];
        project.shows(&[&arguments[..], more].concat())
    };
    let json = check(&["--format", "json", "--seed", "3"]);
    let report = Report::from_json(&json).unwrap();
    assert_eq!((report.connector.as_str(), report.seed), ("memory", 3));
    assert!(report.passed());
    assert!(report.again("crud.create.found").ends_with(&format!(
        "check {memory} --cases 4 --seed 3 --only crud.create.found"
    )));
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["verdict"], "passed");
    let same: Json = serde_json::from_str(&check(&["--output", "json"])).unwrap();
    assert_eq!(same["connector"], "memory");

    let xml = check(&["--format", "junit"]);
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "));
    assert!(xml.contains("<testcase name=\"crud.create.found\" classname=\"memory.crud.create\""));

    let text = check(&[
        "--report", "a.xml", "--report", "a.json", "--report", "a.txt",
    ]);
    assert!(text.contains("PASSED"), "{text}");
    assert!(project.read("a.xml").starts_with("<?xml"));
    Report::from_json(&project.read("a.json")).unwrap();
    assert_eq!(project.read("a.txt"), text);
}

/// A project with a folder for the connector with planted faults, and what its check is given.
fn with_fault(fault: &str) -> (Project, Vec<String>) {
    let (project, faulty) = with("faulty");
    fs::create_dir(project.path().join("data")).unwrap();
    let fault = format!("fault={fault}");
    let grant = r#"{ folder = "./data", as = "/data", mode = "write" }"#;
    let arguments = ["check", &faulty, "--setting", &fault, "--grant", grant];
    (project, arguments.map(str::to_owned).to_vec())
}

#[test]
fn a_fault_is_told_with_how_to_run_its_check_again() {
    let (project, arguments) = with_fault("less-or-equal-is-less");
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.extend(["--seed", "5", "--report", "x.xml"]);
    arguments.extend(["--only", "crud.filter.less-or-equal,crud.create"]);
    let output = project
        .tenon(&arguments)
        .assert()
        .code(1)
        .get_output()
        .clone();
    let text = String::from_utf8(output.stdout).unwrap();
    for shown in [
        "\nFAILED  crud.filter.less-or-equal\n  has to hold: ",
        "    1. ",
        "\n  expected  ",
        "\n  seen      ",
        "--seed 5 --only crud.filter.less-or-equal\n",
        "\nFAILED: ",
        ", 1 failed, ",
    ] {
        assert!(text.contains(shown), "{shown:?} in {text}");
    }
    assert!(project.read("x.xml").contains("<failure message="));
    // What it says to run again is a command, and finds the same.
    let command = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("tenon "))
        .unwrap();
    let again = program::words(command);
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    let output = project.tenon(&again).assert().code(1).get_output().clone();
    let second = String::from_utf8(output.stdout).unwrap();
    let told = |text: &str| {
        let (_, told) = text.split_once("\nFAILED  ").unwrap();
        let told = told.split_once("run it again").unwrap().0;
        // Each run has names of its own for what it makes.
        let words = told.split_inclusive(' ');
        words
            .filter(|word| !word.starts_with("tenon_check_"))
            .collect::<String>()
    };
    assert_eq!(told(&second), told(&text));

    arguments.push("--stop-early");
    let output = project
        .tenon(&arguments)
        .assert()
        .code(1)
        .get_output()
        .clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        !text.contains("did not run"),
        "nothing is behind it: {text}"
    );
}

#[test]
fn a_run_ends_early_where_that_is_wanted_and_says_so() {
    let (project, arguments) = with_fault("equal-ignores-case");
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.extend(["--only", "crud.filter", "--stop-early"]);
    let output = project
        .tenon(&arguments)
        .assert()
        .code(1)
        .get_output()
        .clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("ended early"), "{text}");
    assert!(text.contains(", 1 failed, "), "{text}");
}

#[test]
fn settings_and_grants_are_written_as_in_the_configuration() {
    let (project, redb) = with("redb");
    fs::create_dir(project.path().join("data")).unwrap();
    let check = |more: &[&str]| {
        let arguments = ["check", &redb, "--only", "basics", "--cases", "1"];
        project.tenon(&[&arguments[..], more].concat())
    };
    const PATH: &str = "path=/data/x.redb";
    const GRANT: &str = r#"{ folder = "./data", as = "/data", mode = "write" }"#;
    check(&["--setting", PATH, "--grant", GRANT])
        .assert()
        .success();
    project.write("settings.json", r#"{"path": 5}"#);
    let overridden = [
        "--settings",
        "settings.json",
        "--setting",
        PATH,
        "--grant",
        GRANT,
    ];
    check(&overridden).assert().success();
    // Of what the checks have made, the connector's file is left, since it is the connector's.
    assert_eq!(
        fs::read_dir(project.path().join("data")).unwrap().count(),
        1
    );

    let said = says(check(&["--settings", "settings.json", "--grant", GRANT]), 2);
    assert!(said.contains("settings.path"), "{said}");
    let said = says(check(&["--setting", PATH]), 4);
    assert!(said.contains("--grant '{ folder = "), "{said}");
    let said = says(check(&["--setting", PATH, "--grant", "{ folder = "]), 2);
    assert!(said.contains("as in tenon.toml"), "{said}");
    let misspelled = GRANT.replace("write", "wrote");
    let said = says(check(&["--setting", PATH, "--grant", &misspelled]), 2);
    assert!(said.contains("did you mean \"write\"?"), "{said}");
    let said = says(check(&["--setting", "path", "--grant", GRANT]), 2);
    assert!(said.contains("KEY=VALUE"), "{said}");
    let said = says(check(&["--setting", "path=null", "--grant", GRANT]), 2);
    assert!(said.contains("no null"), "{said}");
    let said = says(check(&["--settings", "missing.json"]), 2);
    assert!(said.contains("missing.json"), "{said}");
}

#[test]
fn a_data_source_of_the_configuration_is_checked_with_what_it_has() {
    let project = Project::with_redb("");
    project.shows(&[
        "check",
        "--source",
        "store",
        "--only",
        "crud.create",
        "--cases",
        "4",
    ]);
    let said = project.fails(3, &["check", "--source", "stroe"]);
    assert!(said.contains("did you mean \"store\"?"), "{said}");
    // It is not checked while somebody else uses it, nor is anything else of it said twice.
    project.fails(2, &["check", "--source", "store", "redb"]);
    project.fails(2, &["check", "--source", "store", "--setting", "path=/x"]);
}

#[test]
fn ctrl_c_ends_the_run_in_order_and_nothing_is_left() {
    let project = Project::with_redb("");
    let child = project.started(&["check", "--source", "store", "--cases", "100000"]);
    // The connector makes it when the first session connects: by then, Ctrl-C is listened to.
    let made = project.path().join("data/store.redb");
    while !made.exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("ended early"), "{text}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Ctrl-C again"), "{said}");
    let left = project.shows(&["discover", "store", "--list", "-o", "csv"]);
    assert!(!left.contains("tenon_check_"), "{left}");
}

#[test]
fn a_secret_is_neither_in_the_report_nor_in_how_to_run_it_again() {
    const SECRET: &str = "tenon-hunter2";
    for setting in [
        format!("token={SECRET}"),
        r#"token={"file": "secret.txt"}"#.to_owned(),
    ] {
        let (project, arguments) = with_fault("secret-is-told");
        project.write("secret.txt", format!("{SECRET}\n"));
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.extend(["--setting", &setting, "--only", "crud.create"]);
        arguments.extend(["--report", "x.xml", "--report", "x.json"]);
        let output = project
            .tenon(&arguments)
            .assert()
            .code(1)
            .get_output()
            .clone();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains("tells a secret"), "{text}");
        for text in [text, project.read("x.xml"), project.read("x.json")] {
            assert!(!text.contains(SECRET), "{text}");
        }
    }
}

#[test]
fn a_registered_connector_is_checked_by_its_name() {
    let (project, memory) = with("memory");
    project
        .tenon_alone(&["register", &memory])
        .assert()
        .success();
    let checked = project.tenon_alone(&["check", "memory", "--only", "basics", "--seed", "1"]);
    let output = { checked }.assert().success().get_output().clone();
    assert!(String::from_utf8(output.stdout).unwrap().contains("PASSED"));
    assert!(!project.path().join("tenon.lock").exists());
    let said = says(project.tenon_alone(&["check", "memroy"]), 3);
    assert!(said.contains("memory"), "{said}");
}

#[test]
fn what_can_not_be_checked_is_told_with_what_to_do() {
    let (project, memory) = with("memory");
    let said = project.fails(2, &["check"]);
    assert!(said.contains("<CONNECTOR>"), "{said}");
    let said = project.fails(3, &["check", "missing.wasm"]);
    assert!(said.contains("cargo build"), "{said}");
    project.write("text.wasm", "no component");
    let said = project.fails(6, &["check", "text.wasm"]);
    assert!(said.contains("not WebAssembly"), "{said}");
    let said = project.fails(2, &["check", &memory, "--only", "crud.craete"]);
    assert!(said.contains("did you mean \"crud.create\"?"), "{said}");
    let said = project.fails(2, &["check", &memory, "--output", "csv"]);
    assert!(said.contains("--format json"), "{said}");
    let said = project.fails(2, &["check", &memory, "--report", "nowhere/a.xml"]);
    assert!(said.contains("nowhere"), "{said}");
    project.write("models.toml", "[sources.a]\nconnector = \"a\"\n");
    let said = project.fails(2, &["check", &memory, "--model", "models.toml"]);
    assert!(said.contains("no model"), "{said}");
    project.fails(2, &["check", &memory, "--cases", "0"]);
}

#[test]
fn the_checks_are_listed() {
    let project = Project::empty();
    let text = project.shows(&["check", "--list"]);
    let names: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(
        names.contains(&"basics") && names.contains(&"crud.create.found"),
        "{text}"
    );
    let json: Json =
        serde_json::from_str(&project.shows(&["check", "--list", "-o", "json"])).unwrap();
    let listed: Vec<&str> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["check"].as_str().unwrap())
        .collect();
    assert_eq!(listed, names);
    let some = project.shows(&["check", "--list", "--only", "crud.create"]);
    assert!(
        some.starts_with("crud.create.") && !some.contains("basics"),
        "{some}"
    );
    let said = project.fails(2, &["check", "--list", "--only", "nothing.like.it"]);
    assert!(said.contains("no check"), "{said}");
}
