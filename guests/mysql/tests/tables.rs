//! Tables that others made, and values at the limits of their types.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::time::{Duration, Instant};

use common::{connect, database, make, run, server};
use tenon_model::{Comparison, Condition, Filter, Model, Property};
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Connector, Crud, Entity, ErrorKind, Generation, Key, Limits, PropertyType, Query, Schema, Value,
};

/// Each of the server's types, what it is discovered as, and a value at each of its ends.
const TYPES: &[(&str, PropertyType, &str, &str)] = &[
    ("tinyint(1)", PropertyType::Boolean, "0", "1"),
    ("bit(1)", PropertyType::Boolean, "b'0'", "b'1'"),
    ("bit(12)", PropertyType::Bytes, "b'0'", "b'111111111111'"),
    ("tinyint", PropertyType::Integer, "-128", "127"),
    ("smallint unsigned", PropertyType::Integer, "0", "65535"),
    ("mediumint", PropertyType::Integer, "-8388608", "8388607"),
    ("int", PropertyType::Integer, "-2147483648", "2147483647"),
    (
        "bigint",
        PropertyType::Integer,
        "-9223372036854775808",
        "9223372036854775807",
    ),
    (
        "bigint unsigned",
        PropertyType::Integer,
        "0",
        "9223372036854775807",
    ),
    ("year", PropertyType::Integer, "1901", "2155"),
    ("float", PropertyType::Float, "-1.5", "3.25"),
    (
        "double",
        PropertyType::Float,
        "-1.7976931348623157e308",
        "2.2250738585072014e-308",
    ),
    (
        "decimal(65,30)",
        PropertyType::Decimal,
        "-99999999999999999999999999999999999.999999999999999999999999999999",
        "0",
    ),
    (
        "decimal(10,2)",
        PropertyType::Decimal,
        "-99999999.99",
        "99999999.99",
    ),
    (
        "datetime(6)",
        PropertyType::Timestamp,
        "'1000-01-01 00:00:00.000001'",
        "'9999-12-31 23:59:59.999999'",
    ),
    (
        "timestamp(6) NULL",
        PropertyType::Timestamp,
        "'1970-01-01 00:00:01'",
        "'2038-01-19 03:14:07.999999'",
    ),
    ("date", PropertyType::Date, "'1000-01-01'", "'9999-12-31'"),
    (
        "time(6)",
        PropertyType::Time,
        "'00:00:00'",
        "'23:59:59.999999'",
    ),
    ("char(3)", PropertyType::Text, "''", "'ßé☃'"),
    (
        "varchar(200)",
        PropertyType::Text,
        "'trailing  '",
        "'back\\\\slash'",
    ),
    ("longtext", PropertyType::Text, "''", "repeat('x', 100000)"),
    ("enum('a','it''s')", PropertyType::Text, "'a'", "'it''s'"),
    ("set('a','b')", PropertyType::Text, "''", "'a,b'"),
    ("varbinary(9)", PropertyType::Bytes, "''", "x'00ff'"),
    (
        "longblob",
        PropertyType::Bytes,
        "''",
        "repeat(x'00', 70000)",
    ),
    (
        "json",
        PropertyType::Json,
        "'[]'",
        "'{\"a\": [1, null, \"x\"]}'",
    ),
    (
        "point",
        PropertyType::Point,
        "ST_GeomFromText('POINT(0 0)')",
        "ST_GeomFromText('POINT(180 -90)')",
    ),
    (
        "uuid",
        PropertyType::Uuid,
        "'00000000-0000-0000-0000-000000000000'",
        "'936da01f-9abd-4d9d-80c7-02af85c822a8'",
    ),
];

