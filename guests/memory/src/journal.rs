//! What has changed, so that it can be undone: by a call that fails half way, and by a transaction's roll-back.
//!
//! Slots are put back exactly, numbers and all, so that a cursor that was open before goes on as if nothing had been.
//! A journal lives in the instance's memory: where there is none left, the change that it is for is refused.

use tenon_sdk::generate::Counters;
use tenon_sdk::{Entity, Result};

use crate::slots::{SlotId, exhausted};

/// One change of a record.
pub(crate) enum Change {
    Created(SlotId),
    /// What was there.
    Replaced(SlotId, Entity),
    /// What was there, with its slot's number.
    Removed(SlotId, u32, Entity),
}

/// The changes of an open transaction, or of the call that is running.
#[derive(Default)]
pub(crate) struct Journal {
    changes: Vec<Change>,
    transaction: Option<Before>,
    /// Inside a call that is undone where it fails.
    in_call: bool,
}

/// What a transaction found, beside records.
pub(crate) struct Before {
    pub(crate) counters: Counters,
    pub(crate) is_there: bool,
}

/// A moment to go back to.
pub(crate) struct Mark {
    length: usize,
    in_call: bool,
}

impl Journal {
    pub(crate) fn begin(&mut self, before: Before) {
        self.transaction = Some(before);
    }

    /// Ends the transaction; what it found is for a roll-back, once its changes are undone.
    pub(crate) fn end(&mut self) -> Option<Before> {
        self.changes = Vec::new();
        self.transaction.take()
    }

    pub(crate) fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    pub(crate) fn before(&mut self) -> Option<&mut Before> {
        self.transaction.as_mut()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Makes room for one change more.
    pub(crate) fn reserve(&mut self) -> Result<()> {
        if self.keeps() {
            self.changes.try_reserve(1).map_err(|_| exhausted())?;
        }
        Ok(())
    }

    /// Keeps a change that there is [room](Self::reserve) for, if it may have to be undone.
    pub(crate) fn keep(&mut self, change: Change) {
        if self.keeps() {
            self.changes.push(change);
        }
    }

    fn keeps(&self) -> bool {
        self.in_call || self.transaction.is_some()
    }

    /// Begins a call that is undone where it fails.
    pub(crate) fn begin_call(&mut self) -> Mark {
        Mark {
            length: self.changes.len(),
            in_call: std::mem::replace(&mut self.in_call, true),
        }
    }

    /// Ends it; what it has kept is still needed in a transaction only.
    pub(crate) fn end_call(&mut self, mark: &Mark) {
        self.in_call = mark.in_call;
        if !self.keeps() {
            self.changes = Vec::new();
        }
    }

    /// Takes the last change back that came after a mark, or after the beginning.
    pub(crate) fn pop(&mut self, since: Option<&Mark>) -> Option<Change> {
        if self.changes.len() > since.map_or(0, |mark| mark.length) {
            self.changes.pop()
        } else {
            None
        }
    }
}
