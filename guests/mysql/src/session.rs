//! A session: a connection that is set up, what its transaction has come to, and how long calls may take.

use std::time::{Duration, Instant};

use std::rc::Rc;

use tenon_sdk::{
    Aftermath, Effect, Error, ErrorKind, Isolation, Limits, Result, TransactionOptions, Value,
    context,
};
use tenon_sql::dialects::MySqlFlavour;

use crate::codec::{Encoding, bind, read_row, shape};
use crate::connection::{Answer, ColumnDefinition, Connection, Dial, Done};
use crate::error;

/// What strictness and quoting statements are read with. Text between quotes holds backslashes as they are, and a zero
/// that is written into a key is a zero.
const SQL_MODE: &str = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
                        NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES";

/// How long statements wait for each other's locks at most, in seconds: InnoDB's own default.
const LONGEST_WAIT: u64 = 50;

/// A session with a server.
pub(crate) struct Session {
    connection: Connection,
    times: Times,
    transaction: Transaction,
    /// A statement that waits too long for a lock takes its transaction with it.
    rolls_back_on_timeout: bool,
    /// Tables are found by their names in any case.
    pub(crate) ignores_case: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
    /// The server has ended it; only a roll-back is left.
    Lost,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    call: Option<Duration>,
}

impl Times {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self {
            call: limits.call_timeout,
        }
    }

    /// When the call that is being served has to come to an end by itself: a bit before the runtime ends it.
    pub(crate) fn deadline(self) -> Option<Instant> {
        let left = context::current().deadline.or(self.call)?;
        Instant::now().checked_add(early(left))
    }

    /// How long the server may take over a statement: a bit less than a whole call.
    fn statement(self) -> Option<Duration> {
        Some(early(self.call?).mul_f64(0.9))
    }
}

/// A bit less, so that there is time left to stop a statement in.
fn early(time: Duration) -> Duration {
    const MOST: Duration = Duration::from_secs(2);
    time.saturating_sub((time / 5).min(MOST))
}

impl Session {
    /// Connects and sets the session up.
    ///
    /// # Errors
    /// The server's.
    pub(crate) fn open(dial: &Rc<Dial>, times: Times) -> Result<Self> {
        let connection = Connection::open(dial, times.deadline())?;
        let mut session = Self {
            connection,
            times,
            transaction: Transaction::None,
            rolls_back_on_timeout: false,
            ignores_case: false,
        };
        session.set_up()?;
        let known = "SELECT @@innodb_rollback_on_timeout + 0, @@lower_case_table_names + 0";
        let rows = session.fetch(known, &[], &[])?;
        let mut known = rows.into_iter().flatten();
        let mut is_set = || matches!(known.next(), Some(Value::Integer(1..)));
        session.rolls_back_on_timeout = is_set();
        session.ignores_case = is_set();
        Ok(session)
    }

    pub(crate) const fn flavour(&self) -> MySqlFlavour {
        self.connection.flavour
    }

    fn set_up(&mut self) -> Result<()> {
        let (collation, timeout) = match self.flavour() {
            MySqlFlavour::MySql => ("utf8mb4_0900_bin", "max_execution_time"),
            MySqlFlavour::MariaDb => ("utf8mb4_nopad_bin", "max_statement_time"),
        };
        let wait = self
            .times
            .statement()
            .map_or(LONGEST_WAIT, |time| time.as_secs().clamp(1, LONGEST_WAIT));
        let mut statement = format!(
            "SET SESSION character_set_client = utf8mb4, character_set_results = utf8mb4, character_set_connection = \
             utf8mb4, collation_connection = {collation}, sql_mode = '{SQL_MODE}', time_zone = '+00:00', autocommit = 1, \
             sql_safe_updates = 0, sql_select_limit = DEFAULT, innodb_lock_wait_timeout = {wait}"
        );
        if let Some(time) = self.times.statement() {
            let time = match self.flavour() {
                // In milliseconds, and in seconds.
                MySqlFlavour::MySql => time.as_millis().max(1).to_string(),
                MySqlFlavour::MariaDb => format!("{:.3}", time.as_secs_f64().max(0.001)),
            };
            statement.push_str(&format!(", {timeout} = {time}"));
        }
        self.connection.run(&statement).map(|_| ())
    }

    /// Begins a call: its time runs from now.
    pub(crate) fn begin_call(&mut self) {
        self.connection.set_deadline(self.times.deadline());
    }

