//! What the file knows of its collections: keys, indexes, names of properties and what is declared of them.
//!
//! A definition is compared with it and changes as little as possible: an index is built or dropped, a name
//! added to the list. All of it is one transaction; one that fails leaves the file and the old definition. Only a
//! new index may take several calls.

use std::borrow::Cow;
use std::rc::Rc;

use redb::{TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use tenon_sdk::generate::Generators;
use tenon_sdk::layout::Layout;
use tenon_sdk::{Error, Model, Result};

use crate::build::{self, Building};
use crate::change;
use crate::command::{self, Command, Made};
use crate::error::{OrFail, damaged};
use crate::record::Names;
use crate::shape::{Declared, IndexShape, Shape, StoredIndex, StoredPart};
use crate::store::Store;
use crate::tables;
use crate::view::View;

/// Collections to their [`Stored`] definition, as JSON.
const CATALOGUE: TableDefinition<&str, &[u8]> = TableDefinition::new("catalogue");

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

/// A model's definition, as cursors share it.
pub(crate) type SharedDefinition = Rc<Defined>;

/// A collection's definition in the file.
#[derive(Clone, Serialize, Deserialize, PartialEq)]
pub(crate) struct Stored {
    format: u32,
    pub(crate) key: Vec<StoredPart>,
    /// Names in records are numbers in this list, which only grows.
    pub(crate) names: Vec<String>,
    pub(crate) indexes: Vec<StoredIndex>,
    next_index: u32,
    /// The properties that are counted, whose counters every write has moved on.
    #[serde(default)]
    pub(crate) counted: Vec<String>,
    /// The one index that is begun and not whole. No definition of a model leaves one behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) building: Option<Building>,
    /// None in a file that was written before this was kept.
    #[serde(default)]
    pub(crate) declared: Option<Declared>,
}

impl Stored {
    /// A collection without indexes and declarations.
    pub(crate) fn new(key: Vec<StoredPart>) -> Self {
        Self {
            format: FORMAT,
            key,
            names: Vec::new(),
            indexes: Vec::new(),
            next_index: 0,
            counted: Vec::new(),
            building: None,
            declared: None,
        }
    }

    /// A number that no index has had.
    pub(crate) fn number_index(&mut self) -> Result<u32> {
        self.next_index = self
            .next_index
            .checked_add(1)
            .ok_or_else(|| damaged("too many indexes"))?;
        Ok(self.next_index)
    }

    /// What is declared, or can be told.
    pub(crate) fn declared(&self) -> Cow<'_, Declared> {
        match &self.declared {
            Some(declared) => Cow::Borrowed(declared),
            None => Cow::Owned(Declared::of_the_rest(&self.key, &self.indexes, &self.names)),
        }
    }

    /// Its model.
    pub(crate) fn to_model(&self, collection: &str) -> Model {
        let indexes = self.indexes.iter().map(|index| &index.shape);
        self.declared().to_model(collection, &self.key, indexes)
    }
}

/// The backend's name for a model's records, which only one model may have.
pub(crate) fn collection(model: &Model) -> &str {
    model.collection.as_deref().unwrap_or(&model.name)
}

/// Defines a model, and changes the file where it has to.
pub(crate) fn define(store: &Store, model: &Model) -> Result<Defined> {
    let shape = Shape::of(model)?;
    let collection = collection(model).to_owned();
    let view = store.read()?;
    let stored = read(&view, &collection)?;
    drop(view);
    let changes = change::between(&collection, stored.as_ref(), &shape);
    let stored = if let (Some(stored), true) = (&stored, changes.is_empty()) {
        stored.clone()
    } else {
        store.change(|work| {
            let mut stored = stored;
            let mut made = Made::Wholly;
            for change in changes {
                if let Command::AlterKey { .. } = change.command {
                    command::refuse_new_key(work, &collection, stored.as_ref(), &shape)?;
                }
                made = change.command.apply(work, &collection, &mut stored)?;
                if let Made::InPart(_) = made {
                    break;
                }
            }
            let stored = stored.ok_or_else(|| damaged("a collection was not made"))?;
            write(work.engine, &collection, &stored)?;
            Ok(match made {
                Made::Wholly => Ok(stored),
                Made::InPart(how_far) => Err(build::unfinished(&how_far)),
            })
        })??
    };
    let table_of = |index: &IndexShape| {
        let found = stored.indexes.iter().find(|stored| stored.shape == *index);
        found
            .map(|found| tables::index_name(&collection, found.number))
            .ok_or_else(|| damaged("an index is missing"))
    };
    Ok(Defined {
        records: tables::records_name(&collection),
        indexes: shape.indexes.iter().map(table_of).collect::<Result<_>>()?,
        names: Names::new(&stored.names),
        collection,
        layout: shape.layout,
        generators: shape.generators,
    })
}

/// A collection's definition, if there is one.
pub(crate) fn read(view: &View, collection: &str) -> Result<Option<Stored>> {
    let bytes = view.with_table(CATALOGUE, |table| table.bytes(collection))?;
    let Some(bytes) = bytes.flatten() else {
        return Ok(None);
    };
    let stored: Stored = serde_json::from_slice(&bytes)
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

/// The names of all collections, ascending.
pub(crate) fn names(view: &View) -> Result<Vec<String>> {
    let names = view.with_table(CATALOGUE, |table| table.texts())?;
    Ok(names.unwrap_or_default())
}

/// Stores a collection's definition.
pub(crate) fn write(engine: &WriteTransaction, collection: &str, stored: &Stored) -> Result<()> {
    let bytes = serde_json::to_vec(stored)?;
    let mut catalogue = engine.open_table(CATALOGUE).or_fail()?;
    catalogue.insert(collection, bytes.as_slice()).or_fail()?;
    Ok(())
}

/// Forgets a collection's definition.
pub(crate) fn forget(engine: &WriteTransaction, collection: &str) -> Result<()> {
    let mut catalogue = engine.open_table(CATALOGUE).or_fail()?;
    catalogue.remove(collection).or_fail()?;
    Ok(())
}
