//! What a session's holder has left behind, and how it is put right before somebody else gets the session:
//! cursors and read models are closed, a transaction is rolled back, and what can't be told is reset.
//!
//! Where that fails the session is lost, and another takes its place.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::component::ResourceAny;

use super::call::bounded;
use super::cursor::OpenResult;
use super::{Call, Session};
use crate::error::Result;

/// What is left behind in a session.
#[derive(Default)]
pub(super) struct Leftovers {
    orphans: Arc<Orphans>,
    transaction: Transaction,
    /// The session's own state may differ from what it was after `connect`.
    unclean: bool,
}

/// The transaction that a session is in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Transaction {
    #[default]
    None,
    Open,
    /// The backend has given it up: only `rollback` is possible.
    Failed,
}

impl Leftovers {
    /// Where the session's cursors go when nobody closes them.
    pub(super) fn orphans(&self) -> Arc<Orphans> {
        Arc::clone(&self.orphans)
    }

    pub(super) fn transaction_began(&mut self) {
        self.transaction = Transaction::Open;
    }

    pub(super) fn transaction_failed(&mut self) {
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
    }

    pub(super) fn transaction_ended(&mut self) {
        self.transaction = Transaction::None;
    }

    /// From here on the session has to be reset before it serves another.
    pub(super) fn soil(&mut self) {
        self.unclean = true;
    }

    /// The session is as it was after `connect`: with its connection went its transaction and its state.
    pub(super) fn reconnected(&mut self) {
        self.transaction = Transaction::None;
        self.unclean = false;
    }
}

/// Something of a session's whose owner has gone.
pub(super) enum Orphan {
    Cursor(OpenResult),
    /// With the read model that it is the store of.
    Store(ResourceAny, String),
}

/// What the owners of a session's cursors and stores have left: the session's next holder closes it.
#[derive(Default)]
pub(super) struct Orphans(Mutex<Vec<Orphan>>);

impl Orphans {
    pub(super) fn push(&self, orphan: Orphan) {
        self.list().push(orphan);
    }

    fn list(&self) -> MutexGuard<'_, Vec<Orphan>> {
        // A list of handles is whole at any moment, also after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_empty(&self) -> bool {
        self.list().is_empty()
    }

    fn take(&self) -> Vec<Orphan> {
        std::mem::take(&mut self.list())
    }
}

impl Session {
    /// Whether there are cursors that nobody will read on, or stores that nobody will use.
    pub(crate) fn has_orphans(&self) -> bool {
        !self.leftovers.orphans.is_empty()
    }

    /// Whether anything has to be put right before somebody else gets the session.
    pub(crate) fn has_leftovers(&self) -> bool {
        self.has_orphans()
            || self.leftovers.unclean
            || self.leftovers.transaction != Transaction::None
    }

    /// Whether the session's transaction can do nothing but be rolled back.
    pub(crate) fn transaction_is_lost(&self) -> bool {
        self.leftovers.transaction == Transaction::Failed
    }

    /// Puts right what its holder has left behind. Where that fails, the session is lost.
    pub(crate) async fn clean_up(&mut self) {
        self.close_orphans().await;
        if !self.lost && self.leftovers.transaction != Transaction::None {
            if self.leftovers.transaction == Transaction::Failed {
                self.leftovers.soil();
            }
            if let Err(error) = self.roll_back().await {
                tracing::debug!(kind = %error.kind(), "rolling back a transaction that was left open");
                self.leftovers.transaction_ended();
                self.leftovers.soil();
            }
        }
        if !self.lost && self.leftovers.unclean {
            match self.reset().await {
                Ok(()) => self.leftovers.unclean = false,
                Err(error) => {
                    tracing::debug!(kind = %error.kind(), "a session could not be reset, and is replaced");
                    self.lost = true;
                }
            }
        }
    }

    pub(super) async fn close_orphans(&mut self) {
        for orphan in self.leftovers.orphans.take() {
            if self.is_severed() {
                // It goes on once it is reconnected.
                self.leftovers.orphans.push(orphan);
                continue;
            }
            if self.lost {
                return;
            }
            let closed = match orphan {
                Orphan::Cursor(result) => self.close_cursor(result).await,
                Orphan::Store(store, read_model) => self.close_store(store, &read_model).await,
            };
            if let Err(error) = closed {
                // Its text is the connector's, and not yet stripped of secrets.
                tracing::debug!(kind = %error.kind(), "closing what was left open");
            }
        }
    }

    /// Brings the session back to what it was after `connect`.
    async fn reset(&mut self) -> Result<()> {
        let call = self.lifecycle.call_reset(&mut self.store);
        self.lost = true;
        let outcome = bounded(self.call_timeout, call).await;
        self.settle("reset", outcome)
    }
}

/// Closes the cursors that were left behind; a transaction goes on.
pub(crate) struct CloseCursors;

impl Call for CloseCursors {
    type Output = ();

    async fn run(self, session: &mut Session) -> Result<()> {
        session.close_orphans().await;
        Ok(())
    }
}
