//! A table that another program made, with types and collations that a model doesn't make: what is pushed down of
//! conditions on it is exact.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that fails says so"
)]

mod common;

use common::{connect, run, server};
use serde_json::{Value as Json, json};
use tenon_model::{Model, Query};
use tenon_postgres::PostgresDriver;
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Connector, Crud, Done, Effect, ErrorKind, Limits, PropertyType, Schema, TransactionOptions,
};
use tenon_sql::testing::answers;
use tenon_sql::{Driver, ResultColumn, Statement};

/// Queries, and whether their filter and their order are PostgreSQL's.
fn queries() -> Vec<(Json, bool)> {
    vec![
        (
            json!({"where": {"name": "b"}, "order": ["name", "id"]}),
            true,
        ),
        (
            json!({"where": {"name": {"gt": "B"}}, "order": ["name DESC", "id"]}),
            true,
        ),
        (
            json!({"where": {"padded": "a  "}, "order": ["padded", "id"]}),
            true,
        ),
        (json!({"where": {"padded": "a"}}), true),
        (
            json!({"where": {"padded": {"inq": ["a", "b  ", "ä  "]}}}),
            true,
        ),
        (json!({"where": {"padded": {"like": "_  "}}}), true),
        (
            json!({"where": {"folded": "a"}, "order": ["folded", "id"]}),
            true,
        ),
        (json!({"where": {"folded": {"inq": ["A", "b"]}}}), true),
        (json!({"where": {"folded": {"neq": "a"}}}), true),
        (json!({"where": {"folded": {"like": "A%"}}}), true),
        (
            json!({"where": {"mood": "sad"}, "order": ["mood", "id"], "limit": 2}),
            true,
        ),
        (json!({"where": {"mood": {"inq": ["ok", "glad"]}}}), true),
        (json!({"where": {"mood": "glad"}}), true),
        (json!({"where": {"mood": {"gt": "ok"}}}), true),
        (json!({"where": {"mood": {"nlike": "s%"}}}), true),
        (json!({"where": {"small": {"gt": 40_000}}}), true),
        (
            json!({"where": {"small": {"inq": [1, 40_000]}}, "order": ["small", "id"]}),
            true,
        ),
        (json!({"where": {"single": {"gt": 0.1}}}), true),
        (json!({"where": {"single": 0.1}}), true),
        (json!({"where": {"single": {"lte": 1e300}}}), true),
        (
            json!({"where": {"price": {"between": ["0.101", "9.999"]}}, "order": ["price DESC", "id"]}),
            true,
        ),
        (
            json!({"where": {"coarse": {"gt": "2024-01-01T00:00:00.001Z"}}}),
            true,
        ),
        (
            json!({"where": {"coarse": "2024-01-01T00:00:00.001Z"}}),
            true,
        ),
        (json!({"where": {"tags": {"contains": "b"}}}), true),
        (json!({"where": {"tags": {"contains": "'; --"}}}), true),
        (json!({"where": {"numbers": {"contains": 2}}}), true),
        (json!({"where": {"document": null}}), true),
        (
            json!({"where": {"place": {"near": "52.5,13.4", "maxDistance": 200, "unit": "kilometers"}}, "order": "id"}),
            false,
        ),
    ]
}

