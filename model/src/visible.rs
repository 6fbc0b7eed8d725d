//! Hidden properties, kept from whoever asks: what a query fetches, and what is taken out of records.

use crate::entity::Entity;
use crate::model::Model;
use crate::query::Query;

impl Model {
    /// Whether a property of it is hidden.
    pub fn has_hidden(&self) -> bool {
        self.properties.iter().any(|property| property.hidden)
    }

    /// Takes the hidden properties out of a record; what was loaded with it is for its own model to judge.
    pub fn hide(&self, record: &mut Entity) {
        if self.has_hidden() {
            let is_hidden = |name: &str| self.find_property(name).is_some_and(|found| found.hidden);
            record.retain(|name| !is_hidden(name));
        }
    }
}

impl Query {
    /// The same query without what is hidden, so that it needn't leave the backend: where it names no fields, and
    /// all of them are known because the model is strict. From an open model's records [`Model::hide`] takes it.
    #[must_use]
    pub fn visible_fields(mut self, model: &Model) -> Self {
        if self.fields.is_empty() && model.strict && model.has_hidden() {
            self.fields = model.visible().map(|each| each.name.clone()).collect();
        }
        self
    }
}
