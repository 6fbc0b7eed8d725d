//! The connector `sqlite`: SQL in a file, by SQLite itself.
//!
//! What a function confirmed is on the disk, and what a transaction did is there when it is committed, and not before.
//! One session has the file, which the runtime's lease sees to: so transactions come one after the other, and each is
//! serializable. An open result shows the file as it was when it was opened, whatever others write meanwhile.
//!
//! Everything that relational connectors share is in `tenon-sql`; here is what is SQLite's own.

mod aside;
mod catalogue;
mod cursor;
mod deadline;
mod error;
mod functions;
mod guard;
mod open;
mod session;
mod settings;
mod value;

use std::rc::Rc;
use std::time::Duration;

use tenon_sdk::{
    CommandResult, Error, Limits, Manifest, Need, PropertyType, Result, Rows, TransactionOptions,
    Value, manifest,
};
use tenon_sql::{
    Description, Driver, Executed, ResultColumn, Sql, Statement, TableKind, TableName, dialects,
};

use session::Session;
pub use settings::{CacheSize, Settings};

/// The connector.
pub type Sqlite = Sql<SqliteFile>;

/// A file with SQLite's tables.
pub struct SqliteFile {
    settings: Settings,
    cache_size: CacheSize,
    /// For one call.
    time: Option<Duration>,
    dialect: dialects::Sqlite,
    session: Option<Rc<Session>>,
}

impl SqliteFile {
    fn session(&self) -> Result<&Rc<Session>> {
        self.session
            .as_ref()
            .ok_or_else(|| Error::invalid("the file is not open: call `connect` first"))
    }
}

impl Driver for SqliteFile {
    type Settings = Settings;
    type Dialect = dialects::Sqlite;

    fn manifest() -> Manifest {
        manifest!("sqlite")
            .exclusive()
            .interleaving()
            .generated_key(PropertyType::Integer)
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        Ok(vec![settings.need()?])
    }

    fn initialize(settings: Settings, limits: &Limits) -> Result<Self> {
        settings.folder()?;
        Ok(Self {
            cache_size: settings.cache_size(limits),
            time: limits.call_timeout,
            settings,
            dialect: dialects::Sqlite,
            session: None,
        })
    }

    fn connect(&mut self) -> Result<()> {
        self.disconnect()?;
        self.session = Some(open::open(&self.settings, self.cache_size, self.time)?);
        Ok(())
    }

    fn dialect(&self) -> &dialects::Sqlite {
        &self.dialect
    }

    fn ping(&mut self) -> Result<()> {
        self.session()?.ping()
    }

    fn reset(&mut self) -> Result<()> {
        self.session()?.reset()
    }

    fn disconnect(&mut self) -> Result<()> {
        match self.session.take() {
            Some(session) => session.end(),
            None => Ok(()),
        }
    }

    fn query(&mut self, statement: &Statement, columns: Vec<ResultColumn>) -> Result<Rows> {
        self.session()?.query(statement, columns)
    }

    fn fetch(
        &mut self,
        statement: &Statement,
        columns: &[ResultColumn],
    ) -> Result<Vec<Vec<Value>>> {
        self.session()?.fetch(statement, columns)
    }

    fn execute(&mut self, statement: &Statement) -> Result<Executed> {
        self.session()?.execute(statement)
    }

    fn command(&mut self, command: &str, parameters: Vec<Value>) -> Result<CommandResult> {
        self.session()?.command(command, parameters)
    }

    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        self.session()?.begin(options)
    }

    fn commit(&mut self) -> Result<()> {
        self.session()?.commit()
    }

    fn rollback(&mut self) -> Result<()> {
        self.session()?.rollback()
    }

    fn in_transaction(&self) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| session.in_transaction())
    }

    fn tables(&mut self) -> Result<Vec<(TableName, TableKind)>> {
        catalogue::tables(&self.session()?.connection)
    }

    fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Option<Description>>> {
        let connection = &self.session()?.connection;
        tables
            .iter()
            .map(|name| catalogue::describe(connection, name))
            .collect()
    }
}

tenon_sdk::export!(Sqlite: crud, upsert, transactions, native, schema, aggregates);
