//! Inventing steps.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{Comparison, Filter, FilterNode, Model, PropertyType, Value};
use tenon_runtime::Isolation;

use super::Step;
use crate::facts::Facts;
use crate::generate::{filters, queries, records};
use crate::reference::key_names;

/// Which functions there are steps of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// `crud` alone.
    Crud,
    /// `upsert` too.
    Upserts,
    /// `transactions`, and `upsert` where it is said so.
    Transactions { upserts: bool },
}

/// The most steps of a sequence.
const LONGEST: usize = 40;

/// A sequence of steps with records of a model.
pub fn steps(model: &Model, facts: &Facts, with: With) -> BoxedStrategy<Vec<Step>> {
    // What an upsert has made of a strict model's record may be absent or null.
    let exists =
        !model.strict || !matches!(with, With::Upserts | With::Transactions { upserts: true });
    let filter = filter(model, facts, exists);
    let step = match with {
        With::Crud => crud(model, facts, &filter),
        With::Upserts => upserts(model, facts, &filter),
        With::Transactions { upserts } => transactions(model, facts, &filter, upserts),
    };
    vec(step, 1..=LONGEST).boxed()
}

fn crud(model: &Model, facts: &Facts, filter: &BoxedStrategy<Filter>) -> BoxedStrategy<Step> {
    prop_oneof![
        9 => records::record(model, facts).prop_map(Step::Create),
        3 => vec(records::record(model, facts), 0..6).prop_map(Step::CreateAll),
        3 => records::record(model, facts).prop_map(Step::Save),
        2 => records::id(model).prop_map(Step::Find),
        3 => (records::id(model), records::changes(model, facts))
            .prop_map(|(id, data)| Step::UpdateAttributes(id, data)),
        2 => (filter.clone(), records::changes(model, facts))
            .prop_map(|(filter, data)| Step::Update(filter, data)),
        2 => records::id(model).prop_map(Step::Destroy),
        1 => filter.clone().prop_map(Step::DestroyAll),
        2 => filter.clone().prop_map(Step::Count),
        4 => queries::shaped(model, filter.clone()).prop_map(Step::All),
    ]
    .boxed()
}

fn upserts(model: &Model, facts: &Facts, filter: &BoxedStrategy<Filter>) -> BoxedStrategy<Step> {
    let with_filter = (filter.clone(), records::record(model, facts)).boxed();
    let aimed = |step: Step, is_aimed: bool| match is_aimed {
        true => Step::Aimed(Box::new(step)),
        false => step,
    };
    prop_oneof![
        4 => crud(model, facts, filter),
        2 => by(model, facts).prop_map(move |(by, data, it)| aimed(Step::UpdateOrCreate(by, data), it)),
        2 => by(model, facts).prop_map(move |(by, data, it)| aimed(Step::ReplaceOrCreate(by, data), it)),
        1 => with_filter.clone().prop_map(|(filter, data)| Step::FindOrCreate(filter, data)),
        1 => with_filter.prop_map(|(filter, data)| Step::UpsertWhere(filter, data)),
    ]
    .boxed()
}

/// The key or a unique index, in any order, data that have its properties or don't, and whether to aim.
fn by(model: &Model, facts: &Facts) -> BoxedStrategy<(Vec<String>, tenon_model::Entity, bool)> {
    let key = key_names(model).into_iter().map(str::to_owned).collect();
    let mut choices: Vec<Vec<String>> = vec![key];
    for index in model.indexes.iter().filter(|index| index.unique) {
        let names = index.properties.iter().map(|sort| sort.property.clone());
        choices.push(names.collect());
    }
    let whole = proptest::bool::weighted(0.8);
    let aimed = proptest::bool::weighted(0.7);
    let by = select(choices).prop_shuffle();
    (by, records::record(model, facts), whole, aimed)
        .prop_map(|(by, mut data, whole, aimed)| {
            for name in &by {
                if whole && data.get(name).is_none() {
                    data.set(name.as_str(), Value::Null);
                }
            }
            (by, data, aimed)
        })
        .boxed()
}

fn transactions(
    model: &Model,
    facts: &Facts,
    filter: &BoxedStrategy<Filter>,
    with_upserts: bool,
) -> BoxedStrategy<Step> {
    let step = if with_upserts {
        upserts(model, facts, filter)
    } else {
        crud(model, facts, filter)
    };
    let isolation = proptest::option::of(select(vec![
        Isolation::ReadUncommitted,
        Isolation::ReadCommitted,
        Isolation::RepeatableRead,
        Isolation::Serializable,
    ]));
    let begin = (isolation, proptest::bool::weighted(0.1));
    prop_oneof![
        14 => step,
        3 => begin.prop_map(|(isolation, read_only)| Step::Begin(isolation, read_only)),
        2 => Just(Step::Rollback),
        1 => Just(Step::Commit),
    ]
    .boxed()
}

/// Filters, of which half are a single condition, so that connectors that can do little do some of them.
fn filter(model: &Model, facts: &Facts, exists: bool) -> BoxedStrategy<Filter> {
    let equal: Vec<_> = model
        .properties
        .iter()
        .filter(|property| !matches!(property.kind, PropertyType::Json | PropertyType::Point))
        .map(|property| filters::condition(&property.name, property.kind, facts))
        .collect();
    let single = select((0..equal.len()).collect::<Vec<_>>())
        .prop_flat_map(move |which| {
            let chosen = equal.get(which).or_else(|| equal.first()).cloned();
            chosen.map_or(Just(tenon_model::Filter::all()).boxed(), |condition| {
                condition.prop_map(tenon_model::Filter::Condition).boxed()
            })
        })
        .boxed();
    let step = facts.time_step;
    prop_oneof![1 => single, 1 => filters::filter(model, facts)]
        .prop_map(move |filter| as_asked(filter.to_nodes(), step, exists))
        .boxed()
}

/// The same filter, with times in the backend's steps, and without `exists` unless that is asked for.
fn as_asked(mut filter: Filter, step: i64, exists: bool) -> Filter {
    for node in &mut filter {
        let FilterNode::Condition(condition) = node else {
            continue;
        };
        if condition.comparison == Comparison::Exists && condition.path.is_empty() && !exists {
            condition.comparison = Comparison::OneOf;
        }
        for operand in &mut condition.operands {
            if let Value::Timestamp(time) = operand {
                *time -= time.rem_euclid(step.max(1));
            }
        }
    }
    filter
}
