//! Changes of a collection: what leads from what the file has to what a model asks, and how each is made.
//!
//! A change is a command in JSON when it travels in a step, and is checked against the file when it comes back:
//! it may have been planned long ago. Each is made within its caller's transaction.

use redb::{ReadableTable, ReadableTableMetadata, Table};
use serde::{Deserialize, Serialize};
use tenon_sdk::layout::Layout;
use tenon_sdk::{Error, ErrorKind, Result};

use crate::catalogue::Stored;
use crate::counters;
use crate::error::OrFail;
use crate::record::{self, Names, Wanted};
use crate::shape::{Declared, IndexShape, Shape, StoredIndex, StoredPart};
use crate::tables;
use crate::transaction::Work;

/// A change, as a plan tells of it.
pub(crate) struct Change {
    pub(crate) kind: &'static str,
    /// The index or property.
    pub(crate) name: Option<String>,
    pub(crate) description: String,
    pub(crate) command: Command,
}

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

/// What leads from a collection to a shape, in an order in which it can be done.
pub(crate) fn between(collection: &str, old: Option<&Stored>, new: &Shape) -> Vec<Change> {
    let mut changes = Vec::new();
    match old {
        None => changes.push(Change {
            kind: "create-collection",
            name: None,
            description: format!(
                "make the collection `{collection}` with the key {}",
                StoredPart::describe(&new.key)
            ),
            command: Command::CreateCollection {
                key: new.key.clone(),
                declared: new.declared.clone(),
            },
        }),
        Some(old) => {
            changes.extend(key_change(collection, old, new));
            changes.extend(declaration_change(collection, old, new));
        }
    }
    index_changes(
        collection,
        old.map(|old| old.indexes.as_slice()).unwrap_or_default(),
        &new.indexes,
        &mut changes,
    );
    changes
}

fn key_change(collection: &str, old: &Stored, new: &Shape) -> Option<Change> {
    (old.key != new.key).then(|| Change {
        kind: "alter-key",
        name: None,
        description: format!(
            "lay the records of `{collection}` under another key: from {} to {}; what refers to a record by its old key \
             finds it no more",
            StoredPart::describe(&old.key),
            StoredPart::describe(&new.key)
        ),
        command: Command::AlterKey {
            from: old.key.clone(),
            to: new.key.clone(),
        },
    })
}

/// What differs in the declarations, the properties' order aside.
fn declaration_change(collection: &str, old: &Stored, new: &Shape) -> Option<Change> {
    let before = old.declared();
    let after = &new.declared;
    let mut words = Vec::new();
    for property in &after.properties {
        let was = before
            .properties
            .iter()
            .find(|was| was.name == property.name);
        match was {
            None => words.push(format!("add `{}` ({})", property.name, property.describe())),
            Some(was) if was != property => words.push(format!(
                "`{}` from ({}) to ({})",
                property.name,
                was.describe(),
                property.describe()
            )),
            Some(_) => {}
        }
    }
    for property in &before.properties {
        if !after.properties.iter().any(|p| p.name == property.name) {
            words.push(format!(
                "`{}` no longer, whose values stay in the records",
                property.name
            ));
        }
    }
    if before.strict != after.strict {
        let which = if after.strict { "no" } else { "any" };
        words.push(format!("{which} undeclared properties"));
    }
    if before.references != after.references {
        words.push("other references".into());
    }
    (!words.is_empty()).then(|| Change {
        kind: "alter-collection",
        name: None,
        description: format!(
            "declare in `{collection}`: {}; no record changes by it",
            words.join("; ")
        ),
        command: Command::Declare(after.clone()),
    })
}

/// New indexes before old ones go: building is what can fail.
fn index_changes(
    collection: &str,
    old: &[StoredIndex],
    new: &[IndexShape],
    changes: &mut Vec<Change>,
) {
    let mut left: Vec<&IndexShape> = old.iter().map(|index| &index.shape).collect();
    let mut missing = Vec::new();
    for index in new {
        match left.iter().position(|old| *old == index) {
            Some(place) => {
                left.swap_remove(place);
            }
            None => missing.push(index),
        }
    }
    let mut made = Vec::new();
    for index in missing {
        match left.iter().position(|old| old.is_like(index)) {
            Some(place) => {
                let from = left.swap_remove(place).clone();
                changes.push(Change {
                    kind: "rename-index",
                    name: Some(from.name.clone()),
                    description: format!(
                        "call the {} of `{collection}` `{}`",
                        from.describe(),
                        index.name
                    ),
                    command: Command::RenameIndex {
                        from,
                        to: index.name.clone(),
                    },
                });
            }
            None => made.push(index),
        }
    }
    for index in made {
        changes.push(Change {
            kind: "create-index",
            name: Some(index.name.clone()),
            description: format!("build the {} of `{collection}`", index.describe()),
            command: Command::CreateIndex(index.clone()),
        });
    }
    for index in left {
        changes.push(Change {
            kind: "drop-index",
            name: Some(index.name.clone()),
            description: format!(
                "drop the {} of `{collection}`; the records stay as they are",
                index.describe()
            ),
            command: Command::DropIndex(index.clone()),
        });
    }
}

