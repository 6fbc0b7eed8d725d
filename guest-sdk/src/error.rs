//! Errors of a connector: what went wrong, what it has changed, and what is left of the session.
//!
//! `?` turns the usual errors into one. A kind is what the runtime acts on: it tries again what was
//! `unavailable`, and does itself what was `unsupported`.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};

use tenon_model::contract::{self, ErrorKind};
use tenon_model::{Problem, Problems};

/// What a connector's function returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The contract's error in a box, so that a good result stays small.
#[derive(Clone, PartialEq)]
pub struct Error(Box<contract::Error>);

impl Error {
    /// An error that has changed nothing and leaves the session usable.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        contract::Error::new(kind, message).into()
    }

    /// No record, collection or file of that name.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// A unique key holds this value already.
    pub fn duplicate(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Duplicate, message)
    }

    /// The caller's data, filter or settings are wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// The backend can't be reached now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// The connector doesn't do that, and has done nothing.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// Anything else that the backend reports.
    pub fn backend(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Backend, message)
    }

    /// The same error, saying first what was being done: `context: message`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// The same error with one more detail, such as `property`, `constraint` or `index`.
    #[must_use]
    pub fn detail(self, name: &str, value: impl ToString) -> Self {
        (*self.0).with_detail(name, value).into()
    }

    /// As it travels.
    pub fn into_contract(self) -> contract::Error {
        *self.0
    }
}

impl Deref for Error {
    type Target = contract::Error;

    fn deref(&self) -> &contract::Error {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut contract::Error {
        &mut self.0
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<contract::Error> for Error {
    fn from(error: contract::Error) -> Self {
        Self(Box::new(error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                ErrorKind::Denied
            }
            io::ErrorKind::TimedOut => ErrorKind::Timeout,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Exhausted,
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::UnexpectedEof => ErrorKind::Unavailable,
            _ => ErrorKind::Backend,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::invalid(problems.to_string())
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::invalid(problem.to_string())
    }
}

/// JSON that came from the backend; settings are parsed before a connector sees them.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::backend(format!(
            "the backend's JSON is not what it should be: {error}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_a_file_that_is_missing() -> Result<String> {
        Ok(std::fs::read_to_string("/no/such/file")?)
    }

    #[test]
    fn a_question_mark_turns_an_io_error_into_its_kind() {
        let error = read_a_file_that_is_missing().unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert_eq!(error.effect, contract::Effect::Nothing);
    }

    #[test]
    fn context_stands_before_the_message_and_details_are_kept() {
        let error = Error::duplicate("`ABE` is taken")
            .context("Airport")
            .detail("property", "iata");
        assert_eq!(error.to_string(), "Airport: `ABE` is taken");
        assert_eq!(error.0.detail("property"), Some("iata"));
    }
}
