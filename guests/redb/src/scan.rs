//! A walk through a snapshot along a plan: the records of ranges of keys, or of an index.

use redb::{Range as Entries, ReadOnlyTable, ReadTransaction};
use std::ops::Bound;
use tenon_sdk::Result;
use tenon_sdk::plan::{Access, Plan, Range};

use crate::catalogue::Defined;
use crate::error::{OrFail, damaged};
use crate::tables;

/// The walk. It holds its snapshot for as long as it lives.
pub(crate) struct Scan {
    records: ReadOnlyTable<&'static [u8], &'static [u8]>,
    index: Option<ReadOnlyTable<&'static [u8], u32>>,
    points: bool,
    backwards: bool,
    /// What is left to walk; the next range is the last one here.
    ranges: Vec<Range>,
    current: Option<Walk>,
}

enum Walk {
    Records(Entries<'static, &'static [u8], &'static [u8]>),
    Index(Entries<'static, &'static [u8], u32>),
}

impl Scan {
    pub(crate) fn new(snapshot: &ReadTransaction, defined: &Defined, plan: Plan) -> Result<Self> {
        let index = match plan.access {
            Access::Everything | Access::Key => None,
            Access::Index(place) => {
                let number = defined.indexes.get(place).copied().unwrap_or_default();
                let name = tables::index_name(&defined.collection, number);
                Some(snapshot.open_table(tables::index(&name)).or_fail()?)
            }
        };
        let mut ranges = plan.ranges;
        if !plan.backwards {
            ranges.reverse();
        }
        Ok(Self {
            records: records(snapshot, defined)?,
            points: plan.points && index.is_none(),
            index,
            backwards: plan.backwards,
            ranges,
            current: None,
        })
    }

    /// Shows the next record's key and bytes; none is the end.
    pub(crate) fn next<R>(&mut self, show: impl FnOnce(&[u8], &[u8]) -> Result<R>) -> Result<Option<R>> {
        loop {
            match &mut self.current {
                None => {
                    let Some(range) = self.ranges.pop() else {
                        return Ok(None);
                    };
                    if !self.points {
                        self.current = Some(self.open(&range)?);
                    } else if let Some(bytes) = self.records.get(range.start.as_slice()).or_fail()? {
                        return show(&range.start, bytes.value()).map(Some);
                    }
                }
                Some(Walk::Records(entries)) => {
                    let next = if self.backwards { entries.next_back() } else { entries.next() };
                    match next {
                        None => self.current = None,
                        Some(entry) => {
                            let (key, bytes) = entry.or_fail()?;
                            return show(key.value(), bytes.value()).map(Some);
                        }
                    }
                }
                Some(Walk::Index(entries)) => {
                    let next = if self.backwards { entries.next_back() } else { entries.next() };
                    match next {
                        None => self.current = None,
                        Some(entry) => {
                            let (entry, values) = entry.or_fail()?;
                            let key = tables::key_of_entry(entry.value(), values.value())?;
                            let bytes = self.records.get(key).or_fail()?;
                            let bytes = bytes.ok_or_else(|| damaged("an index names a record that isn't there"))?;
                            return show(key, bytes.value()).map(Some);
                        }
                    }
                }
            }
        }
    }

    fn open(&self, range: &Range) -> Result<Walk> {
        let end = range.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let bounds = (Bound::Included(range.start.as_slice()), end);
        match &self.index {
            None => self.records.range::<&[u8]>(bounds).or_fail().map(Walk::Records),
            Some(index) => index.range::<&[u8]>(bounds).or_fail().map(Walk::Index),
        }
    }
}

/// A snapshot's records.
pub(crate) fn records(
    snapshot: &ReadTransaction,
    defined: &Defined,
) -> Result<ReadOnlyTable<&'static [u8], &'static [u8]>> {
    let name = tables::records_name(&defined.collection);
    snapshot.open_table(tables::records(&name)).or_fail()
}
