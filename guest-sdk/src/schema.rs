//! The capability `schema`: making, changing, discovering and dropping collections.

use tenon_model::contract::Model;

use crate::{Connector, Error, Result};

/// One change of a collection, and how it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `create-collection`, `add-column`, `alter-column`, `drop-column`, `create-index`, `drop-index`,
    /// `add-reference`, `drop-reference`, or another.
    pub kind: String,
    /// The collection that it changes, in the backend's own words.
    pub collection: String,
    /// The column, index or reference.
    pub name: Option<String>,
    /// For a person who has to consent: from what, to what.
    pub description: String,
    /// The backend's own commands for it, in their order.
    pub commands: Vec<String>,
    /// It can lose data.
    pub destructive: bool,
}

/// A collection that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// As [`Schema::discover`] and a model's `collection` take it.
    pub name: String,
    /// `table`, `view`, or another.
    pub kind: String,
}

/// Collections themselves. What is left out is `unsupported`.
pub trait Schema: Connector {
    /// What would bring the collections to these models; empty where they already match. Collections, and
    /// indexes that no model can describe, that aren't mentioned are left alone; a column that isn't is a
    /// destructive step. Nothing is changed yet.
    ///
    /// # Errors
    /// `invalid` where there can be no such collection.
    fn plan(&mut self, models: Vec<Model>) -> Result<Vec<Step>> {
        let _ = models;
        Err(unsupported("plan"))
    }

    /// Takes the steps of a plan, in one transaction where the backend can. A step that the collections have
    /// moved away from since it was planned is refused, never guessed at.
    ///
    /// # Errors
    /// With the detail `index`, the number of the step that failed; where the ones before it stay done, with the
    /// effect `partial`.
    fn apply(&mut self, steps: Vec<Step>) -> Result<()> {
        let _ = steps;
        Err(unsupported("apply"))
    }

    /// The collections that there are.
    ///
    /// # Errors
    /// Where the backend fails.
    fn collections(&mut self) -> Result<Vec<Collection>> {
        Err(unsupported("collections"))
    }

    /// Collections as models, in their order, with keys, indexes and references. A model has its collection's
    /// name, and a property its column's; planned again, it changes nothing.
    ///
    /// # Errors
    /// `not-found` where there is no collection of one of the names.
    fn discover(&mut self, collections: Vec<String>) -> Result<Vec<Model>> {
        let _ = collections;
        Err(unsupported("discover"))
    }

    /// Removes a defined model's data and collection; nothing to remove is no error.
    ///
    /// # Errors
    /// Where the model is not defined, or the backend fails.
    fn drop(&mut self, model: &str) -> Result<()> {
        let _ = model;
        Err(unsupported("drop"))
    }
}

fn unsupported(function: &str) -> Error {
    Error::unsupported(format!("this connector has no `{function}`"))
}
