//! A walk through a snapshot along a plan: the records of ranges of keys, or of an index.

use std::ops::Bound;
use std::rc::Rc;

use redb::Range as Walked;
use tenon_sdk::Result;
use tenon_sdk::plan::{Access, Plan, Range};

use crate::catalogue::Defined;
use crate::error::{OrFail, damaged};
use crate::snapshot::{Entries, Records, Snapshot};
use crate::tables;

/// The walk. It holds its snapshot for as long as it lives.
pub(crate) struct Scan {
    records: Rc<Records>,
    index: Option<Rc<Entries>>,
    points: bool,
    backwards: bool,
    /// What is left to walk; the next range is the last one here.
    ranges: Vec<Range>,
    current: Option<Walk>,
}

enum Walk {
    Records(Walked<'static, &'static [u8], &'static [u8]>),
    Index(Walked<'static, &'static [u8], u32>),
}

impl Scan {
    pub(crate) fn new(snapshot: &Snapshot, defined: &Defined, plan: Plan) -> Result<Self> {
        let index = match plan.access {
            Access::Everything | Access::Key => None,
            Access::Index(place) => Some(snapshot.index(defined, place)?),
        };
        let mut ranges = plan.ranges;
        if !plan.backwards {
            ranges.reverse();
        }
        Ok(Self {
            records: snapshot.records(defined)?,
            points: plan.points && index.is_none(),
            index,
            backwards: plan.backwards,
            ranges,
            current: None,
        })
    }

    /// Shows the next record's key and bytes; none is the end.
    pub(crate) fn next<R>(
        &mut self,
        show: impl FnOnce(&[u8], &[u8]) -> Result<R>,
    ) -> Result<Option<R>> {
        loop {
            match &mut self.current {
                None => {
                    let Some(range) = self.ranges.pop() else {
                        return Ok(None);
                    };
                    if !self.points {
                        self.current = Some(self.open(&range)?);
                    } else if let Some(bytes) =
                        self.records.get(range.start.as_slice()).or_fail()?
                    {
                        return show(&range.start, bytes.value()).map(Some);
                    }
                }
                Some(Walk::Records(entries)) => {
                    let next = if self.backwards {
                        entries.next_back()
                    } else {
                        entries.next()
                    };
                    match next {
                        None => self.current = None,
                        Some(entry) => {
                            let (key, bytes) = entry.or_fail()?;
                            return show(key.value(), bytes.value()).map(Some);
                        }
                    }
                }
                Some(Walk::Index(entries)) => {
                    let next = if self.backwards {
                        entries.next_back()
                    } else {
                        entries.next()
                    };
                    match next {
                        None => self.current = None,
                        Some(entry) => {
                            let (entry, values) = entry.or_fail()?;
                            let key = tables::key_of_entry(entry.value(), values.value())?;
                            let bytes = self.records.get(key).or_fail()?;
                            let bytes = bytes.ok_or_else(|| {
                                damaged("an index names a record that isn't there")
                            })?;
                            return show(key, bytes.value()).map(Some);
                        }
                    }
                }
            }
        }
    }

    fn open(&self, range: &Range) -> Result<Walk> {
        let end = range
            .end
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded);
        let bounds = (Bound::Included(range.start.as_slice()), end);
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
