//! The SQL of each dialect, held against the files in `tests/golden`.
//!
//! `TENON_WRITE_GOLDEN=1 cargo test -p tenon-sql --test golden` writes them anew; what has changed is then to be read.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so"
)]

#[path = "support/cockroach.rs"]
mod cockroach;
#[path = "support/recorder.rs"]
mod recorder;

use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;

use cockroach::Cockroach;
use recorder::{Backend, Recorder};
use serde_json::{Value as Json, json};
use tenon_model::{Aggregation, Index, Model, Property, Query};
use tenon_sdk::{
    Aggregates, Connector, Crud, Done, Entity, Filter, Generation, Key, Limits, NoSettings,
    PropertyType, SortKey, Transactions, Upsert, Value,
};
use tenon_sql::dialects::{MySql, MySqlFlavour, Postgres, Sqlite};
use tenon_sql::{
    DescribedColumn, DescribedIndex, Description, Parameter, SchemaDialect, Sql, Statement,
    TableKind, TableName,
};

/// A column with a collation or a type that a model doesn't make: its property, type, collation and labels.
type Odd = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [&'static str],
);

fn described(dialect: &impl SchemaDialect, name: &TableName, odd: &[Odd]) -> Option<Description> {
    let model = model();
    let columns = model.properties.iter().map(|property| {
        let odd = odd.iter().find(|odd| odd.0 == property.name);
        DescribedColumn {
            name: property.name.clone(),
            native_type: match odd {
                Some(odd) => odd.1.to_owned(),
                None => dialect.native_type(property).unwrap(),
            },
            labels: odd
                .map_or(&[][..], |odd| odd.3)
                .iter()
                .map(|label| (*label).to_owned())
                .collect(),
            collation: odd.and_then(|odd| odd.2).map(str::to_owned),
            nullable: !property.required,
            default: None,
            generated: property.generated,
        }
    });
    Some(Description {
        atomic: true,
        name: name.clone(),
        kind: TableKind::Table,
        columns: columns.collect(),
        key: vec!["id".to_owned()],
        key_name: None,
        indexes: vec![DescribedIndex {
            name: "code".to_owned(),
            columns: vec![("code".to_owned(), false)],
            unique: true,
            constraint: false,
            special: false,
        }],
        references: Vec::new(),
    })
}

macro_rules! backend {
    ($name:ident, $dialect:ty, $value:expr, $odd:expr) => {
        struct $name;
        impl Backend for $name {
            type Dialect = $dialect;
            fn dialect() -> $dialect {
                $value
            }
            fn describe(table: &TableName) -> Option<Description> {
                described(&$value, table, $odd)
            }
        }
    };
}

backend!(
    OnPostgres,
    Postgres,
    Postgres,
    &[
        ("name", "character varying(40)", Some("en_US.utf8"), &[]),
        ("code", "character(3)", Some("default"), &[]),
        ("folded", "text", Some("case_insensitive"), &[]),
        ("mood", "sales.mood", None, &["ok", "sad"]),
        ("tags", "text[]", None, &[]),
        ("coarse", "timestamp(3) without time zone", None, &[]),
    ]
);
backend!(
    OnMySql,
    MySql,
    MySql {
        flavour: MySqlFlavour::MySql
    },
    &[
        ("name", "varchar(40)", Some("utf8mb4_0900_ai_ci"), &[]),
        ("code", "char(3)", Some("latin1_swedish_ci"), &[]),
        (
            "mood",
            "enum('ok','sad')",
            Some("utf8mb4_0900_ai_ci"),
            &["ok", "sad"]
        ),
        ("coarse", "datetime", None, &[]),
    ]
);
backend!(
    OnMariaDb,
    MySql,
    MySql {
        flavour: MySqlFlavour::MariaDb
    },
    &[
        ("name", "varchar(40)", Some("utf8mb4_general_ci"), &[]),
        ("uuid", "uuid", None, &[]),
        ("coarse", "datetime", None, &[]),
    ]
);
backend!(
    OnSqlite,
    Sqlite,
    Sqlite,
    &[
        ("name", "VARCHAR(40)", Some("NOCASE"), &[]),
        ("coarse", "DATETIME", None, &[]),
    ]
);
backend!(OnCockroach, Cockroach, Cockroach, &[]);

