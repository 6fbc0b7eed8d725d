//! The capability `crud`: create, read, update and delete.

use tenon_model::contract::{Filter, Query};
use tenon_model::{Done, Entity, Key};

use crate::{Connector, Error, Result, Rows};

/// Rows, and what was done of the query that asked for them.
pub struct Answer {
    /// The rows.
    pub rows: Rows,
    /// What was done; the runtime does the rest.
    pub done: Done,
}

impl Answer {
    /// Rows for a query of which nothing was done: every record of the model.
    pub fn everything(rows: Rows) -> Self {
        Self {
            rows,
            done: Done::default(),
        }
    }
}

/// Create, read, update and delete. Only [`all`](Self::all) must be written: what is left out is
/// `unsupported`, and the runtime does it with the others.
pub trait Crud: Connector {
    /// Does as much of the query as it can do exactly as it is written, and says what that was.
    /// [`evaluate`](crate::evaluate()) does all of it on an iterator.
    ///
    /// # Errors
    /// Where the model is not defined, or the backend fails.
    fn all(&mut self, model: &str, query: Query) -> Result<Answer>;

    /// Stores a new record, and returns the properties that the backend made or changed.
    ///
    /// # Errors
    /// `duplicate` where the key is taken.
    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        let _ = data;
        Err(unsupported("create", model))
    }

    /// Stores all of the records or none, and returns as `create` does, in their order.
    ///
    /// # Errors
    /// `duplicate` where a key is taken, with the detail `index`.
    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        let _ = data;
        Err(unsupported("create-all", model))
    }

    /// Replaces the whole record that has `data`'s key.
    ///
    /// # Errors
    /// `not-found` where there is none.
    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        let _ = data;
        Err(unsupported("save", model))
    }

    /// Whether there is a record of that key.
    ///
    /// # Errors
    /// Where the backend fails.
    fn exists(&mut self, model: &str, id: Key) -> Result<bool> {
        let _ = id;
        Err(unsupported("exists", model))
    }

    /// The record of that key.
    ///
    /// # Errors
    /// Where the backend fails; none to find is no error.
    fn find(&mut self, model: &str, id: Key) -> Result<Option<Entity>> {
        let _ = id;
        Err(unsupported("find", model))
    }

    /// How many records match. Here and below a filter is done whole or not at all.
    ///
    /// # Errors
    /// `unsupported` where a part of the filter can't be done.
    fn count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let _ = filter;
        Err(unsupported("count", model))
    }

    /// Sets the given properties of the record, never its key.
    ///
    /// # Errors
    /// `not-found` where there is none.
    fn update_attributes(&mut self, model: &str, id: Key, data: Entity) -> Result<Entity> {
        let _ = (id, data);
        Err(unsupported("update-attributes", model))
    }

    /// Sets the given properties of every match, and returns how many matched.
    ///
    /// # Errors
    /// `unsupported` where a part of the filter can't be done.
    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        let _ = (filter, data);
        Err(unsupported("update", model))
    }

    /// Deletes the record of that key; whether there was one.
    ///
    /// # Errors
    /// Where the backend fails.
    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        let _ = id;
        Err(unsupported("destroy", model))
    }

    /// Deletes every match, and returns how many.
    ///
    /// # Errors
    /// `unsupported` where a part of the filter can't be done.
    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let _ = filter;
        Err(unsupported("destroy-all", model))
    }
}

fn unsupported(function: &str, model: &str) -> Error {
    Error::unsupported(format!("this connector has no `{function}` for `{model}`"))
}
