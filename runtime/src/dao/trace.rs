//! What an operation leaves in the trace: where, what, how it ended and how long it took. Never data.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::Target;
use crate::data_source::DataSource;
use crate::error::{Error, Result};
use crate::names::DataSourceName;

/// An operation that is going on.
pub(crate) struct Operation {
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

    /// An operation on a data source, and on no model of it.
    pub(crate) fn of_source(source: &DataSourceName, operation: &'static str) -> Self {
        Self {
            span: tracing::info_span!(
                "operation",
                source = source.as_str(),
                operation,
                outcome = Empty,
                microseconds = Empty,
            ),
            started: Instant::now(),
        }
    }

    /// Runs it, and takes note of how it ended.
    pub(crate) async fn run<R>(self, work: impl Future<Output = Result<R>>) -> Result<R> {
        let result = work.instrument(self.span()).await;
        self.ended(result.as_ref().err());
        result
    }

    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn ended(self, error: Option<&Error>) {
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

/// What an operation does.
type Work<'a, R> = Pin<Box<dyn Future<Output = Result<R>> + Send + 'a>>;

/// Runs an operation in a span of its own.
pub(super) fn traced<'a, R: 'a>(
    target: &Target,
    operation: &'static str,
    work: impl Future<Output = Result<R>> + Send + 'a,
) -> impl Future<Output = Result<R>> + Send {
    let work: Work<'a, R> = Box::pin(work);
    Operation::start(target, operation).run(work)
}

/// The same for an operation on a model, or read model, of that name.
///
/// The operation's own type ends here: it holds all that the operation might do, deeper than the compiler likes to
/// look where somebody spawns it.
pub(crate) fn traced_on<'a, R: 'a>(
    source: &DataSource,
    model: &str,
    operation: &'static str,
    work: impl Future<Output = Result<R>> + Send + 'a,
) -> impl Future<Output = Result<R>> + Send {
    let work: Work<'a, R> = Box::pin(work);
    Operation::start_on(source, model, operation).run(work)
}