impl Command {
    /// Makes the change, in the file and in the definition, which the caller stores.
    pub(crate) fn apply(
        self,
        work: &Work,
        collection: &str,
        stored: &mut Option<Stored>,
    ) -> Result<()> {
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
            return declare(work, collection, new, declared);
        }
        let Some(stored) = stored else {
            return Err(outdated(collection, "is not there"));
        };
        match self {
            Self::CreateCollection { .. } => Ok(()),
            Self::AlterKey { from, to } => alter_key(work, collection, stored, &from, to),
            Self::CreateIndex(index) => {
                if stored.indexes.iter().any(|old| old.shape == index) {
                    return Err(outdated(collection, "has the index already"));
                }
                let index = StoredIndex {
                    number: stored.number_index()?,
                    shape: index,
                };
                let layout = layout(collection, stored);
                let records = tables::records_name(collection);
                let records = work
                    .engine
                    .open_table(tables::records(&records))
                    .or_fail()?;
                build(work, &layout, &records, &Names::new(&stored.names), &index)?;
                stored.indexes.push(index);
                Ok(())
            }
            Self::RenameIndex { from, to } => {
                let place = place(collection, stored, &from)?;
                if let Some(index) = stored.indexes.get_mut(place) {
                    index.shape.name = to;
                }
                Ok(())
            }
            Self::DropIndex(index) => {
                let place = place(collection, stored, &index)?;
                let name = tables::index_name(collection, stored.indexes.remove(place).number);
                work.engine.delete_table(tables::index(&name)).or_fail()?;
                Ok(())
            }
            Self::Declare(declared) => declare(work, collection, stored, declared),
        }
    }
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
    for index in &stored.indexes {
        let name = tables::index_name(collection, index.number);
        work.engine.delete_table(tables::index(&name)).or_fail()?;
        build(work, &layout, &new, &names, index)?;
    }
    drop((old, new));
    work.engine
        .delete_table(tables::records(&old_name))
        .or_fail()?;
    work.engine
        .rename_table(tables::records(&new_name), tables::records(&old_name))
        .or_fail()
}

/// Fills a new index from the records that there are.
fn build(
    work: &Work,
    layout: &Layout,
    records: &Table<&'static [u8], &'static [u8]>,
    names: &Names,
    index: &StoredIndex,
) -> Result<()> {
    let name = tables::index_name(&layout.model, index.number);
    let mut table = work.engine.open_table(tables::index(&name)).or_fail()?;
    let index = index.shape.to_layout();
    let parts = index.parts.iter().map(|part| part.property.as_str());
    let wanted = Wanted::only(parts, names);
    for row in records.iter().or_fail()? {
        let (key, bytes) = row.or_fail()?;
        let record = record::decode(bytes.value(), names, &wanted)?;
        let entry = tables::IndexEntry::new(&index, &record, key.value())?;
        entry
            .insert(&mut table, &index, &layout.model)
            .map_err(|error| {
                error.context(format!(
                    "the unique index `{}` can't be built: the records don't fit it",
                    index.name
                ))
            })?;
    }
    Ok(())
}

/// Removes a collection with all that belongs to it.
pub(crate) fn remove(work: &Work, collection: &str, stored: &Stored) -> Result<()> {
    work.changes_definitions();
    let records = tables::records_name(collection);
    work.engine
        .delete_table(tables::records(&records))
        .or_fail()?;
    for index in &stored.indexes {
        let name = tables::index_name(collection, index.number);
        work.engine.delete_table(tables::index(&name)).or_fail()?;
    }
    counters::forget(work.engine, collection, &stored.names)?;
    crate::catalogue::forget(work.engine, collection)
}
