//! What can go wrong with a private server.

use std::fmt;
use std::path::Path;

/// The result of the harness.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a server isn't there.
#[derive(Clone, Debug)]
pub enum Error {
    /// A program isn't installed.
    Missing {
        /// The program's name.
        program: String,
        /// What to type to have it.
        remedy: &'static str,
    },
    /// Something failed: what, why, and the last that the server said.
    Failed(String),
}

impl Error {
    pub(crate) fn io(what: &str, path: &Path, cause: &std::io::Error) -> Self {
        Self::Failed(format!("{what} {}: {cause}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { program, remedy } => {
                write!(formatter, "{program} is not installed: {remedy}")
            }
            Self::Failed(message) => formatter.write_str(message),
        }
    }
}

impl std::error::Error for Error {}
