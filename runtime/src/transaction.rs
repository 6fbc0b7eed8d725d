//! Transactions: several calls that happen together or not at all.
//!
//! A transaction keeps one session for itself, and its calls take turns on it. It is rolled back when its owner
//! drops it, when its time is up, and when its session is lost; a call whose caller leaves goes on to its end in
//! it. Inside of it a query is read whole, so that one can write while reading its rows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tenon_model::Value;
use tenon_model::contract::{Aftermath, Effect};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::capability::Capability;
use crate::catalogue::Catalogue;
use crate::dao::Dao;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result};
use crate::native::CommandRows;
use crate::pool::{Pool, Seat, TransactionMark};
use crate::session::{Begin, Call, Commit, Isolation, Rollback};

/// How a transaction is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransactionOptions {
    isolation: Option<Isolation>,
    read_only: bool,
    timeout: Option<Duration>,
}

impl TransactionOptions {
    /// The backend's own isolation, reading and writing, as long as the data source allows.
    pub fn new() -> Self {
        Self::default()
    }

    /// At this level of isolation, or a stricter one.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Refuses writes.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Ends after that time, if the data source's `transaction-timeout` doesn't end it before.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

/// A transaction. Dropping it rolls it back.
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    shared: Arc<Shared>,
    source: Arc<DataSource>,
    catalogue: Weak<Catalogue>,
    clock: AbortHandle,
}

/// What a transaction's operations share.
pub(crate) struct Shared {
    pool: Arc<Pool>,
    place: Arc<Mutex<Place>>,
    /// Nobody can end it any more: what still holds it may go on to its end, and begins nothing.
    abandoned: AtomicBool,
    limit: Duration,
    /// When even an operation that is under way has to end. One call to the connector is bounded by itself; many in
    /// a row, as when a query is read whole, are not.
    last: Instant,
}

/// Where a transaction is.
enum Place {
    Open(Seat, #[allow(dead_code)] TransactionMark),
    Ended(End),
}

/// How a transaction ended.
#[derive(Clone, Copy)]
enum End {
    Committed,
    RolledBack,
    /// Nobody knows whether its commit happened.
    Unknown,
    OutOfTime(Duration),
    /// Its session is gone, and the backend has undone it.
    SessionLost,
}

impl Transaction {
    pub(crate) async fn begin(
        source: Arc<DataSource>,
        catalogue: Weak<Catalogue>,
        options: TransactionOptions,
    ) -> Result<Self> {
        if !source.connector().has(Capability::Transactions) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the connector {} has no transactions: it does not export `transactions`",
                    source.connector().manifest().name
                ),
            )
            .remedy("use a connector that has them, or write so that each change stands for itself")
            .at(&source.name));
        }
        let pool = source.pool().await?;
        let begin = Begin {
            isolation: options.isolation,
            read_only: options.read_only,
        };
        let seat = pool.seat().await?;
        let ((), seat) = pool.attempt_on(seat, begin).await?;
        let limit = pool.limits().transaction_timeout;
        let limit = options.timeout.map_or(limit, |wish| wish.min(limit));
        let last = Instant::now() + limit + pool.limits().call_timeout;
        let place = Place::Open(seat, pool.mark_transaction());
        let shared = Arc::new(Shared {
            pool,
            place: Arc::new(Mutex::new(place)),
            abandoned: AtomicBool::new(false),
            limit,
            last,
        });
        let clock = end_in_time(Arc::downgrade(&shared.place), limit);
        Ok(Self {
            shared,
            source,
            catalogue,
            clock,
        })
    }

    /// The data source that it is on.
    pub fn data_source(&self) -> &DataSource {
        &self.source
    }

    /// Access to a model's records within the transaction.
    ///
    /// # Errors
    /// `not-found` where there is no such model, `invalid` where it is on another data source.
    pub async fn model(&self, name: &str) -> Result<Dao> {
        let Some(catalogue) = self.catalogue.upgrade() else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the runtime that this transaction belongs to is gone",
            ));
        };
        self.include(&catalogue.model(name).await?)
    }

    /// The same records, within the transaction.
    ///
    /// # Errors
    /// `invalid` where they are on another data source.
    pub fn include(&self, dao: &Dao) -> Result<Dao> {
        if !dao.is_on(&self.source) {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!(
                    "the model {} is on the data source {}, and this transaction on {}",
                    dao.model().name,
                    dao.data_source().name(),
                    self.source.name()
                ),
            )
            .remedy("a transaction is of one data source; begin another one there"));
        }
        Ok(dao.within(Arc::clone(&self.shared)))
    }

    /// Runs a command in the backend's own language within the transaction, and reads all of its rows.
    ///
    /// # Errors
    /// As [`DataSource::execute`], and `exhausted` where it has more rows than the limit `transaction-rows`.
    pub async fn execute(
        &self,
        command: impl Into<String>,
        parameters: Vec<Value>,
    ) -> Result<CommandRows> {
        self.source
            .execute_within(&self.shared, command.into(), parameters)
            .await
    }

    /// Makes what it has done last.
    ///
    /// # Errors
    /// `conflict` where it came into another's way: it is rolled back and can be tried again as a whole. Where
    /// the effect is `unknown`, nobody knows whether it happened.
    pub async fn commit(self) -> Result<()> {
        let mut place = self.turn().await;
        let shared = Arc::clone(&self.shared);
        let work = async move {
            let committed = match &mut *place {
                Place::Open(seat, _) if seat.is_lost() => Err(End::SessionLost.error()),
                // A backend may answer a commit of nothing with success.
                Place::Open(seat, _) if seat.transaction_is_lost() => Err(End::RolledBack.error()),
                Place::Open(seat, _) => seat.call_here(Commit).await,
                Place::Ended(end) => return Err(end.error()),
            };
            // With it goes the seat, and what is left of a failed transaction is rolled back there.
            *place = Place::Ended(match &committed {
                Ok(()) => End::Committed,
                Err(error) if error.effect() == Effect::Nothing => End::RolledBack,
                Err(_) => End::Unknown,
            });
            committed
        };
        shared.pool.run(work).await
    }

    /// Undoes what it has done. Dropping it does the same, later.
    ///
    /// # Errors
    /// What the backend reports; the session is put right before anybody else gets it.
    pub async fn rollback(self) -> Result<()> {
        let mut place = self.turn().await;
        let shared = Arc::clone(&self.shared);
        let work = async move {
            let undone = match &mut *place {
                Place::Open(seat, _) if seat.is_lost() => Ok(()),
                Place::Open(seat, _) => seat.call_here(Rollback).await,
                Place::Ended(_) => return Ok(()),
            };
            *place = Place::Ended(End::RolledBack);
            undone
        };
        shared.pool.run(work).await
    }

    async fn turn(&self) -> OwnedMutexGuard<Place> {
        Arc::clone(&self.shared.place).lock_owned().await
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.clock.abort();
        self.shared.abandoned.store(true, Ordering::Release);
        let place = Arc::clone(&self.shared.place);
        match place.try_lock_owned() {
            Ok(place) => give_up(place, End::RolledBack),
            Err(_) => {
                // One of its calls is under way.
                let place = Arc::clone(&self.shared.place);
                self.shared.pool.spawn(async move {
                    give_up(place.lock_owned().await, End::RolledBack);
                });
            }
        }
    }
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transaction({})", self.source.name())
    }
}

