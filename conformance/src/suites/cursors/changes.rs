//! Writes between the pages of a result.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tenon_model::contract::{
    Comparison, ErrorKind, Filter, Key, Model, PropertyType, Query, Value,
};
use tenon_model::{Entity, Property};
use tenon_runtime::direct::Called;

use super::must_interleave;
use super::watch::Watch;
use crate::ask::Known;
use crate::bench::{Bench, end};
use crate::finding::{Checked, Stop, must};
use crate::generate::models;
use crate::property;
use crate::reference::{Reference, key_of};
use crate::session::Session;
use crate::show;
use crate::suites::filters::rich::condition;
use crate::suites::order::sort;

/// A write.
#[derive(Clone, Debug)]
enum Write {
    Create(Entity),
    Save(Which, Entity),
    Change(Which, Entity),
    Destroy(Which),
    Update(Filter, Entity),
    DestroyAll(Filter),
}

/// A record.
#[derive(Clone, Debug)]
enum Which {
    /// The one that came last.
    JustCame,
    /// The one that comes next in the key's order after that.
    Next,
    Any(Index),
}

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

fn value() -> impl Strategy<Value = Entity> {
    let number = proptest::option::weighted(0.9, 0..7_i64);
    (number, 0..3_i64, 0..4_i64).prop_map(|(number, text, plain)| {
        Entity::new()
            .with("number", number.map_or(Value::Null, Value::Integer))
            .with("text", format!("text {text}"))
            .with("plain", Value::Integer(plain))
    })
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        Just(Which::JustCame),
        Just(Which::Next),
        any::<Index>().prop_map(Which::Any)
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    use Comparison as C;
    prop_oneof![
        (0..7_i64).prop_map(|number| condition(
            "number",
            &[],
            C::Equal,
            vec![Value::Integer(number)]
        )),
        (0..4_i64).prop_map(|plain| condition("plain", &[], C::Equal, vec![Value::Integer(plain)])),
        (0..40_i64).prop_map(|id| condition("id", &[], C::Greater, vec![Value::Integer(id)])),
        (0..40_i64).prop_map(|id| condition("id", &[], C::Less, vec![Value::Integer(id)])),
    ]
}

/// One of a record's properties, or two.
fn change() -> impl Strategy<Value = Entity> {
    (value(), 0..4_usize).prop_map(|(value, which)| {
        let names = [&["number"][..], &["plain"], &["text"], &["number", "plain"]];
        let mut value = value;
        if let Some(names) = names.get(which) {
            value.retain(|name| names.contains(&name));
        }
        value
    })
}

fn new() -> impl Strategy<Value = Write> {
    (value(), 0..40_i64).prop_map(|(value, id)| {
        let mut record = Entity::new().with("id", Value::Integer(id));
        record.merge(value);
        Write::Create(record)
    })
}

fn scenario(write: BoxedStrategy<Write>) -> impl Strategy<Value = Scenario> {
    (
        prop::sample::select(queries()),
        1..4_u32,
        vec((0..6_u8, write), 1..9),
    )
        .prop_map(|(query, max, writes)| Scenario { query, max, writes })
}

fn any_write() -> BoxedStrategy<Write> {
    prop_oneof![
        2 => new(),
        2 => which().prop_map(Write::Destroy),
        4 => (which(), change()).prop_map(|(which, change)| Write::Change(which, change)),
        1 => (which(), value()).prop_map(|(which, value)| Write::Save(which, value)),
        1 => (filter(), change()).prop_map(|(filter, change)| Write::Update(filter, change)),
        1 => filter().prop_map(Write::DestroyAll),
    ]
    .boxed()
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

/// The key of a record.
fn key(which: &Which, reference: &Reference, came: &[Entity]) -> Option<Key> {
    let model = reference.model();
    let last = came.last();
    match which {
        Which::JustCame => last.map(|record| key_of(model, record)),
        Which::Next => {
            let number = |record: &Entity| match record.get("id") {
                Some(Value::Integer(id)) => *id,
                _ => -1,
            };
            let after = last.map_or(-1, number);
            let later = reference
                .records()
                .iter()
                .filter(|record| number(record) > after);
            later
                .min_by_key(|record| number(record))
                .map(|record| key_of(model, record))
        }
        Which::Any(index) => {
            let records = reference.records();
            (!records.is_empty()).then(|| key_of(model, index.get::<Entity>(records)))
        }
    }
}

/// Writes, where the contract allows it; what was done.
fn take(
    session: &mut Session<'_>,
    reference: &mut Reference,
    came: &[Entity],
    write: &Write,
) -> Checked<Option<String>> {
    let mut then = reference.clone();
    let model: Model = reference.model().clone();
    let name = model.name.as_str();
    let (step, allowed, called): (String, _, Called<()>) = match write {
        Write::Create(record) => {
            let allowed = then.create(record.clone()).is_ok();
            let called = if allowed {
                session.create(name, record.as_contract()).map(drop)
            } else {
                Ok(())
            };
            (format!("create {}", show::record(record)), allowed, called)
        }
        Write::Save(which, data) => {
            let Some(id) = key(which, reference, came) else {
                return Ok(None);
            };
            let mut record: Entity =
                Entity::new().with("id", id.first().cloned().unwrap_or_default());
            record.merge(data.clone());
            let allowed = then.save(record.clone()).is_ok();
            let called = if allowed {
                session.save(name, record.as_contract()).map(drop)
            } else {
                Ok(())
            };
            (format!("save {}", show::record(&record)), allowed, called)
        }
        Write::Change(which, data) => {
            let Some(id) = key(which, reference, came) else {
                return Ok(None);
            };
            let allowed = then.update_attributes(&id, data.clone()).is_ok();
            let called = if allowed {
                session
                    .update_attributes(name, &id, data.as_contract())
                    .map(drop)
            } else {
                Ok(())
            };
            (
                format!(
                    "update-attributes {} with {}",
                    show::key(&id),
                    show::record(data)
                ),
                allowed,
                called,
            )
        }
        Write::Destroy(which) => {
            let Some(id) = key(which, reference, came) else {
                return Ok(None);
            };
            let allowed = then.destroy(&id);
            let called = if allowed {
                session.destroy(name, &id).map(drop)
            } else {
                Ok(())
            };
            (format!("destroy {}", show::key(&id)), allowed, called)
        }
        Write::Update(filter, data) => {
            let allowed = then.update(filter, data).is_ok();
            let called = session.update(name, filter, data.as_contract()).map(drop);
            (
                format!(
                    "update {} with {}",
                    show::filter(filter),
                    show::record(data)
                ),
                allowed,
                called,
            )
        }
        Write::DestroyAll(filter) => {
            let allowed = then.destroy_all(filter).is_ok();
            let called = session.destroy_all(name, filter).map(drop);
            (
                format!("destroy-all {}", show::filter(filter)),
                allowed,
                called,
            )
        }
    };
    if !allowed {
        return Ok(None);
    }
    match called {
        // A backend may make a writer wait for the readers, and have it try again.
        Err(failure)
            if matches!(
                failure.kind(),
                Some(
                    ErrorKind::Unsupported
                        | ErrorKind::Conflict
                        | ErrorKind::Timeout
                        | ErrorKind::Unavailable
                        | ErrorKind::Exhausted
                )
            ) =>
        {
            Ok(None)
        }
        called => {
            must("a write between two pages", called).map_err(|stop: Stop| stop.after(&step))?;
            *reference = then;
            Ok(Some(step))
        }
    }
}