#[test]
fn what_another_program_made_is_compared_exactly() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    for command in [
        "create collation folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "create type mood as enum ('sad', 'ok', 'Happy')",
        "create table odd (id integer primary key, name varchar(20) collate \"en-x-icu\", padded character(3), \
         folded text collate folded, mood mood, small smallint, single real, price numeric(10,3), \
         coarse timestamp(3), tags text[], numbers integer[], document json, place point)",
        "insert into odd values \
         (1, 'a', 'a', 'a', 'sad', 1, 0.1, 0.100, '2024-01-01 00:00:00.001', '{a,b}', '{1,2}', '{}', '(13.4,52.5)'), \
         (2, 'B', 'b', 'A', 'ok', 2, 1e30, 0.101, '2024-01-01 00:00:00.002', '{{a,b},{b,c}}', '{{1,2}}', 'null', '(13.5,52.6)'), \
         (3, 'b', 'a b', 'b', 'Happy', 3, 'Infinity', 9.999, '2023-12-31 23:59:59.999', '{}', '{NULL,2}', null, '(0,0)'), \
         (4, 'ä', 'ä', 'B', null, -32768, '-Infinity', -1, null, '{\"''; --\"}', null, '[]', null), \
         (5, null, null, null, 'sad', null, 'NaN', null, '1970-01-01', null, '{}', '{\"a\": 1}', '(-179,89)')",
    ] {
        run(&mut postgres, command);
    }
    let model = postgres.discover(vec!["odd".to_owned()]).unwrap().remove(0);
    postgres.define(model.clone()).unwrap();
    let mut answer = postgres
        .all(&model.name, tenon_sdk::Query::default())
        .unwrap();
    let all = read_all(&mut answer.rows, 100).unwrap();
    assert_eq!(all.len(), 5);
    let checked = Model::from_contract(model.clone()).unwrap();
    for (json, whole) in queries() {
        let query = Query::from_json(&json).unwrap().check(&checked);
        let query = query.unwrap_or_else(|problems| panic!("{json}: {problems}"));
        let done = answers(&mut postgres, &model.name, &all, &query);
        assert_eq!(done.contains(Done::FILTER), whole, "{json}");
    }
    // A time that is kept more coarsely is rounded down, operands too.
    let finer = json!({"where": {"coarse": "2024-01-01T00:00:00.001999Z"}});
    let finer = Query::from_json(&finer).unwrap().check(&checked).unwrap();
    let count = postgres.count(&model.name, finer.to_contract().filter);
    assert_eq!(count.unwrap(), 1);
}

/// Conditions on values that the contract has no place for in the order of their kind: how many records match.
fn ordered() -> Vec<(Json, u64)> {
    vec![
        (json!({"moment": {"lt": "2024-01-02T00:00:00Z"}}), 1),
        (
            json!({"moment": {"lte": "+294247-01-10T04:00:54.775807Z"}}),
            1,
        ),
        (json!({"moment": {"gt": "2023-01-01T00:00:00Z"}}), 1),
        (json!({"moment": {"gt": "-200000-01-01T00:00:00Z"}}), 1),
        (json!({"moment": {"neq": "2024-01-01T00:00:00Z"}}), 4),
        (json!({"plain": {"lt": "2024-01-02T00:00:00Z"}}), 1),
        (json!({"plain": {"gte": "2024-01-01T00:00:00Z"}}), 1),
        (
            json!({"not": {"plain": {"gte": "2024-01-01T00:00:00Z"}}}),
            4,
        ),
        (
            json!({"plain": {"between": ["-200000-01-01T00:00:00Z", "2025-01-01T00:00:00Z"]}}),
            1,
        ),
        (json!({"day": {"lt": "2024-01-02"}}), 1),
        (json!({"day": {"gt": "2023-12-31"}}), 1),
        (json!({"day": {"gte": "0000-01-01"}}), 1),
        (json!({"day": {"lt": "0000-12-31"}}), 0),
        (json!({"day": {"inq": ["0000-01-01", "2024-01-01"]}}), 1),
        (json!({"hour": {"gt": "10:00:00"}}), 1),
        (json!({"hour": {"lte": "23:59:59.999999"}}), 2),
        (json!({"number": {"gt": "1"}}), 1),
        (json!({"number": {"lt": "3"}}), 1),
        (json!({"price": {"gte": "1.5"}}), 1),
        (json!({"price": {"lt": "1000"}}), 1),
        (json!({"nor": [{"price": {"gte": "1.5"}}]}), 4),
    ]
}

