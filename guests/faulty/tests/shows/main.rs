//! Every fault shows: of the same calls, something comes out otherwise than without it, and always the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

#[path = "../common/mod.rs"]
mod common;

mod questions;
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

/// Checks the faults of these themes.
fn all_show(themes: &[Theme], acts: &[Act]) {
    let right = transcript(None, acts);
    assert_eq!(transcript(None, acts), right, "it isn't always the same");
    assert!(!right.iter().any(|line| line == "it trapped"), "{right:#?}");
    let faults = Fault::ALL.iter().copied();
    let faults = faults.filter(|fault| themes.contains(&fault.theme()));
    let mut hidden = Vec::new();
    for fault in faults {
        let wrong = transcript(Some(fault), acts);
        if wrong == right {
            hidden.push(fault.name());
            continue;
        }
        assert_eq!(
            transcript(Some(fault), acts),
            wrong,
            "{fault} isn't always the same"
        );
    }
    assert!(hidden.is_empty(), "these don't show: {hidden:#?}");
}

#[test]
fn faults_of_filters_orders_and_pages_show() {
    let themes = [Theme::Filter, Theme::Order, Theme::Pages];
    all_show(&themes, questions::ACTS);
}

#[test]
fn faults_of_values_writes_and_errors_show() {
    let themes = [Theme::Values, Theme::Writes, Theme::Errors, Theme::Upserts];
    all_show(&themes, writes::ACTS);
}

#[test]
fn faults_of_sessions_show() {
    all_show(&[Theme::Lifecycle, Theme::Transactions], sessions::ACTS);
}

#[test]
fn faults_of_schemas_and_groups_show() {
    all_show(&[Theme::Schema, Theme::Aggregates], shapes::ACTS);
}
