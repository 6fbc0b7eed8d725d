//! Transactions, invented and checked.

#![allow(
    clippy::panic,
    reason = "a check that fails says so as an assertion does"
)]

use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::Model;

use super::check::{Outcome, agree_at_the_end, failed, or_panic, reference_for};
use super::scenario::scenario_of;
use super::upserts::{leaves_out, upsert_step, upserted, upserts_alike};
use super::watch::Watch;
use super::{Reference, Scenario, Step, UpsertStep};
use crate::{Isolation, TransactionOptions, Transactions, Upsert};

/// One call of `crud`, `upsert` or `transactions`, at a right or wrong moment.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is the function of its name")]
pub enum TransactionStep {
    Upsert(UpsertStep),
    Begin(TransactionOptions),
    Commit,
    Rollback,
}

/// As [`upsert_scenario`](super::upsert_scenario()), with transactions around the steps.
pub fn transaction_scenario() -> impl Strategy<Value = Scenario<TransactionStep>> {
    scenario_of(0.3, false, |model| transaction_step(model).boxed())
}

/// As [`transaction_scenario`], with a strict model, as [`strict_scenario`](super::strict_scenario()) has it.
pub fn strict_transaction_scenario() -> impl Strategy<Value = Scenario<TransactionStep>> {
    scenario_of(0.3, true, |model| transaction_step(model).boxed())
}

fn transaction_step(model: &Model) -> impl Strategy<Value = TransactionStep> + use<> {
    let isolation = proptest::option::of(select(vec![
        Isolation::ReadUncommitted,
        Isolation::ReadCommitted,
        Isolation::RepeatableRead,
        Isolation::Serializable,
    ]));
    let options = (isolation, proptest::bool::weighted(0.1)).prop_map(|(isolation, read_only)| {
        TransactionOptions {
            isolation,
            read_only,
        }
    });
    prop_oneof![
        14 => upsert_step(model).prop_map(TransactionStep::Upsert),
        3 => options.prop_map(TransactionStep::Begin),
        1 => Just(TransactionStep::Commit),
        2 => Just(TransactionStep::Rollback),
    ]
}

/// Does a scenario with a connector and with the [`Reference`](super::Reference). A transaction that is open at the
/// end is rolled back, and so is one that the connector gives up after an error. Every isolation must be there.
///
/// # Panics
/// Where they differ.
pub fn transactions_agree<C: Upsert + Transactions>(
    connector: &mut C,
    scenario: &Scenario<TransactionStep>,
) {
    let mut reference = reference_for(connector, &scenario.model);
    let ending = [TransactionStep::Rollback];
    for (number, step) in scenario.steps.iter().chain(&ending).enumerate() {
        if let TransactionStep::Upsert(UpsertStep::Crud(Step::CreateAll(data))) = step
            && data.is_empty()
        {
            // Whether to store nothing is a write, which a read-only transaction refuses, is nobody's concern.
            continue;
        }
        if let TransactionStep::Upsert(step) = step {
            if upserts_alike(&mut reference, connector, number, step).is_lost() {
                roll_back(&mut reference, connector);
            }
            continue;
        }
        let wanted = came_to(&mut reference, step);
        let seen = came_to(connector, step);
        if !wanted.is(&seen) {
            panic!("step {number}, {step:#?}:\nwanted {wanted:#?}\nseen {seen:#?}");
        }
    }
    agree_at_the_end(&mut reference, connector);
}

/// Opens a query without a limit, and between each two pages takes steps until no transaction is open: a record
/// that no commit changes comes exactly once if it matches, whatever was done to it and rolled back.
///
/// # Panics
/// Where it doesn't.
pub fn transactions_under_a_cursor<C: Upsert + Transactions>(
    connector: &mut C,
    scenario: &Scenario<TransactionStep>,
) {
    let mut reference = reference_for(connector, &scenario.model);
    let query = scenario.steps.iter().find_map(|step| match step {
        TransactionStep::Upsert(UpsertStep::Crud(step)) => step.whole_query(),
        _ => None,
    });
    let Some(query) = query else {
        return;
    };
    let (before, meanwhile) = scenario.steps.split_at(scenario.steps.len() / 2);
    for step in before {
        take(&mut reference, connector, step);
    }
    if reference.is_in_transaction() {
        or_panic(reference.commit());
        or_panic(connector.commit());
    }
    let mut watch = Watch::open(&reference, connector, query);
    for step in meanwhile {
        if !reference.is_in_transaction() && !watch.next_page() {
            break;
        }
        take(&mut reference, connector, step);
        if !reference.is_in_transaction() {
            watch.note(&reference);
        }
    }
    if reference.is_in_transaction() {
        or_panic(reference.rollback());
        or_panic(connector.rollback());
    }
    watch.finish(&reference);
    agree_at_the_end(&mut reference, connector);
}

/// Takes a step with both, or with neither where the connector leaves it to the runtime.
fn take<C: Upsert + Transactions>(
    reference: &mut Reference,
    connector: &mut C,
    step: &TransactionStep,
) {
    let seen = came_to(connector, step);
    match step {
        TransactionStep::Upsert(step) if leaves_out(reference, step, &seen) => {}
        step => {
            came_to(reference, step);
        }
    }
    if seen.is_lost() {
        roll_back(reference, connector);
    }
}

/// Undoes a transaction that the connector has given up after an error, as it may; the reference hasn't.
fn roll_back<C: Transactions>(reference: &mut Reference, connector: &mut C) {
    or_panic(reference.rollback());
    or_panic(connector.rollback());
}

fn came_to<C: Upsert + Transactions>(connector: &mut C, step: &TransactionStep) -> Outcome {
    let result = match step {
        TransactionStep::Upsert(step) => return upserted(connector, step),
        TransactionStep::Begin(options) => connector.begin(*options),
        TransactionStep::Commit => connector.commit(),
        TransactionStep::Rollback => connector.rollback(),
    };
    result.map_or_else(|error| failed(&error), |()| Outcome::Done)
}
