//! A driver for tests: a real SQLite, in memory.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so"
)]
#![allow(dead_code, reason = "each test uses a part of it")]

use std::cell::RefCell;
use std::rc::Rc;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value as Cell, ValueRef};
use rusqlite::{Connection, params_from_iter};
use tenon_sdk::{
    CommandResult, Connector, Error, ErrorKind, GeoPoint, Limits, Manifest, Model, Need,
    NoSettings, PropertyType, Result, Rows, TransactionOptions, Value,
};
use tenon_sql::dialects::Sqlite;
use tenon_sql::dialects::sqlite::functions::{self, Pattern, compare_decimals};
use tenon_sql::{
    DescribedColumn, DescribedIndex, Description, Dialect, Driver, Executed, Parameter,
    ResultColumn, SchemaDialect, Sql, Statement, TableKind, TableName, Writer,
};

/// A connection, and each statement that it was given.
pub struct Memory {
    connection: Connection,
    log: Rc<RefCell<Vec<String>>>,
}

fn backend(error: rusqlite::Error) -> Error {
    let kind = match error.sqlite_error().map(|error| error.extended_code) {
        // SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE.
        Some(1555 | 2067) => ErrorKind::Duplicate,
        Some(code) if code & 0xff == 19 => ErrorKind::Constraint,
        _ => ErrorKind::Backend,
    };
    Error::new(kind, error.to_string())
}

fn encode(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Boolean(truth) => Cell::Integer((*truth).into()),
        Value::Integer(integer) | Value::Timestamp(integer) => Cell::Integer(*integer),
        Value::Float(float) => Cell::Real(*float),
        Value::Decimal(text) | Value::Text(text) | Value::Json(text) => Cell::Text(text.clone()),
        Value::Bytes(bytes) => Cell::Blob(bytes.clone()),
        Value::Point(GeoPoint {
            latitude,
            longitude,
        }) => Cell::Text(format!("{{\"lat\":{latitude},\"lng\":{longitude}}}")),
        Value::Other(other) => Cell::Text(other.text.clone()),
    }
}

fn decode(cell: ValueRef<'_>, kind: PropertyType) -> Value {
    let json = |bytes: &[u8], kind| {
        let json = serde_json::from_slice(bytes).unwrap();
        Value::from_json(&json, kind).unwrap()
    };
    match (cell, kind) {
        (ValueRef::Null, _) => Value::Null,
        (ValueRef::Integer(integer), PropertyType::Boolean) => Value::Boolean(integer != 0),
        (ValueRef::Integer(integer), PropertyType::Timestamp) => Value::Timestamp(integer),
        (ValueRef::Integer(integer), PropertyType::Float) => Value::Float(integer as f64),
        (ValueRef::Integer(integer), _) => Value::Integer(integer),
        (ValueRef::Real(float), _) => Value::from(float),
        (ValueRef::Blob(bytes), _) => Value::Bytes(bytes.to_vec()),
        (ValueRef::Text(bytes), PropertyType::Json | PropertyType::Any | PropertyType::Point) => {
            json(bytes, kind)
        }
        (ValueRef::Text(bytes), kind) => {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            match kind {
                PropertyType::Decimal => Value::Decimal(text),
                _ => Value::Text(text),
            }
        }
    }
}

impl Memory {
    fn run(&mut self, statement: &Statement, columns: &[ResultColumn]) -> Result<Vec<Vec<Value>>> {
        self.log.borrow_mut().push(statement.text.clone());
        let cells: Vec<Cell> = statement
            .parameters
            .iter()
            .map(|parameter| match parameter {
                Parameter::Value(value) => encode(value),
                Parameter::List(_) => panic!("SQLite has no arrays"),
            })
            .collect();
        let mut prepared = self.connection.prepare(&statement.text).map_err(backend)?;
        assert_eq!(prepared.column_count(), columns.len(), "{}", statement.text);
        let mut rows = prepared.query(params_from_iter(cells)).map_err(backend)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(backend)? {
            let values = columns.iter().enumerate();
            all.push(
                values
                    .map(|(place, column)| decode(row.get_ref(place).unwrap(), column.kind))
                    .collect(),
            );
        }
        Ok(all)
    }

