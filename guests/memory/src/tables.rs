//! Where a collection's records are found: by their key, and by the indexes.
//!
//! A change is made in all tables or in none. What a table takes beyond a record's own bytes is asked for first,
//! and refused where it isn't there.

use std::collections::hash_map::Entry as KeyEntry;
use std::collections::{BTreeMap, HashMap};

use tenon_sdk::layout::Layout;
use tenon_sdk::{Entity, Key, Result};

use crate::bytes::Bytes;
use crate::index::{Entry, Index};
use crate::room::Room;
use crate::slots::{SlotId, Slots, exhausted};

/// Room for the bytes of most keys.
const KEY_CAPACITY: usize = 32;

/// About the bytes that a record's entry in one table takes.
const ENTRY: usize = 64;

/// The key and the indexes.
pub(crate) struct Tables {
    /// From keys to slots.
    pub(crate) keys: HashMap<Bytes, SlotId>,
    /// The same in order, unless the model wants the hash alone.
    pub(crate) sorted_keys: Option<BTreeMap<Bytes, SlotId>>,
    /// One for each of the layout's.
    pub(crate) indexes: Vec<Index>,
    /// Lets every record find no room.
    #[cfg(test)]
    pub(crate) full: bool,
}

impl Tables {
    pub(crate) fn new(layout: &Layout) -> Self {
        Self {
            keys: HashMap::new(),
            sorted_keys: layout.key_ordered.then(BTreeMap::new),
            indexes: layout.indexes.iter().map(Index::new).collect(),
            #[cfg(test)]
            full: false,
        }
    }

    /// Tables of records that are there, within a room if it is given.
    pub(crate) fn of(layout: &Layout, slots: &Slots, mut room: Option<&mut Room>) -> Result<Self> {
        let mut tables = Self::new(layout);
        tables
            .keys
            .try_reserve(slots.iter().count())
            .map_err(|_| exhausted())?;
        for (slot, record) in slots.iter() {
            if let Some(room) = &mut room {
                room.take_bytes(ENTRY * (2 + layout.indexes.len()))?;
            }
            tables.add(layout, record, slot)?;
        }
        Ok(tables)
    }

    /// The slot of a key.
    pub(crate) fn slot(&self, layout: &Layout, key: &Key) -> Result<Option<SlotId>> {
        let mut bytes = Vec::with_capacity(KEY_CAPACITY);
        layout.key(key, &mut bytes)?;
        Ok(self.keys.get(bytes.as_slice()).copied())
    }

    /// The slot of a record's key.
    pub(crate) fn slot_of(&self, layout: &Layout, record: &Entity) -> Result<Option<SlotId>> {
        let mut bytes = Vec::with_capacity(KEY_CAPACITY);
        layout.entity_key(record, &mut bytes)?;
        Ok(self.keys.get(bytes.as_slice()).copied())
    }

    /// The slot that has a record's values in a unique index.
    pub(crate) fn slot_by(
        &self,
        layout: &Layout,
        index: usize,
        record: &Entity,
    ) -> Result<Option<SlotId>> {
        match (layout.indexes.get(index), self.indexes.get(index)) {
            (Some(shape), Some(index)) => Ok(index.holder(&Entry::new(shape, record, &[])?)),
            _ => Ok(None),
        }
    }

    /// Adds a record; nothing is changed where its key or a unique value is taken.
    pub(crate) fn add(&mut self, layout: &Layout, record: &Entity, slot: SlotId) -> Result<()> {
        #[cfg(test)]
        if self.full {
            return Err(exhausted());
        }
        let mut bytes = Vec::with_capacity(KEY_CAPACITY);
        layout.entity_key(record, &mut bytes)?;
        let key = Bytes::from(bytes.as_slice());
        let entries = entries(layout, record, &bytes)?;
        for ((index, entry), shape) in self.indexes.iter_mut().zip(&entries).zip(&layout.indexes) {
            index.reserve()?;
            if index.holder(entry).is_some() {
                return Err(shape.duplicate(&layout.model));
            }
        }
        self.keys.try_reserve(1).map_err(|_| exhausted())?;
        match self.keys.entry(key) {
            KeyEntry::Occupied(_) => return Err(layout.duplicate()),
            KeyEntry::Vacant(place) => {
                if let Some(sorted) = &mut self.sorted_keys {
                    sorted.insert(place.key().clone(), slot);
                }
                place.insert(slot);
            }
        }
        for (index, entry) in self.indexes.iter_mut().zip(entries) {
            index.insert(entry, slot);
        }
        Ok(())
    }

    /// Moves a record's index entries; its key stays. Nothing is changed where a unique value is taken.
    pub(crate) fn change(
        &mut self,
        layout: &Layout,
        old: &Entity,
        new: &Entity,
        slot: SlotId,
    ) -> Result<()> {
        if self.indexes.is_empty() {
            return Ok(());
        }
        let mut key = Vec::with_capacity(KEY_CAPACITY);
        layout.entity_key(new, &mut key)?;
        let moves: Vec<_> = entries(layout, old, &key)?
            .into_iter()
            .zip(entries(layout, new, &key)?)
            .collect();
        for ((index, (from, to)), shape) in self.indexes.iter_mut().zip(&moves).zip(&layout.indexes)
        {
            index.reserve()?;
            if !from.is(to) && index.holder(to).is_some() {
                return Err(shape.duplicate(&layout.model));
            }
        }
        for (index, (from, to)) in self.indexes.iter_mut().zip(moves) {
            if !from.is(&to) {
                index.remove(&from, slot);
                index.insert(to, slot);
            }
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, layout: &Layout, record: &Entity, slot: SlotId) -> Result<()> {
        let mut key = Vec::with_capacity(KEY_CAPACITY);
        layout.entity_key(record, &mut key)?;
        let entries = entries(layout, record, &key)?;
        self.keys.remove(key.as_slice());
        if let Some(sorted) = &mut self.sorted_keys {
            sorted.remove(key.as_slice());
        }
        for (index, entry) in self.indexes.iter_mut().zip(&entries) {
            index.remove(entry, slot);
        }
        Ok(())
    }
}

/// A record's entries in all indexes.
fn entries(layout: &Layout, record: &Entity, key: &[u8]) -> Result<Vec<Entry>> {
    layout
        .indexes
        .iter()
        .map(|index| Entry::new(index, record, key))
        .collect()
}
