//! A seat: the right to use one session of a pool, and the session once there is one.

use std::sync::Arc;

use tenon_model::contract::Aftermath;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::Pool;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::Sharing;
use crate::session::{Call, CloseCursors, Session};

/// The right to use one session. Dropping it hands the session to the next caller, or lets go of it if it is
/// lost or worn; an exclusive one that has only lost its backend stays, to be connected again.
pub(crate) struct Seat {
    pub(super) pool: Arc<Pool>,
    pub(super) session: Option<Box<Session>>,
    /// The session was idle, or its backend may be gone: it may have to prove itself first.
    pub(super) unproved: bool,
    /// Since when its holder waits, where there was anything to wait for.
    pub(super) waiting_since: Option<Instant>,
    /// Given back last, when the session is back in its place.
    permit: Option<OwnedSemaphorePermit>,
    /// On its way to a task that puts right what was left behind. Dropped like this, that task never ran.
    pub(super) cleaning: bool,
}

impl Seat {
    pub(super) fn new(
        pool: Arc<Pool>,
        permit: OwnedSemaphorePermit,
        session: Option<Box<Session>>,
    ) -> Self {
        Self {
            pool,
            session,
            unproved: true,
            waiting_since: None,
            permit: Some(permit),
            cleaning: false,
        }
    }

    /// Whether its session can't be called any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.session
            .as_ref()
            .is_none_or(|session| session.is_lost())
    }

    /// Which session it has, where it has one that can be called.
    pub(crate) fn session_id(&self) -> Option<u64> {
        let session = self.session.as_ref()?;
        (!session.is_lost()).then(|| session.id())
    }

    /// Whether its session's transaction can do nothing but be rolled back.
    pub(crate) fn transaction_is_lost(&self) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| session.transaction_is_lost())
    }

    /// Makes a call on the session that the seat has, and on no other: a transaction is the session's own.
    pub(crate) async fn call_here<C: Call>(&mut self, call: C) -> Result<C::Output> {
        let session = self.session.as_mut();
        let Some(session) = session.filter(|session| !session.is_lost()) else {
            return Err(gone());
        };
        if session.has_orphans() {
            CloseCursors.run(session).await?;
            if session.is_lost() {
                return Err(gone());
            }
        }
        let result = call.run(session).await;
        self.noted(result)
    }

    /// Makes a call on the seat's session, starting one where there is none.
    pub(crate) async fn call<C: Call>(&mut self, call: C) -> Result<C::Output> {
        let session = self.ready(None).await?;
        let result = call.run(session).await;
        self.noted(result)
    }

    /// Puts right what was left behind in its session. That says nothing of the backend, since it ends well also
    /// where the session is lost; the session's own log has what went wrong.
    pub(super) async fn put_right(&mut self) {
        if let Some(session) = self.session.as_mut().filter(|session| !session.is_lost()) {
            session.clean_up().await;
        }
    }

    /// Takes note of what a call says of the backend.
    pub(super) fn noted<R>(&mut self, result: Result<R>) -> Result<R> {
        match &result {
            Ok(_) => self.pool.worked(),
            Err(error) if accuses(error) => {
                self.unproved = true;
                self.pool.breaker.report();
            }
            Err(_) => {}
        }
        result
    }
}

/// Whether an error says that the backend may be gone, for other sessions too.
fn accuses(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout => true,
        // Those are a trap's.
        ErrorKind::Crashed | ErrorKind::Exhausted => false,
        _ => error.aftermath() == Aftermath::SessionLost,
    }
}

pub(super) fn gone() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the session that this belongs to was lost",
    )
    .remedy("try it again as a whole")
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        let is_severed = self.pool.sharing == Sharing::Exclusive && session.is_severed();
        if session.is_lost() && !is_severed {
            return;
        }
        if !is_severed && session.has_leftovers() {
            if self.cleaning {
                return;
            }
            // Nobody else may get the session before its cursors are closed and its transaction has ended.
            self.pool.clean_up(Seat {
                pool: Arc::clone(&self.pool),
                session: Some(session),
                unproved: false,
                waiting_since: None,
                permit: self.permit.take(),
                cleaning: true,
            });
            return;
        }
        let worn = self.pool.sharing == Sharing::Pooled && session.is_worn(&self.pool.plan.limits);
        let leaving = if worn {
            Some(session)
        } else {
            self.pool.take_back(session)
        };
        if let Some(session) = leaving {
            let permit = self.permit.take();
            let pool = Arc::clone(&self.pool);
            self.pool.spawn(async move {
                if let Err(error) = session.end().await {
                    tracing::debug!(error = %pool.explain(error), "ending a session");
                }
                drop(permit);
            });
        }
    }
}
