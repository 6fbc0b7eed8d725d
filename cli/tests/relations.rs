//! Records with what they lead to, on the command line.

#![allow(clippy::unwrap_used)] // A failed test may panic.

mod program;

use program::Project;

const MODELS: &str = r#"
[models.Airport]
source = "store"
key = ["iata"]
properties.iata = "text"
properties.state = "text"
properties.secret = { type = "text", hidden = true }
relations.departures = { type = "hasMany", model = "Route", foreign-key = "origin" }

[models.Route]
source = "store"
key = ["origin", "destination"]
properties.origin = "text"
properties.destination = "text"
properties.opened = "timestamp"
relations.to = { type = "belongsTo", model = "Airport", foreign-key = "destination" }
"#;

fn project() -> Project {
    let project = Project::with_redb(MODELS);
    for airport in [
        r#"{"iata": "A", "state": "NY", "secret": "x"}"#,
        r#"{"iata": "B", "state": "NJ"}"#,
    ] {
        project.shows(&["create", "Airport", airport]);
    }
    for route in [
        r#"{"origin": "A", "destination": "B", "opened": "1999-12-31T00:00:00Z"}"#,
        r#"{"origin": "A", "destination": "Q"}"#,
    ] {
        project.shows(&["create", "Route", route]);
    }
    project
}

#[test]
fn related_records_are_nested_in_json_and_counted_in_tables() {
    let project = project();
    let found = project.shows(&[
        "find",
        "Airport",
        "--include",
        r#"{"departures": "to"}"#,
        "-o",
        "ndjson",
    ]);
    assert_eq!(
        found,
        concat!(
            r#"{"iata":"A","state":"NY","departures":[{"origin":"A","destination":"B","opened":"1999-12-31T00:00:00Z","#,
            r#""to":{"iata":"B","state":"NJ"}},{"origin":"A","destination":"Q","opened":null,"to":null}]}"#,
            "\n",
            r#"{"iata":"B","state":"NJ","departures":[]}"#,
            "\n"
        )
    );
    let table = project.shows(&["find", "Airport", "--include", "departures", "-o", "table"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "iata  state  departures");
    assert_eq!(lines[2], "A     NY              2");
    let one = project.shows(&["get", "Airport", "B", "--include", "departures"]);
    assert_eq!(one, "iata        B\nstate       NJ\ndepartures  0\n");
    let one = project.shows(&["get", "Route", "A", "Q", "--include", "to", "-o", "json"]);
    assert_eq!(
        one,
        "{\"origin\":\"A\",\"destination\":\"Q\",\"opened\":null,\"to\":null}\n"
    );
    let refused = project.fails(
        2,
        &["find", "Airport", "--include", "departures", "-o", "csv"],
    );
    assert!(refused.contains("CSV has no place"), "{refused}");
    assert!(refused.contains("--output json"), "{refused}");
}

#[test]
fn filters_ask_for_related_records_and_explain_says_what_became_of_them() {
    let project = project();
    let filter = r#"{"departures.to.state": "NJ"}"#;
    assert_eq!(
        project.shows(&["count", "Airport", "--where", filter]),
        "1\n"
    );
    let explained = project.shows(&["explain", "Airport", "--where", filter]);
    assert!(
        explained.contains(r#"{"iata":{"inq":["A"]}}"#),
        "{explained}"
    );
    assert!(
        explained.contains(r#""relation":"departures""#),
        "{explained}"
    );
    let wrong = project.fails(6, &["find", "Airport", "--include", "departure"]);
    assert!(wrong.contains("departures"), "{wrong}");
    let hidden = project.fails(6, &["find", "Airport", "--where", r#"{"secret": "x"}"#]);
    assert!(hidden.contains("no property `secret`"), "{hidden}");
}
