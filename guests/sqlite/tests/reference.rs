//! What SQLite does by its statements is what a look at every record does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use proptest::prelude::*;
use tempfile::TempDir;
use tenon_sdk::Model;
use tenon_sdk::testing::{
    agrees, changes_under_a_cursor, plans_and_discovers, strict_scenario,
    strict_transaction_scenario, strict_upsert_scenario, transactions_agree,
    transactions_under_a_cursor, upserts_agree,
};
use tenon_sqlite::Sqlite;

fn sqlite(folder: &TempDir, model: &Model) -> Sqlite {
    let mut sqlite = common::connect(&folder.path().join("things.sqlite"));
    common::make(&mut sqlite, model);
    sqlite
}

proptest! {
    // Every write waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sqlite_answers_as_the_reference_does(scenario in strict_scenario()) {
        let folder = TempDir::new().unwrap();
        agrees(&mut sqlite(&folder, &scenario.model), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_records_change(scenario in strict_scenario()) {
        let folder = TempDir::new().unwrap();
        changes_under_a_cursor(&mut sqlite(&folder, &scenario.model), &scenario);
    }

    #[test]
    fn sqlite_makes_what_it_plans_and_finds_it_again(scenario in strict_scenario()) {
        let folder = TempDir::new().unwrap();
        let mut sqlite = common::connect(&folder.path().join("things.sqlite"));
        plans_and_discovers(&mut sqlite, &scenario);
    }

    #[test]
    fn sqlite_upserts_as_the_reference_does(scenario in strict_upsert_scenario()) {
        let folder = TempDir::new().unwrap();
        upserts_agree(&mut sqlite(&folder, &scenario.model), &scenario);
    }

    #[test]
    fn sqlite_commits_and_rolls_back_as_the_reference_does(scenario in strict_transaction_scenario()) {
        let folder = TempDir::new().unwrap();
        transactions_agree(&mut sqlite(&folder, &scenario.model), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_transactions_come_and_go(scenario in strict_transaction_scenario()) {
        let folder = TempDir::new().unwrap();
        transactions_under_a_cursor(&mut sqlite(&folder, &scenario.model), &scenario);
    }
}