/// Lets go of an open transaction's seat, which rolls back.
fn give_up(mut place: OwnedMutexGuard<Place>, end: End) {
    if let Place::Open(..) = &*place {
        *place = Place::Ended(end);
    }
}

/// Ends a transaction when its time is up.
fn end_in_time(place: Weak<Mutex<Place>>, limit: Duration) -> AbortHandle {
    tokio::spawn(async move {
        tokio::time::sleep(limit).await;
        if let Some(place) = place.upgrade() {
            give_up(place.lock_owned().await, End::OutOfTime(limit));
        }
    })
    .abort_handle()
}

impl Shared {
    /// Makes one call within the transaction, when it is its turn.
    pub(crate) async fn call<C: Call>(&self, call: C) -> Result<C::Output> {
        let mut place = Arc::clone(&self.place).lock_owned().await;
        if self.abandoned.load(Ordering::Acquire) {
            give_up(place, End::RolledBack);
            return Err(End::RolledBack.error());
        }
        let (limit, last) = (self.limit, self.last);
        let work = async move {
            let seat = match &mut *place {
                Place::Open(seat, _) if seat.transaction_is_lost() => {
                    return Err(End::RolledBack.error());
                }
                Place::Open(seat, _) => seat,
                Place::Ended(end) => return Err(end.error()),
            };
            let result = match tokio::time::timeout_at(last, seat.call_here(call)).await {
                Ok(result) => result,
                Err(_) => {
                    // Dropped in the middle of a call the session is lost, and the backend undoes the rest.
                    let end = End::OutOfTime(limit);
                    *place = Place::Ended(end);
                    return Err(end.error());
                }
            };
            if seat.is_lost() {
                *place = Place::Ended(End::SessionLost);
            }
            result.map_err(|error| match error.aftermath() {
                Aftermath::Usable => error,
                // Whatever it had changed is undone with all the rest.
                Aftermath::TransactionLost | Aftermath::SessionLost => {
                    error.effect_is(Effect::Nothing)
                }
            })
        };
        self.pool.run(work).await
    }

    /// The limits of its data source.
    pub(crate) fn limits(&self) -> &crate::limits::Limits {
        self.pool.limits()
    }
}

impl End {
    fn error(self) -> Error {
        match self {
            Self::Committed => {
                Error::new(ErrorKind::Invalid, "the transaction is committed already")
                    .remedy("begin another one")
            }
            Self::RolledBack => Error::new(
                ErrorKind::Conflict,
                "the transaction was rolled back, and can do nothing more",
            )
            .remedy("try it again as a whole"),
            Self::Unknown => Error::new(
                ErrorKind::Backend,
                "the transaction's commit failed, and nobody knows whether it happened",
            )
            .effect_is(Effect::Unknown)
            .remedy("read what it should have written"),
            Self::OutOfTime(limit) => Error::new(
                ErrorKind::Timeout,
                format!("the transaction took longer than {limit:?}, and was rolled back"),
            )
            .remedy("do less in it, or raise the data source's limit `transaction-timeout`"),
            Self::SessionLost => Error::new(
                ErrorKind::Unavailable,
                "the transaction's session was lost, and it was rolled back",
            )
            .remedy("try it again as a whole"),
        }
    }
}
