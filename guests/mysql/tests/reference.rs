//! What MariaDB does by its statements is what a look at every record does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{connect, database, make, run, server};
use proptest::prelude::*;
use tenon_harness::MariaDb;
use tenon_mysql::MySqlConnector;
use tenon_sdk::Schema;
use tenon_sdk::testing::{
    agrees, leave_out_nul, plans_and_discovers, strict_scenario, strict_transaction_scenario,
    strict_upsert_scenario, transactions_agree, upserts_agree,
};

/// Runs a check with many scenarios, each on a database without tables.
fn each<S: std::fmt::Debug>(
    scenarios: impl Strategy<Value = S>,
    check: impl Fn(&mut MySqlConnector, &S),
) {
    let Some(server) = server() else { return };
    // Texts that differ in NULs at their end alone are sorted as if they were equal.
    leave_out_nul();
    let name = database(server);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 96,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&scenarios, |scenario| {
        let mut mysql = emptied(server, &name);
        check(&mut mysql, &scenario);
        Ok(())
    });
    result.unwrap();
}

/// A session with a database that has no tables.
fn emptied(server: &MariaDb, name: &str) -> MySqlConnector {
    let mut mysql = connect(server, name);
    for collection in mysql.collections().unwrap() {
        run(
            &mut mysql,
            &format!("DROP TABLE `{}`", collection.name),
            vec![],
        )
        .unwrap();
    }
    mysql
}

#[test]
fn mariadb_answers_as_the_reference_does() {
    each(strict_scenario(), |mysql, scenario| {
        make(mysql, &scenario.model);
        agrees(mysql, scenario);
    });
}

#[test]
fn mariadb_makes_what_it_plans_and_finds_it_again() {
    each(strict_scenario(), |mysql, scenario| {
        plans_and_discovers(mysql, scenario);
    });
}

#[test]
fn mariadb_upserts_as_the_reference_does() {
    each(strict_upsert_scenario(), |mysql, scenario| {
        make(mysql, &scenario.model);
        upserts_agree(mysql, scenario);
    });
}

#[test]
fn mariadb_commits_and_rolls_back_as_the_reference_does() {
    each(strict_transaction_scenario(), |mysql, scenario| {
        make(mysql, &scenario.model);
        transactions_agree(mysql, scenario);
    });
}
