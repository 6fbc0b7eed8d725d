//! What SQLite's errors mean to a caller.

use rusqlite::{Error as SqliteError, ErrorCode, ffi};
use tenon_sdk::{Aftermath, Error, ErrorKind, Result};

/// Turns SQLite's errors into the contract's.
pub(crate) trait OrFail<T> {
    /// For what has changed nothing: SQLite undoes a statement that fails.
    fn or_fail(self) -> Result<T>;
}

impl<T> OrFail<T> for rusqlite::Result<T> {
    fn or_fail(self) -> Result<T> {
        self.map_err(convert)
    }
}

/// SQLite's error as the contract has it.
pub(crate) fn convert(error: SqliteError) -> Error {
    match error {
        SqliteError::SqliteFailure(failure, message) => {
            let message = message.unwrap_or_else(|| failure.to_string());
            let mut error = of_code(failure.code, failure.extended_code, message);
            error.code = Some(name_of(failure.extended_code));
            error
        }
        SqliteError::SqlInputError { error, msg, .. } => {
            let mut converted = of_code(error.code, error.extended_code, msg);
            converted.code = Some(name_of(error.extended_code));
            converted
        }
        SqliteError::MultipleStatement => {
            Error::invalid("this is more than one statement: give each a call of its own")
        }
        SqliteError::NulError(_) => Error::invalid(
            "a statement can't have a NUL character in it: give the text as a parameter",
        ),
        other => Error::backend(other.to_string()),
    }
}

fn of_code(code: ErrorCode, extended: i32, message: String) -> Error {
    match code {
        ErrorCode::ConstraintViolation => of_constraint(extended, message),
        ErrorCode::OperationInterrupted => Error::new(
            ErrorKind::Timeout,
            "the statement was stopped: it took nearly all the time that the call has",
        ),
        ErrorCode::DiskFull => Error::new(
            ErrorKind::Exhausted,
            "the disk, or what the folder may hold, is full",
        ),
        ErrorCode::OutOfMemory => Error::new(
            ErrorKind::Exhausted,
            "the statement needs more memory than the data source allows",
        ),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::new(ErrorKind::Conflict, message)
        }
        ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::AuthorizationForStatementDenied => Error::new(ErrorKind::Denied, message),
        ErrorCode::CannotOpen => Error::new(ErrorKind::Denied, message),
        ErrorCode::TooBig | ErrorCode::TypeMismatch | ErrorCode::ParameterOutOfRange => {
            Error::invalid(message)
        }
        // A syntax error, an unknown table or column.
        ErrorCode::Unknown if extended & 0xff == ffi::SQLITE_ERROR => Error::invalid(message),
        ErrorCode::NotADatabase => lost(Error::invalid(
            "the file is no SQLite database, or it is encrypted",
        )),
        ErrorCode::DatabaseCorrupt => {
            lost(Error::backend(format!("the file is damaged: {message}")))
        }
        ErrorCode::SystemIoFailure => lost(Error::backend(format!("the file: {message}"))),
        _ => Error::backend(message),
    }
}

/// A rule of the table's that a statement would have broken. SQLite names it in the message alone:
/// `UNIQUE constraint failed: airport.iata, airport.terminal`.
fn of_constraint(extended: i32, message: String) -> Error {
    let (rule, named) = message
        .split_once(" constraint failed")
        .unwrap_or((&message, ""));
    let named = named.trim_start_matches(": ");
    let error = match extended {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_ROWID => Error::duplicate(&message),
        _ => Error::new(ErrorKind::Constraint, &message),
    };
    let error = match (extended, named.strip_prefix("index '")) {
        (ffi::SQLITE_CONSTRAINT_CHECK, _) => error.detail("constraint", named),
        (_, Some(index)) => error.detail("constraint", index.trim_end_matches('\'')),
        _ => error.detail("constraint", rule),
    };
    columns(named)
        .unwrap_or_default()
        .into_iter()
        .fold(error, |error, column| error.detail("property", column))
}

/// The columns in `airport.iata, airport.terminal`; none where a name is so odd that they can't be told apart.
fn columns(named: &str) -> Option<Vec<&str>> {
    named
        .split(", ")
        .map(|part| {
            let (table, column) = part.split_once('.')?;
            (!table.is_empty() && !column.is_empty() && !column.contains('.')).then_some(column)
        })
        .collect()
}

/// The code as SQLite's documentation names it, <https://sqlite.org/rescode.html>, or its number.
fn name_of(extended: i32) -> String {
    let name = match extended {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY => "SQLITE_CONSTRAINT_PRIMARYKEY",
        ffi::SQLITE_CONSTRAINT_UNIQUE => "SQLITE_CONSTRAINT_UNIQUE",
        ffi::SQLITE_CONSTRAINT_ROWID => "SQLITE_CONSTRAINT_ROWID",
        ffi::SQLITE_CONSTRAINT_NOTNULL => "SQLITE_CONSTRAINT_NOTNULL",
        ffi::SQLITE_CONSTRAINT_CHECK => "SQLITE_CONSTRAINT_CHECK",
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => "SQLITE_CONSTRAINT_FOREIGNKEY",
        ffi::SQLITE_CONSTRAINT_TRIGGER => "SQLITE_CONSTRAINT_TRIGGER",
        ffi::SQLITE_CONSTRAINT_DATATYPE => "SQLITE_CONSTRAINT_DATATYPE",
        ffi::SQLITE_ERROR => "SQLITE_ERROR",
        ffi::SQLITE_AUTH => "SQLITE_AUTH",
        ffi::SQLITE_BUSY => "SQLITE_BUSY",
        ffi::SQLITE_LOCKED => "SQLITE_LOCKED",
        ffi::SQLITE_NOMEM => "SQLITE_NOMEM",
        ffi::SQLITE_READONLY => "SQLITE_READONLY",
        ffi::SQLITE_INTERRUPT => "SQLITE_INTERRUPT",
        ffi::SQLITE_CORRUPT => "SQLITE_CORRUPT",
        ffi::SQLITE_FULL => "SQLITE_FULL",
        ffi::SQLITE_CANTOPEN => "SQLITE_CANTOPEN",
        ffi::SQLITE_TOOBIG => "SQLITE_TOOBIG",
        ffi::SQLITE_MISMATCH => "SQLITE_MISMATCH",
        ffi::SQLITE_NOTADB => "SQLITE_NOTADB",
        other => return other.to_string(),
    };
    name.to_owned()
}

/// The same error, after which the file has to be opened again.
pub(crate) fn lost(mut error: Error) -> Error {
    error.aftermath = Aftermath::SessionLost;
    error
}

/// The same error, after which a transaction can only be rolled back.
pub(crate) fn transaction_lost(mut error: Error) -> Error {
    if error.aftermath == Aftermath::Usable {
        error.aftermath = Aftermath::TransactionLost;
    }
    error
}

/// The error for whatever comes between a transaction's loss and its end.
pub(crate) fn is_lost() -> Error {
    transaction_lost(Error::invalid(
        "the transaction is lost, and nothing of it is stored: roll it back",
    ))
}
