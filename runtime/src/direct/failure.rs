//! How a direct call fails.

use std::fmt;
use std::time::Duration;

use tenon_model::contract;

use crate::capability::Capability;

/// How a call failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The connector returned this error. Its texts are as the connector wrote them: nothing is stripped.
    Failed(contract::Error),
    /// The instance trapped in that function, and why. It is gone.
    Crashed(&'static str, String),
    /// That function took longer than the limit `call-timeout`. The instance is gone.
    TimedOut(&'static str, Duration),
    /// The connector doesn't export this capability.
    Missing(Capability),
}

impl Failure {
    /// The connector's own error, where it returned one.
    pub fn error(&self) -> Option<&contract::Error> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// The kind of the connector's own error.
    pub fn kind(&self) -> Option<contract::ErrorKind> {
        self.error().map(|error| error.kind)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "{}: {error}", error.kind),
            Self::Crashed(function, reason) => {
                write!(f, "the connector crashed in `{function}`: {reason}")
            }
            Self::TimedOut(function, limit) => {
                write!(f, "`{function}` did not return within {limit:?}")
            }
            Self::Missing(capability) => {
                write!(f, "the connector does not export `{capability}`")
            }
        }
    }
}

impl std::error::Error for Failure {}
