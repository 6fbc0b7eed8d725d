//! Changes of a collection's records, in a copy that becomes the collection once all of it is done.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use tenon_sdk::generate::Counters;
use tenon_sdk::{Entity, Error, Filter, Generation, Key, Result, Value};

use crate::check::{self, Use};
use crate::collection::Collection;
use crate::definition::Definition;
use crate::fault::{Fault, Planted};
use crate::filter::Judge;
use crate::values;

/// What a session remembers, for faults alone.
#[derive(Default)]
pub(crate) struct Notes {
    /// How many records it has created.
    created: u64,
    /// The keys of what it has destroyed, each after its collection's name.
    pub(crate) destroyed: HashSet<(String, Vec<u8>)>,
    /// What it has destroyed last, unless it has written since.
    pub(crate) last_destroyed: Option<(String, Vec<u8>, Entity)>,
    /// A call has failed.
    pub(crate) failed: bool,
    /// A transaction was begun that there isn't.
    pub(crate) pretends: bool,
    /// It was connected before.
    pub(crate) connected: bool,
}

/// A collection that is being changed.
pub(crate) struct Writer<'a> {
    pub(crate) planted: Planted,
    pub(crate) definition: &'a Definition,
    pub(crate) collection: &'a mut Collection,
    pub(crate) notes: &'a mut Notes,
    pub(crate) in_transaction: bool,
    /// For each unique index, the keys of the records by their values.
    uniques: Option<Vec<HashMap<Vec<u8>, Vec<u8>>>>,
    /// Something was changed.
    pub(crate) changed: bool,
    /// What was changed stays, though the call fails.
    pub(crate) keep: bool,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(
        planted: Planted,
        definition: &'a Definition,
        collection: &'a mut Collection,
        notes: &'a mut Notes,
        in_transaction: bool,
    ) -> Self {
        Self {
            planted,
            definition,
            collection,
            notes,
            in_transaction,
            uniques: None,
            changed: false,
            keep: false,
        }
    }

    fn model(&self) -> &str {
        &self.definition.model.name
    }

    /// A record, as it goes out.
    pub(crate) fn whole(&self, key: &[u8]) -> Result<Entity> {
        let record = self.collection.records.get(key);
        record
            .map(|record| self.definition.outgoing(record).into_owned())
            .ok_or_else(|| Error::backend("a record is gone that was there a moment ago"))
    }

    /// The keys of the records that a filter matches.
    pub(crate) fn matches(&self, filter: Filter) -> Result<Vec<Vec<u8>>> {
        let judge = Judge::new(self.planted, filter)?;
        let records = self.collection.records.iter().enumerate();
        let matches = records.filter(|(number, (_, record))| {
            judge.matches(*number, &self.definition.outgoing(record))
        });
        Ok(matches.map(|(_, (key, _))| key.clone()).collect())
    }

    pub(crate) fn create(&mut self, data: Entity) -> Result<Entity> {
        let (record, mut made) = self.new_record(data)?;
        self.notes.created += 1;
        let is_lost =
            self.planted.is(Fault::FiftiethWriteIsLost) && self.notes.created.is_multiple_of(50);
        if !is_lost {
            self.insert(record)?;
        }
        for part in &self.definition.layout.key {
            if self.planted.is(Fault::CreateReturnsNoKey) {
                made.remove(&part.property);
            }
            if self.planted.is(Fault::CreateReturnsAnotherKey)
                && let Some(Value::Integer(integer)) = made.get(&part.property).cloned()
            {
                made.set(part.property.as_str(), integer + 1);
            }
        }
        Ok(made)
    }

    /// A new record with what is made for it, and that by itself.
    pub(crate) fn new_record(&self, data: Entity) -> Result<(Entity, Entity)> {
        let definition = self.definition;
        let mut record = check::data(self.planted, definition, data, Use::Creation)?;
        let given = record.clone();
        if self.planted.is(Fault::GivenKeyIsReplaced) {
            for property in &definition.model.properties {
                if property.key.is_some() && property.generated != Generation::Never {
                    record.remove(&property.name);
                }
            }
        }
        let mut made = Entity::new();
        if !definition.generators.is_empty() {
            let counters = if self.planted.is(Fault::GeneratedKeyIsTheCount) {
                let count = i64::try_from(self.collection.records.len()).unwrap_or(i64::MAX - 1);
                let counted = definition.generators.counted();
                Counters::from_next(counted.map(|_| count + 1).collect())
            } else {
                definition.counters(self.collection)
            };
            made = definition.generators.fill(&mut record, &counters)?;
        }
        if self.planted.is(Fault::AlwaysGeneratedIsWritten) {
            let given = given.iter().filter(|(_, value)| !value.is_null());
            for (name, value) in given {
                record.set(name, value.clone());
                made.remove(name);
            }
        }
        self.complete(&mut record);
        Ok((record, made))
    }

    /// Gives a strict model's record all its properties.
    pub(crate) fn complete(&self, record: &mut Entity) {
        let model = &self.definition.model;
        for property in model.properties.iter().filter(|_| model.strict) {
            if record.get(&property.name).is_none() {
                record.set(property.name.as_str(), Value::Null);
            }
        }
    }

    /// Adds a record, and returns its key.
    pub(crate) fn insert(&mut self, record: Entity) -> Result<Vec<u8>> {
        let record = values::stored(self.planted, self.definition, record);
        let key = self.definition.key_of(&record)?;
        let is_taken = self.collection.records.contains_key(&key);
        let refused = if is_taken && !self.planted.is(Fault::CreateOverwrites) {
            Err(self.definition.layout.duplicate())
        } else {
            self.take_uniques(&key, &record)
        };
        if refused.is_err() && self.planted.is(Fault::DuplicateIsStored) {
            self.keep = true;
            self.put(key, record);
            return refused.map(|()| Vec::new());
        }
        refused?;
        self.put(key.clone(), record);
        Ok(key)
    }

    /// Puts another record in the place of one that is there, unless a unique value is taken.
    pub(crate) fn replace(&mut self, key: &[u8], record: Entity) -> Result<()> {
        let record = values::stored(self.planted, self.definition, record);
        let new_key = self.definition.key_of(&record)?;
        if new_key != key {
            if !self.planted.is(Fault::UpdateAttributesChangesTheKey) {
                self.definition.layout.refuse_key_change(&record)?;
            }
            if self.collection.records.contains_key(&new_key) {
                return Err(self.definition.layout.duplicate());
            }
        }
        if !self.planted.is(Fault::UniqueIsNotCheckedOnUpdate) {
            self.refuse_taken(key, &record)?;
        }
        self.remove(key)?;
        self.take_uniques_anyway(&new_key, &record)?;
        self.put(new_key, record);
        Ok(())
    }

    fn put(&mut self, key: Vec<u8>, record: Entity) {
        let mut counters = self.definition.counters(self.collection);
        self.definition.generators.note(&record, &mut counters);
        let counted = self.definition.generators.counted();
        for (name, next) in counted.zip(counters.next()) {
            self.collection.counters.insert(name.to_owned(), *next);
        }
        self.collection.records.insert(key, Rc::new(record));
        self.changed = true;
    }

    /// Removes a record that is there.
    fn remove(&mut self, key: &[u8]) -> Result<()> {
        let Some(record) = self.collection.records.remove(key) else {
            return Ok(());
        };
        self.changed = true;
        if let Some(uniques) = &mut self.uniques {
            for (index, holders) in self.definition.uniques().zip(uniques) {
                if let Some(bytes) = self.definition.unique_bytes(index, &record)?
                    && holders.get(&bytes).is_some_and(|holder| holder == key)
                {
                    holders.remove(&bytes);
                }
            }
        }
        Ok(())
    }

    /// The holders of unique values.
    fn holders(&mut self) -> Result<&mut Vec<HashMap<Vec<u8>, Vec<u8>>>> {
        let uniques = match self.uniques.take() {
            Some(uniques) => uniques,
            None => {
                let mut uniques = Vec::new();
                for index in self.definition.uniques() {
                    let mut holders = HashMap::new();
                    for (key, record) in &self.collection.records {
                        if let Some(bytes) = self.definition.unique_bytes(index, record)? {
                            holders.insert(bytes, key.clone());
                        }
                    }
                    uniques.push(holders);
                }
                uniques
            }
        };
        Ok(self.uniques.insert(uniques))
    }

    /// Refuses a record whose unique values another one has than that of the key.
    fn refuse_taken(&mut self, key: &[u8], record: &Entity) -> Result<()> {
        let definition = self.definition;
        let holders = self.holders()?;
        for (index, holders) in definition.uniques().zip(holders) {
            if let Some(bytes) = definition.unique_bytes(index, record)?
                && holders.get(&bytes).is_some_and(|holder| holder != key)
            {
                return Err(index.duplicate(&definition.model.name));
            }
        }
        Ok(())
    }

    fn take_uniques(&mut self, key: &[u8], record: &Entity) -> Result<()> {
        self.refuse_taken(key, record)?;
        self.take_uniques_anyway(key, record)
    }

    fn take_uniques_anyway(&mut self, key: &[u8], record: &Entity) -> Result<()> {
        let definition = self.definition;
        let holders = self.holders()?;
        for (index, holders) in definition.uniques().zip(holders) {
            if let Some(bytes) = definition.unique_bytes(index, record)? {
                holders.insert(bytes, key.to_vec());
            }
        }
        Ok(())
    }

    /// The key of the record with these unique values; none where it would be exempt.
    pub(crate) fn holder(&mut self, number: usize, record: &Entity) -> Result<Option<Vec<u8>>> {
        let definition = self.definition;
        let Some(index) = definition.uniques().nth(number) else {
            return Ok(None);
        };
        let Some(bytes) = definition.unique_bytes(index, record)? else {
            return Ok(None);
        };
        let holders = self.holders()?.get(number);
        Ok(holders.and_then(|holders| holders.get(&bytes)).cloned())
    }

    pub(crate) fn create_all(&mut self, data: Vec<Entity>) -> Result<Vec<Entity>> {
        #[allow(clippy::panic, reason = "that is the fault")]
        if data.is_empty() && self.planted.is(Fault::EmptyBatchTraps) {
            panic!("an empty batch");
        }
        let mut made = Vec::new();
        for (number, record) in data.into_iter().enumerate() {
            match self.create(record) {
                Ok(one) => made.push(one),
                Err(error)
                    if error.kind == tenon_sdk::ErrorKind::Duplicate
                        && self.planted.is(Fault::CreateAllSkipsDuplicates) =>
                {
                    made.push(Entity::new());
                }
                Err(error) => {
                    self.keep |= self.planted.is(Fault::CreateAllIsTorn)
                        || (self.in_transaction && self.planted.is(Fault::FailureLeavesHalf));
                    return Err(error.detail("index", number));
                }
            }
        }
        if self.planted.is(Fault::CreateAllAnswersInReverse) {
            made.reverse();
        }
        Ok(made)
    }

    fn not_found(&self) -> Error {
        Error::not_found(format!("`{}` has no record of this key", self.model()))
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
                Generation::Always => !given || !self.planted.is(Fault::AlwaysGeneratedIsWritten),
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
        self.change(&key, data)?;
        Ok(Entity::new())
    }

    /// Sets properties of a record; whether they were other ones.
    pub(crate) fn change(&mut self, key: &[u8], data: Entity) -> Result<bool> {
        let Some(old) = self.collection.records.get(key).cloned() else {
            return Ok(false);
        };
        let mut record = (*old).clone();
        if self.planted.is(Fault::UpdateAttributesReplaces) {
            record.retain(|name| self.definition.layout.is_key(name));
        }
        record.merge(data);
        self.complete(&mut record);
        let differs = record != *old;
        self.replace(key, record)?;
        Ok(differs)
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

/// A record with what it lacks, or has as null, from another one.
pub(crate) fn merged(old: &Entity, record: Entity) -> Entity {
    let mut merged = old.clone();
    for (name, value) in record {
        if !value.is_null() || merged.get(&name).is_none() {
            merged.set(name, value);
        }
    }
    merged
}

pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
