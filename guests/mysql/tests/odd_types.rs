//! A table that another program made, with types and collations that a model doesn't make: what is pushed down of
//! conditions on it is exact.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that fails says so"
)]

mod common;

use common::{connect, database, run, server, settings};
use serde_json::{Value as Json, json};
use tenon_model::{Model, Query};
use tenon_mysql::MySqlDriver;
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Aggregate, AggregateFunction, AggregateRequest, Aggregates, Connector, Crud, Done, Effect,
    ErrorKind, Limits, PropertyType, Schema, SortKey, TransactionOptions,
};
use tenon_sql::testing::answers;
use tenon_sql::{Driver, ResultColumn, Statement};

/// Queries, and whether their filter is MariaDB's.
fn queries() -> Vec<(Json, bool)> {
    vec![
        (
            json!({"where": {"name": "b"}, "order": ["name", "id"]}),
            true,
        ),
        (
            json!({"where": {"name": {"neq": "b"}}, "order": ["name DESC", "id"], "limit": 3}),
            true,
        ),
        (json!({"where": {"name": {"inq": ["a", "B", "a "]}}}), true),
        (json!({"where": {"name": {"gt": "B"}}}), true),
        (json!({"where": {"name": {"like": "A%"}}}), true),
        (json!({"where": {"name": {"like": "%\\\\%"}}}), true),
        (
            json!({"where": {"latin": "ä"}, "order": ["latin", "id"]}),
            true,
        ),
        (json!({"where": {"latin": "😀"}}), true),
        (json!({"where": {"latin": {"inq": ["Ä", "😀", "b"]}}}), true),
        (json!({"where": {"latin": {"gt": "z"}}}), true),
        (
            json!({"where": {"padded": "a"}, "order": ["padded", "id"]}),
            true,
        ),
        (
            json!({"where": {"mood": "ok"}, "order": ["mood", "id"]}),
            true,
        ),
        (json!({"where": {"mood": {"gt": "ok"}}}), true),
        (json!({"where": {"mood": {"inq": ["OK", "sad", ""]}}}), true),
        (json!({"where": {"mood": {"nlike": "s%"}}}), true),
        (json!({"where": {"flag": true}, "order": ["id"]}), true),
        (json!({"where": {"flag": {"neq": true}}}), true),
        (
            json!({"where": {"flag": {"gt": false}}, "order": ["flag DESC", "id"]}),
            true,
        ),
        (
            json!({"where": {"flag": {"lte": true}}, "order": ["flag", "id"], "limit": 3}),
            true,
        ),
        (json!({"where": {"flag": {"between": [true, true]}}}), true),
        (
            json!({"where": {"bits": {"lt": true}}, "order": ["bits", "id"]}),
            true,
        ),
        (json!({"where": {"bits": {"inq": [true, null]}}}), true),
        (
            json!({"where": {"small": {"gt": 200}}, "order": ["small", "id"]}),
            true,
        ),
        (json!({"where": {"small": {"gt": -1}}}), true),
        (
            json!({"where": {"large": {"gt": -1}}, "order": ["large DESC", "id"]}),
            true,
        ),
        (json!({"where": {"single": {"gt": 0.1}}}), true),
        (json!({"where": {"single": 0.1}}), true),
        (
            json!({"where": {"price": {"between": ["0.101", "9.999"]}}, "order": ["price DESC", "id"]}),
            true,
        ),
        (json!({"where": {"price": "0.1"}}), true),
        (
            json!({"where": {"price": "0.1000000000000000000000000000000000000001"}}),
            true,
        ),
        (
            json!({"where": {"coarse": {"gt": "2024-01-01T00:00:01Z"}}, "order": ["coarse", "id"]}),
            true,
        ),
        (
            json!({"where": {"stamp": {"lte": "2024-01-01T00:00:01Z"}}}),
            true,
        ),
        (
            json!({"where": {"stamp": {"gt": "0900-01-01T00:00:00Z"}}}),
            true,
        ),
        (
            json!({"where": {"uuid": "936da01f-9abd-4d9d-80c7-02af85c822a8"}}),
            true,
        ),
        (
            json!({"where": {"place": {"near": "52.5,13.4", "maxDistance": 200, "unit": "kilometers"}}, "order": "id"}),
            false,
        ),
    ]
}

