//! Where threads wait for each other, so that they begin at the same time.

use std::sync::{Condvar, Mutex, PoisonError};

/// As a barrier, but that a thread can leave: nobody waits for one that has ended early.
pub struct Meeting {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    members: usize,
    waiting: usize,
    round: usize,
}

/// A thread's part in a meeting, until it is dropped.
pub struct Seat<'m>(&'m Meeting);

impl Meeting {
    pub fn new(members: usize) -> Self {
        let state = State {
            members,
            waiting: 0,
            round: 0,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// One of the members' part.
    pub fn seat(&self) -> Seat<'_> {
        Seat(self)
    }
}

impl State {
    fn go_on_if_all_are_there(&mut self, changed: &Condvar) {
        if self.waiting >= self.members {
            self.waiting = 0;
            self.round += 1;
            changed.notify_all();
        }
    }
}

impl Seat<'_> {
    /// Waits for all others that are still there.
    pub fn wait(&self) {
        let Meeting { state, changed } = self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let round = state.round;
        state.waiting += 1;
        state.go_on_if_all_are_there(changed);
        while state.round == round {
            state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let Meeting { state, changed } = self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.members -= 1;
        state.go_on_if_all_are_there(changed);
    }
}
