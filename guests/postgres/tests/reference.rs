//! What PostgreSQL does by statements is what a look at every record does, and each capability is what it is elsewhere.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by it"
)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::{open, run, server, settings};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tenon_postgres::{Postgres, Settings};
use tenon_sdk::testing::{
    agrees, changes_under_a_cursor, leave_out_nul, plans_and_discovers, strict_scenario,
    strict_transaction_scenario, strict_upsert_scenario, transactions_agree,
    transactions_under_a_cursor, upserts_agree,
};
use tenon_sdk::{Model, Schema};

/// Runs a check with many scenarios, each on a database without tables.
fn each<S: std::fmt::Debug>(
    scenarios: impl Strategy<Value = S>,
    check: impl Fn(&mut Postgres, &S),
) {
    static DATABASES: AtomicUsize = AtomicUsize::new(0);
    let Some(server) = server() else { return };
    // PostgreSQL has no place for it in a text.
    leave_out_nul();
    let name = format!("d{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    server.create_database(&name).unwrap();
    let settings = Settings {
        database: Some(name),
        search_path: vec!["mine".into()],
        ..settings(server)
    };
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 96,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&scenarios, |scenario| {
        let mut postgres = open(&settings).unwrap();
        run(&mut postgres, "drop schema if exists mine cascade");
        run(&mut postgres, "create schema mine");
        check(&mut postgres, &scenario);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Makes the table of a model.
fn make(postgres: &mut Postgres, model: &Model) {
    let steps = postgres.plan(vec![model.clone()]).unwrap();
    postgres.apply(steps).unwrap();
}

#[test]
fn postgres_answers_as_the_reference_does() {
    each(strict_scenario(), |postgres, scenario| {
        make(postgres, &scenario.model);
        agrees(postgres, scenario);
    });
}

#[test]
fn a_cursor_stays_right_while_records_change() {
    each(strict_scenario(), |postgres, scenario| {
        make(postgres, &scenario.model);
        changes_under_a_cursor(postgres, scenario);
    });
}

#[test]
fn finding_or_writing_is_as_the_reference_does_it() {
    each(strict_upsert_scenario(), |postgres, scenario| {
        make(postgres, &scenario.model);
        upserts_agree(postgres, scenario);
    });
}

#[test]
fn transactions_are_as_the_reference_has_them() {
    each(strict_transaction_scenario(), |postgres, scenario| {
        make(postgres, &scenario.model);
        transactions_agree(postgres, scenario);
    });
}

#[test]
fn a_cursor_stays_right_in_a_transaction() {
    each(strict_transaction_scenario(), |postgres, scenario| {
        make(postgres, &scenario.model);
        transactions_under_a_cursor(postgres, scenario);
    });
}

#[test]
fn what_is_planned_once_is_planned_no_more() {
    each(strict_scenario(), |postgres, scenario| {
        plans_and_discovers(postgres, scenario);
    });
}
