//! What redb does by its indexes is what a look at every record does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use proptest::prelude::*;
use tempfile::TempDir;
use tenon_redb::{CacheSize, Redb, Settings};
use tenon_sdk::testing::{
    agrees, changes_under_a_cursor, plans_and_discovers, scenario, transaction_scenario,
    transactions_agree, transactions_under_a_cursor, upsert_scenario, upserts_agree,
};
use tenon_sdk::{Connector, Limits};

fn redb(folder: &TempDir) -> Redb {
    let path = folder.path().join("things.redb");
    let settings = Settings {
        path: path.to_str().unwrap().into(),
        cache_size: Some(CacheSize(1 << 20)),
    };
    let mut redb = Redb::initialize(settings, &Limits::default()).unwrap();
    redb.connect().unwrap();
    redb
}

proptest! {
    // Every write waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn redb_answers_as_the_reference_does(scenario in scenario()) {
        let folder = TempDir::new().unwrap();
        agrees(&mut redb(&folder), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_records_change(scenario in scenario()) {
        let folder = TempDir::new().unwrap();
        changes_under_a_cursor(&mut redb(&folder), &scenario);
    }

    #[test]
    fn redb_upserts_as_the_reference_does(scenario in upsert_scenario()) {
        let folder = TempDir::new().unwrap();
        upserts_agree(&mut redb(&folder), &scenario);
    }

    #[test]
    fn redb_commits_and_rolls_back_as_the_reference_does(scenario in transaction_scenario()) {
        let folder = TempDir::new().unwrap();
        transactions_agree(&mut redb(&folder), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_transactions_come_and_go(scenario in transaction_scenario()) {
        let folder = TempDir::new().unwrap();
        transactions_under_a_cursor(&mut redb(&folder), &scenario);
    }

    #[test]
    fn redb_makes_what_it_plans_and_finds_it_again(scenario in scenario()) {
        let folder = TempDir::new().unwrap();
        plans_and_discovers(&mut redb(&folder), &scenario);
    }
}
