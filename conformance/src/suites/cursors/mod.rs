//! Open results: left before their end, several at a time, and over records that change meanwhile.

mod changes;
mod watch;
mod writes;

use tenon_model::Entity;
use tenon_model::contract::{Comparison, PropertyType, Query, Value};
use tenon_runtime::Capability;

use super::Check;
use super::filters::rich::condition;
use super::order::sort;
use super::pages;
use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::models;
use crate::reference::{key_of, same, same_rows};
use crate::session::Session;
use crate::show;

/// Declares the checks.
macro_rules! checks {
    ($($name:literal = $run:path: $about:literal;)+) => {
        pub const CHECKS: &[Check] = &[$(
            Check {
                name: concat!("crud.cursor.", $name),
                about: $about,
                needs: &[Capability::Crud],
                writes: true,
                run: $run,
            },
        )+];
    };
}

checks! {
    "left" = left: "a result may be closed before its end, and the session goes on";
    "several" = several: "several results are open at a time, each with its own place";
    "memory" = memory: "results that were closed leave no memory behind";
    "between" = between: "between the pages of a result the session serves other calls";
    "changes" = changes::own: "a record that nobody changes while a result is open comes exactly once, others as they were or are";
    "deletes" = changes::deletes: "records that are deleted between two pages cost no other its place in the result";
    "inserts" = changes::inserts: "records that are new between two pages make no other come twice";
    "others" = changes::others: "what other sessions write while a result is open changes it as little";
}

/// Whether a session serves other calls while a result is open.
pub fn interleaves(bench: &Bench<'_>) -> bool {
    // Of an exclusive connector's only instance, calls take turns between pages too.
    !bench.subject().is_pooled() || bench.subject().manifest().interleaving
}

fn must_interleave(bench: &Bench<'_>) -> Checked {
    if interleaves(bench) {
        return Ok(());
    }
    Err(Stop::skipped(
        "its manifest says that a session serves nothing else while a result is open",
    ))
}

/// Queries that a connector may go about in different ways.
fn queries() -> Vec<Query> {
    let few = condition("number", &[], Comparison::Greater, vec![Value::Integer(2)]);
    let orders = [
        Vec::new(),
        vec![sort("id", true)],
        vec![sort("number", false), sort("id", false)],
    ];
    let mut queries = Vec::new();
    for filter in [Vec::new(), few] {
        for order in &orders {
            queries.push(Query {
                filter: filter.clone(),
                order: order.clone(),
                ..Query::default()
            });
        }
    }
    queries.push(Query {
        order: vec![sort("text", true), sort("id", false)],
        limit: Some(9),
        offset: 2,
        ..Query::default()
    });
    queries
}

fn left(bench: &mut Bench<'_>) -> Checked {
    let known = pages::stored(bench, 30)?;
    let name = known.model().name.clone();
    let new = Entity::new()
        .with("id", Value::Integer(1_000))
        .with("number", Value::Null)
        .with("text", "new");
    for query in queries() {
        for (read, max) in [(0, 1), (1, 1), (1, 7), (3, 4), (1, 1_000), (100, 10)] {
            let told = |stop: Stop| {
                let step = format!(
                    "all {}, closed after {read} pages of {max}",
                    show::query(&query)
                );
                known.with_records(stop.after(step))
            };
            let session = bench.session()?;
            let (rows, _) = must("all", session.all(&name, &query)).map_err(told)?;
            for _ in 0..read {
                if must("next", session.next(rows, max))
                    .map_err(told)?
                    .is_none()
                {
                    break;
                }
            }
            must("close", session.close(rows)).map_err(told)?;
            // Reads and writes are as before.
            known.ask(session, &query, PAGE).map_err(told)?;
            must("create", session.create(&name, new.as_contract())).map_err(told)?;
            let id = key_of(known.model(), &new);
            let found = must("find", session.find(&name, &id.clone()));
            let found = found.map_err(told)?.map(Entity::from);
            ensure(found.is_some_and(|found| same(&found, &new)), || {
                Finding::new("a record that was created after a result was closed is not found")
            })
            .map_err(told)?;
            let gone = must("destroy", session.destroy(&name, &id)).map_err(told)?;
            ensure(gone, || {
                Finding::new("`destroy` finds nothing to delete after a result was closed")
            })
            .map_err(told)?;
        }
    }
    if !interleaves(bench) {
        return Ok(());
    }
    // A language without destructors never closes what it has let go of; nothing else may suffer from it.
    for query in queries() {
        let session = bench.session()?;
        let (rows, _) = must("all", session.all(&name, &query))?;
        must("next", session.next(rows, 3))?;
        must("letting go of a result", session.let_go(rows))?;
        known
            .ask(session, &query, PAGE)
            .map_err(|stop| stop.after("a result was let go of without `close`"))?;
    }
    Ok(())
}

/// A result that is read a page at a time, and what has come of it.
struct Reading {
    query: usize,
    rows: tenon_runtime::direct::OpenRows,
    came: Vec<Entity>,
    ended: bool,
}

