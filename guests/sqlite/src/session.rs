//! The session: one connection to one file, and the transaction that it is in.
//!
//! A statement is a transaction of its own, on the disk when it returns and undone when it fails, unless one is open:
//! then it is a part of that. Where SQLite itself has undone a transaction, all that is left is to roll it back.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use rusqlite::Connection;
use tenon_sdk::{
    CommandResult, Effect, Error, ErrorKind, Result, RowColumn, Rows, TransactionOptions, Value,
};
use tenon_sql::{Executed, Parameter, ResultColumn, Statement};

use crate::aside::Aside;
use crate::cursor::{self, Columns, Compiled, Cursor, Prepared, State, Stepping};
use crate::deadline::Deadline;
use crate::error::{OrFail, is_lost, lost, transaction_lost};
use crate::guard::{Guard, Phase};
use crate::value;

/// Prepared statements that are kept.
pub(crate) const STATEMENTS: usize = 128;

/// The transaction that the session is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    None,
    ReadOnly,
    Live {
        written: bool,
    },
    /// Undone by SQLite; its owner doesn't know yet.
    Lost,
}

/// An open file.
pub(crate) struct Session {
    pub(crate) connection: Rc<Connection>,
    pub(crate) deadline: Deadline,
    pub(crate) guard: Guard,
    aside: Aside,
    /// Results that may still be stepping.
    open: RefCell<Vec<(Weak<RefCell<State>>, usize)>>,
    transaction: Cell<Transaction>,
}

impl Session {
    pub(crate) fn new(
        connection: Connection,
        deadline: Deadline,
        guard: Guard,
        aside: Aside,
    ) -> Self {
        Self {
            connection: Rc::new(connection),
            deadline,
            guard,
            aside,
            open: RefCell::default(),
            transaction: Cell::new(Transaction::None),
        }
    }

    /// The rows of a statement that changes nothing, stepped to when they are asked for.
    pub(crate) fn query(
        self: &Rc<Self>,
        statement: &Statement,
        columns: Vec<ResultColumn>,
    ) -> Result<Rows> {
        self.begin_call()?;
        let stepping = self.prepare(statement)?.step();
        Ok(self.stream(stepping, Columns::Known(columns)))
    }

