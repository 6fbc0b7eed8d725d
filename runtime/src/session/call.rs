//! One call into a guest: it returns, it traps, or its time is up.

use std::future::Future;
use std::time::Duration;

use tenon_model::contract::{self, Aftermath, Effect};
use tokio::time::{Instant, timeout_at};

use super::Session;
use crate::context;
use crate::error::{Error, ErrorKind, Result, printable};

/// An operation that takes a session for itself, from its arguments to its result.
///
/// It owns what it needs, so that it can go on to its end when its caller has gone.
pub(crate) trait Call: Send + 'static {
    /// What it returns.
    type Output: Send + 'static;

    /// Does it.
    fn run(self, session: &mut Session) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// A call whose arguments outlast it, so that it can be made again where it came to nothing: on another session, or
/// on the same one when it is connected again.
pub(crate) trait Attempt: Send + 'static {
    /// What it returns.
    type Output: Send + 'static;

    /// Whether it changes anything: then it is made again only where it has changed nothing, for certain.
    const WRITES: bool;

    /// Does it, if it can.
    fn attempt(
        &mut self,
        session: &mut Session,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}

impl<A: Attempt> Call for A {
    type Output = A::Output;

    async fn run(mut self, session: &mut Session) -> Result<Self::Output> {
        self.attempt(session).await
    }
}

/// How a call into a guest ended.
pub(crate) enum Outcome<R> {
    Returned(R),
    Failed(contract::Error),
    Trapped(wasmtime::Error),
    TimedOut,
}

/// Makes a call into a guest under a time limit. A running guest is stopped at the engine's next tick, a
/// waiting one at once; the instance is unusable in both cases.
pub(crate) async fn bounded<R>(
    limit: Duration,
    call: impl Future<Output = wasmtime::Result<std::result::Result<R, contract::Error>>>,
) -> Outcome<R> {
    let deadline = Instant::now() + limit;
    match timeout_at(deadline, context::until(deadline, call)).await {
        Ok(Ok(Ok(value))) => Outcome::Returned(value),
        Ok(Ok(Err(error))) => Outcome::Failed(error),
        Ok(Err(trap)) => Outcome::Trapped(trap),
        Err(_) => Outcome::TimedOut,
    }
}

/// The error of a guest that trapped; `memory` is what it had or may have, in bytes.
pub(super) fn trapped(
    function: &str,
    cause: &wasmtime::Error,
    memory_refused: bool,
    memory: u64,
) -> Error {
    let backtrace = cause
        .downcast_ref::<wasmtime::WasmBacktrace>()
        .map(|frames| printable_lines(&frames.to_string()))
        .unwrap_or_default();
    let reason = printable(&cause.root_cause().to_string());
    tracing::error!(target: "tenon::guest", function, reason, "connector trapped\n{backtrace}");
    let error = if memory_refused {
        Error::new(
            ErrorKind::Exhausted,
            format!(
                "the connector wanted more memory than it may have ({memory} bytes) in `{function}`"
            ),
        )
        .remedy("raise the data source's limit `memory`, or ask for less at once")
    } else {
        Error::new(
            ErrorKind::Crashed,
            format!("the connector crashed in `{function}`: {reason}"),
        )
        .remedy("its back-trace is in the log; a new session takes its place")
    };
    error
        .effect_is(Effect::Unknown)
        .aftermath_is(Aftermath::SessionLost)
}

/// The error of a guest that took longer than it may.
pub(super) fn timed_out(function: &str, limit: Duration) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("`{function}` took longer than {limit:?}, and was stopped"),
    )
    .remedy("raise the data source's limit `call-timeout` if it needs that long")
    .effect_is(Effect::Unknown)
    .aftermath_is(Aftermath::SessionLost)
}

/// A back-trace holds names out of the component: they are untrusted too.
fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}
