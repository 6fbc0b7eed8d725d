//! A transaction that lasts for several calls, and one call's part in it.
//!
//! The engine has no savepoints inside a transaction. So a call that changes records in one keeps what they were,
//! up to a bound, and a call that fails puts that back. Where it can't, the transaction is lost, and says so.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use redb::{Durability, WriteTransaction};
use tenon_sdk::{Error, Result};

use crate::error::{OrFail, transaction_lost};

/// An open transaction that writes. The store alone holds it between calls; cursors know it weakly, and end with it.
pub(crate) struct Live {
    pub(crate) engine: WriteTransaction,
    /// Whether anything was written: otherwise there is nothing to commit.
    written: Cell<bool>,
    /// How often a definition has changed in it.
    definitions: Cell<u32>,
}

/// What the session is in.
pub(crate) enum Running {
    /// Each write is a transaction of its own.
    None,
    /// Writes are refused; nobody else has the file, so each read sees the same.
    ReadOnly,
    /// Every call belongs to it.
    Live(Rc<Live>),
    /// Its changes are undone, and its owner has yet to roll back.
    Lost,
}

impl Live {
    pub(crate) fn new(mut engine: WriteTransaction) -> Result<Self> {
        prepare(&mut engine)?;
        Ok(Self {
            engine,
            written: Cell::new(false),
            definitions: Cell::new(0),
        })
    }

    pub(crate) fn definitions(&self) -> u32 {
        self.definitions.get()
    }

    pub(crate) fn commit(self) -> Result<()> {
        if self.written.get() {
            self.engine.commit().or_unknown()
        } else {
            self.engine.abort().or_fail()
        }
    }
}

/// Makes a transaction's commit durable, and the file one that opens at once after a kill.
pub(crate) fn prepare(engine: &mut WriteTransaction) -> Result<()> {
    engine.set_durability(Durability::Immediate).or_fail()?;
    engine.set_quick_repair(true);
    Ok(())
}

/// What one call changes.
pub(crate) struct Work<'a> {
    pub(crate) engine: &'a WriteTransaction,
    part_of: Option<&'a Live>,
    changed: Cell<bool>,
    /// When work that can go on in another call has to stop.
    deadline: Option<Instant>,
}

impl<'a> Work<'a> {
    /// All that a transaction does: where it fails, the transaction is aborted.
    pub(crate) fn whole(engine: &'a WriteTransaction, time: Option<Duration>) -> Self {
        Self {
            engine,
            part_of: None,
            changed: Cell::new(false),
            deadline: time.and_then(|time| Instant::now().checked_add(time)),
        }
    }

    /// A part of what a transaction does.
    pub(crate) fn part(live: &'a Live) -> Self {
        Self {
            engine: &live.engine,
            part_of: Some(live),
            changed: Cell::new(false),
            // A transaction is not to end before its owner ends it.
            deadline: None,
        }
    }

    /// Whether work that can go on in another call has to stop.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether it has to be undone by itself where it fails.
    pub(crate) fn is_part(&self) -> bool {
        self.part_of.is_some()
    }

    /// Comes before the first change.
    pub(crate) fn changes(&self) {
        self.changed.set(true);
        if let Some(live) = self.part_of {
            live.written.set(true);
        }
    }

    /// Comes before the first change of a definition.
    pub(crate) fn changes_definitions(&self) {
        self.changes();
        if let Some(live) = self.part_of {
            live.definitions.set(live.definitions.get().wrapping_add(1));
        }
    }

    /// Everything is as it was before the call.
    pub(crate) fn is_undone(&self) {
        self.changed.set(false);
    }

    /// Whether something has changed and was not undone.
    pub(crate) fn has_changed(&self) -> bool {
        self.changed.get()
    }
}

/// The error for whatever comes between a transaction's loss and its end.
pub(crate) fn is_lost() -> Error {
    transaction_lost(Error::invalid(
        "the transaction is lost, and nothing of it is stored: roll it back",
    ))
}
