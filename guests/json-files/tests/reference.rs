//! What json-files answers is what a look at every record does.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod support;

use proptest::prelude::*;
use support::connect;
use tempfile::TempDir;
use tenon_sdk::testing::{agrees, changes_under_a_cursor, scenario};

proptest! {
    // Every write waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn json_files_answers_as_the_reference_does(scenario in scenario()) {
        let folder = TempDir::new().unwrap();
        agrees(&mut connect(folder.path()), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_records_change(scenario in scenario()) {
        let folder = TempDir::new().unwrap();
        changes_under_a_cursor(&mut connect(folder.path()), &scenario);
    }
}
