//! Aggregates: groups of records, and what they amount to.
//!
//! `docs/aggregates.md` has the whole meaning. An [`Aggregation`] is the request, an [`Aggregator`] does it on
//! records in whatever order they come, in memory that is bounded by its caller; [`ResultShape`] is what its
//! rows look like, for those that a backend has made.

mod aggregator;
mod check;
mod conclude;
mod fold;
mod json;
mod shape;
mod sum;

pub use aggregator::{AggregateError, Aggregator};
pub use shape::ResultShape;
pub use sum::exact_average;

use crate::contract::{Aggregate, AggregateFunction, AggregateRequest, SortKey};
use crate::filter::{Filter, name_and_path};
use crate::problem::Problem;

/// How many properties a request may group by.
pub const MAX_GROUP_PROPERTIES: usize = 64;

/// How many aggregates a request may ask for: each is a state in every group.
pub const MAX_AGGREGATES: usize = 256;

/// Which groups of which records, what of each, and which of the results.
///
/// ```
/// use tenon_model::{Aggregation, Aggregator, Entity, Model, Property, PropertyType};
///
/// let model = Model::new("Hotel")
///     .property(Property::new("state", PropertyType::Text))
///     .property(Property::new("beds", PropertyType::Integer));
/// let request = Aggregation::new()
///     .group_by("state")
///     .count("hotels")
///     .sum("beds", "beds")
///     .descending("beds")
///     .check(&model)?;
///
/// let mut aggregator = Aggregator::new(&request, 1_000)?;
/// for (state, beds) in [("AK", 11), ("CA", 40), ("CA", 20)] {
///     aggregator.add(&Entity::new().with("state", state).with("beds", beds))?;
/// }
/// let rows = request.conclude(aggregator.finish()?)?;
/// assert_eq!(rows[0].to_json().to_string(), r#"{"beds":60,"hotels":2,"state":"CA"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregation {
    /// Which records.
    pub filter: Filter,
    /// The properties whose equal values make a group; of none, all records are one group.
    pub group_by: Vec<String>,
    /// What is wanted of each group.
    pub aggregates: Vec<Aggregate>,
    /// Which groups, by the properties that are grouped by and by the aggregates' names.
    pub having: Filter,
    /// In which order, by the same names; groups that it doesn't tell apart come in the order of their values.
    pub order: Vec<SortKey>,
    /// How many groups at most; none means no limit.
    pub limit: Option<u64>,
    /// How many groups to leave out first.
    pub offset: u64,
}

impl Aggregation {
    /// Nothing of all records, to be filled in.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same request for the records of a filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// The same request, grouped further by a property.
    #[must_use]
    pub fn group_by(mut self, property: impl Into<String>) -> Self {
        self.group_by.push(property.into());
        self
    }

    /// The same request with an aggregate.
    #[must_use]
    pub fn aggregate(mut self, aggregate: Aggregate) -> Self {
        self.aggregates.push(aggregate);
        self
    }

    /// The same request with the number of records.
    #[must_use]
    pub fn count(self, name: impl Into<String>) -> Self {
        self.aggregate(Aggregate {
            name: name.into(),
            function: AggregateFunction::Count,
            property: None,
            path: Vec::new(),
            distinct: false,
        })
    }

    /// The same request with the number of a property's values that aren't null.
    #[must_use]
    pub fn count_of(self, name: impl Into<String>, property: &str) -> Self {
        self.of(name, AggregateFunction::Count, property, false)
    }

    /// The same request with the number of a property's different values; null is none.
    #[must_use]
    pub fn count_distinct(self, name: impl Into<String>, property: &str) -> Self {
        self.of(name, AggregateFunction::Count, property, true)
    }

    /// The same request with the sum of a property.
    #[must_use]
    pub fn sum(self, name: impl Into<String>, property: &str) -> Self {
        self.of(name, AggregateFunction::Sum, property, false)
    }

