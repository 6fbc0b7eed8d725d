//! The capability `upsert`: finding and writing under one lock.

use std::time::Duration;

use tenon_sdk::{Entity, Error, ErrorKind, Filter, Outcome, Result, Upsert};

use crate::Faulty;
use crate::check::{self, Use};
use crate::definition::Definition;
use crate::fault::Fault;
use crate::write::{Writer, merged};

/// What passes between a look and a write that aren't one step.
const PAUSE: Duration = Duration::from_millis(100);

impl Writer<'_> {
    /// The key of the record that has the data's values in the properties `by`.
    fn locate(&mut self, by: &[String], data: &Entity) -> Result<Option<Vec<u8>>> {
        let definition = self.definition;
        if let Some(missing) = by.iter().find(|name| data.get(name).is_none()) {
            return Err(Error::invalid(format!(
                "a record of `{}` is to be found by `{missing}`, and the data lack it",
                definition.model.name
            ))
            .detail("property", missing));
        }
        let goes_by_key = self.planted.is(Fault::UpsertGoesByTheKey);
        if Definition::is_over(&definition.layout.key, by) || goes_by_key {
            let has_key = definition
                .layout
                .key
                .iter()
                .all(|part| data.get(&part.property).is_some_and(|it| !it.is_null()));
            if goes_by_key && !has_key {
                return Ok(None);
            }
            let key = definition.key_of(data)?;
            return Ok(self.collection.records.contains_key(&key).then_some(key));
        }
        let mut indexes = definition.uniques();
        match indexes.position(|index| Definition::is_over(&index.parts, by)) {
            Some(number) => self.holder(number, data),
            None => Err(Error::unsupported(format!(
                "`{}` has neither the key nor a unique index over {}",
                definition.model.name,
                by.join(", ")
            ))),
        }
    }

    fn create_whole(&mut self, data: Entity) -> Result<Outcome> {
        let given = data.clone();
        let (record, _) = self.new_record(data)?;
        let key = self.insert(record)?;
        Ok(Outcome::created(self.outcome(&key, given)?))
    }

    /// Sets properties of a record that was found, which keeps its key; and removes all others where it replaces.
    fn update_found(&mut self, key: &[u8], data: Entity, replaces: bool) -> Result<Outcome> {
        let given = data.clone();
        let definition = self.definition;
        let mut of_key = Entity::new();
        let mut changes = Entity::new();
        for (name, value) in data {
            if definition.layout.is_key(&name) {
                of_key.set(name, value);
            } else {
                changes.set(name, value);
            }
        }
        let mut moved = self.whole(key)?;
        moved.merge(of_key.clone());
        if definition.key_of(&moved)? != key {
            definition.layout.refuse_key_change(&of_key)?;
        }
        let changes = check::data(self.planted, definition, changes, Use::Change)?;
        if replaces {
            self.leave_the_key(key, changes)?;
        } else {
            self.change(key, changes)?;
        }
        Ok(Outcome::found(self.outcome(key, given)?))
    }

    /// Puts another record in the place of one that was found, whose key it keeps.
    fn replace_found(&mut self, key: &[u8], mut data: Entity) -> Result<Outcome> {
        let given = data.clone();
        let old = self.whole(key)?;
        // Found by another index, the record keeps the key that the data don't name.
        for part in &self.definition.layout.key {
            if data.get(&part.property).is_none()
                && let Some(value) = old.get(&part.property)
            {
                data.set(part.property.as_str(), value.clone());
            }
        }
        let mut record = check::data(self.planted, self.definition, data, Use::Replacement)?;
        if self.planted.is(Fault::ReplaceOrCreateMerges) {
            record = merged(&old, record);
        }
        let record = self.replacement(&old, record);
        self.replace(key, record)?;
        Ok(Outcome::found(self.outcome(key, given)?))
    }

    /// What is said of a record that was written with these data.
    fn outcome(&self, key: &[u8], given: Entity) -> Result<Entity> {
        if self.planted.is(Fault::OutcomeIsNotWhole) {
            return Ok(given);
        }
        self.whole(key)
    }
}

impl Faulty {
    /// Looks, and waits, where an upsert isn't one step; whether a record was found.
    fn look_first(
        &mut self,
        model: &str,
        look: impl FnOnce(&mut Writer) -> Result<bool>,
    ) -> Result<Option<bool>> {
        if !self.planted.is(Fault::UpsertIsNotAtomic) {
            return Ok(None);
        }
        let found = self.peek(model, look)?;
        std::thread::sleep(PAUSE);
        Ok(Some(found))
    }
}

impl Upsert for Faulty {
    fn update_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let found = self.look_first(model, |writer| Ok(writer.locate(by, &data)?.is_some()))?;
        let says_created = self.planted.is(Fault::UpdateOrCreateSaysCreated);
        let replaces = self.planted.is(Fault::UpdateOrCreateReplaces);
        let outcome = self.change(model, |writer| match writer.locate(by, &data)? {
            Some(key) if found != Some(false) => writer.update_found(&key, data, replaces),
            _ => writer.create_whole(data),
        })?;
        Ok(Outcome {
            created: outcome.created || says_created,
            ..outcome
        })
    }

    fn replace_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let found = self.look_first(model, |writer| Ok(writer.locate(by, &data)?.is_some()))?;
        self.change(model, |writer| match writer.locate(by, &data)? {
            Some(key) if found != Some(false) => writer.replace_found(&key, data),
            _ => writer.create_whole(data),
        })
    }

    fn find_or_create(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let found = self.look_first(model, |writer| {
            Ok(!writer.matches(filter.clone())?.is_empty())
        })?;
        self.change(model, |writer| {
            let matches = writer.matches(filter)?;
            let looks = !writer.planted.is(Fault::FindOrCreateCreates) && found != Some(false);
            match matches.first().filter(|_| looks) {
                None => writer.create_whole(data),
                Some(key) if writer.planted.is(Fault::FindOrCreateUpdates) => {
                    let mut changes = data;
                    changes.retain(|name| !writer.definition.layout.is_key(name));
                    writer.update_found(key, changes, false)
                }
                Some(_) if writer.planted.is(Fault::FindOrCreateReturnsTheData) => {
                    Ok(Outcome::found(data))
                }
                Some(key) => Ok(Outcome::found(writer.outcome(key, data)?)),
            }
        })
    }

    fn upsert_where(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let found = self.look_first(model, |writer| {
            Ok(!writer.matches(filter.clone())?.is_empty())
        })?;
        self.change(model, |writer| {
            let takes_first = writer.planted.is(Fault::UpsertWhereTakesTheFirst);
            let matches = writer.matches(filter)?;
            match matches.as_slice() {
                _ if found == Some(false) => writer.create_whole(data),
                [] => writer.create_whole(data),
                [key, rest @ ..] if rest.is_empty() || takes_first => {
                    writer.update_found(key, data, false)
                }
                _ => Err(Error::new(
                    ErrorKind::Conflict,
                    format!(
                        "several records of `{}` match: name the one that is meant",
                        writer.definition.model.name
                    ),
                )),
            }
        })
    }
}
