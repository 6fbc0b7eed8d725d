//! What is claimed to be done is exact, on a real SQLite.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod support;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::connector;
use tenon_sql::testing::{Bounds, Tally, case, is_exact, model};

#[test]
fn what_is_done_is_exact_and_nothing_is_lost() {
    let sum = Cell::new(Tally::default());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&case(Bounds::default()), |case| {
        let (mut sql, _) = connector(&model().to_contract());
        let tally = is_exact(&mut sql, &case);
        let so_far = sum.get();
        sum.set(Tally {
            filtered: so_far.filtered + tally.filtered,
            ordered: so_far.ordered + tally.ordered,
            queries: so_far.queries + tally.queries,
        });
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
    // To leave everything to the runtime would be exact, too.
    let Tally {
        filtered,
        ordered,
        queries,
    } = sum.get();
    assert!(queries > 2_000, "{queries}");
    assert!(filtered > queries / 4, "{filtered} of {queries}");
    assert!(ordered > queries / 3, "{ordered} of {queries}");
}