fn model() -> tenon_sdk::Model {
    let mut model = Model::new("Thing");
    let mut id = Property::new("id", PropertyType::Integer);
    id.generated = Generation::WhenMissing;
    id.key = Some(1);
    id.required = true;
    model = model.property(id);
    for (name, kind) in [
        ("name", PropertyType::Text),
        ("plain", PropertyType::Text),
        ("code", PropertyType::Text),
        ("folded", PropertyType::Text),
        ("mood", PropertyType::Text),
        ("flag", PropertyType::Boolean),
        ("number", PropertyType::Integer),
        ("float", PropertyType::Float),
        ("exact", PropertyType::Decimal),
        ("moment", PropertyType::Timestamp),
        ("coarse", PropertyType::Timestamp),
        ("day", PropertyType::Date),
        ("hour", PropertyType::Time),
        ("bytes", PropertyType::Bytes),
        ("uuid", PropertyType::Uuid),
        ("place", PropertyType::Point),
        ("json", PropertyType::Json),
        ("tags", PropertyType::Json),
        ("any", PropertyType::Any),
    ] {
        model = model.property(Property::new(name, kind));
    }
    model.collection = Some("shop.\"odd\"\"`name\"".to_owned());
    model.indexes = vec![Index {
        name: "code".to_owned(),
        properties: vec![SortKey {
            property: "code".to_owned(),
            path: Vec::new(),
            descending: false,
        }],
        unique: true,
        settings: None,
    }];
    model.to_contract()
}

/// Queries by name, in the application's form.
fn queries() -> Vec<(&'static str, Json)> {
    let hostile = "'; DROP TABLE x; --\\";
    vec![
        ("all", json!({})),
        ("fields", json!({"fields": ["id", "name"]})),
        (
            "page",
            json!({"order": ["number DESC", "id"], "limit": 10, "skip": 20}),
        ),
        ("offset", json!({"order": "id", "skip": 5})),
        (
            "order_text",
            json!({"order": ["name", "plain DESC", "code", "mood", "uuid"]}),
        ),
        (
            "order_exact",
            json!({"order": ["exact", "float DESC", "moment", "id"]}),
        ),
        (
            "order_inexact",
            json!({"order": ["json.a", "id"], "limit": 3}),
        ),
        (
            "equal",
            json!({"where": {"id": 1, "name": hostile, "plain": hostile, "code": "abc", "folded": "x", "mood": "ok"}}),
        ),
        (
            "equal_kinds",
            json!({"where": {"flag": true, "number": 5, "float": 0.5, "exact": "1.50", "moment": "2024-01-01T00:00:00Z",
            "coarse": "2024-01-01T00:00:00.123456Z", "day": "2024-02-29", "hour": "10:00:00", "bytes": "aGk=",
            "uuid": "936da01f-9abd-4d9d-80c7-02af85c822a8"}}),
        ),
        (
            "null",
            json!({"where": {"name": null, "json": null, "any": {"neq": null}}}),
        ),
        (
            "not_equal",
            json!({"where": {"number": {"neq": 5}, "flag": {"neq": false}, "mood": {"neq": "glad"}}}),
        ),
        (
            "ordered",
            json!({"where": {"name": {"gt": "a"}, "number": {"gte": 1, "lt": 9}, "float": {"gt": 0.5}, "exact": {"lte": "99.95"},
            "coarse": {"gt": "2024-01-01T00:00:00.123456Z"}}}),
        ),
        (
            "ordered_times",
            json!({"where": {"day": {"lt": "2024-02-29"}, "hour": {"gt": "10:00:00"}, "moment": {"lte": "2024-01-01T00:00:00Z"},
            "exact": {"gt": "1"}, "coarse": null}}),
        ),
        (
            "between",
            json!({"where": {"number": {"between": [1, 5]}, "moment": {"between": [{"$timestamp": -63_000_000_000_000_000_i64}, "2024-01-01T00:00:00Z"]}}}),
        ),
        (
            "one_of",
            json!({"where": {"number": {"inq": [1, 2, 3]}, "name": {"inq": ["a", null]}, "code": {"nin": ["x", "y"]}, "mood": {"inq": ["ok", "sad", "glad"]}}}),
        ),
        (
            "one_of_none",
            json!({"where": {"number": {"inq": []}, "name": {"nin": []}}}),
        ),
        (
            "like",
            json!({"where": {"name": {"like": "50\\% |_x\\\\%"}, "code": {"nlike": "a%"}, "uuid": {"like": "936%"}}}),
        ),
        (
            "ilike",
            json!({"where": {"name": {"ilike": "ä%"}, "plain": {"nilike": "b_"}}}),
        ),
        (
            "regexp",
            json!({"where": {"name": {"regexp": "^a"}, "number": 1}}),
        ),
        (
            "contains",
            json!({"where": {"tags": {"contains": hostile}, "json": {"contains": 2}}}),
        ),
        (
            "inside_text",
            json!({"where": {"json.address.city\" ? (true)": "Rome"}}),
        ),
        (
            "inside_number",
            json!({"where": {"json.price": {"gt": 1.5}}}),
        ),
        (
            "inside_more",
            json!({"where": {"json.a": {"inq": ["x", "y"]}, "json.b": {"neq": true}, "json.c": {"like": "x%"}}}),
        ),
        (
            "inside_left",
            json!({"where": {"json.0": 1, "json.a": null, "number": 1}}),
        ),
        (
            "near",
            json!({"where": {"place": {"near": "10,179.95", "maxDistance": 10, "unit": "kilometers"}}}),
        ),
        (
            "groups",
            json!({"where": {"or": [{"number": 1}, {"number": 2, "flag": true}], "nor": [{"float": 1.0}, {"plain": "x"}], "not": {"id": 9}}}),
        ),
        (
            "partly",
            json!({"where": {"number": 1, "or": [{"json.0": 1}, {"number": 2}]}, "limit": 5}),
        ),
        (
            "partly_wider",
            json!({"where": {"or": [{"place": {"near": "0,0", "maxDistance": 10}}, {"number": 2}]}, "order": "id", "limit": 5}),
        ),
        (
            "negated_inexact",
            json!({"where": {"nor": [{"json.0": 1}, {"number": 2}]}}),
        ),
        (
            "extension",
            json!({"where": {"name": {"extension": {"name": "soundex\") --", "operands": ["x"]}}, "number": 1}}),
        ),
    ]
}

