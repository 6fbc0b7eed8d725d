//! Showing results: for people as they read best, in the formats of `--output` for programs.
//!
//! Whoever closes the other end of the pipe has seen enough: that is success.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use tenon_model::{Entity, Model, PropertyType, Query, Value};
use tenon_runtime::Runtime;

use super::context::Context;
use crate::exit;
use crate::output::{Columns, OutputFormat, Screen, Written, write_one, writer};
use crate::report::Report;
use crate::text::visible::visible_lines;

/// How much is collected before it is written.
const BUFFER_BYTES: usize = 64 << 10;

/// The standard output, buffered.
pub fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock())
}

/// Writes a text to the standard output, and ends the command.
pub fn print(text: &str) -> Result<u8, Report> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    unless_closed(written)?;
    Ok(exit::OK)
}

/// Says something on the standard error.
pub fn note(text: &str) {
    // There is nowhere left to say that this failed.
    let _ = writeln!(io::stderr().lock(), "{}", visible_lines(text));
}

/// What writing to the standard output came to; nothing where nobody reads it any more.
pub fn unless_closed<T>(result: io::Result<T>) -> Result<Option<T>, Report> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
        Err(error) => Err(Report::new(
            exit::FAILURE,
            format!("writing to the standard output failed: {error}"),
        )),
    }
}

/// The columns of a query's records.
///
/// # Errors
/// A format that has no place for the relations that it loads.
pub fn columns(
    runtime: &Runtime,
    model: &Model,
    query: &Query,
    format: OutputFormat,
) -> Result<Columns, Report> {
    if format == OutputFormat::Csv && !query.include.is_empty() {
        return Err(
            Report::new(exit::USAGE, "CSV has no place for related records")
                .help("use --output json or ndjson, or leave --include out"),
        );
    }
    let models = runtime.config().models.iter();
    let models: BTreeMap<String, &Model> = models
        .map(|(name, attached)| (name.clone(), &attached.model))
        .collect();
    Ok(Columns::of_query(model, query, &models))
}

/// Warns of what had no column.
pub fn warn_left_out(written: &Written) {
    if !written.left_out.is_empty() {
        note(&format!(
            "not shown, for want of room or of a column: {}; --output json shows everything",
            written.left_out.join(", ")
        ));
    }
}

/// Shows one record: as a property a line, unless another format is asked for.
pub fn one(record: &Entity, columns: Columns, context: &Context) -> Result<u8, Report> {
    let format = context.output().unwrap_or(OutputFormat::Table);
    unless_closed(write_one(
        record,
        format,
        columns,
        Screen::stdout(),
        stdout(),
    ))?;
    Ok(exit::OK)
}

/// Shows records that are all there: as a table, unless another format is asked for.
pub fn all(records: &[Entity], columns: Columns, context: &Context) -> Result<u8, Report> {
    all_as(
        records,
        columns,
        context.output().unwrap_or(OutputFormat::Table),
    )
}

/// Shows records that are all there, in that format.
pub fn all_as(records: &[Entity], columns: Columns, format: OutputFormat) -> Result<u8, Report> {
    let mut writer = writer(format, columns, Screen::stdout(), stdout());
    let written = records
        .iter()
        .try_for_each(|record| writer.write(record))
        .and_then(|()| writer.finish());
    if let Some(written) = unless_closed(written)? {
        warn_left_out(&written);
    }
    Ok(exit::OK)
}

/// Shows how many records there were: as a sentence, unless a format for programs is asked for.
pub fn number(
    name: &'static str,
    number: u64,
    sentence: &str,
    context: &Context,
) -> Result<u8, Report> {
    match context.output() {
        None | Some(OutputFormat::Table) => print(&format!("{sentence}\n")),
        Some(_) => {
            let number = Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
            one(
                &Entity::new().with(name, number),
                Columns::of([(name, PropertyType::Integer)]),
                context,
            )
        }
    }
}

/// So many of something, in words.
pub fn records(count: u64) -> String {
    match count {
        1 => "1 record".to_owned(),
        _ => format!("{count} records"),
    }
}

/// A list of texts as one value.
pub fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    Value::Json(serde_json::Value::from(items).to_string())
}
