//! Changes of a collection, as they travel in a step and as they are made.
//!
//! A command is JSON, and is checked against the file when it comes back: it may have been planned long ago. Each is
//! made within its caller's transaction. All but building an index are made whole.

use redb::{ReadableTable, ReadableTableMetadata};
use serde::{Deserialize, Serialize};
use tenon_sdk::layout::Layout;
use tenon_sdk::{Error, ErrorKind, Result};

use crate::build::{self, Building, Built};
use crate::catalogue::{self, Stored};
use crate::counters;
use crate::error::OrFail;
use crate::record::{self, Names, Wanted};
use crate::shape::{Declared, IndexShape, Shape, StoredIndex, StoredPart};
use crate::tables;
use crate::transaction::Work;

/// A change, as it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Command {
    /// A collection without indexes.
    CreateCollection {
        key: Vec<StoredPart>,
        declared: Declared,
    },
    /// Lays the records under another key.
    AlterKey {
        from: Vec<StoredPart>,
        to: Vec<StoredPart>,
    },
    /// Builds an index from the records.
    CreateIndex(IndexShape),
    /// Gives an index another name.
    RenameIndex { from: IndexShape, to: String },
    /// Drops an index.
    DropIndex(IndexShape),
    /// Keeps what a model says of its properties.
    Declare(Declared),
}

/// How far a change came.
pub(crate) enum Made {
    /// It is made.
    Wholly,
    /// Its time was up; what is there of it is to be kept. For a person, how much that is.
    InPart(String),
}

impl Command {
    /// Makes the change, in the file and in the definition, which the caller stores.
    pub(crate) fn apply(
        self,
        work: &Work,
        collection: &str,
        stored: &mut Option<Stored>,
    ) -> Result<Made> {
        work.changes_definitions();
        if let Self::CreateCollection { key, declared } = self {
            if stored.is_some() {
                return Err(outdated(collection, "is there already"));
            }
            let records = tables::records_name(collection);
            work.engine
                .open_table(tables::records(&records))
                .or_fail()?;
            let new = stored.insert(Stored::new(key));
            declare(work, collection, new, declared)?;
            return Ok(Made::Wholly);
        }
        let Some(stored) = stored else {
            return Err(outdated(collection, "is not there"));
        };
        match self {
            Self::CreateCollection { .. } => {}
            Self::AlterKey { from, to } => alter_key(work, collection, stored, &from, to)?,
            Self::CreateIndex(index) => return create_index(work, collection, stored, index),
            Self::RenameIndex { from, to } => {
                let place = place(collection, stored, &from)?;
                if let Some(index) = stored.indexes.get_mut(place) {
                    index.shape.name = to;
                }
            }
            Self::DropIndex(index) => {
                let begun = stored.building.take_if(|begun| begun.index.shape == index);
                let dropped = match begun {
                    Some(begun) => begun.index,
                    None => stored.indexes.remove(place(collection, stored, &index)?),
                };
                delete(work, collection, &dropped)?;
            }
            Self::Declare(declared) => declare(work, collection, stored, declared)?,
        }
        Ok(Made::Wholly)
    }
}

/// Begins to build an index, or goes on with it.
fn create_index(
    work: &Work,
    collection: &str,
    stored: &mut Stored,
    shape: IndexShape,
) -> Result<Made> {
    if stored.indexes.iter().any(|old| old.shape == shape) {
        return Err(outdated(collection, "has the index already"));
    }
    let begun = match stored.building.take() {
        Some(begun) if begun.index.shape == shape => begun,
        other => {
            if let Some(other) = other {
                delete(work, collection, &other.index)?;
            }
            Building::new(StoredIndex {
                number: stored.number_index()?,
                shape,
            })
        }
    };
    let layout = layout(collection, stored);
    let records = tables::records_name(collection);
    let records = work
        .engine
        .open_table(tables::records(&records))
        .or_fail()?;
    match begun.go_on(work, &layout, &records, &Names::new(&stored.names))? {
        Built::Wholly(index) => {
            stored.indexes.push(index);
            Ok(Made::Wholly)
        }
        Built::InPart(building) => {
            let unfinished = building.describe(collection, records.len().or_fail()?);
            stored.building = Some(building);
            Ok(Made::InPart(unfinished))
        }
    }
}

fn delete(work: &Work, collection: &str, index: &StoredIndex) -> Result<()> {
    let name = tables::index_name(collection, index.number);
    work.engine.delete_table(tables::index(&name)).or_fail()?;
    Ok(())
}

