//! Collections themselves: planned, made, changed, discovered and dropped.

mod changes;
mod destructive;
mod discovery;
mod drops;
mod kept;
mod making;

use tenon_model::contract::{Model, SortKey};
use tenon_model::{Entity, Property, PropertyType};
use tenon_runtime::Capability;
use tenon_runtime::direct::Step;

use super::Check;
use crate::bench::Bench;
use crate::finding::{Checked, Finding, ensure, must};
use crate::reference::{complete, same_records};
use crate::sequence::integers;
use crate::show;

/// A check of collections.
macro_rules! check {
    ($name:literal, $about:literal, $run:expr) => {
        Check {
            name: $name,
            about: $about,
            needs: &[Capability::Crud, Capability::Schema],
            writes: true,
            run: $run,
        }
    };
}

pub const CHECKS: &[Check] = &[
    check!(
        "schema.plan.new-collection",
        "for a collection that isn't there there are steps, and none of them can lose data",
        making::plan_of_new
    ),
    check!(
        "schema.plan.steps",
        "each step of a plan says what it is, and that for a person too",
        making::steps_are_told
    ),
    check!(
        "schema.plan.only-plans",
        "`plan` changes nothing",
        making::only_plans
    ),
    check!(
        "schema.plan.nothing-else",
        "a plan is about the collections of its models, and leaves all others alone",
        making::nothing_else
    ),
    check!(
        "schema.apply.makes",
        "a plan that was applied is done: the collection is listed, and nothing is left to plan",
        making::makes
    ),
    check!(
        "schema.apply.several",
        "a plan may be of several models, with references between them",
        making::several
    ),
    check!(
        "schema.apply.again",
        "steps that were applied before change nothing, whether or not they are refused",
        making::applied_again
    ),
    check!(
        "schema.apply.invented-models",
        "an invented model is planned once, and nothing is to be done for what is then discovered",
        making::invented
    ),
    check!(
        "schema.change.add-property",
        "a new property leaves the records, which have no value of it",
        changes::add_property
    ),
    check!(
        "schema.change.add-index",
        "a new index leaves the records, and can be dropped again",
        changes::add_index
    ),
    check!(
        "schema.change.unique-index",
        "a new unique index holds from then on, and no more once it is dropped",
        changes::unique_index
    ),
    check!(
        "schema.change.not-unique-yet",
        "a unique index where values are twice is refused, and nothing has changed that the error doesn't tell",
        changes::not_unique
    ),
    check!(
        "schema.change.failing-step",
        "where a step fails, the error says whether the ones before it are done, and which one it was",
        changes::failing_step
    ),
    check!(
        "schema.change.invented",
        "from one invented model to another the records stay, as far as no step warns",
        changes::invented
    ),
    check!(
        "schema.destructive.property",
        "a property that is no longer there is a step, and a destructive one where its values are lost",
        destructive::dropped_property
    ),
    check!(
        "schema.destructive.change",
        "a property that becomes shorter or of another kind loses nothing without a warning",
        destructive::changed_property
    ),
    check!(
        "schema.destructive.key",
        "another key loses nothing without a warning",
        destructive::changed_key
    ),
    check!(
        "schema.discover.model",
        "what is discovered has the properties, kinds, keys and references of the model that it was made for",
        discovery::model
    ),
    check!(
        "schema.discover.every-kind",
        "properties of every kind are discovered as such, and nothing is to be planned for them",
        discovery::every_kind
    ),
    check!(
        "schema.discover.key-order",
        "the properties of a key are discovered in the key's order",
        discovery::key_order
    ),
    check!(
        "schema.discover.kept",
        "what a backend keeps of a model (lengths, indexes and their directions, what is required) is discovered",
        kept::kept
    ),
    check!(
        "schema.discover.usable",
        "a discovered model can be defined, and reads the records that are there",
        discovery::usable
    ),
    check!(
        "schema.discover.several",
        "collections are discovered in the order in which they are asked for",
        discovery::several
    ),
    check!(
        "schema.discover.missing",
        "a collection that isn't there is `not-found`",
        discovery::missing
    ),
    check!(
        "schema.discover.columns",
        "a property may have another name in the backend",
        discovery::columns
    ),
    check!(
        "schema.drop.collection",
        "a dropped collection is no longer listed, and made anew it is empty",
        drops::collection
    ),
    check!(
        "schema.drop.again",
        "to drop what isn't there is no error",
        drops::again
    ),
    check!(
        "schema.drop.others",
        "other collections are left alone",
        drops::others
    ),
    check!(
        "schema.drop.reshaped",
        "after a drop the model may be another one",
        drops::reshaped
    ),
    check!(
        "schema.sessions",
        "what one session makes and changes, another one finds",
        drops::other_session
    ),
];

