//! The runtime's errors as failures of a command: the message, every mistake with its place, the remedy, and the
//! exit code that the kind has.

use tenon_model::Problems;
use tenon_model::contract::Effect;
use tenon_runtime::config::ConfigError;
use tenon_runtime::{Error, ErrorKind};

use super::Report;
use crate::exit;

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Report {
    fn from(error: &Error) -> Self {
        without_problems(error).problems(error.problems())
    }
}

impl Report {
    /// A failure whose mistakes are in a JSON text of the user's, shown in the text where they stand.
    pub fn in_json(error: &Error, name: &str, text: &str) -> Self {
        without_problems(error).problems_in_json(name, text, error.problems())
    }

    /// Mistakes in a filter that was given alone: their places begin with `where`, which isn't in the text.
    #[must_use]
    pub fn problems_in_filter(self, text: &str, problems: &Problems) -> Self {
        let mut inner = Problems::new();
        for problem in problems.iter() {
            let place = problem.place.as_str();
            let place = place.strip_prefix("where").unwrap_or(place);
            inner.push(place.strip_prefix('.').unwrap_or(place), &problem.message);
        }
        self.problems_in_json("--where", text, &inner)
    }

    /// A failure for which a filter, that was given alone, may be the reason.
    pub fn in_filter(error: &Error, text: &str) -> Self {
        without_problems(error).problems_in_filter(text, error.problems())
    }
}

fn without_problems(error: &Error) -> Report {
    let mut message = String::new();
    if let Some(source) = error.data_source() {
        message = format!("data source {source}: ");
    }
    message.push_str(error.message());
    if let Some(code) = error.code() {
        message.push_str(&format!(" ({code})"));
    }
    let mut report = Report::new(exit_code(error.kind()), message);
    if let Some(remedy) = error.remedy_text() {
        report = report.help(remedy);
    }
    match error.effect() {
        Effect::Nothing => report,
        Effect::Partial => report.also("a part of it was done before it failed"),
        Effect::Unknown => report.also("whether it was done isn't known: look before trying again"),
    }
}

/// The exit code for errors of that kind.
pub const fn exit_code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::NotFound => exit::NOT_FOUND,
        ErrorKind::Duplicate | ErrorKind::Conflict => exit::CONFLICT,
        ErrorKind::Constraint | ErrorKind::Invalid | ErrorKind::Validation => exit::INVALID,
        ErrorKind::Denied => exit::DENIED,
        ErrorKind::Unavailable | ErrorKind::Exhausted | ErrorKind::Timeout => exit::UNAVAILABLE,
        ErrorKind::Configuration => exit::USAGE,
        _ => exit::FAILURE,
    }
}

impl From<ConfigError> for Report {
    fn from(error: ConfigError) -> Self {
        let path = error.path().display().to_string();
        let mut report =
            Self::new(exit::USAGE, format!("{path} is wrong")).text(&path, error.text());
        let mut others = Problems::new();
        for problem in error.problems() {
            match &problem.span {
                Some(span) => report = report.mark(span.clone(), &problem.message),
                None => others.push(&problem.place, &problem.message),
            }
        }
        report.problems(&others)
    }
}