    fn plain(&mut self, text: &'static str) -> Result<()> {
        self.execute(&Statement::plain(text)).map(|_| ())
    }

    pub fn batch(&self, text: &str) {
        self.connection.execute_batch(text).unwrap();
    }
}

type Compile = fn(&str) -> std::result::Result<Pattern, String>;

fn register(connection: &Connection) -> rusqlite::Result<()> {
    let all: [(&str, Compile); 3] = [
        (functions::LIKE, Pattern::like),
        (functions::ILIKE, Pattern::ilike),
        (functions::MATCHES, Pattern::matches),
    ];
    for (name, compile) in all {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function(name, 2, flags, move |context| {
            let pattern = compile(context.get_raw(0).as_str()?)
                .map_err(|reason| rusqlite::Error::UserFunctionError(reason.into()))?;
            Ok(match context.get_raw(1) {
                ValueRef::Null => None,
                ValueRef::Text(text) => Some(pattern.fits(std::str::from_utf8(text)?)),
                _ => Some(false),
            })
        })?;
    }
    connection.create_collation(functions::DECIMAL_COLLATION, compare_decimals)
}

impl Driver for Memory {
    type Settings = NoSettings;
    type Dialect = Sqlite;

    fn manifest() -> Manifest {
        Manifest::new("memory", "0.0.0")
    }

    fn needs(_: &NoSettings) -> Result<Vec<Need>> {
        Ok(Vec::new())
    }

    fn initialize(_: NoSettings, _: &Limits) -> Result<Self> {
        let connection = Connection::open_in_memory().map_err(backend)?;
        register(&connection).map_err(backend)?;
        Ok(Self {
            connection,
            log: Rc::default(),
        })
    }

    fn connect(&mut self) -> Result<()> {
        Ok(())
    }

    fn dialect(&self) -> &Sqlite {
        &Sqlite
    }

    fn ping(&mut self) -> Result<()> {
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        Ok(())
    }

    fn disconnect(&mut self) -> Result<()> {
        Ok(())
    }

    fn query(&mut self, statement: &Statement, columns: Vec<ResultColumn>) -> Result<Rows> {
        let rows = self.run(statement, &columns)?;
        let names: Vec<String> = columns.into_iter().map(|column| column.name).collect();
        Ok(Rows::from_iter(
            rows.into_iter()
                .map(move |row| names.iter().cloned().zip(row).collect()),
        ))
    }

    fn fetch(
        &mut self,
        statement: &Statement,
        columns: &[ResultColumn],
    ) -> Result<Vec<Vec<Value>>> {
        self.run(statement, columns)
    }

    fn execute(&mut self, statement: &Statement) -> Result<Executed> {
        self.run(statement, &[])?;
        Ok(Executed {
            affected: self.connection.changes(),
            last_id: Some(self.connection.last_insert_rowid()),
        })
    }

    fn command(&mut self, _: &str, _: Vec<Value>) -> Result<CommandResult> {
        Err(Error::unsupported("no commands"))
    }

    fn begin(&mut self, _: TransactionOptions) -> Result<()> {
        self.plain("BEGIN IMMEDIATE")
    }

    fn commit(&mut self) -> Result<()> {
        self.plain("COMMIT")
    }

    fn rollback(&mut self) -> Result<()> {
        self.plain("ROLLBACK")
    }

    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn tables(&mut self) -> Result<Vec<(TableName, TableKind)>> {
        Ok(Vec::new())
    }

    fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Option<Description>>> {
        let described = tables.iter().map(|table| self.describe_one(table));
        described.collect::<rusqlite::Result<_>>().map_err(backend)
    }
}

