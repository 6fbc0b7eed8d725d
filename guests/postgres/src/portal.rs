//! Rows of a cursor: asked for in batches, read while they arrive, and kept where something else has to be read first.
//!
//! Outside of a transaction a cursor has one for itself, since a portal lives no longer than its transaction.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use postgres_protocol::message::frontend;
use tenon_sdk::{Error, ErrorKind, Result};
use tenon_sql::Parameter;

use crate::connection::{Connection, FAILED, IDLE, Tag, read_tag};
use crate::decode::Reader;
use crate::failure::{out_of_step, session_lost};
use crate::statements::Prepared;
use crate::wire::Frame;

/// Rows that are kept for a cursor while the session does something else, in bytes.
const MOST_KEPT: usize = 16 << 20;

/// Rows on their way to a cursor.
#[derive(Debug)]
pub(crate) struct Arriving {
    /// The cursor's portal; none where all rows come at once.
    portal: Option<String>,
    /// It has a transaction for itself, and ends it.
    own: Cell<bool>,
    /// Rows that had to make way.
    kept: RefCell<VecDeque<Vec<u8>>>,
    /// How the last batch has ended.
    end: RefCell<Option<End>>,
    closed: Cell<bool>,
}

impl Arriving {
    /// The next of the rows that had to make way.
    pub(crate) fn kept(&self) -> Option<Vec<u8>> {
        self.kept.borrow_mut().pop_front()
    }

    /// Has the cursor fail when it goes on.
    pub(crate) fn fail(&self, error: Error) {
        self.closed.set(true);
        self.own.set(false);
        self.kept.borrow_mut().clear();
        *self.end.borrow_mut() = Some(End::Failed(error));
    }
}

/// How a batch of rows ends.
#[derive(Debug)]
pub(crate) enum End {
    /// There may be more.
    Suspended,
    /// With what the server says of it.
    Complete(Tag),
    Failed(Error),
}

/// How a statement's rows are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// All at once, which the server ends by itself.
    Whole,
    /// By a portal of the transaction that there is.
    Portal,
    /// By a portal in a transaction of its own that only reads.
    Scan,
    /// By a portal in a transaction of its own.
    ScanAndKeep,
}

/// What is read of a row.
pub(crate) enum Step<'a> {
    Row(&'a [u8]),
    End(End),
}

impl Connection {
    /// Begins to fetch a statement's rows. What fails at once, fails here.
    pub(crate) fn open(
        &mut self,
        text: &str,
        parameters: &[Parameter],
        (way, may_write): (Way, bool),
        batch: i32,
        readers: impl Fn(&Prepared) -> Result<Vec<Reader>>,
    ) -> Result<(Rc<Arriving>, Rc<Prepared>, Vec<Reader>)> {
        self.prepared(text, |connection, prepared| {
            let readers = readers(prepared)?;
            connection.begin_request()?;
            connection.unsure = way == Way::Whole && may_write && connection.status == IDLE;
            let own = matches!(way, Way::Scan | Way::ScanAndKeep);
            if own {
                connection.simple(match way {
                    Way::Scan => "BEGIN READ ONLY",
                    _ => "BEGIN",
                })?;
            }
            let portal = (way != Way::Whole).then(|| {
                connection.portals += 1;
                format!("c{}", connection.portals)
            });
            let name = portal.as_deref().unwrap_or_default();
            let formats = readers.iter().map(Reader::format);
            connection.bind(prepared, parameters, name, formats)?;
            let batch = if portal.is_some() { batch } else { 0 };
            connection.request(|out| frontend::execute(name, batch, out))?;
            frontend::sync(&mut connection.wire.outbound);
            connection.send()?;
            let arriving = Rc::new(Arriving {
                portal,
                own: Cell::new(own),
                kept: RefCell::default(),
                end: RefCell::default(),
                closed: Cell::new(false),
            });
            if own {
                connection.until_ready(|_, _| Ok(())).map_err(|error| {
                    connection.broken = true;
                    session_lost(error)
                })?;
                connection.scan = Some(Rc::clone(&arriving));
            }
            connection.reading = Some(Rc::clone(&arriving));
            connection.wait_for_rows(&arriving)?;
            Ok((arriving, Rc::clone(prepared), readers))
        })
    }

