//! Reading from texts, writing to texts.

#![allow(dead_code)] // Each test program uses a part of it.

use std::io::Cursor;

use tenon_cli::input::{Broken, Format, InputError, Options, Record, Records};
use tenon_cli::output::{Columns, OutputFormat, Screen, writer};
use tenon_model::{Entity, Model};

pub fn options(format: Format) -> Options {
    Options {
        format,
        delimiter: b',',
    }
}

pub fn open(text: impl Into<Vec<u8>>, format: Format) -> Result<Records, InputError> {
    Records::new(Cursor::new(text.into()), options(format))
}

/// Everything of an input: its records, and what is broken in it as `line: reason`.
pub fn read(text: impl Into<Vec<u8>>, format: Format) -> (Vec<Record>, Vec<String>) {
    let (mut records, mut broken) = (Vec::new(), Vec::new());
    for item in open(text, format).unwrap() {
        match item {
            Ok(record) => records.push(record),
            Err(error) => broken.push(error.to_string()),
        }
    }
    (records, broken)
}

/// The records of an input without mistakes, as a model reads them.
pub fn entities(text: impl Into<Vec<u8>>, format: Format, model: Option<&Model>) -> Vec<Entity> {
    let items: Result<Vec<Record>, Broken> = open(text, format).unwrap().collect();
    items
        .unwrap()
        .iter()
        .map(|record| record.entity(model).unwrap())
        .collect()
}

/// What is written of records of a model.
pub fn written(records: &[Entity], model: &Model, format: OutputFormat) -> String {
    let mut out = Vec::new();
    let mut writer = writer(
        format,
        Columns::of_model(model, &[]),
        Screen::default(),
        &mut out,
    );
    for record in records {
        writer.write(record).unwrap();
    }
    writer.finish().unwrap();
    String::from_utf8(out).unwrap()
}
