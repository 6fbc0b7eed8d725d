//! Who does what of a query, for a person who asks why it is slow.

use tenon_model::Query;

use crate::names::DataSourceName;

/// Where a part of a query is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// By the connector, in the backend's own way.
    Connector,
    /// By the runtime, on the connector's rows.
    Runtime,
    /// Nowhere: the query doesn't ask for it.
    Nowhere,
}

impl Place {
    /// Its name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connector => "connector",
            Self::Runtime => "runtime",
            Self::Nowhere => "not asked for",
        }
    }
}

/// Who does what of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The query as it is run: checked, with conditions on keys for those on related records, and with the order
    /// that makes pages repeatable.
    pub query: Query,
    /// Whether something of the query is left out here, because it is about hidden properties.
    pub withheld: bool,
    /// Choosing the records.
    pub filter: Place,
    /// Ordering them.
    pub order: Place,
    /// Limit and offset.
    pub paging: Place,
    /// Leaving out properties that were not asked for.
    pub fields: Place,
    /// What was read of related models, in this order, to make conditions on keys of those on their records.
    pub related: Vec<RelatedRead>,
}

/// A read of a related model that a filter asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedRead {
    /// The relation.
    pub relation: String,
    /// The model that was read: the one that the relation leads to, or the one in between.
    pub model: String,
    /// The data source that it is on.
    pub source: DataSourceName,
    /// What was asked of it.
    pub query: Query,
    /// Whether something of that is left out here, because it is about hidden properties.
    pub withheld: bool,
    /// How many distinct keys there were.
    pub keys: u64,
}
