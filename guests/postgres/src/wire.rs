//! Bytes to and from the server: a socket, perhaps with TLS, and the messages' frames.
//!
//! A frame is read in place, without a copy. The buffer grows with what has arrived, never with what a length says, up
//! to the longest message that PostgreSQL makes.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::ops::Range;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use tenon_tls::rustls::{ClientConnection, StreamOwned};

/// How much is asked of the socket at a time.
const READ: usize = 64 * 1_024;

/// A buffer that was needed once is let go of where it is larger than this.
const KEPT: usize = 1 << 20;

/// PostgreSQL's own bound on a message.
const LONGEST: usize = 0x3fff_ffff;

/// The connection itself.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Self::Plain(stream) => stream.read(buffer),
                Self::Tls(stream) => stream.read(buffer),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => return read,
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes),
            Self::Tls(stream) => {
                stream.write_all(bytes)?;
                stream.flush()
            }
        }
    }
}

/// A message that has arrived whole.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// What it is, as the protocol has it.
    pub(crate) tag: u8,
    start: usize,
    end: usize,
}

/// Both directions.
pub(crate) struct Wire {
    stream: Stream,
    inbound: Vec<u8>,
    /// What of `inbound` has arrived and wasn't read.
    unread: Range<usize>,
    /// Messages that [`Self::send`] will send.
    pub(crate) outbound: BytesMut,
}

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            stream,
            inbound: Vec::new(),
            unread: 0..0,
            outbound: BytesMut::new(),
        }
    }

    /// Sends what is in `outbound`.
    pub(crate) fn send(&mut self) -> io::Result<()> {
        let sent = self.stream.write(&self.outbound);
        if self.outbound.capacity() > KEPT {
            self.outbound = BytesMut::new();
        } else {
            self.outbound.clear();
        }
        sent
    }

    /// The next message, which stays in place until the next call.
    pub(crate) fn frame(&mut self) -> io::Result<Frame> {
        loop {
            if let Some(frame) = self.arrived()? {
                self.unread.start = frame.end;
                return Ok(frame);
            }
            self.receive()?;
        }
    }

    /// Has [`Self::frame`] answer this message again: it must be the last one.
    pub(crate) fn put_back(&mut self, frame: &Frame) {
        self.unread.start = frame.start.saturating_sub(HEAD);
    }

    /// A message's content; empty where it isn't the last one.
    pub(crate) fn body(&self, frame: &Frame) -> &[u8] {
        self.inbound.get(frame.start..frame.end).unwrap_or_default()
    }

    /// The last message, taken apart.
    pub(crate) fn message(&self, frame: &Frame) -> io::Result<Message> {
        parse(frame.tag, self.body(frame))
    }

    /// The next message, where it has arrived whole.
    fn arrived(&self) -> io::Result<Option<Frame>> {
        let arrived = self.inbound.get(self.unread.clone()).unwrap_or_default();
        let Some((tag, rest)) = arrived.split_first() else {
            return Ok(None);
        };
        let Some(length) = rest.first_chunk() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if !(LENGTH..=LONGEST).contains(&length) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the server sent a message of an impossible length",
            ));
        }
        Ok((rest.len() >= length).then_some(Frame {
            tag: *tag,
            start: self.unread.start + HEAD,
            end: self.unread.start + 1 + length,
        }))
    }

    /// Waits for more bytes.
    fn receive(&mut self) -> io::Result<()> {
        if self.unread.is_empty() {
            self.unread = 0..0;
            if self.inbound.len() > KEPT {
                self.inbound = Vec::new();
            }
        }
        if self.inbound.len() - self.unread.end < READ / 2 {
            // The beginning of a message moves to the front, and there is room for as much again.
            self.inbound.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
            let room = (self.unread.end * 2).max(self.unread.end + READ);
            if self.inbound.len() < room {
                self.inbound.resize(room, 0);
            }
        }
        let room = self.inbound.get_mut(self.unread.end..).unwrap_or_default();
        self.unread.end += self.stream.read(room)?;
        Ok(())
    }
}

/// A message, taken apart.
pub(crate) fn parse(tag: u8, body: &[u8]) -> io::Result<Message> {
    let length = u32::try_from(body.len() + LENGTH).unwrap_or(u32::MAX);
    let mut whole = BytesMut::with_capacity(body.len() + HEAD);
    whole.extend_from_slice(&[tag]);
    whole.extend_from_slice(&length.to_be_bytes());
    whole.extend_from_slice(body);
    Message::parse(&mut whole)?.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// A message's length, which counts itself.
const LENGTH: usize = 4;

/// A message's tag and length.
const HEAD: usize = 1 + LENGTH;
