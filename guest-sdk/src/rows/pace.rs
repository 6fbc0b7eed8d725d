//! How long one call may go on looking for rows.

use std::time::{Duration, Instant};

use crate::Limits;

/// Records that one call looks at, at most: a search through rows that don't match stops here.
const LOOKS_A_PAGE: u32 = 16_384;

/// How many looks pass between two looks at the clock, which costs a call of the host. It comes to this by
/// doubling, so that a slow search is noticed early.
const LOOKS_A_CLOCK: u32 = 256;

/// A page is handed out after this time, so that calls on an exclusive instance take turns.
const PATIENCE: Duration = Duration::from_millis(100);

/// What one call has looked at, and when it began to.
pub(super) struct Pace {
    looks: u32,
    deadline: Option<Instant>,
    patience: Duration,
    out_of_time: bool,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Self {
        let patience = limits
            .call_timeout
            .map_or(PATIENCE, |timeout| PATIENCE.min(timeout / 4));
        Self {
            looks: 0,
            deadline: None,
            patience,
            out_of_time: false,
        }
    }

    /// Counts a record that was looked at.
    pub(super) fn look(&mut self) {
        self.looks += 1;
        if self.looks.is_power_of_two() || self.looks.is_multiple_of(LOOKS_A_CLOCK) {
            let now = Instant::now();
            let deadline = *self.deadline.get_or_insert(now + self.patience);
            self.out_of_time = now >= deadline;
        }
    }

    /// Whether others should have their turn.
    pub(super) fn is_over(&self) -> bool {
        self.looks >= LOOKS_A_PAGE || self.out_of_time
    }
}
