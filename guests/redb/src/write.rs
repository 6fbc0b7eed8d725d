//! Changes of a collection's records within one transaction, indexes and counters with them.

use redb::{ReadableTable, Table, WriteTransaction};
use tenon_sdk::generate::Counters;
use tenon_sdk::{Entity, Error, Key, Result};

use crate::catalogue::{self, Defined};
use crate::error::OrFail;
use crate::record::{self, Wanted};
use crate::tables::{self, IndexEntry};

/// A collection's tables, open for writing.
pub(crate) struct Writer<'a> {
    defined: &'a Defined,
    transaction: &'a WriteTransaction,
    records: Table<'a, &'static [u8], &'static [u8]>,
    indexes: Vec<Table<'a, &'static [u8], u32>>,
    counters: Counters,
    counted: Counters,
}

impl<'a> Writer<'a> {
    pub(crate) fn open(transaction: &'a WriteTransaction, defined: &'a Defined) -> Result<Self> {
        let records = transaction
            .open_table(tables::records(&defined.records))
            .or_fail()?;
        let open = |name: &String| transaction.open_table(tables::index(name)).or_fail();
        let indexes = defined.indexes.iter().map(open).collect::<Result<_>>()?;
        let counters = catalogue::read_counters(transaction, defined)?;
        Ok(Self {
            defined,
            transaction,
            records,
            indexes,
            counted: counters.clone(),
            counters,
        })
    }

    /// Ends the work: stores what the transaction's end is to keep beside the records.
    pub(crate) fn finish(self) -> Result<()> {
        if self.counters != self.counted {
            let Defined {
                collection,
                generators,
                ..
            } = self.defined;
            catalogue::write_counters(self.transaction, collection, generators, &self.counters)?;
        }
        Ok(())
    }

    pub(crate) fn create(&mut self, mut record: Entity) -> Result<Entity> {
        let made = self.defined.generators.fill(&mut record, &self.counters)?;
        let mut key = Vec::new();
        self.defined.layout.entity_key(&record, &mut key)?;
        if self.put(&key, &record)?.is_some() {
            return Err(self.defined.layout.duplicate());
        }
        for (table, index) in self.indexes.iter_mut().zip(&self.defined.layout.indexes) {
            IndexEntry::new(index, &record, &key)?.insert(
                table,
                index,
                &self.defined.layout.model,
            )?;
        }
        Ok(made)
    }

    /// Puts another record in the place of the one with its key.
    pub(crate) fn save(&mut self, record: &Entity) -> Result<()> {
        let mut key = Vec::new();
        self.defined.layout.entity_key(record, &mut key)?;
        let Some(old) = self.get(&key)? else {
            return Err(not_found(self.defined));
        };
        self.replace(&key, &old, record)
    }

    /// Sets properties of the record of a key.
    pub(crate) fn update(&mut self, key: &[u8], data: Entity) -> Result<()> {
        let Some(old) = self.get(key)? else {
            return Err(not_found(self.defined));
        };
        let mut record = old.clone();
        record.merge(data);
        self.replace(key, &old, &record)
    }

    /// Deletes the record of a key; whether there was one.
    pub(crate) fn destroy(&mut self, key: &[u8]) -> Result<bool> {
        let old = match self.records.remove(key).or_fail()? {
            None => return Ok(false),
            Some(bytes) => record::decode(bytes.value(), &self.defined.names, &Wanted::All)?,
        };
        for (table, index) in self.indexes.iter_mut().zip(&self.defined.layout.indexes) {
            IndexEntry::new(index, &old, key)?.remove(table)?;
        }
        Ok(true)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entity>> {
        match self.records.get(key).or_fail()? {
            None => Ok(None),
            Some(bytes) => {
                record::decode(bytes.value(), &self.defined.names, &Wanted::All).map(Some)
            }
        }
    }

    fn replace(&mut self, key: &[u8], old: &Entity, new: &Entity) -> Result<()> {
        self.put(key, new)?;
        for (table, index) in self.indexes.iter_mut().zip(&self.defined.layout.indexes) {
            let from = IndexEntry::new(index, old, key)?;
            let to = IndexEntry::new(index, new, key)?;
            if !from.is(&to) {
                from.remove(table)?;
                to.insert(table, index, &self.defined.layout.model)?;
            }
        }
        Ok(())
    }

    /// Stores a record, and returns something where there was one.
    fn put(&mut self, key: &[u8], record: &Entity) -> Result<Option<()>> {
        self.defined.generators.note(record, &mut self.counters);
        let bytes = record::encode(record, &self.defined.names);
        Ok(self
            .records
            .insert(key, bytes.as_slice())
            .or_fail()?
            .map(|_| ()))
    }
}

/// The bytes of a key.
pub(crate) fn key_bytes(defined: &Defined, key: &Key) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    defined.layout.key(key, &mut bytes)?;
    Ok(bytes)
}

/// Takes all records out of a collection.
pub(crate) fn clear(transaction: &WriteTransaction, defined: &Defined) -> Result<()> {
    let records = tables::records(&defined.records);
    transaction.delete_table(records).or_fail()?;
    transaction.open_table(records).or_fail()?;
    for name in &defined.indexes {
        transaction.delete_table(tables::index(name)).or_fail()?;
        transaction.open_table(tables::index(name)).or_fail()?;
    }
    Ok(())
}

fn not_found(defined: &Defined) -> Error {
    Error::not_found(format!(
        "`{}` has no record of this key",
        defined.layout.model
    ))
}