fn place(collection: &str, stored: &Stored, index: &IndexShape) -> Result<usize> {
    let place = stored.indexes.iter().position(|old| old.shape == *index);
    place.ok_or_else(|| outdated(collection, "has no such index"))
}

fn outdated(collection: &str, how: &str) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!(
            "the collection `{collection}` {how}: it has changed since this was planned, so plan again"
        ),
    )
}

fn declare(work: &Work, collection: &str, stored: &mut Stored, declared: Declared) -> Result<()> {
    for property in &declared.properties {
        if !stored.names.contains(&property.name) {
            stored.names.push(property.name.clone());
        }
    }
    let counted = declared.properties.iter().filter(|p| p.is_counted());
    let counted: Vec<String> = counted.map(|property| property.name.clone()).collect();
    // A counter that wasn't kept is missing, or was left behind by the records.
    if counted.iter().any(|name| !stored.counted.contains(name)) {
        counters::count_again(work.engine, collection, &stored.names, &counted)?;
    }
    stored.counted = counted;
    stored.declared = Some(declared);
    Ok(())
}

/// Refuses a key that the records don't have.
pub(crate) fn refuse_new_key(
    work: &Work,
    collection: &str,
    stored: Option<&Stored>,
    shape: &Shape,
) -> Result<()> {
    let records = tables::records_name(collection);
    let records = work
        .engine
        .open_table(tables::records(&records))
        .or_fail()?;
    match stored {
        Some(stored) if !records.is_empty().or_fail()? => Err(Error::invalid(format!(
            "the records of `{collection}` have the key {}, and the model `{}` now has {}: keep the key, plan and apply \
             the change, or export the records and import them into another collection",
            StoredPart::describe(&stored.key),
            shape.layout.model,
            StoredPart::describe(&shape.key)
        ))),
        _ => Ok(()),
    }
}

/// How a collection's records lie, without its indexes.
fn layout(collection: &str, stored: &Stored) -> Layout {
    Layout {
        model: collection.to_owned(),
        key: StoredPart::to_layout(&stored.key),
        key_ordered: true,
        indexes: Vec::new(),
    }
}

/// Lays every record under its new key, and builds the indexes again, whose entries name keys.
fn alter_key(
    work: &Work,
    collection: &str,
    stored: &mut Stored,
    from: &[StoredPart],
    to: Vec<StoredPart>,
) -> Result<()> {
    if stored.key != from {
        return Err(outdated(collection, "has another key"));
    }
    stored.key = to;
    let layout = layout(collection, stored);
    let names = Names::new(&stored.names);
    let parts = layout.key.iter().map(|part| part.property.as_str());
    let wanted = Wanted::only(parts, &names);
    let old_name = tables::records_name(collection);
    let new_name = format!("rekeyed/{collection}");
    let old = work
        .engine
        .open_table(tables::records(&old_name))
        .or_fail()?;
    let mut new = work
        .engine
        .open_table(tables::records(&new_name))
        .or_fail()?;
    for row in old.iter().or_fail()? {
        let bytes = row.or_fail()?.1;
        let record = record::decode(bytes.value(), &names, &wanted)?;
        let mut key = Vec::new();
        let under = |error: Error| error.context("a record doesn't fit the new key");
        layout.entity_key(&record, &mut key).map_err(under)?;
        let there = new.insert(key.as_slice(), bytes.value()).or_fail()?;
        if there.is_some() {
            return Err(under(layout.duplicate()));
        }
    }
    if let Some(begun) = stored.building.take() {
        delete(work, collection, &begun.index)?;
    }
    for index in &stored.indexes {
        delete(work, collection, index)?;
        build::whole(work, &layout, &new, &names, index)?;
    }
    drop((old, new));
    work.engine
        .delete_table(tables::records(&old_name))
        .or_fail()?;
    work.engine
        .rename_table(tables::records(&new_name), tables::records(&old_name))
        .or_fail()
}

/// Removes a collection with all that belongs to it.
pub(crate) fn remove(work: &Work, collection: &str, stored: &Stored) -> Result<()> {
    work.changes_definitions();
    let records = tables::records_name(collection);
    work.engine
        .delete_table(tables::records(&records))
        .or_fail()?;
    let begun = stored.building.iter().map(|begun| &begun.index);
    for index in stored.indexes.iter().chain(begun) {
        delete(work, collection, index)?;
    }
    counters::forget(work.engine, collection, &stored.names)?;
    catalogue::forget(work.engine, collection)
}
