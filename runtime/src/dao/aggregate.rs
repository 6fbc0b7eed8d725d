//! Aggregates: done by the connector where it exports them, otherwise folded here over a stream of records.
//!
//! Groups on either side are bounded by the limit `sort-rows`, records that are read to be filtered here by
//! `scan-rows`. `having` is always done here, and what comes after it then too.

use std::sync::Arc;

use tenon_model::contract::{Done, Page};
use tenon_model::{AggregateError, Aggregation, Aggregator, Entity, Query, ResultShape};

use super::shape::broken;
use super::{Dao, Target, traced, unsupported};
use crate::capability::Capability;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::plan::{Plan, Remainder};
use crate::session::{Aggregate, Open, PageSink, ReadWhole};
use crate::transaction::Shared;

use super::reader::Reader;

impl Dao {
    /// What records amount to: a row for each group, of what is grouped by and of the aggregates.
    /// `docs/aggregates.md` has the whole meaning.
    ///
    /// # Errors
    /// `invalid` where the request doesn't fit the model or a sum meets what is no number, `exhausted` beyond the
    /// limits, and whatever the backend reports.
    pub async fn aggregate(&self, aggregation: Aggregation) -> Result<Vec<Entity>> {
        traced(&self.target, "aggregate", async {
            let aggregation = self.target.prepare_aggregation(aggregation).await?;
            if self.target.source.connector().has(Capability::Aggregates) {
                match self.aggregate_there(&aggregation).await {
                    Err(error) if unsupported(&error) => {}
                    result => return result,
                }
            }
            self.aggregate_here(aggregation).await
        })
        .await
    }

    /// Has the connector do it.
    async fn aggregate_there(&self, aggregation: &Aggregation) -> Result<Vec<Entity>> {
        let limits = self.target.limits().await?;
        let aggregate = Aggregate {
            definition: Arc::clone(&self.target.definition),
            request: aggregation.to_contract(),
            page_rows: limits.page_rows,
            most_rows: limits.sort_rows,
        };
        let pages = self.target.call(aggregate).await?;
        let rows = match self.target.group_rows(aggregation, pages) {
            Ok(rows) => rows,
            Err(error) => return Err(self.target.pool().await?.explain(error)),
        };
        if aggregation.having.is_all() {
            Ok(rows)
        } else {
            aggregation
                .conclude(rows)
                .map_err(|error| refused(error, &limits))
        }
    }

    /// Reads what it needs of the records and folds it.
    async fn aggregate_here(&self, aggregation: Aggregation) -> Result<Vec<Entity>> {
        let limits = self.target.limits().await?;
        let bound = usize::try_from(limits.sort_rows).unwrap_or(usize::MAX);
        let aggregator =
            Aggregator::new(&aggregation, bound).map_err(|error| refused(error, &limits))?;
        let mut fields = aggregation.fields();
        if fields.is_empty() {
            // None would be all of them.
            fields = self.target.key_names();
        }
        let query = Query::filter(aggregation.filter.clone()).fields(fields);
        let plan = Plan::new(&self.target.model, query, Vec::new());
        let folding = Folding {
            target: Arc::clone(&self.target),
            plan: plan.clone(),
            rest: None,
            aggregator,
            limits,
        };
        let folded = match &self.target.transaction {
            Some(transaction) => folding.fold_whole(transaction).await?,
            None => folding.fold_stream(plan).await?,
        };
        let (aggregator, limits) = (folded.aggregator, folded.limits);
        aggregator
            .finish()
            .and_then(|groups| aggregation.conclude(groups))
            .map_err(|error| refused(error, &limits))
    }
}

impl Target {
    /// A connector's groups, as they are asked for or not at all.
    fn group_rows(&self, aggregation: &Aggregation, pages: Vec<Page>) -> Result<Vec<Entity>> {
        let shape = ResultShape::new(aggregation, &self.model);
        let mut rows = Vec::new();
        for page in pages {
            let page = tenon_model::into_entities(page).map_err(|cause| broken(&cause))?;
            for row in page {
                let row = shape.row(row).map_err(|problems| {
                    broken(&format!(
                        "a row of aggregates of {}: {problems}",
                        self.model.name
                    ))
                })?;
                rows.push(row);
            }
        }
        let count = rows.len() as u64;
        let expected = if !aggregation.having.is_all() {
            None
        } else if aggregation.group_by.is_empty() {
            let there = u64::from(aggregation.offset == 0);
            Some(aggregation.limit.map_or(there, |limit| limit.min(there)))
        } else {
            aggregation.limit.map(|limit| limit.min(count))
        };
        match expected {
            Some(expected) if expected != count => Err(broken(&format!(
                "{count} groups of {}, where {expected} were asked for",
                self.model.name
            ))),
            _ => Ok(rows),
        }
    }
}

/// Records being folded as they are read, none of which is kept.
struct Folding {
    target: Arc<Target>,
    plan: Plan,
    rest: Option<Remainder>,
    aggregator: Aggregator,
    limits: Limits,
}

impl Folding {
    /// Within a transaction: in one turn of its session.
    async fn fold_whole(self, transaction: &Shared) -> Result<Self> {
        let open = Open {
            definition: Arc::clone(&self.target.definition),
            query: self.plan.sent.clone(),
            page_rows: self.limits.page_rows,
            explain: false,
        };
        Box::pin(transaction.call(ReadWhole { open, sink: self })).await
    }

    /// Page by page, while others have their turns.
    async fn fold_stream(mut self, plan: Plan) -> Result<Self> {
        let mut reader = Reader::new(Arc::clone(&self.target), plan);
        while let Some(rows) = reader.next().await? {
            self.add(&rows)?;
        }
        Ok(self)
    }

    fn add(&mut self, rows: &[Entity]) -> Result<()> {
        for row in rows {
            self.aggregator
                .add(row)
                .map_err(|error| refused(error, &self.limits))?;
        }
        Ok(())
    }
}

impl PageSink for Folding {
    fn begin(&mut self, done: Done) -> Result<()> {
        self.rest = Some(Remainder::new(&self.plan, done, &self.limits)?);
        Ok(())
    }

    fn take(&mut self, page: Page) -> Result<bool> {
        let Some(rest) = &mut self.rest else {
            return Ok(false);
        };
        let rows = self.target.shape.page(page, &self.plan.sent.fields)?;
        let (kept, more) = rest.pass(rows)?;
        self.add(&kept)?;
        Ok(more)
    }
}

fn refused(error: AggregateError, limits: &Limits) -> Error {
    match error {
        AggregateError::TooMany { .. } => Error::new(
            ErrorKind::Exhausted,
            format!(
                "more than {} groups and distinct values would have to be held in memory, since the connector \
                 doesn't group records itself",
                limits.sort_rows
            ),
        )
        .remedy("ask for fewer with a filter, group by less, or raise the limit `sort-rows`"),
        AggregateError::Invalid(reason) => Error::new(ErrorKind::Invalid, reason),
        AggregateError::Unsupported(reason) => Error::new(
            ErrorKind::Unsupported,
            format!("Tenon can't do this filter on aggregates: {reason}"),
        ),
    }
}