#[test]
fn values_at_the_ends_of_their_types_are_read_written_and_found_again() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    let columns: Vec<String> = TYPES
        .iter()
        .enumerate()
        .map(|(place, (kind, ..))| format!("c{place} {kind}"))
        .collect();
    let values =
        |which: fn(&(&'static str, PropertyType, &'static str, &'static str)) -> &'static str| {
            TYPES.iter().map(which).collect::<Vec<_>>().join(", ")
        };
    let create = format!(
        "CREATE TABLE ends (id int PRIMARY KEY, {}) DEFAULT CHARSET utf8mb4",
        columns.join(", ")
    );
    run(&mut mysql, &create, vec![]).unwrap();
    for (id, list) in [(1, values(|one| one.2)), (2, values(|one| one.3))] {
        run(
            &mut mysql,
            &format!("INSERT INTO ends VALUES ({id}, {list})"),
            vec![],
        )
        .unwrap();
    }
    run(&mut mysql, "INSERT INTO ends (id) VALUES (3)", vec![]).unwrap();

    let model = mysql.discover(vec!["ends".into()]).unwrap().remove(0);
    for (place, (native, kind, ..)) in TYPES.iter().enumerate() {
        let property = model
            .properties
            .iter()
            .find(|one| one.name == format!("c{place}"))
            .unwrap();
        assert_eq!(property.kind, *kind, "{native}");
    }
    let plan = mysql.plan(vec![model.clone()]).unwrap();
    assert!(plan.is_empty(), "{plan:#?}");
    mysql.define(model.clone()).unwrap();

    for id in [1_i64, 2] {
        let found = mysql
            .find("ends", Key::composite([id.into()]))
            .unwrap()
            .unwrap();
        let mut copy = found.clone();
        copy.set("id", id + 10);
        mysql.create("ends", copy.clone()).unwrap();
        let again = mysql
            .find("ends", Key::composite([(id + 10).into()]))
            .unwrap()
            .unwrap();
        assert_eq!(again, copy, "what was read is written and read again");
        for (place, (native, kind, ..)) in TYPES.iter().enumerate() {
            let name = format!("c{place}");
            let value = found.get(&name).unwrap().clone();
            if matches!(kind, PropertyType::Json | PropertyType::Point) {
                continue;
            }
            assert!(!value.is_null(), "{native}");
            let filter = Filter::from(condition(&name, Comparison::Equal, vec![value.clone()]));
            match mysql.count("ends", filter.to_nodes()) {
                Ok(count) => assert!(count >= 2, "{native}: {value:?} is found {count} times"),
                Err(error) => assert_eq!(error.kind, ErrorKind::Unsupported, "{native}: {error}"),
            }
        }
    }
    let nothing = mysql
        .find("ends", Key::composite([3_i64.into()]))
        .unwrap()
        .unwrap();
    assert!(
        nothing
            .iter()
            .all(|(name, value)| name == "id" || value.is_null()),
        "{nothing:?}"
    );
}

#[test]
fn a_number_beyond_64_bits_is_a_decimal_and_a_day_without_a_day_is_null() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = connect(server, &name);
    server.sql_in(&name, "SET sql_mode = ''; CREATE TABLE odd (id int PRIMARY KEY, big bigint unsigned, day date, at datetime, filled decimal(8,2) zerofill); INSERT INTO odd VALUES (1, 18446744073709551615, '0000-00-00', '2024-00-15 00:00:00', 12.5)").unwrap();
    let model = mysql.discover(vec!["odd".into()]).unwrap().remove(0);
    mysql.define(model).unwrap();
    let found = mysql
        .find("odd", Key::composite([1_i64.into()]))
        .unwrap()
        .unwrap();
    assert_eq!(
        found.get("big"),
        Some(&Value::Decimal("18446744073709551615".into()))
    );
    assert_eq!(found.get("day"), Some(&Value::Null));
    assert_eq!(found.get("at"), Some(&Value::Null));
    assert_eq!(found.get("filled"), Some(&Value::Decimal("12.50".into())));
}

