//! Records on the command line: created, found, changed, deleted, and what is said where that can't be.

mod program;

use std::io::{BufRead, BufReader};

use predicates::str::contains;
use program::{Project, ROUTE};

fn routes() -> Project {
    let project = Project::with_redb(ROUTE);
    project.write(
        "routes.csv",
        "origin,destination,count\nABE,ATL,853\nABE,BHM,1\nATL,ABE,870\n",
    );
    project.shows(&["import", "routes.csv", "--model", "Route"]);
    project
}

#[test]
fn records_are_found_counted_and_got_by_their_whole_keys() {
    let project = routes();
    assert_eq!(project.shows(&["count", "Route"]), "3\n");
    assert_eq!(
        project.shows(&[
            "count",
            "Route",
            "--where",
            r#"{"count": {"gt": 1, "lt": 860}}"#
        ]),
        "1\n"
    );
    assert_eq!(
        project.shows(&[
            "find",
            "Route",
            "--order",
            "count DESC",
            "--limit",
            "2",
            "--fields",
            "count,origin",
            "-o",
            "csv"
        ]),
        "count,origin\n870,ATL\n853,ABE\n"
    );
    assert_eq!(
        project.shows(&["get", "Route", "ABE", "BHM", "-o", "json"]),
        "{\"origin\":\"ABE\",\"destination\":\"BHM\",\"count\":1}\n"
    );
    assert!(
        project
            .fails(3, &["get", "Route", "ABE", "XXX"])
            .contains("there is no Route with the key ABE XXX")
    );
    let half = project.fails(6, &["get", "Route", "ABE"]);
    assert!(
        half.contains("a key of Route has 2 parts, and 1 is given"),
        "{half}"
    );
    assert!(half.contains("<origin> <destination>"), "{half}");
}

#[test]
fn a_record_is_created_changed_and_deleted() {
    let project = routes();
    let created = project.shows(&[
        "create",
        "Route",
        r#"{"origin": "WAC", "destination": "ABE", "count": 2}"#,
        "-o",
        "json",
    ]);
    assert!(created.contains("\"WAC\""), "{created}");
    project
        .tenon(&["create", "Route", "-"])
        .write_stdin("{\n  \"origin\": \"WAC\",\n  \"destination\": \"SEA\",\n  \"count\": 3\n}\n")
        .assert()
        .success()
        .stdout(contains("SEA"));
    let taken = project.fails(
        7,
        &[
            "create",
            "Route",
            r#"{"origin": "WAC", "destination": "ABE", "count": 5}"#,
        ],
    );
    assert!(taken.contains("data source store"), "{taken}");

    let updated = project.shows(&[
        "update",
        "Route",
        "WAC",
        "ABE",
        "--set",
        r#"{"count": 4}"#,
        "-o",
        "json",
    ]);
    assert!(updated.contains("\"count\":4"), "{updated}");
    let all = [
        "update",
        "Route",
        "--where",
        r#"{"origin": "WAC"}"#,
        "--set",
        r#"{"count": 7}"#,
    ];
    assert_eq!(project.shows(&all), "updated 2 records\n");
    assert_eq!(
        project.shows(&["delete", "Route", "WAC", "ABE"]),
        "deleted 1 record\n"
    );
    project.fails(3, &["delete", "Route", "WAC", "ABE"]);
    assert_eq!(
        project.shows(&["delete", "Route", "--where", "{}", "-o", "json"]),
        "{\"deleted\":4}\n"
    );
    assert_eq!(project.shows(&["count", "Route"]), "0\n");
}

#[test]
fn what_is_exported_can_be_imported_again() {
    let project = routes();
    for format in ["csv", "json", "ndjson"] {
        let file = format!("out.{format}");
        project
            .tenon(&["export", "Route", "--to", &file])
            .assert()
            .success()
            .stderr(contains("wrote 3 records"));
        project.shows(&["delete", "Route", "--where", "{}"]);
        assert_eq!(
            project.shows(&["import", &file, "--model", "Route"]),
            "imported 3 records into Route\n"
        );
    }
    assert_eq!(project.shows(&["export", "Route"]).lines().count(), 3);
    assert_eq!(
        project.shows(&["get", "Route", "ATL", "ABE", "-o", "csv"]),
        "origin,destination,count\nATL,ABE,870\n"
    );
}

#[test]
fn a_mistake_in_a_query_is_shown_where_it_stands() {
    let project = routes();
    let unknown = project.fails(6, &["find", "Route", "--where", r#"{"orgin": "ABE"}"#]);
    assert!(
        unknown.contains(r#"{"where": {"orgin": "ABE"}}"#),
        "{unknown}"
    );
    assert!(unknown.contains("origin"), "{unknown}");
    let filter = project.fails(
        6,
        &["count", "Route", "--where", r#"{"count": {"graeter": 1}}"#],
    );
    assert!(filter.contains("graeter"), "{filter}");
    let no_json = project.fails(2, &["delete", "Route", "--where", "{origin: 1}"]);
    assert!(no_json.contains("--where isn't JSON"), "{no_json}");
    let both = project.fails(
        6,
        &[
            "create",
            "Route",
            r#"{"origin": "A", "destintion": "B", "count": "x"}"#,
        ],
    );
    assert!(
        both.contains("destintion") || both.contains("count"),
        "{both}"
    );
    let key = project.fails(
        6,
        &[
            "update",
            "Route",
            "ABE",
            "ATL",
            "--set",
            r#"{"origin": "X"}"#,
        ],
    );
    assert!(key.contains("a part of the key never changes"), "{key}");
    let list = project.fails(6, &["create", "Route", "[]"]);
    assert!(list.contains("isn't a JSON object"), "{list}");
}

#[test]
fn an_unknown_model_is_told_with_the_one_that_is_meant() {
    let project = routes();
    let unknown = project.fails(3, &["count", "Rout"]);
    assert!(unknown.contains("did you mean \"Route\"?"), "{unknown}");
}

#[test]
fn explain_says_who_does_what_and_shows_the_query_as_it_is_run() {
    let project = routes();
    let text = project.shows(&[
        "explain",
        "Route",
        "--where",
        r#"{"origin": "ABE"}"#,
        "--order",
        "count",
    ]);
    assert!(text.contains("filter     connector"), "{text}");
    assert!(text.contains("fields     not asked for"), "{text}");
    assert!(text.contains(r#""origin ASC""#), "{text}");
    let json = project.shows(&["explain", "Route", "-o", "json"]);
    assert!(json.contains(r#""connector":"redb"#), "{json}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let project = Project::with_redb(ROUTE);
    let lines: String = (0..50_000)
        .map(|number| format!("A{number},B,{number}\n"))
        .collect();
    project.write("many.csv", format!("origin,destination,count\n{lines}"));
    project.shows(&["import", "many.csv", "--model", "Route", "--batch", "50000"]);
    let mut child = project.started(&["export", "Route"]);
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert!(first.starts_with('{'), "{first}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