fn aggregates() -> Vec<(&'static str, Json)> {
    vec![
        (
            "aggregate_groups",
            json!({"groupBy": ["name", "flag"], "aggregates": {"records": {"count": "*"}, "different": {"count": "code", "distinct": true}},
            "order": ["records DESC"], "limit": 3, "skip": 1}),
        ),
        (
            "aggregate_numbers",
            json!({"where": {"number": {"gt": 0}}, "aggregates": {"sum": {"sum": "number"}, "average": {"average": "number"}}}),
        ),
        (
            "aggregate_decimals",
            json!({"aggregates": {"sum": {"sum": "exact"}, "once": {"sum": "exact", "distinct": true}}}),
        ),
        (
            "aggregate_floats",
            json!({"aggregates": {"sum": {"sum": "float"}}}),
        ),
        (
            "aggregate_extremes",
            json!({"groupBy": ["mood"], "aggregates": {"a": {"minimum": "name"}, "b": {"maximum": "exact"}, "c": {"minimum": "flag"}, "d": {"maximum": "uuid"}, "e": {"count": "json"}}}),
        ),
        (
            "aggregate_sorted_here",
            json!({"groupBy": ["number"], "aggregates": {"average": {"average": "number"}}, "order": "average DESC", "limit": 2}),
        ),
    ]
}

fn thing() -> Entity {
    Entity::new()
        .with("name", "'; --")
        .with("moment", Value::Timestamp(1_700_000_000_123_456))
        .with("coarse", Value::Timestamp(1_700_000_000_123_456))
        .with("any", "text")
}

type Work<B> = fn(&mut Sql<Recorder<B>>) -> Option<tenon_sdk::Error>;

fn writes<B: Backend>() -> Vec<(&'static str, Work<B>)> {
    fn failed<T>(result: tenon_sdk::Result<T>) -> Option<tenon_sdk::Error> {
        result.err()
    }
    vec![
        ("find", |sql| failed(sql.find("Thing", Key::from(1)))),
        ("exists", |sql| failed(sql.exists("Thing", Key::from(1)))),
        ("count", |sql| {
            failed(sql.count("Thing", equals("number", 1)))
        }),
        ("create", |sql| failed(sql.create("Thing", thing()))),
        ("create_nothing", |sql| {
            failed(sql.create("Thing", Entity::new()))
        }),
        ("create_in_transaction", |sql| {
            sql.begin(tenon_sdk::TransactionOptions::default()).unwrap();
            failed(sql.create("Thing", thing()))
        }),
        ("create_all", |sql| {
            failed(sql.create_all(
                "Thing",
                vec![thing(), thing(), Entity::new().with("name", "b")],
            ))
        }),
        ("save", |sql| {
            failed(sql.save("Thing", Entity::new().with("id", 1).with("name", "b")))
        }),
        ("update_attributes", |sql| {
            failed(sql.update_attributes("Thing", Key::from(1), thing()))
        }),
        ("update", |sql| {
            failed(sql.update(
                "Thing",
                equals("number", 1),
                Entity::new().with("name", "b"),
            ))
        }),
        ("update_inexact", |sql| {
            failed(sql.update(
                "Thing",
                equals(
                    "place",
                    Value::Point(tenon_sdk::GeoPoint {
                        latitude: 1.0,
                        longitude: 2.0,
                    }),
                ),
                thing(),
            ))
        }),
        ("destroy", |sql| failed(sql.destroy("Thing", Key::from(1)))),
        ("destroy_all", |sql| {
            failed(sql.destroy_all("Thing", Vec::new()))
        }),
        ("update_or_create", |sql| {
            failed(sql.update_or_create("Thing", &["id".to_owned()], thing().with("id", 1)))
        }),
        ("update_or_create_by_index", |sql| {
            failed(sql.update_or_create(
                "Thing",
                &["code".to_owned()],
                thing().with("id", 1).with("code", "abc"),
            ))
        }),
        ("update_or_create_same", |sql| {
            failed(sql.update_or_create("Thing", &["id".to_owned()], Entity::new().with("id", 1)))
        }),
        ("replace_or_create", |sql| {
            failed(sql.replace_or_create(
                "Thing",
                &["id".to_owned()],
                Entity::new().with("id", 1).with("name", "b"),
            ))
        }),
        ("upsert_by_no_index", |sql| {
            failed(sql.update_or_create("Thing", &["name".to_owned()], thing()))
        }),
    ]
}

