//! A seat: the right to use one session of a pool, and the session once there is one.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::Pool;
use crate::error::Result;
use crate::session::{Call, CloseCursors, Session};

/// The right to use one session. Dropping it hands the session to the next caller, or lets go of it if it is
/// lost or worn.
pub(crate) struct Seat {
    pool: Arc<Pool>,
    session: Option<Box<Session>>,
    /// Given back last, when the session is back in its place.
    permit: Option<OwnedSemaphorePermit>,
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
        }
    }

    /// Makes a call on the seat's session, starting one where there is none.
    pub(super) async fn call<C: Call>(&mut self, call: C) -> Result<C::Output> {
        if self
            .session
            .as_ref()
            .is_some_and(|session| session.is_lost())
        {
            self.session = None;
        }
        let session = match &mut self.session {
            Some(session) => session,
            None => self.session.insert(Session::start(&self.pool.plan).await?),
        };
        if session.has_orphans() {
            CloseCursors.run(session).await?;
        }
        call.run(session).await
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        if session.is_lost() {
            return;
        }
        if session.has_orphans() {
            // Nobody else may get the session before its left-behind cursors are closed.
            self.pool.clean_up(Seat {
                pool: Arc::clone(&self.pool),
                session: Some(session),
                permit: self.permit.take(),
            });
            return;
        }
        if self.pool.sharing == crate::manifest::Sharing::Pooled
            && session.is_worn(&self.pool.plan.limits)
        {
            let permit = self.permit.take();
            self.pool.spawn(async move {
                if let Err(error) = session.end().await {
                    tracing::debug!(%error, "ending a worn session");
                }
                drop(permit);
            });
            return;
        }
        self.pool.idle().push(session);
    }
}
