//! Tables that other programs made, with whatever is in them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{all, ask, connect, run};
use serde_json::json;
use tempfile::TempDir;
use tenon_model::{Model, Property};
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Aftermath, Connector, Crud, Done, Effect, Entity, ErrorKind, Generation, Key, Limits,
    PropertyType, Query, Schema, TransactionOptions, Upsert, Value,
};
use tenon_sql::{DescribedReference, Driver, ResultColumn, Statement, TableKind, TableName};
use tenon_sqlite::Sqlite;

/// A file as others would leave it.
fn foreign(folder: &TempDir, script: &str) -> Sqlite {
    let path = folder.path().join("foreign.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch(script).unwrap();
    drop(other);
    connect(&path)
}

/// The model that is discovered for a table, defined.
fn discovered(sqlite: &mut Sqlite, table: &str) -> tenon_sdk::Model {
    let mut models = sqlite.discover(vec![table.to_owned()]).unwrap();
    let model = models.pop().unwrap();
    sqlite.define(model.clone()).unwrap();
    model
}

fn kind(model: &tenon_sdk::Model, property: &str) -> PropertyType {
    let mut properties = model.properties.iter();
    properties.find(|one| one.name == property).unwrap().kind
}

#[test]
fn values_are_read_as_the_kind_of_their_column_where_nothing_is_lost() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, day DATE, price NUMERIC(10,2), ok BOOLEAN, name NVARCHAR(20),
                         data BLOB, doc JSON, n INT, f DOUBLE, untyped);
         INSERT INTO t VALUES
           (1, '2026-11-20 12:30:00', '2026-11-20', 9.99, 1, 'Ann', x'00ff', '{\"a\": 1}', 5, 1, 'x'),
           (2, '2026-11-20T12:30:00.5Z', '1999-01-31', 10, 7, 'Bob', 'text', '5', 6.0, 0.5, 7),
           (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);",
    );
    let model = discovered(&mut sqlite, "t");
    for (property, wanted) in [
        ("id", PropertyType::Integer),
        ("at", PropertyType::Timestamp),
        ("day", PropertyType::Date),
        ("price", PropertyType::Decimal),
        ("ok", PropertyType::Boolean),
        ("name", PropertyType::Text),
        ("data", PropertyType::Bytes),
        ("doc", PropertyType::Json),
        ("n", PropertyType::Integer),
        ("f", PropertyType::Float),
        ("untyped", PropertyType::Any),
    ] {
        assert_eq!(kind(&model, property), wanted, "{property}");
    }
    let records = all(&mut sqlite, &model.name);
    let noon = 1_795_177_800_000_000;
    let first: Entity = [
        ("id", Value::Integer(1)),
        ("at", Value::Timestamp(noon)),
        ("day", Value::from("2026-11-20")),
        ("price", Value::Decimal("9.99".into())),
        ("ok", Value::Boolean(true)),
        ("name", Value::from("Ann")),
        ("data", Value::Bytes(vec![0, 255])),
        ("doc", Value::Json("{\"a\": 1}".into())),
        ("n", Value::Integer(5)),
        ("f", Value::Float(1.0)),
        ("untyped", Value::from("x")),
    ]
    .into_iter()
    .collect();
    assert_eq!(records[0], first);
    assert_eq!(
        records[1].get("at"),
        Some(&Value::Timestamp(noon + 500_000))
    );
    assert_eq!(records[1].get("ok"), Some(&Value::Boolean(true)));
    assert_eq!(records[1].get("price"), Some(&Value::Decimal("10".into())));
    assert_eq!(
        records[1].get("data"),
        Some(&Value::Bytes(b"text".to_vec()))
    );
    assert_eq!(records[1].get("doc"), Some(&Value::Integer(5)));
    assert_eq!(records[1].get("n"), Some(&Value::Integer(6)));
    assert_eq!(records[1].get("untyped"), Some(&Value::Integer(7)));
    assert_eq!(
        records[2]
            .iter()
            .filter(|(_, value)| value.is_null())
            .count(),
        10
    );
}

