//! Lines of a stream, of bounded length, with their numbers; what was read can be given back.

use std::io;

use super::{MAX_RECORD_BYTES, Source};

/// Reads lines.
pub struct Lines {
    source: Source,
    /// Bytes that were given back, to be read again before the source's, from `position` on.
    returned: Vec<u8>,
    position: usize,
    line: u64,
}

/// How reading a line went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A line was appended, with its line break where it has one.
    Line,
    /// The line doesn't fit: a part of it was appended, and the rest is still to be read or skipped.
    TooLong,
    /// There is no further line.
    End,
}

impl Lines {
    /// The lines of a source.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            returned: Vec::new(),
            position: 0,
            line: 0,
        }
    }

    /// The number of the line that was read last, from 1.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// Appends the next line to `into`, as far as it then has no more than [`MAX_RECORD_BYTES`].
    pub fn read(&mut self, into: &mut Vec<u8>) -> io::Result<Outcome> {
        let start = into.len();
        loop {
            let available = self.fill()?;
            if available.is_empty() {
                if into.len() == start {
                    return Ok(Outcome::End);
                }
                self.line += 1;
                return Ok(Outcome::Line);
            }
            let room = MAX_RECORD_BYTES.saturating_sub(into.len());
            let end = memchr::memchr(b'\n', available).map(|index| index + 1);
            let taken = end.unwrap_or(available.len()).min(room);
            into.extend_from_slice(available.get(..taken).unwrap_or_default());
            let whole = end == Some(taken);
            self.consume(taken);
            if whole {
                self.line += 1;
                return Ok(Outcome::Line);
            }
            if into.len() >= MAX_RECORD_BYTES {
                self.line += 1;
                return Ok(Outcome::TooLong);
            }
        }
    }

    /// Leaves out what is left of a line that was too long.
    pub fn skip_rest(&mut self) -> io::Result<()> {
        loop {
            let available = self.fill()?;
            if available.is_empty() {
                return Ok(());
            }
            match memchr::memchr(b'\n', available) {
                Some(index) => {
                    self.consume(index + 1);
                    return Ok(());
                }
                None => {
                    let length = available.len();
                    self.consume(length);
                }
            }
        }
    }

    /// Gives back the bytes that were read last, which begin after the line with that number.
    pub fn give_back(&mut self, bytes: &[u8], after: u64) {
        self.line = after;
        if bytes.len() <= self.position {
            // They are still here.
            self.position -= bytes.len();
        } else {
            // Some came from the source, so all that was given back before has been read.
            self.returned = bytes.to_vec();
            self.position = 0;
        }
    }

    fn fill(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.returned.len() {
            self.returned = Vec::new();
            self.position = 0;
            return self.source.fill_buf();
        }
        Ok(self.returned.get(self.position..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        if self.position < self.returned.len() {
            self.position += count;
        } else {
            self.source.consume(count);
        }
    }
}