impl Memory {
    fn describe_one(&self, table: &TableName) -> rusqlite::Result<Option<Description>> {
        let mut columns = self
            .connection
            .prepare("SELECT name, type, \"notnull\" FROM pragma_table_info(?) ORDER BY cid")?;
        let columns: Vec<DescribedColumn> = columns
            .query_map([&table.name], |row| {
                Ok(DescribedColumn {
                    name: row.get(0)?,
                    native_type: row.get(1)?,
                    labels: Vec::new(),
                    collation: None,
                    nullable: !row.get::<_, bool>(2)?,
                    default: None,
                    generated: tenon_sdk::Generation::Never,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        if columns.is_empty() {
            return Ok(None);
        }
        let mut key = self
            .connection
            .prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")?;
        let key = key
            .query_map([&table.name], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut names = self.connection.prepare(
            "SELECT name, partial FROM pragma_index_list(?) WHERE \"unique\" AND origin <> 'pk'",
        )?;
        let names: Vec<(String, bool)> = names
            .query_map([&table.name], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut indexes = Vec::new();
        for (name, partial) in names {
            let mut parts = self
                .connection
                .prepare("SELECT name FROM pragma_index_info(?) ORDER BY seqno")?;
            let columns: Vec<(String, bool)> = parts
                .query_map([&name], |row| Ok((row.get(0)?, false)))?
                .collect::<rusqlite::Result<_>>()?;
            indexes.push(DescribedIndex {
                name,
                columns,
                unique: true,
                constraint: false,
                special: partial,
            });
        }
        Ok(Some(Description {
            atomic: true,
            name: table.clone(),
            kind: TableKind::Table,
            columns,
            key,
            key_name: None,
            indexes,
            references: Vec::new(),
        }))
    }
}

/// A connector with the model's table made for it, by hand, and what it will be asked.
pub fn connector(model: &Model) -> (Sql<Memory>, Rc<RefCell<Vec<String>>>) {
    let mut sql = Sql::<Memory>::initialize(NoSettings {}, &Limits::default()).unwrap();
    make_table(sql.driver(), model);
    sql.define(model.clone()).unwrap();
    let log = Rc::clone(&sql.driver().log);
    (sql, log)
}

/// Makes a model's table, with its key and unique indexes.
pub fn make_table(driver: &mut Memory, model: &Model) {
    let dialect = Sqlite;
    let name = TableName::parse(model.collection.as_deref().unwrap_or(&model.name)).unwrap();
    let quoted = |name: &str| {
        let mut out = String::new();
        dialect.quote(name, &mut out);
        out
    };
    let column_of = |name: &str| {
        let property = model.properties.iter().find(|p| p.name == name).unwrap();
        quoted(property.column.as_ref().unwrap_or(&property.name))
    };
    let mut keys: Vec<_> = model
        .properties
        .iter()
        .filter(|p| p.key.is_some())
        .collect();
    keys.sort_by_key(|property| property.key);
    let mut parts: Vec<String> = Vec::new();
    for property in &model.properties {
        let generated = property.key.is_some()
            && keys.len() == 1
            && property.generated != tenon_sdk::Generation::Never;
        parts.push(format!(
            "{} {}{}{}",
            column_of(&property.name),
            dialect.native_type(property).unwrap(),
            if property.required { " NOT NULL" } else { "" },
            if generated {
                " PRIMARY KEY AUTOINCREMENT"
            } else {
                ""
            },
        ));
        if generated {
            keys.clear();
        }
    }
    if !keys.is_empty() {
        let keys: Vec<String> = keys.iter().map(|key| column_of(&key.name)).collect();
        parts.push(format!("PRIMARY KEY ({})", keys.join(", ")));
    }
    let mut sql = Writer::new(&dialect);
    sql.table(&name);
    let table = sql.finish().text;
    driver.batch(&format!("CREATE TABLE {table} ({})", parts.join(", ")));
    for index in model.indexes.iter().filter(|index| index.unique) {
        let columns: Vec<String> = index
            .properties
            .iter()
            .map(|key| column_of(&key.property))
            .collect();
        driver.batch(&format!(
            "CREATE UNIQUE INDEX {} ON {table} ({})",
            quoted(&format!("{}.{}", name.name, index.name)),
            columns.join(", ")
        ));
    }
}
