//! What the interface `aggregates` asks for. Bindings have types of their own for an interface that is exported,
//! and both sides convert them: a request is small.

use super::{Filter, SortKey};

contract_enum! {
    /// What becomes of a group's values. `docs/aggregates.md` has the whole meaning of each.
    pub enum AggregateFunction {
        /// How many records, or how many values that aren't null.
        Count = "count",
        /// The values added up.
        Sum = "sum",
        /// Their sum by their number.
        Average = "average",
        /// The least of them.
        Minimum = "minimum",
        /// The greatest of them.
        Maximum = "maximum",
    }
}

/// One result of each group.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The result's name, unique among those and the properties that are grouped by.
    pub name: String,
    /// What becomes of the values.
    pub function: AggregateFunction,
    /// The property; none where records are counted.
    pub property: Option<String>,
    /// As in [`Condition`](super::Condition); each value that it leads to counts.
    pub path: Vec<String>,
    /// Equal values count once.
    pub distinct: bool,
}

/// Which groups of which records, and what of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AggregateRequest {
    /// Which records.
    pub filter: Filter,
    /// The properties whose equal values make a group; of none, all records are one group.
    pub group_by: Vec<String>,
    /// What is wanted of each group.
    pub aggregates: Vec<Aggregate>,
    /// In which order, by properties that are grouped by and by aggregates' names.
    pub order: Vec<SortKey>,
    /// How many groups at most.
    pub limit: Option<u64>,
    /// How many groups to leave out first.
    pub offset: u64,
}
