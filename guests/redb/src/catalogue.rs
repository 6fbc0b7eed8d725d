//! What the file knows of its collections: keys, indexes, names of properties and counters.
//!
//! A definition is compared with it and changes as little as possible: an index is built or dropped, a name
//! added to the list. All of it is one transaction; one that fails leaves the file and the old definition.

use std::rc::Rc;

use redb::{
    ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition, TableError,
    WriteTransaction,
};
use serde::{Deserialize, Serialize};
use tenon_sdk::generate::{Counters, Generators};
use tenon_sdk::layout::{IndexLayout, Layout, Part};
use tenon_sdk::{Error, Model, Result};

use crate::error::{OrFail, damaged};
use crate::record::{self, Names, Wanted};
use crate::store::Store;
use crate::tables;

/// Collections to their [`Stored`] definition, as JSON.
const CATALOGUE: TableDefinition<&str, &[u8]> = TableDefinition::new("catalogue");

/// `collection/property` to the next integer.
const COUNTERS: TableDefinition<&str, i64> = TableDefinition::new("counters");

/// The version of all that is written in here and in [`tables`].
const FORMAT: u32 = 1;

/// A model that was defined, as reading and writing need it.
pub(crate) struct Defined {
    pub(crate) collection: String,
    pub(crate) layout: Layout,
    /// The table of the records.
    pub(crate) records: String,
    /// The table of each of the layout's indexes.
    pub(crate) indexes: Vec<String>,
    pub(crate) names: Names,
    pub(crate) generators: Generators,
}

/// A collection's definition in the file.
#[derive(Clone, Serialize, Deserialize, PartialEq)]
struct Stored {
    format: u32,
    key: Vec<StoredPart>,
    names: Vec<String>,
    indexes: Vec<StoredIndex>,
    next_index: u32,
    /// The properties that are counted, whose counters every write has moved on.
    #[serde(default)]
    counted: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize, PartialEq)]
struct StoredPart {
    property: String,
    kind: String,
    descending: bool,
}

#[derive(Clone, Serialize, Deserialize, PartialEq)]
struct StoredIndex {
    number: u32,
    name: String,
    parts: Vec<StoredPart>,
    unique: bool,
}

impl StoredPart {
    fn all(parts: &[Part]) -> Vec<Self> {
        let stored = parts.iter().map(|part| Self {
            property: part.property.clone(),
            kind: part.kind.name().to_owned(),
            descending: part.descending,
        });
        stored.collect()
    }
}

/// The backend's name for a model's records, which only one model may have.
pub(crate) fn collection(model: &Model) -> &str {
    model.collection.as_deref().unwrap_or(&model.name)
}

/// Defines a model, and changes the file where it has to.
pub(crate) fn define(store: &Store, model: &Model) -> Result<Defined> {
    let layout = Layout::new(model)?;
    let generators = Generators::new(model)?;
    let collection = collection(model).to_owned();
    let snapshot = store.read()?;
    let stored = read(&snapshot.transaction, &collection)?;
    let wanted = Stored::wanted(stored.as_ref(), model, &layout, &generators)?;
    drop(snapshot);

    if stored.as_ref() != Some(&wanted) {
        store.write(|transaction| {
            apply(transaction, &collection, stored.as_ref(), &wanted, &layout)?;
            if wanted.counts_more_than(stored.as_ref()) {
                count_again(transaction, &collection, &wanted, &generators)?;
            }
            Ok(())
        })?;
    }
    let index_name = |index: &StoredIndex| tables::index_name(&collection, index.number);
    Ok(Defined {
        records: tables::records_name(&collection),
        indexes: wanted.indexes.iter().map(index_name).collect(),
        names: Names::new(&wanted.names),
        collection,
        layout,
        generators,
    })
}

fn read(snapshot: &ReadTransaction, collection: &str) -> Result<Option<Stored>> {
    let table = match snapshot.open_table(CATALOGUE) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        other => other.or_fail()?,
    };
    let Some(bytes) = table.get(collection).or_fail()? else {
        return Ok(None);
    };
    let stored: Stored = serde_json::from_slice(bytes.value())
        .map_err(|error| damaged(&format!("its catalogue: {error}")))?;
    if stored.format != FORMAT {
        return Err(Error::invalid(format!(
            "the collection `{collection}` has the format {} and this connector knows {FORMAT}: use the version that \
             wrote it",
            stored.format
        )));
    }
    Ok(Some(stored))
}

impl Stored {
    /// The definition that the file is to have, with as much of the old one as there is.
    fn wanted(
        old: Option<&Self>,
        model: &Model,
        layout: &Layout,
        generators: &Generators,
    ) -> Result<Self> {
        let mut wanted = old.cloned().unwrap_or(Self {
            format: FORMAT,
            key: Vec::new(),
            names: Vec::new(),
            indexes: Vec::new(),
            next_index: 0,
            counted: Vec::new(),
        });
        wanted.counted = generators.counted().map(str::to_owned).collect();
        wanted.key = StoredPart::all(&layout.key);
        for property in &model.properties {
            if !wanted.names.contains(&property.name) {
                wanted.names.push(property.name.clone());
            }
        }
        let mut old_indexes = std::mem::take(&mut wanted.indexes);
        for index in &layout.indexes {
            let parts = StoredPart::all(&index.parts);
            let same = old_indexes
                .iter()
                .position(|old| old.parts == parts && old.unique == index.unique);
            let number = match same {
                Some(place) => old_indexes.swap_remove(place).number,
                None => {
                    wanted.next_index = wanted
                        .next_index
                        .checked_add(1)
                        .ok_or_else(|| damaged("too many indexes"))?;
                    wanted.next_index
                }
            };
            wanted.indexes.push(StoredIndex {
                number,
                name: index.name.clone(),
                parts,
                unique: index.unique,
            });
        }
        Ok(wanted)
    }

