//! How a seat comes to a session that can be called: the one that it has, one that is idle, or a new one.
//!
//! A pooled session that was idle for long, or whose fellow has lost its backend, has to answer a ping first. An
//! exclusive one that has lost its backend is connected again, since its data are in it. Where neither can be had the
//! caller waits, as long as callers may wait and the breaker isn't open.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tenon_model::contract::Effect;
use tokio::time::{Instant, timeout_at};

use super::breaker::{Answer, Turn, is_of_backend};
use super::{Pool, Seat};
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::Sharing;
use crate::session::{Call, CloseCursors, Session};

/// How long a session may take to answer a ping before it counts as lost. One whose backend is there takes
/// milliseconds, and whoever asked for it is waiting.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// What a ping may take also where its caller's time is nearly up: with less, sessions that are well would be lost.
const LEAST_PING_TIMEOUT: Duration = Duration::from_millis(500);

/// How soon a probe looks again where somebody else was trying.
const PROBE_AGAIN: Duration = Duration::from_secs(1);

impl Seat {
    /// The seat's session, once it has one that can be called.
    ///
    /// # Errors
    /// Why no session can be had before the deadline, or within the limit `wait-timeout` where none is given; with no
    /// effect, since whatever it was wanted for was not begun.
    pub(super) async fn ready(&mut self, deadline: Option<Instant>) -> Result<&mut Session> {
        if !self.is_ready() {
            // Boxed, so that the usual way stays small.
            Box::pin(self.make_ready(deadline))
                .await
                .map_err(|error| error.effect_is(Effect::Nothing))?;
        }
        self.unproved = false;
        match &mut self.session {
            Some(session) => Ok(session),
            None => Err(super::seat::gone()),
        }
    }

    fn is_ready(&self) -> bool {
        let Some(session) = &self.session else {
            return false;
        };
        let is_doubted = self.unproved && self.pool.doubts(session);
        !session.is_lost() && !session.has_orphans() && !is_doubted
    }

    async fn make_ready(&mut self, deadline: Option<Instant>) -> Result<()> {
        let pool = Arc::clone(&self.pool);
        let patience = pool.plan.limits.wait_timeout;
        let since = self.waiting_since.unwrap_or_else(Instant::now);
        let deadline = deadline.unwrap_or(since + patience);
        loop {
            if let Some(session) = self.session.as_mut().filter(|session| !session.is_lost()) {
                if session.has_orphans() {
                    CloseCursors.run(session).await?;
                    continue;
                }
                if !self.unproved || !pool.doubts(session) {
                    return Ok(());
                }
                if let Err(error) = pool.proves(session, deadline).await {
                    self.session = None;
                    if Instant::now() >= deadline {
                        return Err(error);
                    }
                }
                continue;
            }
            // It is enabled before anybody looks, so that no change is missed.
            let mut changed = pin!(pool.breaker.changed());
            changed.as_mut().enable();
            if !self.is_severed() {
                self.session = pool.idle().pop();
                self.unproved = true;
                if self.session.is_some() {
                    continue;
                }
            }
            if pool.is_closing() {
                return Err(pool.is_closed());
            }
            let now = Instant::now();
            let (until, error) = match pool.breaker.ask(now, false) {
                Answer::Go(turn) => match self.open(turn).await {
                    Ok(()) => return Ok(()),
                    Err(failure) if failure.is_final => return Err(failure.error),
                    Err(_) => continue,
                },
                // Others have sessions that serve, and one of them may come free.
                Answer::Refused(error) if pool.serves() => (deadline, error),
                Answer::Refused(error) => return Err(error),
                // Where its time has come somebody else is trying.
                Answer::Wait(next, error) if next <= now => (deadline, error),
                // Here, too, one that serves may come free.
                Answer::Wait(next, error) if next >= deadline && !pool.serves() => {
                    return Err(error);
                }
                Answer::Wait(next, error) => (next.min(deadline), error),
            };
            if now >= deadline {
                return Err(error);
            }
            // Whether anything has changed or the time has come, it looks again.
            let _ = timeout_at(until, changed).await;
        }
    }

    /// Whether its session has its data, and nothing but lost its backend.
    fn is_severed(&self) -> bool {
        let session = self.session.as_ref();
        self.pool.sharing == Sharing::Exclusive && session.is_some_and(|s| s.is_severed())
    }

    /// Connects the seat's session again, or starts one.
    async fn open(&mut self, turn: Turn<'_>) -> Result<(), Failure> {
        let pool = Arc::clone(&self.pool);
        let reports = pool.breaker.reports();
        let opened = if self.is_severed()
            && let Some(session) = &mut self.session
        {
            session.reconnect().await
        } else {
            // First the old one goes, then the new one comes: there is room for one.
            self.session = None;
            let room = match pool.plan.room().await {
                Ok(room) => room,
                // That the process is full says nothing of the backend.
                Err(error) => {
                    let error = error.effect_is(Effect::Nothing);
                    return Err(pool.has_failed(turn, error, false));
                }
            };
            let started = Session::start(&pool.plan, room).await;
            started.map(|session| self.session = Some(session))
        };
        match opened {
            Ok(()) => {
                if let Some(session) = &mut self.session {
                    session.prove(reports);
                }
                pool.is_back(turn);
                Ok(())
            }
            Err(error) => {
                let of_backend = is_of_backend(&error);
                Err(pool.has_failed(turn, error, of_backend))
            }
        }
    }
}

