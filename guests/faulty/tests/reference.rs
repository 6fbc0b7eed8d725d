//! Without a fault it does what a look at every record does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::alone;
use proptest::prelude::*;
use tenon_sdk::testing::{
    agrees, changes_under_a_cursor, plans_and_discovers, scenario, strict_scenario,
    strict_transaction_scenario, strict_upsert_scenario, transaction_scenario, transactions_agree,
    transactions_under_a_cursor, upsert_scenario, upserts_agree,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn faulty_answers_as_the_reference_does(scenario in scenario()) {
        let (mut faulty, _folder) = alone(None);
        agrees(&mut faulty, &scenario);
    }

    #[test]
    fn strict_models_too(scenario in strict_scenario()) {
        let (mut faulty, _folder) = alone(None);
        agrees(&mut faulty, &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_records_change(scenario in scenario()) {
        let (mut faulty, _folder) = alone(None);
        changes_under_a_cursor(&mut faulty, &scenario);
    }

    #[test]
    fn upserts_are_the_references(scenario in upsert_scenario()) {
        let (mut faulty, _folder) = alone(None);
        upserts_agree(&mut faulty, &scenario);
    }

    #[test]
    fn upserts_of_strict_models_too(scenario in strict_upsert_scenario()) {
        let (mut faulty, _folder) = alone(None);
        upserts_agree(&mut faulty, &scenario);
    }

    #[test]
    fn transactions_are_the_references(scenario in transaction_scenario()) {
        let (mut faulty, _folder) = alone(None);
        transactions_agree(&mut faulty, &scenario);
    }

    #[test]
    fn transactions_of_strict_models_too(scenario in strict_transaction_scenario()) {
        let (mut faulty, _folder) = alone(None);
        transactions_agree(&mut faulty, &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_transactions_come_and_go(scenario in transaction_scenario()) {
        let (mut faulty, _folder) = alone(None);
        transactions_under_a_cursor(&mut faulty, &scenario);
    }

    #[test]
    fn a_planned_collection_is_discovered_and_used(scenario in scenario()) {
        let (mut faulty, _folder) = alone(None);
        plans_and_discovers(&mut faulty, &scenario);
    }
}
