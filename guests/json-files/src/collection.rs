//! The records of one model: in memory, and in one file that every change replaces whole.
//!
//! A change is made on a copy, which takes the place of the records once its file is on the disk. So a change
//! that fails has changed nothing, and an open cursor keeps what it began with.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use serde::Deserialize;
use tenon_sdk::generate::{Counters, Generators};
use tenon_sdk::layout::Layout;
use tenon_sdk::{Entity, Error, Evaluation, Filter, Key, Model, Result};

use crate::folder::Folder;
use crate::record::{self, Stored};
use crate::{FORMAT, damaged, name};

/// The records of one model.
pub(crate) struct Collection {
    folder: Rc<Folder>,
    file: String,
    name: String,
    layout: Layout,
    generators: Generators,
    data: Data,
}

#[derive(Clone, Default)]
struct Data {
    /// By the bytes of their keys.
    records: BTreeMap<Vec<u8>, Rc<Entity>>,
    counters: Counters,
}

/// The file.
#[derive(Deserialize)]
struct Contents {
    format: u32,
    collection: String,
    #[serde(default)]
    counters: BTreeMap<String, i64>,
    records: Vec<Stored>,
}

/// The backend's name for a model's records, which only one model may have.
pub(crate) fn collection_name(model: &Model) -> &str {
    model.collection.as_deref().unwrap_or(&model.name)
}

impl Collection {
    /// Reads a model's records; where there is no file yet there are none.
    pub(crate) fn open(folder: &Rc<Folder>, model: &Model) -> Result<Self> {
        let name = collection_name(model).to_owned();
        let mut collection = Self {
            folder: Rc::clone(folder),
            file: format!("{}.json", name::encode(&name)),
            layout: Layout::new(model)?,
            generators: Generators::new(model)?,
            data: Data::default(),
            name,
        };
        collection.data.counters = collection.generators.fresh_counters();
        if let Some(text) = folder.read(&collection.file)? {
            collection.data = collection.parse(&text)?;
        }
        Ok(collection)
    }

    fn parse(&self, text: &str) -> Result<Data> {
        let contents: Contents =
            serde_json::from_str(text).map_err(|error| damaged(&self.file, error))?;
        if contents.format != FORMAT {
            return Err(damaged(
                &self.file,
                format_args!(
                    "it has the format {}, and this connector knows {FORMAT}",
                    contents.format
                ),
            ));
        }
        if contents.collection != self.name {
            return Err(damaged(
                &self.file,
                format_args!("it is that of the collection `{}`", contents.collection),
            ));
        }
        let stored = self
            .generators
            .counted()
            .map(|name| contents.counters.get(name).copied());
        let fresh = self.generators.fresh_counters();
        let next = stored
            .zip(fresh.next())
            .map(|(stored, fresh)| stored.unwrap_or(*fresh));
        let counters = Counters::from_next(next.collect());
        let empty = Data {
            records: BTreeMap::new(),
            counters,
        };
        let mut draft = Draft::new(&self.layout, &self.generators, empty)?;
        for Stored(record) in contents.records {
            draft.insert(record).map_err(|error| {
                error.context(format_args!(
                    "the records of `{}` don't fit the definition of its model",
                    self.name
                ))
            })?;
        }
        Ok(draft.data)
    }

    /// The records, in the order of their keys' bytes.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Rc<Entity>> {
        self.data.records.values()
    }

    /// The record of a key.
    pub(crate) fn find(&self, key: &Key) -> Result<Option<&Entity>> {
        Ok(self.data.records.get(&self.key(key)?).map(Rc::as_ref))
    }

    fn key(&self, key: &Key) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.layout.key(key, &mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn count(&self, filter: Filter) -> Result<u64> {
        let evaluation = Evaluation::whole_filter(filter)?;
        let matches = self.records().filter(|record| evaluation.matches(record));
        Ok(number(matches.count()))
    }

    pub(crate) fn create(&mut self, data: Entity) -> Result<Entity> {
        self.change(|draft| draft.create(data))
    }

    pub(crate) fn create_all(&mut self, data: Vec<Entity>) -> Result<Vec<Entity>> {
        self.change(|draft| {
            let records = data.into_iter().enumerate();
            records
                .map(|(index, record)| {
                    draft
                        .create(record)
                        .map_err(|error| error.detail("index", index))
                })
                .collect()
        })
    }

    pub(crate) fn save(&mut self, data: Entity) -> Result<()> {
        self.change(|draft| {
            let mut key = Vec::new();
            draft.layout.entity_key(&data, &mut key)?;
            draft.replace(&key, data)
        })
    }

    pub(crate) fn update_attributes(&mut self, key: &Key, data: Entity) -> Result<()> {
        self.layout.refuse_key_change(&data)?;
        let key = self.key(key)?;
        self.change(|draft| draft.update(&key, data))
    }

    pub(crate) fn update(&mut self, filter: Filter, data: &Entity) -> Result<u64> {
        self.layout.refuse_key_change(data)?;
        let keys = self.matches(filter)?;
        self.change(|draft| {
            keys.iter()
                .try_for_each(|key| draft.update(key, data.clone()))
        })?;
        Ok(number(keys.len()))
    }

    pub(crate) fn destroy(&mut self, key: &Key) -> Result<bool> {
        let key = self.key(key)?;
        self.change(|draft| draft.remove(&key))
    }

    pub(crate) fn destroy_all(&mut self, filter: Filter) -> Result<u64> {
        let keys = self.matches(filter)?;
        self.change(|draft| {
            keys.iter()
                .try_for_each(|key| draft.remove(key).map(|_| ()))
        })?;
        Ok(number(keys.len()))
    }

    fn matches(&self, filter: Filter) -> Result<Vec<Vec<u8>>> {
        let evaluation = Evaluation::whole_filter(filter)?;
        let records = self.data.records.iter();
        let matches = records.filter(|(_, record)| evaluation.matches(record));
        Ok(matches.map(|(key, _)| key.clone()).collect())
    }

    /// Changes the records and their file, or neither.
    fn change<R>(&mut self, work: impl FnOnce(&mut Draft) -> Result<R>) -> Result<R> {
        let mut draft = Draft::new(&self.layout, &self.generators, self.data.clone())?;
        let result = work(&mut draft)?;
        if draft.changed {
            let data = draft.data;
            self.folder.replace(&self.file, &self.text(&data)?)?;
            self.data = data;
        }
        Ok(result)
    }

    fn text(&self, data: &Data) -> Result<String> {
        let counters: BTreeMap<&str, &i64> = self
            .generators
            .counted()
            .zip(data.counters.next())
            .collect();
        let mut text = format!(
            "{{\"format\":{FORMAT},\"collection\":{},\"counters\":{},\"records\":",
            record::quote(&self.name),
            serde_json::to_string(&counters)?,
        );
        record::write_all(data.records.values(), &mut text)?;
        text.push_str("}\n");
        Ok(text)
    }
}

