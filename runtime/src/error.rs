//! The runtime's one error type: a kind that a program can match on, and a message that a person can act on.
//!
//! A connector's errors become this too. Their texts are untrusted: control characters are gone from them
//! before they are stored here, and a data source strips its secrets.

use std::fmt;

use tenon_model::contract::{self, Aftermath, Effect};
use tenon_model::{Problem, Problems};

use crate::config::{ConfigError, LockError};
use crate::names::DataSourceName;

/// What a fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as a program can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No record, model, data source or connector of that name.
    NotFound,
    /// A unique key holds this value already.
    Duplicate,
    /// Another rule of the backend forbids it.
    Constraint,
    /// A concurrent change, or another holder of a lease, got in between.
    Conflict,
    /// The caller's filter, key or other input is wrong.
    Invalid,
    /// The data don't fit the model; [`Error::problems`] has every failing property.
    Validation,
    /// A grant or a consent is missing, or the backend refuses these credentials.
    Denied,
    /// The backend can't be reached now.
    Unavailable,
    /// A limit is reached for now: the queue, a quota, rows scanned.
    Exhausted,
    /// It took longer than it may.
    Timeout,
    /// Neither the connector nor the runtime can do that.
    Unsupported,
    /// The backend or the connector reports a failure of its own, or its output breaks the contract.
    Backend,
    /// The connector trapped: its session is gone.
    Crashed,
    /// `tenon.toml`, settings, grants or the registry are wrong.
    Configuration,
    /// A file or process of the host's failed.
    Host,
}

impl ErrorKind {
    /// Its name, as in logs and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Duplicate => "duplicate",
            Self::Constraint => "constraint",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Validation => "validation",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Exhausted => "exhausted",
            Self::Timeout => "timeout",
            Self::Unsupported => "unsupported",
            Self::Backend => "backend",
            Self::Crashed => "crashed",
            Self::Configuration => "configuration",
            Self::Host => "host",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<contract::ErrorKind> for ErrorKind {
    fn from(kind: contract::ErrorKind) -> Self {
        use contract::ErrorKind as Contract;
        match kind {
            Contract::NotFound => Self::NotFound,
            Contract::Duplicate => Self::Duplicate,
            Contract::Constraint => Self::Constraint,
            Contract::Conflict => Self::Conflict,
            Contract::Invalid => Self::Invalid,
            Contract::Denied => Self::Denied,
            Contract::Unavailable => Self::Unavailable,
            Contract::Exhausted => Self::Exhausted,
            Contract::Timeout => Self::Timeout,
            Contract::Unsupported => Self::Unsupported,
            Contract::Backend => Self::Backend,
        }
    }
}

/// What went wrong, on what, and what to do.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    remedy: Option<String>,
    code: Option<String>,
    source: Option<DataSourceName>,
    effect: Effect,
    aftermath: Aftermath,
    details: Vec<(String, String)>,
    problems: Problems,
}

