//! Records for people and programs: a table, JSON, NDJSON or CSV, written as they come.
//!
//! Nothing is collected but the first rows of a table, and of an open model's CSV, which say what the columns
//! are. What `json`, `ndjson` and `csv` write, [`crate::input`] reads back the same.

mod columns;
mod csv;
mod json;
mod one;
mod table;
mod waiting;

pub use columns::{Column, Columns, kind_of};
pub use one::write_one;

use std::io::{self, Write};

use tenon_model::Entity;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OutputFormat {
    /// Columns for reading; long cells are cut to the terminal's width.
    Table,
    /// One array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// Comma-separated values, the names in the first line; nested values as JSON text.
    Csv,
}

impl OutputFormat {
    /// The format that a file's name tells.
    pub fn of_path(path: &std::path::Path) -> Option<Self> {
        crate::input::Format::of_path(path).map(|format| match format {
            crate::input::Format::Csv => Self::Csv,
            crate::input::Format::Json => Self::Json,
            crate::input::Format::Ndjson => Self::Ndjson,
        })
    }
}

/// Where the output goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// The terminal's width in columns; none where it is a file or pipe.
    pub width: Option<usize>,
}

impl Screen {
    /// The standard output as it is.
    pub fn stdout() -> Self {
        use std::io::IsTerminal;
        let stdout = io::stdout();
        let width =
            || terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
        Self {
            width: stdout
                .is_terminal()
                .then(|| width().unwrap_or(DEFAULT_WIDTH)),
        }
    }
}

/// The width of a terminal that doesn't tell.
const DEFAULT_WIDTH: usize = 80;

/// Writes records of one shape, one after the other.
pub trait RecordWriter {
    /// Writes one more record.
    ///
    /// # Errors
    /// As the output's.
    fn write(&mut self, record: &Entity) -> io::Result<()>;

    /// Writes what is left, and says what was written.
    ///
    /// # Errors
    /// As the output's.
    fn finish(self: Box<Self>) -> io::Result<Written>;
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many records.
    pub records: u64,
    /// Properties that had no column of their own, so that their values are missing: some of their names.
    pub left_out: Vec<String>,
}

/// A writer for records of these columns.
pub fn writer<'a>(
    format: OutputFormat,
    columns: Columns,
    screen: Screen,
    out: impl Write + 'a,
) -> Box<dyn RecordWriter + 'a> {
    match format {
        OutputFormat::Table => Box::new(table::TableWriter::new(columns, screen, out)),
        OutputFormat::Json => Box::new(json::ArrayWriter::new(columns, out)),
        OutputFormat::Ndjson => Box::new(json::NdjsonWriter::new(columns, out)),
        OutputFormat::Csv => Box::new(csv::CsvWriter::new(columns, screen, out)),
    }
}
