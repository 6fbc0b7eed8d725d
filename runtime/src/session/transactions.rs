//! The calls of `transactions`. Between `begin` and its end every call of the session belongs to it.

use super::call::bounded;
use super::{Attempt, Call, Session};
use crate::bindings::exports::tenon::connector::transactions as wit;
use crate::error::{Error, ErrorKind, Result};

/// How far a transaction is kept from others, as SQL defines it. A later one is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isolation {
    /// Others' uncommitted changes may be seen.
    ReadUncommitted,
    /// Others' changes are seen once they are committed.
    ReadCommitted,
    /// What was read stays as it was.
    RepeatableRead,
    /// As if transactions came one after the other.
    Serializable,
}

impl From<Isolation> for wit::Isolation {
    fn from(isolation: Isolation) -> Self {
        match isolation {
            Isolation::ReadUncommitted => Self::ReadUncommitted,
            Isolation::ReadCommitted => Self::ReadCommitted,
            Isolation::RepeatableRead => Self::RepeatableRead,
            Isolation::Serializable => Self::Serializable,
        }
    }
}

/// Begins a transaction.
pub(crate) struct Begin {
    pub isolation: Option<Isolation>,
    pub read_only: bool,
}

impl Attempt for Begin {
    type Output = ();

    /// One that has begun on a session that is lost has ended with it.
    const WRITES: bool = false;

    async fn attempt(&mut self, session: &mut Session) -> Result<()> {
        let Some(transactions) = &session.interfaces.transactions else {
            return Err(no_transactions());
        };
        let options = wit::Options {
            isolation: self.isolation.map(Into::into),
            read_only: self.read_only,
        };
        let call = transactions.call_begin(&mut session.store, options);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        session.settle("begin", outcome)?;
        session.leftovers.transaction_began();
        Ok(())
    }
}

/// Makes what a transaction has done last.
pub(crate) struct Commit;

impl Call for Commit {
    type Output = ();

    async fn run(self, session: &mut Session) -> Result<()> {
        let Some(transactions) = &session.interfaces.transactions else {
            return Err(no_transactions());
        };
        let call = transactions.call_commit(&mut session.store);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        // Where it fails, the transaction is rolled back when the session is given back.
        session.settle("commit", outcome)?;
        session.leftovers.transaction_ended();
        Ok(())
    }
}

/// Undoes what a transaction has done.
pub(crate) struct Rollback;

impl Call for Rollback {
    type Output = ();

    async fn run(self, session: &mut Session) -> Result<()> {
        session.roll_back().await
    }
}

impl Session {
    pub(super) async fn roll_back(&mut self) -> Result<()> {
        let Some(transactions) = &self.interfaces.transactions else {
            return Err(no_transactions());
        };
        let call = transactions.call_rollback(&mut self.store);
        self.lost = true;
        let outcome = bounded(self.call_timeout, call).await;
        self.settle("rollback", outcome)?;
        self.leftovers.transaction_ended();
        Ok(())
    }
}

fn no_transactions() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this connector has no transactions: it does not export `transactions`",
    )
}
