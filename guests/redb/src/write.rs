//! Changes of a collection's records within one call, indexes and counters with them.
//!
//! Inside a longer transaction it keeps what it changes, up to [`UNDO`], so that a call that fails leaves no trace.

use redb::{ReadableTable, Table};
use tenon_sdk::generate::Counters;
use tenon_sdk::{Entity, Error, Key, Result};

use crate::catalogue::Defined;
use crate::counters;
use crate::cursor::Selection;
use crate::error::{OrFail, damaged};
use crate::record::{self, Wanted};
use crate::scan::{Course, OpenTables, Scan};
use crate::tables::{self, IndexEntry};
use crate::transaction::Work;

/// Bytes that a call may keep to undo itself. One that changes more and then fails loses its transaction: memory is
/// scarce in here, and a call that large is mostly a mass update.
const UNDO: usize = 8 << 20;

/// What a change weighs in that beside its bytes.
const UNDO_OVERHEAD: usize = 64;

/// A collection's tables, open for writing.
pub(crate) struct Writer<'a> {
    pub(crate) defined: &'a Defined,
    work: &'a Work<'a>,
    records: Table<'a, &'static [u8], &'static [u8]>,
    indexes: Vec<Table<'a, &'static [u8], u32>>,
    counters: Counters,
    counted: Counters,
    log: Log,
}

/// What would undo a call's changes, the last one first.
enum Log {
    /// The transaction is the call's own.
    Unneeded,
    Kept {
        changes: Vec<Change>,
        /// What is left of [`UNDO`].
        room: usize,
    },
    /// It was too much.
    TooLong,
}

enum Change {
    /// The record of a key, as it was.
    Record(Vec<u8>, Option<Vec<u8>>),
    /// An entry that was put into an index.
    Put(usize, IndexEntry),
    /// One that was taken out.
    Taken(usize, IndexEntry),
}

impl Log {
    fn push(&mut self, size: usize, change: impl FnOnce() -> Change) {
        let Self::Kept { changes, room } = self else {
            return;
        };
        match room.checked_sub(size + UNDO_OVERHEAD) {
            None => *self = Self::TooLong,
            Some(left) => {
                *room = left;
                changes.push(change());
            }
        }
    }
}

impl<'a> Writer<'a> {
    /// Changes records, all or none.
    pub(crate) fn with<R>(
        work: &'a Work<'a>,
        defined: &'a Defined,
        change: impl FnOnce(&mut Self) -> Result<R>,
    ) -> Result<R> {
        let mut writer = Self::open(work, defined)?;
        match change(&mut writer) {
            Ok(result) => {
                writer.finish()?;
                Ok(result)
            }
            Err(error) => {
                writer.undo().map_err(|undoing| {
                    undoing.context(format!("{error}; and to undo what the call did failed"))
                })?;
                Err(error)
            }
        }
    }

    fn open(work: &'a Work<'a>, defined: &'a Defined) -> Result<Self> {
        let records = work
            .engine
            .open_table(tables::records(&defined.records))
            .or_fail()?;
        let open = |name: &String| work.engine.open_table(tables::index(name)).or_fail();
        let indexes = defined.indexes.iter().map(open).collect::<Result<_>>()?;
        let counters = counters::read(work.engine, defined)?;
        let log = if work.is_part() {
            Log::Kept {
                changes: Vec::new(),
                room: UNDO,
            }
        } else {
            Log::Unneeded
        };
        Ok(Self {
            defined,
            work,
            records,
            indexes,
            counted: counters.clone(),
            counters,
            log,
        })
    }

    /// Ends the work: stores what the transaction's end is to keep beside the records.
    fn finish(self) -> Result<()> {
        if self.counters != self.counted {
            self.work.changes();
            counters::write(self.work.engine, self.defined, &self.counters)?;
        }
        Ok(())
    }

    /// Puts everything back as it was, as far as a longer transaction needs it and it was kept.
    fn undo(mut self) -> Result<()> {
        let Log::Kept { changes, .. } = std::mem::replace(&mut self.log, Log::Unneeded) else {
            return Ok(());
        };
        for change in changes.into_iter().rev() {
            match change {
                Change::Record(key, Some(bytes)) => {
                    self.records
                        .insert(key.as_slice(), bytes.as_slice())
                        .or_fail()?;
                }
                Change::Record(key, None) => {
                    self.records.remove(key.as_slice()).or_fail()?;
                }
                Change::Put(place, entry) => {
                    if let Some(table) = self.indexes.get_mut(place) {
                        entry.remove(table)?;
                    }
                }
                Change::Taken(place, entry) => {
                    if let Some(table) = self.indexes.get_mut(place) {
                        entry.put_back(table)?;
                    }
                }
            }
        }
        self.work.is_undone();
        Ok(())
    }

    /// Stores a new record: as it is then, and what was made for it.
    pub(crate) fn create(&mut self, mut record: Entity) -> Result<(Entity, Entity)> {
        let made = self.defined.generators.fill(&mut record, &self.counters)?;
        let mut key = Vec::new();
        self.defined.layout.entity_key(&record, &mut key)?;
        if self.put(&key, &record)? {
            return Err(self.defined.layout.duplicate());
        }
        for place in 0..self.indexes.len() {
            self.enter(place, &record, &key)?;
        }
        Ok((record, made))
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
        self.work.changes();
        let old = match self.records.remove(key).or_fail()? {
            None => return Ok(false),
            Some(bytes) => {
                let bytes = bytes.value();
                self.log.push(key.len() + bytes.len(), || {
                    Change::Record(key.to_vec(), Some(bytes.to_vec()))
                });
                record::decode(bytes, &self.defined.names, &Wanted::All)?
            }
        };
        for place in 0..self.indexes.len() {
            self.withdraw(place, &old, key)?;
        }
        Ok(true)
    }

