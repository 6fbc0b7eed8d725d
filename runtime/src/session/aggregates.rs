//! The call of `aggregates`: a request in, all of its rows out, in one turn of the session.
//!
//! Its rows are bounded in number, and the pages without any too, so that a connector that never comes to an end
//! doesn't keep the session.

use std::sync::Arc;

use tenon_model::contract::{
    Aggregate as ContractAggregate, AggregateFunction, AggregateRequest, Page,
};

use super::call::bounded;
use super::cursor::{Cursor, EmptyPages, OpenResult, count_rows};
use super::{Attempt, Definition, Session};
use crate::bindings::exports::tenon::connector::aggregates as wit;
use crate::error::{Error, ErrorKind, Result};

impl From<ContractAggregate> for wit::Aggregation {
    fn from(aggregate: ContractAggregate) -> Self {
        Self {
            name: aggregate.name,
            function: match aggregate.function {
                AggregateFunction::Count => wit::Function::Count,
                AggregateFunction::Sum => wit::Function::Sum,
                AggregateFunction::Average => wit::Function::Average,
                AggregateFunction::Minimum => wit::Function::Minimum,
                AggregateFunction::Maximum => wit::Function::Maximum,
            },
            property: aggregate.property,
            path: aggregate.path,
            distinct: aggregate.distinct,
        }
    }
}

impl From<AggregateRequest> for wit::Request {
    fn from(request: AggregateRequest) -> Self {
        Self {
            filter: request.filter,
            group_by: request.group_by,
            aggregates: request.aggregates.into_iter().map(Into::into).collect(),
            order: request.order,
            limit: request.limit,
            offset: request.offset,
        }
    }
}

/// Groups records, and reads every group.
pub(crate) struct Aggregate {
    pub definition: Arc<Definition>,
    pub request: AggregateRequest,
    /// The most rows of a page.
    pub page_rows: u32,
    /// The most rows of all pages.
    pub most_rows: u64,
}

impl Attempt for Aggregate {
    type Output = Vec<Page>;

    const WRITES: bool = false;

    async fn attempt(&mut self, session: &mut Session) -> Result<Vec<Page>> {
        let (page_rows, most_rows) = (self.page_rows, self.most_rows);
        let mut groups = self.begin(session).await?;
        let pages = read(&mut groups, session, page_rows, most_rows).await;
        // What was read is good, whatever becomes of closing it; a session that can't is lost.
        if let Err(error) = groups.close(session).await {
            tracing::debug!(kind = %error.kind(), "closing an aggregate's groups");
        }
        pages
    }
}

impl Aggregate {
    async fn begin(&self, session: &mut Session) -> Result<Cursor> {
        session.define(&self.definition).await?;
        let Some(aggregates) = &session.interfaces.aggregates else {
            return Err(no_aggregates());
        };
        let model = &self.definition.model.name;
        let request = wit::Request::from(self.request.clone());
        let call = aggregates.call_aggregate(&mut session.store, model, &request);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let groups = session.settle("aggregate", outcome)?;
        Ok(Cursor::new(OpenResult::Groups(groups), session))
    }
}

/// Every page with rows, to the end.
async fn read(
    groups: &mut Cursor,
    session: &mut Session,
    page_rows: u32,
    most_rows: u64,
) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    let mut rows = 0;
    let mut empty = EmptyPages::default();
    while let Some(page) = groups.next(session, page_rows).await? {
        empty.pass(&page)?;
        let count = count_rows(&page);
        if count > 0 {
            rows += u64::from(count);
            pages.push(page);
        }
        if rows > most_rows {
            return Err(Error::new(
                ErrorKind::Exhausted,
                format!("there are more than {most_rows} groups"),
            )
            .remedy("ask for fewer with a filter or a limit, group by less, or raise the limit `sort-rows`"));
        }
    }
    Ok(pages)
}

pub(super) fn no_aggregates() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this connector groups no records: it does not export `aggregates`",
    )
}
