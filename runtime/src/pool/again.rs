//! Calls that are made again where that is safe: reads of which nothing was handed out yet, and writes that have
//! changed nothing, after the backend could not be reached.
//!
//! At most a few times, begun within the time of one call, and within the data source's budget. Never inside a
//! transaction, which is the caller's to repeat.

use std::time::Duration;

use tenon_model::contract::{Aftermath, Effect};
use tokio::time::{Instant, sleep};

use super::Seat;
use super::breaker::spread;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Attempt;

/// The pause before a session that goes on is asked a second time; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

impl Seat {
    /// Makes a call on the seat's session, starting one where there is none, and makes it again where it came to
    /// nothing.
    pub(crate) async fn attempt<A: Attempt>(&mut self, mut call: A) -> Result<A::Output> {
        let session = self.ready(None).await?;
        let started = Instant::now();
        let result = call.attempt(session).await;
        match self.noted(result) {
            Err(error) if is_worth_it::<A>(&error) => {
                // Boxed, so that the usual way stays small.
                Box::pin(self.attempt_again(call, error, started)).await
            }
            result => result,
        }
    }

    async fn attempt_again<A: Attempt>(
        &mut self,
        mut call: A,
        mut error: Error,
        started: Instant,
    ) -> Result<A::Output> {
        let pool = std::sync::Arc::clone(&self.pool);
        let limits = &pool.plan.limits;
        let deadline = started + limits.call_timeout;
        for retry in 0..limits.retries {
            let pause = if self.is_lost() {
                Duration::ZERO
            } else {
                pause(&error, retry)
            };
            if Instant::now() + pause >= deadline || !pool.budget.spend() {
                break;
            }
            tracing::debug!(source = %pool.source, kind = %error.kind(), "trying a call again");
            if !pause.is_zero() {
                sleep(pause).await;
            }
            let patience = Instant::now() + limits.wait_timeout;
            let session = self.ready(Some(deadline.min(patience))).await?;
            let result = call.attempt(session).await;
            match self.noted(result) {
                Err(next) if is_worth_it::<A>(&next) => error = next,
                result => return result,
            }
        }
        Err(error)
    }
}

/// Whether another attempt may help, and can do no harm.
fn is_worth_it<A: Attempt>(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Unavailable => !A::WRITES || error.effect() == Effect::Nothing,
        // What a lost connection is called differs from backend to backend. A trap, or a call whose time is up, would
        // only be one again.
        ErrorKind::Backend => !A::WRITES && error.aftermath() == Aftermath::SessionLost,
        _ => false,
    }
}

/// How long to wait: as long as the backend asks for, if it does.
fn pause(error: &Error, retry: u32) -> Duration {
    let asked = error
        .detail("retry-after")
        .and_then(|text| text.parse().ok())
        .map(Duration::from_millis);
    asked.unwrap_or_else(|| spread(FIRST_PAUSE.saturating_mul(1 << retry.min(10))))
}
