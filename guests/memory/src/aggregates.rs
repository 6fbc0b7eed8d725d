//! Groups, folded where the records are.

use std::ops::ControlFlow;

use tenon_sdk::plan::Plan;
use tenon_sdk::{AggregateRequest, Aggregates, Grouping, Result, Rows};

use crate::{Memory, search};

/// About the bytes that groups may take: with their rows and a page of them, no more than is held back for queries.
const GROUP_BYTES: usize = 1 << 20;

impl Aggregates for Memory {
    fn aggregate(&mut self, model: &str, request: AggregateRequest) -> Result<Rows> {
        let records = self.records(model)?;
        records.borrow_mut().room.give();
        let records = records.borrow();
        let mut grouping = Grouping::new(request, GROUP_BYTES)?;
        let plan = Plan::new(&records.layout, grouping.filter().query());
        let mut failed = None;
        // Why it broke off, if it did, is in `failed`.
        let _ = search::visit(&records, &plan, |_, record| match grouping.add(record) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        });
        match failed {
            Some(error) => Err(error),
            None => grouping.finish(),
        }
    }
}
