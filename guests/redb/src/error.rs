//! What the storage engine's errors mean to a caller.

use tenon_sdk::{Aftermath, Effect, Error, ErrorKind, Result};

/// Turns the engine's errors into the contract's.
pub(crate) trait OrFail<T> {
    /// For what has changed nothing: a transaction that isn't committed is undone.
    fn or_fail(self) -> Result<T>;

    /// For a commit, whose fate nobody knows when it fails.
    fn or_unknown(self) -> Result<T>;
}

impl<T, E: Into<redb::Error>> OrFail<T> for Result<T, E> {
    fn or_fail(self) -> Result<T> {
        self.map_err(|error| convert(error.into()))
    }

    fn or_unknown(self) -> Result<T> {
        self.map_err(|error| match error.into() {
            // The engine has undone it all.
            poisoned @ redb::Error::TransactionPoisoned => transaction_lost(convert(poisoned)),
            error => {
                let mut error = convert(error);
                error.effect = Effect::Unknown;
                error.aftermath = Aftermath::SessionLost;
                error
            }
        })
    }
}

fn convert(error: redb::Error) -> Error {
    let lost = |mut error: Error| {
        // The engine refuses everything after such an error until the file is opened again.
        error.aftermath = Aftermath::SessionLost;
        error
    };
    match error {
        redb::Error::Io(error) => lost(Error::from(error).context("the file")),
        redb::Error::PreviousIo | redb::Error::DatabaseClosed => {
            lost(Error::unavailable(error.to_string()))
        }
        redb::Error::Corrupted(reason) => {
            lost(Error::backend(format!("the file is damaged: {reason}")))
        }
        redb::Error::DatabaseAlreadyOpen => Error::new(
            ErrorKind::Conflict,
            "the file is open in another program: close that one first",
        ),
        redb::Error::UpgradeRequired(version) => Error::invalid(format!(
            "the file has the format of an older engine (version {version}), which this one can't read"
        )),
        redb::Error::ValueTooLarge(bytes) => {
            Error::invalid(format!("a record of {bytes} bytes is too large"))
        }
        other => Error::backend(other.to_string()),
    }
}

/// The same error, after which a transaction can only be rolled back.
pub(crate) fn transaction_lost(mut error: Error) -> Error {
    if error.aftermath == Aftermath::Usable {
        error.aftermath = Aftermath::TransactionLost;
    }
    error
}

/// The error for bytes in the file that aren't what this connector writes.
pub(crate) fn damaged(what: &str) -> Error {
    Error::backend(format!(
        "the file is damaged, or another program wrote it: {what}"
    ))
}
