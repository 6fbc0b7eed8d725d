//! Records as JSON, an object a line: inside one array, or as NDJSON.

use std::io::{self, Write};

use tenon_model::{Entity, PropertyType, Related};

use super::{Columns, RecordWriter, Written};
use crate::text::json;

/// Appends a record as one JSON object: its declared properties in the columns' order, then the others, and then
/// what its relations lead to.
pub fn object(record: &Entity, columns: &Columns, out: &mut String) {
    let declared = columns
        .iter()
        .filter_map(|column| Some((column.name.as_str(), record.get(&column.name)?, column.kind)));
    let others = columns
        .others(record)
        .map(|(name, value)| (name, value, PropertyType::Any));
    out.push('{');
    for (index, (name, value, kind)) in declared.chain(others).enumerate() {
        if index > 0 {
            out.push(',');
        }
        json::write_text(name, out);
        out.push(':');
        json::write(value, kind, out);
    }
    for (name, related) in record.relations() {
        if !out.ends_with('{') {
            out.push(',');
        }
        json::write_text(name, out);
        out.push(':');
        self::related(related, columns.related(name), out);
    }
    out.push('}');
}

fn related(related: &Related, columns: Option<&Columns>, out: &mut String) {
    let write = |record: &Entity, out: &mut String| match columns {
        Some(columns) => object(record, columns, out),
        None => object(record, &Columns::of_record(record), out),
    };
    match related {
        Related::One(None) => out.push_str("null"),
        Related::One(Some(record)) => write(record, out),
        Related::Many(records) => {
            out.push('[');
            for (index, record) in records.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(record, out);
            }
            out.push(']');
        }
    }
}

/// Writes NDJSON.
pub struct NdjsonWriter<W> {
    columns: Columns,
    out: W,
    line: String,
    records: u64,
}

impl<W: Write> NdjsonWriter<W> {
    pub fn new(columns: Columns, out: W) -> Self {
        Self {
            columns,
            out,
            line: String::new(),
            records: 0,
        }
    }
}

impl<W: Write> RecordWriter for NdjsonWriter<W> {
    fn write(&mut self, record: &Entity) -> io::Result<()> {
        self.line.clear();
        object(record, &self.columns, &mut self.line);
        self.line.push('\n');
        self.records += 1;
        self.out.write_all(self.line.as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Written> {
        self.out.flush()?;
        Ok(Written {
            records: self.records,
            left_out: Vec::new(),
        })
    }
}

/// Writes one JSON array.
pub struct ArrayWriter<W> {
    columns: Columns,
    out: W,
    line: String,
    records: u64,
}

impl<W: Write> ArrayWriter<W> {
    pub fn new(columns: Columns, out: W) -> Self {
        Self {
            columns,
            out,
            line: String::new(),
            records: 0,
        }
    }
}

impl<W: Write> RecordWriter for ArrayWriter<W> {
    fn write(&mut self, record: &Entity) -> io::Result<()> {
        self.line.clear();
        self.line
            .push_str(if self.records == 0 { "[\n" } else { ",\n" });
        object(record, &self.columns, &mut self.line);
        self.records += 1;
        self.out.write_all(self.line.as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Written> {
        self.out
            .write_all(if self.records == 0 { b"[]\n" } else { b"\n]\n" })?;
        self.out.flush()?;
        Ok(Written {
            records: self.records,
            left_out: Vec::new(),
        })
    }
}
