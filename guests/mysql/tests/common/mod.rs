//! What several tests do with a server.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each test uses some of it, and fails by it"
)]

pub mod fake;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tenon_harness::{MariaDb, for_test};
use tenon_mysql::{MySqlConnector, Settings, TlsMode};
use tenon_sdk::testing::read_all;
use tenon_sdk::{Connector, Entity, Error, Limits, Model, Native, Result, Schema, Value};

/// The server that a program's tests share; none where MariaDB isn't installed.
pub fn server() -> Option<&'static MariaDb> {
    for_test(MariaDb::shared()).unwrap()
}

/// A database of its own for a test, and a user of that name who sees no other.
pub fn database(server: &MariaDb) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("db{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.create_database(&name).unwrap();
    let password = server.password();
    server
        .sql(&format!(
            "create user '{name}'@'%' identified by '{password}'; grant all on `{name}`.* to '{name}'@'%'"
        ))
        .unwrap();
    name
}

pub fn settings(server: &MariaDb, database: &str) -> Settings {
    Settings {
        host: server.host().to_owned(),
        port: server.port(),
        user: database.to_owned(),
        password: Some(server.password().to_owned().into()),
        database: database.to_owned(),
        tls: TlsMode::Prefer,
        ca: None,
        client_certificate: None,
        client_key: None,
        server_public_key: None,
        allow_public_key_retrieval: false,
    }
}

pub fn open(settings: Settings, limits: &Limits) -> Result<MySqlConnector> {
    let mut mysql = MySqlConnector::initialize(settings, limits)?;
    mysql.connect()?;
    Ok(mysql)
}

/// A session with a database.
pub fn connect(server: &MariaDb, database: &str) -> MySqlConnector {
    open(settings(server, database), &Limits::default()).unwrap()
}

/// A session whose calls may take this long.
pub fn connect_for(server: &MariaDb, database: &str, milliseconds: u64) -> MySqlConnector {
    let limits = Limits {
        call_timeout: Some(Duration::from_millis(milliseconds)),
        ..Limits::default()
    };
    open(settings(server, database), &limits).unwrap()
}

/// Makes a model's table, and defines it.
pub fn make(mysql: &mut MySqlConnector, model: &Model) {
    let steps = mysql.plan(vec![model.clone()]).unwrap();
    mysql.apply(steps).unwrap();
    mysql.define(model.clone()).unwrap();
}

/// Runs a command, and reads its rows.
pub fn run(
    mysql: &mut MySqlConnector,
    command: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Entity>> {
    let mut result = mysql.execute(command, parameters)?;
    read_all(&mut result.rows, 1_000)
}

/// The one value that a command answers with.
pub fn value(mysql: &mut MySqlConnector, command: &str, parameters: Vec<Value>) -> Result<Value> {
    let rows = run(mysql, command, parameters)?;
    let first = rows
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next());
    Ok(first.map(|(_, value)| value).unwrap())
}

pub fn detail<'a>(error: &'a Error, name: &str) -> Option<&'a str> {
    let mut details = error.details.iter();
    details
        .find(|(candidate, _)| candidate == name)
        .map(|(_, value)| value.as_str())
}
