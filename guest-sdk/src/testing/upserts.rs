//! Upserts, invented and checked.

#![allow(
    clippy::panic,
    reason = "a check that fails says so as an assertion does"
)]

use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{ErrorKind, Filter, Model};
use tenon_model::{Entity, Value};

use super::check::{Outcome, agree_at_the_end, failed, or_panic, outcome, reference_for, same};
use super::scenario::{filter, record, scenario_of, step};
use super::{Reference, Scenario, Step};
use crate::{Evaluation, Upsert};

/// One call of `crud` or `upsert`.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is the function of its name")]
pub enum UpsertStep {
    Crud(Step),
    UpdateOrCreate(Vec<String>, Entity),
    ReplaceOrCreate(Vec<String>, Entity),
    FindOrCreate(Filter, Entity),
    UpsertWhere(Filter, Entity),
}

/// As [`scenario`](super::scenario()), with upserts among the steps and more unique indexes.
pub fn upsert_scenario() -> impl Strategy<Value = Scenario<UpsertStep>> {
    scenario_of(0.6, false, |model| upsert_step(model).boxed())
}

/// As [`upsert_scenario`], with a strict model, as [`strict_scenario`](super::strict_scenario()) has it.
pub fn strict_upsert_scenario() -> impl Strategy<Value = Scenario<UpsertStep>> {
    scenario_of(0.6, true, |model| upsert_step(model).boxed())
}

pub(super) fn upsert_step(model: &Model) -> impl Strategy<Value = UpsertStep> + use<> {
    let with_filter = || (filter(model), record(model));
    prop_oneof![
        4 => step(model).prop_map(UpsertStep::Crud),
        2 => by(model).prop_map(|(by, data)| UpsertStep::UpdateOrCreate(by, data)),
        2 => by(model).prop_map(|(by, data)| UpsertStep::ReplaceOrCreate(by, data)),
        1 => with_filter().prop_map(|(filter, data)| UpsertStep::FindOrCreate(filter, data)),
        1 => with_filter().prop_map(|(filter, data)| UpsertStep::UpsertWhere(filter, data)),
    ]
}

/// The key or a unique index, and data that have its properties.
fn by(model: &Model) -> impl Strategy<Value = (Vec<String>, Entity)> + use<> {
    let key = model.properties.iter().filter(|p| p.key.is_some());
    let mut choices = vec![key.map(|p| p.name.clone()).collect::<Vec<_>>()];
    for index in model.indexes.iter().filter(|index| index.unique) {
        let names = index.properties.iter().map(|sort| sort.property.clone());
        choices.push(names.collect());
    }
    (select(choices).prop_shuffle(), record(model), any::<bool>()).prop_map(
        |(by, mut data, whole)| {
            for name in &by {
                if whole && data.get(name).is_none() {
                    data.set(name.as_str(), Value::Null);
                }
            }
            (by, data)
        },
    )
}

/// Does a scenario with a connector and with the [`Reference`].
///
/// # Panics
/// Where they differ.
pub fn upserts_agree(connector: &mut impl Upsert, scenario: &Scenario<UpsertStep>) {
    let mut reference = reference_for(connector, &scenario.model);
    for (number, step) in scenario.steps.iter().enumerate() {
        upserts_alike(&mut reference, connector, number, step);
    }
    agree_at_the_end(&mut reference, connector);
}

/// Whether a connector for tables has left to the runtime what nothing in a database makes atomic: an upsert by a
/// filter, by values of which one is null, or by one of several unique keys, of which some databases ask all at once.
pub(super) fn leaves_out(reference: &Reference, step: &UpsertStep, seen: &Outcome) -> bool {
    let may_be = match step {
        UpsertStep::Crud(_) => false,
        UpsertStep::FindOrCreate(..) | UpsertStep::UpsertWhere(..) => true,
        UpsertStep::UpdateOrCreate(by, data) | UpsertStep::ReplaceOrCreate(by, data) => {
            reference.has_unique_indexes()
                || by
                    .iter()
                    .any(|name| data.get(name).is_some_and(Value::is_null))
        }
    };
    reference.is_strict() && may_be && matches!(seen, Outcome::Failed(ErrorKind::Unsupported, _))
}

/// Does one step with both; what the connector came to.
pub(super) fn upserts_alike(
    reference: &mut Reference,
    connector: &mut impl Upsert,
    number: usize,
    step: &UpsertStep,
) -> Outcome {
    let seen = upserted(connector, step);
    if leaves_out(reference, step, &seen) {
        return seen;
    }
    let wanted = upserted(reference, step);
    let agree = match (step, &wanted, &seen) {
        // Of several matches any will do.
        (
            UpsertStep::FindOrCreate(filter, _),
            Outcome::Upserted(wanted),
            Outcome::Upserted(seen),
        ) if !wanted.created && !seen.created => {
            let evaluation = or_panic(Evaluation::whole_filter(filter.clone()));
            let mut records = reference.records().iter();
            evaluation.matches(&seen.entity) && records.any(|record| same(record, &seen.entity))
        }
        _ => wanted.is(&seen),
    };
    if !agree {
        panic!("step {number}, {step:#?}:\nwanted {wanted:#?}\nseen {seen:#?}");
    }
    seen
}

pub(super) fn upserted(connector: &mut impl Upsert, step: &UpsertStep) -> Outcome {
    let model = "Thing";
    let result = match step.clone() {
        UpsertStep::Crud(step) => return outcome(connector, &step),
        UpsertStep::UpdateOrCreate(by, data) => connector.update_or_create(model, &by, data),
        UpsertStep::ReplaceOrCreate(by, data) => connector.replace_or_create(model, &by, data),
        UpsertStep::FindOrCreate(filter, data) => connector.find_or_create(model, filter, data),
        UpsertStep::UpsertWhere(filter, data) => connector.upsert_where(model, filter, data),
    };
    result.map_or_else(|error| failed(&error), Outcome::Upserted)
}
