//! A line that isn't a record: where, and why.

use std::fmt;

use tenon_model::Problems;

use super::MAX_RECORD_BYTES;
use crate::text::visible::visible;

/// A record that couldn't be read.
#[derive(Debug)]
pub struct Broken {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a record.
#[derive(Debug)]
pub enum Reason {
    /// It is longer than [`MAX_RECORD_BYTES`].
    TooLong,
    /// It isn't UTF-8 text.
    NotText,
    /// A cell's opening quote has no closing one.
    OpenQuote,
    /// Something stands between a cell's closing quote and the next delimiter.
    AfterQuote,
    /// It has another number of cells than there are names.
    Ragged {
        /// How many names there are.
        names: usize,
        /// How many cells it has.
        cells: usize,
    },
    /// It isn't JSON: why, and in which column of which line.
    Json {
        /// Why.
        message: String,
        /// The line of the mistake.
        line: u64,
        /// The column of the mistake, in bytes from 1.
        column: u64,
    },
    /// It is JSON, and not an object.
    NotAnObject,
    /// It has the same name twice.
    Twice(String),
    /// Its values don't fit the model.
    Unfit(Problems),
    /// The array that holds the records breaks off or goes wrong around them: what was expected.
    Array(&'static str),
    /// Reading failed.
    Read(std::io::Error),
}

impl Broken {
    /// A broken record at a line.
    pub const fn new(line: u64, reason: Reason) -> Self {
        Self { line, reason }
    }

    /// Whether nothing can be read after it.
    pub const fn ends_input(&self) -> bool {
        matches!(self.reason, Reason::Array(_) | Reason::Read(_))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => {
                write!(f, "longer than {} MiB; is a quote or bracket never closed?", MAX_RECORD_BYTES >> 20)
            }
            Self::NotText => f.write_str("not UTF-8 text; convert the file, as with `iconv -f latin1 -t utf-8`"),
            Self::OpenQuote => f.write_str(
                "a quote opens a cell and is never closed; a quote inside a quoted cell is written twice",
            ),
            Self::AfterQuote => f.write_str(
                "text follows a cell's closing quote; a quote inside a quoted cell is written twice",
            ),
            Self::Ragged { names, cells } => {
                write!(f, "{cells} cells where the first line has {names} names")
            }
            Self::Json { message, line, column } => {
                write!(f, "not JSON: {} (line {line}, column {column})", visible(message))
            }
            Self::NotAnObject => f.write_str("not an object; a record is one, as in {\"name\": \"value\"}"),
            Self::Twice(name) => write!(f, "`{}` stands in it twice", visible(name)),
            Self::Unfit(problems) => f.write_str(&visible(&problems.to_string())),
            Self::Array(expected) => f.write_str(expected),
            Self::Read(error) => write!(f, "reading failed: {error}"),
        }
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Unfit(problems) => Some(problems),
            Reason::Read(error) => Some(error),
            _ => None,
        }
    }
}
