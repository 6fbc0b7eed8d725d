//! The capability `aggregates`: groups of records, and what they amount to.

use tenon_model::SortKey;
use tenon_model::contract::Filter;

use crate::{Crud, Result, Rows};

/// What values amount to. Null and absent values never count; of none that do, [`Count`](Self::Count) is 0 and the
/// others are null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// How many values there are; without a property, how many records.
    Count,
    /// Of numbers alone. Exact of whole numbers and decimals; with floats among them a float.
    Sum,
    /// Of numbers alone. With decimals and no floats among them a decimal, rounded half to even to 16 digits behind
    /// the point or as many as the longest of them has; otherwise a float.
    Average,
    /// The least by the contract's order of values.
    Minimum,
    /// The greatest.
    Maximum,
}

/// One figure of each group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Its property in the rows.
    pub name: String,
    /// What is made of the values.
    pub function: Function,
    /// Of which property; none for [`Function::Count`] alone.
    pub property: Option<String>,
    /// Steps into a JSON property; of several values that they lead to, the least is meant.
    pub path: Vec<String>,
    /// Equal values count once.
    pub distinct: bool,
}

/// Which records, in which groups, and what is wanted of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AggregateRequest {
    /// Which records.
    pub filter: Filter,
    /// A group has equal values in these properties; null and absent are one value. Of no properties there is
    /// exactly one group, also where no record matches.
    pub group_by: Vec<String>,
    /// The figures; of none, the rows are the groups alone.
    pub aggregates: Vec<Aggregate>,
    /// The order of the groups: properties of `group_by`, or aggregates' names.
    pub order: Vec<SortKey>,
    /// How many groups at most.
    pub limit: Option<u64>,
    /// How many groups to leave out first.
    pub offset: u64,
}

/// Groups of records.
pub trait Aggregates: Crud {
    /// A row for each group, of the `group_by` properties and the aggregates. The request is done whole, in one
    /// view of the records, or not at all; the runtime then reads the records and does it.
    ///
    /// # Errors
    /// `unsupported` where any part of it can't be done exactly as `wit/data.wit` says; `invalid` where a sum or an
    /// average meets something that is no number.
    fn aggregate(&mut self, model: &str, request: AggregateRequest) -> Result<Rows>;
}
