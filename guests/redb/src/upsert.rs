//! The capability `upsert`: each function finds and writes in one transaction.

use std::collections::HashSet;

use tenon_sdk::{Entity, Error, ErrorKind, Filter, Outcome, Result, Upsert};

use crate::Redb;
use crate::catalogue::Defined;
use crate::cursor::Selection;
use crate::error::damaged;
use crate::write::Writer;

/// What a record is found by.
enum By {
    Key,
    /// The unique index of that place in the layout.
    Index(usize),
}

impl By {
    fn new(defined: &Defined, by: &[String], data: &Entity) -> Result<Self> {
        if let Some(missing) = by.iter().find(|name| data.get(name).is_none()) {
            return Err(Error::invalid(format!(
                "a record of `{}` is to be found by `{missing}`, and the data lack it",
                defined.layout.model
            ))
            .detail("property", missing));
        }
        let wanted: HashSet<&str> = by.iter().map(String::as_str).collect();
        let is_wanted = |parts: &[tenon_sdk::layout::Part]| {
            parts.len() == by.len() && parts.iter().all(|p| wanted.contains(p.property.as_str()))
        };
        if is_wanted(&defined.layout.key) {
            return Ok(Self::Key);
        }
        let mut indexes = defined.layout.indexes.iter();
        let index = indexes.position(|index| index.unique && is_wanted(&index.parts));
        index.map(Self::Index).ok_or_else(|| {
            Error::unsupported(format!(
                "`{}` has neither the key nor a unique index over {}",
                defined.layout.model,
                by.join(", ")
            ))
        })
    }
}

impl Writer<'_> {
    /// The record that has the data's values, with its key.
    fn locate(&self, by: &By, data: &Entity) -> Result<Option<(Vec<u8>, Entity)>> {
        let key = match by {
            By::Key => {
                let mut key = Vec::new();
                self.defined.layout.entity_key(data, &mut key)?;
                return Ok(self.get(&key)?.map(|record| (key, record)));
            }
            By::Index(place) => self.by_index(*place, data)?,
        };
        key.map(|key| self.indexed(key)).transpose()
    }

    fn indexed(&self, key: Vec<u8>) -> Result<(Vec<u8>, Entity)> {
        let record = self.get(&key)?;
        let record = record.ok_or_else(|| damaged("an index names a record that isn't there"))?;
        Ok((key, record))
    }

    fn create_whole(&mut self, data: Entity) -> Result<Outcome> {
        self.create(data)
            .map(|(record, _)| Outcome::created(record))
    }

    /// Sets the properties of a record that was found.
    fn update_found(&mut self, key: &[u8], old: &Entity, data: Entity) -> Result<Outcome> {
        let mut record = old.clone();
        record.merge(data);
        self.replace_found(key, old, record)
    }

    /// Puts another record in the place of one that was found, whose key it keeps.
    fn replace_found(&mut self, key: &[u8], old: &Entity, record: Entity) -> Result<Outcome> {
        let layout = &self.defined.layout;
        let mut new_key = Vec::new();
        layout.entity_key(&record, &mut new_key)?;
        if new_key != key {
            layout.refuse_key_change(&record)?;
        }
        self.replace(key, old, &record)?;
        Ok(Outcome::found(record))
    }
}

impl Upsert for Redb {
    fn update_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let by = By::new(self.model(model)?.as_ref(), by, &data)?;
        self.write(model, |writer| match writer.locate(&by, &data)? {
            None => writer.create_whole(data),
            Some((key, old)) => writer.update_found(&key, &old, data),
        })
    }

    fn replace_or_create(
        &mut self,
        model: &str,
        by: &[String],
        mut data: Entity,
    ) -> Result<Outcome> {
        let by = By::new(self.model(model)?.as_ref(), by, &data)?;
        self.write(model, |writer| match writer.locate(&by, &data)? {
            None => writer.create_whole(data),
            Some((key, old)) => {
                // Found by another index, the record keeps the key that the data don't name.
                for part in &writer.defined.layout.key {
                    if data.get(&part.property).is_none()
                        && let Some(value) = old.get(&part.property)
                    {
                        data.set(part.property.as_str(), value.clone());
                    }
                }
                writer.replace_found(&key, &old, data)
            }
        })
    }

    fn find_or_create(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let selection = Selection::whole(filter, &self.model(model)?)?;
        self.write(model, |writer| match writer.matches(&selection, 1)?.pop() {
            None => writer.create_whole(data),
            Some(key) => writer.indexed(key).map(|(_, found)| Outcome::found(found)),
        })
    }

    fn upsert_where(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let selection = Selection::whole(filter, &self.model(model)?)?;
        self.write(model, |writer| {
            let mut keys = writer.matches(&selection, 2)?;
            if keys.len() > 1 {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    format!(
                        "several records of `{}` match: name the one that is meant",
                        writer.defined.layout.model
                    ),
                ));
            }
            match keys.pop() {
                None => writer.create_whole(data),
                Some(key) => {
                    let (key, old) = writer.indexed(key)?;
                    writer.update_found(&key, &old, data)
                }
            }
        })
    }
}
