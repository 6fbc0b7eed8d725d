//! Transactions that do what they were told to do, by a find of a key such as `on commit: trap`.

use tenon_sdk::{Error, Result, TransactionOptions, Transactions};

use crate::Evil;

impl Transactions for Evil {
    fn begin(&mut self, _: TransactionOptions) -> Result<()> {
        self.mischief.strike("begin")?;
        self.backend.ask("begin")?;
        if self.mischief.in_transaction {
            return Err(Error::invalid("a transaction is open"));
        }
        self.mischief.in_transaction = true;
        self.mischief.transactions += 1;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.mischief.strike("commit")?;
        self.mischief.in_transaction = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<()> {
        self.mischief.strike("rollback")?;
        self.mischief.in_transaction = false;
        Ok(())
    }
}
