//! Parts of a result and its pages: how many rows there are, of what size, and what is in them.

mod contents;

use tenon_model::Entity;
use tenon_model::contract::{Comparison, Filter, PropertyType, Query, Value};
use tenon_runtime::Capability;
use tenon_runtime::direct::count_rows;

use super::Check;
use super::filters::rich::condition;
use super::order::{ask, ask_pages, sort};
use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::{Checked, Finding, must};
use crate::generate::models;
use crate::show;

pub const CHECKS: &[Check] = &[
    Check {
        name: "crud.pages.part",
        about: "limit and offset take the part that was asked for, also around the ends, of nothing and of all",
        needs: &[Capability::Crud],
        writes: true,
        run: part,
    },
    Check {
        name: "crud.pages.size",
        about: "whatever size is asked for, a page has no more rows, and every row comes once",
        needs: &[Capability::Crud],
        writes: true,
        run: sizes,
    },
    Check {
        name: "crud.pages.many",
        about: "of two thousand records none is lost and none comes twice, with every filter and order",
        needs: &[Capability::Crud],
        writes: true,
        run: many,
    },
    Check {
        name: "crud.pages.end",
        about: "a result comes to its end, and nothing follows it",
        needs: &[Capability::Crud],
        writes: true,
        run: end,
    },
    Check {
        name: "crud.pages.none",
        about: "an empty collection has an end, and no rows",
        needs: &[Capability::Crud],
        writes: true,
        run: none,
    },
    Check {
        name: "crud.pages.values",
        about: "nulls, absent properties and values of several kinds are in a page as `find` has them",
        needs: &[Capability::Crud],
        writes: true,
        run: contents::in_pages,
    },
    Check {
        name: "crud.pages.bytes",
        about: "pages of large records stay about below the limit `page-size`, and none is lost",
        needs: &[Capability::Crud],
        writes: true,
        run: contents::large,
    },
    Check {
        name: "crud.pages.fields",
        about: "the properties that are wanted are there, and where `fields` is claimed no others",
        needs: &[Capability::Crud],
        writes: true,
        run: contents::fields,
    },
    Check {
        name: "crud.pages.hints",
        about: "hints are advice: with one that nobody knows a query has the same answer",
        needs: &[Capability::Crud],
        writes: true,
        run: hints,
    },
];

/// A number whose remainders make groups, and a text of it.
fn numbered(count: i64) -> Vec<Entity> {
    (0..count)
        .map(|number| {
            Entity::new()
                .with("id", Value::Integer(number))
                .with("number", Value::Integer(number * 7 % 10))
                .with("text", format!("text {}", number % 4))
        })
        .collect()
}

/// So many records of a number and a text, in a collection of their own.
pub fn stored(bench: &mut Bench<'_>, count: i64) -> Checked<Known> {
    let model = bench.collection(models::with(&[
        ("number", PropertyType::Integer),
        ("text", PropertyType::Text),
    ]))?;
    let known = Known::new(&model, &numbered(count), bench.facts());
    known.store(bench.session()?)?;
    Ok(known)
}

fn hints(bench: &mut Bench<'_>) -> Checked {
    let known = stored(bench, 7)?;
    let hinted = [
        ("index", "there is no such index"),
        ("read-preference", "nearest"),
        ("tenon-check", "a hint that no connector knows"),
    ];
    for (name, value) in hinted {
        for limit in [None, Some(3)] {
            let query = Query {
                filter: condition("number", &[], Comparison::Greater, vec![Value::Integer(2)]),
                order: vec![sort("text", true), sort("id", false)],
                limit,
                hints: vec![(name.to_owned(), value.to_owned())],
                ..Query::default()
            };
            let told =
                format!("the query has the hint `{name}`, which is advice to ignore at will");
            ask(bench, &known, &query).map_err(|stop| stop.after(told))?;
        }
    }
    Ok(())
}

fn part(bench: &mut Bench<'_>) -> Checked {
    let count = 7;
    let known = stored(bench, count)?;
    let count = count as u64;
    let filters: [Filter; 4] = [
        Vec::new(),
        condition("number", &[], Comparison::Greater, vec![Value::Integer(3)]),
        condition("text", &[], Comparison::Like, vec![Value::from("%1")]),
        condition("id", &[], Comparison::Equal, vec![Value::Integer(100)]),
    ];
    let orders = [
        Vec::new(),
        vec![sort("id", true)],
        vec![sort("number", false), sort("id", false)],
        vec![sort("text", true), sort("number", true), sort("id", true)],
    ];
    let limits = [
        None,
        Some(0),
        Some(1),
        Some(2),
        Some(count - 1),
        Some(count),
        Some(count + 1),
        Some(1_000_000),
        Some(u64::from(u32::MAX) + 1),
        Some(i64::MAX as u64),
        Some(u64::MAX),
    ];
    let offsets = [
        0,
        1,
        2,
        count - 1,
        count,
        count + 1,
        1_000_000,
        i64::MAX as u64,
        u64::MAX,
    ];
    for filter in &filters {
        for order in &orders {
            for limit in limits {
                for offset in offsets {
                    let query = Query {
                        filter: filter.clone(),
                        order: order.clone(),
                        limit,
                        offset,
                        ..Query::default()
                    };
                    ask(bench, &known, &query)?;
                }
            }
        }
    }
    for max in [1, 2, 3] {
        for (limit, offset) in [
            (Some(3), 0),
            (Some(3), 2),
            (Some(4), 3),
            (None, 3),
            (Some(0), 0),
        ] {
            let query = Query {
                limit,
                offset,
                order: vec![sort("number", true), sort("id", false)],
                ..Query::default()
            };
            ask_pages(bench, &known, &query, max)?;
        }
    }
    Ok(())
}

