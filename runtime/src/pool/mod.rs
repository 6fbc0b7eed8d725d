//! The sessions of one data source, and who may use them.
//!
//! A caller waits for a seat (a permit and perhaps an idle session), bounded in number and time. Its call then
//! owns the seat to its end, also when the caller leaves. A seat that is given back hands its session to the
//! next caller, unless it is lost or worn. `docs/pools.md` has what happens when the backend is gone.

mod again;
mod breaker;
mod budget;
mod executor;
mod health;
mod parked;
mod queue;
mod ready;
mod seat;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::context;
use crate::error::{Error, ErrorKind, Result};
use crate::leases::Lease;
use crate::manifest::Sharing;
use crate::names::DataSourceName;
use crate::session::{Attempt, Call, Ping, Session, SessionPlan};

use breaker::Breaker;
use budget::Budget;
use executor::{Executor, Work};
pub use health::{Health, Trouble};
pub(crate) use parked::{Held, Parked, READ_FASTER};
pub(crate) use seat::Seat;

/// How long a stop waits for the calls that are still running, beyond their own time limit.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// Streams that may be open at once on an exclusive session.
const EXCLUSIVE_STREAMS: usize = 256;

/// How many sessions a data source has, and what they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolState {
    /// Sessions that nobody uses at the moment.
    pub idle: usize,
    /// Sessions in use, or about to be made.
    pub busy: usize,
    /// Callers that wait for one.
    pub waiting: usize,
    /// Linear memory of the idle sessions, in bytes.
    pub idle_memory: usize,
}

/// The sessions of one data source.
pub(crate) struct Pool {
    source: DataSourceName,
    plan: SessionPlan,
    size: usize,
    sharing: Sharing,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Sessions that a transaction keeps for itself.
    transactions: AtomicUsize,
    /// Places for streams that are open between pages of an exclusive session: each takes memory in it.
    streams: Arc<Semaphore>,
    // Boxed, since a session is large and moves with every call.
    #[allow(clippy::vec_box)]
    idle: Mutex<Vec<Box<Session>>>,
    /// Whether sessions can be started.
    breaker: Breaker,
    /// What is left for trying calls again.
    budget: Budget,
    executor: Executor,
    closed: AtomicBool,
    /// Held as long as sessions may live.
    leases: Mutex<Vec<Lease>>,
    /// Strips what must not be shown from a connector's texts.
    clean: Box<dyn Fn(&str) -> String + Send + Sync>,
}

/// What a pool is made of.
pub(crate) struct PoolOptions {
    pub source: DataSourceName,
    pub plan: SessionPlan,
    pub sharing: Sharing,
    /// The sessions write files: their calls get a thread, and run one after the other.
    pub own_thread: bool,
    pub leases: Vec<Lease>,
    pub clean: Box<dyn Fn(&str) -> String + Send + Sync>,
}

impl Pool {
    /// Makes a pool without sessions: the first call starts the first.
    pub(crate) fn new(options: PoolOptions) -> Result<Arc<Self>> {
        let size = match options.sharing {
            Sharing::Exclusive => 1,
            Sharing::Pooled => options.plan.limits.sessions,
        };
        let executor = if options.own_thread {
            Executor::thread(options.source.as_str())?
        } else {
            Executor::inline()?
        };
        let pool = Arc::new(Self {
            source: options.source,
            size,
            sharing: options.sharing,
            permits: Arc::new(Semaphore::new(size)),
            waiting: AtomicUsize::new(0),
            transactions: AtomicUsize::new(0),
            streams: Arc::new(Semaphore::new(EXCLUSIVE_STREAMS)),
            idle: Mutex::new(Vec::with_capacity(size)),
            breaker: Breaker::new(
                options.plan.limits.max_backoff,
                options.plan.limits.wait_timeout,
                options.plan.longest_start(),
            ),
            budget: Budget::new(size),
            executor,
            closed: AtomicBool::new(false),
            leases: Mutex::new(options.leases),
            clean: options.clean,
            plan: options.plan,
        });
        if options.sharing == Sharing::Pooled {
            pool.close_idle_sessions_in_time();
        }
        Ok(pool)
    }