#[test]
fn what_another_program_made_is_compared_exactly() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = connect(server, &name);
    for command in [
        "create table odd (id int primary key, name varchar(20) character set utf8mb4 collate utf8mb4_general_ci, \
         latin varchar(20) character set latin1 collate latin1_swedish_ci, padded char(5) collate utf8mb4_general_ci, \
         mood enum('sad', 'ok', 'Happy') collate utf8mb4_general_ci, flag tinyint(1), bits bit(1), small tinyint unsigned, \
         large bigint unsigned, single float, price decimal(10,3), coarse datetime, stamp timestamp null, uuid uuid, \
         place point, key (name), key (latin))",
        "insert into odd values \
         (1, 'a', 'ä', 'a', 'sad', 1, b'1', 255, 9223372036854775807, 0.1, 0.100, '2024-01-01 00:00:01', \
          '2024-01-01 00:00:01', '936da01f-9abd-4d9d-80c7-02af85c822a8', point(13.4, 52.5)), \
         (2, 'B', 'Ä', 'A', 'ok', 5, b'0', 1, 0, 1e30, 0.101, '2024-01-01 00:00:02', '2024-01-01 00:00:02', null, point(13.5, 52.6)), \
         (3, 'b', 'a', 'a b', 'Happy', 0, b'0', 0, 3, -1, 9.999, '1000-01-01 00:00:00', '2038-01-01 00:00:00', \
          '00000000-0000-0000-0000-000000000000', point(0, 0)), \
         (4, 'a ', 'b', 'ä', null, null, null, null, null, null, -1, '9999-12-31 23:59:59', null, null, null), \
         (5, 'A\\\\', null, null, 'sad', -1, null, 200, null, 0.25, null, null, null, null, null)",
    ] {
        run(&mut mysql, command, Vec::new()).unwrap();
    }
    let model = mysql.discover(vec!["odd".to_owned()]).unwrap().remove(0);
    mysql.define(model.clone()).unwrap();
    let mut answer = mysql.all(&model.name, tenon_sdk::Query::default()).unwrap();
    let all = read_all(&mut answer.rows, 100).unwrap();
    assert_eq!(all.len(), 5);
    let checked = Model::from_contract(model.clone()).unwrap();
    for (json, whole) in queries() {
        let query = Query::from_json(&json).unwrap().check(&checked);
        let query = query.unwrap_or_else(|problems| panic!("{json}: {problems}"));
        let done = answers(&mut mysql, &model.name, &all, &query);
        assert_eq!(done.contains(Done::FILTER), whole, "{json}");
    }
    // A time that is kept more coarsely is rounded down, operands too.
    let finer = json!({"where": {"coarse": "2024-01-01T00:00:01.999Z"}});
    let finer = Query::from_json(&finer).unwrap().check(&checked).unwrap();
    let count = mysql.count(&model.name, finer.to_contract().filter);
    assert_eq!(count.unwrap(), 1);
}

/// Conditions on days and moments some of which are read as null: how many records match.
fn with_zero_days() -> Vec<(Json, u64)> {
    vec![
        (json!({"day": null}), 3),
        (json!({"day": {"neq": null}}), 2),
        (json!({"day": {"inq": [null, "2024-01-15"]}}), 4),
        (json!({"day": {"nin": [null, "2024-01-15"]}}), 1),
        (json!({"day": {"lt": "2024-06-01"}}), 1),
        (json!({"day": {"gt": "2023-12-31"}}), 2),
        (json!({"day": {"between": ["2023-12-31", "2024-06-01"]}}), 1),
        (json!({"day": {"neq": "2024-01-15"}}), 4),
        (json!({"not": {"day": {"gt": "2024-01-20"}}}), 4),
        (json!({"moment": null}), 3),
        (json!({"moment": {"neq": null}}), 2),
        (json!({"moment": {"lt": "2024-06-01T00:00:00Z"}}), 1),
        (json!({"moment": {"gt": "0900-01-01T00:00:00Z"}}), 2),
        (json!({"stamp": null}), 3),
        (json!({"stamp": {"lt": "2024-06-01T00:00:00Z"}}), 1),
        (json!({"required": null}), 2),
        (json!({"required": {"lte": "2024-06-01"}}), 2),
    ]
}

