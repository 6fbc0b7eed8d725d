//! What several tests do with a server.

#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::panic, reason = "a test fails by it")]

use std::sync::atomic::{AtomicUsize, Ordering};

use tenon_harness::{Postgres as Server, for_test};
use tenon_postgres::{Postgres, Settings, TlsMode};
use tenon_sdk::testing::read_all;
use tenon_sdk::{Connector, Error, Limits, Native, Result, Value};

/// The server of all tests of a program; none where PostgreSQL isn't installed, which is said aloud.
pub fn server() -> Option<&'static Server> {
    for_test(Server::shared()).unwrap()
}

/// The test user's settings.
pub fn settings(server: &Server) -> Settings {
    Settings {
        host: server.host().into(),
        port: server.port(),
        user: server.user().into(),
        password: Some(server.password().to_owned().into()),
        database: Some(server.database().into()),
        search_path: Vec::new(),
        tls: TlsMode::Prefer,
        ca: None,
        client_certificate: None,
        client_key: None,
        application_name: None,
    }
}

/// A session in a schema of its own, and the settings for more of them.
pub fn connect(server: &Server) -> (Postgres, Settings) {
    static SCHEMAS: AtomicUsize = AtomicUsize::new(0);
    let schema = format!("s{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
    let user = server.user();
    server
        .sql(&format!("create schema {schema} authorization {user}"))
        .unwrap();
    let settings = Settings {
        search_path: vec![schema],
        ..settings(server)
    };
    (open(&settings).unwrap(), settings)
}

/// A session.
pub fn open(settings: &Settings) -> Result<Postgres> {
    open_within(settings, &Limits::default())
}

pub fn open_within(settings: &Settings, limits: &Limits) -> Result<Postgres> {
    let mut postgres = Postgres::initialize(settings.clone(), limits)?;
    postgres.connect()?;
    Ok(postgres)
}

/// Runs a command without parameters.
pub fn run(postgres: &mut Postgres, command: &str) {
    ask(postgres, command, Vec::new());
}

/// The rows of a command, as values.
pub fn ask(postgres: &mut Postgres, command: &str, parameters: Vec<Value>) -> Vec<Vec<Value>> {
    try_ask(postgres, command, parameters).unwrap_or_else(|error| panic!("{command}: {error:?}"))
}

pub fn try_ask(
    postgres: &mut Postgres,
    command: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Vec<Value>>> {
    let mut result = postgres.execute(command, parameters)?;
    let rows = read_all(&mut result.rows, 100)?;
    Ok(rows
        .into_iter()
        .map(|row| row.into_iter().map(|(_, value)| value).collect())
        .collect())
}

/// The one value of a command's one row.
pub fn value(postgres: &mut Postgres, command: &str, parameters: Vec<Value>) -> Value {
    let rows = ask(postgres, command, parameters);
    let [row] = rows.as_slice() else {
        panic!("{command}: {rows:?}");
    };
    row.first().cloned().unwrap()
}

/// A command's error.
pub fn error(postgres: &mut Postgres, command: &str, parameters: Vec<Value>) -> Error {
    match try_ask(postgres, command, parameters) {
        Err(error) => error,
        Ok(rows) => panic!("{command} succeeded: {rows:?}"),
    }
}