    /// Whether a property is counted that wasn't: its counter is missing, or was left behind by the records.
    fn counts_more_than(&self, old: Option<&Self>) -> bool {
        let before = old.map(|old| old.counted.as_slice()).unwrap_or_default();
        self.counted
            .iter()
            .any(|property| !before.contains(property))
    }

    fn has_index(&self, number: u32) -> bool {
        self.indexes.iter().any(|index| index.number == number)
    }
}

/// Brings the file from one definition of a collection to another.
fn apply(
    transaction: &WriteTransaction,
    collection: &str,
    old: Option<&Stored>,
    new: &Stored,
    layout: &Layout,
) -> Result<()> {
    let names = Names::new(&new.names);
    let records_name = tables::records_name(collection);
    let records = transaction
        .open_table(tables::records(&records_name))
        .or_fail()?;
    if let Some(old) = old
        && old.key != new.key
        && !records.is_empty().or_fail()?
    {
        let describe = |parts: &[StoredPart]| {
            let parts: Vec<_> = parts
                .iter()
                .map(|part| format!("{} ({})", part.property, part.kind))
                .collect();
            parts.join(", ")
        };
        return Err(Error::invalid(format!(
            "the records of `{collection}` have the key {}, and the model `{}` now has {}: keep the key, or export \
             the records and import them into another collection",
            describe(&old.key),
            layout.model,
            describe(&new.key)
        )));
    }
    for index in old.map(|old| old.indexes.as_slice()).unwrap_or_default() {
        if !new.has_index(index.number) {
            let name = tables::index_name(collection, index.number);
            transaction.delete_table(tables::index(&name)).or_fail()?;
        }
    }
    for (stored, index) in new.indexes.iter().zip(&layout.indexes) {
        if old.is_none_or(|old| !old.has_index(stored.number)) {
            build(
                transaction,
                collection,
                stored.number,
                &records,
                &names,
                layout,
                index,
            )?;
        }
    }
    let bytes = serde_json::to_vec(new)?;
    let mut catalogue = transaction.open_table(CATALOGUE).or_fail()?;
    catalogue.insert(collection, bytes.as_slice()).or_fail()?;
    Ok(())
}

/// Fills a new index from the records that there are.
fn build(
    transaction: &WriteTransaction,
    collection: &str,
    number: u32,
    records: &impl ReadableTable<&'static [u8], &'static [u8]>,
    names: &Names,
    layout: &Layout,
    index: &IndexLayout,
) -> Result<()> {
    let name = tables::index_name(collection, number);
    let mut table = transaction.open_table(tables::index(&name)).or_fail()?;
    let wanted = Wanted::only(index.parts.iter().map(|part| part.property.as_str()), names);
    for row in records.iter().or_fail()? {
        let (key, bytes) = row.or_fail()?;
        let record = record::decode(bytes.value(), names, &wanted)?;
        let entry = tables::IndexEntry::new(index, &record, key.value())?;
        entry
            .insert(&mut table, index, &layout.model)
            .map_err(|error| {
                error.context(format!(
                    "the unique index `{}` can't be built: the records don't fit it",
                    index.name
                ))
            })?;
    }
    Ok(())
}

fn counter_name(collection: &str, property: &str) -> String {
    format!("{collection}/{property}")
}

/// Sets the counters beyond the records that there are. None goes back: what it gave out and was deleted stays used.
fn count_again(
    transaction: &WriteTransaction,
    collection: &str,
    stored: &Stored,
    generators: &Generators,
) -> Result<()> {
    let names = Names::new(&stored.names);
    let wanted = Wanted::only(generators.counted(), &names);
    let mut counters = {
        let table = transaction.open_table(COUNTERS).or_fail()?;
        let mut next = Vec::new();
        for (property, fresh) in generators.counted().zip(generators.fresh_counters().next()) {
            let stored = table
                .get(counter_name(collection, property).as_str())
                .or_fail()?;
            next.push(stored.map_or(*fresh, |stored| stored.value()));
        }
        Counters::from_next(next)
    };
    let records_name = tables::records_name(collection);
    let records = transaction
        .open_table(tables::records(&records_name))
        .or_fail()?;
    for row in records.iter().or_fail()? {
        let (_, bytes) = row.or_fail()?;
        generators.note(
            &record::decode(bytes.value(), &names, &wanted)?,
            &mut counters,
        );
    }
    write_counters(transaction, collection, generators, &counters)
}

/// The counters, as the file has them.
pub(crate) fn read_counters(transaction: &WriteTransaction, defined: &Defined) -> Result<Counters> {
    if defined.generators.counted().next().is_none() {
        return Ok(Counters::default());
    }
    let table = transaction.open_table(COUNTERS).or_fail()?;
    let mut next = Vec::new();
    for property in defined.generators.counted() {
        let stored = table
            .get(counter_name(&defined.collection, property).as_str())
            .or_fail()?;
        next.push(
            stored
                .ok_or_else(|| damaged("a counter is missing"))?
                .value(),
        );
    }
    Ok(Counters::from_next(next))
}

/// Stores the counters.
pub(crate) fn write_counters(
    transaction: &WriteTransaction,
    collection: &str,
    generators: &Generators,
    counters: &Counters,
) -> Result<()> {
    let mut table = transaction.open_table(COUNTERS).or_fail()?;
    for (property, next) in generators.counted().zip(counters.next()) {
        table
            .insert(counter_name(collection, property).as_str(), next)
            .or_fail()?;
    }
    Ok(())
}

/// A model's definition, as cursors share it.
pub(crate) type SharedDefinition = Rc<Defined>;