#[test]
fn whatever_is_not_zero_is_one_truth() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, ok BOOLEAN);
         INSERT INTO t VALUES (1, 5), (2, -1), (3, 0), (4, 1), (5, NULL);",
    );
    let model = discovered(&mut sqlite, "t");
    let checked = Model::from_contract(model.clone()).unwrap();
    for (json, ids) in [
        (json!({"order": ["ok", "id"]}), vec![5, 3, 1, 2, 4]),
        (json!({"order": ["ok DESC", "id"]}), vec![1, 2, 4, 3, 5]),
        (json!({"where": {"ok": {"gt": false}}}), vec![1, 2, 4]),
        (json!({"where": {"ok": {"lt": true}}}), vec![3]),
        (
            json!({"where": {"ok": {"between": [true, true]}}}),
            vec![1, 2, 4],
        ),
        (json!({"where": {"ok": {"neq": true}}}), vec![3, 5]),
    ] {
        let query = tenon_model::Query::from_json(&json).unwrap();
        let query = query.check(&checked).unwrap().to_contract();
        let mut answer = sqlite.all(&model.name, query).unwrap();
        assert!(answer.done.contains(Done::FILTER), "{json}");
        let records = read_all(&mut answer.rows, 100).unwrap();
        let found: Vec<_> = records.iter().filter_map(|one| one.get("id")).collect();
        let wanted: Vec<_> = ids.into_iter().map(Value::Integer).collect();
        assert_eq!(found, wanted.iter().collect::<Vec<_>>(), "{json}");
    }
}

#[test]
fn a_value_of_another_kind_is_an_error_that_names_the_column() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, at DATETIME, ok BOOLEAN);
         INSERT INTO t VALUES (1, 'five', NULL, NULL), (2, 1, 'yesterday', NULL), (3, x'ff', NULL, NULL), (4, 1, NULL, 'f');",
    );
    let model = discovered(&mut sqlite, "t");
    for (id, named) in [
        (1_i64, "`n` (declared `INT`) holds the text `five`"),
        (2, "`at`"),
        (3, "1 bytes"),
        (4, "`ok`"),
    ] {
        let error = sqlite.find(&model.name, Key::from(id)).err().unwrap();
        assert_eq!(error.kind, tenon_sdk::ErrorKind::Backend);
        assert!(error.message.contains(named), "{error}");
    }
    assert!(
        read_all(
            &mut sqlite.all(&model.name, Query::default()).unwrap().rows,
            10
        )
        .is_err()
    );
}

