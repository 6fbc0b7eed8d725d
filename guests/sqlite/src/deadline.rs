//! When a statement has to stop: before the runtime ends the call, and the session with it.
//!
//! SQLite asks every few thousand of its steps, and undoes the statement that is interrupted.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tenon_sdk::{Result, context};

use crate::error;

/// Steps of SQLite's machine between two looks at the clock: some tenths of a millisecond.
const STEPS: i32 = 4_000;

/// The part of a call's time that is kept for what comes after a statement was stopped.
const KEPT: u32 = 8;

/// The time of the call that is being served.
pub(crate) struct Deadline {
    moment: Arc<Mutex<Option<Instant>>>,
    /// For one call, where the call itself doesn't tell.
    limit: Option<Duration>,
}

impl Deadline {
    /// Has the connection's statements stopped in time.
    pub(crate) fn watch(connection: &mut Connection, limit: Option<Duration>) -> Result<Self> {
        let moment = Arc::new(Mutex::new(None));
        let watched = Arc::clone(&moment);
        let is_over = move || {
            watched
                .lock()
                .is_ok_and(|moment| moment.is_some_and(|moment| Instant::now() >= moment))
        };
        connection
            .progress_handler(STEPS, Some(is_over))
            .map_err(error::convert)?;
        Ok(Self { moment, limit })
    }

    /// Comes first in each call.
    pub(crate) fn begin(&self) {
        self.set(self.left().map(|left| left - left / KEPT));
    }

    /// Gives what follows a part of what is left of the call: a quarter.
    pub(crate) fn begin_part(&self) {
        self.set(self.left().map(|left| left / 4));
    }

    /// Lets nothing be stopped: what ends a transaction.
    pub(crate) fn suspend(&self) {
        self.set(None);
    }

    fn left(&self) -> Option<Duration> {
        context::current().deadline.or(self.limit)
    }

    fn set(&self, left: Option<Duration>) {
        if let Ok(mut moment) = self.moment.lock() {
            *moment = left.and_then(|left| Instant::now().checked_add(left));
        }
    }
}
