//! When sessions may be started: back-off with jitter after a failure, and a circuit breaker after many.
//!
//! As long as starting works nobody notices. After a failure there is one attempt at a time, for all callers of the
//! data source, each a longer pause after the last one. After several, or where waiting is no use, the breaker is open:
//! who needs a new session is told at once what is wrong, until an attempt succeeds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tenon_model::contract::Effect;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::health::{Health, Trouble, moment, soon};
use crate::error::{Error, ErrorKind};

/// The pause after the first failure; each further one doubles it. A backend that restarts in a moment is back then.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Failures in a row that open the breaker: some five seconds of a backend that refuses at once, which is what a
/// database takes to restart.
const FAILURES: u32 = 7;

/// How long after its time an attempt counts as one that nobody makes: the task that probes ended with its runtime, or
/// whoever has the turn isn't polled any more.
const NOBODY_PROBES: Duration = Duration::from_secs(5);

/// Whether sessions may be started, and whether those that there are can be trusted.
pub(super) struct Breaker {
    /// The last start failed. All that a call looks at while everything is well.
    troubled: AtomicBool,
    /// A session has served since: others may wait for it, though no further one can be started.
    serves: AtomicBool,
    /// Counts up with each report of a lost backend.
    reports: AtomicU64,
    state: Mutex<State>,
    /// Told of every change of the state.
    changed: Notify,
    longest_pause: Duration,
    /// How long callers wait for a session.
    patience: Duration,
    /// What a start takes at most.
    longest_start: Duration,
}

#[derive(Default)]
struct State {
    /// Since when somebody is trying.
    trying: Option<Instant>,
    failing: Option<Failing>,
}

/// Starts that have failed one after the other.
struct Failing {
    /// When the first of them was begun.
    began: Instant,
    since: SystemTime,
    failures: u32,
    /// When the last one had failed.
    failed: Instant,
    /// When to try again.
    next: Instant,
    error: Error,
    open: bool,
}

/// Whether somebody may start a session now.
pub(super) enum Answer<'a> {
    Go(Turn<'a>),
    /// Not before that time, and not before somebody else's attempt has ended; why.
    Wait(Instant, Error),
    /// The breaker is open; why.
    Refused(Error),
}

/// The right to start a session, until it is dropped.
pub(super) struct Turn<'a> {
    breaker: &'a Breaker,
    began: Instant,
    /// Nobody else has one at the same time.
    alone: bool,
}

impl Breaker {
    /// Nothing has failed. Neither a pause nor a start is ever longer than its longest.
    pub(super) fn new(
        longest_pause: Duration,
        patience: Duration,
        longest_start: Duration,
    ) -> Self {
        Self {
            troubled: AtomicBool::new(false),
            serves: AtomicBool::new(false),
            reports: AtomicU64::new(0),
            state: Mutex::default(),
            changed: Notify::new(),
            longest_pause,
            patience,
            longest_start,
        }
    }

