//! Opening an input: where it is, what format it has, how it is encoded.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tenon_model::Problems;

use super::{Opened, Records, Source};

/// How much of a file is read at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// How records are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values, the names in the first line.
    Csv,
    /// One array of objects.
    Json,
    /// An object a line.
    Ndjson,
}

/// What a reader is told of its input.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// What stands between a CSV's cells.
    pub delimiter: u8,
}

/// Where an input is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// The standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// Why nothing of an input can be read.
#[derive(Debug)]
pub enum InputError {
    /// The file can't be opened.
    Open(PathBuf, io::Error),
    /// The path is a folder.
    Folder(PathBuf),
    /// Neither an option nor the file's name says the format.
    UnknownFormat(Location),
    /// There is nothing in it.
    Empty,
    /// It is in another encoding, or compressed: what it is, and what makes text of it.
    Encoding(&'static str, &'static str),
    /// The first line of a CSV isn't usable as names.
    Names(Problems),
    /// It is no JSON array.
    NotAnArray {
        /// Whether it is an object, as in NDJSON.
        object: bool,
    },
    /// Reading failed.
    Read(io::Error),
}

impl From<&str> for Location {
    /// A path, or `-` for the standard input.
    fn from(text: &str) -> Self {
        if text == "-" {
            Self::Stdin
        } else {
            Self::File(PathBuf::from(text))
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("the standard input"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Format {
    /// The format that a file's name tells.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" | "tsv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

impl Options {
    /// The options for an input: as given, else as the file's name tells.
    ///
    /// # Errors
    /// [`InputError::UnknownFormat`] where neither tells the format.
    pub fn new(
        location: &Location,
        format: Option<Format>,
        delimiter: Option<u8>,
    ) -> Result<Self, InputError> {
        let path = match location {
            Location::Stdin => None,
            Location::File(path) => Some(path.as_path()),
        };
        let format = format
            .or_else(|| path.and_then(Format::of_path))
            .ok_or_else(|| InputError::UnknownFormat(location.clone()))?;
        let is_tsv = path
            .and_then(Path::extension)
            .is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
        Ok(Self {
            format,
            delimiter: delimiter.unwrap_or(if is_tsv { b'\t' } else { b',' }),
        })
    }
}

/// How far an input has been read, for a progress bar beside it.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Meter {
    /// How many bytes have been read.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// How many bytes there are, where that is known.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }
}

impl Records {
    /// Opens an input.
    ///
    /// # Errors
    /// Where nothing of it can be read.
    pub fn open(location: &Location, options: Options) -> Result<(Self, Meter), InputError> {
        Opened::new(location)?.records(options)
    }

    /// The records of what is left of a file, which has so many bytes where that is known.
    pub(super) fn of_file(
        file: File,
        total: Option<u64>,
        options: Options,
    ) -> Result<(Self, Meter), InputError> {
        let meter = Meter {
            total,
            ..Meter::default()
        };
        let metered = Metered {
            source: Box::new(file),
            read: Arc::clone(&meter.read),
        };
        let records = Self::new(BufReader::with_capacity(BUFFER_BYTES, metered), options)?;
        Ok((records, meter))
    }
}

struct Metered {
    source: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.source.read(buffer) {
                // A signal is no reason to stop.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(count) => {
                    self.read.fetch_add(count as u64, Ordering::Relaxed);
                    return Ok(count);
                }
            }
        }
    }
}

/// The stream without UTF-8's byte order mark; other encodings' marks are refused.
pub(super) fn decoded(mut source: Source) -> Result<Source, InputError> {
    /// As long as the longest mark.
    const MARK_BYTES: u64 = 4;
    let mut head = Vec::new();
    source
        .by_ref()
        .take(MARK_BYTES)
        .read_to_end(&mut head)
        .map_err(InputError::Read)?;
    match head.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => {
            head.drain(..3);
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, 0xfe, 0xff] => {
            return Err(InputError::Encoding(
                "UTF-16 or UTF-32 text",
                "iconv -f utf-16 -t utf-8",
            ));
        }
        [0x1f, 0x8b, ..] => return Err(InputError::Encoding("compressed with gzip", "gunzip -c")),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            return Err(InputError::Encoding("compressed with zstd", "zstd -dc"));
        }
        [b'P', b'K', 3, 4] => {
            return Err(InputError::Encoding(
                "a ZIP archive or a spreadsheet",
                "unzip -p",
            ));
        }
        _ => {}
    }
    Ok(Box::new(Cursor::new(head).chain(source)))
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(path, error) => write!(f, "{} can't be opened: {error}", path.display()),
            Self::Folder(path) => write!(f, "{} is a folder; name a file in it", path.display()),
            Self::UnknownFormat(location) => {
                write!(f, "nothing tells the format of {location}; add --format csv, json or ndjson")
            }
            Self::Empty => f.write_str("there is nothing in it; an empty list of records is `[]` in JSON"),
            Self::Encoding(what, remedy) => {
                write!(f, "it is {what}; make UTF-8 text of it with `{remedy}` and pipe that in, with --format")
            }
            Self::Names(problems) => write!(f, "the first line isn't usable as names: {problems}"),
            Self::NotAnArray { object: true } => {
                f.write_str("it begins with an object and not with `[`; for an object a line, add --format ndjson")
            }
            Self::NotAnArray { object: false } => {
                f.write_str("it doesn't begin with `[`: JSON's records come as one array of objects")
            }
            Self::Read(error) => write!(f, "reading failed: {error}"),
        }
    }
}

impl std::error::Error for InputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(_, error) | Self::Read(error) => Some(error),
            Self::Names(problems) => Some(problems),
            _ => None,
        }
    }
}
