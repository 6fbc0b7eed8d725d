//! A session: requests and their answers, in order.
//!
//! Each request ends with a `Sync`, and its answer with `ReadyForQuery`. An answer that nobody waits for (the end of a
//! transaction that only read, a portal's) is counted, and read before the next one. Rows that a cursor hasn't taken yet
//! are on the wire until something else is asked for: then they are kept for it, or dropped where it is closed.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tenon_sdk::{Aftermath, Effect, Error, Result, Value};
use tenon_sql::{Executed, Parameter, ResultColumn, Statement};

use crate::decode::Reader;
use crate::encode::Encoded;
use crate::failure::{ServerError, lost, out_of_step, session_lost};
use crate::portal::Arriving;
use crate::prepare::{readers, readers_of_any};
use crate::statements::{Prepared, Statements};
use crate::types::Type;
use crate::wire::{Frame, Wire, parse};

/// What the session is in, as the server says.
pub(crate) const IDLE: u8 = b'I';
pub(crate) const FAILED: u8 = b'E';

/// A session with the server.
pub(crate) struct Connection {
    pub(crate) wire: Wire,
    pub(crate) statements: Statements,
    pub(crate) types: HashMap<u32, Type>,
    pub(crate) status: u8,
    /// Answers that nobody waits for.
    pub(crate) due: u32,
    /// Whose rows come first of what comes.
    pub(crate) reading: Option<Rc<Arriving>>,
    /// The cursor that has a transaction for itself.
    pub(crate) scan: Option<Rc<Arriving>>,
    pub(crate) encoded: Encoded,
    pub(crate) portals: u64,
    pub(crate) broken: bool,
    /// Nobody would know whether the request came to something, were the connection lost.
    pub(crate) unsure: bool,
    /// The server has begun to do what was asked for; what it ends a session with before that came to nothing.
    pub(crate) begun: bool,
}

/// What a statement has done, in the server's words: `INSERT 0 5`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tag(String);

impl Tag {
    /// How many records were changed; none where it isn't about records, or about reading them.
    pub(crate) fn changed(&self) -> Option<u64> {
        let is_change = ["INSERT", "UPDATE", "DELETE", "MERGE"];
        let mut words = self.0.split(' ');
        let first = words.next()?;
        is_change.contains(&first).then(|| self.records())?
    }

    /// Whether a transaction was undone.
    pub(crate) fn is_rollback(&self) -> bool {
        self.0 == "ROLLBACK"
    }

    fn records(&self) -> Option<u64> {
        self.0.rsplit(' ').next()?.parse().ok()
    }
}

impl Connection {
    pub(crate) fn new(wire: Wire) -> Self {
        Self {
            wire,
            statements: Statements::default(),
            types: HashMap::new(),
            status: IDLE,
            due: 0,
            reading: None,
            scan: None,
            encoded: Encoded::default(),
            portals: 0,
            broken: false,
            unsure: false,
            begun: false,
        }
    }