    /// Asks for a turn to start a session. While the breaker is open the turns are a probe's, so that no caller has to
    /// wait for an attempt that is most likely in vain; unless nobody probes.
    pub(super) fn ask(&self, now: Instant, is_probe: bool) -> Answer<'_> {
        let mut state = self.state();
        let State { trying, failing } = &mut *state;
        let alone = match failing {
            None => false,
            Some(failing)
                if trying.is_some_and(|began| !self.is_forsaken(began, now))
                    || now < failing.due(is_probe) =>
            {
                return failing.answer(now);
            }
            Some(_) => {
                *trying = Some(now);
                true
            }
        };
        Answer::Go(Turn {
            breaker: self,
            began: now,
            alone,
        })
    }

    /// Whether a turn that began then is one that nobody goes on with: its start would long have ended.
    fn is_forsaken(&self, began: Instant, now: Instant) -> bool {
        now.saturating_duration_since(began) >= self.longest_start + NOBODY_PROBES
    }

    /// What keeps sessions from being started; none where nothing does.
    pub(super) fn obstacle(&self, now: Instant) -> Option<Answer<'_>> {
        if !self.is_troubled() {
            return None;
        }
        let state = self.state();
        state.failing.as_ref().map(|failing| failing.answer(now))
    }

    /// Wakes who waits for something to change.
    pub(super) fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Ends with the next change. To miss none, it is enabled before anybody looks.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// When the next attempt is; none where nothing has failed.
    pub(super) fn next(&self) -> Option<Instant> {
        self.state().failing.as_ref().map(|failing| failing.next)
    }

    /// The trouble that there is, by when it began; none where nothing has failed.
    pub(super) fn trouble(&self) -> Option<Instant> {
        self.state().failing.as_ref().map(|failing| failing.began)
    }

    /// When the next attempt is, as long as that trouble lasts.
    pub(super) fn next_in(&self, trouble: Instant) -> Option<Instant> {
        let state = self.state();
        let failing = state.failing.as_ref()?;
        (failing.began == trouble).then_some(failing.next)
    }

    /// Whether the last start failed.
    pub(super) fn is_troubled(&self) -> bool {
        self.troubled.load(Ordering::Relaxed)
    }

    /// Takes note that a session has served.
    pub(super) fn served(&self) {
        if self.is_troubled() {
            self.serves.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the sessions that there are can be waited for: one has served since the trouble began.
    pub(super) fn serves(&self) -> bool {
        self.serves.load(Ordering::Relaxed)
    }

    /// Takes note that a session has lost its backend: the others may have, too.
    pub(super) fn report(&self) {
        self.reports.fetch_add(1, Ordering::Relaxed);
        self.serves.store(false, Ordering::Relaxed);
    }

    /// How many reports of a lost backend there were.
    pub(super) fn reports(&self) -> u64 {
        self.reports.load(Ordering::Relaxed)
    }

    /// What operators are to see of it.
    /// `serves` tells whether there are sessions that serve on.
    pub(super) fn health(&self, now: Instant, serves: bool) -> Health {
        let state = self.state();
        let Some(failing) = &state.failing else {
            return Health::Healthy;
        };
        let trouble = Trouble {
            since: failing.since,
            because: text(&failing.error),
            failures: failing.failures,
            next_attempt: failing.next.saturating_duration_since(now),
        };
        if failing.open && !serves {
            Health::Unavailable(trouble)
        } else {
            Health::Degraded(trouble)
        }
    }

    /// Pauses grow exponentially, and half of each is left to chance, so that the programs that lost the same backend
    /// don't come back in step.
    fn pause(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        let whole = FIRST_PAUSE
            .saturating_mul(1 << doublings)
            .min(self.longest_pause);
        spread(whole)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is whole before the lock is given back.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Nobody else has one at the same time, since starts have failed before.
    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }

    /// Whether others wait for how it ends: it is the only one, and nothing has succeeded meanwhile.
    pub(super) fn is_awaited(&self) -> bool {
        self.alone && self.breaker.next().is_some()
    }

    /// A session was started. Where the breaker was open it is closed now: since when it was open.
    pub(super) fn succeeded(self) -> Option<SystemTime> {
        let failing = {
            // Under the lock, so that a failure at the same time isn't overlooked.
            let mut state = self.breaker.state();
            self.breaker.troubled.store(false, Ordering::Relaxed);
            state.failing.take()
        };
        self.breaker.wake();
        failing
            .filter(|failing| failing.open)
            .map(|failing| failing.since)
    }

    /// No session could be started; `others` tells whether there are any. Tells whether this has opened the breaker.
    pub(super) fn failed(self, now: Instant, error: &Error, others: bool) -> bool {
        let mut state = self.breaker.state();
        let failing = state.failing.get_or_insert_with(|| Failing {
            began: self.began,
            since: SystemTime::now(),
            failures: 0,
            failed: self.began,
            next: now,
            error: error.clone(),
            open: false,
        });
        self.breaker.troubled.store(true, Ordering::Relaxed);
        if failing.failures > 0 && self.began < failing.failed {
            // Begun with others at once, before anybody knew: one failure.
            return false;
        }
        failing.failures += 1;
        failing.failed = now;
        failing.next = now + self.breaker.pause(failing.failures);
        failing.error = error.clone();
        let was_open = failing.open;
        // Whoever waits for longer than anybody waits has waited in vain.
        let in_vain =
            failing.failures > 1 && now.duration_since(failing.began) >= self.breaker.patience;
        failing.open |= !passes(error) || failing.failures >= FAILURES || in_vain;
        let opened = failing.open && !was_open;
        if failing.failures == 1 {
            if error.kind() == ErrorKind::Exhausted {
                // The backend is well, and has enough: the sessions that there are go on.
                self.breaker.serves.store(others, Ordering::Relaxed);
            } else {
                self.breaker.report();
            }
        }
        opened
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.alone {
            let mut state = self.breaker.state();
            // Unless it took so long that another has the turn.
            if state.trying == Some(self.began) {
                state.trying = None;
            }
        }
        self.breaker.wake();
    }
}

impl Failing {
    fn due(&self, is_probe: bool) -> Instant {
        if self.open && !is_probe {
            self.next + NOBODY_PROBES
        } else {
            self.next
        }
    }

    fn answer<'a>(&self, now: Instant) -> Answer<'a> {
        if self.open {
            Answer::Refused(self.refusal(now))
        } else {
            Answer::Wait(self.next, self.delayed(now))
        }
    }

    /// What is said to those who are not to wait.
    fn refusal(&self, now: Instant) -> Error {
        let kind = match self.error.kind() {
            ErrorKind::Denied => ErrorKind::Denied,
            _ => ErrorKind::Unavailable,
        };
        let next = self.next.saturating_duration_since(now);
        let refusal = Error::new(
            kind,
            format!(
                "no session could be started since {}: {}; the next attempt {}",
                moment(self.since),
                text(&self.error),
                soon(next)
            ),
        )
        .detail_of("retry-after", next.as_millis());
        match self.error.remedy_text() {
            Some(remedy) => refusal.remedy(remedy),
            None => refusal,
        }
    }

    /// What is said to those who can't wait for the next attempt.
    fn delayed(&self, now: Instant) -> Error {
        let next = self.next.saturating_duration_since(now);
        self.error
            .clone()
            .detail_of("retry-after", next.as_millis())
    }
}

/// What went wrong, with the backend's code and without what to do about it.
fn text(error: &Error) -> String {
    match error.code() {
        Some(code) => format!("{} ({code})", error.message()),
        None => error.message().to_owned(),
    }
}

/// Whether the reason is one that passes in a moment, so that waiting is of use.
pub(super) fn passes(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout => true,
        // Not that of a trap: the next instance would want as much memory.
        ErrorKind::Exhausted => error.effect() == Effect::Nothing,
        _ => false,
    }
}

/// Whether a start's failure says anything of the backend: what is wrong in settings is found before anybody asks it.
pub(super) fn is_of_backend(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Invalid
            | ErrorKind::Validation
            | ErrorKind::Unsupported
            | ErrorKind::Configuration
            | ErrorKind::Host
    )
}

/// Between half of it and all of it, at random.
pub(super) fn spread(whole: Duration) -> Duration {
    // Without chance it is three quarters.
    let chance = getrandom::u32().unwrap_or(u32::MAX / 2);
    whole.mul_f64(0.5 + 0.5 * f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests;