#[test]
fn an_unknown_schema_is_usable_at_once() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = connect(server, &name);
    for command in [
        "CREATE TABLE `odd ``name``; DROP TABLE x` (`a b` int, `select` varchar(10) DEFAULT 'it''s', `ü` datetime(3) DEFAULT current_timestamp(3), made int AS (`a b` * 2) STORED, n int NOT NULL DEFAULT 7, PRIMARY KEY (`select`, `a b`))",
        "CREATE TABLE parents (region char(2), number int, note text, PRIMARY KEY (region, number), FULLTEXT words (note), KEY part (note(10)))",
        "CREATE TABLE children (id bigint AUTO_INCREMENT PRIMARY KEY, region char(2), number int, flag bit NOT NULL DEFAULT b'1', CONSTRAINT `of parent` FOREIGN KEY (region, number) REFERENCES parents (region, number) ON DELETE CASCADE ON UPDATE SET NULL, UNIQUE KEY `by both` (number, id DESC))",
        "CREATE VIEW grown AS SELECT id, region FROM children",
        "CREATE TABLE keyless (a int, b text) ENGINE = MyISAM",
        "CREATE TABLE latin (id varchar(20) PRIMARY KEY) DEFAULT CHARSET latin1",
    ] {
        run(&mut mysql, command, vec![]).unwrap();
    }
    let collections = mysql.collections().unwrap();
    let names: Vec<&str> = collections.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "children",
            "grown",
            "keyless",
            "latin",
            "odd `name`; DROP TABLE x",
            "parents"
        ]
    );
    let models = mysql
        .discover(names.iter().map(|name| (*name).to_owned()).collect())
        .unwrap();
    let plan = mysql
        .plan(
            models
                .iter()
                .filter(|model| model.collection.as_deref() != Some("grown"))
                .cloned()
                .collect(),
        )
        .unwrap();
    assert!(plan.is_empty(), "{plan:#?}");
    let model = |collection: &str| {
        models
            .iter()
            .find(|model| model.collection.as_deref().unwrap_or(&model.name) == collection)
            .unwrap()
    };
    let children = model("children");
    assert_eq!(children.references.len(), 1);
    assert_eq!(children.references[0].properties, ["region", "number"]);
    let settings = children.references[0].settings.as_deref().unwrap();
    assert!(settings.contains("cascade"), "{settings}");
    let id = children
        .properties
        .iter()
        .find(|property| property.name == "id")
        .unwrap();
    assert_eq!(id.generated, Generation::WhenMissing);
    for model in &models {
        mysql.define(model.clone()).unwrap();
        let mut all = mysql.all(&model.name, Query::default()).unwrap();
        assert!(read_all(&mut all.rows, 10).unwrap().is_empty());
    }
    let odd = model("odd `name`; DROP TABLE x").name.clone();
    let property = |column: &str| {
        let mut properties = model("odd `name`; DROP TABLE x").properties.iter();
        let found = properties.find(|one| one.column.as_deref().unwrap_or(&one.name) == column);
        found.unwrap().name.clone()
    };
    let made = mysql
        .create(
            &odd,
            Entity::new()
                .with(property("select"), "x")
                .with(property("a b"), 21_i64),
        )
        .unwrap();
    assert_eq!(made.get(&property("made")), Some(&Value::Integer(42)));
    assert_eq!(made.get(&property("n")), Some(&Value::Integer(7)));
    let parent = model("parents").name.clone();
    let child = model("children").name.clone();
    mysql
        .create(
            &parent,
            Entity::new().with("region", "eu").with("number", 1_i64),
        )
        .unwrap();
    let made = mysql
        .create(
            &child,
            Entity::new().with("region", "eu").with("number", 1_i64),
        )
        .unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(1)));
    let error = mysql
        .create(
            &child,
            Entity::new().with("region", "us").with("number", 1_i64),
        )
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Constraint);
    assert_eq!(common::detail(&error, "constraint"), Some("of parent"));
}

fn condition(property: &str, comparison: Comparison, operands: Vec<Value>) -> Condition {
    Condition {
        property: property.to_owned(),
        path: Vec::new(),
        comparison,
        operands,
    }
}

fn people() -> tenon_sdk::Model {
    Model::new("people")
        .key("id", PropertyType::Integer)
        .property(Property::new("name", PropertyType::Text))
        .property(Property::new("data", PropertyType::Json))
        .property(Property::new("extra", PropertyType::Any))
        .to_contract()
}

