//! Open results. A cursor copies a record only when it hands it out; between pages it holds a position, or
//! the places of the records to come, and records may change meanwhile.
//!
//! Walks over slots and over keys go on after the last one: neither moves while its record stays. Index
//! entries move when a record changes, so results by an index, as sorted ones, keep the places.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::rc::Rc;

use tenon_sdk::plan::{Access, Plan, Range};
use tenon_sdk::{
    Answer, Done, Entity, Evaluation, PageBuilder, Progress, Query, Result, Rows, Source,
};

use crate::bytes::Bytes;
use crate::collection::Collection;
use crate::search;
use crate::slots::{Place, SlotId, exhausted};

/// Opens the rows of a query.
pub(crate) fn open(collection: &Rc<RefCell<Collection>>, query: Query) -> Result<Answer> {
    let evaluation = Evaluation::new(query)?;
    let done = evaluation.done(true);
    // Paging is for whole filters only: otherwise the runtime would miss rows that it filters out itself.
    let (offset, limit) = if done.contains(Done::PAGING) {
        evaluation.part()
    } else {
        (0, usize::MAX)
    };
    collection.borrow_mut().room.give();
    let records = collection.borrow();
    let plan = Plan::new(&records.layout, evaluation.query());
    let rows = match (plan.access, plan.ordered) {
        (Access::Everything, true) => {
            let part = Part {
                evaluation,
                offset,
                limit,
            };
            Rows::from_source(SlotWalk {
                collection: collection.clone(),
                part,
                next: 0,
            })
        }
        (Access::Key, true) if !plan.points => {
            let part = Part {
                evaluation,
                offset,
                limit,
            };
            Rows::from_source(KeyWalk::new(collection.clone(), part, plan))
        }
        _ => {
            let places = places(&records, &plan, &evaluation, offset, limit)?;
            let part = Part {
                evaluation,
                offset: 0,
                limit: usize::MAX,
            };
            Rows::from_source(Kept {
                collection: collection.clone(),
                part,
                places: places.into_iter(),
            })
        }
    };
    Ok(Answer { rows, done })
}

/// What is wanted of the records that a cursor meets.
struct Part {
    evaluation: Evaluation,
    /// Matches to leave out first.
    offset: usize,
    /// Matches to hand out then.
    limit: usize,
}

impl Part {
    fn offer(&mut self, record: &Entity, page: &mut PageBuilder) {
        page.look();
        if !self.evaluation.matches(record) {
            return;
        }
        if self.offset > 0 {
            self.offset -= 1;
            return;
        }
        self.limit -= 1;
        page.push(self.evaluation.project_copy(record));
    }

    fn wants_more(&self) -> bool {
        self.limit > 0
    }
}

/// The places of a query's part of the matches, in its order, the key's where that doesn't tell.
fn places(
    records: &Collection,
    plan: &Plan,
    evaluation: &Evaluation,
    offset: usize,
    limit: usize,
) -> Result<Vec<Place>> {
    let end = offset.saturating_add(limit);
    let enough = if plan.ordered { end } else { usize::MAX };
    let mut found: Vec<SlotId> = Vec::new();
    if enough > 0 {
        let ended = search::visit(records, plan, |slot, record| {
            if evaluation.matches(record) {
                search::keep(&mut found, slot, enough)
            } else {
                ControlFlow::Continue(())
            }
        });
        ended.break_value().unwrap_or(Ok(()))?;
    }
    if !plan.ordered {
        let none = Entity::new();
        let record = |slot: &SlotId| records.slots.get(*slot).unwrap_or(&none);
        let order = |left: &SlotId, right: &SlotId| {
            let (left, right) = (record(left), record(right));
            evaluation
                .compare(left, right)
                .then_with(|| records.layout.compare(left, right))
        };
        // Of a short part, only what belongs to it is sorted.
        if end < found.len() / 2 {
            found.select_nth_unstable_by(end, order);
            found.truncate(end);
        }
        found.sort_unstable_by(order);
    }
    let part = found.into_iter().skip(offset).take(limit);
    let mut places = Vec::new();
    places
        .try_reserve_exact(part.len())
        .map_err(|_| exhausted())?;
    places.extend(part.filter_map(|slot| records.slots.place(slot)));
    Ok(places)
}

/// All records, slot by slot.
struct SlotWalk {
    collection: Rc<RefCell<Collection>>,
    part: Part,
    next: SlotId,
}

impl Source for SlotWalk {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        self.collection.borrow_mut().room.give();
        let collection = self.collection.borrow();
        let mut slots = collection.slots.from(self.next);
        while self.part.wants_more() {
            if page.is_full() {
                return Ok(Progress::More);
            }
            let Some(slot) = slots.next() else {
                break;
            };
            self.next += 1;
            if let Some(record) = slot {
                self.part.offer(record, page);
            }
        }
        Ok(Progress::End)
    }
}

/// Records in the order of their keys, forwards or backwards.
struct KeyWalk {
    collection: Rc<RefCell<Collection>>,
    part: Part,
    /// What is left to walk; the next range is the last one here.
    ranges: Vec<Range>,
    backwards: bool,
    /// The last key seen in the next range.
    last: Option<Bytes>,
}

impl KeyWalk {
    fn new(collection: Rc<RefCell<Collection>>, part: Part, plan: Plan) -> Self {
        let mut ranges = plan.ranges;
        if !plan.backwards {
            ranges.reverse();
        }
        Self {
            collection,
            part,
            ranges,
            backwards: plan.backwards,
            last: None,
        }
    }
}

impl Source for KeyWalk {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        self.collection.borrow_mut().room.give();
        let collection = self.collection.borrow();
        let nothing = BTreeMap::new();
        let keys = collection.tables.sorted_keys.as_ref().unwrap_or(&nothing);
        while let Some(range) = self.ranges.last() {
            let mut start = Bound::Included(range.start.as_slice());
            let mut end = range
                .end
                .as_deref()
                .map_or(Bound::Unbounded, Bound::Excluded);
            if let Some(last) = &self.last {
                let beyond = Bound::Excluded(last.as_slice());
                if self.backwards {
                    end = beyond
                } else {
                    start = beyond
                }
            }
            let mut entries = keys.range::<[u8], _>((start, end));
            let mut seen = None;
            let full = loop {
                if !self.part.wants_more() {
                    return Ok(Progress::End);
                }
                if page.is_full() {
                    break true;
                }
                let entry = if self.backwards {
                    entries.next_back()
                } else {
                    entries.next()
                };
                let Some((key, slot)) = entry else {
                    break false;
                };
                seen = Some(key);
                if let Some(record) = collection.slots.get(*slot) {
                    self.part.offer(record, page);
                }
            };
            if full {
                if let Some(seen) = seen {
                    self.last = Some(seen.clone());
                }
                return Ok(Progress::More);
            }
            self.ranges.pop();
            self.last = None;
        }
        Ok(Progress::End)
    }
}

/// Records by their places. One that is gone, or matches no longer, is left out.
struct Kept {
    collection: Rc<RefCell<Collection>>,
    part: Part,
    places: std::vec::IntoIter<Place>,
}

impl Source for Kept {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        self.collection.borrow_mut().room.give();
        let collection = self.collection.borrow();
        while !page.is_full() {
            match self.places.next() {
                None => return Ok(Progress::End),
                Some(place) => {
                    if let Some(record) = collection.slots.at(place) {
                        self.part.offer(record, page);
                    }
                }
            }
        }
        Ok(Progress::More)
    }
}