    /// The next of a cursor's rows that is here already or comes without asking.
    pub(crate) fn step(&mut self, arriving: &Rc<Arriving>) -> Result<Step<'_>> {
        if let Some(end) = arriving.end.borrow_mut().take() {
            return Ok(Step::End(end));
        }
        if !self.is_reading(arriving) {
            return Err(out_of_step("a cursor's rows are not there"));
        }
        let frame = loop {
            let frame = self.next()?;
            match frame.tag {
                b'D' => break frame,
                // The portal is bound, or another is closed.
                b'2' | b'3' => {}
                _ => return Ok(Step::End(self.end_of(&frame)?)),
            }
        };
        Ok(Step::Row(self.wire.body(&frame)))
    }

    /// Asks for more of a cursor's rows.
    pub(crate) fn go_on(&mut self, arriving: &Rc<Arriving>, batch: i32) -> Result<()> {
        let Some(portal) = &arriving.portal else {
            return Err(out_of_step("a whole result was cut"));
        };
        self.check()?;
        self.settle()?;
        self.unsure = false;
        self.request(|out| frontend::execute(portal, batch, out))?;
        frontend::sync(&mut self.wire.outbound);
        self.send()?;
        self.reading = Some(Rc::clone(arriving));
        Ok(())
    }

    /// Ends a cursor: `complete` says that its rows have come to their end. `keep` says whether what it has done in a
    /// transaction of its own is kept.
    pub(crate) fn close(
        &mut self,
        arriving: &Rc<Arriving>,
        complete: bool,
        keep: bool,
    ) -> Result<()> {
        arriving.closed.set(true);
        arriving.kept.borrow_mut().clear();
        if self.broken {
            return Ok(());
        }
        if self.is_reading(arriving) {
            self.settle()?;
        }
        if arriving.own.replace(false) {
            self.settle()?;
            self.scan = None;
            let failed = self.status == FAILED;
            self.unsure = keep && !failed;
            self.begun = true;
            self.simple(if keep && !failed {
                "COMMIT"
            } else {
                "ROLLBACK"
            })?;
            self.send()?;
            if self.unsure {
                return self.until_ready(|_, _| Ok(()));
            }
            self.due += 1;
            self.status = IDLE;
        } else if let Some(portal) = &arriving.portal
            && !complete
            && self.status != FAILED
            && self.status != IDLE
        {
            self.settle()?;
            self.request(|out| frontend::close(b'P', portal, out))?;
            frontend::sync(&mut self.wire.outbound);
            self.send()?;
            self.due += 1;
        }
        Ok(())
    }

    /// Reads what a cursor has left on the wire.
    pub(crate) fn settle(&mut self) -> Result<()> {
        let Some(arriving) = self.reading.clone() else {
            return Ok(());
        };
        let mut kept = 0;
        loop {
            let frame = self.next()?;
            match frame.tag {
                b'D' if !arriving.closed.get() => {
                    let row = self.wire.body(&frame).to_vec();
                    kept += row.len();
                    if kept > MOST_KEPT {
                        self.broken = true;
                        return Err(session_lost(Error::new(
                            ErrorKind::Exhausted,
                            "too many rows of an open cursor would have to be kept; read them, or close it, first",
                        )));
                    }
                    arriving.kept.borrow_mut().push_back(row);
                }
                b'D' | b'2' | b'3' => {}
                _ => {
                    let end = self.end_of(&frame)?;
                    *arriving.end.borrow_mut() = Some(end);
                    return Ok(());
                }
            }
        }
    }

    /// Fetches all rows of a cursor that has a transaction for itself, and ends that.
    pub(crate) fn keep_rest(&mut self, scan: &Rc<Arriving>) -> Result<()> {
        let suspended = matches!(*scan.end.borrow(), Some(End::Suspended));
        if suspended {
            scan.end.borrow_mut().take();
            // As many as may be kept: a row takes some bytes.
            self.go_on(scan, 0)?;
            self.settle()?;
        }
        scan.own.set(false);
        self.command_unless_failed("COMMIT")
    }

    fn command_unless_failed(&mut self, command: &str) -> Result<()> {
        self.simple(if self.status == FAILED {
            "ROLLBACK"
        } else {
            command
        })?;
        self.send()?;
        self.until_ready(|_, _| Ok(()))
    }

    fn is_reading(&self, arriving: &Rc<Arriving>) -> bool {
        let reading = self.reading.as_ref();
        reading.is_some_and(|reading| Rc::ptr_eq(reading, arriving))
    }

    /// Waits until a cursor's rows begin, or its statement has failed.
    fn wait_for_rows(&mut self, arriving: &Rc<Arriving>) -> Result<()> {
        loop {
            let frame = self.next()?;
            match frame.tag {
                b'2' | b'3' => {}
                b'E' => {
                    return match self.end_of(&frame)? {
                        End::Failed(error) => {
                            self.close(arriving, true, false)?;
                            Err(error)
                        }
                        _ => Err(out_of_step("an error is none")),
                    };
                }
                _ => {
                    self.wire.put_back(&frame);
                    return Ok(());
                }
            }
        }
    }

    /// Reads the end of a batch of rows, which this frame begins.
    fn end_of(&mut self, frame: &Frame) -> Result<End> {
        self.reading = None;
        self.wire.put_back(frame);
        let mut suspended = false;
        let mut tag = Tag::default();
        let outcome = self.until_ready(|code, body| {
            match code {
                b's' => suspended = true,
                b'C' => tag = read_tag(body),
                _ => {}
            }
            Ok(())
        });
        match outcome {
            Ok(()) if suspended => Ok(End::Suspended),
            Ok(()) => Ok(End::Complete(tag)),
            Err(error) if self.broken => Err(error),
            Err(error) => Ok(End::Failed(error)),
        }
    }
}
