//! Imports: from files and pipes, guessed models, broken lines, and being stopped at any moment.

#![allow(clippy::unwrap_used)] // A failed test may panic.

mod program;

use std::io::{BufRead, BufReader, Write};
use std::process::Child;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use program::{Project, ROUTE, says};

const GOOD: &str = "origin,destination,count\nABE,ATL,853\nABE,BHM,1\n";
const BROKEN: &str = "origin,destination,count\nABE,ATL,853\nABE,BHM,many\nABE\nATL,ABE,870\n";

#[test]
fn a_model_is_guessed_shown_written_and_filled() {
    let project = Project::with_redb("");
    project.write("routes.csv", GOOD);
    let before = project.read("tenon.toml");
    let guess = [
        "import",
        "routes.csv",
        "--model",
        "Route",
        "--guess",
        "--key",
        "origin,destination",
    ];
    let shown = project.shows(&guess);
    assert!(shown.contains("properties.count = \"integer\""), "{shown}");
    assert_eq!(project.read("tenon.toml"), before);

    let written = project.shows(&[&guess[..], &["--write"]].concat());
    assert_eq!(written, "imported 2 records into Route\n");
    assert!(project.read("tenon.toml").ends_with(&shown));
    assert_eq!(
        project.shows(&["get", "Route", "ABE", "ATL", "-o", "csv"]),
        "origin,destination,count\nABE,ATL,853\n"
    );

    let again = project.fails(7, &guess);
    assert!(again.contains("has a model Route already"), "{again}");
}

#[test]
fn a_pipe_is_imported_with_and_without_a_guess() {
    let project = Project::with_redb(ROUTE);
    let lines = "{\"origin\": \"A\", \"destination\": \"B\", \"count\": 1}\n{\"origin\": \"B\", \"destination\": \"A\", \"count\": 2}\n";
    project
        .tenon(&[
            "import", "--format", "ndjson", "--model", "Route", "-o", "json",
        ])
        .write_stdin(lines)
        .assert()
        .success()
        .stdout("{\"imported\":2,\"left-out\":0}\n");
    for on_error in ["stop", "skip"] {
        let model = format!("Guessed-{on_error}");
        project
            .tenon(&[
                "import",
                "--format",
                "ndjson",
                "--model",
                &model,
                "--guess",
                "--write",
                "--on-error",
                on_error,
            ])
            .write_stdin(lines)
            .assert()
            .success()
            .stdout(contains("imported 2 records"));
        assert_eq!(project.shows(&["count", &model]), "2\n");
    }
}

#[test]
fn a_broken_line_stops_the_import_before_anything_is_stored() {
    let project = Project::with_redb(ROUTE);
    project.write("routes.csv", BROKEN);
    let told = project.fails(6, &["import", "routes.csv", "--model", "Route"]);
    assert!(
        told.contains("2 lines can't be imported, so nothing was"),
        "{told}"
    );
    assert!(
        told.contains("line 3: count:") && told.contains("line 4: 1 cells"),
        "{told}"
    );
    let mut piped = project.tenon(&["import", "--format", "csv", "--model", "Route"]);
    piped.write_stdin(BROKEN);
    assert!(says(piped, 6).contains("line 3: count:"));
    assert_eq!(project.shows(&["count", "Route"]), "0\n");
    // A guessed model is written only when all is well.
    let before = project.read("tenon.toml");
    project.fails(
        6,
        &[
            "import",
            "routes.csv",
            "--model",
            "Other",
            "--guess",
            "--write",
        ],
    );
    assert_eq!(project.read("tenon.toml"), before);
}

#[test]
fn broken_lines_are_left_out_and_told_on_request() {
    let project = Project::with_redb(ROUTE);
    project.write("routes.csv", BROKEN);
    project
        .tenon(&[
            "import",
            "routes.csv",
            "--model",
            "Route",
            "--on-error",
            "skip",
        ])
        .assert()
        .code(6)
        .stdout("imported 2 records into Route; 2 lines were left out\n")
        .stderr(contains("line 3: count:").and(contains("line 4: 1 cells")));
    assert_eq!(project.shows(&["count", "Route"]), "2\n");
}

