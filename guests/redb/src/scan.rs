//! A walk along a plan: the records of ranges of keys, or of an index.
//!
//! Through a snapshot it goes in one piece. Through the tables of an open transaction, which others of its calls
//! change, it is interrupted after each page, and what is left of it is ranges again: nothing comes twice or is
//! left out but what was moved meanwhile.

use std::ops::Bound;
use std::rc::Rc;

use redb::{AccessGuard, Range as Walked, ReadableTable, Table};
use tenon_sdk::Result;
use tenon_sdk::plan::{Plan, Range};

use crate::error::{OrFail, damaged};
use crate::tables;
use crate::view::{Entries, Records};

/// What is left to walk.
pub(crate) struct Course {
    points: bool,
    backwards: bool,
    /// The next range is the last one here.
    ranges: Vec<Range>,
}

impl Course {
    pub(crate) fn new(plan: Plan) -> Self {
        let mut ranges = plan.ranges;
        if !plan.backwards {
            ranges.reverse();
        }
        Self {
            points: plan.points,
            backwards: plan.backwards,
            ranges,
        }
    }
}

/// A walk through a part of a table.
pub(crate) enum Walk<'t> {
    Records(Walked<'t, &'static [u8], &'static [u8]>),
    Index(Walked<'t, &'static [u8], u32>),
}

/// The tables of a walk.
pub(crate) trait Tables<'t> {
    /// Whether the walk can be interrupted, for which it has to know where it is.
    const PAUSES: bool;

    /// Whether it goes through an index.
    fn by_index(&self) -> bool;

    /// The record of a key.
    fn record(&self, key: &[u8]) -> Result<Option<AccessGuard<'_, &'static [u8]>>>;

    /// Begins to walk through a range.
    fn walk(&self, range: &Range) -> Result<Walk<'t>>;
}

/// The tables of a snapshot, which live as long as someone needs them.
pub(crate) struct SharedTables {
    pub(crate) records: Rc<Records>,
    pub(crate) index: Option<Rc<Entries>>,
}

impl Tables<'static> for SharedTables {
    const PAUSES: bool = false;

    fn by_index(&self) -> bool {
        self.index.is_some()
    }

    fn record(&self, key: &[u8]) -> Result<Option<AccessGuard<'_, &'static [u8]>>> {
        self.records.get(key).or_fail()
    }

    fn walk(&self, range: &Range) -> Result<Walk<'static>> {
        let bounds = bounds(range);
        match &self.index {
            None => self
                .records
                .range::<&[u8]>(bounds)
                .or_fail()
                .map(Walk::Records),
            Some(index) => index.range::<&[u8]>(bounds).or_fail().map(Walk::Index),
        }
    }
}

/// The tables of an open transaction, lent for one call.
pub(crate) struct OpenTables<'t> {
    pub(crate) records: &'t Table<'t, &'static [u8], &'static [u8]>,
    pub(crate) index: Option<&'t Table<'t, &'static [u8], u32>>,
}

impl<'t> Tables<'t> for OpenTables<'t> {
    const PAUSES: bool = true;

    fn by_index(&self) -> bool {
        self.index.is_some()
    }

    fn record(&self, key: &[u8]) -> Result<Option<AccessGuard<'_, &'static [u8]>>> {
        self.records.get(key).or_fail()
    }

    fn walk(&self, range: &Range) -> Result<Walk<'t>> {
        let bounds = bounds(range);
        match self.index {
            None => self
                .records
                .range::<&[u8]>(bounds)
                .or_fail()
                .map(Walk::Records),
            Some(index) => index.range::<&[u8]>(bounds).or_fail().map(Walk::Index),
        }
    }
}

fn bounds(range: &Range) -> (Bound<&[u8]>, Bound<&[u8]>) {
    let end = range.end.as_deref();
    (
        Bound::Included(range.start.as_slice()),
        end.map_or(Bound::Unbounded, Bound::Excluded),
    )
}

/// The walk.
pub(crate) struct Scan<'t, T> {
    tables: T,
    course: Course,
    current: Option<Walk<'t>>,
    /// The range that is walked, and the bytes it has come to; kept where the walk may be interrupted.
    within: Option<(Range, Vec<u8>)>,
}

impl<'t, T: Tables<'t>> Scan<'t, T> {
    pub(crate) fn new(tables: T, mut course: Course) -> Self {
        // A point of an index is where several records may be.
        course.points = course.points && !tables.by_index();
        Self {
            tables,
            course,
            current: None,
            within: None,
        }
    }

    /// Shows the next record's key and bytes; none is the end.
    pub(crate) fn next<R>(
        &mut self,
        show: impl FnOnce(&[u8], &[u8]) -> Result<R>,
    ) -> Result<Option<R>> {
        let backwards = self.course.backwards;
        loop {
            match &mut self.current {
                None => {
                    let Some(range) = self.course.ranges.pop() else {
                        return Ok(None);
                    };
                    if !self.course.points {
                        self.current = Some(self.tables.walk(&range)?);
                        self.within = T::PAUSES.then_some((range, Vec::new()));
                    } else if let Some(bytes) = self.tables.record(&range.start)? {
                        return show(&range.start, bytes.value()).map(Some);
                    }
                }
                Some(Walk::Records(entries)) => {
                    let next = if backwards {
                        entries.next_back()
                    } else {
                        entries.next()
                    };
                    match next {
                        None => self.leave(),
                        Some(entry) => {
                            let (key, bytes) = entry.or_fail()?;
                            note(&mut self.within, key.value());
                            return show(key.value(), bytes.value()).map(Some);
                        }
                    }
                }
                Some(Walk::Index(entries)) => {
                    let next = if backwards {
                        entries.next_back()
                    } else {
                        entries.next()
                    };
                    match next {
                        None => self.leave(),
                        Some(entry) => {
                            let (entry, values) = entry.or_fail()?;
                            note(&mut self.within, entry.value());
                            let key = tables::key_of_entry(entry.value(), values.value())?;
                            let bytes = self.tables.record(key)?.ok_or_else(|| {
                                damaged("an index names a record that isn't there")
                            })?;
                            return show(key, bytes.value()).map(Some);
                        }
                    }
                }
            }
        }
    }

    fn leave(&mut self) {
        self.current = None;
        self.within = None;
    }

    /// Lets go of the tables, and returns what is left to walk.
    pub(crate) fn pause(self) -> Course {
        let mut course = self.course;
        if let Some((mut range, mut at)) = self.within {
            // No bytes are a place before all others: nothing was seen of the range.
            if !at.is_empty() && course.backwards {
                range.end = Some(at);
            } else if !at.is_empty() {
                // The least bytes that come after.
                at.push(0);
                range.start = at;
            }
            course.ranges.push(range);
        }
        course
    }
}

/// Remembers where a walk is that may be interrupted.
fn note(within: &mut Option<(Range, Vec<u8>)>, bytes: &[u8]) {
    if let Some((_, at)) = within {
        at.clear();
        at.extend_from_slice(bytes);
    }
}
