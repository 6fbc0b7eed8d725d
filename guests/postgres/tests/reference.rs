//! What PostgreSQL does by statements is what a look at every record does, and each capability is what it is elsewhere.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{connect, open, run, server};
use proptest::prelude::*;
use tenon_postgres::{Postgres, Settings};
use tenon_sdk::testing::{
    agrees, changes_under_a_cursor, plans_and_discovers, strict_scenario,
    strict_transaction_scenario, strict_upsert_scenario, transactions_agree,
    transactions_under_a_cursor, upserts_agree,
};
use tenon_sdk::{Model, Schema};

/// A session for each case: a thread of a test has one schema.
fn session() -> Option<Settings> {
    thread_local! {
        static SETTINGS: std::cell::OnceCell<Option<Settings>> = const { std::cell::OnceCell::new() };
    }
    SETTINGS.with(|settings| settings.get_or_init(|| Some(connect(server()?).1)).clone())
}

/// An empty schema, or one with the tables of a model.
fn empty(settings: &Settings) -> Postgres {
    let mut postgres = open(settings).unwrap();
    let schema = &settings.search_path[0];
    run(&mut postgres, &format!("drop schema {schema} cascade"));
    run(&mut postgres, &format!("create schema {schema}"));
    postgres
}

fn with_table(settings: &Settings, model: &Model) -> Postgres {
    let mut postgres = empty(settings);
    let steps = postgres.plan(vec![model.clone()]).unwrap();
    postgres.apply(steps).unwrap();
    postgres
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn postgres_answers_as_the_reference_does(scenario in strict_scenario()) {
        let Some(settings) = session() else { return Ok(()) };
        agrees(&mut with_table(&settings, &scenario.model), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_while_records_change(scenario in strict_scenario()) {
        let Some(settings) = session() else { return Ok(()) };
        changes_under_a_cursor(&mut with_table(&settings, &scenario.model), &scenario);
    }

    #[test]
    fn finding_or_writing_is_as_the_reference_does_it(scenario in strict_upsert_scenario()) {
        let Some(settings) = session() else { return Ok(()) };
        upserts_agree(&mut with_table(&settings, &scenario.model), &scenario);
    }

    #[test]
    fn transactions_are_as_the_reference_has_them(scenario in strict_transaction_scenario()) {
        let Some(settings) = session() else { return Ok(()) };
        transactions_agree(&mut with_table(&settings, &scenario.model), &scenario);
    }

    #[test]
    fn a_cursor_stays_right_in_a_transaction(scenario in strict_transaction_scenario()) {
        let Some(settings) = session() else { return Ok(()) };
        transactions_under_a_cursor(&mut with_table(&settings, &scenario.model), &scenario);
    }

    #[test]
    fn what_is_planned_once_is_planned_no_more(scenario in strict_scenario()) {
        let Some(settings) = session() else { return Ok(()) };
        plans_and_discovers(&mut empty(&settings), &scenario);
    }
}
