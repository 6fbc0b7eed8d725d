//! Records from files and pipes: CSV, JSON and NDJSON, read as they stream.
//!
//! One record is in memory at a time, and none may be longer than [`MAX_RECORD_BYTES`]. A broken line is an
//! item of its own ([`Broken`]), with its number and the reason, and the reader goes on with the next one; only
//! a file that can't be read at all is an [`InputError`].

mod array;
mod broken;
mod csv;
mod lines;
mod ndjson;
mod open;
mod opened;
mod record;

pub use broken::{Broken, Reason};
pub use open::{Format, InputError, Location, Meter, Options};
pub use opened::Opened;
pub use record::{Field, Origin, Record};

use std::io::BufRead;

/// The longest record in bytes, the line breaks in it included. Longer ones are reported and left out.
///
/// Generous for a document with embedded images, and small enough for a machine of any size.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// The records of an input, in their order. After an error that ends the input there is no further item.
pub struct Records(Reader);

enum Reader {
    Csv(csv::CsvReader),
    Json(array::ArrayReader),
    Ndjson(ndjson::NdjsonReader),
}

/// What the readers read from.
type Source = Box<dyn BufRead + Send>;

impl Records {
    /// Reads a stream. Its first bytes are read at once, for the byte order mark and a CSV's names.
    ///
    /// # Errors
    /// Where nothing of it can be read: an encoding that isn't UTF-8, a CSV without usable names.
    pub fn new(
        source: impl BufRead + Send + 'static,
        options: Options,
    ) -> Result<Self, InputError> {
        let source = open::decoded(Box::new(source))?;
        Ok(Self(match options.format {
            Format::Csv => Reader::Csv(csv::CsvReader::new(source, options.delimiter)?),
            Format::Json => Reader::Json(array::ArrayReader::new(source)?),
            Format::Ndjson => Reader::Ndjson(ndjson::NdjsonReader::new(source)),
        }))
    }

    /// The names that every record has, where the format says them first: a CSV's.
    pub fn names(&self) -> Option<&[String]> {
        match &self.0 {
            Reader::Csv(reader) => Some(reader.names()),
            Reader::Json(_) | Reader::Ndjson(_) => None,
        }
    }
}

impl Iterator for Records {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Reader::Csv(reader) => reader.next(),
            Reader::Json(reader) => reader.next(),
            Reader::Ndjson(reader) => reader.next(),
        }
    }
}
