//! Changes of a collection's shape: what leads from one to another, and how each is made.
//!
//! A change is a command in JSON when it travels in a step, and is checked against the collection when it comes back: it
//! may have been planned long ago.

use std::collections::HashSet;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tenon_model::coerce;
use tenon_sdk::{Error, ErrorKind, Generation, Result, Step, Value};

use crate::check::{self, Use};
use crate::collection::{Collection, State};
use crate::definition::Definition;
use crate::fault::{Fault, Planted};
use crate::shape::{Column, IndexShape, ReferenceShape, Shape};

/// A change, as it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Command {
    /// A collection without indexes and references.
    CreateCollection(Shape),
    /// Takes a collection with its records away.
    DropCollection,
    AddColumn(Column),
    AlterColumn {
        from: Column,
        to: Column,
    },
    /// Takes the property out of all records.
    DropColumn(Column),
    /// Finds the records by another key.
    AlterKey {
        from: Vec<String>,
        to: Vec<String>,
    },
    CreateIndex(IndexShape),
    DropIndex(IndexShape),
    AddReference(ReferenceShape),
    DropReference(ReferenceShape),
    /// Whether there are undeclared properties.
    AlterStrictness {
        strict: bool,
    },
}

/// The changes from a collection, if there is one, to a shape.
pub(crate) fn commands(old: Option<&Shape>, new: &Shape) -> Vec<Command> {
    let mut commands = Vec::new();
    let Some(old) = old else {
        commands.push(Command::CreateCollection(Shape {
            indexes: Vec::new(),
            references: Vec::new(),
            ..new.clone()
        }));
        commands.extend(new.indexes.iter().cloned().map(Command::CreateIndex));
        commands.extend(new.references.iter().cloned().map(Command::AddReference));
        return commands;
    };
    fn missing<'a, T: PartialEq>(these: &'a [T], those: &'a [T]) -> impl Iterator<Item = &'a T> {
        these.iter().filter(|one| !those.contains(one))
    }
    let gone = missing(&old.references, &new.references);
    commands.extend(gone.cloned().map(Command::DropReference));
    let gone = missing(&old.indexes, &new.indexes);
    commands.extend(gone.cloned().map(Command::DropIndex));
    for column in &new.columns {
        match old.column(&column.name) {
            None => commands.push(Command::AddColumn(column.clone())),
            Some(from) if from != column => commands.push(Command::AlterColumn {
                from: from.clone(),
                to: column.clone(),
            }),
            Some(_) => {}
        }
    }
    if old.key != new.key {
        commands.push(Command::AlterKey {
            from: old.key.clone(),
            to: new.key.clone(),
        });
    }
    let gone = old.columns.iter();
    let gone = gone.filter(|column| new.column(&column.name).is_none());
    commands.extend(gone.cloned().map(Command::DropColumn));
    let wanted = missing(&new.indexes, &old.indexes);
    commands.extend(wanted.cloned().map(Command::CreateIndex));
    let wanted = missing(&new.references, &old.references);
    commands.extend(wanted.cloned().map(Command::AddReference));
    if old.strict != new.strict {
        commands.push(Command::AlterStrictness { strict: new.strict });
    }
    commands
}

