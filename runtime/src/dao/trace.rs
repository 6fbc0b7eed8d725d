//! What an operation leaves in the trace: where, what, how it ended and how long it took. Never data.

use std::future::Future;
use std::time::Instant;

use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::Target;
use crate::data_source::DataSource;
use crate::error::{Error, Result};

/// An operation that is going on.
pub(super) struct Operation {
    span: Span,
    started: Instant,
}

impl Operation {
    pub(super) fn start(target: &Target, operation: &'static str) -> Self {
        Self::start_on(&target.source, &target.model.name, operation)
    }

    fn start_on(source: &DataSource, model: &str, operation: &'static str) -> Self {
        Self {
            span: tracing::info_span!(
                "operation",
                source = source.name.as_str(),
                model,
                operation,
                outcome = Empty,
                microseconds = Empty,
            ),
            started: Instant::now(),
        }
    }

    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(super) fn ended(self, error: Option<&Error>) {
        let outcome = error.map_or("ok", |error| error.kind().name());
        let microseconds = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.span.record("outcome", outcome);
        self.span.record("microseconds", microseconds);
        self.span.in_scope(|| match error {
            Some(_) => tracing::debug!("operation failed"),
            None => tracing::debug!("operation done"),
        });
    }
}

/// Runs an operation in a span of its own.
pub(super) fn traced<R>(
    target: &Target,
    operation: &'static str,
    work: impl Future<Output = Result<R>>,
) -> impl Future<Output = Result<R>> {
    traced_on(&target.source, &target.model.name, operation, work)
}

/// The same for an operation on a model, or read model, of that name.
pub(crate) async fn traced_on<R>(
    source: &DataSource,
    model: &str,
    operation: &'static str,
    work: impl Future<Output = Result<R>>,
) -> Result<R> {
    let trace = Operation::start_on(source, model, operation);
    let result = work.instrument(trace.span()).await;
    trace.ended(result.as_ref().err());
    result
}
