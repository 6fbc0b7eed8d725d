//! The capability `transactions`.
//!
//! A transaction has the folder's lock from its beginning to its end, and changes a copy that becomes the folder's when
//! it commits. So transactions that write come one after the other; one that only reads keeps what it began with, and
//! needs no lock.

use tenon_sdk::{Aftermath, Error, ErrorKind, Result, TransactionOptions, Transactions};

use crate::Faulty;
use crate::collection::State;
use crate::fault::Fault;
use crate::lock::{Holding, Lock};

/// An open transaction.
pub(crate) struct Transaction {
    pub(crate) read_only: bool,
    /// What there was when it began.
    pub(crate) base: State,
    /// What it has made of it.
    pub(crate) state: State,
    /// What it was before the last write.
    before_last: Option<State>,
    /// What it was when a call failed first.
    at_failure: Option<State>,
    lock: Option<Lock>,
}

impl Transaction {
    /// Takes a write in.
    pub(crate) fn record(&mut self, state: State) {
        self.before_last = Some(std::mem::replace(&mut self.state, state));
    }

    /// Takes down that a call has failed.
    pub(crate) fn note_failure(&mut self) {
        self.at_failure.get_or_insert_with(|| self.state.clone());
    }

    /// Shows others that it is alive.
    pub(crate) fn touch(&mut self) -> Result<()> {
        self.lock.as_mut().map_or(Ok(()), Lock::touch)
    }
}

impl Faulty {
    /// Refuses to write in a transaction that only reads.
    pub(crate) fn refuse_if_read_only(&self) -> Result<()> {
        let is_read_only = self.transaction.as_ref().is_some_and(|it| it.read_only);
        if is_read_only && !self.planted.is(Fault::ReadOnlyIsNotEnforced) {
            return Err(Error::invalid(
                "the transaction is read-only: begin one that isn't to write",
            ));
        }
        Ok(())
    }

    /// Refuses what a roll-back couldn't undo.
    pub(crate) fn refuse_in_transaction(&self, what: &str) -> Result<()> {
        if self.transaction.is_some() {
            return Err(Error::invalid(format!(
                "{what} outside transactions only: end this one first"
            )));
        }
        Ok(())
    }

    /// Undoes a transaction that nobody ended, with its session.
    pub(crate) fn abandon(&mut self) -> Result<()> {
        if self.planted.is(Fault::DisconnectCommits) && self.transaction.is_some() {
            return self.commit();
        }
        if self.planted.is(Fault::LockOutlivesTheSession)
            && let Some(transaction) = self.transaction.take()
        {
            if let Some(lock) = transaction.lock {
                lock.leave();
            }
            return Ok(());
        }
        self.undo()
    }

    /// Undoes the transaction, if one is open.
    pub(crate) fn undo(&mut self) -> Result<()> {
        let Some(transaction) = self.transaction.take() else {
            return Ok(());
        };
        let state = match self.planted.0 {
            Some(Fault::UncommittedIsSeen) => Some(transaction.base.clone()),
            Some(Fault::RollbackKeepsDeletions) => Some(without_the_deleted(&transaction)),
            _ => None,
        };
        if let (Some(state), Some(lock)) = (state, &transaction.lock)
            && !transaction.read_only
        {
            self.store()?.save(state, lock)?;
        }
        Ok(())
    }

    /// Shows a transaction's changes to others, where it does that.
    pub(crate) fn show_uncommitted(&mut self) -> Result<()> {
        if !self.planted.is(Fault::UncommittedIsSeen) {
            return Ok(());
        }
        if let (Some(transaction), Some(store)) = (&self.transaction, &mut self.store)
            && let Some(lock) = &transaction.lock
        {
            store.save(transaction.state.clone(), lock)?;
        }
        Ok(())
    }

    /// What a transaction that commits leaves.
    fn committed(&self, transaction: &Transaction) -> Option<State> {
        let failed = transaction.at_failure.as_ref();
        match (self.planted.0, failed) {
            (Some(Fault::CommitLosesTheLastWrite), _) => transaction.before_last.clone(),
            (Some(Fault::CommitAfterAnErrorRollsBack), Some(_)) => None,
            (Some(Fault::CommitAfterAnErrorIsHalf), Some(state)) => Some(state.clone()),
            _ => transaction
                .before_last
                .as_ref()
                .map(|_| transaction.state.clone()),
        }
    }

    fn store_committed(&mut self, transaction: &Transaction) -> Result<()> {
        let Some(state) = self.committed(transaction) else {
            return Ok(());
        };
        let Some(lock) = &transaction.lock else {
            let store = self.store()?;
            let lock = store.lock(Holding::Call)?;
            let state = state.put_upon(&transaction.base, store.latest()?);
            return store.save(state, &lock);
        };
        if !lock.is_ours() {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the transaction was silent for so long that another session took its lock",
            ));
        }
        self.store()?.save(state, lock)
    }
}

/// What there was when a transaction began, without what it has deleted.
fn without_the_deleted(transaction: &Transaction) -> State {
    let mut state = transaction.base.clone();
    for (name, old) in &transaction.base.collections {
        let new = transaction.state.collections.get(name);
        for key in old.records.keys() {
            let is_there = new.is_none_or(|new| new.records.contains_key(key));
            if !is_there && let Some(collection) = state.change(name) {
                collection.records.remove(key);
            }
        }
    }
    state
}

impl Transactions for Faulty {
    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        if self.planted.is(Fault::BeginDoesNothing) && !self.notes.pretends {
            self.notes.pretends = true;
            return Ok(());
        }
        if self.transaction.is_some() && self.planted.is(Fault::NestedBeginIsAccepted) {
            return Ok(());
        }
        if self.notes.pretends {
            return Err(Error::invalid("a transaction is open already"));
        }
        self.refuse_in_transaction("a transaction begins")?;
        let needs_lock = !self.planted.is(Fault::UpdatesAreLost)
            && (!options.read_only || self.planted.is(Fault::ReadOnlyIsNotEnforced));
        let store = self.store()?;
        let lock = if needs_lock {
            Some(store.lock(Holding::Transaction)?)
        } else {
            None
        };
        let state = store.latest()?.clone();
        self.transaction = Some(Transaction {
            read_only: options.read_only,
            base: state.clone(),
            state,
            before_last: None,
            at_failure: None,
            lock,
        });
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        if std::mem::take(&mut self.notes.pretends) {
            return Ok(());
        }
        let Some(transaction) = self.transaction.take() else {
            return self.no_transaction();
        };
        let stored = self.store_committed(&transaction);
        stored.map_err(|mut error| {
            error.aftermath = Aftermath::TransactionLost;
            self.transaction = Some(transaction);
            error
        })
    }

    fn rollback(&mut self) -> Result<()> {
        if std::mem::take(&mut self.notes.pretends) {
            return Ok(());
        }
        if self.transaction.is_none() {
            return self.no_transaction();
        }
        if self.planted.is(Fault::RollbackCommits) {
            return self.commit();
        }
        self.undo()
    }
}

impl Faulty {
    fn no_transaction(&self) -> Result<()> {
        if self.planted.is(Fault::CommitOfNothingIsDone) {
            return Ok(());
        }
        Err(Error::invalid("no transaction is open: begin one first"))
    }
}
