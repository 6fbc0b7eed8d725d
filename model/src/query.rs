//! Queries: a filter with an order, a part, and the properties wanted.

use crate::contract::{self, SortKey};
use crate::filter::Filter;
use crate::model::Model;
use crate::problem::Problem;

/// How deep `include` may go: each level is a query over the keys of all records above it, and nobody reads a
/// deeper tree.
pub const MAX_INCLUDE_DEPTH: usize = 8;

/// How many relations a query may load, on all levels together: each is a query of its own.
pub const MAX_INCLUDES: usize = 100;

/// Which records, in which order, how many, and what of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which records.
    pub filter: Filter,
    /// In which order; empty means nearest first where the filter asks for `near`, else the backend's own.
    pub order: Vec<SortKey>,
    /// The properties wanted; empty means all.
    pub fields: Vec<String>,
    /// The properties not wanted, where `fields` is empty; [`Query::check`] turns them into `fields`.
    pub without: Vec<String>,
    /// How many at most; none means no limit.
    pub limit: Option<u64>,
    /// How many to leave out first.
    pub offset: u64,
    /// The relations to load with each record; the runtime does it, and a connector never hears of them.
    pub include: Vec<Include>,
    /// Advice to the connector, by name.
    pub hints: Vec<(String, String)>,
}

/// A relation to load with the records of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Include {
    /// The relation's name.
    pub relation: String,
    /// Which of the related records, for each record by itself: also its order, limit and offset.
    pub scope: Query,
}

impl Include {
    /// A relation, with all that it leads to.
    pub fn new(relation: impl Into<String>) -> Self {
        Self {
            relation: relation.into(),
            scope: Query::new(),
        }
    }

    /// A relation, with what the query says of what it leads to.
    pub fn scoped(relation: impl Into<String>, scope: Query) -> Self {
        Self {
            relation: relation.into(),
            scope,
        }
    }
}

impl Query {
    /// Every record, whole.
    pub fn new() -> Self {
        Self::default()
    }

    /// The records of a filter.
    pub fn filter(filter: Filter) -> Self {
        Self {
            filter,
            ..Self::default()
        }
    }

    /// The same query, ordered further by a property, least first.
    #[must_use]
    pub fn ascending(self, property: impl Into<String>) -> Self {
        self.ordered(property.into(), false)
    }

    /// The same query, ordered further by a property, greatest first.
    #[must_use]
    pub fn descending(self, property: impl Into<String>) -> Self {
        self.ordered(property.into(), true)
    }

    fn ordered(mut self, property: String, descending: bool) -> Self {
        self.order.push(SortKey {
            property,
            path: Vec::new(),
            descending,
        });
        self
    }

    /// The same query with at most so many records.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same query without its first records.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// The same query for these properties alone.
    #[must_use]
    pub fn fields<N: Into<String>>(mut self, fields: impl IntoIterator<Item = N>) -> Self {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// The same query with one more relation loaded.
    #[must_use]
    pub fn include(mut self, include: Include) -> Self {
        self.include.push(include);
        self
    }

    /// As a connector gets it; after [`Query::check`], which settles `without`.
    pub fn to_contract(&self) -> contract::Query {
        contract::Query {
            filter: self.filter.to_nodes(),
            order: self.order.clone(),
            fields: self.fields.clone(),
            limit: self.limit,
            offset: self.offset,
            hints: self.hints.clone(),
        }
    }

    /// The query of the contract's.
    ///
    /// # Errors
    /// Where the filter's nodes are no tree, or too large a one.
    pub fn from_contract(query: contract::Query) -> Result<Self, Problem> {
        Ok(Self {
            filter: Filter::from_nodes(&query.filter)?,
            order: query.order,
            fields: query.fields,
            without: Vec::new(),
            limit: query.limit,
            offset: query.offset,
            include: Vec::new(),
            hints: query.hints,
        })
    }

    /// The same query with the key at the end of its order, so that no two records are equals: where there is an
    /// order, and where a part of all records is asked for. Nearness stays an order of its own.
    #[must_use]
    pub fn with_total_order(mut self, model: &Model) -> Self {
        let is_part = self.limit.is_some() || self.offset > 0;
        let orders_itself = !self.order.is_empty() || (is_part && self.filter.near().is_none());
        if orders_itself {
            for part in model.key_properties() {
                let is_there = |key: &SortKey| key.property == part.name && key.path.is_empty();
                if !self.order.iter().any(is_there) {
                    self = self.ascending(part.name.as_str());
                }
            }
        }
        self
    }
}

impl From<Filter> for Query {
    fn from(filter: Filter) -> Self {
        Self::filter(filter)
    }
}
