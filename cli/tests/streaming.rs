//! A million lines are read and written in bounded memory. A program of its own, since it looks at its memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // A failed test may panic.

mod common;

use std::io::{self, BufReader, Read, Write};

use common::options;
use tenon_cli::input::{Format, Records};
use tenon_cli::output::{Columns, OutputFormat, Screen, writer};
use tenon_model::{Entity, Model};

const LINES: u64 = 1_000_000;

/// More than the readers' buffers, and far less than the lines.
const MEMORY_KIB: u64 = 48 << 10;

/// Makes lines while they are read.
struct Lines {
    head: &'static str,
    line: fn(u64) -> String,
    tail: &'static str,
    next: u64,
    rest: Vec<u8>,
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = match self.next {
                0 => self.head.as_bytes().to_vec(),
                number if number <= LINES => (self.line)(number).into_bytes(),
                number if number == LINES + 1 => self.tail.as_bytes().to_vec(),
                _ => return Ok(0),
            };
            self.next += 1;
        }
        let count = self.rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        Ok(count)
    }
}

/// The most memory that this program has ever had, in KiB.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_million_lines_stream_through_in_bounded_memory() {
    let before = most_memory();
    let inputs = [
        (
            Format::Csv,
            Lines {
                head: "id,name,size\n",
                line: |number| format!("{number},\"name of {number}\",{number}.5\n"),
                tail: "\n",
                next: 0,
                rest: Vec::new(),
            },
        ),
        (
            Format::Json,
            Lines {
                head: "[{\"id\": 0}\n",
                line: |number| {
                    format!(
                        ",{{\"id\": {number}, \"name\": \"name of {number}\", \"size\": {number}.5}}\n"
                    )
                },
                tail: "]",
                next: 0,
                rest: Vec::new(),
            },
        ),
        (
            Format::Ndjson,
            Lines {
                head: "\n",
                line: |number| {
                    format!(
                        "{{\"id\": {number}, \"name\": \"name of {number}\", \"size\": {number}.5}}\n"
                    )
                },
                tail: "\n",
                next: 0,
                rest: Vec::new(),
            },
        ),
    ];
    for (format, lines) in inputs {
        let mut count = 0;
        for item in Records::new(BufReader::new(lines), options(format)).unwrap() {
            item.unwrap();
            count += 1;
        }
        assert_eq!(
            count,
            if format == Format::Json {
                LINES + 1
            } else {
                LINES
            }
        );
    }
    let model = Model::new("Thing").open();
    for format in [OutputFormat::Csv, OutputFormat::Ndjson, OutputFormat::Table] {
        let mut out = writer(
            format,
            Columns::of_model(&model, &[]),
            Screen::default(),
            Counter(0),
        );
        for number in 0..LINES {
            out.write(
                &Entity::new()
                    .with("id", number as i64)
                    .with("name", "a name"),
            )
            .unwrap();
        }
        assert_eq!(out.finish().unwrap().records, LINES);
    }
    if let (Some(before), Some(after)) = (before, most_memory()) {
        assert!(
            after - before < MEMORY_KIB,
            "{} KiB more than before",
            after - before
        );
    }
}

/// Takes everything and keeps nothing.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
