//! What leads from what the file has of a collection to what a model asks.

use crate::catalogue::Stored;
use crate::command::Command;
use crate::shape::{IndexShape, Shape, StoredPart};

/// A change, as a plan tells of it.
pub(crate) struct Change {
    pub(crate) kind: &'static str,
    /// The index or property.
    pub(crate) name: Option<String>,
    pub(crate) description: String,
    pub(crate) command: Command,
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
    index_changes(collection, old, &new.indexes, &mut changes);
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
        kind: if before.only_gains(after) {
            "add-column"
        } else {
            "alter-collection"
        },
        name: None,
        description: format!(
            "declare in `{collection}`: {}; no record changes by it",
            words.join("; ")
        ),
        command: Command::Declare(after.clone()),
    })
}

/// New indexes before old ones go, since building is what can fail.
fn index_changes(
    collection: &str,
    old: Option<&Stored>,
    new: &[IndexShape],
    changes: &mut Vec<Change>,
) {
    let indexes = old.map(|old| old.indexes.as_slice()).unwrap_or_default();
    let mut left: Vec<&IndexShape> = indexes.iter().map(|index| &index.shape).collect();
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
            Some(place) => changes.push(renamed(collection, left.swap_remove(place), index)),
            None => made.push(index),
        }
    }
    let begun = old.and_then(|old| old.building.as_ref());
    let begun = begun.map(|building| &building.index.shape);
    // The one that is begun goes on, or goes.
    made.sort_by_key(|index| Some(*index) != begun);
    if let Some(begun) = begun
        && !made.contains(&begun)
    {
        left.push(begun);
    }
    changes.extend(made.into_iter().map(|index| Change {
        kind: "create-index",
        name: Some(index.name.clone()),
        description: format!("build the {} of `{collection}`", index.describe()),
        command: Command::CreateIndex(index.clone()),
    }));
    changes.extend(left.into_iter().map(|index| Change {
        kind: "drop-index",
        name: Some(index.name.clone()),
        description: format!(
            "drop the {} of `{collection}`; the records stay as they are",
            index.describe()
        ),
        command: Command::DropIndex(index.clone()),
    }));
}

fn renamed(collection: &str, from: &IndexShape, to: &IndexShape) -> Change {
    Change {
        kind: "rename-index",
        name: Some(from.name.clone()),
        description: format!(
            "call the {} of `{collection}` `{}`",
            from.describe(),
            to.name
        ),
        command: Command::RenameIndex {
            from: from.clone(),
            to: to.name.clone(),
        },
    }
}
