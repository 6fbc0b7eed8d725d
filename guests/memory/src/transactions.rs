//! The capability `transactions`: roll-back by a journal of what was there.
//!
//! The runtime lets nobody else in while a transaction is open, so each is serializable, whatever is asked for. The
//! journal holds every record as it was, and so a transaction is bounded by the instance's memory: a change that finds
//! no room there is refused as `exhausted`, and the transaction is as it was before.

use tenon_sdk::{Error, Result, TransactionOptions, Transactions};

use crate::Memory;

impl Memory {
    /// Refuses to write in a transaction that only reads.
    pub(crate) fn refuse_if_read_only(&self) -> Result<()> {
        match self.transaction {
            Some(TransactionOptions {
                read_only: true, ..
            }) => Err(Error::invalid(
                "the transaction is read-only: begin one that isn't to write",
            )),
            _ => Ok(()),
        }
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

    fn end(&mut self) -> Result<()> {
        let ended = self.transaction.take();
        ended
            .map(drop)
            .ok_or_else(|| Error::invalid("no transaction is open: begin one first"))
    }

    /// Undoes a transaction that nobody ended.
    pub(crate) fn abandon(&mut self) -> Result<()> {
        if self.transaction.is_some() {
            self.rollback()?;
        }
        Ok(())
    }
}

impl Transactions for Memory {
    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        self.refuse_in_transaction("a transaction begins")?;
        self.transaction = Some(options);
        for collection in self.collections.values() {
            collection.borrow_mut().begin();
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.end()?;
        for collection in self.collections.values() {
            collection.borrow_mut().commit();
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<()> {
        self.end()?;
        // All of them are tried, whichever fails.
        let mut result = Ok(());
        for collection in self.collections.values() {
            result = result.and(collection.borrow_mut().rollback());
        }
        result
    }
}
