//! A query read whole in one turn of a session, as it is inside a transaction.
//!
//! What is kept is bounded by the caller; what is looked at, by the remainder's own limits.

use std::sync::Arc;

use tenon_model::Entity;
use tenon_model::contract::{Done, Page};

use super::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::plan::{Plan, Remainder};
use crate::session::{Open, PageSink, ReadWhole};

/// Rows that are being collected.
struct Rows {
    target: Arc<Target>,
    plan: Plan,
    limits: Limits,
    rest: Option<Remainder>,
    rows: Vec<Entity>,
}

impl Target {
    /// Every row of a query, read within the transaction.
    pub(super) async fn read_whole(
        self: &Arc<Self>,
        plan: Plan,
        limits: &Limits,
    ) -> Result<Vec<Entity>> {
        let open = Open {
            definition: Arc::clone(&self.definition),
            query: plan.sent.clone(),
            page_rows: limits.page_rows,
            explain: false,
        };
        let sink = Rows {
            target: Arc::clone(self),
            plan,
            limits: limits.clone(),
            rest: None,
            rows: Vec::new(),
        };
        let read = self.call(ReadWhole { open, sink }).await?;
        Ok(match read.rest {
            Some(mut rest) if rest.sorts() => rest.finish(read.rows),
            _ => read.rows,
        })
    }
}

impl PageSink for Rows {
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
        if rest.sorts() {
            rest.gather(&mut self.rows, kept)?;
        } else {
            self.rows.extend(kept);
        }
        if self.rows.len() as u64 > self.limits.transaction_rows {
            return Err(Error::new(
                ErrorKind::Exhausted,
                format!(
                    "the query has more than {} rows, and inside a transaction it is read whole",
                    self.limits.transaction_rows
                ),
            )
            .remedy(
                "ask for fewer with a filter or a limit, or raise the limit `transaction-rows`",
            ));
        }
        Ok(more)
    }
}
