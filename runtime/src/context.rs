//! The context of a call: its time limit, and what the application says of it, for connectors that ask.
//!
//! An application's context holds wherever its future is polled, and a call that moves to another thread or
//! outlives its caller takes it along. Nobody pays for what isn't used: without a context nothing is allocated.

use std::future::Future;
use std::sync::Arc;

use tokio::time::Instant;

use crate::bindings::tenon::connector::context as wit;
use crate::error::without_controls;
use crate::session::SessionState;

/// The longest trace id or caller, in bytes: connectors pass them on in headers and comments.
const MAX_LENGTH: usize = 256;

tokio::task_local! {
    /// What the application says of its calls.
    static GIVEN: CallContext;
    /// When the call that is under way will be ended.
    static DEADLINE: Instant;
}

/// What an application says of its calls; connectors that import `context` can read it.
///
/// Control characters become spaces, and what is over 256 bytes is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallContext {
    trace_id: Option<Arc<str>>,
    caller: Option<Arc<str>>,
}

impl CallContext {
    /// Says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names what the application is doing: a W3C trace id, a request's number.
    #[must_use]
    pub fn with_trace_id(mut self, trace_id: &str) -> Self {
        self.trace_id = Some(bounded(trace_id));
        self
    }

    /// Names who asks. Connectors get it as it is: an application says only what it has made sure of.
    #[must_use]
    pub fn with_caller(mut self, caller: &str) -> Self {
        self.caller = Some(bounded(caller));
        self
    }

    /// What the application is doing.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Who asks.
    pub fn caller(&self) -> Option<&str> {
        self.caller.as_deref()
    }
}

/// Does some work whose calls have this context, until another is given inside of it. A stream's pages have
/// the context of whoever reads them.
pub fn in_context<F: Future>(context: CallContext, work: F) -> impl Future<Output = F::Output> {
    GIVEN.scope(context, work)
}

/// The context that the application has given here, if any.
pub(crate) fn given() -> Option<CallContext> {
    GIVEN.try_with(CallContext::clone).ok()
}

/// Has a call know when it will be ended.
pub(crate) fn until<F: Future>(deadline: Instant, call: F) -> impl Future<Output = F::Output> {
    DEADLINE.scope(deadline, call)
}

fn bounded(text: &str) -> Arc<str> {
    let end = text.floor_char_boundary(MAX_LENGTH);
    without_controls(text.get(..end).unwrap_or_default()).into()
}

impl wit::Host for SessionState {
    fn current(&mut self) -> wit::Call {
        let deadline = DEADLINE.try_with(|deadline| deadline.duration_since(Instant::now()));
        let given = given().unwrap_or_default();
        let text = |text: Option<Arc<str>>| text.map(|text| text.as_ref().to_owned());
        wit::Call {
            deadline: deadline
                .ok()
                .map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
            trace_id: text(given.trace_id),
            caller: text(given.caller),
        }
    }
}