fn several(bench: &mut Bench<'_>) -> Checked {
    must_interleave(bench)?;
    let one = pages::stored(bench, 30)?;
    let other = pages::stored(bench, 17)?;
    let queries = queries();
    for turn in 0..3_usize {
        // What each comes to by itself.
        let session = bench.session()?;
        let mut alone = Vec::new();
        for (known, query) in pairs(&one, &other, &queries) {
            let (rows, _) = must("all", session.all(&known.model().name, query))?;
            alone.push(must("next", session.read(rows, PAGE))?);
        }
        let mut open = Vec::new();
        let all: Vec<_> = pairs(&one, &other, &queries).collect();
        // The same query twice, too.
        for (number, (known, query)) in all.iter().enumerate().chain(all.iter().enumerate().take(3))
        {
            let (rows, _) = must("all", session.all(&known.model().name, query))?;
            open.push(Reading {
                query: number,
                rows,
                came: Vec::new(),
                ended: false,
            });
        }
        let mut round = 0_usize;
        while open.iter().any(|reading| !reading.ended) {
            for (place, reading) in open.iter_mut().enumerate() {
                // Each at its own pace.
                if reading.ended || !(round + place + turn).is_multiple_of(1 + place % 3) {
                    continue;
                }
                let max = 1 + ((place + turn) % 5) as u32;
                match must("next", session.next_records(reading.rows, max))? {
                    Some(page) => reading.came.extend(page),
                    None => reading.ended = true,
                }
            }
            round += 1;
            if round > 10_000 {
                return Err(Stop::failed(
                    "results that are read in turns never come to their end",
                ));
            }
        }
        for reading in open {
            must("close", session.close(reading.rows))?;
            let Some(((known, query), alone)) =
                all.get(reading.query).zip(alone.get(reading.query))
            else {
                continue;
            };
            let agree = if query.order.is_empty() {
                crate::reference::same_records(alone, &reading.came)
            } else {
                same_rows(alone, &reading.came)
            };
            ensure(agree, || {
                Finding::new("a result comes to something else while others are open, and read in turns with it")
                    .differs(show::records(alone), show::records(&reading.came))
                    .after(format!("all {}", show::query(query)))
            })
            .map_err(|stop| known.with_records(stop))?;
        }
    }
    Ok(())
}

fn pairs<'a>(
    one: &'a Known,
    other: &'a Known,
    queries: &'a [Query],
) -> impl Iterator<Item = (&'a Known, &'a Query)> {
    let of = |known: &'a Known| queries.iter().map(move |query| (known, query));
    of(one).chain(of(other))
}

/// The growth that is taken for chance: a few pages of memory, and no more for more results.
const CHANCE: usize = 512 * 1024;

fn memory(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(models::with(&[
        ("number", PropertyType::Integer),
        ("text", PropertyType::Text),
    ]))?;
    let records: Vec<Entity> = (0..300)
        .map(|id| {
            Entity::new()
                .with("id", Value::Integer(id))
                .with("number", Value::Integer(id * 7 % 10))
                .with("text", format!("text {id:0>200}"))
        })
        .collect();
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    let session = bench.session()?;
    let open_and_close = |session: &mut Session<'_>, times: usize| -> Checked {
        for time in 0..times {
            let all = queries();
            let Some(query) = all.get(time % all.len()) else {
                continue;
            };
            let (rows, _) = must("all", session.all(&model.name, query))?;
            // At once, after a page, at the end.
            for _ in 0..time % 3 {
                must(
                    "next",
                    session.next(rows, if time % 2 == 0 { 10 } else { 1_000 }),
                )?;
            }
            must("close", session.close(rows))?;
        }
        Ok(())
    };
    open_and_close(session, 100)?;
    let before = session.memory();
    open_and_close(session, 400)?;
    let after = session.memory();
    ensure(after <= before + CHANCE, || {
        Finding::new("results that were closed leave memory behind").differs(
            format!("about {before} bytes after 500 results, as after the first 100"),
            format!("{after} bytes"),
        )
    })
}

fn between(bench: &mut Bench<'_>) -> Checked {
    must_interleave(bench)?;
    let known = pages::stored(bench, 12)?;
    let other = pages::stored(bench, 5)?;
    let name = known.model().name.clone();
    let number = condition("number", &[], Comparison::Greater, vec![Value::Integer(4)]);
    for query in queries() {
        let session = bench.session()?;
        let (rows, _) = must("all", session.all(&name, &query))?;
        let mut came = Vec::new();
        while let Some(page) = must("next", session.next_records(rows, 2))? {
            came.extend(page);
            for record in known.records().iter().take(3) {
                let id = key_of(known.model(), record);
                let found = must("find", session.find(&name, &id))?.map(Entity::from);
                ensure(found.is_some_and(|found| same(&found, record)), || {
                    Finding::new("`find` finds another record while a result is open")
                        .after(format!("find {}", show::key(&id)))
                })?;
            }
            known.count(session, &number)?;
            must("ping", session.ping())?;
            other.ask(session, &Query::default(), 2)?;
            let record = Entity::new()
                .with("id", Value::Integer(99))
                .with("number", Value::Integer(1))
                .with("text", "x");
            let second = other.model().name.as_str();
            must("create", session.create(second, record.as_contract()))?;
            let id = key_of(other.model(), &record);
            must("destroy", session.destroy(second, &id))?;
        }
        must("close", session.close(rows))?;
        let (rows, _) = must("all", session.all(&name, &query))?;
        let alone = must("next", session.read(rows, PAGE))?;
        let agree = if query.order.is_empty() {
            crate::reference::same_records(&alone, &came)
        } else {
            same_rows(&alone, &came)
        };
        ensure(agree, || {
            Finding::new(
                "a result comes to something else where other calls come between its pages",
            )
            .differs(show::records(&alone), show::records(&came))
            .after(format!("all {}, in pages of 2", show::query(&query)))
        })
        .map_err(|stop| known.with_records(stop))?;
    }
    Ok(())
}
