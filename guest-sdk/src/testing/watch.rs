//! An open result, and all that its records have been while it was open.

#![allow(
    clippy::panic,
    reason = "a check that fails says so as an assertion does"
)]

use tenon_model::contract::Query;
use tenon_model::{Done, Entity};

use super::Reference;
use super::check::{entities, or_panic, same, same_key};
use crate::{Crud, Evaluation, Limits, Rows};

/// Rows of a page: few, so that much happens between pages.
const PAGE: u32 = 2;

/// A cursor under watch.
pub(super) struct Watch {
    evaluation: Evaluation,
    rows: Rows,
    done: Done,
    came: Vec<Entity>,
    at_first: Vec<Entity>,
    /// All that a record of each key has been meanwhile.
    states: Vec<Entity>,
}

impl Watch {
    pub(super) fn open(reference: &Reference, connector: &mut impl Crud, query: Query) -> Self {
        let answer = or_panic(connector.all("Thing", query.clone()));
        Self {
            evaluation: or_panic(Evaluation::new(query)),
            rows: answer.rows,
            done: answer.done,
            came: Vec::new(),
            at_first: reference.records().to_vec(),
            states: reference.records().to_vec(),
        }
    }

    /// Reads a page; whether more may follow.
    pub(super) fn next_page(&mut self) -> bool {
        let page = or_panic(self.rows.next(PAGE, &Limits::default()));
        let more = page.is_some();
        self.came.extend(page.into_iter().flat_map(entities));
        more
    }

    /// Takes down what the records are now.
    pub(super) fn note(&mut self, reference: &Reference) {
        self.states.extend(reference.records().iter().cloned());
    }

    /// Reads to the end: what nobody changed came exactly once if it matches, and nothing came that never was.
    pub(super) fn finish(mut self, reference: &Reference) {
        while self.next_page() {}
        or_panic(self.rows.close());
        if !self.done.contains(Done::FILTER) {
            self.came.retain(|row| self.evaluation.matches(row));
        }
        let at_last = reference.records();
        for record in &self.at_first {
            let key = reference.key_of(record);
            let of_key = |other: &&Entity| same_key(&reference.key_of(other), &key);
            let mut states = self.states.iter().filter(of_key);
            let unchanged = states.all(|state| same(state, record))
                && at_last.iter().any(|last| same(last, record));
            let times = self.came.iter().filter(of_key).count();
            if unchanged && times != usize::from(self.evaluation.matches(record)) {
                panic!(
                    "a record that nobody changed came {times} times: {record:#?}\namong {:#?}",
                    self.came
                );
            }
        }
        for row in &self.came {
            let mut states = self.states.iter().chain(at_last);
            if !states.any(|state| same(state, row)) || !self.evaluation.matches(row) {
                panic!("a record came that never was so, or doesn't match: {row:#?}");
            }
        }
    }
}