    /// Runs something with a seat to its end, whether or not its caller waits for it.
    pub(crate) fn run<R: Send + 'static>(
        &self,
        work: impl Future<Output = Result<R>> + Send + 'static,
    ) -> impl Future<Output = Result<R>> + Send {
        // What the work is part of goes along: it may run in another task.
        let work: Work<Result<R>> = match context::given() {
            None => Box::pin(work),
            Some(given) => Box::pin(context::in_context(given, work)),
        };
        async move {
            let done = self.executor.run(work).await;
            done.and_then(|result| result)
                .map_err(|error| self.explain(error))
        }
    }

    /// Makes one call on a session that serves nobody else meanwhile.
    pub(crate) async fn call<C: Call>(self: &Arc<Self>, call: C) -> Result<C::Output> {
        let seat = self.seat().await?;
        self.run(async move {
            let mut seat = seat;
            seat.call(call).await
        })
        .await
    }

    /// The same for a call that may be made again where it came to nothing.
    pub(crate) async fn attempt<A: Attempt>(self: &Arc<Self>, call: A) -> Result<A::Output> {
        let seat = self.seat().await?;
        self.run(async move {
            let mut seat = seat;
            seat.attempt(call).await
        })
        .await
    }

    /// Makes one call, and gives the seat back with the result: for whoever has more calls to make.
    pub(crate) async fn call_on<C: Call>(
        self: &Arc<Self>,
        seat: Seat,
        call: C,
    ) -> Result<(C::Output, Seat)> {
        self.run(async move {
            let mut seat = seat;
            let output = seat.call(call).await?;
            // In this order: where nobody waits for them, a cursor in the output goes before the seat that
            // has to close it.
            Ok((output, seat))
        })
        .await
    }

    /// The same for a call that may be made again where it came to nothing.
    pub(crate) async fn attempt_on<A: Attempt>(
        self: &Arc<Self>,
        seat: Seat,
        call: A,
    ) -> Result<(A::Output, Seat)> {
        self.run(async move {
            let mut seat = seat;
            let output = seat.attempt(call).await?;
            Ok((output, seat))
        })
        .await
    }

    /// Asks whether the backend answers.
    pub(crate) async fn ping(self: &Arc<Self>) -> Result<()> {
        self.attempt(Ping).await
    }

    /// Waits for a seat, first come first served.
    pub(crate) async fn seat(self: &Arc<Self>) -> Result<Seat> {
        let (permit, waiting_since) = self.permit().await?;
        let session = self.idle().pop();
        let mut seat = Seat::new(Arc::clone(self), permit, session);
        seat.waiting_since = waiting_since;
        Ok(seat)
    }

    /// A seat with a session that nobody uses at the moment; none where there is no such one, or others would
    /// have to wait for it.
    pub(crate) fn idle_seat(self: &Arc<Self>) -> Option<Seat> {
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let session = self.idle().pop()?;
        Some(Seat::new(Arc::clone(self), permit, Some(session)))
    }

    /// A place for a stream that is open between pages of an exclusive session.
    pub(crate) fn stream_place(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().map_err(|_| {
            Error::new(
                ErrorKind::Exhausted,
                format!("{EXCLUSIVE_STREAMS} streams are open on this data source already"),
            )
            .remedy("read the open ones to their end, or drop them")
            .at(&self.source)
        })
    }

    /// Counts a transaction that keeps a session, until the mark is dropped.
    pub(crate) fn mark_transaction(self: &Arc<Self>) -> TransactionMark {
        self.transactions.fetch_add(1, Ordering::Relaxed);
        TransactionMark(Arc::clone(self))
    }

    /// A connector's text as its data source shows it: stripped of secrets.
    pub(crate) fn clean(&self, text: &str) -> String {
        (self.clean)(text)
    }

    /// Whether it takes calls no more.
    pub(crate) fn is_closing(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether a stream keeps its session between pages.
    pub(crate) fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// The limits of the data source.
    pub(crate) fn limits(&self) -> &crate::limits::Limits {
        &self.plan.limits
    }

    /// How its sessions are doing.
    pub(crate) fn state(&self) -> PoolState {
        let idle = self.idle();
        PoolState {
            idle: idle.len(),
            busy: self.size - self.permits.available_permits().min(self.size),
            waiting: self.waiting.load(Ordering::Relaxed),
            idle_memory: idle.iter().map(|session| session.memory()).sum(),
        }
    }

    /// Whether it has its backend.
    pub(crate) fn health(&self) -> Health {
        self.breaker.health(Instant::now(), self.serves())
    }

    /// Whether there are sessions that serve on, though no further one can be started.
    fn serves(&self) -> bool {
        self.breaker.serves() && self.plan.alive() > 0
    }

    /// A call has succeeded.
    fn worked(&self) {
        self.budget.save();
        self.breaker.served();
    }

    /// Takes a session to close the cursors that were left behind in it.
    pub(crate) fn sweep(self: &Arc<Self>) {
        let pool = Arc::clone(self);
        self.executor.spawn(async move {
            if let Ok(seat) = pool.seat().await {
                pool.clean_up(seat);
            }
        });
    }

    /// Runs something at the data source's own place, with nobody waiting for it.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.executor.spawn(future);
    }

    /// Stops taking calls, waits for those that run, and ends every session.
    ///
    /// # Errors
    /// The first that a session's end reported.
    pub(crate) async fn close(self: &Arc<Self>) -> Result<()> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.breaker.wake();
        let pool = Arc::clone(self);
        // It goes on where its caller leaves: half an end would be none.
        self.executor
            .run(Box::pin(async move { pool.end_all().await }))
            .await
            .and_then(|ended| ended)
    }

    async fn end_all(&self) -> Result<()> {
        let all = u32::try_from(self.size).unwrap_or(u32::MAX);
        let patience = self.plan.limits.call_timeout + STOP_GRACE;
        let drained = tokio::time::timeout(patience, self.permits.acquire_many(all)).await;
        let sessions = {
            let mut idle = self.idle();
            self.permits.close();
            std::mem::take(&mut *idle)
        };
        let mut first_error = None;
        for session in sessions {
            if let Err(error) = session.end().await {
                first_error.get_or_insert(self.explain(error));
            }
        }
        match drained {
            Ok(_) => self.leases().clear(),
            // What still runs may still write: the leases go with the last seat.
            Err(_) => tracing::warn!(source = %self.source, "stopped with calls still running"),
        }
        first_error.map_or(Ok(()), Err)
    }

    /// Puts a session among the idle ones; it comes back where the pool takes none any more.
    fn take_back(&self, session: Box<Session>) -> Option<Box<Session>> {
        let mut idle = self.idle();
        if self.permits.is_closed() {
            return Some(session);
        }
        idle.push(session);
        drop(idle);
        if self.breaker.is_troubled() {
            self.breaker.wake();
        }
        None
    }

    fn clean_up(self: &Arc<Self>, seat: Seat) {
        self.executor.spawn(async move {
            let mut seat = seat;
            seat.cleaning = false;
            seat.put_right().await;
        });
    }

    /// Ends sessions that nobody has used for as long as the limit says, as long as the pool lives.
    fn close_idle_sessions_in_time(self: &Arc<Self>) {
        let weak = Arc::downgrade(self);
        let patience = self.plan.limits.idle_timeout;
        self.executor.spawn(async move {
            let mut interval = tokio::time::interval(patience / 2);
            loop {
                interval.tick().await;
                let Some(pool) = weak.upgrade() else { return };
                if pool.closed.load(Ordering::Acquire) {
                    return;
                }
                pool.close_idle_sessions().await;
            }
        });
    }

    /// Ends the sessions that have been idle for too long. A permit goes with each, so that there are never
    /// more sessions than there may be.
    async fn close_idle_sessions(&self) {
        while let Ok(_permit) = self.permits.try_acquire() {
            let patience = self.plan.limits.idle_timeout;
            let stale = {
                let mut idle = self.idle();
                let stale = idle.iter().position(|session| session.idle() >= patience);
                stale.map(|place| idle.swap_remove(place))
            };
            let Some(session) = stale else { return };
            if let Err(error) = session.end().await {
                tracing::debug!(source = %self.source, error = %self.explain(error), "ending an idle session");
            }
        }
    }

    /// A connector's error as its data source shows it: named, and stripped of secrets.
    pub(crate) fn explain(&self, error: Error) -> Error {
        error.cleaned(&self.clean).at(&self.source)
    }

    fn is_closed(&self) -> Error {
        Error::new(ErrorKind::Unavailable, "the data source is closed").at(&self.source)
    }

    #[allow(clippy::vec_box)]
    fn idle(&self) -> MutexGuard<'_, Vec<Box<Session>>> {
        // A list of sessions is whole at any moment, also after a panic elsewhere.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leases(&self) -> MutexGuard<'_, Vec<Lease>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session that a transaction keeps for itself, as those who wait are told of it.
pub(crate) struct TransactionMark(Arc<Pool>);

impl Drop for TransactionMark {
    fn drop(&mut self) {
        self.0.transactions.fetch_sub(1, Ordering::Relaxed);
    }
}
