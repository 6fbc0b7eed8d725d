//! Writes between the pages of a result.

use proptest::collection::vec;
use proptest::prelude::*;
use tenon_model::contract::{Comparison, PropertyType, Query, Value};
use tenon_model::{Entity, Property};

use super::must_interleave;
use super::watch::Watch;
use super::writes::{Write, any_write, filter, new, take, which};
use crate::ask::Known;
use crate::bench::{Bench, end};
use crate::finding::{Checked, must};
use crate::generate::models;
use crate::property;
use crate::reference::Reference;
use crate::session::Session;
use crate::show;
use crate::suites::filters::rich::condition;
use crate::suites::order::sort;

/// A query, and what is written after which page.
#[derive(Clone, Debug)]
struct Scenario {
    query: Query,
    max: u32,
    writes: Vec<(u8, Write)>,
}

/// How many records there are at first.
const RECORDS: i64 = 18;

fn draft(bench: &Bench<'_>) -> tenon_model::Model {
    let draft = models::with(&[
        ("number", PropertyType::Integer),
        ("text", PropertyType::Text),
    ])
    .property(Property::new("plain", PropertyType::Integer));
    // The order by an index is another way through the records.
    if bench.facts().index_kinds.contains(&PropertyType::Integer) {
        return draft.index(&["number"], false);
    }
    draft
}

fn records() -> Vec<Entity> {
    (0..RECORDS)
        .map(|number| {
            Entity::new()
                .with("id", Value::Integer(number * 2))
                .with("number", Value::Integer(number * 5 % 7))
                .with("text", format!("text {}", number % 3))
                .with("plain", Value::Integer(number % 4))
        })
        .collect()
}

fn queries() -> Vec<Query> {
    use Comparison as C;
    let filters = [
        Vec::new(),
        condition("number", &[], C::Greater, vec![Value::Integer(1)]),
        condition("number", &[], C::Equal, vec![Value::Integer(3)]),
        condition(
            "number",
            &[],
            C::OneOf,
            [1, 3, 5].map(Value::Integer).to_vec(),
        ),
        condition("plain", &[], C::Less, vec![Value::Integer(3)]),
        condition("id", &[], C::GreaterOrEqual, vec![Value::Integer(6)]),
    ];
    let orders = [
        Vec::new(),
        vec![sort("id", false)],
        vec![sort("id", true)],
        vec![sort("number", false), sort("id", false)],
        vec![sort("number", true), sort("id", false)],
        vec![sort("plain", false), sort("id", true)],
    ];
    let mut queries = Vec::new();
    for order in orders {
        for filter in &filters {
            queries.push(Query {
                filter: filter.clone(),
                order: order.clone(),
                ..Query::default()
            });
        }
    }
    queries
}

fn scenario(write: BoxedStrategy<Write>) -> impl Strategy<Value = Scenario> {
    (
        prop::sample::select(queries()),
        1..4_u32,
        vec((0..6_u8, write), 1..9),
    )
        .prop_map(|(query, max, writes)| Scenario { query, max, writes })
}

/// Changes by the session itself.
pub fn own(bench: &mut Bench<'_>) -> Checked {
    must_interleave(bench)?;
    check(bench, any_write(), None)
}

/// Only deletions: each takes a place from those behind it.
pub fn deletes(bench: &mut Bench<'_>) -> Checked {
    must_interleave(bench)?;
    let write = prop_oneof![
        4 => which().prop_map(Write::Destroy),
        1 => filter().prop_map(Write::DestroyAll),
    ];
    check(bench, write.boxed(), None)
}

/// Only new records, also before those that have come.
pub fn inserts(bench: &mut Bench<'_>) -> Checked {
    must_interleave(bench)?;
    check(bench, new().boxed(), None)
}

/// Changes by another session.
pub fn others(bench: &mut Bench<'_>) -> Checked {
    let mut other = bench.another()?;
    let checked = check(bench, any_write(), Some(&mut other));
    end(other);
    checked
}

fn check<'k>(
    bench: &mut Bench<'k>,
    write: BoxedStrategy<Write>,
    mut other: Option<&mut Session<'k>>,
) -> Checked {
    let draft = draft(bench);
    let model = bench.collection(draft)?;
    if let Some(other) = &mut other {
        must("define", other.define(&model))?;
    }
    let known = Known::new(&model, &records(), bench.facts());
    let mut runner = bench.runner("writes between pages");
    let cases = bench.cases() / 6;
    property::hold(&mut runner, cases, &scenario(write), |scenario| {
        known.store(bench.session()?)?;
        play(bench.session()?, other.as_deref_mut(), &known, &scenario)
    })
}

fn play<'k>(
    session: &mut Session<'k>,
    other: Option<&mut Session<'k>>,
    known: &Known,
    scenario: &Scenario,
) -> Checked {
    let mut steps = vec![format!(
        "open all {}, and read it in pages of {}",
        show::query(&scenario.query),
        scenario.max
    )];
    run(session, other, known, scenario, &mut steps).map_err(|mut stop| {
        for step in steps.iter().rev() {
            stop = stop.after(step);
        }
        known.with_records(stop)
    })
}

fn run<'k>(
    session: &mut Session<'k>,
    mut other: Option<&mut Session<'k>>,
    known: &Known,
    scenario: &Scenario,
    steps: &mut Vec<String>,
) -> Checked {
    let mut reference = Reference::new(known.model().clone());
    if reference.create_all(known.records().to_vec()).is_err() {
        return Ok(());
    }
    let Some(mut watch) = Watch::open(session, known, &scenario.query)? else {
        return Ok(());
    };
    for page in 0..6 {
        for (_, write) in scenario.writes.iter().filter(|(when, _)| *when == page) {
            let taken = match other.as_deref_mut() {
                Some(other) => take(other, &mut reference, &watch.came, write)?,
                None => take(session, &mut reference, &watch.came, write)?,
            };
            if let Some(step) = taken {
                steps.push(format!("after {} rows: {step}", watch.came.len()));
            }
            watch.note(&reference);
        }
        if !watch.next_page(session, scenario.max)? {
            break;
        }
    }
    watch.finish(session, scenario.max)
}
