//! Collections on the command line: planned, brought to their models, and discovered.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod program;

use program::{Project, ROUTE, says};

/// What a command that ends with that exit code shows on the standard output.
fn shown(project: &Project, code: i32, arguments: &[&str]) -> String {
    let output = project.tenon(arguments).assert().code(code);
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// The digest that a plan shows.
fn digest(plan: &str) -> &str {
    let start = plan.find("sha256:").expect("a digest");
    plan[start..].split_whitespace().next().unwrap()
}

fn change(project: &Project, from: &str, to: &str) {
    let text = project.read("tenon.toml");
    assert!(text.contains(from), "{text}");
    project.write("tenon.toml", text.replace(from, to));
}

fn migrate(project: &Project) {
    let plan = shown(project, 8, &["migrate"]);
    shown(project, 0, &["migrate", "--apply", digest(&plan)]);
}

fn routes() -> Project {
    let project = Project::with_redb(ROUTE);
    migrate(&project);
    project.write(
        "routes.csv",
        "origin,destination,count\nABE,ATL,853\nABE,BHM,1\nATL,ABE,870\n",
    );
    project.shows(&["import", "routes.csv", "--model", "Route"]);
    project
}

#[test]
fn a_plan_is_shown_applied_by_its_digest_and_then_done() {
    let project = routes();
    assert_eq!(
        project.shows(&["migrate"]),
        "store: the collections match the models\n"
    );
    change(
        &project,
        "properties.count",
        "indexes = [{ name = \"by-count\", properties = [\"count\"] }]\nproperties.count",
    );
    let plan = shown(&project, 8, &["migrate", "store"]);
    assert!(plan.starts_with("store: 1 step\n"), "{plan}");
    assert!(plan.contains("create-index Route.by-count"), "{plan}");
    assert!(
        plan.contains("tenon migrate store --apply sha256:"),
        "{plan}"
    );
    assert!(!plan.contains("--allow-destructive"), "{plan}");
    let rows = shown(&project, 8, &["migrate", "--plan", "-o", "ndjson"]);
    assert!(rows.contains(r#""kind":"create-index""#), "{rows}");
    assert!(rows.contains(r#""destructive":false"#), "{rows}");
    assert!(rows.contains(digest(&plan)), "{rows}");

    let other = format!("sha256:{}", "0a".repeat(32));
    for arguments in [
        &["migrate", "store", "--apply", &other][..],
        &["migrate", "--apply", &other],
    ] {
        let refused = project.fails(7, arguments);
        assert!(refused.contains("have changed since"), "{refused}");
    }
    let applied = shown(&project, 0, &["migrate", "store", "--apply", digest(&plan)]);
    assert_eq!(applied, "store: the collections match the models\n");
    project.fails(7, &["migrate", "store", "--apply", digest(&plan)]);
    assert_eq!(project.shows(&["count", "Route"]), "3\n");
}

#[test]
fn steps_that_are_left_in_another_data_source_are_told_where_none_is_named() {
    let project = routes();
    let memory = program::guests::guest("memory");
    let text = project.read("tenon.toml");
    project.write(
        "tenon.toml",
        format!(
            "{text}\n[sources.more]\nconnector = {memory:?}\n\n\
             [models.Note]\nsource = \"more\"\nkey = [\"id\"]\nproperties.id = \"integer\"\n"
        ),
    );
    change(
        &project,
        "properties.count",
        "indexes = [{ name = \"by-count\", properties = [\"count\"] }]\nproperties.count",
    );
    let plan = shown(&project, 8, &["migrate", "store"]);
    let left = shown(&project, 8, &["migrate", "--apply", digest(&plan)]);
    assert!(
        left.contains("store: the collections match the models\n"),
        "{left}"
    );
    assert!(left.contains("more: 1 step\n"), "{left}");
    shown(&project, 8, &["migrate"]);
    shown(&project, 0, &["migrate", "store"]);
}

#[test]
fn what_can_lose_data_needs_a_word_of_its_own() {
    let project = routes();
    let text = project.read("tenon.toml");
    change(
        &project,
        "key = [\"origin\", \"destination\"]",
        "key = [\"count\"]",
    );
    let plan = shown(&project, 8, &["migrate"]);
    assert!(plan.contains("CAN LOSE DATA"), "{plan}");
    assert!(plan.contains("--allow-destructive"), "{plan}");
    let apply = ["migrate", "--apply", digest(&plan)];
    let refused = project.fails(4, &apply);
    assert!(refused.contains("step 1"), "{refused}");
    assert!(refused.contains("--allow-destructive"), "{refused}");
    project.write("tenon.toml", text);
    assert_eq!(project.shows(&["count", "Route"]), "3\n", "nothing is done");

    change(
        &project,
        "key = [\"origin\", \"destination\"]",
        "key = [\"count\"]",
    );
    project.shows(&[&apply[..], &["--allow-destructive"]].concat());
    assert!(project.shows(&["get", "Route", "853"]).contains("ATL"));
}

#[test]
fn a_collection_is_dropped_by_consent_and_made_anew_by_a_plan() {
    let project = routes();
    let refused = project.fails(4, &["drop", "Route"]);
    assert!(refused.contains("--allow-destructive"), "{refused}");
    assert_eq!(project.shows(&["count", "Route"]), "3\n", "nothing is done");
    project.shows(&["drop", "Route", "--allow-destructive"]);
    project.shows(&["drop", "Route", "--allow-destructive"]);
    migrate(&project);
    assert_eq!(project.shows(&["count", "Route"]), "0\n");
    project.fails(3, &["drop", "Rout"]);
}

#[test]
fn tables_of_somebody_elses_become_models_that_can_be_used_at_once() {
    let Some(project) = Project::with_sqlite("") else {
        return;
    };
    let execute = |command: &str| {
        project.shows(&["execute", "store", command]);
    };
    for command in [
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL DEFAULT 'it''s')",
        "CREATE TABLE \"order items\" (\"order.no\" INT, position INT, customer_id INTEGER REFERENCES customers ON DELETE \
         CASCADE, \"PRICE\" DECIMAL(10,2), PRIMARY KEY (position, \"order.no\"))",
        "CREATE TABLE passports (id INTEGER PRIMARY KEY, customer_id INTEGER UNIQUE REFERENCES customers)",
        "CREATE TABLE bare (word TEXT, amount INT)",
        "CREATE VIEW names AS SELECT id, full_name FROM customers",
        "INSERT INTO customers VALUES (7, 'Ann')",
        "INSERT INTO \"order items\" VALUES (1, 2, 7, 9.99)",
        "INSERT INTO passports VALUES (3, 7)",
        "INSERT INTO bare VALUES ('x', 1), ('y', NULL)",
    ] {
        execute(command);
    }
    let said = says(project.tenon(&["discover", "store", "--write"]), 0);
    assert!(said.contains("Bare has no key in the backend"), "{said}");
    let written = project.read("tenon.toml");
    for part in [
        "[models.OrderItems]\nsource = \"store\"\ncollection = \"order items\"\nkey = [\"position\", \"orderNo\"]",
        "properties.orderNo = { type = \"integer\", column = \"order.no\"",
        "relations.customer = { type = \"belongsTo\", model = \"Customers\", foreign-key = \"customerId\" }",
        "relations.orderItems = { type = \"hasMany\", model = \"OrderItems\", foreign-key = \"customerId\" }",
        "relations.passports = { type = \"hasOne\", model = \"Passports\", foreign-key = \"customerId\" }",
        "key = [\"word\", \"amount\"]",
    ] {
        assert!(written.contains(part), "{part}\n{written}");
    }
    assert_eq!(
        project.shows(&["migrate"]),
        "store: the collections match the models\n"
    );
    let found = project.shows(&[
        "find",
        "Customers",
        "--where",
        r#"{"fullName": "Ann", "orderItems.price": 9.99}"#,
        "--include",
        "passports",
        "-o",
        "ndjson",
    ]);
    assert!(found.contains(r#""fullName":"Ann""#), "{found}");
    assert!(found.contains(r#""passports":{"#), "{found}");
    let found = project.shows(&[
        "find",
        "OrderItems",
        "--include",
        "customer",
        "-o",
        "ndjson",
    ]);
    assert!(found.contains(r#""orderNo":1"#), "{found}");
    assert!(found.contains(r#""fullName":"Ann""#), "{found}");
    let bare = project.shows(&["find", "Bare", "-o", "ndjson"]);
    assert_eq!(bare.lines().count(), 2, "{bare}");
    assert!(
        project
            .shows(&["find", "Names", "-o", "ndjson"])
            .contains("Ann")
    );
    project.shows(&["create", "Customers", "full-name=Bob"].map(|it| {
        if it.contains('=') {
            r#"{"fullName": "Bob"}"#
        } else {
            it
        }
    }));
    assert_eq!(project.shows(&["count", "Customers"]), "2\n");
}

#[test]
fn collections_become_models_that_match_them() {
    let project = routes();
    let declared = project.read("tenon.toml");
    let bare = declared.split("[models.").next().unwrap().to_owned();
    project.write("tenon.toml", &bare);
    assert_eq!(
        project
            .shows(&["discover", "store", "--list", "-o", "csv"])
            .lines()
            .next(),
        Some("name,kind")
    );
    let models = project.shows(&["discover", "store"]);
    assert!(models.contains("[models.Route]"), "{models}");
    assert!(
        models.contains("key = [\"origin\", \"destination\"]"),
        "{models}"
    );
    assert_eq!(
        project.read("tenon.toml"),
        bare,
        "nothing is written unasked"
    );

    project.shows(&["discover", "store", "Route", "--write"]);
    assert_eq!(
        project.read("tenon.toml"),
        format!("{}\n\n{models}", bare.trim_end())
    );
    assert_eq!(
        project.shows(&["migrate"]),
        "store: the collections match the models\n"
    );
    assert_eq!(project.shows(&["count", "Route"]), "3\n");
    let again = says(project.tenon(&["discover", "store", "--write"]), 0);
    assert!(again.contains("Route is there already"), "{again}");

    let unknown = project.fails(3, &["discover", "store", "Rout"]);
    assert!(unknown.contains("data source store"), "{unknown}");
    project.fails(3, &["discover", "stor"]);
    project.fails(3, &["migrate", "stor"]);
}
