//! Changes of records that are there: replaced, given other properties, destroyed.

use tenon_sdk::{Entity, Error, Filter, Generation, Key, Result, Value};

use crate::check::{self, Use};
use crate::fault::Fault;
use crate::write::{Writer, count, merged};

impl Writer<'_> {
    fn not_found(&self) -> Error {
        Error::not_found(format!(
            "`{}` has no record of this key",
            self.definition.model.name
        ))
    }

    pub(crate) fn save(&mut self, data: Entity) -> Result<Entity> {
        let definition = self.definition;
        let mut record = check::data(self.planted, definition, data, Use::Replacement)?;
        let key = definition.key_of(&record)?;
        let Some(old) = self.collection.records.get(&key).cloned() else {
            if self.planted.is(Fault::SaveOfNothingIsDone) {
                return Ok(Entity::new());
            }
            if self.planted.is(Fault::SaveCreates) {
                self.complete(&mut record);
                return self.insert(record).map(|_| Entity::new());
            }
            return Err(self.not_found());
        };
        if self.planted.is(Fault::SaveMerges) {
            record = merged(&old, record);
        }
        let record = self.replacement(&old, record);
        self.replace(&key, record)?;
        Ok(Entity::new())
    }

    /// A record that replaces another: what only this connector makes stays as it is.
    pub(crate) fn replacement(&self, old: &Entity, mut record: Entity) -> Entity {
        for property in &self.definition.model.properties {
            let given = record
                .get(&property.name)
                .is_some_and(|value| !value.is_null());
            let stays = match property.generated {
                Generation::Always => true,
                Generation::WhenMissing => property.required && !given,
                Generation::Never => false,
            };
            if stays && property.key.is_none() {
                record.remove(&property.name);
                if let Some(value) = old.get(&property.name) {
                    record.set(property.name.as_str(), value.clone());
                }
            }
        }
        self.complete(&mut record);
        record
    }

    pub(crate) fn update_attributes(&mut self, id: &Key, data: Entity) -> Result<Entity> {
        let definition = self.definition;
        if data.is_empty() && self.planted.is(Fault::EmptyUpdateIsRefused) {
            return Err(Error::invalid("there is nothing to set"));
        }
        if !self.planted.is(Fault::UpdateAttributesChangesTheKey) {
            definition.layout.refuse_key_change(&data)?;
        }
        let data = check::data(self.planted, definition, data, Use::Change)?;
        let key = definition.key_bytes(id)?;
        if !self.collection.records.contains_key(&key) {
            if self.planted.is(Fault::UpdateOfNothingIsDone) {
                return Ok(Entity::new());
            }
            if self.planted.is(Fault::UpdateAttributesCreates) {
                let mut record = data;
                for (part, value) in definition.layout.key.iter().zip(id.values()) {
                    record.set(part.property.as_str(), value.clone());
                }
                self.complete(&mut record);
                return self.insert(record).map(|_| Entity::new());
            }
            return Err(self.not_found());
        }
        let next = self
            .collection
            .records
            .keys()
            .find(|other| **other > key)
            .cloned()
            .filter(|_| self.planted.is(Fault::UpdateAttributesTouchesTheNext));
        if let Some(next) = next {
            self.change(&next, data.clone())?;
        }
        if self.planted.is(Fault::UpdateAttributesReplaces) {
            self.leave_the_key(&key, data)?;
        } else {
            self.change(&key, data)?;
        }
        Ok(Entity::new())
    }

    /// Sets properties of a record; whether they were other ones.
    pub(crate) fn change(&mut self, key: &[u8], data: Entity) -> Result<bool> {
        let Some(old) = self.collection.records.get(key).cloned() else {
            return Ok(false);
        };
        let mut record = (*old).clone();
        record.merge(data);
        self.complete(&mut record);
        let differs = record != *old;
        self.replace(key, record)?;
        Ok(differs)
    }

    /// Sets properties of a record, and removes all others but its key.
    pub(crate) fn leave_the_key(&mut self, key: &[u8], data: Entity) -> Result<()> {
        let mut record = self.whole(key)?;
        record.retain(|name| self.definition.layout.is_key(name));
        record.merge(data);
        self.complete(&mut record);
        self.replace(key, record)
    }

    pub(crate) fn update(&mut self, filter: Filter, data: Entity) -> Result<u64> {
        let definition = self.definition;
        let mut matches = self.matches(filter)?;
        definition.layout.refuse_key_change(&data)?;
        let data = check::data(self.planted, definition, data, Use::Change)?;
        if self.planted.is(Fault::UpdateIgnoresItsFilter) {
            matches = self.collection.records.keys().cloned().collect();
        }
        let mut changed = 0;
        for key in &matches {
            if changed > 0 && self.planted.is(Fault::UpdateChangesOne) {
                break;
            }
            match self.change(key, data.clone()) {
                Ok(differs) => changed += u64::from(differs),
                Err(error) => {
                    self.keep |= self.planted.is(Fault::FailedUpdateStays);
                    return Err(error);
                }
            }
        }
        if self.planted.is(Fault::UpdateIsUnsupportedAndDone) {
            self.keep = true;
            return Err(Error::unsupported("updates by a filter aren't done here"));
        }
        if self.planted.is(Fault::UpdateCountsChanges) {
            return Ok(changed);
        }
        Ok(count(matches.len()))
    }

    pub(crate) fn destroy(&mut self, id: &Key) -> Result<bool> {
        let key = self.definition.key_bytes(id)?;
        let mut was_there = false;
        if self.collection.records.contains_key(&key) {
            self.bury(&key)?;
            was_there = true;
        }
        if self.planted.is(Fault::DestroyTakesWhatBeginsSo) {
            let begins_so = self.those_that_begin_so(id);
            for key in begins_so {
                self.bury(&key)?;
            }
        }
        Ok(was_there || self.planted.is(Fault::DestroyIsAlwaysTrue))
    }

    /// The records whose key begins, as text, with the given one.
    fn those_that_begin_so(&self, id: &Key) -> Vec<Vec<u8>> {
        let (Some(part), Some(value)) = (self.definition.layout.key.first(), id.values().first())
        else {
            return Vec::new();
        };
        let shown = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            other => other.to_json().to_string(),
        };
        let prefix = shown(value);
        let records = self.collection.records.iter();
        let begin_so = records.filter(|(_, record)| {
            let value = record.get(&part.property);
            value.is_some_and(|value| shown(value).starts_with(&prefix))
        });
        begin_so.map(|(key, _)| key.clone()).collect()
    }

    fn bury(&mut self, key: &[u8]) -> Result<()> {
        let name = self.definition.collection.clone();
        if self.planted.is(Fault::FindSeesTheDestroyed) {
            let record = self.whole(key)?;
            self.notes.last_destroyed = Some((name.clone(), key.to_vec(), record));
        }
        if self.planted.is(Fault::ExistsAfterDestroy) {
            self.notes.destroyed.insert((name, key.to_vec()));
        }
        self.remove(key)
    }

    pub(crate) fn destroy_all(&mut self, filter: Filter) -> Result<u64> {
        let matches = self.matches(filter)?;
        let there = self.collection.records.len();
        let leaves = usize::from(self.planted.is(Fault::DestroyAllLeavesOne));
        for key in matches.iter().rev().skip(leaves) {
            self.bury(key)?;
        }
        Ok(if self.planted.is(Fault::DestroyAllCountsAll) {
            count(there)
        } else {
            count(matches.len())
        })
    }
}
