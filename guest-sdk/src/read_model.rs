//! The capability `read-model`: an event-sourced read model's storage.
//!
//! A store is either a state as a whole or tables; what a connector hasn't got is `unsupported`. A store is in use
//! by one at a time: opening takes its lock, and only closing or the instance's end gives it back.

use tenon_model::contract::{Filter, Query};
use tenon_model::{Entity, PropertyType, Value};

use crate::{Answer, Connector, Error, Result};

/// Steps into nested values: a field, then members' names and elements' indexes.
pub type EditPath = Vec<String>;

/// An index of a table, on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableIndex {
    /// The field.
    pub field: String,
    /// `text`, or `decimal`, which stands for any number.
    pub kind: PropertyType,
}

/// A table of a read model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, unique in the store.
    pub name: String,
    /// The first is the unique key.
    pub indexes: Vec<TableIndex>,
    /// The other fields, beside the indexed ones.
    pub fields: Vec<String>,
}

/// One change of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Sets the value there, making what is missing on the way.
    Set(EditPath, Value),
    /// Removes what is there; nothing to remove is no error.
    Unset(EditPath),
    /// Adds to a number, or appends to a text.
    Increment(EditPath, Value),
}

/// Read models, by their names.
pub trait ReadModel: Connector {
    /// An open read model. It owns what it needs, as a cursor does.
    type Store: Store;

    /// Opens a read model's store and takes its lock: the contract's `connect`.
    ///
    /// # Errors
    /// `conflict` where another holds the lock.
    fn open(&mut self, read_model: &str) -> Result<Self::Store>;

    /// Closes the store and gives the lock back, whatever it returns: the contract's `disconnect`.
    /// [`Connector::dispose`] gives back every lock that the instance still holds.
    ///
    /// # Errors
    /// Where something could not be stored.
    fn close(&mut self, store: Self::Store, read_model: &str) -> Result<()>;

    /// Removes the read model's data: the contract's `drop`. The store stays open for [`close`](Self::close), and
    /// nothing else.
    ///
    /// # Errors
    /// Where the backend fails; nothing to remove is no error.
    fn drop_data(&mut self, store: &mut Self::Store, read_model: &str) -> Result<()>;
}

/// An open read model: a state as a whole, or tables. What is left out is `unsupported`.
pub trait Store: 'static {
    /// The state, as JSON; none before the first [`set`](Self::set).
    ///
    /// # Errors
    /// Where the backend fails.
    fn get(&mut self) -> Result<Option<String>> {
        Err(unsupported("get"))
    }

    /// Replaces the state.
    ///
    /// # Errors
    /// `invalid` where it is not JSON.
    fn set(&mut self, state: String) -> Result<()> {
        let _ = state;
        Err(unsupported("set"))
    }

    /// Makes a table.
    ///
    /// # Errors
    /// `duplicate` where there is one of that name.
    fn define_table(&mut self, table: Table) -> Result<()> {
        let _ = table;
        Err(unsupported("define-table"))
    }

    /// Stores a new document. Here and below `not-found` is the error for a table that isn't there.
    ///
    /// # Errors
    /// `duplicate` where the unique key is taken.
    fn insert(&mut self, table: &str, document: Entity) -> Result<()> {
        let _ = (table, document);
        Err(unsupported("insert"))
    }

    /// Makes the edits, in their order, in every match, and returns how many matched. With `upsert`, where none
    /// does, inserts the filter's equal values and the ones set.
    ///
    /// # Errors
    /// `unsupported` where a part of the filter can't be done, `invalid` where an edit meets what it doesn't suit.
    fn update(
        &mut self,
        table: &str,
        filter: Filter,
        edits: Vec<Edit>,
        upsert: bool,
    ) -> Result<u64> {
        let _ = (table, filter, edits, upsert);
        Err(unsupported("update"))
    }

    /// Deletes every match, and returns how many.
    ///
    /// # Errors
    /// `unsupported` where a part of the filter can't be done.
    fn delete(&mut self, table: &str, filter: Filter) -> Result<u64> {
        let _ = (table, filter);
        Err(unsupported("delete"))
    }

    /// As [`Crud::all`](crate::Crud::all).
    ///
    /// # Errors
    /// Where the backend fails.
    fn find(&mut self, table: &str, query: Query) -> Result<Answer> {
        let _ = (table, query);
        Err(unsupported("find"))
    }

    /// How many match.
    ///
    /// # Errors
    /// `unsupported` where a part of the filter can't be done.
    fn count(&mut self, table: &str, filter: Filter) -> Result<u64> {
        let _ = (table, filter);
        Err(unsupported("count"))
    }
}

fn unsupported(function: &str) -> Error {
    Error::unsupported(format!("this connector's read models have no `{function}`"))
}
