//! The driver: what `tenon-sql` asks of a server.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use tenon_sdk::{
    Affected, Aftermath, CommandResult, Effect, Error, ErrorKind, Isolation, Limits, Manifest,
    Need, PropertyType, Result, Rows, TransactionOptions, Value, manifest,
};
use tenon_sql::dialects::Postgres;
use tenon_sql::{
    Description, Driver, Executed, Parameter, ResultColumn, Statement, TableKind, TableName,
};

use crate::command::Sort;
use crate::connection::Connection;
use crate::cursor::Cursor;
use crate::portal::Way;
use crate::{Settings, catalogue, command, startup};

/// A session with a server.
pub struct PostgresDriver {
    settings: Settings,
    limits: Limits,
    dialect: Postgres,
    connection: Option<Rc<RefCell<Connection>>>,
    transaction: Transaction,
}

/// The transaction that the session is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    None,
    /// Begun and not ended, even where the server has given it up.
    Open,
    /// A commit has failed, and the server has undone it all: only a roll-back is left.
    Undone,
}

/// So many rows at most come all at once, without a portal.
const WHOLE: i64 = 10_000;

impl PostgresDriver {
    fn shared(&self) -> Result<&Rc<RefCell<Connection>>> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::invalid("there is no connection: call `connect` first"))
    }

    fn connection(&self) -> Result<RefMut<'_, Connection>> {
        self.shared()?
            .try_borrow_mut()
            .map_err(|_| Error::backend("the session is in use by one of its cursors"))
    }

    /// What would be done outside of the transaction that it was meant for is not done.
    fn check_transaction(&self) -> Result<()> {
        if self.transaction == Transaction::None || !self.connection()?.is_idle() {
            return Ok(());
        }
        let mut error = Error::new(
            ErrorKind::Conflict,
            "the server has ended the transaction; only a roll-back is left",
        );
        error.aftermath = Aftermath::TransactionLost;
        Err(error)
    }

    /// How a statement's rows are fetched.
    fn way(&self, statement: &Statement) -> Result<Way> {
        Ok(if limit(statement).is_some_and(|limit| limit <= WHOLE) {
            Way::Whole
        } else if self.connection()?.is_in_transaction() {
            Way::Portal
        } else {
            Way::Scan
        })
    }
}

/// How many rows a statement has at most, where its last clause says so in a parameter.
fn limit(statement: &Statement) -> Option<i64> {
    let (_, clause) = statement.text.rsplit_once(" LIMIT $")?;
    let digits = clause.split(|char: char| !char.is_ascii_digit()).next()?;
    let place = digits.parse::<usize>().ok()?.checked_sub(1)?;
    match statement.parameters.get(place)? {
        Parameter::Value(Value::Integer(limit)) => Some(*limit),
        _ => None,
    }
}

/// Whether a statement of the connector's own changes nothing.
fn only_reads(statement: &Statement) -> bool {
    statement.text.starts_with("SELECT ")
}

impl Driver for PostgresDriver {
    type Settings = Settings;
    type Dialect = Postgres;

    fn manifest() -> Manifest {
        manifest!("postgres")
            .interleaving()
            .generated_key(PropertyType::Integer)
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        settings.check()?;
        Ok(vec![settings.need()])
    }

    fn initialize(settings: Settings, limits: &Limits) -> Result<Self> {
        settings.check()?;
        Ok(Self {
            settings,
            limits: limits.clone(),
            dialect: Postgres,
            connection: None,
            transaction: Transaction::None,
        })
    }

    fn connect(&mut self) -> Result<()> {
        self.disconnect()?;
        let wire = startup::open(&self.settings, &self.limits)?;
        self.connection = Some(Rc::new(RefCell::new(Connection::new(wire))));
        Ok(())
    }

    fn dialect(&self) -> &Postgres {
        &self.dialect
    }

    fn ping(&mut self) -> Result<()> {
        self.connection()?.ping()
    }

    fn reset(&mut self) -> Result<()> {
        self.transaction = Transaction::None;
        self.connection()?.reset()
    }

