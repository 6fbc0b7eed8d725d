//! What a test does where a server isn't installed.

use std::io::Write;

use crate::error::{Error, Result};

/// The environment variable that makes a failure of a missing server: `1` where everything is to be tested.
pub const REQUIRE: &str = "TENON_REQUIRE_SERVERS";

/// The server for a test, or none where its program isn't installed, which is said on standard error, past
/// the test program's capture of output.
///
/// # Errors
/// A server that doesn't start; a missing program too where [`REQUIRE`] is `1`.
pub fn for_test<S>(started: Result<S>) -> Result<Option<S>> {
    let required = std::env::var_os(REQUIRE).is_some_and(|value| value == "1");
    match started {
        Ok(server) => Ok(Some(server)),
        Err(missing @ Error::Missing { .. }) if !required => {
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            // Nobody to tell where standard error is closed.
            let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {missing}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
