//! Changes of a collection's shape: what leads from one to another, and how each is made.
//!
//! A change is a command in JSON when it travels in a step, and is checked against the collection when it comes back:
//! it may have been planned long ago.

use serde::{Deserialize, Serialize};
use tenon_sdk::{Error, ErrorKind, Result, Step};

use crate::shape::{Declared, IndexShape, KeyShape, Shape};

/// A change, as it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Command {
    /// A collection without indexes.
    CreateCollection { key: KeyShape, declared: Declared },
    /// Keeps what a model says of its properties.
    Declare { from: Declared, to: Declared },
    /// Finds the records by another key.
    AlterKey { from: KeyShape, to: KeyShape },
    /// Builds an index.
    CreateIndex(IndexShape),
    /// Drops an index.
    DropIndex(IndexShape),
}

/// The steps from a collection, if there is one, to a shape.
pub(crate) fn steps(
    collection: &str,
    old: Option<&Shape>,
    new: &Shape,
    has_records: bool,
) -> Result<Vec<Step>> {
    let mut commands = Vec::new();
    let mut old_indexes: &[IndexShape] = &[];
    match old {
        None => commands.push(Command::CreateCollection {
            key: new.key.clone(),
            declared: new.declared.clone(),
        }),
        Some(old) => {
            old_indexes = &old.indexes;
            if old.declared != new.declared {
                commands.push(Command::Declare {
                    from: old.declared.clone(),
                    to: new.declared.clone(),
                });
            }
            if old.key != new.key {
                commands.push(Command::AlterKey {
                    from: old.key.clone(),
                    to: new.key.clone(),
                });
            }
        }
    }
    let gone = old_indexes
        .iter()
        .filter(|index| !new.indexes.contains(index));
    commands.extend(gone.cloned().map(Command::DropIndex));
    let wanted = new
        .indexes
        .iter()
        .filter(|index| !old_indexes.contains(index));
    commands.extend(wanted.cloned().map(Command::CreateIndex));
    let steps = commands
        .into_iter()
        .map(|command| command.step(collection, has_records));
    steps.collect()
}

impl Command {
    /// The command of a step.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::invalid(format!("no command of this connector: {error}")))
    }

    fn step(&self, collection: &str, has_records: bool) -> Result<Step> {
        let (kind, name, description) = match self {
            Self::CreateCollection { key, .. } => (
                "create-collection",
                None,
                format!("make `{collection}` with the key {}", key.describe()),
            ),
            Self::Declare { from, to } => (
                if from.only_gains(to) {
                    "add-column"
                } else {
                    "alter-collection"
                },
                None,
                format!(
                    "declare in `{collection}`: {}; no record changes by it",
                    from.describe_change(to)
                ),
            ),
            Self::AlterKey { from, to } => (
                "alter-key",
                None,
                format!(
                    "find the records of `{collection}` by another key: from {} to {}; what refers to a record by its \
                     old key finds it no more",
                    from.describe(),
                    to.describe()
                ),
            ),
            Self::CreateIndex(index) => (
                "create-index",
                Some(index.name.clone()),
                format!("build the {} in `{collection}`", index.describe()),
            ),
            Self::DropIndex(index) => (
                "drop-index",
                Some(index.name.clone()),
                format!("drop the {} in `{collection}`", index.describe()),
            ),
        };
        let command = serde_json::to_string(self)
            .map_err(|error| Error::backend(format!("a step can't be written: {error}")))?;
        Ok(Step {
            kind: kind.into(),
            collection: collection.to_owned(),
            name,
            description,
            commands: vec![command],
            destructive: has_records && matches!(self, Self::AlterKey { .. }),
        })
    }

    /// Whether an error that the records' new places met is this command's.
    pub(crate) fn is_to_blame(&self, error: &Error) -> bool {
        let mut details = error.details.iter();
        match (self, details.find(|(name, _)| name == "constraint")) {
            (Self::CreateIndex(index), Some((_, name))) => index.name == *name,
            (Self::AlterKey { .. }, None) => true,
            _ => false,
        }
    }

    /// Makes the change in a shape.
    pub(crate) fn apply(self, collection: &str, shape: &mut Option<Shape>) -> Result<()> {
        let moved = |what: String| {
            Err(Error::new(
                ErrorKind::Conflict,
                format!("{what} since this was planned: plan again"),
            ))
        };
        let Some(shape) = shape else {
            if let Self::CreateCollection { key, declared } = self {
                *shape = Some(Shape {
                    key,
                    declared,
                    indexes: Vec::new(),
                });
                return Ok(());
            }
            return moved(format!("the collection `{collection}` has gone"));
        };
        match self {
            Self::CreateCollection { .. } => {
                return moved(format!("the collection `{collection}` was made"));
            }
            Self::Declare { from, to } => {
                if shape.declared != from {
                    return moved(format!("`{collection}` was declared otherwise"));
                }
                shape.declared = to;
            }
            Self::AlterKey { from, to } => {
                if shape.key != from {
                    return moved(format!("`{collection}` got another key"));
                }
                shape.key = to;
            }
            Self::CreateIndex(index) => {
                if shape.indexes.iter().any(|other| other.name == index.name) {
                    return moved(format!("`{collection}` got an index `{}`", index.name));
                }
                shape.indexes.push(index);
            }
            Self::DropIndex(index) => {
                let place = shape.indexes.iter().position(|other| *other == index);
                let Some(place) = place else {
                    return moved(format!("`{collection}` lost the index `{}`", index.name));
                };
                shape.indexes.remove(place);
            }
        }
        Ok(())
    }
}