impl Error {
    /// An error that has changed nothing.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            remedy: None,
            code: None,
            source: None,
            effect: Effect::Nothing,
            aftermath: Aftermath::Usable,
            details: Vec::new(),
            problems: Problems::new(),
        }))
    }

    /// An error that is made of several problems, each with its place.
    pub fn with_problems(kind: ErrorKind, message: impl Into<String>, problems: Problems) -> Self {
        let mut error = Self::new(kind, message);
        error.0.problems = problems;
        error
    }

    /// A failure of a file or process of the host's.
    pub fn host(doing: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Host, format!("{doing}: {cause}"))
    }

    /// The same error with what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// The same error, of that data source.
    #[must_use]
    pub fn at(mut self, source: &DataSourceName) -> Self {
        self.0.source.get_or_insert_with(|| source.clone());
        self
    }

    /// The same error, its message beginning with the thing that it is about.
    #[must_use]
    pub(crate) fn about(mut self, thing: impl fmt::Display) -> Self {
        self.0.message = format!("{thing}: {}", self.0.message);
        self
    }

    /// The same error with something that explains it, and what to do about that.
    #[must_use]
    pub(crate) fn noted(mut self, note: &str, remedy: Option<String>) -> Self {
        self.0.message = format!("{}; {}", self.0.message, without_controls(note));
        self.0.remedy = match (remedy, self.0.remedy.take()) {
            (Some(new), Some(old)) => Some(format!("{new}; {old}")),
            (new, old) => new.or(old),
        };
        self
    }

    /// The same error, of another kind.
    #[must_use]
    pub(crate) fn kind_is(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error with what the failed call has changed.
    #[must_use]
    pub fn effect_is(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// The same error with what is left of the session.
    #[must_use]
    pub(crate) fn aftermath_is(mut self, aftermath: Aftermath) -> Self {
        self.0.aftermath = aftermath;
        self
    }

    /// The same error with one more detail.
    #[must_use]
    pub fn detail_of(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.0.details.push((name.into(), value.to_string()));
        self
    }

    /// The same error, its texts changed by `clean`, which strips what must not be shown, and then cut: a cut
    /// secret would not be recognised.
    #[must_use]
    pub(crate) fn cleaned(mut self, clean: impl Fn(&str) -> String) -> Self {
        let clean = |text: &str| cut(clean(text));
        self.0.message = clean(&self.0.message);
        self.0.remedy = self.0.remedy.as_deref().map(&clean);
        self.0.code = self.0.code.as_deref().map(&clean);
        let mut problems = Problems::new();
        for problem in self.0.problems.iter() {
            problems.push(clean(&problem.place), clean(&problem.message));
        }
        self.0.problems = problems;
        for (name, value) in &mut self.0.details {
            *name = clean(name);
            *value = clean(value);
        }
        self
    }

    /// What went wrong, for a program.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, for a person, without the remedy.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where that is known.
    pub fn remedy_text(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// The backend's own code, such as an SQLSTATE.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The data source whose session failed.
    pub fn data_source(&self) -> Option<&DataSourceName> {
        self.0.source.as_ref()
    }

    /// What the failed call has changed.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// What is left of the session after the failed call.
    pub(crate) fn aftermath(&self) -> Aftermath {
        self.0.aftermath
    }

    /// The first detail of that name: `property`, `constraint`, `index`, `retry-after`.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.0
            .details
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every mistake in the input, each with its place; empty where the message says it all.
    pub fn problems(&self) -> &Problems {
        &self.0.problems
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.0.source {
            write!(f, "data source {source}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(code) = &self.0.code {
            write!(f, " ({code})")?;
        }
        if !self.0.problems.is_empty() {
            write!(f, ": {}", self.0.problems)?;
        }
        if let Some(remedy) = &self.0.remedy {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}, {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

impl From<contract::Error> for Error {
    fn from(error: contract::Error) -> Self {
        Self(Box::new(Inner {
            kind: error.kind.into(),
            message: without_controls(&error.message),
            remedy: None,
            code: error.code.as_deref().map(without_controls),
            source: None,
            effect: error.effect,
            aftermath: error.aftermath,
            details: error
                .details
                .iter()
                .take(MAX_DETAILS)
                .map(|(name, value)| (without_controls(name), without_controls(value)))
                .collect(),
            problems: Problems::new(),
        }))
    }
}

/// More details than this say nothing more to anybody.
const MAX_DETAILS: usize = 64;

/// The longest text of a connector's that is kept, in bytes: a person reads no more, and a log holds many.
const MAX_TEXT: usize = 8 * 1024;

/// A connector's text without control characters, so that it can't steer a terminal or forge log lines, and
/// of bounded length.
pub(crate) fn printable(text: &str) -> String {
    cut(without_controls(text))
}

/// Text with spaces for its control characters.
pub(crate) fn without_controls(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        text.push('…');
    }
    text
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::from(Problems::from(problem))
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::with_problems(ErrorKind::Invalid, "the request is wrong", problems)
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let mut problems = Problems::new();
        for problem in error.problems() {
            problems.push(problem.place.clone(), problem.message.clone());
        }
        let file = error.path().display();
        Self::with_problems(
            ErrorKind::Configuration,
            format!("{file} is wrong"),
            problems,
        )
    }
}

impl From<LockError> for Error {
    fn from(error: LockError) -> Self {
        Self::new(ErrorKind::Configuration, error.to_string())
    }
}