    /// The same request with the average of a property.
    #[must_use]
    pub fn average(self, name: impl Into<String>, property: &str) -> Self {
        self.of(name, AggregateFunction::Average, property, false)
    }

    /// The same request with the least value of a property.
    #[must_use]
    pub fn minimum(self, name: impl Into<String>, property: &str) -> Self {
        self.of(name, AggregateFunction::Minimum, property, false)
    }

    /// The same request with the greatest value of a property.
    #[must_use]
    pub fn maximum(self, name: impl Into<String>, property: &str) -> Self {
        self.of(name, AggregateFunction::Maximum, property, false)
    }

    /// A property is written as in a filter: `price`, `address.city`. What can't be read so is taken for the name
    /// as it is, which the check against a model then refuses or knows.
    fn of(
        self,
        name: impl Into<String>,
        function: AggregateFunction,
        property: &str,
        distinct: bool,
    ) -> Self {
        let (property, path) =
            name_and_path(property).unwrap_or_else(|_| (property.to_owned(), Vec::new()));
        self.aggregate(Aggregate {
            name: name.into(),
            function,
            property: Some(property),
            path,
            distinct,
        })
    }

    /// The same request for the groups of a filter on its results.
    #[must_use]
    pub fn having(mut self, having: Filter) -> Self {
        self.having = having;
        self
    }

    /// The same request, ordered further by a result, least first.
    #[must_use]
    pub fn ascending(self, name: impl Into<String>) -> Self {
        self.ordered(name.into(), false)
    }

    /// The same request, ordered further by a result, greatest first.
    #[must_use]
    pub fn descending(self, name: impl Into<String>) -> Self {
        self.ordered(name.into(), true)
    }

    fn ordered(mut self, property: String, descending: bool) -> Self {
        self.order.push(SortKey {
            property,
            path: Vec::new(),
            descending,
        });
        self
    }

    /// The same request with at most so many groups.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same request without its first groups.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Every property of a record that it needs beside its filter's, once each; empty where records are only
    /// counted.
    pub fn fields(&self) -> Vec<String> {
        let mut fields: Vec<String> = Vec::new();
        let of_aggregates = self
            .aggregates
            .iter()
            .filter_map(|one| one.property.as_ref());
        for name in self.group_by.iter().chain(of_aggregates) {
            if !fields.contains(name) {
                fields.push(name.clone());
            }
        }
        fields
    }

    /// As a connector gets it, all but `having`, which is never the connector's; after [`Aggregation::check`].
    /// Where there is a `having` the order and the part of the results wanted are left out too, since they
    /// come after it: [`Aggregation::conclude`] does them.
    pub fn to_contract(&self) -> AggregateRequest {
        let filter = self.filter.to_nodes();
        let (group_by, aggregates) = (self.group_by.clone(), self.aggregates.clone());
        if !self.having.is_all() {
            return AggregateRequest {
                filter,
                group_by,
                aggregates,
                ..AggregateRequest::default()
            };
        }
        AggregateRequest {
            filter,
            group_by,
            aggregates,
            order: self.total_order(),
            limit: self.limit,
            offset: self.offset,
        }
    }

    /// The request of the contract's.
    ///
    /// # Errors
    /// Where the filter's nodes are no tree, or too large a one.
    pub fn from_contract(request: AggregateRequest) -> Result<Self, Problem> {
        Ok(Self {
            filter: Filter::from_nodes(&request.filter)?,
            group_by: request.group_by,
            aggregates: request.aggregates,
            having: Filter::all(),
            order: request.order,
            limit: request.limit,
            offset: request.offset,
        })
    }

    /// The order with all that is grouped by at its end, so that no two groups are equals.
    fn total_order(&self) -> Vec<SortKey> {
        let mut order = self.order.clone();
        for name in &self.group_by {
            if !order
                .iter()
                .any(|key| key.property == *name && key.path.is_empty())
            {
                order.push(SortKey {
                    property: name.clone(),
                    path: Vec::new(),
                    descending: false,
                });
            }
        }
        order
    }
}
