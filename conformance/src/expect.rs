//! What has to come of a call, and whether it came.

use tenon_model::contract::{Aftermath, Effect, ErrorKind, Key};
use tenon_model::{Entity, Value};
use tenon_runtime::direct::{Called, Failure};

use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::same_value;
use crate::show;

/// What a function that may be `unsupported` returned; none where it is.
pub fn supported<T>(function: &str, called: Called<T>) -> Checked<Option<T>> {
    match called {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => Ok(None),
        Err(failure) => must(function, Err(failure)),
    }
}

/// The end of a check of a function that the connector doesn't do.
pub fn unsupported(function: &str) -> Stop {
    Stop::skipped(format!("`{function}` is `unsupported`"))
}

/// Whether a call that had to fail failed as it had to: with one of these kinds, and with nothing done.
pub fn refused(function: &str, failure: &Failure, kinds: &[ErrorKind]) -> Checked {
    let named: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let Failure::Failed(error) = failure else {
        return Err(Finding::new(format!(
            "`{function}` doesn't come to an error, but to an end"
        ))
        .differs(format!("the error {}", named.join(" or ")), failure)
        .into());
    };
    ensure(kinds.contains(&error.kind), || {
        Finding::new(format!(
            "an error of `{function}` is of another kind than it has to be"
        ))
        .differs(named.join(" or "), failure)
    })?;
    harmless(function, failure)
}

/// Whether an error says that nothing was done and the session goes on, as it has to where a call was wrong.
pub fn harmless(function: &str, failure: &Failure) -> Checked {
    let Failure::Failed(error) = failure else {
        return Err(Finding::new(format!(
            "`{function}` doesn't come to an error, but to an end"
        ))
        .differs("an error", failure)
        .into());
    };
    ensure(error.effect == Effect::Nothing, || {
        Finding::new(format!(
            "an error of `{function}` doesn't say that nothing was done"
        ))
        .differs(
            "the effect `nothing`",
            format!("`{}` ({failure})", error.effect),
        )
    })?;
    ensure(error.aftermath == Aftermath::Usable, || {
        Finding::new(format!(
            "an error of `{function}` doesn't say that the session goes on"
        ))
        .differs(
            "the aftermath `usable`",
            format!("`{}` ({failure})", error.aftermath),
        )
    })
}

/// Whether the properties that a write returned are those that are stored then.
pub fn is_as_stored(function: &str, returned: &Entity, stored: &Entity) -> Checked {
    for (name, value) in returned.iter() {
        let there = stored.get(name);
        ensure(there.is_some_and(|there| same_value(value, there)), || {
            Finding::new(format!(
                "`{function}` returns a property otherwise than it is stored then"
            ))
            .differs(
                format!("{name}: {}", there.map_or("absent".to_owned(), show::value)),
                format!("{name}: {}", show::value(value)),
            )
        })?;
    }
    Ok(())
}

/// A key of one part.
pub fn id(value: impl Into<Value>) -> Key {
    vec![value.into()]
}
