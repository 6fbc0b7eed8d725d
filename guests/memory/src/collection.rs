//! The records of one model, with their key and indexes. A change is made whole or not at all.

use std::collections::hash_map::Entry as KeyEntry;
use std::collections::{BTreeMap, HashMap};

use tenon_sdk::generate::{Counters, Generators};
use tenon_sdk::layout::Layout;
use tenon_sdk::{Entity, Error, Key, Result};

use crate::bytes::Bytes;
use crate::index::{Entry, Index};
use crate::room::Room;
use crate::settings::Definition;
use crate::slots::{SlotId, Slots, exhausted};

/// Room for the bytes of most keys.
const KEY_CAPACITY: usize = 32;

/// The records of one model.
pub(crate) struct Collection {
    pub(crate) layout: Layout,
    pub(crate) slots: Slots,
    pub(crate) tables: Tables,
    generators: Generators,
    counters: Counters,
    pub(crate) room: Room,
}

/// The key and the indexes.
pub(crate) struct Tables {
    /// From keys to slots.
    pub(crate) keys: HashMap<Bytes, SlotId>,
    /// The same in order, unless the model wants the hash alone.
    pub(crate) sorted_keys: Option<BTreeMap<Bytes, SlotId>>,
    /// One for each of the layout's.
    pub(crate) indexes: Vec<Index>,
}

impl Collection {
    pub(crate) fn new(definition: Definition) -> Self {
        let Definition { layout, generators } = definition;
        Self {
            tables: Tables::new(&layout),
            slots: Slots::default(),
            counters: generators.fresh_counters(),
            room: Room::default(),
            layout,
            generators,
        }
    }

    /// Takes on another definition of the model, unless the records don't allow it.
    pub(crate) fn redefine(&mut self, definition: Definition) -> Result<()> {
        let Definition { layout, generators } = definition;
        if layout != self.layout {
            let mut tables = Tables::new(&layout);
            for (slot, record) in self.slots.iter() {
                tables.add(&layout, record, slot).map_err(|error| {
                    error.context(format!(
                        "the records of `{}` don't fit its new definition",
                        layout.model
                    ))
                })?;
            }
            self.tables = tables;
            self.layout = layout;
        }
        if generators != self.generators {
            self.counters = generators.counters(self.slots.iter().map(|(_, record)| record));
            self.generators = generators;
        }
        Ok(())
    }

    pub(crate) fn create(&mut self, mut record: Entity) -> Result<Entity> {
        let made = if self.generators.is_empty() {
            Entity::new()
        } else {
            self.generators.fill(&mut record, &self.counters)?
        };
        self.insert(record)?;
        Ok(made)
    }

    pub(crate) fn create_all(&mut self, records: Vec<Entity>) -> Result<Vec<Entity>> {
        let mut made = Vec::with_capacity(records.len());
        let mut slots = Vec::with_capacity(records.len());
        for (number, mut record) in records.into_iter().enumerate() {
            let inserted = self
                .generators
                .fill(&mut record, &self.counters)
                .and_then(|values| {
                    made.push(values);
                    self.insert(record)
                });
            match inserted {
                Ok(slot) => slots.push(slot),
                Err(error) => {
                    for slot in slots {
                        self.remove(slot)?;
                    }
                    return Err(error.detail("index", number));
                }
            }
        }
        Ok(made)
    }

    fn insert(&mut self, record: Entity) -> Result<SlotId> {
        self.room.take(&record)?;
        let slot = self.slots.reserve()?;
        self.tables.add(&self.layout, &record, slot)?;
        self.generators.note(&record, &mut self.counters);
        self.slots.insert(record);
        Ok(slot)
    }

    pub(crate) fn find(&self, key: &Key) -> Result<Option<&Entity>> {
        Ok(self.slot(key)?.and_then(|slot| self.slots.get(slot)))
    }

    fn slot(&self, key: &Key) -> Result<Option<SlotId>> {
        let mut bytes = Vec::with_capacity(KEY_CAPACITY);
        self.layout.key(key, &mut bytes)?;
        Ok(self.tables.keys.get(bytes.as_slice()).copied())
    }

    pub(crate) fn save(&mut self, record: Entity) -> Result<Entity> {
        let mut bytes = Vec::with_capacity(KEY_CAPACITY);
        self.layout.entity_key(&record, &mut bytes)?;
        let slot = self
            .tables
            .keys
            .get(bytes.as_slice())
            .copied()
            .ok_or_else(|| self.not_found())?;
        self.replace(slot, record)?;
        Ok(Entity::new())
    }

    pub(crate) fn update_attributes(&mut self, key: &Key, data: Entity) -> Result<Entity> {
        self.layout.refuse_key_change(&data)?;
        let slot = self.slot(key)?.ok_or_else(|| self.not_found())?;
        self.change(slot, data)?;
        Ok(Entity::new())
    }