/// Records that are being changed.
struct Draft<'a> {
    layout: &'a Layout,
    generators: &'a Generators,
    data: Data,
    /// What the records have in each unique index, by its place among the layout's.
    taken: Vec<(usize, HashSet<Vec<u8>>)>,
    changed: bool,
}

impl<'a> Draft<'a> {
    fn new(layout: &'a Layout, generators: &'a Generators, data: Data) -> Result<Self> {
        let unique = layout.indexes.iter().enumerate();
        let unique = unique.filter(|(_, index)| index.unique);
        let mut draft = Self {
            taken: unique.map(|(place, _)| (place, HashSet::new())).collect(),
            layout,
            generators,
            data,
            changed: false,
        };
        if !draft.taken.is_empty() {
            let records: Vec<_> = draft.data.records.values().cloned().collect();
            for record in records {
                draft.take(&record)?;
            }
        }
        Ok(draft)
    }

    fn create(&mut self, mut record: Entity) -> Result<Entity> {
        let made = self.generators.fill(&mut record, &self.data.counters)?;
        self.insert(record)?;
        Ok(made)
    }

    fn insert(&mut self, record: Entity) -> Result<()> {
        let mut key = Vec::new();
        self.layout.entity_key(&record, &mut key)?;
        if self.data.records.contains_key(&key) {
            return Err(self.layout.duplicate());
        }
        self.put(key, record)
    }

    fn update(&mut self, key: &[u8], data: Entity) -> Result<()> {
        let old = self.data.records.get(key).ok_or_else(|| self.not_found())?;
        let mut record = Entity::clone(old);
        record.merge(data);
        self.replace(key, record)
    }

    fn replace(&mut self, key: &[u8], record: Entity) -> Result<()> {
        if !self.remove(key)? {
            return Err(self.not_found());
        }
        self.put(key.to_vec(), record)
    }

    fn remove(&mut self, key: &[u8]) -> Result<bool> {
        let Some(record) = self.data.records.remove(key) else {
            return Ok(false);
        };
        self.changed = true;
        for (place, taken) in &mut self.taken {
            if let Some(entry) = entry(self.layout, *place, &record)? {
                taken.remove(&entry);
            }
        }
        Ok(true)
    }

    fn put(&mut self, key: Vec<u8>, record: Entity) -> Result<()> {
        self.take(&record)?;
        self.generators.note(&record, &mut self.data.counters);
        self.data.records.insert(key, Rc::new(record));
        self.changed = true;
        Ok(())
    }

    /// Enters a record into the unique indexes.
    fn take(&mut self, record: &Entity) -> Result<()> {
        for (place, taken) in &mut self.taken {
            if let Some(entry) = entry(self.layout, *place, record)?
                && !taken.insert(entry)
                && let Some(index) = self.layout.indexes.get(*place)
            {
                return Err(index.duplicate(&self.layout.model));
            }
        }
        Ok(())
    }

    fn not_found(&self) -> Error {
        Error::not_found(format!("`{}` has no record of this key", self.layout.model))
    }
}

/// A record's bytes in an index; none where one of its values is null.
fn entry(layout: &Layout, place: usize, record: &Entity) -> Result<Option<Vec<u8>>> {
    let Some(index) = layout.indexes.get(place) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let has_null = index.entity(record, &mut bytes)?;
    Ok((!has_null).then_some(bytes))
}

/// As the contract counts.
pub(crate) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
