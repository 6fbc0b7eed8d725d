//! What a backend's driver does.

use tenon_sdk::{CommandResult, Limits, Manifest, Need, Result, Rows, TransactionOptions, Value};

use crate::{Description, Dialect, ResultColumn, SchemaDialect, Statement, TableKind, TableName};

/// What a statement without rows has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// How many records it matched, changed or not.
    pub affected: u64,
    /// The key that the backend made for the first new record, where the protocol tells.
    pub last_id: Option<i64>,
}

/// A session with a backend: one connection, or one open file.
///
/// Its errors say what they have changed and what is left of the session: `session-lost` where the connection is gone or
/// out of step, `transaction-lost` where the backend has given the transaction up.
pub trait Driver: Sized + 'static {
    /// What an operator writes under `settings`.
    type Settings: serde::de::DeserializeOwned + schemars::JsonSchema;

    /// The SQL that the backend speaks.
    type Dialect: Dialect + SchemaDialect;

    /// As [`Connector::manifest`](tenon_sdk::Connector::manifest).
    fn manifest() -> Manifest;

    /// As [`Connector::needs`](tenon_sdk::Connector::needs).
    ///
    /// # Errors
    /// Where the settings contradict themselves.
    fn needs(settings: &Self::Settings) -> Result<Vec<Need>>;

    /// A session that is not connected yet.
    ///
    /// # Errors
    /// Where the settings contradict themselves.
    fn initialize(settings: Self::Settings, limits: &Limits) -> Result<Self>;

    /// Opens the connection or the file.
    ///
    /// # Errors
    /// `unavailable` or `denied`, mostly.
    fn connect(&mut self) -> Result<()>;

    /// The backend's SQL, as far as it is known before `connect`, and exactly afterwards.
    fn dialect(&self) -> &Self::Dialect;

    /// Whether the backend answers.
    ///
    /// # Errors
    /// `unavailable`, mostly.
    fn ping(&mut self) -> Result<()>;

    /// Brings the session back to what it was after `connect`.
    ///
    /// # Errors
    /// Where that failed; the session is replaced then.
    fn reset(&mut self) -> Result<()>;

    /// Ends the session; `connect` may follow.
    ///
    /// # Errors
    /// Where something could not be stored.
    fn disconnect(&mut self) -> Result<()>;

    /// The rows of a statement that changes nothing, streamed: a million of them take little memory. As many
    /// columns come as are given here, in their order.
    ///
    /// # Errors
    /// The backend's.
    fn query(&mut self, statement: &Statement, columns: Vec<ResultColumn>) -> Result<Rows>;

    /// The rows of a statement that has few of them, all at once: one that writes and returns, or counts.
    ///
    /// # Errors
    /// The backend's.
    fn fetch(&mut self, statement: &Statement, columns: &[ResultColumn])
    -> Result<Vec<Vec<Value>>>;

    /// Runs a statement for what it does.
    ///
    /// # Errors
    /// The backend's.
    fn execute(&mut self, statement: &Statement) -> Result<Executed>;

    /// Runs a command of the caller's own, with its parameters bound.
    ///
    /// # Errors
    /// As [`Native::execute`](tenon_sdk::Native::execute).
    fn command(&mut self, command: &str, parameters: Vec<Value>) -> Result<CommandResult>;

    /// Begins a transaction.
    ///
    /// # Errors
    /// `unsupported` where there is neither the level nor a stricter one.
    fn begin(&mut self, options: TransactionOptions) -> Result<()>;

    /// Commits the transaction.
    ///
    /// # Errors
    /// With the effect `unknown` where the answer was lost.
    fn commit(&mut self) -> Result<()>;

    /// Undoes the transaction, also one that the backend has given up.
    ///
    /// # Errors
    /// Where the session is lost.
    fn rollback(&mut self) -> Result<()>;

    /// Whether the session is in a transaction.
    fn in_transaction(&self) -> bool;

    /// The tables and views that a user would call their own: in every schema but the backend's, those of the session's
    /// schema first and without it, by their names.
    ///
    /// # Errors
    /// The backend's.
    fn tables(&mut self) -> Result<Vec<(TableName, TableKind)>>;

    /// What the catalogue says of tables, in their order; none where there is no such table.
    ///
    /// # Errors
    /// The backend's.
    fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Option<Description>>>;
}
