//! Collections, and all of them together: what the folder's file holds.
//!
//! A state is cheap to copy, and what a copy doesn't change it shares: so a call that fails leaves no trace, a cursor
//! keeps what it was opened on, and a transaction has its own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tenon_sdk::{Entity, Result};

use crate::codec::{self, Reader, damaged};
use crate::shape::Shape;

/// The first byte of the file.
const VERSION: u8 = 1;

/// The records of a collection.
#[derive(Clone)]
pub(crate) struct Collection {
    pub(crate) shape: Shape,
    /// The next number of each property that counts.
    pub(crate) counters: BTreeMap<String, i64>,
    /// By the bytes of their keys.
    pub(crate) records: BTreeMap<Vec<u8>, Rc<Entity>>,
    /// Its bytes in the file, where they are known.
    encoded: RefCell<Option<Rc<[u8]>>>,
}

/// All collections.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) collections: BTreeMap<String, Rc<Collection>>,
}

impl Collection {
    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            shape,
            counters: BTreeMap::new(),
            records: BTreeMap::new(),
            encoded: RefCell::default(),
        }
    }

    fn bytes(&self) -> Result<Rc<[u8]>> {
        if let Some(bytes) = &*self.encoded.borrow() {
            return Ok(bytes.clone());
        }
        let mut out = Vec::new();
        codec::put_bytes(&serde_json::to_vec(&self.shape)?, &mut out);
        codec::put_count(self.counters.len(), &mut out);
        for (name, next) in &self.counters {
            codec::put_bytes(name.as_bytes(), &mut out);
            codec::put_signed(*next, &mut out);
        }
        codec::put_count(self.records.len(), &mut out);
        for (key, record) in &self.records {
            codec::put_bytes(key, &mut out);
            codec::put_entity(record, &mut out);
        }
        let bytes: Rc<[u8]> = out.into();
        self.encoded.replace(Some(bytes.clone()));
        Ok(bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader(bytes);
        let mut collection = Self::new(serde_json::from_slice(reader.bytes()?)?);
        for _ in 0..reader.number()? {
            let name = reader.text()?.to_owned();
            collection.counters.insert(name, reader.signed()?);
        }
        for _ in 0..reader.number()? {
            let key = reader.bytes()?.to_vec();
            collection.records.insert(key, Rc::new(reader.entity()?));
        }
        collection.encoded.replace(Some(bytes.into()));
        Ok(collection)
    }
}

impl State {
    /// The collection of that name, to be changed.
    pub(crate) fn change(&mut self, name: &str) -> Option<&mut Collection> {
        let collection = Rc::make_mut(self.collections.get_mut(name)?);
        collection.encoded.replace(None);
        Some(collection)
    }

    /// Its bytes, as [`parse`](Self::parse) takes them.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        let mut out = vec![VERSION];
        codec::put_count(self.collections.len(), &mut out);
        for (name, collection) in &self.collections {
            codec::put_bytes(name.as_bytes(), &mut out);
            codec::put_bytes(&collection.bytes()?, &mut out);
        }
        Ok(out)
    }

    /// The state of these bytes; collections that are as they were are taken over.
    pub(crate) fn parse(bytes: &[u8], before: &Self) -> Result<Self> {
        let mut reader = Reader(bytes);
        if reader.byte()? != VERSION {
            return Err(damaged("it has a version that is not known here"));
        }
        let mut state = Self::default();
        for _ in 0..reader.number()? {
            let name = reader.text()?;
            let bytes = reader.bytes()?;
            let known = before.collections.get(name).filter(|collection| {
                collection
                    .encoded
                    .borrow()
                    .as_ref()
                    .is_some_and(|known| **known == *bytes)
            });
            let collection = match known {
                Some(known) => known.clone(),
                None => Rc::new(Collection::parse(bytes)?),
            };
            state.collections.insert(name.to_owned(), collection);
        }
        Ok(state)
    }

    /// What was changed since `base`, put upon `current`, record by record.
    pub(crate) fn put_upon(&self, base: &Self, current: &Self) -> Self {
        let mut state = current.clone();
        for (name, changed) in &self.collections {
            let old = base.collections.get(name);
            if old.is_some_and(|old| Rc::ptr_eq(old, changed)) {
                continue;
            }
            let Some(target) = state.change(name) else {
                state.collections.insert(name.clone(), changed.clone());
                continue;
            };
            target.shape = changed.shape.clone();
            for (name, next) in &changed.counters {
                let counter = target.counters.entry(name.clone()).or_insert(*next);
                *counter = (*counter).max(*next);
            }
            for (key, record) in &changed.records {
                let before = old.and_then(|old| old.records.get(key));
                if before.is_none_or(|before| !Rc::ptr_eq(before, record)) {
                    target.records.insert(key.clone(), record.clone());
                }
            }
            for key in old.iter().flat_map(|old| old.records.keys()) {
                if !changed.records.contains_key(key) {
                    target.records.remove(key);
                }
            }
        }
        state
    }
}
