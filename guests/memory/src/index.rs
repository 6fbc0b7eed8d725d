//! One declared index: from values to slots, hashed or ordered.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map};
use std::ops::Bound;

use tenon_sdk::layout::IndexLayout;
use tenon_sdk::plan::Range;
use tenon_sdk::{Entity, Result};

use crate::bytes::Bytes;
use crate::slots::{SlotId, exhausted};

/// The index.
pub(crate) enum Index {
    /// Values to slots.
    Hash(HashMap<Bytes, Postings>),
    /// Values and then the key, so that equal values are in the key's order.
    Ordered(BTreeMap<Bytes, SlotId>),
}

/// The slots of equal values; most often one.
pub(crate) enum Postings {
    One(SlotId),
    Many(BTreeSet<SlotId>),
}

/// A record's place in an index.
pub(crate) struct Entry {
    /// The values, and in an ordered index the key after them.
    bytes: Bytes,
    /// The values' length.
    values: usize,
    /// No second record may have the same values.
    exclusive: bool,
}

impl Entry {
    /// The entry of a record whose key has these bytes.
    pub(crate) fn new(layout: &IndexLayout, record: &Entity, key: &[u8]) -> Result<Self> {
        let mut bytes = Vec::with_capacity(32 + key.len());
        let has_null = layout.entity(record, &mut bytes)?;
        let values = bytes.len();
        if layout.ordered {
            bytes.extend_from_slice(key);
        }
        Ok(Self {
            bytes: Bytes::from(bytes.as_slice()),
            values,
            exclusive: layout.unique && !has_null,
        })
    }

    /// Whether two entries of one record are the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }

    fn values(&self) -> &[u8] {
        let bytes = self.bytes.as_slice();
        bytes.get(..self.values).unwrap_or(bytes)
    }
}

impl Index {
    pub(crate) fn new(layout: &IndexLayout) -> Self {
        if layout.ordered {
            Self::Ordered(BTreeMap::new())
        } else {
            Self::Hash(HashMap::new())
        }
    }

    /// Makes room for one entry more.
    pub(crate) fn reserve(&mut self) -> Result<()> {
        match self {
            Self::Hash(entries) => entries.try_reserve(1).map_err(|_| exhausted()),
            Self::Ordered(_) => Ok(()),
        }
    }

    /// Who has an entry's values, where nobody else may.
    pub(crate) fn holder(&self, entry: &Entry) -> Option<SlotId> {
        if !entry.exclusive {
            return None;
        }
        match self {
            Self::Hash(entries) => match entries.get(entry.values())? {
                Postings::One(slot) => Some(*slot),
                Postings::Many(slots) => slots.first().copied(),
            },
            Self::Ordered(entries) => entries
                .range::<[u8], _>((Bound::Included(entry.values()), Bound::Unbounded))
                .next()
                .filter(|(bytes, _)| bytes.as_slice().starts_with(entry.values()))
                .map(|(_, slot)| *slot),
        }
    }

    pub(crate) fn insert(&mut self, entry: Entry, slot: SlotId) {
        match self {
            Self::Ordered(entries) => {
                entries.insert(entry.bytes, slot);
            }
            Self::Hash(entries) => {
                entries
                    .entry(entry.bytes)
                    .and_modify(|postings| postings.add(slot))
                    .or_insert(Postings::One(slot));
            }
        }
    }

    pub(crate) fn remove(&mut self, entry: &Entry, slot: SlotId) {
        match self {
            Self::Ordered(entries) => {
                entries.remove(entry.bytes.as_slice());
            }
            Self::Hash(entries) => {
                let is_empty = match entries.get_mut(entry.bytes.as_slice()) {
                    None => false,
                    Some(Postings::One(_)) => true,
                    Some(Postings::Many(slots)) => {
                        slots.remove(&slot);
                        slots.is_empty()
                    }
                };
                if is_empty {
                    entries.remove(entry.bytes.as_slice());
                }
            }
        }
    }

    /// The slots of a range, in order. A hash has points only: the range's start.
    pub(crate) fn slots<'a>(
        &'a self,
        range: &'a Range,
    ) -> Box<dyn DoubleEndedIterator<Item = SlotId> + 'a> {
        match self {
            Self::Ordered(entries) => Box::new(in_range(entries, range).map(|(_, slot)| *slot)),
            Self::Hash(entries) => match entries.get(range.start.as_slice()) {
                None => Box::new(std::iter::empty()),
                Some(Postings::One(slot)) => Box::new(std::iter::once(*slot)),
                Some(Postings::Many(slots)) => Box::new(slots.iter().copied()),
            },
        }
    }
}

impl Postings {
    fn add(&mut self, slot: SlotId) {
        match self {
            Self::One(first) => *self = Self::Many(BTreeSet::from([*first, slot])),
            Self::Many(slots) => {
                slots.insert(slot);
            }
        }
    }
}

/// The entries of a range.
pub(crate) fn in_range<'a>(
    entries: &'a BTreeMap<Bytes, SlotId>,
    range: &Range,
) -> btree_map::Range<'a, Bytes, SlotId> {
    let end = range
        .end
        .as_deref()
        .map_or(Bound::Unbounded, Bound::Excluded);
    entries.range::<[u8], _>((Bound::Included(range.start.as_slice()), end))
}
