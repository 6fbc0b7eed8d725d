//! Changes of a collection's records, in a copy that becomes the collection once all of it is done.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use tenon_sdk::generate::Counters;
use tenon_sdk::{Entity, Error, Filter, Generation, Result, Value};

use crate::check::{self, Use};
use crate::collection::Collection;
use crate::definition::Definition;
use crate::fault::{Fault, Planted};
use crate::filter::Judge;

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
    pub(crate) fn remove(&mut self, key: &[u8]) -> Result<()> {
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
