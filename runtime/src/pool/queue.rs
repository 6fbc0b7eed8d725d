//! Waiting for a seat: first come first served, bounded in number and time.
//!
//! Nobody waits where the backend is gone: whoever has a permit could do nothing with it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, TryAcquireError};
use tokio::time::{Instant, sleep_until};

use super::Pool;
use super::breaker::Answer;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::Sharing;

impl Pool {
    /// A permit, and since when the caller has waited for it, if at all.
    pub(super) async fn permit(&self) -> Result<(OwnedSemaphorePermit, Option<Instant>)> {
        match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => return Ok((permit, None)),
            Err(TryAcquireError::Closed) => return Err(self.is_closed()),
            Err(TryAcquireError::NoPermits) => {}
        }
        let limits = &self.plan.limits;
        let _place = Place::take(&self.waiting, limits.queue).ok_or_else(|| {
            Error::new(
                ErrorKind::Exhausted,
                format!("{} callers wait already", limits.queue),
            )
            .remedy("try again later, or raise the limit `queue` or `sessions`")
            .at(&self.source)
        })?;
        let since = Instant::now();
        let permit = self.permit_before(since + limits.wait_timeout).await?;
        Ok((permit, Some(since)))
    }

    async fn permit_before(&self, deadline: Instant) -> Result<OwnedSemaphorePermit> {
        let mut acquiring = pin!(Arc::clone(&self.permits).acquire_owned());
        let mut late = pin!(sleep_until(deadline));
        loop {
            // It is enabled before anybody looks, so that no change is missed.
            let mut changed = pin!(self.breaker.changed());
            changed.as_mut().enable();
            let obstacle = match self.breaker.obstacle(Instant::now()) {
                Some(Answer::Refused(error)) if !self.serves() => {
                    return Err(error.at(&self.source));
                }
                Some(Answer::Refused(error) | Answer::Wait(_, error)) => Some(error),
                Some(Answer::Go(_)) | None => None,
            };
            tokio::select! {
                permit = &mut acquiring => return permit.map_err(|_| self.is_closed()),
                () = &mut late => {
                    return Err(obstacle.map_or_else(|| self.no_seat(), |error| error.at(&self.source)));
                }
                () = changed => {}
            }
        }
    }

    /// What is said to a caller who has waited in vain.
    fn no_seat(&self) -> Error {
        Error::new(
            ErrorKind::Exhausted,
            format!(
                "no session was free within {:?}; {} of {} are in use, {} by transactions",
                self.plan.limits.wait_timeout,
                self.size - self.permits.available_permits().min(self.size),
                self.size,
                self.transactions.load(Ordering::Relaxed),
            ),
        )
        .remedy(match self.sharing {
            Sharing::Exclusive => {
                "this connector serves one call or transaction at a time; try again later, or raise \
                 `wait-timeout`"
            }
            Sharing::Pooled => "try again later, or raise the limit `wait-timeout` or `sessions`",
        })
        .at(&self.source)
    }
}

/// A place in the queue.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::AcqRel);
        let place = Self(waiting);
        (before < most).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
