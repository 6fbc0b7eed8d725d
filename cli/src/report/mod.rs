//! Failures as the user sees them: what failed, where in the text, what to do, and the exit code.
//!
//! Everything that is wrong is shown at once. Messages may quote records and backends, so what a terminal would
//! obey is written out in them.

mod locate;
mod runtime;

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, NamedSource, ReportHandler, SourceCode};
use tenon_model::{Problem, Problems};

use crate::exit;
use crate::input::{Broken, InputError, Location, Reason};
use crate::text::visible::visible_lines;

/// The widest that a report is set.
const MAX_WIDTH: usize = 100;

/// Why a command failed.
#[derive(Debug)]
pub struct Report(Box<Parts>);

/// In a box, so that a `Result` with a report stays small.
#[derive(Debug)]
struct Parts {
    exit: u8,
    message: String,
    help: Option<String>,
    text: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    problems: Vec<String>,
}

impl Report {
    /// A failure with its exit code: what failed, on what, and why.
    pub fn new(exit: u8, message: impl AsRef<str>) -> Self {
        Self(Box::new(Parts {
            exit,
            message: visible_lines(message.as_ref()).into_owned(),
            help: None,
            text: None,
            labels: Vec::new(),
            problems: Vec::new(),
        }))
    }

    /// The same failure with what to do.
    #[must_use]
    pub fn help(mut self, help: impl AsRef<str>) -> Self {
        self.0.help = Some(visible_lines(help.as_ref()).into_owned());
        self
    }

    /// The same failure with more to do, or to know, beside it.
    #[must_use]
    pub fn also(mut self, more: impl AsRef<str>) -> Self {
        let more = visible_lines(more.as_ref());
        self.0.help = Some(match self.0.help {
            Some(help) => format!("{help}\n{more}"),
            None => more.into_owned(),
        });
        self
    }

    /// The same failure in other words.
    #[must_use]
    pub fn says(mut self, message: impl AsRef<str>) -> Self {
        self.0.message = visible_lines(message.as_ref()).into_owned();
        self
    }

    /// The same failure with another exit code.
    #[must_use]
    pub fn exits(mut self, exit: u8) -> Self {
        self.0.exit = exit;
        self
    }

    /// The same failure with everything that is wrong.
    #[must_use]
    pub fn problems(mut self, problems: &Problems) -> Self {
        self.0.problems.extend(problems.iter().map(shown));
        self
    }

    /// The same failure with everything that is wrong in a JSON text, shown in the text where it stands.
    #[must_use]
    pub fn problems_in_json(self, name: &str, text: &str, problems: &Problems) -> Self {
        let marks = problems.iter().map(|problem| {
            (
                problem.message.as_str(),
                problem,
                locate::locate(text, &problem.place),
            )
        });
        let marks: Vec<_> = marks.collect();
        let mut report = self.text(name, text);
        for (message, problem, span) in marks {
            report = match span {
                Some(span) => report.mark(span, message),
                None => {
                    report.0.problems.push(shown(problem));
                    report
                }
            };
        }
        report
    }

    /// The same failure with the text that its marks point into.
    #[must_use]
    pub fn text(mut self, name: impl AsRef<str>, text: impl Into<String>) -> Self {
        self.0.text = Some(NamedSource::new(name, text.into()));
        self
    }

    /// The same failure with a mark at those bytes of the text.
    #[must_use]
    pub fn mark(mut self, span: Range<usize>, message: impl AsRef<str>) -> Self {
        self.0
            .labels
            .push(LabeledSpan::at(span, visible_lines(message.as_ref())));
        self
    }

    /// What to do about it.
    pub fn remedy(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The program's exit code.
    pub const fn exit(&self) -> u8 {
        self.0.exit
    }

    /// Shows it on the standard error.
    pub fn print(&self) {
        let stderr = io::stderr();
        let is_terminal = stderr.is_terminal();
        let width = terminal_size::terminal_size_of(&stderr)
            .map_or(MAX_WIDTH, |(width, _)| usize::from(width.0));
        let text = self.rendered(is_terminal, width.min(MAX_WIDTH));
        // There is nowhere left to say that this failed.
        let _ = writeln!(stderr.lock(), "{}", text.trim_end());
    }

    /// As text; with colours and links for a terminal.
    pub fn rendered(&self, terminal: bool, width: usize) -> String {
        let handler = miette::MietteHandlerOpts::new()
            .width(width)
            .terminal_links(false)
            // A word that is cut in two can't be copied.
            .break_words(false)
            .unicode(true);
        let handler = if terminal {
            handler
        } else {
            handler.color(false)
        };
        struct Shown<'a>(miette::MietteHandler, &'a Report);
        impl fmt::Display for Shown<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.debug(self.1, f)
            }
        }
        Shown(handler.build(), self).to_string()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0
            .problems
            .iter()
            .try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for Report {}

fn shown(problem: &Problem) -> String {
    visible_lines(&problem.to_string()).into_owned()
}

impl Diagnostic for Report {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0
            .help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0
            .text
            .as_ref()
            .filter(|_| !self.0.labels.is_empty())
            .map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.0.labels.is_empty())
            .then(|| Box::new(self.0.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }
}

impl InputError {
    /// As a failure of reading that input.
    pub fn report(&self, location: &Location) -> Report {
        let exit = match self {
            Self::UnknownFormat(_) | Self::Folder(_) => exit::USAGE,
            Self::Open(_, error) if error.kind() == io::ErrorKind::NotFound => exit::NOT_FOUND,
            Self::Open(..) | Self::Read(_) => exit::FAILURE,
            Self::Empty | Self::Encoding(..) | Self::Names(_) | Self::NotAnArray { .. } => {
                exit::INVALID
            }
        };
        match self {
            Self::Open(..) | Self::Folder(_) | Self::UnknownFormat(_) => {
                Report::new(exit, self.to_string())
            }
            Self::Names(problems) => Report::new(
                exit,
                format!("{location}: the first line isn't usable as names"),
            )
            .problems(problems),
            _ => Report::new(exit, format!("{location}: {self}")),
        }
    }
}

impl Broken {
    /// As a failure of reading that input.
    pub fn report(&self, location: &Location) -> Report {
        match &self.reason {
            Reason::Unfit(problems) => {
                let message = format!(
                    "{location}, line {}: the record doesn't fit the model",
                    self.line
                );
                Report::new(exit::INVALID, message).problems(problems)
            }
            Reason::Read(_) => Report::new(exit::FAILURE, format!("{location}, {self}")),
            _ => Report::new(exit::INVALID, format!("{location}, {self}")),
        }
    }
}

#[cfg(test)]
mod tests;