/// A model of integers under a name of its own: the key `id`, and these.
fn draft(bench: &Bench<'_>, properties: &[&str]) -> tenon_model::Model {
    let model = tenon_model::Model::new(bench.name()).key("id", PropertyType::Integer);
    properties.iter().fold(model, |model, name| {
        model.property(Property::new(*name, PropertyType::Integer))
    })
}

/// The model as the contract has it, with its collection named. It is removed at the end, whatever becomes of it.
fn named(bench: &mut Bench<'_>, draft: tenon_model::Model) -> Model {
    let mut model = draft.to_contract();
    model.collection = Some(model.name.clone());
    bench.remember(&model);
    model
}

/// The same model with other properties and indexes.
fn changed(model: &Model, draft: tenon_model::Model) -> Model {
    let mut new = draft.to_contract();
    new.name.clone_from(&model.name);
    new.collection.clone_from(&model.collection);
    new
}

fn collection_of(model: &Model) -> &str {
    model.collection.as_deref().unwrap_or(&model.name)
}

fn plan(bench: &mut Bench<'_>, model: &Model) -> Checked<Vec<Step>> {
    let session = bench.session()?;
    must("plan", session.plan(std::slice::from_ref(model)))
        .map_err(|stop| stop.after(format!("plan {}", show::model(model))))
}

/// Plans, applies and defines.
fn make(bench: &mut Bench<'_>, model: &Model) -> Checked<Vec<Step>> {
    let steps = plan(bench, model)?;
    let session = bench.session()?;
    must("apply", session.apply(&steps))
        .and_then(|()| must("define", session.define(model)))
        .map_err(|stop| {
            stop.after(format!("apply {}", show_steps(&steps)))
                .after(format!("plan {}", show::model(model)))
        })?;
    Ok(steps)
}

fn nothing_to_do(bench: &mut Bench<'_>, model: &Model, when: &str) -> Checked {
    let steps = plan(bench, model)?;
    ensure(steps.is_empty(), || {
        Finding::new(format!("`plan` wants to change a collection {when}"))
            .differs("no step", show_steps(&steps))
            .after(format!("plan {}", show::model(model)))
    })
}

/// Whether the collection is listed, and once.
fn is_listed(bench: &mut Bench<'_>, model: &Model) -> Checked<bool> {
    let session = bench.session()?;
    let listed = must("collections", session.collections())?;
    let is_it = |name: &str| {
        name == collection_of(model) || name.ends_with(&format!(".{}", collection_of(model)))
    };
    let named: Vec<_> = listed.iter().filter(|found| is_it(&found.name)).collect();
    ensure(named.len() <= 1, || {
        Finding::new("`collections` lists a collection twice")
            .differs(collection_of(model), format!("{} times", named.len()))
    })?;
    ensure(
        named.iter().all(|found| !found.kind.trim().is_empty()),
        || Finding::new("`collections` doesn't say of what kind a collection is"),
    )?;
    Ok(!named.is_empty())
}

/// Whether the model's records are these, with a null where a strict model's is missing.
fn has(bench: &mut Bench<'_>, model: &Model, wanted: &[Entity], when: &str) -> Checked {
    let mut stored = bench.everything(model)?;
    let mut wanted = wanted.to_vec();
    for record in stored.iter_mut().chain(&mut wanted) {
        complete(model, record);
    }
    ensure(same_records(&wanted, &stored), || {
        Finding::new(format!("the records aren't as they were {when}"))
            .differs(show::records(&wanted), show::records(&stored))
            .after(show::model(model))
    })
}

fn create(bench: &mut Bench<'_>, model: &Model, records: &[Entity]) -> Checked {
    let session = bench.session()?;
    for record in records {
        must("create", session.create(&model.name, record.as_contract()))
            .map_err(|stop| stop.after(format!("create {}", show::record(record))))?;
    }
    Ok(())
}

/// Three records of the integers `a` and `b`.
fn three() -> Vec<Entity> {
    (1..=3)
        .map(|id| integers(&[("id", id), ("a", id * 10), ("b", 7)]))
        .collect()
}

fn show_steps(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "no step".to_owned();
    }
    let lines = steps.iter().map(|step| {
        let destructive = if step.destructive {
            " (destructive)"
        } else {
            ""
        };
        format!(
            "{} {}: {}{destructive}",
            step.kind, step.collection, step.description
        )
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// An index on these properties, descending where it is said so.
fn index(name: &str, properties: &[(&str, bool)], unique: bool) -> tenon_model::Index {
    let properties = properties.iter().map(|(property, descending)| SortKey {
        property: (*property).to_owned(),
        path: Vec::new(),
        descending: *descending,
    });
    tenon_model::Index {
        name: name.to_owned(),
        properties: properties.collect(),
        unique,
        settings: None,
    }
}