#[test]
fn what_has_no_place_in_an_order_is_neither_greater_nor_less() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    for command in [
        "create table strange (id integer primary key, moment timestamptz, plain timestamp(3), day date, hour time, number numeric, \
         price numeric(10,2))",
        "insert into strange values (1, '-infinity', '-infinity', '-infinity', '24:00:00', 'NaN', 'NaN'), \
         (2, 'infinity', 'infinity', 'infinity', '09:00:00', 'NaN', 'NaN'), \
         (3, '294276-12-31', '294276-12-31', '0044-03-15 BC', '24:00:00', 'NaN', null), \
         (4, '2024-01-01', '2024-01-01', '2024-01-01', '23:59:59.5', 2, 1.50), \
         (5, null, null, '12345-01-01', null, null, null)",
        // From version 14.
        "update strange set number = (case when current_setting('server_version_num')::int < 140000 then 'NaN' \
         when id = 1 then '-Infinity' else 'Infinity' end)::numeric where id in (1, 2)",
    ] {
        run(&mut postgres, command);
    }
    let model = postgres
        .discover(vec!["strange".to_owned()])
        .unwrap()
        .remove(0);
    postgres.define(model.clone()).unwrap();
    let mut answer = postgres
        .all(&model.name, tenon_sdk::Query::default())
        .unwrap();
    let all = read_all(&mut answer.rows, 100).unwrap();
    assert_eq!(all.len(), 5);
    let checked = Model::from_contract(model.clone()).unwrap();
    for (condition, count) in ordered() {
        let query = Query::from_json(&json!({"where": condition})).unwrap();
        let query = query
            .check(&checked)
            .unwrap_or_else(|problems| panic!("{condition}: {problems}"));
        let done = answers(&mut postgres, &model.name, &all, &query);
        assert!(done.contains(Done::FILTER), "{condition}");
        let found = postgres.count(&model.name, query.to_contract().filter);
        assert_eq!(found.unwrap(), count, "{condition}");
    }
    let old = json!({"where": {"moment": {"lt": "2100-01-01T00:00:00Z"}}});
    let old = Query::from_json(&old).unwrap().check(&checked).unwrap();
    let destroyed = postgres.destroy_all(&model.name, old.to_contract().filter);
    assert_eq!(destroyed.unwrap(), 1);
}

#[test]
fn a_change_whose_rows_cannot_be_read_may_have_been_made() {
    let Some(server) = server() else { return };
    let (_, settings) = connect(server);
    let mut driver = PostgresDriver::initialize(settings, &Limits::default()).unwrap();
    driver.connect().unwrap();
    let table = Statement {
        text: "CREATE TABLE t (id integer PRIMARY KEY, name varchar(9))".to_owned(),
        parameters: Vec::new(),
    };
    driver.execute(&table).unwrap();
    let name = ResultColumn {
        name: "name".to_owned(),
        kind: PropertyType::Integer,
        native_type: "character varying(9)".to_owned(),
    };
    let statement = |text: &str| Statement {
        text: text.to_owned(),
        parameters: Vec::new(),
    };
    let columns = [name];
    let add = statement("INSERT INTO t VALUES (1, 'Ann') RETURNING name");
    let error = driver.fetch(&add, &columns).unwrap_err();
    assert_eq!(error.effect, Effect::Unknown, "{error}");
    // It has been made, and one that only reads has no effect; nor has what a transaction still undoes.
    let look = statement("SELECT name FROM t");
    let error = driver.fetch(&look, &columns).unwrap_err();
    assert!(
        error.message.contains("name") || error.message.contains("column"),
        "{error}"
    );
    assert_eq!(error.effect, Effect::Nothing, "{error}");
    // The database's own refusal is certain.
    let error = driver.fetch(&add, &columns).unwrap_err();
    assert_eq!(
        (error.kind, error.effect),
        (ErrorKind::Duplicate, Effect::Nothing)
    );
    driver.begin(TransactionOptions::default()).unwrap();
    let more = statement("INSERT INTO t VALUES (2, 'Bob') RETURNING name");
    let error = driver.fetch(&more, &columns).unwrap_err();
    assert_eq!(error.effect, Effect::Nothing, "{error}");
    driver.rollback().unwrap();
}
