//! The call that is being served: how long it has, and for whom it is.
//!
//! A connector that never asks doesn't import the interface. Natively there is no runtime to answer, so a test
//! says with [`set`] what the answer is.

use std::time::Duration;

/// What is known of the call that is being served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallContext {
    /// How long until the runtime ends the call, and the instance with it.
    pub deadline: Option<Duration>,
    /// The application's name for what it is doing; up to 256 bytes without control characters.
    pub trace_id: Option<String>,
    /// The application's name for who asks; nobody has checked it. As short.
    pub caller: Option<String>,
}

/// What is known of the call that asks. Another call has another answer, the next page of a cursor too.
#[cfg(target_family = "wasm")]
pub fn current() -> CallContext {
    let call = crate::wasm::bindings::context::tenon::connector::context::current();
    CallContext {
        deadline: call.deadline.map(Duration::from_millis),
        trace_id: call.trace_id,
        caller: call.caller,
    }
}

#[cfg(not(target_family = "wasm"))]
thread_local! {
    static CURRENT: std::cell::RefCell<CallContext> = std::cell::RefCell::default();
}

/// What is known of the call that asks. Another call has another answer, the next page of a cursor too.
#[cfg(not(target_family = "wasm"))]
pub fn current() -> CallContext {
    CURRENT.with_borrow(CallContext::clone)
}

/// Sets what [`current`] answers on this thread, for tests. It is there natively only.
#[cfg(not(target_family = "wasm"))]
pub fn set(context: CallContext) {
    CURRENT.set(context);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_says_what_the_call_is() {
        assert_eq!(current(), CallContext::default());
        let context = CallContext {
            caller: Some("ann".to_owned()),
            ..CallContext::default()
        };
        set(context.clone());
        assert_eq!(current(), context);
    }
}