    /// Sets the given properties of these records.
    pub(crate) fn update(&mut self, slots: &[SlotId], data: &Entity) -> Result<u64> {
        self.layout.refuse_key_change(data)?;
        let mut done = Vec::new();
        done.try_reserve_exact(slots.len())
            .map_err(|_| exhausted())?;
        for slot in slots {
            match self.change(*slot, data.clone()) {
                Ok(old) => done.push((*slot, old)),
                Err(error) => {
                    // Backwards each step leads to a state that was there before. The records are still in
                    // memory, so no room is asked for; what is held back is for the indexes on the way.
                    self.room.give();
                    for (slot, old) in done.into_iter().rev() {
                        self.put(slot, old)?;
                    }
                    return Err(error);
                }
            }
        }
        Ok(count(slots))
    }

    pub(crate) fn destroy(&mut self, key: &Key) -> Result<bool> {
        match self.slot(key)? {
            None => Ok(false),
            Some(slot) => self.remove(slot).map(|()| true),
        }
    }

    pub(crate) fn destroy_all(&mut self, slots: &[SlotId]) -> Result<u64> {
        for slot in slots {
            self.remove(*slot)?;
        }
        Ok(count(slots))
    }

    /// Sets properties of a record, and returns it as it was.
    fn change(&mut self, slot: SlotId, data: Entity) -> Result<Entity> {
        let mut record = self.slots.get(slot).cloned().unwrap_or_default();
        record.merge(data);
        self.replace(slot, record)
    }

    /// Puts another record of the same key in the place of one, and returns that.
    fn replace(&mut self, slot: SlotId, record: Entity) -> Result<Entity> {
        self.room.take(&record)?;
        self.put(slot, record)
    }

    /// The same for a record that is in memory already.
    fn put(&mut self, slot: SlotId, record: Entity) -> Result<Entity> {
        if let Some(old) = self.slots.get(slot) {
            self.tables.change(&self.layout, old, &record, slot)?;
        }
        self.generators.note(&record, &mut self.counters);
        Ok(self.slots.replace(slot, record).unwrap_or_default())
    }

    fn remove(&mut self, slot: SlotId) -> Result<()> {
        if let Some(record) = self.slots.get(slot) {
            self.tables.remove(&self.layout, record, slot)?;
        }
        self.slots.remove(slot);
        Ok(())
    }

    fn not_found(&self) -> Error {
        Error::not_found(format!("`{}` has no record of this key", self.layout.model))
    }
}

impl Tables {
    fn new(layout: &Layout) -> Self {
        Self {
            keys: HashMap::new(),
            sorted_keys: layout.key_ordered.then(BTreeMap::new),
            indexes: layout.indexes.iter().map(Index::new).collect(),
        }
    }

    /// Adds a record; nothing is changed where its key or a unique value is taken.
    fn add(&mut self, layout: &Layout, record: &Entity, slot: SlotId) -> Result<()> {
        let mut bytes = Vec::with_capacity(KEY_CAPACITY);
        layout.entity_key(record, &mut bytes)?;
        let key = Bytes::from(bytes.as_slice());
        let entries = entries(layout, record, &bytes)?;
        for ((index, entry), shape) in self.indexes.iter_mut().zip(&entries).zip(&layout.indexes) {
            index.reserve()?;
            if index.forbids(entry) {
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
    fn change(&mut self, layout: &Layout, old: &Entity, new: &Entity, slot: SlotId) -> Result<()> {
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
            if !from.is(to) && index.forbids(to) {
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

    fn remove(&mut self, layout: &Layout, record: &Entity, slot: SlotId) -> Result<()> {
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

fn count(slots: &[SlotId]) -> u64 {
    u64::try_from(slots.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tenon_sdk::{Connector, Crud, ErrorKind, Limits, NoSettings, PropertyType};

    use super::*;
    use crate::Memory;

    #[test]
    fn an_update_that_memory_runs_out_for_changes_nothing() {
        let mut memory = Memory::initialize(NoSettings {}, &Limits::default()).unwrap();
        let model = tenon_model::Model::new("Note")
            .key("id", PropertyType::Integer)
            .property(tenon_model::Property::new("text", PropertyType::Text))
            .index(&["text"], false);
        memory.define(model.to_contract()).unwrap();
        let notes = (0..100_i64).map(|id| Entity::new().with("id", id).with("text", "short"));
        memory.create_all("Note", notes.collect()).unwrap();
        let long = "x".repeat(8 << 10);
        let count = |memory: &mut Memory, text: &str| {
            let filter = tenon_model::Filter::equal("text", text).to_nodes();
            memory.count("Note", filter).unwrap()
        };

        memory.records("Note").unwrap().borrow_mut().room.full = true;
        let data = Entity::new().with("text", long.as_str());
        let error = memory.update("Note", Vec::new(), data.clone()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Exhausted);
        assert_eq!(
            (count(&mut memory, "short"), count(&mut memory, &long)),
            (100, 0)
        );
        for id in 0..100_i64 {
            let note = memory.find("Note", Key::from(id)).unwrap().unwrap();
            assert_eq!(note, Entity::new().with("id", id).with("text", "short"));
        }

        memory.records("Note").unwrap().borrow_mut().room.full = false;
        assert_eq!(memory.update("Note", Vec::new(), data).unwrap(), 100);
        assert_eq!(count(&mut memory, &long), 100);
    }
}
