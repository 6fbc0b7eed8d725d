//! How a data source is doing, as operators see it.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whether a data source has its backend.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// Nothing is known to be wrong.
    Healthy,
    /// Sessions can't be started at the moment: callers wait for the next attempt, or for the sessions that there are.
    Degraded(Trouble),
    /// No session can be had: callers are told so at once.
    Unavailable(Trouble),
}

/// What is wrong with a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trouble {
    /// When the first session could not be started.
    pub since: SystemTime,
    /// What the last attempt met, without secrets.
    pub because: String,
    /// Attempts that have failed since, one after the other.
    pub failures: u32,
    /// How long it is to the next attempt; nothing where it is under way.
    pub next_attempt: Duration,
}

impl Health {
    /// Its name, for a program.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded(_) => "degraded",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// What is wrong, where something is.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Healthy => None,
            Self::Degraded(trouble) | Self::Unavailable(trouble) => Some(trouble),
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.trouble() {
            Some(trouble) => write!(f, " {trouble}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "since {}: {}; the next attempt {}",
            moment(self.since),
            self.because,
            soon(self.next_attempt)
        )
    }
}

/// When the next attempt is, as the end of a sentence.
pub(super) fn soon(next: Duration) -> String {
    if next.is_zero() {
        "is under way".to_owned()
    } else {
        format!("is in {next:.1?}")
    }
}

/// A moment as people write it, to the second.
pub(super) fn moment(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
    tenon_model::format_timestamp(seconds.saturating_mul(1_000_000))
}
