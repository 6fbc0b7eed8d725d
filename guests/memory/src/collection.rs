//! The records of one model, with their key and indexes. A change is made whole or not at all.
//!
//! A collection outlives the model that made it, and is there without one where a plan made it.

use tenon_sdk::generate::{Counters, Generators};
use tenon_sdk::layout::Layout;
use tenon_sdk::{Aftermath, Effect, Entity, Error, Key, Result};

use crate::journal::{Before, Change, Journal};
use crate::room::Room;
use crate::settings::Definition;
use crate::shape::Shape;
use crate::slots::{SlotId, Slots, exhausted};
use crate::tables::Tables;

/// The records of one model.
pub(crate) struct Collection {
    pub(crate) layout: Layout,
    pub(crate) shape: Shape,
    pub(crate) slots: Slots,
    pub(crate) tables: Tables,
    generators: Generators,
    counters: Counters,
    pub(crate) room: Room,
    journal: Journal,
    /// It was made and not dropped since.
    pub(crate) is_there: bool,
}

/// Another definition, with what the records need for it.
pub(crate) struct Prepared {
    definition: Definition,
    /// Where the records are found other than they were.
    tables: Option<Tables>,
}

impl Collection {
    pub(crate) fn new(definition: Definition) -> Self {
        let Definition {
            layout,
            generators,
            shape,
        } = definition;
        Self {
            tables: Tables::new(&layout),
            slots: Slots::default(),
            counters: generators.fresh_counters(),
            room: Room::default(),
            journal: Journal::default(),
            is_there: true,
            layout,
            shape,
            generators,
        }
    }

    /// Makes ready for another definition of the model, unless the records don't allow it.
    pub(crate) fn prepare(&mut self, definition: Definition) -> Result<Prepared> {
        let layout = &definition.layout;
        if layout.is_like(&self.layout) {
            return Ok(Prepared {
                definition,
                tables: None,
            });
        }
        if !self.journal.is_empty() {
            return Err(Error::invalid(format!(
                "the key or an index of `{}` can't change while a transaction has changed its records: end it first",
                layout.model
            )));
        }
        self.room.give();
        let tables = Tables::of(layout, &self.slots, Some(&mut self.room)).map_err(|error| {
            error.context(format!(
                "the records of `{}` don't fit its new definition",
                layout.model
            ))
        })?;
        Ok(Prepared {
            definition,
            tables: Some(tables),
        })
    }

    /// Takes on the other definition.
    pub(crate) fn adopt(&mut self, prepared: Prepared) {
        let Prepared { definition, tables } = prepared;
        if let Some(tables) = tables {
            self.tables = tables;
        }
        self.layout = definition.layout;
        self.shape = definition.shape;
        self.is_there = true;
        if definition.generators != self.generators {
            self.generators = definition.generators;
            let records = self.slots.iter().map(|(_, record)| record);
            self.counters = self.generators.counters(records);
            if let Some(before) = self.journal.before() {
                before.counters = self.counters.clone();
            }
        }
    }

