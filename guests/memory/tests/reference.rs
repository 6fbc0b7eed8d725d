//! What memory does by its indexes is what a look at every record does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use proptest::prelude::*;
use tenon_memory::Memory;
use tenon_sdk::testing::{
    agrees, changes_under_a_cursor, plans_and_discovers, scenario, transaction_scenario,
    transactions_agree, transactions_under_a_cursor, upsert_scenario, upserts_agree,
};
use tenon_sdk::{Connector, Limits, NoSettings};

fn memory() -> Memory {
    let mut memory = Memory::initialize(NoSettings {}, &Limits::default()).unwrap();
    memory.connect().unwrap();
    memory
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn memory_answers_as_the_reference_does(scenario in scenario()) {
        agrees(&mut memory(), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_records_change(scenario in scenario()) {
        changes_under_a_cursor(&mut memory(), &scenario);
    }

    #[test]
    fn upserts_are_the_references(scenario in upsert_scenario()) {
        upserts_agree(&mut memory(), &scenario);
    }

    #[test]
    fn transactions_are_the_references(scenario in transaction_scenario()) {
        transactions_agree(&mut memory(), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_transactions_come_and_go(scenario in transaction_scenario()) {
        transactions_under_a_cursor(&mut memory(), &scenario);
    }

    #[test]
    fn a_planned_collection_is_discovered_and_used(scenario in scenario()) {
        plans_and_discovers(&mut memory(), &scenario);
    }
}
