//! A model's default scope: what every query of it begins with, unless the query says otherwise.
//!
//! It is the declaration's, not the application's, so it may name hidden properties. Its filter always counts;
//! all else of it gives way to what a query says by itself.

use crate::filter::Filter;
use crate::model::Model;
use crate::models::Models;
use crate::problem::Problems;
use crate::query::Query;

impl Model {
    /// The default scope in the model's own terms; one that isn't there is every record.
    ///
    /// # Errors
    /// Every mistake in it, with its place: `scope.where.closed.eq`.
    pub fn default_scope(&self, models: &dyn Models) -> Result<Query, Problems> {
        let Some(scope) = &self.scope else {
            return Ok(Query::new());
        };
        let checked = (**scope).clone().check_trusted(self, models);
        checked.map_err(|inner| {
            let mut problems = Problems::new();
            problems.extend_at("scope", inner);
            problems
        })
    }
}

impl Query {
    /// A checked query within the model's default scope: the scope's filter counts too, and its order, limit,
    /// fields, relations and hints where the query has none.
    ///
    /// # Errors
    /// As [`Model::default_scope`].
    pub fn with_default_scope(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        if model.scope.is_none() {
            return Ok(self);
        }
        let scope = model.default_scope(models)?;
        Ok(Self {
            // Nearness orders by the first `near`, which is the query's where it has one.
            filter: both(self.filter, scope.filter),
            order: or(self.order, scope.order),
            fields: or(self.fields, scope.fields),
            without: self.without,
            limit: self.limit.or(scope.limit),
            offset: self.offset,
            include: or(self.include, scope.include),
            hints: or(self.hints, scope.hints),
        })
    }
}

impl Filter {
    /// A checked filter within the model's default scope.
    ///
    /// # Errors
    /// As [`Model::default_scope`].
    pub fn with_default_scope(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        if model.scope.is_none() {
            return Ok(self);
        }
        Ok(both(self, model.default_scope(models)?.filter))
    }
}

fn both(filter: Filter, scope: Filter) -> Filter {
    match (filter.is_all(), scope.is_all()) {
        (_, true) => filter,
        (true, _) => scope,
        _ => Filter::AllOf(vec![filter, scope]),
    }
}

fn or<T>(own: Vec<T>, scope: Vec<T>) -> Vec<T> {
    if own.is_empty() { scope } else { own }
}
