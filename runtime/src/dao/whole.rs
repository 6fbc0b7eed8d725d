//! A query read whole in one turn of a session, as it is inside a transaction and from a read model.
//!
//! What is kept is bounded by the caller; what is looked at, by the remainder's own limits.

use std::sync::Arc;

use tenon_model::Entity;
use tenon_model::contract::{Done, Page};

use super::{Shape, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::plan::{Plan, Remainder};
use crate::session::{Open, PageSink, ReadWhole};
use crate::transaction::Shared;

/// Rows that are being collected, held against the shape that they must have.
pub(crate) struct Collector {
    shape: Shape,
    plan: Plan,
    limits: Limits,
    /// Why they are, for the error that there are too many.
    reason: &'static str,
    rest: Option<Remainder>,
    rows: Vec<Entity>,
}

impl Collector {
    /// Nothing yet, of a planned query.
    pub(crate) fn new(shape: Shape, plan: Plan, limits: Limits, reason: &'static str) -> Self {
        Self {
            shape,
            plan,
            limits,
            reason,
            rest: None,
            rows: Vec::new(),
        }
    }

    /// The query's rows, once all are there.
    pub(crate) fn finish(self) -> Vec<Entity> {
        match self.rest {
            Some(mut rest) if rest.sorts() => rest.finish(self.rows),
            _ => self.rows,
        }
    }
}

impl Target {
    /// Every row of a query, read within the transaction.
    pub(super) async fn read_whole(
        self: &Arc<Self>,
        plan: Plan,
        transaction: &Shared,
    ) -> Result<Vec<Entity>> {
        let limits = transaction.limits();
        let open = Open {
            definition: Arc::clone(&self.definition),
            query: plan.sent.clone(),
            page_rows: limits.page_rows,
            explain: false,
        };
        let reason = "inside a transaction it is read whole";
        let sink = Collector::new(self.shape.clone(), plan, limits.clone(), reason);
        Ok(transaction.call(ReadWhole { open, sink }).await?.finish())
    }
}

impl PageSink for Collector {
    fn begin(&mut self, done: Done) -> Result<()> {
        self.rest = Some(Remainder::new(&self.plan, done, &self.limits)?);
        Ok(())
    }

    fn take(&mut self, page: Page) -> Result<bool> {
        let Some(rest) = &mut self.rest else {
            return Ok(false);
        };
        let rows = self.shape.page(page, &self.plan.sent.fields)?;
        let (kept, more) = rest.pass(rows)?;
        if rest.sorts() {
            rest.gather(&mut self.rows, kept)?;
        } else {
            self.rows.extend(kept);
        }
        if self.rows.len() as u64 > self.limits.transaction_rows {
            return Err(Error::new(
                ErrorKind::Exhausted,
                format!(
                    "the query has more than {} rows, and {}",
                    self.limits.transaction_rows, self.reason
                ),
            )
            .remedy(
                "ask for fewer with a filter or a limit, or raise the limit `transaction-rows`",
            ));
        }
        Ok(more)
    }
}
