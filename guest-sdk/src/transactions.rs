//! The capability `transactions`.
//!
//! The runtime keeps an instance for one transaction from `begin` to its end. Every call in between belongs to
//! it, and one that fails with the aftermath `usable`, as errors of the SDK do unless they say otherwise, must have
//! left the transaction as it was before the call.

use crate::{Connector, Result};

/// How far a transaction is kept from others, as SQL defines it; a stricter level is a greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// How a transaction is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransactionOptions {
    /// This level or a stricter one; none means the backend's own.
    pub isolation: Option<Isolation>,
    /// Writes are refused.
    pub read_only: bool,
}

/// Transactions, one at a time. All three functions must be written.
pub trait Transactions: Connector {
    /// Begins a transaction.
    ///
    /// # Errors
    /// `unsupported` where there is neither this isolation nor a stricter one; `invalid` where one is open.
    fn begin(&mut self, options: TransactionOptions) -> Result<()>;

    /// Makes everything since [`begin`](Self::begin) lasting, and ends the transaction.
    ///
    /// # Errors
    /// `invalid` where none is open. For any other, `effect` says whether it is known not to have happened, and
    /// `aftermath` whether only a roll-back is left.
    fn commit(&mut self) -> Result<()>;

    /// Undoes everything since [`begin`](Self::begin), and ends the transaction. It is called also where the
    /// transaction is lost already, which is then no error.
    ///
    /// # Errors
    /// `invalid` where none is open; otherwise where the session can't go on.
    fn rollback(&mut self) -> Result<()>;
}