#[test]
fn records_that_are_there_already_are_told_by_line() {
    let project = Project::with_redb(ROUTE);
    project.write("first.csv", "origin,destination,count\nC,D,1\n");
    project.shows(&["import", "first.csv", "--model", "Route"]);
    project.write(
        "more.csv",
        "origin,destination,count\nA,B,1\nC,D,2\nE,F,3\nC,D,4\nG,H,5\n",
    );

    let stopped = project.fails(
        7,
        &["import", "more.csv", "--model", "Route", "--batch", "2"],
    );
    assert!(stopped.contains("more.csv, line 3"), "{stopped}");
    assert!(stopped.contains("nothing is stored in Route"), "{stopped}");
    assert_eq!(project.shows(&["count", "Route"]), "1\n");

    project
        .tenon(&[
            "import",
            "more.csv",
            "--model",
            "Route",
            "--on-error",
            "skip",
        ])
        .assert()
        .code(6)
        .stdout("imported 3 records into Route; 2 lines were left out\n")
        .stderr(contains("line 3: ").and(contains("line 5: ")));
    assert_eq!(
        project.shows(&["get", "Route", "C", "D", "-o", "csv"]),
        "origin,destination,count\nC,D,1\n"
    );
    assert_eq!(project.shows(&["count", "Route"]), "4\n");
}

#[test]
fn a_stop_after_some_batches_says_exactly_what_is_stored() {
    let project = Project::with_redb(ROUTE);
    project.write(
        "routes.csv",
        "origin,destination,count\nA,B,1\nC,D,2\nE,F,3\nA,B,4\nG,H,5\n",
    );
    let stopped = project.fails(
        7,
        &["import", "routes.csv", "--model", "Route", "--batch", "2"],
    );
    assert!(stopped.contains("routes.csv, line 5"), "{stopped}");
    assert!(
        stopped.contains("stored in Route: 2 records, up to line 3"),
        "{stopped}"
    );
    assert_eq!(project.shows(&["count", "Route"]), "2\n");
}

#[test]
fn an_input_that_is_none_is_told() {
    let project = Project::with_redb(ROUTE);
    assert!(
        project
            .fails(3, &["import", "nothing.csv", "--model", "Route"])
            .contains("can't be opened")
    );
    project.write("routes.txt", GOOD);
    assert!(
        project
            .fails(2, &["import", "routes.txt", "--model", "Route"])
            .contains("add --format")
    );
    project.write("other.csv", "origin,destination,cuont\nA,B,1\n");
    let unknown = project.fails(6, &["import", "other.csv", "--model", "Route"]);
    assert!(
        unknown.contains("cuont") && unknown.contains("count"),
        "{unknown}"
    );
}

/// A long import, as it begins: what it reads comes one line after the other.
fn long_import(project: &Project) -> Child {
    let mut child = project.started(&[
        "import",
        "-m",
        "Route",
        "-f",
        "csv",
        "--on-error",
        "skip",
        "--batch",
        "100",
    ]);
    let mut input = child.stdin.take().unwrap();
    std::thread::spawn(move || {
        let _ = writeln!(input, "origin,destination,count");
        // Ends where nobody reads it any more.
        for number in 0_u64.. {
            if writeln!(input, "A{number},B,{number}").is_err() {
                return;
            }
        }
    });
    child
}

/// How many records the import says are stored, the first time that it says so.
fn first_word(errors: &mut impl BufRead) -> u64 {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(
            errors.read_line(&mut line).unwrap(),
            0,
            "the import goes on"
        );
        if let Some(number) = line.strip_suffix(" records stored\n") {
            return number.parse().unwrap();
        }
    }
}

fn count(project: &Project) -> u64 {
    project.shows(&["count", "Route"]).trim().parse().unwrap()
}

#[test]
fn an_import_that_is_killed_has_lost_nothing_that_it_said_was_stored() {
    let project = Project::with_redb(ROUTE);
    for _ in 0..3 {
        let mut child = long_import(&project);
        let said = first_word(&mut BufReader::new(child.stderr.as_mut().unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
        let stored = count(&project);
        assert!(said > 0 && stored >= said, "{stored} of {said}");
        assert_eq!(stored % 100, 0, "batches are whole");
        project.shows(&["delete", "Route", "--where", "{}"]);
    }
}

#[test]
fn ctrl_c_finishes_the_running_batch_and_says_what_is_stored() {
    let project = Project::with_redb(ROUTE);
    let mut child = long_import(&project);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    first_word(&mut errors);
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let text: String = errors.lines().map(|line| line.unwrap() + "\n").collect();
    let stored = count(&project);
    assert!(
        text.contains(&format!(
            "stored in Route: {stored} records, up to line {}",
            stored + 1
        )),
        "{text}"
    );
}
