//! Every mistake of a `tenon.toml`, each with its place: for a log line, and for a picture of the text.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One mistake in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The dotted path of the value: `sources.airports.limits.memory`. Empty for the whole document.
    pub place: String,
    /// What is wrong, why, and what to do.
    pub message: String,
    /// The bytes of the text that it is about; none for a document that wasn't read from a text.
    pub span: Option<Range<usize>>,
}

/// Why a configuration can't be used: every mistake at once, and never none.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    path: PathBuf,
    text: String,
    problems: Vec<ConfigProblem>,
}

impl ConfigError {
    /// Mistakes in the text of that file; in the order of the text.
    pub(crate) fn new(
        path: &Path,
        text: impl Into<String>,
        mut problems: Vec<ConfigProblem>,
    ) -> Self {
        problems.sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
        Self {
            path: path.to_owned(),
            text: text.into(),
            problems,
        }
    }

    /// A mistake about the file as a whole, such as that it can't be read.
    pub(crate) fn whole(path: &Path, message: impl Into<String>) -> Self {
        let problem = ConfigProblem {
            place: String::new(),
            message: message.into(),
            span: None,
        };
        Self::new(path, "", vec![problem])
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's text, which the problems' spans point into. The texts of settings are covered with `*`:
    /// a password must not be shown beside a mistake. Empty where there was nothing to read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The mistakes, in the order of the text.
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.problems
    }

    /// The line and column of a byte of the text, both from 1; columns count characters.
    pub fn line_and_column(&self, byte: usize) -> (usize, usize) {
        let before: String = self
            .text
            .char_indices()
            .take_while(|(at, _)| *at < byte)
            .map(|(_, c)| c)
            .collect();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:", self.path.display())?;
            if let Some(span) = &problem.span {
                let (line, column) = self.line_and_column(span.start);
                write!(f, "{line}:{column}:")?;
            }
            if !problem.place.is_empty() {
                write!(f, " {}:", problem.place)?;
            }
            write!(f, " {}", problem.message)?;
        }
        Ok(())
    }
}

// Not derived: the text is long, and settings are in it.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigError({self})")
    }
}

impl std::error::Error for ConfigError {}