    /// Whether the server is in a transaction, also one that has failed.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.status != IDLE && self.scan.is_none()
    }

    /// Whether the server is in no transaction at all, as far as its answers have been read.
    pub(crate) fn is_idle(&self) -> bool {
        self.status == IDLE
    }

    /// Runs commands without rows, each as a request of its own.
    pub(crate) fn command(&mut self, command: &str, unsure: bool) -> Result<Tag> {
        self.begin_request()?;
        self.unsure = unsure;
        // Nothing is answered to it before it is done.
        self.begun = true;
        self.simple(command)?;
        self.send()?;
        let mut tag = Tag::default();
        self.until_ready(|code, body| {
            if code == b'C' {
                tag = read_tag(body);
            }
            Ok(())
        })?;
        Ok(tag)
    }

    /// Asks whether the server answers.
    pub(crate) fn ping(&mut self) -> Result<()> {
        self.begin_request()?;
        frontend::sync(&mut self.wire.outbound);
        self.send()?;
        self.until_ready(|_, _| Ok(()))
    }

    /// Brings the session back to its beginning.
    pub(crate) fn reset(&mut self) -> Result<()> {
        let scan = self.scan.take();
        if let Some(scan) = &scan {
            scan.fail(Error::invalid(
                "this cursor's session was reset: only `close` is left",
            ));
        }
        self.begin_request()?;
        let rollback = self.status != IDLE;
        if rollback {
            self.simple("ROLLBACK")?;
        }
        self.simple("DISCARD ALL")?;
        self.send()?;
        if rollback {
            self.until_ready(|_, _| Ok(()))?;
        }
        // Whatever becomes of it, nothing is relied on any more.
        self.statements.clear();
        self.types.clear();
        self.until_ready(|_, _| Ok(()))
    }

    /// Says good-bye.
    pub(crate) fn end(&mut self) {
        if !self.broken {
            frontend::terminate(&mut self.wire.outbound);
            // The server finds out by itself too.
            let _ = self.wire.send();
            self.broken = true;
        }
    }

    /// The rows of a statement that has few of them.
    pub(crate) fn fetch(
        &mut self,
        statement: &Statement,
        columns: &[ResultColumn],
        unsure: bool,
    ) -> Result<Vec<Vec<Value>>> {
        self.prepared(&statement.text, |connection, prepared| {
            let readers = readers(prepared, columns)?;
            connection.start(prepared, &statement.parameters, &readers, unsure)?;
            let mut rows = Vec::new();
            connection.until_ready(|tag, body| {
                if tag == b'D' {
                    let mut row = Vec::with_capacity(readers.len());
                    let mut cells = Cells::new(body)?;
                    for reader in &readers {
                        row.push(reader.value(cells.next()?)?);
                    }
                    rows.push(row);
                }
                Ok(())
            })?;
            Ok(rows)
        })
    }

    /// Runs a statement for what it does.
    pub(crate) fn execute(&mut self, statement: &Statement) -> Result<Executed> {
        self.prepared(&statement.text, |connection, prepared| {
            let readers = readers_of_any(prepared);
            connection.start(prepared, &statement.parameters, &readers, true)?;
            let mut tag = Tag::default();
            connection.until_ready(|code, body| {
                if code == b'C' {
                    tag = read_tag(body);
                }
                Ok(())
            })?;
            Ok(Executed {
                affected: tag.records().unwrap_or_default(),
                last_id: None,
            })
        })
    }

    /// Sends a statement whose rows come all at once.
    fn start(
        &mut self,
        prepared: &Prepared,
        parameters: &[Parameter],
        readers: &[Reader],
        unsure: bool,
    ) -> Result<()> {
        self.begin_request()?;
        self.unsure = unsure && self.status == IDLE;
        self.bind(prepared, parameters, "", readers.iter().map(Reader::format))?;
        self.request(|out| frontend::execute("", 0, out))?;
        frontend::sync(&mut self.wire.outbound);
        self.send()
    }

    pub(crate) fn simple(&mut self, command: &str) -> Result<()> {
        self.request(|out| frontend::query(command, out))
    }

    pub(crate) fn request(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> io::Result<()>,
    ) -> Result<()> {
        write(&mut self.wire.outbound).map_err(|error| {
            self.wire.outbound.clear();
            Error::invalid(format!("this can't be sent to the server: {error}"))
        })
    }

    pub(crate) fn send(&mut self) -> Result<()> {
        // A request that didn't go out whole does nothing: its end is what the server acts on.
        self.wire.send().map_err(|error| {
            self.broken = true;
            lost(&error)
        })
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.broken {
            return Err(session_lost(Error::unavailable(
                "the connection is lost: this session can do nothing more",
            )));
        }
        Ok(())
    }

    /// Makes way for a request, which is one that changes nothing unless [`Self::unsure`] is set afterwards.
    pub(crate) fn begin_request(&mut self) -> Result<()> {
        self.check()?;
        self.unsure = false;
        self.begun = false;
        self.settle()?;
        if let Some(scan) = self.scan.take() {
            self.keep_rest(&scan)?;
        }
        Ok(())
    }

    pub(crate) fn messages_until_ready(
        &mut self,
        mut each: impl FnMut(Message) -> io::Result<()>,
    ) -> Result<()> {
        let mut broken = None;
        let outcome = self.until_ready(|code, body| {
            if let Err(error) = parse(code, body).and_then(&mut each) {
                broken.get_or_insert(error);
            }
            Ok(())
        });
        match (outcome, broken) {
            (Ok(()), Some(error)) => Err(self.lose(&error)),
            (outcome, _) => outcome,
        }
    }

    /// Reads an answer to its end. Its error is told when it is over, and so is one of `each`.
    pub(crate) fn until_ready(
        &mut self,
        mut each: impl FnMut(u8, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.read_due()?;
        self.answer(&mut each)
    }

    /// Reads what nobody waits for. It has nothing to say, but that the connection is lost.
    fn read_due(&mut self) -> Result<()> {
        let begun = self.begun;
        while self.due > 0 {
            self.due -= 1;
            if let Err(error) = self.answer(&mut |_, _| Ok(()))
                && error.aftermath == Aftermath::SessionLost
            {
                return Err(error);
            }
        }
        self.begun = begun;
        Ok(())
    }

    fn answer(&mut self, each: &mut dyn FnMut(u8, &[u8]) -> Result<()>) -> Result<()> {
        let mut failed: Option<Error> = None;
        loop {
            let frame = self.next_of_answer()?;
            match frame.tag {
                b'E' => {
                    let error = self.server_error(&frame)?;
                    match &mut failed {
                        // What the server refuses after all came to nothing.
                        Some(first) => first.effect = error.effect,
                        None => failed = Some(error),
                    }
                }
                b'Z' => {
                    self.status = self.wire.body(&frame).first().copied().unwrap_or(IDLE);
                    break;
                }
                // COPY has a protocol of its own.
                b'G' | b'H' | b'W' => {
                    self.broken = true;
                    return Err(session_lost(Error::unsupported("COPY isn't supported")));
                }
                tag if failed.is_none() => {
                    self.begun = true;
                    failed = each(tag, self.wire.body(&frame)).err();
                    if let Some(error) = &mut failed
                        && self.unsure
                    {
                        // What can't be read of it has been done all the same.
                        error.effect = Effect::Unknown;
                    }
                }
                _ => {}
            }
        }
        match failed {
            None => Ok(()),
            Some(mut error) => {
                // A transaction of a cursor's own is nobody's loss.
                if self.status == FAILED && self.scan.is_none() {
                    error.aftermath = Aftermath::TransactionLost;
                }
                Err(error)
            }
        }
    }

    /// An error's message; as `Err` where the session ends with it.
    fn server_error(&mut self, frame: &Frame) -> Result<Error> {
        let message = self
            .wire
            .message(frame)
            .map_err(|error| self.lose(&error))?;
        let Message::ErrorResponse(body) = message else {
            return Err(out_of_step("an error isn't one"));
        };
        let error = ServerError::read(body.fields());
        let is_fatal = error.is_fatal();
        let mut error = error.into_error();
        if is_fatal {
            self.broken = true;
            if self.unsure && self.begun {
                error.effect = Effect::Unknown;
            }
            return Err(session_lost(error));
        }
        Ok(error)
    }

    /// The next message that belongs to an answer, after those that nobody waits for.
    pub(crate) fn next(&mut self) -> Result<Frame> {
        self.read_due()?;
        let frame = self.next_of_answer()?;
        self.begun |= frame.tag != b'E';
        Ok(frame)
    }

    fn next_of_answer(&mut self) -> Result<Frame> {
        loop {
            let frame = self.wire.frame().map_err(|error| self.lose(&error))?;
            // Notices, parameters and notifications come at any time.
            if !matches!(frame.tag, b'N' | b'S' | b'A') {
                return Ok(frame);
            }
        }
    }

    fn lose(&mut self, error: &io::Error) -> Error {
        self.broken = true;
        let mut error = lost(error);
        if self.unsure {
            error.effect = Effect::Unknown;
        }
        error
    }
}

pub(crate) fn read_tag(body: &[u8]) -> Tag {
    let text = body.split(|byte| *byte == 0).next().unwrap_or_default();
    Tag(String::from_utf8_lossy(text).into_owned())
}

/// A row's values, one by one.
pub(crate) struct Cells<'a>(&'a [u8]);

impl<'a> Cells<'a> {
    pub(crate) fn new(row: &'a [u8]) -> Result<Self> {
        match row.split_at_checked(2) {
            Some((_, rest)) => Ok(Self(rest)),
            None => Err(out_of_step("a row is cut")),
        }
    }

    /// The next value; none is null.
    pub(crate) fn next(&mut self) -> Result<Option<&'a [u8]>> {
        let cut = || out_of_step("a row is cut");
        let (length, rest) = self.0.split_first_chunk().ok_or_else(cut)?;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            self.0 = rest;
            return Ok(None);
        };
        let (value, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        self.0 = rest;
        Ok(Some(value))
    }
}
