//! The capability `aggregates`: `GROUP BY`, where what comes of it is exact.
//!
//! Some results are put together here: an average is an exact sum by a count, a sum that the backend would let overflow is
//! two halves. An order that only such a result has is made here too, of groups that are few enough.

mod make;
mod plan;

use tenon_model::contract::AggregateRequest;
use tenon_sdk::{Aggregates, Result, Rows};

use crate::{Driver, Sql};
use make::{Made, Maker, sorted};
use plan::Planner;

impl<D: Driver> Aggregates for Sql<D> {
    fn aggregate(&mut self, model: &str, request: AggregateRequest) -> Result<Rows> {
        let table = self.table(model)?;
        let plan = Planner::new(&table, self.driver.dialect()).plan(&request)?;
        let rows = self.driver.query(&plan.statement, plan.columns)?;
        let maker = Maker {
            results: plan.results,
        };
        match &plan.rest {
            Some(rest) => sorted(rows, &maker, rest),
            None => Ok(Rows::from_source(Made { rows, maker })),
        }
    }
}
