//! A connection: commands, and their answers.
//!
//! One answer is under way at a time. A statement that takes longer than its call is stopped by `KILL QUERY` over a
//! second connection, and the session goes on; where that fails, the session is lost.

mod answer;
mod authentication;
mod handshake;
mod packets;
mod reader;
pub(crate) mod rsa;
mod statements;
mod transport;

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mysql_common::constants::{CapabilityFlags, Command, MariadbCapabilities, StatusFlags};
use tenon_sdk::{Aftermath, Error, ErrorKind, Result};
use tenon_sql::dialects::MySqlFlavour;
use tenon_tls::TlsMode;
use tenon_tls::rustls::ClientConfig;

use crate::Settings;
use crate::error::{self, ServerError};
pub(crate) use answer::{BINARY, ColumnDefinition, Done};
use answer::{EOF, ERROR, FILE_WANTED, OK};
use handshake::Greeting;
use packets::{Fault, Packets};
pub(crate) use reader::Reader;
pub(crate) use statements::Prepared;
use statements::Statements;
use transport::Transport;

/// How long a server may take over `KILL QUERY`, and over giving a killed statement up.
const MERCY: Duration = Duration::from_millis(1_500);

/// Rows of a result that is closed early are read to their end as long as they are few.
const ROWS_LEFT: usize = 1_000;

/// How a connection is made.
pub(crate) struct Dial {
    pub(crate) settings: Settings,
    tls: Option<Arc<ClientConfig>>,
}

impl Dial {
    /// # Errors
    /// `invalid` where the settings contradict themselves.
    pub(crate) fn new(settings: Settings) -> Result<Self> {
        settings.check()?;
        let tls = settings.tls_options().client_config()?;
        Ok(Self { settings, tls })
    }
}

/// Where the answer to the last command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It is done.
    Idle,
    /// It is to come.
    Answer,
    /// It is in the middle of something that can't be given up.
    Between,
    /// Rows are coming.
    Rows,
}

/// What a statement has answered.
#[derive(Debug)]
pub(crate) enum Answer {
    Done(Done),
    /// Rows of these columns follow.
    Rows(Rc<[ColumnDefinition]>),
}

/// A connection to a server.
pub(crate) struct Connection {
    dial: Rc<Dial>,
    packets: Packets,
    statements: Statements,
    pub(crate) flavour: MySqlFlavour,
    id: u32,
    deprecate_eof: bool,
    extended: bool,
    phase: Phase,
    /// Nothing more can be said over it.
    lost: bool,
    /// As the server told last.
    status: StatusFlags,
}

impl Connection {
    /// Connects, encrypts and proves who it is.
    ///
    /// # Errors
    /// `unavailable`, `denied`, `exhausted` or `not-found`, mostly.
    pub(crate) fn open(dial: &Rc<Dial>, deadline: Option<Instant>) -> Result<Self> {
        Self::try_open(dial, deadline).map_err(|mut error| {
            error.aftermath = Aftermath::SessionLost;
            error
        })
    }

    fn try_open(dial: &Rc<Dial>, deadline: Option<Instant>) -> Result<Self> {
        let settings = &dial.settings;
        let mut packets = Packets::new(Transport::connect(&settings.host, settings.port)?);
        packets.set_deadline(deadline);
        packets.begin();
        packets.advance()?;
        if packets.current().first() == Some(&ERROR) {
            return Err(answer::failure(packets.current()));
        }
        let greeting = Greeting::read(packets.current())?;
        let can_encrypt = greeting.capabilities.contains(CapabilityFlags::CLIENT_SSL);
        match &dial.tls {
            Some(tls) if can_encrypt => {
                if packets.has_unread() {
                    // Someone in between could have put it there.
                    return Err(error::out_of_step("it goes on before TLS has begun"));
                }
                packets.send(&greeting.tls_request())?;
                let name = tenon_tls::server_name(&settings.host)?;
                packets.transport.start_tls(Arc::clone(tls), name)?;
            }
            Some(_) if settings.tls != TlsMode::Prefer => {
                return Err(Error::new(
                    ErrorKind::Denied,
                    "the server has no TLS, which `tls` requires",
                ));
            }
            _ => {}
        }
        authentication::authenticate(&mut packets, &greeting, settings)?;
        Ok(Self {
            dial: Rc::clone(dial),
            packets,
            statements: Statements::default(),
            flavour: greeting.flavour,
            id: greeting.id,
            deprecate_eof: greeting
                .agreed(false)
                .contains(CapabilityFlags::CLIENT_DEPRECATE_EOF),
            extended: greeting
                .agreed_extended()
                .contains(MariadbCapabilities::MARIADB_CLIENT_EXTENDED_METADATA),
            phase: Phase::Idle,
            lost: false,
            status: StatusFlags::empty(),
        })
    }

