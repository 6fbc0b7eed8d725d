//! The file as a call sees it: as it was at a moment, or as an open transaction has changed it.
//!
//! Reads between two writes share one snapshot, since opening a table costs more than finding a record in it. In a
//! transaction the engine lends a table to one holder at a time, so each call opens what it needs, and no longer.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata, Table, TableDefinition,
    TableError,
};
use tenon_sdk::Result;
use tenon_sdk::plan::{Access, Plan};

use crate::catalogue::Defined;
use crate::error::{OrFail, damaged};
use crate::scan::{Course, OpenTables, Scan, SharedTables, Tables};
use crate::tables;
use crate::transaction::Live;

/// Records by key.
pub(crate) type Records = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// An index's entries.
pub(crate) type Entries = ReadOnlyTable<&'static [u8], u32>;

/// A moment, with the tables that were opened in it.
pub(crate) struct Snapshot {
    engine: ReadTransaction,
    records: RefCell<HashMap<String, Rc<Records>>>,
    indexes: RefCell<HashMap<String, Rc<Entries>>>,
}

impl Snapshot {
    pub(crate) fn new(engine: ReadTransaction) -> Self {
        Self {
            engine,
            records: RefCell::default(),
            indexes: RefCell::default(),
        }
    }

    fn records(&self, defined: &Defined) -> Result<Rc<Records>> {
        let name = &defined.records;
        opened(&self.records, name, || {
            self.engine.open_table(tables::records(name)).or_fail()
        })
    }

    fn index(&self, defined: &Defined, place: usize) -> Result<Rc<Entries>> {
        let name = defined.index(place)?;
        opened(&self.indexes, name, || {
            self.engine.open_table(tables::index(name)).or_fail()
        })
    }

    /// The tables that a walk needs.
    pub(crate) fn tables(&self, defined: &Defined, access: Access) -> Result<SharedTables> {
        let index = match access {
            Access::Everything | Access::Key => None,
            Access::Index(place) => Some(self.index(defined, place)?),
        };
        Ok(SharedTables {
            records: self.records(defined)?,
            index,
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

impl Live {
    /// Lends the tables that a walk needs.
    pub(crate) fn with_tables<R>(
        &self,
        defined: &Defined,
        access: Access,
        use_them: impl FnOnce(OpenTables) -> Result<R>,
    ) -> Result<R> {
        let records = self.records(defined)?;
        let index = match access {
            Access::Everything | Access::Key => None,
            Access::Index(place) => Some(
                self.engine
                    .open_table(tables::index(defined.index(place)?))
                    .or_fail()?,
            ),
        };
        use_them(OpenTables {
            records: &records,
            index: index.as_ref(),
        })
    }

    fn records(&self, defined: &Defined) -> Result<Table<'_, &'static [u8], &'static [u8]>> {
        self.engine
            .open_table(tables::records(&defined.records))
            .or_fail()
    }
}

/// What a call sees.
pub(crate) enum View {
    /// A moment.
    Snapshot(Rc<Snapshot>),
    /// The open transaction.
    Live(Rc<Live>),
}

impl View {
    /// Shows the record of a key, if there is one.
    pub(crate) fn record<R>(
        &self,
        defined: &Defined,
        key: &[u8],
        show: impl FnOnce(&[u8]) -> Result<R>,
    ) -> Result<Option<R>> {
        match self {
            Self::Snapshot(snapshot) => match snapshot.records(defined)?.get(key).or_fail()? {
                None => Ok(None),
                Some(bytes) => show(bytes.value()).map(Some),
            },
            Self::Live(live) => match live.records(defined)?.get(key).or_fail()? {
                None => Ok(None),
                Some(bytes) => show(bytes.value()).map(Some),
            },
        }
    }

    /// How many records there are.
    pub(crate) fn len(&self, defined: &Defined) -> Result<u64> {
        match self {
            Self::Snapshot(snapshot) => snapshot.records(defined)?.len().or_fail(),
            Self::Live(live) => live.records(defined)?.len().or_fail(),
        }
    }

    /// Whether a table of records has none.
    pub(crate) fn is_empty(&self, records: &str) -> Result<bool> {
        match self {
            Self::Snapshot(snapshot) => {
                let table = snapshot.engine.open_table(tables::records(records));
                table.or_fail()?.is_empty().or_fail()
            }
            Self::Live(live) => {
                let table = live.engine.open_table(tables::records(records));
                table.or_fail()?.is_empty().or_fail()
            }
        }
    }

    /// Shows the key and the bytes of every record along a plan.
    pub(crate) fn each(
        &self,
        defined: &Defined,
        plan: Plan,
        mut show: impl FnMut(&[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        let access = plan.access;
        let course = Course::new(plan);
        match self {
            Self::Snapshot(snapshot) => walk(snapshot.tables(defined, access)?, course, &mut show),
            Self::Live(live) => {
                live.with_tables(defined, access, |tables| walk(tables, course, &mut show))
            }
        }
    }

    /// The bytes under a text in one of the connector's own tables, and all of its texts.
    pub(crate) fn with_table<R>(
        &self,
        table: TableDefinition<&'static str, &'static [u8]>,
        read: impl FnOnce(&dyn ReadText) -> Result<R>,
    ) -> Result<Option<R>> {
        match self {
            Self::Snapshot(snapshot) => match snapshot.engine.open_table(table) {
                Err(TableError::TableDoesNotExist(_)) => Ok(None),
                opened => read(&opened.or_fail()?).map(Some),
            },
            Self::Live(live) => read(&live.engine.open_table(table).or_fail()?).map(Some),
        }
    }
}

fn walk<'t, T: Tables<'t>>(
    tables: T,
    course: Course,
    show: &mut impl FnMut(&[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    let mut scan = Scan::new(tables, course);
    while scan.next(&mut *show)?.is_some() {}
    Ok(())
}

/// A table of bytes by text, whichever transaction it was opened in.
pub(crate) trait ReadText {
    /// The bytes under a text.
    fn bytes(&self, text: &str) -> Result<Option<Vec<u8>>>;

    /// Every text, ascending.
    fn texts(&self) -> Result<Vec<String>>;
}

impl<T: ReadableTable<&'static str, &'static [u8]>> ReadText for T {
    fn bytes(&self, text: &str) -> Result<Option<Vec<u8>>> {
        Ok(self
            .get(text)
            .or_fail()?
            .map(|bytes| bytes.value().to_vec()))
    }

    fn texts(&self) -> Result<Vec<String>> {
        let rows = self.iter().or_fail()?;
        rows.map(|row| Ok(row.or_fail()?.0.value().to_owned()))
            .collect()
    }
}

impl Defined {
    /// The table of one of the layout's indexes.
    fn index(&self, place: usize) -> Result<&String> {
        self.indexes
            .get(place)
            .ok_or_else(|| damaged("an index is missing"))
    }
}