#[test]
fn hostile_texts_are_only_texts() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    make(&mut mysql, &people());
    let hostile = [
        "' OR 1=1; DROP TABLE people; --",
        "\\' OR 1=1 #",
        "\\",
        "%",
        "_",
        "a\0b",
        "`",
        "\"",
        "\u{10FFFF}",
        "?",
        ":x",
        "/*! DROP TABLE people */",
        "Ä",
        "a ",
        "A",
    ];
    for (id, text) in (0_i64..).zip(hostile) {
        let data = Entity::new()
            .with("id", id)
            .with("name", text)
            .with("extra", text);
        mysql.create("people", data).unwrap();
    }
    for (id, text) in (0_i64..).zip(hostile) {
        let query = |comparison, operand: String| Query {
            filter: Filter::from(condition("name", comparison, vec![operand.into()])).to_nodes(),
            ..Query::default()
        };
        let mut answer = mysql
            .all("people", query(Comparison::Equal, text.to_owned()))
            .unwrap();
        let rows = read_all(&mut answer.rows, 10).unwrap();
        assert_eq!(rows.len(), 1, "{text:?}");
        assert_eq!(rows[0].get("id"), Some(&Value::Integer(id)));
        assert_eq!(rows[0].get("extra"), Some(&text.into()));
        let pattern: String = text
            .chars()
            .flat_map(|one| match one {
                '%' | '_' | '\\' => vec!['\\', one],
                other => vec![other],
            })
            .collect();
        let mut answer = mysql
            .all("people", query(Comparison::Like, pattern))
            .unwrap();
        let rows = read_all(&mut answer.rows, 10).unwrap();
        assert_eq!(rows.len(), 1, "like {text:?}");
    }
}

#[test]
fn anything_is_kept_as_json_and_comes_back_as_it_was() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    make(&mut mysql, &people());
    let values = [
        Value::Null,
        Value::Boolean(true),
        Value::Integer(-5),
        Value::Float(1.5),
        Value::Text("1".into()),
        Value::Decimal("1.50".into()),
        Value::Bytes(vec![1, 2]),
        Value::Timestamp(5),
        Value::Json("{\"a\":[1,null]}".into()),
    ];
    for (id, value) in (0_i64..).zip(&values) {
        let data = Entity::new()
            .with("id", id)
            .with("extra", value.clone())
            .with("data", Value::Json("[{\"x\":\"\\\\\"}]".into()));
        mysql.create("people", data).unwrap();
        let found = mysql
            .find("people", Key::composite([id.into()]))
            .unwrap()
            .unwrap();
        assert_eq!(found.get("extra"), Some(value));
        assert_eq!(
            found.get("data"),
            Some(&Value::Json("[{\"x\":\"\\\\\"}]".into()))
        );
    }
}

#[test]
fn a_result_may_take_longer_than_a_call() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = common::connect_for(server, &name, 1_000);
    make(&mut mysql, &people());
    let fill = "INSERT INTO people (id, name) SELECT seq, repeat('x', 200) FROM seq_1_to_60000";
    server.sql_in(&name, fill).unwrap();
    let mut answer = mysql.all("people", Query::default()).unwrap();
    let limits = Limits::default();
    let mut count = answer.rows.next_rows(5, &limits).unwrap().unwrap().len();
    // The server is in the middle of it, since it can't send all of it unread.
    std::thread::sleep(Duration::from_millis(1_500));
    while let Some(rows) = answer.rows.next_rows(10_000, &limits).unwrap() {
        count += rows.len();
    }
    assert_eq!(count, 60_000);
    mysql.ping().unwrap();
}

#[test]
fn a_query_that_takes_longer_than_a_call_is_stopped() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = common::connect_for(server, &name, 1_000);
    make(&mut mysql, &people());
    let view = "INSERT INTO people (id) VALUES (1); CREATE VIEW slow AS SELECT id, sleep(20) AS name FROM people";
    server.sql_in(&name, view).unwrap();
    let model = Model::new("slow")
        .key("id", PropertyType::Integer)
        .property(Property::new("name", PropertyType::Integer))
        .to_contract();
    mysql.define(model).unwrap();
    let before = Instant::now();
    let result = mysql.all("slow", Query::default());
    let error = match result {
        Ok(mut answer) => read_all(&mut answer.rows, 10).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert_eq!(error.aftermath, tenon_sdk::Aftermath::Usable, "{error}");
    assert!(before.elapsed() < Duration::from_millis(2_000));
    mysql.ping().unwrap();
}
