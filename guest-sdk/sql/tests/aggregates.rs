//! Groups that a real SQLite makes are the contract's.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod support;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::connector;
use tenon_sql::testing::{figures, group_case, groups_are_exact};

#[test]
fn groups_are_the_contracts_or_left_to_the_runtime() {
    let done = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&group_case(), |case| {
        let (mut sql, _) = connector(&figures().to_contract());
        done.set(done.get() + groups_are_exact(&mut sql, &case));
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
    assert!(done.get() > 500, "{}", done.get());
}
