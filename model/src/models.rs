//! The models that relations lead to, by name.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use crate::model::Model;

/// Finds models by their names: what a check needs wherever a relation leads to another model.
pub trait Models {
    /// The model of that name.
    fn find_model(&self, name: &str) -> Option<&Model>;
}

impl<M: Borrow<Model>> Models for BTreeMap<String, M> {
    fn find_model(&self, name: &str) -> Option<&Model> {
        self.get(name).map(Borrow::borrow)
    }
}
