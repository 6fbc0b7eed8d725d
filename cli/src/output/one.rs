//! A single record, for reading: a property a line. For programs, one JSON object or a CSV of one row.

use std::io::{self, Write};

use tenon_model::Entity;
use unicode_width::UnicodeWidthStr;

use super::table::{cut, shown};
use super::{Columns, OutputFormat, Screen, json, writer};
use crate::text::visible::visible;

/// Writes one record.
///
/// # Errors
/// As the output's.
pub fn write_one(
    record: &Entity,
    format: OutputFormat,
    mut columns: Columns,
    screen: Screen,
    mut out: impl Write,
) -> io::Result<()> {
    match format {
        OutputFormat::Csv => {
            let mut csv = writer(format, columns, screen, out);
            csv.write(record)?;
            csv.finish().map(|_| ())
        }
        OutputFormat::Json | OutputFormat::Ndjson => {
            let mut line = String::new();
            json::object(record, &columns, &mut line);
            line.push('\n');
            out.write_all(line.as_bytes())?;
            out.flush()
        }
        OutputFormat::Table => {
            columns.widen(record);
            let width = columns
                .iter()
                .map(|column| visible(&column.name).width())
                .max()
                .unwrap_or(0);
            for column in columns.iter() {
                let Some(value) = Columns::value(column, record) else {
                    continue;
                };
                let name = visible(&column.name);
                let space = " ".repeat(width - name.width().min(width));
                let line = format!("{name}{space}  {}", shown(Some(&value)));
                let line = match screen.width {
                    Some(width) => cut(line, width),
                    None => line,
                };
                writeln!(out, "{}", line.trim_end())?;
            }
            out.flush()
        }
    }
}