    /// Until when answers are waited for.
    pub(crate) const fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.packets.set_deadline(deadline);
    }

    /// Whether the server has a transaction open, as it said last.
    pub(crate) const fn is_in_transaction(&self) -> bool {
        self.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS)
    }

    /// Runs a statement as text, for what it does. Rows that it has are thrown away.
    pub(crate) fn run(&mut self, statement: &str) -> Result<Done> {
        let answer = self.text(statement)?;
        self.finish(answer)
    }

    /// Runs a statement as text.
    pub(crate) fn text(&mut self, statement: &str) -> Result<Answer> {
        self.command(Command::COM_QUERY, statement.as_bytes())?;
        self.answer(true)
    }

    /// Runs a prepared statement, whose parameters are `bound`.
    pub(crate) fn execute(
        &mut self,
        prepared: Prepared,
        bound: &[u8],
        named: bool,
    ) -> Result<Answer> {
        let mut body = Vec::with_capacity(9 + bound.len());
        body.extend(prepared.id.to_le_bytes());
        // No cursor, and one iteration.
        body.push(0);
        body.extend(1_u32.to_le_bytes());
        body.extend(bound);
        self.command(Command::COM_STMT_EXECUTE, &body)?;
        self.answer(named)
    }

    /// The statement, prepared now or before.
    pub(crate) fn prepare(&mut self, text: &str) -> Result<Prepared> {
        if let Some(prepared) = self.statements.get(text) {
            return Ok(prepared);
        }
        self.command(Command::COM_STMT_PREPARE, text.as_bytes())?;
        self.advance()?;
        if self.packets.current().first() == Some(&ERROR) {
            return Err(self.failed());
        }
        self.phase = Phase::Between;
        let mut reader = Reader::new(self.packets.current());
        if reader.u8()? != OK {
            return Err(self.lose(error::out_of_step(
                "a statement is prepared neither well nor badly",
            )));
        }
        let id = reader.u32()?;
        let columns = reader.u16()?;
        let parameters = reader.u16()?;
        for count in [parameters, columns] {
            // What they are comes with each execution.
            let end = u32::from(count > 0 && !self.deprecate_eof);
            for _ in 0..u32::from(count) + end {
                self.advance()?;
            }
        }
        self.phase = Phase::Idle;
        let prepared = Prepared { id, parameters };
        if let Some(evicted) = self.statements.put(text, prepared) {
            self.close_statement(evicted)?;
        }
        Ok(prepared)
    }

    /// Has a statement prepared anew before its next use.
    pub(crate) fn forget(&mut self, text: &str) {
        self.statements.remove(text);
    }

    fn close_statement(&mut self, prepared: Prepared) -> Result<()> {
        self.command(Command::COM_STMT_CLOSE, &prepared.id.to_le_bytes())?;
        // There is no answer.
        self.phase = Phase::Idle;
        Ok(())
    }

    /// Whether the server answers.
    pub(crate) fn ping(&mut self) -> Result<()> {
        self.command(Command::COM_PING, &[])?;
        let answer = self.answer(false)?;
        self.finish(answer).map(|_| ())
    }

    /// Brings the connection back to what it was at first: no transaction, statement, variable or lock is left.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.give_up_rows()?;
        self.command(Command::COM_RESET_CONNECTION, &[])?;
        self.statements = Statements::default();
        let answer = self.answer(false)?;
        self.finish(answer).map(|_| ())
    }

    /// Says good-bye.
    pub(crate) fn quit(&mut self) {
        if !self.lost {
            self.packets.begin();
            // Nobody answers, and nobody minds.
            let _ = self.packets.send(&[Command::COM_QUIT as u8]);
            self.packets.transport.abandon();
            self.lost = true;
        }
    }

    /// Reads what is left of a statement's answer.
    pub(crate) fn finish(&mut self, answer: Answer) -> Result<Done> {
        let mut last = match answer {
            Answer::Done(done) => done,
            Answer::Rows(_) => Done::default(),
        };
        loop {
            match self.phase {
                Phase::Rows => while self.next_row()? {},
                Phase::Answer => {
                    if let Answer::Done(done) = self.answer(false)? {
                        last = done;
                    }
                }
                Phase::Idle | Phase::Between => return Ok(last),
            }
        }
    }

    /// Reads the next row; whether there is one.
    pub(crate) fn next_row(&mut self) -> Result<bool> {
        if self.phase != Phase::Rows {
            return Ok(false);
        }
        self.advance()?;
        let packet = self.packets.current();
        match packet.first() {
            Some(&ERROR) => Err(self.failed()),
            Some(&EOF) if packet.len() < 0xff_ffff => {
                let done = answer::end_of_rows(packet, self.deprecate_eof);
                let done = done.map_err(|error| self.lose(error))?;
                self.settle(done);
                Ok(false)
            }
            Some(_) => Ok(true),
            None => Err(self.lose(error::out_of_step("a row is empty"))),
        }
    }

    /// The row that was read last.
    pub(crate) fn row(&self) -> &[u8] {
        self.packets.current()
    }

    /// Whether rows are open.
    pub(crate) fn has_rows(&self) -> bool {
        self.phase == Phase::Rows || self.phase == Phase::Answer
    }

    /// Ends a result before its end: reads it if little is left, and otherwise has the server stop.
    ///
    /// # Errors
    /// Where the session is lost by it.
    pub(crate) fn give_up_rows(&mut self) -> Result<()> {
        if self.lost || !self.has_rows() {
            return Ok(());
        }
        for _ in 0..ROWS_LEFT {
            match self.next_row() {
                Ok(true) => {}
                Ok(false) => break,
                // The statement failed, and that ended its rows.
                Err(error) if error.aftermath != Aftermath::SessionLost => break,
                Err(error) => return Err(error),
            }
        }
        if self.has_rows() {
            self.stop()?;
        }
        Ok(())
    }

    /// The first part of an answer.
    fn answer(&mut self, named: bool) -> Result<Answer> {
        self.phase = Phase::Answer;
        self.advance()?;
        let packet = self.packets.current();
        match packet.first() {
            Some(&OK) => {
                let done = answer::done(packet).map_err(|error| self.lose(error))?;
                self.settle(done);
                Ok(Answer::Done(done))
            }
            Some(&ERROR) => Err(self.failed()),
            Some(&FILE_WANTED) => Err(self.lose(answer::file_refused())),
            _ => {
                let count = answer::column_count(packet).map_err(|error| self.lose(error))?;
                self.phase = Phase::Between;
                let mut columns = Vec::new();
                for _ in 0..count {
                    self.advance()?;
                    let column = answer::column(self.packets.current(), named, self.extended);
                    columns.push(column.map_err(|error| self.lose(error))?);
                }
                if !self.deprecate_eof {
                    self.advance()?;
                }
                self.phase = Phase::Rows;
                Ok(Answer::Rows(columns.into()))
            }
        }
    }

    /// A part of an answer is done; more of them may follow.
    fn settle(&mut self, done: Done) {
        self.status = done.status;
        self.phase = if done
            .status
            .contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS)
        {
            Phase::Answer
        } else {
            Phase::Idle
        };
    }

    /// The error that was read last, which ends the answer.
    fn failed(&mut self) -> Error {
        self.phase = Phase::Idle;
        match answer::server_error(self.packets.current()) {
            Ok(server) => self.server_failed(server),
            Err(error) => self.lose(error),
        }
    }

    fn server_failed(&mut self, server: ServerError) -> Error {
        let error = Error::from(server);
        if error.aftermath == Aftermath::SessionLost {
            return self.lose(error);
        }
        error
    }

    fn command(&mut self, command: Command, body: &[u8]) -> Result<()> {
        if self.lost {
            let mut error = Error::unavailable("the connection to the server is gone");
            error.aftermath = Aftermath::SessionLost;
            return Err(error);
        }
        if self.phase != Phase::Idle {
            return Err(Error::backend(
                "rows of this session are still being read: it can do nothing else before they are closed",
            ));
        }
        self.packets.begin();
        let mut message = Vec::with_capacity(1 + body.len());
        message.push(command as u8);
        message.extend(body);
        self.packets
            .send(&message)
            .map_err(|fault| self.lose(fault.into()))?;
        self.phase = Phase::Answer;
        Ok(())
    }

    /// Reads a message. A server that takes too long is told to stop.
    fn advance(&mut self) -> Result<()> {
        match self.packets.advance() {
            Ok(()) => Ok(()),
            Err(Fault::Late) => Err(self.out_of_time()),
            Err(fault) => Err(self.lose(fault.into())),
        }
    }

    fn lose(&mut self, error: Error) -> Error {
        self.lost = true;
        self.packets.transport.abandon();
        error
    }

    /// The time is over: the statement is stopped, or the session is lost.
    fn out_of_time(&mut self) -> Error {
        let message = "the statement took longer than the call may, and was stopped";
        match self.stop() {
            Ok(()) => Error::new(ErrorKind::Timeout, message),
            Err(_) => self.lose(error::late(
                "the server did not answer in time, and could not be told to stop",
            )),
        }
    }

    /// Has the server stop the statement, and reads what is left of its answer.
    fn stop(&mut self) -> Result<()> {
        if self.phase == Phase::Between || self.lost {
            return Err(self.lose(error::late("the answer can't be given up")));
        }
        let deadline = Instant::now().checked_add(MERCY);
        let mut second = Self::open(&self.dial, deadline).map_err(|error| self.lose(error))?;
        let killed = second.run(&format!("KILL QUERY {}", self.id));
        second.quit();
        killed.map_err(|error| self.lose(error))?;
        self.packets.set_deadline(deadline);
        self.read_what_is_left(deadline)?;
        // The order may have come after the statement's end: then it hits the next one, which is this.
        match self.run("DO 0") {
            Err(error) if error.aftermath == Aftermath::SessionLost => Err(error),
            _ => Ok(()),
        }
    }

    /// Without a further attempt to stop it.
    fn read_what_is_left(&mut self, deadline: Option<Instant>) -> Result<()> {
        while self.phase != Phase::Idle {
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return Err(self.lose(error::late("the statement did not stop in time")));
            }
            let read = self.packets.advance();
            read.map_err(|fault| self.lose(fault.into()))?;
            let packet = self.packets.current();
            match (self.phase, packet.first()) {
                (_, Some(&ERROR)) => self.phase = Phase::Idle,
                (Phase::Answer, Some(&OK)) => {
                    let done = answer::done(packet).map_err(|error| self.lose(error))?;
                    self.settle(done);
                }
                (Phase::Rows, Some(&EOF)) if packet.len() < 0xff_ffff => {
                    let done = answer::end_of_rows(packet, self.deprecate_eof);
                    let done = done.map_err(|error| self.lose(error))?;
                    self.settle(done);
                }
                (Phase::Rows, Some(_)) => {}
                (Phase::Answer, Some(_)) => {
                    let count = answer::column_count(packet).map_err(|error| self.lose(error))?;
                    for _ in 0..count + usize::from(!self.deprecate_eof) {
                        let read = self.packets.advance();
                        read.map_err(|fault| self.lose(fault.into()))?;
                    }
                    self.phase = Phase::Rows;
                }
                _ => return Err(self.lose(error::out_of_step("an answer is empty"))),
            }
        }
        Ok(())
    }
}
