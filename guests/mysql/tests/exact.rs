//! What the statements are said to do is what MariaDB does.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod common;

use std::cell::{Cell, RefCell};

use common::{connect, database, server};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tenon_sdk::{Connector, Crud, Schema};
use tenon_sql::testing::{Bounds, case, figures, group_case, groups_are_exact, is_exact, model};

#[test]
fn what_is_done_is_exact_on_a_real_server() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = connect(server, &name);
    let model = model().to_contract();
    let steps = mysql.plan(vec![model.clone()]).unwrap();
    mysql.apply(steps).unwrap();
    mysql.define(model).unwrap();
    let bounds = Bounds {
        no_nul: false,
        narrow_times: true,
    };
    let mysql = RefCell::new(mysql);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&case(bounds), |case| {
        let mut mysql = mysql.borrow_mut();
        mysql.destroy_all("Thing", Vec::new()).unwrap();
        let tally = is_exact(&mut *mysql, &case);
        prop_assert!(tally.queries > 0);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn groups_are_exact_on_a_real_server() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut mysql = connect(server, &name);
    let model = figures().to_contract();
    let steps = mysql.plan(vec![model.clone()]).unwrap();
    mysql.apply(steps).unwrap();
    mysql.define(model).unwrap();
    let mysql = RefCell::new(mysql);
    let done = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&group_case(), |case| {
        let mut mysql = mysql.borrow_mut();
        mysql.destroy_all("Figure", Vec::new()).unwrap();
        done.set(done.get() + groups_are_exact(&mut *mysql, &case));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    assert!(done.get() > 200, "{}", done.get());
}