#[test]
fn the_catalogue_tells_keys_indexes_references_and_who_makes_values() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE \"Order Details\" (
           \"Order ID\" INTEGER NOT NULL, \"select\" TEXT COLLATE NOCASE, line INT DEFAULT 1, at TEXT DEFAULT CURRENT_TIMESTAMP,
           total REAL GENERATED ALWAYS AS (line * 2) STORED,
           PRIMARY KEY (line, \"Order ID\"), UNIQUE (\"select\"),
           FOREIGN KEY (\"Order ID\") REFERENCES orders ON DELETE CASCADE ON UPDATE SET NULL);
         CREATE TABLE orders (id INTEGER PRIMARY KEY, a, b);
         CREATE INDEX z ON orders (a DESC, b);
         CREATE INDEX y ON orders (a) WHERE b > 0;
         CREATE INDEX x ON orders (lower(a));
         CREATE VIEW v AS SELECT id, a FROM orders;
         CREATE TABLE slim (a TEXT PRIMARY KEY) WITHOUT ROWID;",
    );
    let tables = sqlite.driver().tables().unwrap();
    let tables: Vec<_> = tables
        .iter()
        .map(|(name, kind)| (name.name.as_str(), *kind))
        .collect();
    assert_eq!(
        tables,
        [
            ("Order Details", TableKind::Table),
            ("orders", TableKind::Table),
            ("slim", TableKind::Table),
            ("v", TableKind::View)
        ]
    );
    let names = [
        "order details",
        "orders",
        "v",
        "slim",
        "nothing",
        "sqlite_schema2",
    ]
    .map(TableName::new);
    let described = sqlite.driver().describe(&names).unwrap();
    assert!(described[4].is_none() && described[5].is_none());
    let details = described[0].clone().unwrap();
    assert_eq!(details.name, TableName::new("Order Details"));
    assert_eq!(details.key, ["line", "Order ID"]);
    let column = |name: &str| details.columns.iter().find(|one| one.name == name).unwrap();
    assert_eq!(column("select").collation.as_deref(), Some("NOCASE"));
    assert!(column("select").nullable && !column("Order ID").nullable);
    assert_eq!(column("line").default.as_deref(), Some("1"));
    assert_eq!(column("line").generated, Generation::Never);
    assert_eq!(column("at").generated, Generation::WhenMissing);
    assert_eq!(column("total").generated, Generation::Always);
    assert!(
        details
            .indexes
            .iter()
            .any(|index| index.unique && index.constraint)
    );
    assert_eq!(
        details.references,
        [DescribedReference {
            name: "Order Details_Order ID_fkey".into(),
            columns: vec!["Order ID".into()],
            table: TableName::new("orders"),
            targets: vec!["id".into()],
            on_delete: Some("cascade".into()),
            on_update: Some("set null".into()),
        }]
    );
    let orders = described[1].clone().unwrap();
    assert_eq!(orders.columns[0].generated, Generation::WhenMissing);
    let indexes: Vec<_> = orders
        .indexes
        .iter()
        .map(|index| (index.name.as_str(), index.special))
        .collect();
    assert_eq!(indexes, [("x", true), ("y", true), ("z", false)]);
    assert_eq!(
        orders.indexes[2].columns,
        [("a".to_owned(), true), ("b".to_owned(), false)]
    );
    assert_eq!(described[2].clone().unwrap().kind, TableKind::View);
    let slim = described[3].clone().unwrap();
    assert_eq!(slim.columns[0].generated, Generation::Never);
}

#[test]
fn what_is_written_is_what_other_programs_expect() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, price NUMERIC(10,2), doc JSON);",
    );
    let model = discovered(&mut sqlite, "t");
    let record: Entity = [
        ("id", Value::Integer(1)),
        ("at", Value::Timestamp(1_795_177_800_500_000)),
        ("price", Value::Decimal("9.99".into())),
        ("doc", Value::from("text")),
    ]
    .into_iter()
    .collect();
    sqlite.create(&model.name, record.clone()).unwrap();
    let seen = ask(
        &mut sqlite,
        "SELECT datetime(at), at, price + 1, typeof(price), json_extract(doc, '$') FROM t",
        Vec::new(),
    );
    let expected = [
        Value::from("2026-11-20 12:30:00"),
        Value::from("2026-11-20 12:30:00.5"),
        Value::Float(10.99),
        Value::from("real"),
        Value::from("text"),
    ];
    assert_eq!(seen, [expected]);
    assert_eq!(
        sqlite.find(&model.name, Key::from(1_i64)).unwrap(),
        Some(record)
    );
}

#[test]
fn a_table_of_odd_names_is_usable_as_it_is_found() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE \"Order Details\" (\"Order ID\" INTEGER, \"a.b\" TEXT, \"q\"\"q\" TEXT, line INT, PRIMARY KEY (\"Order ID\", line));
         INSERT INTO \"Order Details\" VALUES (1, 'dot', 'quote', 1), (1, 'x', 'y', 2);",
    );
    let model = discovered(&mut sqlite, "Order Details");
    let records = all(&mut sqlite, &model.name);
    assert_eq!(records.len(), 2);
    let key = Key::composite([Value::Integer(1), Value::Integer(2)]);
    let found = sqlite.find(&model.name, key.clone()).unwrap().unwrap();
    assert_eq!(found.len(), 4);
    assert!(sqlite.destroy(&model.name, key).unwrap());
    assert_eq!(sqlite.count(&model.name, Vec::new()).unwrap(), 1);
    assert!(sqlite.plan(vec![model]).unwrap().is_empty());
}

