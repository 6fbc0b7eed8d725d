//! The capability `aggregates`: groups of records, and what they amount to.

use tenon_model::contract::AggregateRequest;
use tenon_model::{AggregateError, Aggregation, Aggregator, Entity};

use crate::{Crud, Error, Evaluation, Result, Rows};

/// About the bytes that [`aggregate`] keeps for its groups, at most. An allocation that fails ends the instance.
const GROUP_BYTES: usize = 16 << 20;

/// Groups of records.
pub trait Aggregates: Crud {
    /// A row for each group, of the `group_by` properties and the aggregates. The request is done whole, in one
    /// view of the records, or not at all; the runtime then reads the records and does it.
    /// [`aggregate`](crate::aggregate()) does all of it on an iterator.
    ///
    /// # Errors
    /// `unsupported` where any part of it can't be done exactly as `wit/data.wit` says; `invalid` where a sum or an
    /// average meets something that is no number.
    fn aggregate(&mut self, model: &str, request: AggregateRequest) -> Result<Rows>;
}

/// A request being done on a connector's own records, in memory.
pub struct Grouping {
    aggregation: Aggregation,
    aggregator: Aggregator,
    filter: Evaluation,
    most_bytes: usize,
}

impl Grouping {
    /// No records yet. What is kept for the groups takes about `most_bytes` at most.
    ///
    /// # Errors
    /// `unsupported` where a part of the filter can't be done here, `invalid` where the request is not well formed.
    pub fn new(request: AggregateRequest, most_bytes: usize) -> Result<Self> {
        let filter = Evaluation::whole_filter(request.filter.clone())?;
        let aggregation = Aggregation::from_contract(request)?;
        Ok(Self {
            aggregator: Aggregator::new(&aggregation, usize::MAX).map_err(refused)?,
            aggregation,
            filter,
            most_bytes,
        })
    }

    /// Which records it is about, for a [`Plan`](crate::plan::Plan).
    pub fn filter(&self) -> &Evaluation {
        &self.filter
    }

    /// Takes in a record, if its filter matches it.
    ///
    /// # Errors
    /// `unsupported` where the groups take more memory than they may: the runtime then does it outside.
    /// `invalid` where a sum or an average meets something that is no number.
    pub fn add(&mut self, record: &Entity) -> Result<()> {
        if !self.filter.matches(record) {
            return Ok(());
        }
        self.aggregator.add(record).map_err(refused)?;
        if self.aggregator.size() > self.most_bytes {
            return Err(Error::unsupported(
                "there are more groups and distinct values than fit into memory here",
            ));
        }
        Ok(())
    }

    /// The groups that are asked for, in their order.
    ///
    /// # Errors
    /// `invalid` where a sum is beyond what a float holds.
    pub fn finish(self) -> Result<Rows> {
        let groups = self.aggregator.finish().map_err(refused)?;
        let rows = self.aggregation.conclude(groups).map_err(refused)?;
        Ok(Rows::from_iter(rows))
    }
}

/// Answers a request with the records of an iterator, looking at each once.
///
/// # Errors
/// `unsupported` where a part of the filter can't be done here, or the groups take too much memory; `invalid` where a
/// sum or an average meets something that is no number.
pub fn aggregate(
    request: AggregateRequest,
    records: impl IntoIterator<Item = Entity>,
) -> Result<Rows> {
    let mut grouping = Grouping::new(request, GROUP_BYTES)?;
    for record in records {
        grouping.add(&record)?;
    }
    grouping.finish()
}

fn refused(error: AggregateError) -> Error {
    match error {
        AggregateError::Invalid(reason) => Error::invalid(reason),
        AggregateError::Unsupported(_) | AggregateError::TooMany { .. } => {
            Error::unsupported(error.to_string())
        }
    }
}