impl Command {
    /// The command of a step.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::invalid(format!("no command of this connector: {error}")))
    }

    /// The step that it is a collection's.
    pub(crate) fn step(&self, collection: &str, has_records: bool) -> Result<Step> {
        let (kind, name, description) = match self {
            Self::CreateCollection(shape) => (
                "create-collection",
                None,
                format!("make `{collection}` with the key {}", shape.key.join(", ")),
            ),
            Self::DropCollection => (
                "drop-collection",
                None,
                format!("drop `{collection}` with all its records"),
            ),
            Self::AddColumn(column) => (
                "add-column",
                Some(&column.name),
                format!("add `{}` ({})", column.name, column.describe()),
            ),
            Self::AlterColumn { from, to } => (
                "alter-column",
                Some(&to.name),
                format!(
                    "change `{}` from ({}) to ({})",
                    to.name,
                    from.describe(),
                    to.describe()
                ),
            ),
            Self::DropColumn(column) => (
                "drop-column",
                Some(&column.name),
                format!(
                    "drop `{}` ({}) in all records",
                    column.name,
                    column.describe()
                ),
            ),
            Self::AlterKey { from, to } => (
                "alter-key",
                None,
                format!("another key: from {} to {}", from.join(", "), to.join(", ")),
            ),
            Self::CreateIndex(index) => (
                "create-index",
                Some(&index.name),
                format!("build the {}", index.describe()),
            ),
            Self::DropIndex(index) => (
                "drop-index",
                Some(&index.name),
                format!("drop the {}", index.describe()),
            ),
            Self::AddReference(reference) => (
                "add-reference",
                Some(&reference.name),
                format!("add the reference `{}`", reference.name),
            ),
            Self::DropReference(reference) => (
                "drop-reference",
                Some(&reference.name),
                format!("drop the reference `{}`", reference.name),
            ),
            Self::AlterStrictness { strict } => (
                "alter-collection",
                None,
                format!(
                    "{} undeclared properties",
                    if *strict { "no" } else { "any" }
                ),
            ),
        };
        Ok(Step {
            kind: kind.to_owned(),
            collection: collection.to_owned(),
            name: name.cloned(),
            description,
            commands: vec![serde_json::to_string(self)?],
            destructive: match self {
                Self::DropColumn(_) | Self::DropCollection => true,
                Self::AlterKey { .. } => has_records,
                _ => false,
            },
        })
    }

    /// Makes the change.
    pub(crate) fn apply(self, planted: Planted, state: &mut State, name: &str) -> Result<()> {
        match self {
            Self::CreateCollection(shape) => {
                if state.collections.contains_key(name) {
                    return moved(&format!("the collection `{name}` was made"));
                }
                let collection = Rc::new(Collection::new(shape));
                state.collections.insert(name.to_owned(), collection);
                return Ok(());
            }
            Self::DropCollection => {
                state.collections.remove(name);
                return Ok(());
            }
            _ => {}
        }
        let Some(collection) = state.change(name) else {
            return moved(&format!("the collection `{name}` has gone"));
        };
        if planted.is(Fault::AddedColumnWipes) && matches!(self, Self::AddColumn(_)) {
            collection.records.clear();
        }
        self.reshape(&mut collection.shape, name)?;
        let model = collection.shape.to_model(name);
        let definition = Definition::new(model, Planted::default())?;
        match &self {
            Self::AddColumn(column) | Self::AlterColumn { to: column, .. } => {
                fit_column(&definition, collection, column)?;
            }
            Self::DropColumn(column) => {
                for record in collection.records.values_mut() {
                    Rc::make_mut(record).remove(&column.name);
                }
            }
            _ => {}
        }
        if matches!(
            self,
            Self::AlterColumn { .. } | Self::AlterKey { .. } | Self::CreateIndex(_)
        ) {
            find_anew(&definition, collection)?;
        }
        Ok(())
    }

    /// Makes the change in a shape.
    fn reshape(&self, shape: &mut Shape, name: &str) -> Result<()> {
        match self {
            Self::CreateCollection(_) | Self::DropCollection => {}
            Self::AddColumn(column) => {
                if shape.column(&column.name).is_some() {
                    return moved(&format!("`{name}` got a column `{}`", column.name));
                }
                shape.columns.push(column.clone());
            }
            Self::AlterColumn { from, to } => {
                let mut columns = shape.columns.iter_mut();
                match columns.find(|column| *column == from) {
                    Some(column) => *column = to.clone(),
                    None => return moved(&format!("`{}` of `{name}` was changed", from.name)),
                }
            }
            Self::DropColumn(column) => {
                if !shape.columns.contains(column) {
                    return moved(&format!("`{name}` lost the column `{}`", column.name));
                }
                shape.columns.retain(|other| other != column);
            }
            Self::AlterKey { from, to } => {
                if shape.key != *from {
                    return moved(&format!("`{name}` got another key"));
                }
                shape.key.clone_from(to);
            }
            Self::CreateIndex(index) => {
                if shape.indexes.iter().any(|other| other.name == index.name) {
                    return moved(&format!("`{name}` got an index `{}`", index.name));
                }
                shape.indexes.push(index.clone());
            }
            Self::DropIndex(index) => {
                if !shape.indexes.contains(index) {
                    return moved(&format!("`{name}` lost the index `{}`", index.name));
                }
                shape.indexes.retain(|other| other != index);
            }
            Self::AddReference(reference) => {
                if shape.references.contains(reference) {
                    return moved(&format!("`{name}` got the reference `{}`", reference.name));
                }
                shape.references.push(reference.clone());
            }
            Self::DropReference(reference) => {
                if !shape.references.contains(reference) {
                    return moved(&format!("`{name}` lost the reference `{}`", reference.name));
                }
                shape.references.retain(|other| other != reference);
            }
            Self::AlterStrictness { strict } => shape.strict = *strict,
        }
        Ok(())
    }
}

fn moved(what: &str) -> Result<()> {
    Err(Error::new(
        ErrorKind::Conflict,
        format!("{what} since this was planned: plan again"),
    ))
}

/// Brings the values of a column to what it now holds.
fn fit_column(definition: &Definition, collection: &mut Collection, column: &Column) -> Result<()> {
    let Some(property) = definition.property(&column.name) else {
        return Ok(());
    };
    for record in collection.records.values_mut() {
        let value = record.get(&column.name).cloned().unwrap_or(Value::Null);
        if value.is_null() {
            if column.required && column.generated == Generation::Never {
                return Err(Error::new(
                    ErrorKind::Constraint,
                    format!("`{}` is required, and records lack it", column.name),
                )
                .detail("property", &column.name));
            }
            continue;
        }
        let refuse = |reason: String| {
            Error::invalid(format!("a record's `{}`: {reason}", column.name))
                .detail("property", &column.name)
        };
        let value = coerce(value, column.kind).map_err(refuse)?;
        let value = check::fit(Planted::default(), property, value, Use::Change);
        if let Some(value) = value.map_err(refuse)? {
            Rc::make_mut(record).set(column.name.as_str(), value);
        }
    }
    Ok(())
}

/// Puts the records at the places of their keys, and counts on behind them; where two have the same key or unique values
/// it is an error, and the collection of no more use.
pub(crate) fn find_anew(definition: &Definition, collection: &mut Collection) -> Result<()> {
    let counters = definition.counters(collection);
    let counted = definition.generators.counted();
    for (name, next) in counted.zip(counters.next()) {
        collection.counters.insert(name.to_owned(), *next);
    }
    for record in std::mem::take(&mut collection.records).into_values() {
        let key = definition.key_of(&record)?;
        if collection.records.insert(key, record).is_some() {
            return Err(definition.layout.duplicate());
        }
    }
    for index in definition.uniques() {
        let mut there = HashSet::new();
        for record in collection.records.values() {
            if let Some(bytes) = definition.unique_bytes(index, record)?
                && !there.insert(bytes)
            {
                return Err(index.duplicate(&definition.model.name));
            }
        }
    }
    Ok(())
}
