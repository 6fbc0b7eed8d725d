//! A query's rows, from its preparation to the relations that it includes.

use std::sync::Arc;

use tenon_model::{Entity, Query};

use super::Target;
use super::reader::Reader;
use super::relations::{Including, Restriction, bounded};
use crate::error::Result;

/// A query that is to be read, or is being read.
pub(super) struct Rows {
    target: Arc<Target>,
    state: State,
}

enum State {
    Asked(Box<Query>, Option<Arc<Restriction>>),
    Plain(Box<Reader>),
    Including(Box<Including>),
    Finished,
}

impl Rows {
    /// The rows of a query in the caller's words.
    pub(super) fn new(target: Arc<Target>, query: Query) -> Self {
        Self {
            target,
            state: State::Asked(Box::new(query), None),
        }
    }

    /// Those of them that a relation leads to.
    pub(super) fn restricted(
        target: Arc<Target>,
        query: Query,
        restriction: Arc<Restriction>,
    ) -> Self {
        Self {
            target,
            state: State::Asked(Box::new(query), Some(restriction)),
        }
    }

    /// The next rows; none at the end. Rows may be none, and more may follow.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Entity>>> {
        if let State::Asked(..) = &self.state
            && let State::Asked(query, restriction) =
                std::mem::replace(&mut self.state, State::Finished)
        {
            self.state = self.begin(*query, restriction.as_deref()).await?;
        }
        match &mut self.state {
            State::Plain(reader) => reader.next().await,
            State::Including(including) => Box::pin(including.next()).await,
            State::Asked(..) | State::Finished => Ok(None),
        }
    }

    async fn begin(&self, query: Query, restriction: Option<&Restriction>) -> Result<State> {
        let mut query = Box::pin(self.target.prepare(query)).await?;
        if let Some(restriction) = restriction {
            query.filter = bounded(Box::pin(restriction.filter()).await?.and(query.filter))?;
        }
        if query.include.is_empty() {
            let plan = self.target.plan(query);
            let reader = Reader::new(Arc::clone(&self.target), plan);
            return Ok(State::Plain(Box::new(reader)));
        }
        let including = Including::new(Arc::clone(&self.target), query)?;
        Ok(State::Including(Box::new(including)))
    }
}
