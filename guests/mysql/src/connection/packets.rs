//! Packets: what the protocol cuts its messages into.
//!
//! A packet has at most 16 MiB less one byte; a longer message takes several. Room is made as bytes arrive, never by
//! what a length promises, and a message has a greatest size.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::time::Instant;

use tenon_sdk::Result;

use super::transport::Transport;
use crate::error;

/// The most that a packet holds; one that is full is followed by another.
const FULL: usize = 0xff_ffff;

/// Bytes before what a packet holds: its length and its number.
const HEADER: usize = 4;

/// What is read from the socket at once.
const CHUNK: usize = 32 << 10;

/// A buffer that has grown beyond this is given back once it is empty.
const KEPT: usize = 1 << 20;

/// The largest message that is read: beyond it a server is believed to be out of its mind.
pub(crate) const LARGEST: usize = 64 << 20;

/// Why there is no packet.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The time for reading is over. Nothing is lost: reading can go on.
    Late,
    /// The connection is gone.
    Gone(io::Error),
    /// What came makes no sense.
    OutOfStep(String),
}

/// A connection's packets.
pub(crate) struct Packets {
    pub(crate) transport: Transport,
    /// What was read and not yet handed out is at `unread`.
    buffer: Vec<u8>,
    unread: Range<usize>,
    /// The parts of a long message that came so far.
    parts: Vec<u8>,
    /// More parts of it are to come.
    joining: bool,
    /// The number of the next packet.
    sequence: u8,
    outgoing: Vec<u8>,
    /// Where the message is that was read last.
    current: Place,
    /// When reading has to stop.
    deadline: Option<Instant>,
}

/// Where a message is.
#[derive(Clone)]
enum Place {
    Buffer(Range<usize>),
    Parts,
}

impl Packets {
    pub(crate) const fn new(transport: Transport) -> Self {
        Self {
            transport,
            buffer: Vec::new(),
            unread: 0..0,
            parts: Vec::new(),
            joining: false,
            sequence: 0,
            outgoing: Vec::new(),
            current: Place::Buffer(0..0),
            deadline: None,
        }
    }

    /// Whether the server has said something that nobody has read yet.
    pub(crate) fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Begins a new exchange: packets are counted from zero.
    pub(crate) const fn begin(&mut self) {
        self.sequence = 0;
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, message: &[u8]) -> Result<(), Fault> {
        self.outgoing.clear();
        let mut rest = message;
        loop {
            let (part, after) = rest.split_at(rest.len().min(FULL));
            let length = u32::try_from(part.len()).unwrap_or_default().to_le_bytes();
            let [low, middle, high, _] = length;
            self.outgoing.extend([low, middle, high, self.sequence]);
            self.sequence = self.sequence.wrapping_add(1);
            self.outgoing.extend(part);
            rest = after;
            if part.len() < FULL {
                break;
            }
        }
        let sent = self.transport.write_all(&self.outgoing);
        let sent = sent.and_then(|()| self.transport.flush());
        if self.outgoing.capacity() > CHUNK {
            self.outgoing = Vec::new();
        }
        sent.map_err(Fault::Gone)
    }

    /// Until when messages are waited for.
    pub(crate) const fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// Reads the next message.
    pub(crate) fn advance(&mut self) -> Result<(), Fault> {
        self.current = self.locate()?;
        Ok(())
    }

    /// The message that was read last.
    pub(crate) fn current(&self) -> &[u8] {
        match &self.current {
            Place::Buffer(range) => self.buffer.get(range.clone()).unwrap_or_default(),
            Place::Parts => &self.parts,
        }
    }

    fn locate(&mut self) -> Result<Place, Fault> {
        if !self.joining {
            self.parts = Vec::new();
        }
        if self.unread.is_empty() && self.buffer.len() > KEPT {
            self.buffer = Vec::new();
            self.unread = 0..0;
        }
        loop {
            self.fill(HEADER)?;
            let header = self.buffer.get(self.unread.clone());
            let Some([low, middle, high, sequence, ..]) = header else {
                return Err(Fault::OutOfStep("a packet was lost".to_owned()));
            };
            let length = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
            if *sequence != self.sequence {
                return Err(Fault::OutOfStep(format!(
                    "packet {sequence} came where {} was due",
                    self.sequence
                )));
            }
            if self.parts.len() + length > LARGEST {
                return Err(Fault::OutOfStep(format!(
                    "a message has more than {LARGEST} bytes, the most that is read at once"
                )));
            }
            self.fill(HEADER + length)?;
            self.sequence = self.sequence.wrapping_add(1);
            let start = self.unread.start + HEADER;
            let range = start..start + length;
            self.unread.start = range.end;
            if !self.joining && length < FULL {
                return Ok(Place::Buffer(range));
            }
            self.parts
                .extend_from_slice(self.buffer.get(range).unwrap_or_default());
            self.joining = length == FULL;
            if !self.joining {
                return Ok(Place::Parts);
            }
        }
    }

    /// Reads until so many bytes are unread.
    fn fill(&mut self, wanted: usize) -> Result<(), Fault> {
        while self.unread.len() < wanted {
            if self.unread.start > 0 && self.unread.start + wanted > self.buffer.len() {
                self.buffer.copy_within(self.unread.clone(), 0);
                self.unread = 0..self.unread.len();
            }
            if self.unread.end == self.buffer.len() {
                let more = self.buffer.len().clamp(CHUNK, 1 << 20);
                self.buffer.resize(self.buffer.len() + more, 0);
            }
            self.wait()?;
            let room = self.buffer.get_mut(self.unread.end..).unwrap_or_default();
            match self.transport.read(room) {
                Ok(0) => return Err(Fault::Gone(io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => self.unread.end += count,
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => return Err(Fault::Late),
                    _ => return Err(Fault::Gone(error)),
                },
            }
        }
        Ok(())
    }

    /// Gives the next read the time that is left.
    fn wait(&mut self) -> Result<(), Fault> {
        let patience = match self.deadline {
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(Fault::Late);
                }
                Some(left)
            }
            None => None,
        };
        self.transport.set_patience(patience);
        Ok(())
    }
}

impl From<Fault> for tenon_sdk::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Late => error::late("the server did not answer in time"),
            Fault::Gone(error) => error::gone(&error),
            Fault::OutOfStep(reason) => error::out_of_step(&reason),
        }
    }
}
