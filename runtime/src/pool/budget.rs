//! What a data source may spend on trying calls again: a part of those that succeed, so that a backend that is
//! dying isn't stormed.

use std::sync::atomic::{AtomicU32, Ordering};

/// Calls that succeed for one that may be tried again.
const CALLS_PER_RETRY: u32 = 10;

/// Retries that may come at once, at least: a single-session source has to survive a restart, too.
const LEAST_BURST: u32 = 10;

/// A budget for retries.
pub(super) struct Budget {
    /// In calls that have succeeded.
    saved: AtomicU32,
    most: u32,
}

impl Budget {
    /// A full one. Every session may lose its backend at once, and each call be tried again, twice.
    pub(super) fn new(sessions: usize) -> Self {
        let sessions = u32::try_from(sessions).unwrap_or(u32::MAX);
        let most = sessions
            .saturating_mul(2)
            .max(LEAST_BURST)
            .saturating_mul(CALLS_PER_RETRY);
        Self {
            saved: AtomicU32::new(most),
            most,
        }
    }

    /// Takes note of a call that succeeded. While all is well it only looks.
    pub(super) fn save(&self) {
        if self.saved.load(Ordering::Relaxed) < self.most {
            self.saved.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes what a retry costs. Tells whether there was enough.
    pub(super) fn spend(&self) -> bool {
        self.saved
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |saved| {
                saved.checked_sub(CALLS_PER_RETRY)
            })
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_allows_a_burst_and_then_one_in_ten() {
        let budget = Budget::new(8);
        let burst = std::iter::repeat_with(|| budget.spend())
            .take_while(|allowed| *allowed)
            .count();
        assert_eq!(burst, 16);
        let mut retries = 0;
        for _ in 0..1_000 {
            budget.save();
            retries += u32::from(budget.spend());
        }
        assert_eq!(retries, 100);
    }

    #[test]
    fn what_is_saved_is_bounded() {
        let budget = Budget::new(1);
        (0..100_000).for_each(|_| budget.save());
        let burst = std::iter::repeat_with(|| budget.spend())
            .take_while(|allowed| *allowed)
            .count();
        assert_eq!(burst, 10);
    }
}