fn sizes(bench: &mut Bench<'_>) -> Checked {
    let known = stored(bench, 12)?;
    let greater = condition("number", &[], Comparison::Greater, vec![Value::Integer(3)]);
    let like = condition("text", &[], Comparison::Like, vec![Value::from("%2")]);
    for filter in [Vec::new(), greater, like] {
        for order in [
            Vec::new(),
            vec![sort("id", true)],
            vec![sort("number", false), sort("id", false)],
            vec![sort("text", true), sort("id", true)],
        ] {
            for max in [1, 2, 3, 4, 5, 6, 11, 12, 13, 1_000, 1_000_000, u32::MAX] {
                let query = Query {
                    filter: filter.clone(),
                    order: order.clone(),
                    ..Query::default()
                };
                ask_pages(bench, &known, &query, max)?;
            }
        }
    }
    Ok(())
}

fn many(bench: &mut Bench<'_>) -> Checked {
    let known = stored(bench, 2_000)?;
    let is = |name: &str, comparison, value| condition(name, &[], comparison, vec![value]);
    let last = Value::Integer(1_990);
    let filters = [
        Vec::new(),
        is("number", Comparison::Equal, Value::Integer(3)),
        is("id", Comparison::GreaterOrEqual, last.clone()),
        is("id", Comparison::Less, last),
        is("text", Comparison::Equal, Value::from("text 3")),
        is("text", Comparison::Like, Value::from("%3")),
        // Nothing until the very end, whatever is in the way.
        {
            let leaves = [
                is("id", Comparison::NotEqual, Value::Integer(1_999)),
                is("number", Comparison::Less, Value::Integer(0)),
            ];
            let nodes = leaves.into_iter().flatten();
            let root = tenon_model::contract::FilterNode::NoneOf(vec![1, 2]);
            std::iter::once(root).chain(nodes).collect()
        },
    ];
    for filter in filters {
        for (order, limit, offset, max) in [
            (Vec::new(), None, 0, 1_000),
            (Vec::new(), None, 0, 77),
            (vec![sort("id", true)], None, 0, 500),
            (vec![sort("number", false), sort("id", false)], None, 0, 999),
            (
                vec![sort("text", true), sort("id", true)],
                Some(1_500),
                3,
                400,
            ),
            (
                vec![sort("number", true), sort("id", false)],
                Some(10),
                1_900,
                3,
            ),
            (vec![sort("id", false)], Some(5), 150, 2),
        ] {
            let query = Query {
                filter: filter.clone(),
                order,
                limit,
                offset,
                ..Query::default()
            };
            ask_pages(bench, &known, &query, max)?;
        }
        known.count(bench.session()?, &filter)?;
    }
    let rows = Query {
        fields: vec!["id".to_owned()],
        ..Query::default()
    };
    ask_pages(bench, &known, &rows, 1)?;
    ask_pages(bench, &known, &rows, 2_000)
}

fn end(bench: &mut Bench<'_>) -> Checked {
    let known = stored(bench, 5)?;
    let number = condition("number", &[], Comparison::Greater, vec![Value::Integer(3)]);
    let by_text = vec![sort("text", false), sort("id", false)];
    for filter in [
        Vec::new(),
        number,
        condition("id", &[], Comparison::Less, vec![Value::Integer(0)]),
    ] {
        for order in [Vec::new(), vec![sort("id", true)], by_text.clone()] {
            for max in [1, 2, 5, 6, 100] {
                let query = Query {
                    filter: filter.clone(),
                    order: order.clone(),
                    ..Query::default()
                };
                nothing_follows(bench, &known, &query, max)
                    .map_err(|stop| {
                        stop.after(format!("all {}, in pages of {max}", show::query(&query)))
                    })
                    .map_err(|stop| known.with_records(stop))?;
            }
        }
    }
    Ok(())
}

fn nothing_follows(bench: &mut Bench<'_>, known: &Known, query: &Query, max: u32) -> Checked {
    let session = bench.session()?;
    let (rows, _) = must("all", session.all(&known.model().name, query))?;
    while must("next", session.next(rows, max))?.is_some() {}
    for _ in 0..3 {
        // An error is as good an answer: only rows are none.
        if let Ok(Some(page)) = session.next(rows, max) {
            return Err(Finding::new(
                "`next` hands out a page after it has said that the result has ended",
            )
            .differs("none", format!("a page of {} rows", count_rows(&page)))
            .into());
        }
    }
    must("close", session.close(rows))
}

fn none(bench: &mut Bench<'_>) -> Checked {
    let known = stored(bench, 0)?;
    let filters = [
        Vec::new(),
        condition("number", &[], Comparison::Equal, vec![Value::Null]),
        condition("id", &[], Comparison::Greater, vec![Value::Integer(0)]),
        condition("id", &[], Comparison::NotOneOf, Vec::new()),
    ];
    for filter in filters {
        for (order, limit, offset) in [
            (Vec::new(), None, 0),
            (vec![sort("number", true), sort("id", false)], Some(3), 0),
            (vec![sort("id", true)], None, 2),
        ] {
            let query = Query {
                filter: filter.clone(),
                order,
                limit,
                offset,
                ..Query::default()
            };
            ask_pages(bench, &known, &query, 2)?;
        }
        known.count(bench.session()?, &filter)?;
    }
    Ok(())
}
