//! CSV as RFC 4180 has it, and as it is found: any line break, quotes inside bare cells, another delimiter.
//!
//! The first line has the names. A quote that is never closed would swallow the rest of the file, so a record
//! whose quotes are wrong is broken in its first line alone, and reading goes on with the second. Read by hand
//! and not by a library, because of that, of the bound on its length, and because `""` differs from nothing.

use std::collections::HashMap;
use std::sync::Arc;

use tenon_model::Problems;

use super::lines::{Lines, Outcome};
use super::{Broken, InputError, Reason, Record, Source};
use crate::text::cell::Cell;
use crate::text::visible::visible;

/// Reads CSV.
pub struct CsvReader {
    lines: Lines,
    names: Arc<[String]>,
    delimiter: u8,
    text: Vec<u8>,
    ended: bool,
}

/// What stands in a file between two records' ends.
struct Row {
    line: u64,
    cells: Vec<Cell>,
}

impl CsvReader {
    /// Reads the names.
    pub fn new(source: Source, delimiter: u8) -> Result<Self, InputError> {
        let mut reader = Self {
            lines: Lines::new(source),
            names: Arc::default(),
            delimiter,
            text: Vec::new(),
            ended: false,
        };
        let row = match reader.row() {
            None => return Err(InputError::Empty),
            Some(Ok(row)) => row,
            Some(Err(Broken {
                reason: Reason::Read(error),
                ..
            })) => return Err(InputError::Read(error)),
            Some(Err(broken)) => {
                return Err(InputError::Names(Problems::from(problem(
                    "line 1",
                    &broken.reason,
                ))));
            }
        };
        reader.names = names(row.cells)?;
        Ok(reader)
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn next(&mut self) -> Option<Result<Record, Broken>> {
        let row = match self.row()? {
            Ok(row) => row,
            Err(broken) => return Some(Err(broken)),
        };
        let (names, cells) = (self.names.len(), row.cells.len());
        Some(if names == cells {
            Ok(Record::of_cells(
                row.line,
                self.text.len(),
                Arc::clone(&self.names),
                row.cells,
            ))
        } else {
            Err(Broken::new(row.line, Reason::Ragged { names, cells }))
        })
    }

    /// The next row that isn't an empty line.
    fn row(&mut self) -> Option<Result<Row, Broken>> {
        while !self.ended {
            self.text.clear();
            let mut parser = Parser::new(self.delimiter);
            let first = self.lines.line() + 1;
            let mut first_length = 0;
            let outcome = loop {
                let start = self.text.len();
                let outcome = match self.lines.read(&mut self.text) {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        self.ended = true;
                        return Some(Err(Broken::new(self.lines.line() + 1, Reason::Read(error))));
                    }
                };
                match outcome {
                    Outcome::End if start == 0 => {
                        self.ended = true;
                        return None;
                    }
                    Outcome::End => break Err(Reason::OpenQuote),
                    Outcome::TooLong => break Err(Reason::TooLong),
                    Outcome::Line => {}
                }
                if start == 0 {
                    first_length = self.text.len();
                }
                match parser.line(self.text.get(start..).unwrap_or_default()) {
                    Ok(Progress::Complete) => break Ok(()),
                    Ok(Progress::Inside) => {}
                    Err(reason) => break Err(reason),
                }
            };
            match outcome {
                Ok(()) if is_line_break(&self.text) => {}
                Ok(()) => {
                    return Some(match parser.into_cells() {
                        Some(cells) => Ok(Row { line: first, cells }),
                        None => Err(Broken::new(first, Reason::NotText)),
                    });
                }
                Err(reason) => return Some(Err(self.recover(first, first_length, reason))),
            }
        }
        None
    }

    /// Goes back to the end of the broken record's first line.
    fn recover(&mut self, first: u64, first_length: usize, reason: Reason) -> Broken {
        if first_length == 0 {
            // Its first line alone is too long.
            if let Err(error) = self.lines.skip_rest() {
                self.ended = true;
                return Broken::new(first, Reason::Read(error));
            }
        } else {
            self.lines
                .give_back(self.text.get(first_length..).unwrap_or_default(), first);
        }
        Broken::new(first, reason)
    }
}

