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
    Connector, Crud, Done, Effect, Entity, ErrorKind, Limits, PropertyType, Schema,
    TransactionOptions,
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
         (5, 'A\\\\', null, null, 'sad', null, null, 200, null, 0.25, null, null, null, null, null)",
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

#[test]
fn a_table_without_transactions_takes_no_records_all_or_none() {
    let Some(server) = server() else { return };
    let mut mysql = connect(server, &database(server));
    for (engine, is_atomic) in [("MyISAM", false), ("Aria", false), ("InnoDB", true)] {
        let table = format!("t_{engine}").to_lowercase();
        let command = format!("create table {table} (id integer primary key) engine = {engine}");
        run(&mut mysql, &command, Vec::new()).unwrap();
        let model = mysql.discover(vec![table]).unwrap().remove(0);
        mysql.define(model.clone()).unwrap();
        let record = |id: i64| {
            let mut record = Entity::new();
            record.set("id", id);
            record
        };
        mysql.create_all(&model.name, vec![record(1)]).unwrap();
        let several = mysql.create_all(&model.name, vec![record(2), record(3)]);
        let count = mysql.count(&model.name, Vec::new()).unwrap();
        if is_atomic {
            several.unwrap();
            assert_eq!(count, 3);
        } else {
            assert_eq!(several.unwrap_err().kind, ErrorKind::Unsupported);
            assert_eq!(count, 1, "{engine}");
        }
    }
}
