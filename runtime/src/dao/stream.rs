//! A query's records as a stream.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tenon_model::Entity;
use tracing::Span;

use super::rows::Rows;
use super::trace;
use crate::error::{Error, Result};

/// The records of a query, read page by page as they are asked for. Nothing happens before the first is.
///
/// Dropping it closes the query. It ends after the first error.
pub struct EntityStream {
    buffer: VecDeque<Entity>,
    state: State,
    span: Span,
    trace: Option<trace::Operation>,
}

type NextPage = Pin<Box<dyn Future<Output = (Rows, Result<Option<Vec<Entity>>>)> + Send>>;

enum State {
    Failed(Error),
    Ready(Box<Rows>),
    Reading(NextPage),
    Ended,
}

impl EntityStream {
    pub(super) fn new(rows: Rows, trace: trace::Operation) -> Self {
        Self {
            buffer: VecDeque::new(),
            state: State::Ready(Box::new(rows)),
            span: trace.span(),
            trace: Some(trace),
        }
    }

    /// The next record; none at the end.
    pub async fn next(&mut self) -> Option<Result<Entity>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All the records that are left.
    ///
    /// # Errors
    /// The first that the query meets.
    pub async fn collect(mut self) -> Result<Vec<Entity>> {
        let mut records = Vec::new();
        while let Some(record) = self.next().await {
            records.push(record?);
            records.extend(self.buffer.drain(..));
        }
        Ok(records)
    }

    fn end(&mut self, error: Option<&Error>) {
        self.state = State::Ended;
        if let Some(trace) = self.trace.take() {
            trace.ended(error);
        }
    }
}

impl Stream for EntityStream {
    type Item = Result<Entity>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Entity>>> {
        loop {
            if let Some(record) = self.buffer.pop_front() {
                return Poll::Ready(Some(Ok(record)));
            }
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Failed(error) => {
                    self.end(Some(&error));
                    return Poll::Ready(Some(Err(error)));
                }
                State::Ready(mut rows) => {
                    self.state = State::Reading(Box::pin(async move {
                        let page = rows.next().await;
                        (*rows, page)
                    }));
                }
                State::Reading(mut page) => {
                    let polled = self.span.in_scope(|| page.as_mut().poll(context));
                    match polled {
                        Poll::Pending => {
                            self.state = State::Reading(page);
                            return Poll::Pending;
                        }
                        Poll::Ready((rows, Ok(Some(records)))) => {
                            self.buffer = records.into();
                            self.state = State::Ready(Box::new(rows));
                        }
                        Poll::Ready((_, Ok(None))) => self.end(None),
                        Poll::Ready((_, Err(error))) => self.state = State::Failed(error),
                    }
                }
            }
        }
    }
}