    /// All rows of a statement.
    pub(crate) fn fetch(
        &self,
        statement: &Statement,
        columns: &[ResultColumn],
    ) -> Result<Vec<Vec<Value>>> {
        self.begin_call()?;
        let prepared = self.prepare(statement)?;
        self.before(&prepared)?;
        let lasts = !is_read_only(&prepared) && !self.in_transaction();
        let mut stepping = prepared.step();
        let mut rows = Vec::new();
        let read = |row: &rusqlite::Row<'_>| -> Result<Vec<Value>> {
            let values = columns.iter().zip(cursor::values(row, columns.len()));
            let read = values.map(|(column, stored)| value::read(stored, column));
            read.collect::<Result<_>>().map_err(|mut error| {
                if lasts {
                    // What can't be read of a change has been made all the same.
                    error.effect = Effect::Unknown;
                }
                error
            })
        };
        while let Some(row) = stepping.next(read).map_err(|error| self.failed(error))? {
            rows.push(row);
        }
        Ok(rows)
    }

    /// Runs a statement for what it does.
    pub(crate) fn execute(&self, statement: &Statement) -> Result<Executed> {
        self.begin_call()?;
        let prepared = self.prepare(statement)?;
        self.before(&prepared)?;
        let before = self.connection.total_changes();
        let mut stepping = prepared.step();
        while stepping
            .next(|_| Ok(()))
            .map_err(|error| self.failed(error))?
            .is_some()
        {}
        drop(stepping);
        Ok(self.executed(before))
    }

    /// Runs a caller's own command.
    pub(crate) fn command(
        self: &Rc<Self>,
        command: &str,
        parameters: Vec<Value>,
    ) -> Result<CommandResult> {
        self.begin_call()?;
        let prepared = self
            .guard
            .watch(Phase::Preparing, || {
                self.prepare_command(command, &parameters)
            })
            .map_err(|error| self.failed(error))?;
        let columns = prepared.with_dependent(|_, statement| {
            statement
                .columns()
                .map(|column| RowColumn {
                    name: column.name().to_owned(),
                    native_type: column.decl_type().map(str::to_owned),
                })
                .collect::<Vec<_>>()
        });
        if is_read_only(&prepared) {
            let stepping = prepared.step();
            return Ok(CommandResult::rows(
                self.stream(stepping, Columns::Found(columns)),
            ));
        }
        self.before(&prepared)?;
        let before = self.connection.total_changes();
        let mut stepping = prepared.step();
        // A command that writes is done before its rows are read, whoever reads them.
        let rows = self
            .guard
            .watch(Phase::Running, || {
                cursor::drain(&mut stepping, &self.aside, columns.len())
            })
            .map_err(|error| self.failed(error))?;
        drop(stepping);
        let executed = self.executed(before);
        if columns.is_empty() {
            return Ok(CommandResult::affected(executed.affected));
        }
        let result = CommandResult::rows(self.rows(State::Aside(rows), Columns::Found(columns)).1);
        result.affected.set(executed.affected);
        Ok(result)
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared> {
        Prepared::try_new(Rc::clone(&self.connection), |connection| {
            let mut prepared =
                Compiled::Kept(connection.prepare_cached(&statement.text).or_fail()?);
            bind_all(
                &mut prepared,
                statement
                    .parameters
                    .iter()
                    .map(|parameter| match parameter {
                        Parameter::Value(value) => Ok(value),
                        Parameter::List(_) => {
                            Err(Error::backend("SQLite has no arrays as parameters"))
                        }
                    }),
            )?;
            Ok(prepared)
        })
        .map_err(|error: Error| self.failed(error))
    }

    fn prepare_command(&self, command: &str, parameters: &[Value]) -> Result<Prepared> {
        Prepared::try_new(Rc::clone(&self.connection), |connection| {
            let mut prepared = Compiled::Once(connection.prepare(command).or_fail()?);
            if prepared.expanded_sql().is_none() {
                return Err(Error::invalid("the command is empty: write a statement"));
            }
            // `$2` and `:2` are names to SQLite, and mean the second of the parameters to everybody else.
            let order: Vec<usize> = (1..=prepared.parameter_count())
                .map(|place| {
                    prepared
                        .parameter_name(place)
                        .and_then(|name| name.get(1..)?.parse::<usize>().ok())
                        .unwrap_or(place)
                })
                .collect();
            let wanted = order.iter().copied().max().unwrap_or_default();
            if wanted != parameters.len() {
                return Err(Error::invalid(format!(
                    "the command has {wanted} parameters, and {} were given",
                    parameters.len()
                )));
            }
            let values = order.iter().map(|place| {
                let value = place.checked_sub(1).and_then(|place| parameters.get(place));
                value.ok_or_else(|| Error::invalid(format!("there is no parameter {place}")))
            });
            bind_all(&mut prepared, values)?;
            Ok(prepared)
        })
    }

    /// Comes before a statement is stepped through: before one that writes, open results are set aside.
    fn before(&self, prepared: &Prepared) -> Result<()> {
        if is_read_only(prepared) {
            return Ok(());
        }
        match self.transaction.get() {
            Transaction::ReadOnly => {
                return Err(Error::invalid(
                    "this transaction is read-only: begin one that may write",
                ));
            }
            Transaction::Live { .. } => self.transaction.set(Transaction::Live { written: true }),
            Transaction::None | Transaction::Lost => {}
        }
        let open = self.open.take();
        if !open.is_empty() {
            self.deadline.begin_part();
            for (state, columns) in open {
                if let Some(state) = state.upgrade() {
                    state.borrow_mut().set_aside(&self.aside, columns);
                }
            }
            self.deadline.begin();
        }
        Ok(())
    }

    fn stream(self: &Rc<Self>, stepping: Stepping, columns: Columns) -> Rows {
        let count = columns.len();
        let (state, rows) = self.rows(State::Live(stepping), columns);
        let mut open = self.open.borrow_mut();
        open.retain(|(state, _)| state.strong_count() > 0);
        open.push((Rc::downgrade(&state), count));
        rows
    }

    fn rows(self: &Rc<Self>, state: State, columns: Columns) -> (Rc<RefCell<State>>, Rows) {
        let state = Rc::new(RefCell::new(state));
        let names = columns.of_page();
        let cursor = Cursor {
            session: Rc::downgrade(self),
            state: Rc::clone(&state),
            columns: Rc::new(columns),
        };
        (state, Rows::from_columns(names, cursor))
    }

    fn executed(&self, changes_before: u64) -> Executed {
        if self.connection.total_changes() == changes_before {
            return Executed::default();
        }
        Executed {
            affected: self.connection.changes(),
            last_id: Some(self.connection.last_insert_rowid()),
        }
    }

    fn begin_call(&self) -> Result<()> {
        if self.transaction.get() == Transaction::Lost {
            return Err(is_lost());
        }
        self.deadline.begin();
        Ok(())
    }

    /// An error on its way to the caller: where SQLite has undone the transaction, it says so.
    pub(crate) fn failed(&self, error: Error) -> Error {
        if self.in_transaction()
            && (self.connection.is_autocommit() || self.transaction.get() == Transaction::Lost)
        {
            self.transaction.set(Transaction::Lost);
            return transaction_lost(error);
        }
        error
    }

    /// Begins a transaction. Nobody else has the file, so every level is the strictest.
    pub(crate) fn begin(&self, options: TransactionOptions) -> Result<()> {
        if self.in_transaction() {
            return Err(Error::invalid(
                "a transaction is open already: commit it or roll it back first",
            ));
        }
        self.deadline.suspend();
        let (text, transaction) = if options.read_only {
            ("BEGIN", Transaction::ReadOnly)
        } else {
            ("BEGIN IMMEDIATE", Transaction::Live { written: false })
        };
        self.run(text)?;
        self.transaction.set(transaction);
        Ok(())
    }

    /// Makes the transaction durable.
    pub(crate) fn commit(&self) -> Result<()> {
        match self.transaction.get() {
            Transaction::None => return Err(no_transaction()),
            Transaction::Lost => return Err(is_lost()),
            Transaction::ReadOnly | Transaction::Live { .. } => {}
        }
        self.deadline.suspend();
        match self.run("COMMIT") {
            Ok(()) => {
                self.transaction.set(Transaction::None);
                Ok(())
            }
            Err(error) => {
                let known = self.connection.is_autocommit() || error.kind == ErrorKind::Constraint;
                self.transaction.set(Transaction::Lost);
                if known {
                    return Err(transaction_lost(error));
                }
                let mut error = lost(error);
                error.effect = Effect::Unknown;
                Err(error)
            }
        }
    }

    /// Undoes the transaction, also one that SQLite has undone already.
    pub(crate) fn rollback(&self) -> Result<()> {
        let transaction = self.transaction.replace(Transaction::None);
        if transaction == Transaction::None {
            return Err(no_transaction());
        }
        self.deadline.suspend();
        let written = matches!(
            transaction,
            Transaction::Live { written: true } | Transaction::Lost
        );
        if written {
            // Results from before the first write are aside; these have seen what is undone now.
            for (state, _) in self.open.take() {
                if let Some(state) = state.upgrade() {
                    state.borrow_mut().fail(
                        ErrorKind::Conflict,
                        "the transaction that this result was read in was rolled back",
                    );
                }
            }
        }
        if !self.connection.is_autocommit() {
            self.run("ROLLBACK").map_err(lost)?;
        }
        Ok(())
    }

    pub(crate) fn in_transaction(&self) -> bool {
        self.transaction.get() != Transaction::None
    }

    /// Whether the file can be read.
    pub(crate) fn ping(&self) -> Result<()> {
        self.deadline.begin();
        self.run("SELECT count(*) FROM sqlite_schema WHERE 0")
    }

    /// As after opening: without a transaction, without what commands have made for the session alone.
    pub(crate) fn reset(&self) -> Result<()> {
        if self.in_transaction() {
            self.rollback()?;
        }
        self.deadline.begin();
        for (kind, name) in self.temporary()? {
            let name = name.replace('"', "\"\"");
            self.run(&format!("DROP {kind} IF EXISTS temp.\"{name}\""))?;
        }
        Ok(())
    }

    /// What lies in the session's own schema, by its kind.
    fn temporary(&self) -> Result<Vec<(String, String)>> {
        let text = "SELECT type, name FROM temp.sqlite_schema WHERE type IN ('table', 'view', 'trigger') \
                    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let mut statement = self.connection.prepare_cached(text).or_fail()?;
        let found = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .or_fail()?;
        found.map(OrFail::or_fail).collect()
    }

    /// Ends the session: what isn't committed is undone, and the log goes into the file.
    pub(crate) fn end(self: Rc<Self>) -> Result<()> {
        let rolled_back = if self.in_transaction() {
            self.rollback()
        } else {
            Ok(())
        };
        for (state, _) in self.open.take() {
            if let Some(state) = state.upgrade() {
                state.borrow_mut().fail(ErrorKind::Invalid, cursor::ENDED);
            }
        }
        self.deadline.suspend();
        // Nothing else holds the two now.
        let session = Rc::into_inner(self);
        let connection = session.and_then(|session| Rc::into_inner(session.connection));
        match connection.map(Connection::close) {
            Some(Err((_, error))) => rolled_back.and(Err(error).or_fail()),
            Some(Ok(())) | None => rolled_back,
        }
    }

    fn run(&self, text: &str) -> Result<()> {
        let mut statement = self.connection.prepare_cached(text).or_fail()?;
        let mut rows = statement.raw_query();
        while rows.next().or_fail()?.is_some() {}
        Ok(())
    }
}

fn is_read_only(prepared: &Prepared) -> bool {
    prepared.with_dependent(|_, statement| statement.readonly())
}

fn bind_all<'a>(
    statement: &mut Compiled<'_>,
    values: impl Iterator<Item = Result<&'a Value>>,
) -> Result<()> {
    for (place, value) in (1_usize..).zip(values) {
        statement
            .raw_bind_parameter(place, value::bind(value?)?)
            .or_fail()?;
    }
    Ok(())
}

fn no_transaction() -> Error {
    Error::invalid("no transaction is open: begin one first")
}
