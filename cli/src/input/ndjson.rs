//! NDJSON: one object a line. Empty lines are nothing.

use super::lines::{Lines, Outcome};
use super::record::Origin;
use super::{Broken, Reason, Record, Source};

/// Reads NDJSON.
pub struct NdjsonReader {
    lines: Lines,
    text: Vec<u8>,
    ended: bool,
}

impl NdjsonReader {
    pub fn new(source: Source) -> Self {
        Self {
            lines: Lines::new(source),
            text: Vec::new(),
            ended: false,
        }
    }

    pub fn next(&mut self) -> Option<Result<Record, Broken>> {
        while !self.ended {
            self.text.clear();
            let outcome = self.lines.read(&mut self.text);
            let line = self.lines.line();
            match outcome {
                Ok(Outcome::Line) if self.text.trim_ascii().is_empty() => {}
                Ok(Outcome::Line) => {
                    return Some(Record::parse_object(&self.text, Origin { line, column: 1 }));
                }
                Ok(Outcome::TooLong) => {
                    return Some(Err(match self.lines.skip_rest() {
                        Ok(()) => Broken::new(line, Reason::TooLong),
                        Err(error) => self.end(error),
                    }));
                }
                Ok(Outcome::End) => self.ended = true,
                Err(error) => return Some(Err(self.end(error))),
            }
        }
        None
    }

    fn end(&mut self, error: std::io::Error) -> Broken {
        self.ended = true;
        Broken::new(self.lines.line() + 1, Reason::Read(error))
    }
}
