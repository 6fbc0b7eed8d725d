//! The call of `aggregates`: a request in, all of its rows out, in one turn of the session.
//!
//! Its rows are bounded in number, and the pages without any too, so that a connector that never comes to an end
//! doesn't keep the session.

use std::sync::Arc;

use tenon_model::contract::{
    Aggregate as ContractAggregate, AggregateFunction, AggregateRequest, Page,
};
use wasmtime::component::ResourceAny;

use super::call::bounded;
use super::crud::count_rows;
use super::{Call, Definition, Session};
use crate::bindings::exports::tenon::connector::aggregates as wit;
use crate::error::{Error, ErrorKind, Result};

/// Pages without rows that a connector may hand out while it works: at the tenth of a second that the SDK takes for
/// one, more than a quarter of an hour.
const EMPTY_PAGES: usize = 10_000;

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

impl Call for Aggregate {
    type Output = Vec<Page>;

    async fn run(self, session: &mut Session) -> Result<Vec<Page>> {
        session.define(&self.definition).await?;
        let Some(aggregates) = &session.interfaces.aggregates else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "this connector groups no records: it does not export `aggregates`",
            ));
        };
        let model = &self.definition.model.name;
        let request = wit::Request::from(self.request);
        let call = aggregates.call_aggregate(&mut session.store, model, &request);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let groups = session.settle("aggregate", outcome)?;
        let pages = session
            .read_groups(groups, self.page_rows, self.most_rows)
            .await;
        // What was read is good, whatever becomes of closing it; a session that can't is lost.
        if !session.lost
            && let Err(error) = session.close_groups(groups).await
        {
            tracing::debug!(kind = %error.kind(), "closing an aggregate's groups");
        }
        pages
    }
}

impl Session {
    async fn read_groups(
        &mut self,
        groups: ResourceAny,
        page_rows: u32,
        most_rows: u64,
    ) -> Result<Vec<Page>> {
        let mut pages = Vec::new();
        let mut rows = 0;
        let mut empty = 0;
        while let Some(page) = self.next_groups(groups, page_rows).await? {
            match count_rows(&page) {
                0 => empty += 1,
                count if count > page_rows => {
                    return Err(Error::new(
                        ErrorKind::Backend,
                        format!(
                            "the connector handed out {count} groups where it may hand out {page_rows}"
                        ),
                    )
                    .remedy("report this to the connector's author"));
                }
                count => {
                    rows += u64::from(count);
                    pages.push(page);
                }
            }
            if rows > most_rows {
                return Err(Error::new(
                    ErrorKind::Exhausted,
                    format!("there are more than {most_rows} groups"),
                )
                .remedy("ask for fewer with a filter or a limit, group by less, or raise the limit `sort-rows`"));
            }
            if empty > EMPTY_PAGES {
                return Err(Error::new(
                    ErrorKind::Timeout,
                    format!("the connector handed out {EMPTY_PAGES} pages without a group, and was stopped"),
                )
                .remedy("ask for fewer records with a filter"));
            }
        }
        Ok(pages)
    }

    async fn next_groups(&mut self, groups: ResourceAny, max: u32) -> Result<Option<Page>> {
        let Some(aggregates) = &self.interfaces.aggregates else {
            return Ok(None);
        };
        let resource = aggregates.groups();
        let call = resource.call_next(&mut self.store, groups, max);
        self.lost = true;
        let outcome = bounded(self.call_timeout, call).await;
        self.settle("groups.next", outcome)
    }

    async fn close_groups(&mut self, groups: ResourceAny) -> Result<()> {
        let Some(aggregates) = &self.interfaces.aggregates else {
            return Ok(());
        };
        let resource = aggregates.groups();
        let call = resource.call_close(&mut self.store, groups);
        self.lost = true;
        let outcome = bounded(self.call_timeout, call).await;
        let closed = self.settle("groups.close", outcome);
        if !self.lost {
            let dropping = groups.resource_drop_async(&mut self.store);
            self.lost = true;
            let dropped = bounded(self.call_timeout, async { dropping.await.map(Ok) }).await;
            self.settle("groups.drop", dropped)?;
        }
        closed
    }
}
