//! JSON: one array of objects, taken apart record by record without loading it.
//!
//! Only brackets and quotes are looked at to find where a record ends; the record's own text is parsed then. So a
//! record that is broken inside costs itself alone. Where brackets or quotes don't pair, the end of the input does.

use std::io;

use super::record::Origin;
use super::{Broken, InputError, MAX_RECORD_BYTES, Reason, Record, Source};

/// Reads an array's objects.
pub struct ArrayReader {
    bytes: Bytes,
    element: Vec<u8>,
    state: State,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The first record, or the array's end.
    First,
    /// A comma, or the array's end.
    Separator,
    /// Nothing.
    Ended,
}

impl ArrayReader {
    /// Reads up to the array's beginning.
    pub fn new(source: Source) -> Result<Self, InputError> {
        let mut bytes = Bytes::new(source);
        match bytes.skip_space().map_err(InputError::Read)? {
            Some(b'[') => bytes.consume(1).map_err(InputError::Read)?,
            Some(b'{') => return Err(InputError::NotAnArray { object: true }),
            Some(_) => return Err(InputError::NotAnArray { object: false }),
            None => return Err(InputError::Empty),
        }
        Ok(Self {
            bytes,
            element: Vec::new(),
            state: State::First,
        })
    }

    pub fn next(&mut self) -> Option<Result<Record, Broken>> {
        if self.state == State::Ended {
            return None;
        }
        match self.step() {
            Ok(Some(item)) => {
                self.state = State::Separator;
                Some(item)
            }
            Ok(None) => {
                self.state = State::Ended;
                None
            }
            Err(reason) => {
                self.state = State::Ended;
                Some(Err(Broken::new(self.bytes.line, reason)))
            }
        }
    }

    /// The next record, broken or not; none at the array's end; an error where nothing can follow.
    fn step(&mut self) -> Result<Option<Result<Record, Broken>>, Reason> {
        const UNFINISHED: &str = "the file ends before its array does; a part of it is missing";
        let byte = self.bytes.skip_space()?.ok_or(Reason::Array(UNFINISHED))?;
        match (self.state, byte) {
            (_, b']') => {
                self.bytes.consume(1)?;
                return match self.bytes.skip_space()? {
                    None => Ok(None),
                    Some(_) => Err(Reason::Array(
                        "something follows the end of the array; an input is one array",
                    )),
                };
            }
            (State::Separator, b',') => {
                self.bytes.consume(1)?;
                match self.bytes.skip_space()?.ok_or(Reason::Array(UNFINISHED))? {
                    b']' => return Err(Reason::Array("the array ends with a comma; take it out")),
                    b',' => return Err(Reason::Array("a record is missing between two commas")),
                    _ => {}
                }
            }
            (State::Separator, _) => {
                return Err(Reason::Array("a comma or the array's end is expected here"));
            }
            _ => {}
        }
        let origin = Origin {
            line: self.bytes.line,
            column: self.bytes.column,
        };
        Ok(Some(match self.element()? {
            true => Record::parse_object(&self.element, origin),
            false => Err(Broken::new(origin.line, Reason::TooLong)),
        }))
    }

    /// Reads one element; false where it is too long to be kept.
    fn element(&mut self) -> Result<bool, Reason> {
        const ENDLESS: &str = "the file ends inside a record; a quote or bracket is missing";
        self.element.clear();
        let mut scanner = Scanner::default();
        let mut fits = true;
        loop {
            let available = self.bytes.available()?;
            if available.is_empty() {
                return Err(Reason::Array(ENDLESS));
            }
            let (length, ended) = scanner.scan(available);
            let room = MAX_RECORD_BYTES - self.element.len();
            self.element
                .extend_from_slice(available.get(..length.min(room)).unwrap_or_default());
            fits &= length <= room;
            self.bytes.consume(length)?;
            if ended {
                return Ok(fits);
            }
        }
    }
}

/// Finds where an element ends.
#[derive(Default)]
struct Scanner {
    depth: u64,
    begun: bool,
    in_text: bool,
    escaped: bool,
}

impl Scanner {
    /// How many of these bytes belong to the element, and whether it ends there.
    fn scan(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            at += 1;
            if self.escaped {
                self.escaped = false;
            } else if self.in_text {
                let from = at - 1;
                match memchr::memchr2(b'"', b'\\', bytes.get(from..).unwrap_or_default()) {
                    Some(index) => {
                        at = from + index + 1;
                        self.escaped = bytes.get(from + index) == Some(&b'\\');
                        self.in_text = self.escaped;
                    }
                    None => return (bytes.len(), false),
                }
            } else {
                match byte {
                    b'"' => self.in_text = true,
                    b'{' | b'[' => self.depth += 1,
                    b']' if self.depth == 0 => return (at - 1, true),
                    b'}' | b']' => {
                        self.depth = self.depth.saturating_sub(1);
                        if self.depth == 0 {
                            return (at, true);
                        }
                    }
                    b',' | b' ' | b'\t' | b'\n' | b'\r' if self.depth == 0 && self.begun => {
                        return (at - 1, true);
                    }
                    _ => {}
                }
            }
            self.begun = true;
        }
        (bytes.len(), false)
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Bytes, with the place of the next one.
struct Bytes {
    source: Source,
    line: u64,
    column: u64,
}

impl Bytes {
    fn new(source: Source) -> Self {
        Self {
            source,
            line: 1,
            column: 1,
        }
    }

    /// Bytes that come next; none at the end.
    fn available(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }

    /// Goes past so many of the bytes that are available.
    fn consume(&mut self, count: usize) -> io::Result<()> {
        let bytes = self.source.fill_buf()?.get(..count).unwrap_or_default();
        match memchr::memrchr(b'\n', bytes) {
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
                self.column = (count - last) as u64;
            }
            None => self.column += count as u64,
        }
        self.source.consume(count);
        Ok(())
    }

    /// The next byte that isn't space, which stays the next.
    fn skip_space(&mut self) -> io::Result<Option<u8>> {
        loop {
            let available = self.available()?;
            match available
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
            {
                Some(count) => {
                    let byte = available.get(count).copied();
                    self.consume(count)?;
                    return Ok(byte);
                }
                None if available.is_empty() => return Ok(None),
                None => {
                    let count = available.len();
                    self.consume(count)?;
                }
            }
        }
    }
}