/// Why a session could not be opened.
struct Failure {
    error: Error,
    /// The caller has nothing to wait for.
    is_final: bool,
}

impl Pool {
    /// Whether a session that was idle has to prove that it has its backend.
    fn doubts(&self, session: &Session) -> bool {
        self.sharing == Sharing::Pooled && (self.is_accused(session) || self.is_stale(session))
    }

    /// Whether another session has lost its backend since this one has proved that it has it.
    fn is_accused(&self, session: &Session) -> bool {
        session.proved() != self.breaker.reports()
    }

    /// Whether the session was idle for so long that its connection may be gone.
    fn is_stale(&self, session: &Session) -> bool {
        session.idle() >= self.plan.limits.check_after
    }

    /// Has a session prove that it has its backend. Where it gets no answer in time, the idle ones that are doubted for
    /// the same reason go with it: who asks each of them in turn waits for as many time-outs.
    async fn proves(&self, session: &mut Session, deadline: Instant) -> Result<()> {
        let reports = self.breaker.reports();
        let (accused, stale) = (self.is_accused(session), self.is_stale(session));
        let asked = Instant::now();
        let patience = deadline
            .saturating_duration_since(asked)
            .clamp(LEAST_PING_TIMEOUT, PING_TIMEOUT);
        let Err(error) = session.ping(patience).await else {
            session.prove(reports);
            return Ok(());
        };
        let shown = self.explain(error.clone());
        tracing::debug!(source = %self.source, error = %shown, "an idle session is replaced");
        // Those that refuse at once cost next to nothing to ask, and one of them may be well.
        let is_slow = asked.elapsed() >= LEAST_PING_TIMEOUT;
        if error.kind() == ErrorKind::Timeout || error.kind() == ErrorKind::Unavailable && is_slow {
            let fellows: Vec<_> = self
                .idle()
                .extract_if(.., |fellow| {
                    accused && self.is_accused(fellow) || stale && self.is_stale(fellow)
                })
                .collect();
            // Instances take a moment to go, which nobody else has to wait for.
            drop(fellows);
        }
        Err(error)
    }

    /// A session could be opened.
    fn is_back(&self, turn: Turn<'_>) {
        if let Some(since) = turn.succeeded() {
            // As loud as that it was gone: who has seen the one waits for the other.
            tracing::warn!(
                target: "tenon::pool",
                source = %self.source,
                "back again: sessions can be started, which they could not since {}",
                super::health::moment(since)
            );
        }
    }

    /// A session could not be opened; `of_backend` tells whether that says anything of the backend. Where it doesn't,
    /// it counts all the same as the attempt that others wait for: the next one is after a pause, too.
    fn has_failed(self: &Arc<Self>, turn: Turn<'_>, error: Error, of_backend: bool) -> Failure {
        if !of_backend && !turn.is_awaited() {
            return Failure {
                error,
                is_final: true,
            };
        }
        let error = error.cleaned(&self.clean);
        let others = self.plan.alive() > 0;
        let opened = turn.failed(Instant::now(), &error, others);
        tracing::debug!(source = %self.source, %error, "a session could not be started");
        if opened {
            tracing::warn!(target: "tenon::pool", source = %self.source, "{}", self.health());
            self.probe_in_time();
        }
        Failure {
            is_final: !of_backend || !super::breaker::passes(&error),
            error,
        }
    }

    /// Tries to open a session each time that it is time to, until it succeeds: so a backend that is back is found
    /// before somebody needs it, and nobody has to wait for a vain attempt.
    fn probe_in_time(self: &Arc<Self>) {
        // Later trouble gets a task of its own.
        let Some(trouble) = self.breaker.trouble() else {
            return;
        };
        let weak = Arc::downgrade(self);
        self.executor.spawn(async move {
            loop {
                let next = match weak.upgrade() {
                    Some(pool) if !pool.closed.load(Ordering::Acquire) => {
                        pool.breaker.next_in(trouble)
                    }
                    _ => return,
                };
                let Some(next) = next else { return };
                tokio::time::sleep_until(next).await;
                let Some(pool) = weak.upgrade() else { return };
                if !pool.probe(trouble).await {
                    drop(pool);
                    tokio::time::sleep(PROBE_AGAIN).await;
                }
            }
        });
    }

    /// Tries to open a session, if it is time to. Tells whether it has tried, or needs to no more.
    async fn probe(self: &Arc<Self>, trouble: Instant) -> bool {
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
            return false;
        };
        if self.breaker.next_in(trouble).is_none() {
            return true;
        }
        // An exclusive session is connected again; pooled ones that are idle say nothing of new ones.
        let session = match self.sharing {
            Sharing::Exclusive => self.idle().pop(),
            Sharing::Pooled => None,
        };
        let mut seat = Seat::new(Arc::clone(self), permit, session);
        if !seat.is_severed() && seat.session.is_some() {
            return false;
        }
        match self.breaker.ask(Instant::now(), true) {
            // Somebody else has just succeeded: one more session is one too many.
            Answer::Go(turn) if !turn.is_alone() => true,
            Answer::Go(turn) => {
                // How it ended is in the breaker's state.
                let _ = seat.open(turn).await;
                true
            }
            Answer::Wait(..) | Answer::Refused(_) => false,
        }
    }
}