    fn disconnect(&mut self) -> Result<()> {
        self.transaction = Transaction::None;
        if let Some(connection) = self.connection.take()
            && let Ok(mut connection) = connection.try_borrow_mut()
        {
            connection.end();
        }
        Ok(())
    }

    fn query(&mut self, statement: &Statement, columns: Vec<ResultColumn>) -> Result<Rows> {
        self.check_transaction()?;
        let way = self.way(statement)?;
        Cursor::query(self.shared()?, statement, columns, way)
    }

    fn fetch(
        &mut self,
        statement: &Statement,
        columns: &[ResultColumn],
    ) -> Result<Vec<Vec<Value>>> {
        self.check_transaction()?;
        let unsure = !only_reads(statement);
        self.connection()?.fetch(statement, columns, unsure)
    }

    fn execute(&mut self, statement: &Statement) -> Result<Executed> {
        self.check_transaction()?;
        self.connection()?.execute(statement)
    }

    fn command(&mut self, command: &str, parameters: Vec<Value>) -> Result<CommandResult> {
        let sort = command::sort(command);
        if sort == Sort::Copy {
            return Err(Error::unsupported(
                "COPY isn't supported: write records, or read them with SELECT",
            ));
        }
        if sort == Sort::Transaction {
            return Err(Error::invalid(
                "a command can't begin or end a transaction: use the functions for transactions, or `ROLLBACK TO` a \
                 savepoint",
            ));
        }
        self.check_transaction()?;
        let way = sort.way(self.connection()?.is_in_transaction());
        let parameters: Vec<_> = parameters.into_iter().map(Parameter::from).collect();
        let affected = Affected::default();
        let connection = self.shared()?;
        let rows = Cursor::command(connection, command, &parameters, way, affected.clone())?;
        Ok(CommandResult { rows, affected })
    }

    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        if self.in_transaction() {
            return Err(Error::invalid("a transaction is open already"));
        }
        let isolation = match options.isolation {
            None => "",
            Some(Isolation::ReadUncommitted) => " ISOLATION LEVEL READ UNCOMMITTED",
            Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
            Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
            Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
        };
        let access = if options.read_only {
            "READ ONLY"
        } else {
            "READ WRITE"
        };
        let command = format!("BEGIN{isolation} {access}");
        self.connection()?.command(&command, false)?;
        self.transaction = Transaction::Open;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        if !self.in_transaction() {
            return Err(Error::invalid("there is no transaction to commit"));
        }
        self.check_transaction()?;
        let committed = self.connection()?.command("COMMIT", true);
        match committed {
            Ok(tag) if tag.is_rollback() => {
                let mut error = Error::backend(
                    "the transaction had failed before, and is undone instead of committed",
                );
                error.aftermath = Aftermath::TransactionLost;
                self.transaction = Transaction::Undone;
                Err(error)
            }
            Ok(_) => {
                self.transaction = Transaction::None;
                Ok(())
            }
            Err(mut error) => {
                if error.aftermath == Aftermath::Usable && error.effect == Effect::Nothing {
                    // The server has undone it all: only a roll-back is left.
                    error.aftermath = Aftermath::TransactionLost;
                    self.transaction = Transaction::Undone;
                }
                Err(error)
            }
        }
    }

    fn rollback(&mut self) -> Result<()> {
        if !self.in_transaction() {
            return Err(Error::invalid("there is no transaction to roll back"));
        }
        let mut connection = self.connection()?;
        if !connection.is_idle() {
            connection.command("ROLLBACK", false)?;
        } else if self.transaction == Transaction::Open {
            // Not by this connector, and so perhaps by a commit.
            let mut error = Error::backend(
                "the transaction had ended before it was rolled back: whether it was committed isn't known",
            );
            error.effect = Effect::Unknown;
            error.aftermath = Aftermath::SessionLost;
            return Err(error);
        }
        drop(connection);
        self.transaction = Transaction::None;
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        self.transaction != Transaction::None
    }

    fn tables(&mut self) -> Result<Vec<(TableName, TableKind)>> {
        self.check_transaction()?;
        catalogue::tables(&mut *self.connection()?)
    }

    fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Option<Description>>> {
        self.check_transaction()?;
        catalogue::describe(&mut *self.connection()?, tables)
    }
}
