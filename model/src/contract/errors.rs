//! A connector's errors.

#[cfg(feature = "wire")]
use wasmtime::component::{ComponentType, Lift, Lower};

contract_enum! {
    /// What went wrong, as far as a program can act on it.
    pub enum ErrorKind {
        /// No record, collection or file of that name.
        NotFound = "not-found",
        /// A unique key holds this value already.
        Duplicate = "duplicate",
        /// Another rule of the backend forbids it: a reference, a check.
        Constraint = "constraint",
        /// A concurrent change got in between; the whole operation can be tried again.
        Conflict = "conflict",
        /// The caller's data, filter or settings are wrong; trying again is no use.
        Invalid = "invalid",
        /// The backend refuses these credentials, or a grant is missing.
        Denied = "denied",
        /// The backend can't be reached now; trying again may help.
        Unavailable = "unavailable",
        /// The backend is there and well, and refuses for now: a rate, a quota, a full disk.
        Exhausted = "exhausted",
        /// It took longer than it may.
        Timeout = "timeout",
        /// This connector doesn't do that, and has done nothing.
        Unsupported = "unsupported",
        /// Anything else that the backend reports.
        Backend = "backend",
    }
}

contract_enum! {
    /// What a failed call has changed.
    pub enum Effect {
        /// Nothing, for certain: it was never sent, or was undone.
        Nothing = "nothing",
        /// A part; `details` may say how far it came.
        Partial = "partial",
        /// Nobody knows: the answer to a write, or to a commit, was lost.
        Unknown = "unknown",
    }
}

contract_enum! {
    /// What is left of the session after a failed call.
    pub enum Aftermath {
        /// It goes on, and so does its transaction.
        Usable = "usable",
        /// Only a roll-back is possible.
        TransactionLost = "transaction-lost",
        /// The connection is gone or out of step.
        SessionLost = "session-lost",
    }
}

/// A connector's error, as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// For a person: what failed and on what, and never a secret.
    pub message: String,
    /// The backend's own code, such as an SQLSTATE or an HTTP status.
    pub code: Option<String>,
    /// What the failed call has changed.
    pub effect: Effect,
    /// What is left of the session.
    pub aftermath: Aftermath,
    /// More, by name: `property`, `constraint`, `index`, `retry-after` (milliseconds), `body`.
    pub details: Vec<(String, String)>,
}

impl Error {
    /// An error that has changed nothing and leaves the session usable.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            code: None,
            effect: Effect::Nothing,
            aftermath: Aftermath::Usable,
            details: Vec::new(),
        }
    }

    /// The same error with the backend's own code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same error with what the call has changed.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// The same error with what is left of the session.
    #[must_use]
    pub fn with_aftermath(mut self, aftermath: Aftermath) -> Self {
        self.aftermath = aftermath;
        self
    }

    /// The same error with one more detail.
    #[must_use]
    pub fn with_detail(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.details.push((name.into(), value.to_string()));
        self
    }

    /// The first detail of that name.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.details
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.message)?;
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
