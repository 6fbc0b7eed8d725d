//! The reference agrees with itself, so that what differs from it differs by itself.

use proptest::prelude::*;
use tenon_sdk::testing::{
    Reference, transaction_scenario, transactions_agree, transactions_under_a_cursor,
    upsert_scenario, upserts_agree,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn upserts_are_the_same_twice(scenario in upsert_scenario()) {
        upserts_agree(&mut Reference::default(), &scenario);
    }

    #[test]
    fn transactions_are_the_same_twice(scenario in transaction_scenario()) {
        transactions_agree(&mut Reference::default(), &scenario);
    }

    #[test]
    fn a_cursor_is_right_under_transactions(scenario in transaction_scenario()) {
        transactions_under_a_cursor(&mut Reference::default(), &scenario);
    }
}
