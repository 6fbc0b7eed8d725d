//! The capability `upsert`. An instance takes one call at a time, so finding and writing is one step by itself.

use std::collections::HashSet;

use tenon_sdk::layout::Part;
use tenon_sdk::{Entity, Error, ErrorKind, Filter, Outcome, Result, Upsert};

use crate::Memory;
use crate::collection::Collection;
use crate::search;
use crate::slots::SlotId;

impl Collection {
    /// The slot of the record that has the data's values in the properties `by`.
    fn locate(&self, by: &[String], data: &Entity) -> Result<Option<SlotId>> {
        if let Some(missing) = by.iter().find(|name| data.get(name).is_none()) {
            return Err(Error::invalid(format!(
                "a record of `{}` is to be found by `{missing}`, and the data lack it",
                self.layout.model
            ))
            .detail("property", missing));
        }
        let wanted: HashSet<&str> = by.iter().map(String::as_str).collect();
        let is_wanted = |parts: &[Part]| {
            let parts: HashSet<&str> = parts.iter().map(|part| part.property.as_str()).collect();
            parts == wanted
        };
        if is_wanted(&self.layout.key) {
            return self.tables.slot_of(&self.layout, data);
        }
        let mut indexes = self.layout.indexes.iter();
        match indexes.position(|index| index.unique && is_wanted(&index.parts)) {
            Some(index) => self.tables.slot_by(&self.layout, index, data),
            None => Err(Error::unsupported(format!(
                "`{}` has neither the key nor a unique index over {}",
                self.layout.model,
                by.join(", ")
            ))),
        }
    }

    fn create_whole(&mut self, mut data: Entity) -> Result<Outcome> {
        self.fill(&mut data)?;
        let slot = self.insert(data)?;
        self.whole_record(slot).map(Outcome::created)
    }

    /// Sets properties of a record that was found, which keeps its key.
    fn update_found(&mut self, slot: SlotId, data: Entity) -> Result<Outcome> {
        let mut record = self.whole_record(slot)?;
        record.merge(data);
        self.replace_found(slot, record)
    }

    /// Puts another record in the place of one that was found, whose key it keeps.
    fn replace_found(&mut self, slot: SlotId, record: Entity) -> Result<Outcome> {
        if self.tables.slot_of(&self.layout, &record)? != Some(slot) {
            self.layout.refuse_key_change(&record)?;
        }
        self.replace(slot, record)?;
        self.whole_record(slot).map(Outcome::found)
    }

    fn whole_record(&self, slot: SlotId) -> Result<Entity> {
        let record = self.slots.get(slot).cloned();
        record.ok_or_else(|| Error::backend("an index names a record that isn't there"))
    }
}

impl Upsert for Memory {
    fn update_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let mut records = self.to_write(model)?.borrow_mut();
        match records.locate(by, &data)? {
            None => records.create_whole(data),
            Some(slot) => records.update_found(slot, data),
        }
    }

    fn replace_or_create(
        &mut self,
        model: &str,
        by: &[String],
        mut data: Entity,
    ) -> Result<Outcome> {
        let mut records = self.to_write(model)?.borrow_mut();
        let Some(slot) = records.locate(by, &data)? else {
            return records.create_whole(data);
        };
        // Found by another index, the record keeps the key that the data don't name.
        for part in &records.layout.key {
            if data.get(&part.property).is_none()
                && let Some(value) = records.slots.get(slot).and_then(|r| r.get(&part.property))
            {
                data.set(part.property.as_str(), value.clone());
            }
        }
        records.replace_found(slot, data)
    }

    fn find_or_create(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let mut records = self.to_write(model)?.borrow_mut();
        records.room.give();
        match search::matches(&records, filter, 1)?.first() {
            None => records.create_whole(data),
            Some(slot) => records.whole_record(*slot).map(Outcome::found),
        }
    }

    fn upsert_where(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let mut records = self.to_write(model)?.borrow_mut();
        records.room.give();
        match search::matches(&records, filter, 2)?.as_slice() {
            [] => records.create_whole(data),
            [slot] => records.update_found(*slot, data),
            _ => Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "several records of `{}` match: name the one that is meant",
                    records.layout.model
                ),
            )),
        }
    }
}
