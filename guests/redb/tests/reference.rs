//! What redb does by its indexes is what a look at every record does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use proptest::prelude::*;
use tempfile::TempDir;
use tenon_redb::{CacheSize, Redb, Settings};
use tenon_sdk::testing::{agrees, changes_under_a_cursor, scenario};
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
}