fn is_line_break(text: &[u8]) -> bool {
    matches!(text, b"\n" | b"\r\n" | b"\r")
}

/// The names of a first line: there, and each of them once.
fn names(cells: Vec<Cell>) -> Result<Arc<[String]>, InputError> {
    let mut problems = Problems::new();
    let mut seen = HashMap::new();
    let mut names = Vec::with_capacity(cells.len());
    for (index, cell) in cells.into_iter().enumerate() {
        let place = format!("column {}", index + 1);
        let name = if cell.quoted {
            cell.text
        } else {
            cell.text.trim().to_owned()
        };
        if name.contains('\r') {
            problems.push(&place, "lines end with a carriage return alone; convert the file, as with `tr '\\r' '\\n'`");
        } else if name.is_empty() {
            problems.push(
                &place,
                "has no name in the first line; name it or take it out",
            );
        } else if let Some(other) = seen.insert(name.clone(), index + 1) {
            problems.push(
                &place,
                format!(
                    "has the name `{}`, as column {other} does; rename one",
                    visible(&name)
                ),
            );
        }
        names.push(name);
    }
    problems.none_or(names.into()).map_err(InputError::Names)
}

fn problem(place: &str, reason: &Reason) -> tenon_model::Problem {
    tenon_model::Problem::new(place, reason.to_string())
}

/// Where in a cell the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At its beginning, or in a bare one, which ends with the line.
    Start,
    /// In a quoted one.
    Quoted,
    /// Behind a quote in a quoted one: its end, or the first of two.
    Quote,
}

/// All but the first byte.
fn behind(rest: &[u8]) -> &[u8] {
    rest.get(1..).unwrap_or_default()
}

/// Whether a row is complete.
enum Progress {
    Complete,
    Inside,
}

/// Takes a row apart, line by line.
struct Parser {
    delimiter: u8,
    state: State,
    cells: Vec<(Vec<u8>, bool)>,
    cell: Vec<u8>,
    quoted: bool,
}

impl Parser {
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: State::Start,
            cells: Vec::new(),
            cell: Vec::new(),
            quoted: false,
        }
    }

    /// Goes through one more line, with its line break.
    fn line(&mut self, line: &[u8]) -> Result<Progress, Reason> {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let mut rest = content;
        while let Some(first) = rest.first() {
            rest = match (self.state, *first) {
                (State::Quoted, _) => match self.take_to(b'"', rest) {
                    Some(rest) => {
                        self.state = State::Quote;
                        rest
                    }
                    None => break,
                },
                (State::Quote, b'"') => {
                    self.cell.push(b'"');
                    self.state = State::Quoted;
                    behind(rest)
                }
                (State::Quote, byte) if byte == self.delimiter => {
                    self.end_cell();
                    behind(rest)
                }
                (State::Quote, _) => return Err(Reason::AfterQuote),
                (State::Start, b'"') => {
                    self.quoted = true;
                    self.state = State::Quoted;
                    behind(rest)
                }
                (State::Start, _) => match self.take_to(self.delimiter, rest) {
                    Some(rest) => {
                        self.end_cell();
                        rest
                    }
                    None => break,
                },
            };
        }
        if self.state == State::Quoted {
            // The line break belongs to the cell, as it is.
            self.cell.extend(line.iter().skip(content.len()));
            return Ok(Progress::Inside);
        }
        self.end_cell();
        Ok(Progress::Complete)
    }

    /// Takes what stands before that byte into the cell, and gives what stands behind it; none where it isn't there.
    fn take_to<'a>(&mut self, byte: u8, rest: &'a [u8]) -> Option<&'a [u8]> {
        let end = memchr::memchr(byte, rest);
        let (taken, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.cell.extend_from_slice(taken);
        end.map(|_| behind(rest))
    }

    fn end_cell(&mut self) {
        self.cells
            .push((std::mem::take(&mut self.cell), self.quoted));
        self.quoted = false;
        self.state = State::Start;
    }

    /// The cells; none where one isn't UTF-8.
    fn into_cells(self) -> Option<Vec<Cell>> {
        self.cells
            .into_iter()
            .map(|(bytes, quoted)| {
                Some(Cell {
                    text: String::from_utf8(bytes).ok()?,
                    quoted,
                })
            })
            .collect()
    }
}
