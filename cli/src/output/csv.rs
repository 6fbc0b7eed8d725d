//! Records as CSV. Null is an empty cell, the empty text is `""`.
//!
//! A CSV's columns stand in its first line, so an open model's are those of its first records; what later ones
//! have beside them is left out, and named at the end.

use std::io::{self, Write};

use tenon_model::{Entity, Value};

use super::waiting::Waiting;
use super::{Columns, RecordWriter, Screen, Written};
use crate::text::cell;
use crate::text::visible::visible;

/// Writes CSV.
pub struct CsvWriter<W> {
    columns: Columns,
    /// Whether hidden characters are shown as escapes, since a terminal would obey them.
    escape: bool,
    out: W,
    /// The first records of an open model, until the columns are known.
    waiting: Waiting,
    started: bool,
    line: String,
    written: Written,
}

impl<W: Write> CsvWriter<W> {
    pub fn new(columns: Columns, screen: Screen, out: W) -> Self {
        Self {
            columns,
            escape: screen.width.is_some(),
            out,
            waiting: Waiting::default(),
            started: false,
            line: String::new(),
            written: Written::default(),
        }
    }

    /// Writes the names, and the records that waited for them.
    fn start(&mut self) -> io::Result<()> {
        self.started = true;
        self.line.clear();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                self.line.push(',');
            }
            let trimmed = column.name.trim() == column.name;
            push_cell(&column.name, !trimmed, self.escape, &mut self.line);
        }
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())?;
        for record in self.waiting.take() {
            self.row(&record)?;
        }
        Ok(())
    }

    fn row(&mut self, record: &Entity) -> io::Result<()> {
        self.line.clear();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                self.line.push(',');
            }
            if let Some(text) = cell::write(
                record.get(&column.name).unwrap_or(&Value::Null),
                column.kind,
            ) {
                push_cell(&text, text.is_empty(), self.escape, &mut self.line);
            }
        }
        if self.line.is_empty() {
            // An empty line would be no record at all.
            self.line.push_str("\"\"");
        }
        self.line.push('\n');
        self.columns
            .note_left_out(record, &mut self.written.left_out);
        self.written.records += 1;
        self.out.write_all(self.line.as_bytes())
    }
}

impl<W: Write> RecordWriter for CsvWriter<W> {
    fn write(&mut self, record: &Entity) -> io::Result<()> {
        if !self.started && self.columns.is_open() {
            self.columns.widen(record);
            return if self.waiting.push(record.clone()) {
                self.start()
            } else {
                Ok(())
            };
        }
        if !self.started {
            self.start()?;
        }
        self.row(record)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Written> {
        if !self.started {
            self.start()?;
        }
        self.out.flush()?;
        Ok(self.written)
    }
}

fn push_cell(text: &str, quote: bool, escape: bool, line: &mut String) {
    let text = if escape { visible(text) } else { text.into() };
    if quote || text.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&text);
    }
}
