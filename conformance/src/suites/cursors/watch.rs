//! An open result, and all that its records have been while it was open.

use std::collections::BTreeMap;

use tenon_model::contract::{Done, Model, Query};
use tenon_model::{Entity, Matcher, RowOrder};
use tenon_runtime::direct::OpenRows;

use crate::ask::{Known, encoded};
use crate::finding::{Checked, Finding, ensure, must};
use crate::reference::{Reference, key_of, same};
use crate::session::Session;
use crate::show;

/// A result under watch.
pub struct Watch {
    model: Model,
    rows: OpenRows,
    filters: bool,
    ordered: bool,
    matcher: Matcher,
    order: RowOrder,
    pub came: Vec<Entity>,
    /// All that the record of each key has been since the result was opened, by the keys' bytes.
    states: BTreeMap<Vec<u8>, States>,
}

#[derive(Default)]
struct States {
    /// What it was, one after the other; none where there was no record.
    seen: Vec<Option<Entity>>,
}

impl States {
    fn add(&mut self, state: Option<&Entity>) {
        let is_new = match (self.seen.last(), state) {
            (None, _) => true,
            (Some(None), None) => false,
            (Some(Some(last)), Some(state)) => !same(last, state),
            _ => true,
        };
        if is_new {
            self.seen.push(state.cloned());
        }
    }

    /// The record that was there from the first to the last, and never another.
    fn unchanged(&self) -> Option<&Entity> {
        match self.seen.as_slice() {
            [Some(only)] => Some(only),
            _ => None,
        }
    }

    /// Whether it was there all the time, whatever it was.
    fn stayed(&self) -> bool {
        self.seen.iter().all(Option::is_some)
    }
}

impl Watch {
    /// Opens a query on records that are known.
    pub fn open(session: &mut Session<'_>, known: &Known, query: &Query) -> Checked<Option<Self>> {
        let Some(query) = known.sent(query) else {
            return Ok(None);
        };
        let Some(matcher) = known.matcher(&query.filter) else {
            return Ok(None);
        };
        let (rows, done) = must("all", session.all(&known.model().name, &query))?;
        let mut watch = Self {
            model: known.model().clone(),
            rows,
            filters: done.contains(Done::FILTER),
            ordered: done.contains(Done::ORDER),
            matcher,
            order: known.order(&query),
            came: Vec::new(),
            states: BTreeMap::new(),
        };
        watch.note_all(known.records());
        Ok(Some(watch))
    }

    /// Reads a page; whether more may follow.
    pub fn next_page(&mut self, session: &mut Session<'_>, max: u32) -> Checked<bool> {
        let page = must("next", session.next_records(self.rows, max))?;
        let more = page.is_some();
        self.came.extend(page.into_iter().flatten());
        Ok(more)
    }

    /// Takes down what the records are now.
    pub fn note(&mut self, reference: &Reference) {
        self.note_all(reference.records());
    }

    fn note_all(&mut self, records: &[Entity]) {
        let now: BTreeMap<Vec<u8>, &Entity> = records
            .iter()
            .map(|record| (encoded(&key_of(&self.model, record)), record))
            .collect();
        let first = self.states.is_empty();
        for key in now.keys() {
            let states = self.states.entry(key.clone()).or_default();
            if states.seen.is_empty() && !first {
                // It wasn't there before.
                states.seen.push(None);
            }
        }
        for (key, states) in &mut self.states {
            states.add(now.get(key).copied());
        }
    }

    /// Reads to the end, and closes: what nobody changed came exactly once if it matches, and nothing came that never
    /// was.
    pub fn finish(mut self, session: &mut Session<'_>, max: u32) -> Checked {
        let mut pages = 0;
        while self.next_page(session, max)? {
            pages += 1;
            ensure(pages < 10_000, || {
                Finding::new("a result never comes to its end while its records change")
            })?;
        }
        must("close", session.close(self.rows))?;
        self.judge()
    }

    fn judge(mut self) -> Checked {
        for row in &self.came {
            let key = encoded(&key_of(&self.model, row));
            let states = self.states.get(&key);
            let was_so = states
                .is_some_and(|states| states.seen.iter().flatten().any(|state| same(state, row)));
            ensure(was_so, || {
                let seen = states.map_or("no record of this key".to_owned(), |states| {
                    let all: Vec<Entity> = states.seen.iter().flatten().cloned().collect();
                    show::records(&all)
                });
                Finding::new("a record came that never was so while the result was open")
                    .differs(seen, show::record(row))
            })?;
            ensure(!self.filters || self.matcher.matches(row), || {
                Finding::new(
                    "a record came that doesn't match, though `filter` is claimed to be done",
                )
                .differs("only matches", show::record(row))
            })?;
        }
        let matcher = &self.matcher;
        self.came.retain(|row| matcher.matches(row));
        let mut of_key: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for row in &self.came {
            *of_key
                .entry(encoded(&key_of(&self.model, row)))
                .or_default() += 1;
        }
        for (key, states) in &self.states {
            let times = of_key.get(key).copied().unwrap_or(0);
            if let Some(record) = states.unchanged() {
                let wanted = usize::from(self.matcher.matches(record));
                ensure(times == wanted, || {
                    Finding::new(format!(
                        "a record that nobody changed while the result was open came {times} times"
                    ))
                    .differs(
                        format!("{wanted} times {}", show::record(record)),
                        show::records(&self.came),
                    )
                })?;
            } else if states.stayed() {
                ensure(times <= 1, || {
                    let last = states.seen.iter().flatten().last();
                    Finding::new(format!(
                        "a record that was changed while the result was open came {times} times"
                    ))
                    .differs(
                        format!(
                            "once {}, as it was or as it is",
                            last.map_or(String::new(), show::record)
                        ),
                        show::records(&self.came),
                    )
                })?;
            }
        }
        self.is_in_order()
    }

    /// Those that nobody changed come in their order all the same.
    fn is_in_order(&self) -> Checked {
        if !self.ordered || self.order.is_empty() {
            return Ok(());
        }
        let unchanged: Vec<&Entity> = self
            .came
            .iter()
            .filter(|row| {
                let states = self.states.get(&encoded(&key_of(&self.model, row)));
                states.is_some_and(|states| states.unchanged().is_some())
            })
            .collect();
        let wrong = unchanged
            .windows(2)
            .find(|pair| matches!(pair, [one, other] if self.order.compare(one, other).is_gt()));
        let Some([one, other]) = wrong else {
            return Ok(());
        };
        Err(Finding::new(
            "records that nobody changed while the result was open came in another order than the one that is \
             claimed to be done",
        )
        .differs(
            format!("{}\nbefore {}", show::record(other), show::record(one)),
            show::records(&self.came),
        )
        .into())
    }
}
