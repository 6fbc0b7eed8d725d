//! Schemas, checked against themselves.

#![allow(
    clippy::panic,
    reason = "a check that fails says so as an assertion does"
)]

use super::check::{agrees, or_panic};
use super::{Scenario, Step};
use crate::{Crud, Schema};

/// Makes a scenario's collection by a plan, discovers it, and then does the steps: what is planned once is planned
/// no more, neither for the model nor for what was discovered, and `define` finds it as it has to be.
///
/// # Panics
/// Where it isn't so.
pub fn plans_and_discovers<C: Crud + Schema>(connector: &mut C, scenario: &Scenario<Step>) {
    let model = &scenario.model;
    let steps = or_panic(connector.plan(vec![model.clone()]));
    if steps.is_empty() {
        panic!("nothing is planned for a collection that isn't there");
    }
    if let Some(step) = steps.iter().find(|step| step.destructive) {
        panic!("nothing is there that could be destroyed: {step:#?}");
    }
    or_panic(connector.apply(steps));
    plans_nothing(connector, model, "the model, once its plan is applied");
    let collections = or_panic(connector.collections());
    let [collection] = collections.as_slice() else {
        panic!("one collection was made, and these are there: {collections:#?}");
    };
    let mut discovered = or_panic(connector.discover(vec![collection.name.clone()]));
    let (Some(found), true) = (discovered.pop(), discovered.is_empty()) else {
        panic!("one collection was to be discovered");
    };
    plans_nothing(connector, &found, "the model that was discovered");
    or_panic(connector.define(model.clone()));
    plans_nothing(connector, model, "the model, once it is defined");
    agrees(connector, scenario);
    or_panic(Schema::drop(connector, &model.name));
    if !or_panic(connector.collections()).is_empty() {
        panic!("a collection is there that was dropped");
    }
    or_panic(Schema::drop(connector, &model.name));
}

fn plans_nothing(connector: &mut impl Schema, model: &crate::Model, what: &str) {
    let steps = or_panic(connector.plan(vec![model.clone()]));
    if !steps.is_empty() {
        panic!("a plan for {what} changes something: {steps:#?}");
    }
}