fn equals(property: &str, value: impl Into<Value>) -> Filter {
    tenon_model::Filter::equal(property, value).to_nodes()
}

fn shown(statement: &Statement, out: &mut String) {
    writeln!(out, "{}", statement.text).unwrap();
    for (place, parameter) in statement.parameters.iter().enumerate() {
        let value = |value: &Value| {
            let text = value.to_lossless_json().to_string();
            if text.len() > 200 {
                format!("{}…", text.chars().take(200).collect::<String>())
            } else {
                text
            }
        };
        let shown = match parameter {
            Parameter::Value(one) => format!("{} {}", one.case_name(), value(one)),
            Parameter::List(several) => {
                format!(
                    "list {}",
                    several.iter().map(value).collect::<Vec<_>>().join(" ")
                )
            }
        };
        writeln!(out, "-- {}: {shown}", place + 1).unwrap();
    }
}

fn compare<B: Backend>(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(folder);
    let rewrite = std::env::var_os("TENON_WRITE_GOLDEN").is_some();
    if rewrite {
        std::fs::create_dir_all(&folder).unwrap();
    }
    let model = tenon_model::Model::from_contract(model()).unwrap();
    let mut wrong = Vec::new();
    let mut check = |name: &str, work: &mut dyn FnMut(&mut Sql<Recorder<B>>) -> String| {
        let mut sql = Sql::<Recorder<B>>::initialize(NoSettings {}, &Limits::default()).unwrap();
        sql.define(self::model()).unwrap();
        let log = Rc::clone(&sql.driver().log);
        let last = work(&mut sql);
        let mut text = String::new();
        for statement in log.borrow().iter() {
            shown(statement, &mut text);
        }
        text.push_str(&last);
        let path = folder.join(format!("{name}.sql"));
        if rewrite {
            std::fs::write(&path, &text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", path.display()));
        }
    };
    for (name, query) in queries() {
        if name == "regexp" && cfg!(feature = "regex") {
            continue;
        }
        check(name, &mut |sql| {
            let query = Query::from_json(&query).unwrap().check(&model).unwrap();
            let answer = sql.all("Thing", query.to_contract()).unwrap();
            let flags = [
                (Done::FILTER, "filter"),
                (Done::ORDER, "order"),
                (Done::PAGING, "paging"),
                (Done::FIELDS, "fields"),
            ];
            let done: Vec<&str> = flags
                .iter()
                .filter(|(flag, _)| answer.done.contains(*flag))
                .map(|(_, name)| *name)
                .collect();
            format!("-- done: {}\n", done.join(", "))
        });
    }
    for (name, request) in aggregates() {
        check(name, &mut |sql| {
            let request = Aggregation::from_json(&request)
                .unwrap()
                .check(&model)
                .unwrap();
            match sql.aggregate("Thing", request.to_contract()) {
                Ok(_) => String::new(),
                Err(error) => format!("-- {}: {}\n", error.kind, error.message),
            }
        });
    }
    for (name, write) in writes::<B>() {
        check(name, &mut |sql| match write(sql) {
            None => String::new(),
            Some(error) => format!("-- {}: {}\n", error.kind, error.message),
        });
    }
    assert!(
        wrong.is_empty(),
        "not as in the files:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn postgres() {
    compare::<OnPostgres>("postgres");
}

#[test]
fn mysql() {
    compare::<OnMySql>("mysql");
}

#[test]
fn mariadb() {
    compare::<OnMariaDb>("mariadb");
}

#[test]
fn sqlite() {
    compare::<OnSqlite>("sqlite");
}

#[test]
fn cockroach() {
    compare::<OnCockroach>("cockroach");
}