    /// The record of a key.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Entity>> {
        match self.records.get(key).or_fail()? {
            None => Ok(None),
            Some(bytes) => {
                record::decode(bytes.value(), &self.defined.names, &Wanted::All).map(Some)
            }
        }
    }

    /// The key of the one record that has these values in a unique index; none where one of them is null.
    pub(crate) fn by_index(&self, place: usize, data: &Entity) -> Result<Option<Vec<u8>>> {
        let index = self.defined.layout.indexes.get(place);
        let (Some(index), Some(table)) = (index, self.indexes.get(place)) else {
            return Err(damaged("an index is missing"));
        };
        let mut values = Vec::new();
        if index.entity(data, &mut values)? {
            return Ok(None);
        }
        let next = table.range(values.as_slice()..).or_fail()?.next();
        let Some((entry, length)) = next.transpose().or_fail()? else {
            return Ok(None);
        };
        if !entry.value().starts_with(&values) {
            return Ok(None);
        }
        tables::key_of_entry(entry.value(), length.value()).map(|key| Some(key.to_vec()))
    }

    /// The keys of the first matches, at most `limit`.
    pub(crate) fn matches(&self, selection: &Selection, limit: usize) -> Result<Vec<Vec<u8>>> {
        let plan = selection.plan();
        let index = match plan.access {
            tenon_sdk::plan::Access::Index(place) => Some(
                self.indexes
                    .get(place)
                    .ok_or_else(|| damaged("an index is missing"))?,
            ),
            _ => None,
        };
        let tables = OpenTables {
            records: &self.records,
            index,
        };
        let mut scan = Scan::new(tables, Course::new(plan));
        let mut keys = Vec::new();
        while keys.len() < limit {
            let looked = scan.next(|key, bytes| {
                let matches = selection.matches(bytes)?;
                Ok(matches.then(|| key.to_vec()))
            })?;
            match looked {
                None => break,
                Some(key) => keys.extend(key),
            }
        }
        Ok(keys)
    }

    /// Puts a record in the place of the one with its key, which is `old`.
    pub(crate) fn replace(&mut self, key: &[u8], old: &Entity, new: &Entity) -> Result<()> {
        self.put(key, new)?;
        for place in 0..self.indexes.len() {
            if self
                .entry(place, old, key)?
                .is(&self.entry(place, new, key)?)
            {
                continue;
            }
            self.withdraw(place, old, key)?;
            self.enter(place, new, key)?;
        }
        Ok(())
    }

    fn entry(&self, place: usize, record: &Entity, key: &[u8]) -> Result<IndexEntry> {
        match self.defined.layout.indexes.get(place) {
            Some(index) => IndexEntry::new(index, record, key),
            None => Err(damaged("an index is missing")),
        }
    }

    fn enter(&mut self, place: usize, record: &Entity, key: &[u8]) -> Result<()> {
        let entry = self.entry(place, record, key)?;
        let layout = &self.defined.layout;
        if let (Some(table), Some(index)) = (self.indexes.get_mut(place), layout.indexes.get(place))
        {
            self.work.changes();
            entry.insert(table, index, &layout.model)?;
            self.log.push(entry.size(), || Change::Put(place, entry));
        }
        Ok(())
    }

    fn withdraw(&mut self, place: usize, record: &Entity, key: &[u8]) -> Result<()> {
        let entry = self.entry(place, record, key)?;
        if let Some(table) = self.indexes.get_mut(place) {
            self.work.changes();
            entry.remove(table)?;
            self.log.push(entry.size(), || Change::Taken(place, entry));
        }
        Ok(())
    }

    /// Stores a record; whether there was one.
    fn put(&mut self, key: &[u8], record: &Entity) -> Result<bool> {
        self.work.changes();
        self.defined.generators.note(record, &mut self.counters);
        let bytes = record::encode(record, &self.defined.names);
        let old = self.records.insert(key, bytes.as_slice()).or_fail()?;
        let size = old.as_ref().map_or(0, |old| old.value().len());
        self.log.push(key.len() + size, || {
            let old = old.as_ref().map(|old| old.value().to_vec());
            Change::Record(key.to_vec(), old)
        });
        Ok(old.is_some())
    }
}

/// The bytes of a key.
pub(crate) fn key_bytes(defined: &Defined, key: &Key) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    defined.layout.key(key, &mut bytes)?;
    Ok(bytes)
}

/// Takes all records out of a collection.
pub(crate) fn clear(work: &Work, defined: &Defined) -> Result<()> {
    work.changes();
    let records = tables::records(&defined.records);
    work.engine.delete_table(records).or_fail()?;
    work.engine.open_table(records).or_fail()?;
    for name in &defined.indexes {
        work.engine.delete_table(tables::index(name)).or_fail()?;
        work.engine.open_table(tables::index(name)).or_fail()?;
    }
    Ok(())
}

fn not_found(defined: &Defined) -> Error {
    Error::not_found(format!(
        "`{}` has no record of this key",
        defined.layout.model
    ))
}