#[test]
fn text_that_is_not_utf_8_is_an_error_and_no_crash() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, CAST(x'ff41' AS TEXT));",
    );
    let model = discovered(&mut sqlite, "t");
    let error = sqlite.find(&model.name, Key::from(1_i64)).err().unwrap();
    assert!(error.message.contains("not UTF-8"), "{error}");
    let filter = tenon_model::Filter::compare("a", tenon_model::Comparison::Like, "%A%").to_nodes();
    assert_eq!(sqlite.count(&model.name, filter).unwrap(), 0);
    // A result that was set aside says the same.
    let mut rows = sqlite.all(&model.name, Query::default()).unwrap().rows;
    run(&mut sqlite, "DELETE FROM t");
    let error = rows.next_rows(1, &Limits::default()).err().unwrap();
    assert!(error.message.contains("not UTF-8"), "{error}");
}

#[test]
fn a_commit_that_fails_leaves_the_session_usable() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);
         CREATE TABLE child (id INTEGER PRIMARY KEY, note TEXT,
                             parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);",
    );
    discovered(&mut sqlite, "child");
    let orphans = vec![
        Entity::new().with("id", 1).with("parent", 7),
        Entity::new().with("id", 2).with("note", "other columns"),
    ];
    let failed = sqlite.create_all("child", orphans).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Constraint);
    assert_eq!(failed.aftermath, Aftermath::Usable);
    assert!(all(&mut sqlite, "child").is_empty());
    let fine = Entity::new().with("id", 3);
    sqlite.create("child", fine).unwrap();
    assert_eq!(all(&mut sqlite, "child").len(), 1);
}

#[test]
fn an_upsert_asks_for_a_key_that_the_database_keeps() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE keyless (id INTEGER, n INTEGER);
         CREATE TABLE indexed (id INTEGER, n INTEGER);
         CREATE UNIQUE INDEX one ON indexed (id);
         CREATE TABLE partly (id INTEGER, n INTEGER);
         CREATE UNIQUE INDEX part ON partly (id) WHERE n > 0;
         CREATE VIEW seen AS SELECT id, n FROM indexed;",
    );
    for (table, is_kept) in [
        ("keyless", false),
        ("indexed", true),
        ("partly", false),
        ("seen", false),
    ] {
        let model = Model::new(table)
            .key("id", PropertyType::Integer)
            .property(Property::new("n", PropertyType::Integer));
        sqlite.define(model.to_contract()).unwrap();
        let data = Entity::new().with("id", 1).with("n", 2);
        let done = sqlite.update_or_create(table, &["id".to_owned()], data);
        match done {
            Ok(outcome) => assert!(is_kept && outcome.created, "{table}"),
            Err(error) => {
                assert!(!is_kept, "{table}: {error}");
                assert_eq!(error.kind, ErrorKind::Unsupported, "{table}: {error}");
            }
        }
    }
}

#[test]
fn an_upsert_leaves_a_record_alone_that_only_the_collation_takes_for_the_same() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = foreign(
        &folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE UNIQUE, n INTEGER);
         INSERT INTO t VALUES (1, 'a', 1);",
    );
    discovered(&mut sqlite, "t");
    let by = ["code".to_owned()];
    for data in [
        Entity::new().with("code", "A").with("n", 2),
        Entity::new().with("id", 1).with("code", "A").with("n", 2),
        Entity::new().with("code", "A"),
    ] {
        let taken = sqlite.update_or_create("t", &by, data).unwrap_err();
        assert_eq!(taken.kind, ErrorKind::Duplicate, "{taken}");
    }
    let other_key = Entity::new().with("id", 2).with("code", "a");
    let refused = sqlite.update_or_create("t", &by, other_key).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid, "{refused}");
    let data = Entity::new().with("code", "a").with("n", 3);
    let found = sqlite.update_or_create("t", &by, data).unwrap();
    assert!(!found.created);
    assert_eq!(
        ask(&mut sqlite, "SELECT id, code, n FROM t", Vec::new()),
        vec![vec![1.into(), "a".into(), 3.into()]]
    );
}

#[test]
fn a_change_whose_rows_cannot_be_read_may_have_been_made() {
    let folder = TempDir::new().unwrap();
    let mut sqlite = connect(&folder.path().join("new.db"));
    let driver = sqlite.driver();
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
