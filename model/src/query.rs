//! Queries: a filter with an order, a part, and the properties wanted.

use crate::contract::{self, SortKey};
use crate::filter::{Filter, Resolver};
use crate::model::Model;
use crate::problem::{Problem, Problems};

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

    /// The same query in the model's terms: names resolved, operands coerced, fields listed once each.
    ///
    /// # Errors
    /// Every mistake in it, as [`Filter::check`] finds them for the filter.
    pub fn check(self, model: &Model) -> Result<Self, Problems> {
        let resolver = Resolver { model };
        let mut problems = Problems::new();
        let filter = self.filter.check(model).unwrap_or_else(|found| {
            problems.extend(found);
            Filter::all()
        });
        let mut order = Vec::with_capacity(self.order.len());
        for (index, key) in self.order.into_iter().enumerate() {
            match resolver.resolve(key.property, key.path) {
                Ok(resolved) => order.push(SortKey {
                    property: resolved.property,
                    path: resolved.path,
                    descending: key.descending,
                }),
                Err(reason) => problems.push(format!("order[{index}]"), reason),
            }
        }
        let fields = checked_fields(self.fields, self.without, &resolver, &mut problems);
        problems.none_or(Self {
            filter,
            order,
            fields,
            without: Vec::new(),
            limit: self.limit,
            offset: self.offset,
            include: self.include,
            hints: self.hints,
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

/// The fields wanted, where all of them exist.
fn checked_fields(
    fields: Vec<String>,
    without: Vec<String>,
    resolver: &Resolver<'_>,
    problems: &mut Problems,
) -> Vec<String> {
    let model = resolver.model;
    for name in fields.iter().chain(&without) {
        if model.strict && model.find_property(name).is_none() {
            problems.push(format!("fields.{name}"), resolver.unknown(name, &[]));
        }
    }
    let mut wanted: Vec<String> = Vec::with_capacity(fields.len());
    if !fields.is_empty() || without.is_empty() {
        for name in fields {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        return wanted;
    }
    if !model.strict {
        let message = format!(
            "model `{}` may have properties that it doesn't declare; list the ones you want instead",
            model.name
        );
        problems.push("fields", message);
    }
    let declared = model.properties.iter().map(|property| &property.name);
    wanted.extend(declared.filter(|name| !without.contains(name)).cloned());
    if wanted.is_empty() {
        problems.push("fields", "every property is left out; leave one");
    }
    wanted
}

impl From<Filter> for Query {
    fn from(filter: Filter) -> Self {
        Self::filter(filter)
    }
}
