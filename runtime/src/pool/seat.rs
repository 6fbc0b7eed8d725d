//! A seat: the right to use one session of a pool, and the session once there is one.

use std::sync::Arc;

use tenon_model::contract::Effect;
use tokio::sync::OwnedSemaphorePermit;

use super::Pool;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::Sharing;
use crate::session::{Call, CloseCursors, Session};

/// The right to use one session. Dropping it hands the session to the next caller, or lets go of it if it is
/// lost or worn.
pub(crate) struct Seat {
    pool: Arc<Pool>,
    session: Option<Box<Session>>,
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
        call.run(session).await
    }

    /// Makes a call on the seat's session, starting one where there is none.
    pub(crate) async fn call<C: Call>(&mut self, call: C) -> Result<C::Output> {
        if self
            .session
            .as_ref()
            .is_some_and(|session| session.is_lost())
        {
            self.session = None;
        }
        let session = match &mut self.session {
            Some(session) => session,
            None => self.session.insert(start(&self.pool).await?),
        };
        if session.has_orphans() {
            CloseCursors.run(session).await?;
            if session.is_lost() {
                // First the old one goes, then the new one comes: there is room for one.
                self.session = None;
                let started = start(&self.pool).await?;
                return call.run(self.session.insert(started)).await;
            }
        }
        call.run(session).await
    }
}

fn gone() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the session that this belongs to was lost",
    )
    .remedy("try it again as a whole")
}

async fn start(pool: &Pool) -> Result<Box<Session>> {
    // Whatever the session was wanted for was not begun.
    Session::start(&pool.plan)
        .await
        .map_err(|error| error.effect_is(Effect::Nothing))
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        if session.is_lost() {
            return;
        }
        if session.has_leftovers() {
            if self.cleaning {
                return;
            }
            // Nobody else may get the session before its cursors are closed and its transaction has ended.
            self.pool.clean_up(Seat {
                pool: Arc::clone(&self.pool),
                session: Some(session),
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