#[test]
fn days_without_a_month_or_day_are_null_to_conditions_too() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = connect(server, &name);
    for command in [
        "create table zero (id int primary key, day date, moment datetime(3), stamp timestamp null, required date not null)",
        // As another program's session has it.
        "set sql_mode = ''",
        "insert into zero values \
         (1, '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00'), \
         (2, '2024-00-15', '2024-01-00', '2024-01-15', '2024-00-00'), \
         (3, null, null, null, '2024-01-15'), \
         (4, '2024-01-15', '2024-00-00', '2024-12-01', '2024-01-16'), \
         (5, '2024-12-01', '2024-12-01', '0000-00-00', '2024-12-01')",
        "update zero set moment = '2024-01-15' where id = 3",
        "set sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_BACKSLASH_ESCAPES'",
    ] {
        run(&mut mysql, command, Vec::new()).unwrap();
    }
    let model = mysql.discover(vec!["zero".to_owned()]).unwrap().remove(0);
    mysql.define(model.clone()).unwrap();
    let mut answer = mysql.all(&model.name, tenon_sdk::Query::default()).unwrap();
    let all = read_all(&mut answer.rows, 100).unwrap();
    assert_eq!(all.len(), 5);
    let checked = Model::from_contract(model.clone()).unwrap();
    for (condition, count) in with_zero_days() {
        let query = Query::from_json(&json!({"where": condition})).unwrap();
        let query = query
            .check(&checked)
            .unwrap_or_else(|problems| panic!("{condition}: {problems}"));
        let done = answers(&mut mysql, &model.name, &all, &query);
        assert!(done.contains(Done::FILTER), "{condition}");
        let found = mysql.count(&model.name, query.to_contract().filter);
        assert_eq!(found.unwrap(), count, "{condition}");
    }
    for property in ["day", "moment", "stamp"] {
        let count = |name: &str, distinct| Aggregate {
            name: name.to_owned(),
            function: AggregateFunction::Count,
            property: Some(property.to_owned()),
            path: Vec::new(),
            distinct,
        };
        for group_by in [Vec::new(), vec![property.to_owned()]] {
            let request = AggregateRequest {
                order: group_by
                    .iter()
                    .map(|name| SortKey {
                        property: String::clone(name),
                        path: Vec::new(),
                        descending: false,
                    })
                    .collect(),
                group_by,
                aggregates: vec![count("values", false), count("different", true)],
                ..AggregateRequest::default()
            };
            let mut rows = mysql.aggregate(&model.name, request.clone()).unwrap();
            let found = read_all(&mut rows, 100).unwrap();
            let mut wanted = tenon_sdk::aggregate(request, all.clone()).unwrap();
            let wanted = read_all(&mut wanted, 100).unwrap();
            assert_eq!(found, wanted, "{property}");
        }
    }
}

#[test]
fn a_change_whose_rows_cannot_be_read_may_have_been_made() {
    let Some(server) = server() else { return };
    let settings = settings(server, &database(server));
    let mut driver = MySqlDriver::initialize(settings, &Limits::default()).unwrap();
    driver.connect().unwrap();
    let table = Statement {
        text: "CREATE TABLE t (id integer PRIMARY KEY, name varchar(9))".to_owned(),
        parameters: Vec::new(),
    };
    driver.execute(&table).unwrap();
    let name = ResultColumn {
        name: "name".to_owned(),
        kind: PropertyType::Integer,
        native_type: "varchar(9)".to_owned(),
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
