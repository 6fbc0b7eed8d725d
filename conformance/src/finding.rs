//! What a check comes to where it doesn't pass.

use std::fmt::Display;

use tenon_runtime::direct::Failure;

/// Something that a connector does otherwise than it has to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, in a sentence for the connector's author.
    pub message: String,
    /// What should have come of it.
    pub expected: Option<String>,
    /// What came of it.
    pub seen: Option<String>,
    /// What was done, a step a line: the smallest case that shows it.
    pub steps: Vec<String>,
}

/// Why a check ends before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The connector is wrong.
    Failed(Box<Finding>),
    /// The check doesn't apply, and why.
    Skipped(String),
}

/// What a check, or a part of it, returns.
pub type Checked<T = ()> = Result<T, Stop>;

impl Finding {
    /// Something wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            expected: None,
            seen: None,
            steps: Vec::new(),
        }
    }

    /// The same, with what should have come and what came.
    #[must_use]
    pub fn differs(mut self, expected: impl Display, seen: impl Display) -> Self {
        self.expected = Some(expected.to_string());
        self.seen = Some(seen.to_string());
        self
    }

    /// The same, with one more step before those that it has.
    #[must_use]
    pub fn after(mut self, step: impl Display) -> Self {
        self.steps.insert(0, step.to_string());
        self
    }
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Failed(Box::new(finding))
    }
}

impl Stop {
    /// A failure with no more than a message.
    pub fn failed(message: impl Into<String>) -> Self {
        Finding::new(message).into()
    }

    /// A check that doesn't apply.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self::Skipped(reason.into())
    }

    /// The same, with one more step before those that it has, where it is a failure.
    #[must_use]
    pub fn after(self, step: impl Display) -> Self {
        match self {
            Self::Failed(finding) => finding.after(step).into(),
            skipped => skipped,
        }
    }
}

/// A call that had to work failed.
pub fn must<T>(what: &str, called: Result<T, Failure>) -> Checked<T> {
    called.map_err(|failure| {
        Finding::new(format!("`{what}` fails where it has to work"))
            .differs("no error", failure)
            .into()
    })
}

/// Fails with that message unless it holds.
pub fn ensure(holds: bool, finding: impl FnOnce() -> Finding) -> Checked {
    if holds { Ok(()) } else { Err(finding().into()) }
}
