//! The file as it was at a moment, with the tables that were opened in it.
//!
//! Reads between two writes share one, since opening a table costs more than finding a record in it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

use redb::{ReadOnlyTable, ReadTransaction};
use tenon_sdk::Result;

use crate::catalogue::Defined;
use crate::error::{OrFail, damaged};
use crate::tables;

/// Records by key.
pub(crate) type Records = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// An index's entries.
pub(crate) type Entries = ReadOnlyTable<&'static [u8], u32>;

/// The snapshot.
pub(crate) struct Snapshot {
    pub(crate) transaction: ReadTransaction,
    records: RefCell<HashMap<String, Rc<Records>>>,
    indexes: RefCell<HashMap<String, Rc<Entries>>>,
}

impl Snapshot {
    pub(crate) fn new(transaction: ReadTransaction) -> Self {
        Self {
            transaction,
            records: RefCell::default(),
            indexes: RefCell::default(),
        }
    }

    /// A collection's records.
    pub(crate) fn records(&self, defined: &Defined) -> Result<Rc<Records>> {
        let name = &defined.records;
        opened(&self.records, name, || {
            self.transaction.open_table(tables::records(name)).or_fail()
        })
    }

    /// The entries of a collection's index, by its place in the layout.
    pub(crate) fn index(&self, defined: &Defined, place: usize) -> Result<Rc<Entries>> {
        let name = defined.indexes.get(place);
        let name = name.ok_or_else(|| damaged("an index is missing"))?;
        opened(&self.indexes, name, || {
            self.transaction.open_table(tables::index(name)).or_fail()
        })
    }
}

fn opened<K: Hash + Eq + Clone, T>(
    tables: &RefCell<HashMap<K, Rc<T>>>,
    name: &K,
    open: impl FnOnce() -> Result<T>,
) -> Result<Rc<T>> {
    if let Some(table) = tables.borrow().get(name) {
        return Ok(Rc::clone(table));
    }
    let table = Rc::new(open()?);
    tables.borrow_mut().insert(name.clone(), Rc::clone(&table));
    Ok(table)
}
