//! Aggregates on the command line.

mod program;

use program::{Project, ROUTE};

fn routes() -> Project {
    let project = Project::with_redb(ROUTE);
    project.write(
        "routes.csv",
        "origin,destination,count\nABE,ATL,853\nABE,BHM,1\nATL,ABE,870\nBHM,ABE,1\n",
    );
    project.shows(&["import", "routes.csv", "--model", "Route"]);
    project
}

#[test]
fn groups_are_counted_and_added_up() {
    let project = routes();
    assert_eq!(
        project.shows(&[
            "aggregate",
            "Route",
            "--group-by",
            "origin",
            "--count",
            "routes",
            "--sum",
            "flights=count",
            "--average",
            "mean=count",
            "--order",
            "flights DESC",
            "--having",
            r#"{"flights": {"gt": 1}}"#,
            "-o",
            "csv"
        ]),
        "origin,flights,mean,routes\nATL,870,870.0,1\nABE,854,427.0,2\n"
    );
    let table = project.shows(&[
        "aggregate",
        "Route",
        "--count",
        "routes",
        "--minimum",
        "least=count",
    ]);
    assert!(table.contains("routes") && table.contains('4'), "{table}");
}

#[test]
fn a_whole_request_is_one_json_text() {
    let project = routes();
    let request = r#"{"where": {"count": {"gt": 1}}, "aggregates": {"ends": {"count": "origin", "distinct": true}}}"#;
    assert_eq!(
        project.shows(&["aggregate", "Route", request, "-o", "ndjson"]),
        "{\"ends\":2}\n"
    );
    let both = project.fails(2, &["aggregate", "Route", request, "--limit", "1"]);
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let project = routes();
    let wrong = project.fails(
        6,
        &[
            "aggregate",
            "Route",
            "--sum",
            "total=conut",
            "--group-by",
            "origin",
        ],
    );
    assert!(wrong.contains("did you mean `count`?"), "{wrong}");
    let text = project.fails(6, &["aggregate", "Route", "--sum", "total=origin"]);
    assert!(text.contains("only numbers are added up"), "{text}");
    let nothing = project.fails(6, &["aggregate", "Route"]);
    assert!(nothing.contains("nothing is asked for"), "{nothing}");
    let twice = project.fails(
        6,
        &["aggregate", "Route", "--count", "n", "--sum", "n=count"],
    );
    assert!(twice.contains("`n` is there twice"), "{twice}");
    let nameless = project.fails(2, &["aggregate", "Route", "--sum", "count"]);
    assert!(nameless.contains("as in total=price"), "{nameless}");
}
