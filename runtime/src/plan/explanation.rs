//! Who does what of a query, for a person who asks why it is slow.

use tenon_model::Query;

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
    /// The query as it is run: checked, with the order that makes pages repeatable.
    pub query: Query,
    /// Choosing the records.
    pub filter: Place,
    /// Ordering them.
    pub order: Place,
    /// Limit and offset.
    pub paging: Place,
    /// Leaving out properties that were not asked for.
    pub fields: Place,
}