    /// Removes the records, and the collection with them until it is needed again.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.tables = Tables::new(&self.layout);
        self.counters = self.generators.fresh_counters();
        self.room = Room::default();
        self.is_there = false;
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self) {
        self.journal.begin(Before {
            counters: self.counters.clone(),
            is_there: self.is_there,
        });
    }

    /// Ends the transaction, and leaves all as it is.
    pub(crate) fn commit(&mut self) {
        self.journal.end();
    }

    /// Ends the transaction, and brings all back to what it was.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        let undone = self.undo(|journal| journal.pop(None));
        if let Some(before) = self.journal.end() {
            self.counters = before.counters;
            self.is_there = before.is_there;
        }
        undone
    }

    /// Does the work whole, or undoes what it has done.
    fn whole<R>(&mut self, work: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        let mark = self.journal.begin_call();
        let counters = self.counters.clone();
        let result = work(self);
        let undone = if result.is_err() {
            self.counters = counters;
            self.undo(|journal| journal.pop(Some(&mark)))
        } else {
            Ok(())
        };
        self.journal.end_call(&mark);
        undone.and(result)
    }

    /// Undoes changes, the last one first. Each step leads to a state that was there before, and the records are
    /// still in memory; so only tables may ask for room, and where one doesn't get it, all are built anew once the
    /// old ones are gone.
    fn undo(&mut self, mut next: impl FnMut(&mut Journal) -> Option<Change>) -> Result<()> {
        self.room.give();
        let (layout, tables, slots) = (&self.layout, &mut self.tables, &mut self.slots);
        let mut in_step = true;
        while let Some(change) = next(&mut self.journal) {
            match change {
                Change::Created(slot) => {
                    if let Some((_, record)) = slots.remove(slot) {
                        in_step = in_step && tables.remove(layout, &record, slot).is_ok();
                    }
                }
                Change::Replaced(slot, old) => {
                    if let Some(new) = slots.get(slot) {
                        in_step = in_step && tables.change(layout, new, &old, slot).is_ok();
                    }
                    slots.replace(slot, old);
                }
                Change::Removed(slot, number, record) => {
                    in_step = in_step && tables.add(layout, &record, slot).is_ok();
                    slots.restore(slot, number, record);
                }
            }
        }
        if !in_step {
            *tables = Tables::new(layout);
            // The memory has held this before. Where it can't any more, the instance is of no more use.
            *tables = Tables::of(layout, slots, None).map_err(|mut error| {
                error.effect = Effect::Unknown;
                error.aftermath = Aftermath::SessionLost;
                error.context("changes could not be undone")
            })?;
        }
        Ok(())
    }

    /// Stores a new record, and returns what was made for it.
    pub(crate) fn create(&mut self, mut record: Entity) -> Result<Entity> {
        let made = self.fill(&mut record)?;
        self.insert(record)?;
        Ok(made)
    }

    pub(crate) fn create_all(&mut self, records: Vec<Entity>) -> Result<Vec<Entity>> {
        let mut made = Vec::new();
        made.try_reserve_exact(records.len())
            .map_err(|_| exhausted())?;
        self.whole(|collection| {
            for (number, record) in records.into_iter().enumerate() {
                let created = collection.create(record);
                made.push(created.map_err(|error| error.detail("index", number))?);
            }
            Ok(made)
        })
    }

    /// Gives a new record what is made for it, and returns that.
    pub(crate) fn fill(&self, record: &mut Entity) -> Result<Entity> {
        if self.generators.is_empty() {
            return Ok(Entity::new());
        }
        self.generators.fill(record, &self.counters)
    }

    pub(crate) fn insert(&mut self, record: Entity) -> Result<SlotId> {
        self.room.take(&record)?;
        self.journal.reserve()?;
        let slot = self.slots.reserve()?;
        self.tables.add(&self.layout, &record, slot)?;
        self.generators.note(&record, &mut self.counters);
        self.slots.insert(record);
        self.journal.keep(Change::Created(slot));
        self.is_there = true;
        Ok(slot)
    }

    pub(crate) fn find(&self, key: &Key) -> Result<Option<&Entity>> {
        let slot = self.tables.slot(&self.layout, key)?;
        Ok(slot.and_then(|slot| self.slots.get(slot)))
    }

    pub(crate) fn save(&mut self, record: Entity) -> Result<Entity> {
        let slot = self.tables.slot_of(&self.layout, &record)?;
        self.replace(slot.ok_or_else(|| self.not_found())?, record)?;
        Ok(Entity::new())
    }

    pub(crate) fn update_attributes(&mut self, key: &Key, data: Entity) -> Result<Entity> {
        self.layout.refuse_key_change(&data)?;
        let slot = self.tables.slot(&self.layout, key)?;
        self.change(slot.ok_or_else(|| self.not_found())?, data)?;
        Ok(Entity::new())
    }

    /// Sets the given properties of these records.
    pub(crate) fn update(&mut self, slots: &[SlotId], data: &Entity) -> Result<u64> {
        self.layout.refuse_key_change(data)?;
        self.whole(|collection| {
            for slot in slots {
                collection.change(*slot, data.clone())?;
            }
            Ok(count(slots))
        })
    }

    pub(crate) fn destroy(&mut self, key: &Key) -> Result<bool> {
        match self.tables.slot(&self.layout, key)? {
            None => Ok(false),
            Some(slot) => self.remove(slot).map(|()| true),
        }
    }

    /// Deletes these records. Outside a transaction nothing is kept of them, so that it makes room where there is
    /// none.
    pub(crate) fn destroy_all(&mut self, slots: &[SlotId]) -> Result<u64> {
        let remove = |collection: &mut Self| {
            for slot in slots {
                collection.remove(*slot)?;
            }
            Ok(count(slots))
        };
        if self.journal.in_transaction() {
            self.whole(remove)
        } else {
            remove(self)
        }
    }

    /// Sets properties of a record.
    fn change(&mut self, slot: SlotId, data: Entity) -> Result<()> {
        let mut record = self.slots.get(slot).cloned().unwrap_or_default();
        record.merge(data);
        self.replace(slot, record)
    }

    /// Puts another record of the same key in the place of one.
    pub(crate) fn replace(&mut self, slot: SlotId, record: Entity) -> Result<()> {
        self.room.take(&record)?;
        self.journal.reserve()?;
        if let Some(old) = self.slots.get(slot) {
            self.tables.change(&self.layout, old, &record, slot)?;
        }
        self.generators.note(&record, &mut self.counters);
        if let Some(old) = self.slots.replace(slot, record) {
            self.journal.keep(Change::Replaced(slot, old));
        }
        Ok(())
    }

    fn remove(&mut self, slot: SlotId) -> Result<()> {
        self.journal.reserve()?;
        if let Some(record) = self.slots.get(slot) {
            self.tables.remove(&self.layout, record, slot)?;
        }
        if let Some((number, record)) = self.slots.remove(slot) {
            self.journal.keep(Change::Removed(slot, number, record));
        }
        Ok(())
    }

    fn not_found(&self) -> Error {
        Error::not_found(format!("`{}` has no record of this key", self.layout.model))
    }
}

fn count(slots: &[SlotId]) -> u64 {
    u64::try_from(slots.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