    /// Whether the server answers.
    pub(crate) fn ping(&mut self) -> Result<()> {
        self.connection.ping()
    }

    /// As the session was after it was opened.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.connection.reset()?;
        self.transaction = Transaction::None;
        self.set_up()
    }

    pub(crate) fn end(&mut self) {
        self.connection.quit();
    }

    /// A text whose rows may take many calls to read: the time that the server gives a statement is not for them.
    pub(crate) fn unhurried(&self, text: &str) -> String {
        match (self.times.statement(), self.flavour()) {
            (None, _) => text.to_owned(),
            (_, MySqlFlavour::MariaDb) => {
                format!("SET STATEMENT max_statement_time = 0 FOR {text}")
            }
            (_, MySqlFlavour::MySql) => match text.strip_prefix("SELECT ") {
                Some(rest) => format!("SELECT /*+ MAX_EXECUTION_TIME(0) */ {rest}"),
                None => text.to_owned(),
            },
        }
    }

    /// Runs a statement with its parameters.
    pub(crate) fn run<'v>(
        &mut self,
        text: &str,
        parameters: impl ExactSizeIterator<Item = &'v Value> + Clone,
        named: bool,
    ) -> Result<Answer> {
        self.check_transaction()?;
        let result = self.try_run(text, parameters, named);
        self.after(result)
    }

    fn try_run<'v>(
        &mut self,
        text: &str,
        parameters: impl ExactSizeIterator<Item = &'v Value> + Clone,
        named: bool,
    ) -> Result<Answer> {
        let bound = bind(parameters.clone())?;
        let mut again = true;
        loop {
            let prepared = self.connection.prepare(text)?;
            if usize::from(prepared.parameters) != parameters.len() {
                return Err(Error::invalid(format!(
                    "the statement has {} placeholders, and {} values came with it",
                    prepared.parameters,
                    parameters.len()
                )));
            }
            match self.connection.execute(prepared, &bound, named) {
                Err(error) if again && is_forgotten(&error) => {
                    self.connection.forget(text);
                    again = false;
                }
                other => return other,
            }
        }
    }

    /// Runs a statement that can't be prepared.
    pub(crate) fn run_text(&mut self, text: &str) -> Result<Answer> {
        self.check_transaction()?;
        let result = self.connection.text(text);
        self.after(result)
    }

    /// Runs a statement for what it does.
    pub(crate) fn execute<'v>(
        &mut self,
        text: &str,
        parameters: impl ExactSizeIterator<Item = &'v Value> + Clone,
    ) -> Result<Done> {
        let done = self
            .run(text, parameters, false)
            .and_then(|answer| self.finish(answer));
        done.map_err(error::of_a_write)
    }

    /// Reads what is left of an answer.
    pub(crate) fn finish(&mut self, answer: Answer) -> Result<Done> {
        let result = self.connection.finish(answer);
        self.after(result)
    }

    /// All of a statement's rows, each value of the kind that is asked for, or its own.
    pub(crate) fn fetch(
        &mut self,
        text: &str,
        parameters: &[Value],
        kinds: &[Reading],
    ) -> Result<Vec<Vec<Value>>> {
        let answer = self.run(text, parameters.iter(), false)?;
        self.collect(answer, kinds)
    }

    /// All of an answer's rows.
    pub(crate) fn collect(&mut self, answer: Answer, kinds: &[Reading]) -> Result<Vec<Vec<Value>>> {
        let Answer::Rows(columns) = answer else {
            self.finish(answer)?;
            return Ok(Vec::new());
        };
        let mut rows = Vec::new();
        while self.next_row()? {
            let mut row = Vec::with_capacity(columns.len());
            let read = self.read_row(&columns, Encoding::Binary, kinds, |_, cell| {
                row.push(cell.into_value());
            });
            if let Err(error) = read {
                self.give_up_rows()?;
                return Err(error);
            }
            rows.push(row);
        }
        self.finish(Answer::Rows(columns))?;
        Ok(rows)
    }

    /// Goes to the next row; whether there is one.
    pub(crate) fn next_row(&mut self) -> Result<bool> {
        let result = self.connection.next_row();
        self.after(result)
    }

    /// Reads the row that it is at.
    pub(crate) fn read_row<'s>(
        &'s self,
        columns: &[ColumnDefinition],
        encoding: Encoding,
        kinds: &[Reading],
        mut each: impl FnMut(usize, crate::codec::Cell<'s>),
    ) -> Result<()> {
        read_row(
            self.connection.row(),
            columns,
            encoding,
            |place, column, raw| {
                let reading = kinds.get(place).copied().unwrap_or_default();
                let cell = shape(raw, column, reading.kind, reading.is_json).map_err(|reason| {
                    let number = place + 1;
                    Error::backend(format!("column {number} of the result: {reason}"))
                })?;
                each(place, cell);
                Ok(())
            },
        )
    }

    /// Ends a result before its end.
    pub(crate) fn give_up_rows(&mut self) -> Result<()> {
        self.connection.give_up_rows()
    }

    /// Whether there is a transaction, be it lost.
    pub(crate) fn in_transaction(&self) -> bool {
        self.transaction != Transaction::None
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        if self.in_transaction() {
            return Err(Error::invalid("a transaction is open already"));
        }
        if let Some(isolation) = options.isolation {
            let level = match isolation {
                Isolation::ReadUncommitted => "READ UNCOMMITTED",
                Isolation::ReadCommitted => "READ COMMITTED",
                Isolation::RepeatableRead => "REPEATABLE READ",
                Isolation::Serializable => "SERIALIZABLE",
            };
            self.connection
                .run(&format!("SET TRANSACTION ISOLATION LEVEL {level}"))?;
        }
        let access = if options.read_only {
            "READ ONLY"
        } else {
            "READ WRITE"
        };
        self.connection
            .run(&format!("START TRANSACTION {access}"))?;
        self.transaction = Transaction::Open;
        Ok(())
    }

    /// Commits the transaction.
    pub(crate) fn commit(&mut self) -> Result<()> {
        if !self.in_transaction() {
            return Err(no_transaction());
        }
        self.check_transaction()?;
        match self.connection.run("COMMIT") {
            Ok(_) => {
                self.transaction = Transaction::None;
                Ok(())
            }
            Err(mut error) => {
                if error.aftermath == Aftermath::SessionLost || error.kind == ErrorKind::Timeout {
                    error.effect = Effect::Unknown;
                }
                if error.aftermath == Aftermath::Usable {
                    error.aftermath = Aftermath::TransactionLost;
                }
                self.transaction = Transaction::Lost;
                Err(error)
            }
        }
    }

    /// Undoes the transaction.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        if !self.in_transaction() {
            return Err(no_transaction());
        }
        self.connection.run("ROLLBACK")?;
        self.transaction = Transaction::None;
        Ok(())
    }

    /// What would now be done outside of the transaction that it was meant for is not done.
    fn check_transaction(&self) -> Result<()> {
        if self.transaction != Transaction::Lost {
            return Ok(());
        }
        let mut error = Error::new(
            ErrorKind::Conflict,
            "the server has ended the transaction; only a roll-back is left",
        );
        error.aftermath = Aftermath::TransactionLost;
        Err(error)
    }

    /// Takes down what a statement has made of the transaction.
    fn after<T>(&mut self, result: Result<T>) -> Result<T> {
        match result {
            Ok(done) => {
                let ended = self.transaction == Transaction::Open
                    && !self.connection.has_rows()
                    && !self.connection.is_in_transaction();
                if ended {
                    // A command of the caller's own has committed, as `CREATE TABLE` does.
                    self.transaction = Transaction::Lost;
                }
                Ok(done)
            }
            Err(mut error) => {
                let waited = error.code.as_deref() == Some("1205");
                if waited && self.rolls_back_on_timeout && error.aftermath == Aftermath::Usable {
                    error.aftermath = Aftermath::TransactionLost;
                }
                if error.aftermath == Aftermath::TransactionLost {
                    if self.transaction == Transaction::None {
                        error.aftermath = Aftermath::Usable;
                    } else {
                        self.transaction = Transaction::Lost;
                    }
                }
                Err(error)
            }
        }
    }
}

/// How a column's values are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) kind: tenon_sdk::PropertyType,
    /// The column holds JSON, whatever the protocol says.
    pub(crate) is_json: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            kind: tenon_sdk::PropertyType::Any,
            is_json: false,
        }
    }
}

/// Whether the server doesn't know a statement any more that it had prepared.
fn is_forgotten(error: &Error) -> bool {
    let number = error.code.as_deref().and_then(|code| code.parse().ok());
    matches!(
        number,
        Some(error::UNKNOWN_STATEMENT | error::STALE_STATEMENT)
    )
}

fn no_transaction() -> Error {
    Error::invalid("no transaction is open")
}
