//! Every fault shows: of the same calls, something comes out otherwise than without it, and always the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

#[path = "../common/mod.rs"]
mod common;

mod questions;
mod read_models;
mod scene;
mod sessions;
mod shapes;
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};

use scene::{Act, Scene};
use tenon_faulty::{Fault, Theme};

/// What happens in all acts.
fn transcript(fault: Option<Fault>, acts: &[Act]) -> Vec<String> {
    let act = |act: &Act| {
        let mut scene = Scene::new(fault);
        let ended = catch_unwind(AssertUnwindSafe(|| act(&mut scene)));
        if ended.is_err() {
            scene.log.push("it trapped".into());
        }
        scene.log
    };
    acts.iter().flat_map(act).collect()
}

/// Checks the faults of a theme.
fn all_show(theme: Theme, acts: &[Act]) {
    let right = transcript(None, acts);
    assert_eq!(transcript(None, acts), right, "it isn't always the same");
    assert!(!right.iter().any(|line| line == "it trapped"), "{right:#?}");
    let faults = Fault::ALL.iter().copied();
    let mut hidden = Vec::new();
    for fault in faults.filter(|fault| fault.theme() == theme) {
        let wrong = transcript(Some(fault), acts);
        if wrong == right {
            hidden.push(fault.name());
            continue;
        }
        let again = transcript(Some(fault), acts);
        assert_eq!(again, wrong, "{fault} isn't always the same");
    }
    assert!(hidden.is_empty(), "these don't show: {hidden:#?}");
}

#[test]
fn faults_of_filters_show() {
    all_show(Theme::Filter, questions::FILTERS);
}

#[test]
fn faults_of_orders_show() {
    all_show(Theme::Order, questions::ORDERS);
}

#[test]
fn faults_of_pages_show() {
    all_show(Theme::Pages, questions::PAGES);
}

#[test]
fn faults_of_values_show() {
    all_show(Theme::Values, writes::VALUES);
}

#[test]
fn faults_of_writes_show() {
    all_show(Theme::Writes, writes::WRITES);
}

#[test]
fn faults_of_errors_show() {
    all_show(Theme::Errors, writes::ERRORS);
}

#[test]
fn faults_of_upserts_show() {
    all_show(Theme::Upserts, writes::UPSERTS);
}

#[test]
fn faults_of_the_life_of_a_session_show() {
    all_show(Theme::Lifecycle, sessions::LIFE);
}

#[test]
fn faults_of_transactions_show() {
    all_show(Theme::Transactions, sessions::TRANSACTIONS);
}

#[test]
fn faults_of_schemas_show() {
    all_show(Theme::Schema, shapes::SCHEMAS);
}

#[test]
fn faults_of_aggregates_show() {
    all_show(Theme::Aggregates, shapes::AGGREGATES);
}

#[test]
fn faults_of_read_models_show() {
    all_show(Theme::ReadModels, read_models::READ_MODELS);
}
