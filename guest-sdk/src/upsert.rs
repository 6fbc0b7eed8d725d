//! The capability `upsert`: find-or-write in one atomic step.

use tenon_model::Entity;
use tenon_model::contract::Filter;

use crate::{Crud, Error, Result};

/// What became of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The whole record, as it is now.
    pub entity: Entity,
    /// Whether it is new.
    pub created: bool,
}

impl Outcome {
    /// A record that is new.
    pub fn created(entity: Entity) -> Self {
        Self {
            entity,
            created: true,
        }
    }

    /// A record that was there.
    pub fn found(entity: Entity) -> Self {
        Self {
            entity,
            created: false,
        }
    }
}

/// Find-or-write in one atomic step of the backend's. What is left out is `unsupported`, and so should be
/// properties or a filter that the backend has no such step for: the runtime then does it under a lock.
pub trait Upsert: Crud {
    /// Sets the properties of the record that has `data`'s values in the properties `by`, or creates it. `by`
    /// is the primary key or the properties of a unique index, in any order; `data` has them all.
    ///
    /// # Errors
    /// `duplicate` where another record has a unique value of `data`'s.
    fn update_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let _ = (by, data);
        Err(unsupported("update-or-create", model))
    }

    /// Replaces that record, or creates it.
    ///
    /// # Errors
    /// As [`update_or_create`](Self::update_or_create).
    fn replace_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let _ = (by, data);
        Err(unsupported("replace-or-create", model))
    }

    /// Finds a match, or creates `data`. Of several matches it is any one.
    ///
    /// # Errors
    /// `duplicate` where none matches and `data` can't be created beside what is there.
    fn find_or_create(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let _ = (filter, data);
        Err(unsupported("find-or-create", model))
    }

    /// Updates the one match, or creates `data`.
    ///
    /// # Errors
    /// `conflict` where there are several matches, which then stay as they are; `duplicate` as above.
    fn upsert_where(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        let _ = (filter, data);
        Err(unsupported("upsert-where", model))
    }
}

fn unsupported(function: &str, model: &str) -> Error {
    Error::unsupported(format!("this connector has no `{function}` for `{model}`"))
}
