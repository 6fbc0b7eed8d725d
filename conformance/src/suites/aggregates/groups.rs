//! Groups in their order, in parts and in pages, and of nothing.

use super::{Asker, kept, with_every_kind};
use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::{Checked, Finding, must};
use crate::generate::models;
use crate::suites::order::sort;
use tenon_model::contract::{PropertyType, SortKey, Value};
use tenon_model::{Aggregation, Entity, Filter};

pub fn groups(bench: &mut Bench<'_>) -> Checked {
    let kinds = kept(bench);
    with_every_kind(bench, |asker, known, name, _| {
        let grouped = Aggregation::new().group_by(name);
        asker.ask(known, &grouped)?;
        let counted = grouped
            .count("records")
            .minimum("least", "id")
            .maximum("greatest", "id");
        asker.ask(known, &counted)?;
        asker.ask_pages(known, &counted, 3)?;
        for other in kinds.iter().take(6).map(|kind| format!("{kind}")) {
            if other != name {
                asker.ask(
                    known,
                    &Aggregation::new()
                        .group_by(name)
                        .group_by(&other)
                        .count("records"),
                )?;
                asker.ask(
                    known,
                    &Aggregation::new()
                        .group_by(&other)
                        .group_by(name)
                        .sum("ids", "id"),
                )?;
            }
        }
        let null = Filter::equal(name, Value::Null);
        asker.ask(known, &counted.filter(null))
    })
}

pub fn none(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(models::with(&[
        ("number", PropertyType::Integer),
        ("text", PropertyType::Text),
    ]))?;
    let empty = Known::new(&model, &[], bench.facts());
    let some = empty.of(&[
        Entity::new()
            .with("id", Value::Integer(1))
            .with("number", Value::Null)
            .with("text", "a"),
        Entity::new()
            .with("id", Value::Integer(2))
            .with("number", Value::Null)
            .with("text", Value::Null),
    ]);
    let mut asker = Asker::new(bench);
    for known in [empty, some] {
        known.store(asker.bench.session()?)?;
        let all = Aggregation::new()
            .count("records")
            .count_of("values", "number")
            .count_distinct("different", "number")
            .sum("sum", "number")
            .average("average", "number")
            .minimum("least", "number")
            .maximum("greatest", "text");
        let nothing = Filter::AnyOf(Vec::new());
        let nobody = Filter::equal("id", Value::Integer(99));
        for request in [
            all.clone(),
            all.clone().filter(nothing),
            all.clone().filter(nobody),
        ] {
            asker.ask(&known, &request)?;
            asker.ask(&known, &request.clone().group_by("text"))?;
            asker.ask(&known, &request.clone().group_by("number"))?;
            for (limit, offset) in [(Some(1), 0), (Some(0), 0), (None, 1), (Some(5), 1)] {
                let part = Aggregation {
                    limit,
                    offset,
                    ..request.clone()
                };
                asker.ask(&known, &part)?;
                asker.ask(&known, &part.group_by("text"))?;
            }
        }
        asker.ask(&known, &Aggregation::new().group_by("text"))?;
        asker.ask(&known, &Aggregation::new().count("records"))?;
    }
    asker.finish()
}

/// Records in five groups of a text and three of a number.
pub fn in_groups(bench: &mut Bench<'_>, count: i64) -> Checked<Known> {
    let model = bench.collection(models::with(&[
        ("text", PropertyType::Text),
        ("number", PropertyType::Integer),
        ("amount", PropertyType::Integer),
    ]))?;
    let texts = ["b", "a", "B", "ä", "a "];
    let records: Vec<Entity> = (0..count)
        .map(|id| {
            let place = usize::try_from(id % 6).unwrap_or(0);
            let number = if id % 4 == 3 {
                Value::Null
            } else {
                Value::Integer(id % 4 - 1)
            };
            Entity::new()
                .with("id", Value::Integer(id))
                .with(
                    "text",
                    texts
                        .get(place)
                        .map_or(Value::Null, |text| Value::from(*text)),
                )
                .with("number", number)
                .with("amount", Value::Integer(id * 37 % 11))
        })
        .collect();
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    Ok(known)
}

pub fn ordered(bench: &mut Bench<'_>) -> Checked {
    let known = in_groups(bench, 50)?;
    let mut asker = Asker::new(bench);
    let requests = [
        Aggregation::new()
            .group_by("text")
            .count("records")
            .sum("amount in all", "amount"),
        Aggregation::new()
            .group_by("number")
            .group_by("text")
            .minimum("least", "amount")
            .count("records"),
        Aggregation::new()
            .group_by("text")
            .maximum("greatest", "number")
            .average("mean", "amount"),
        Aggregation::new().group_by("number"),
    ];
    let parts = [
        (None, 0),
        (Some(0), 0),
        (Some(1), 0),
        (Some(2), 1),
        (Some(3), 4),
        (None, 2),
        (None, 5),
        (Some(100), 0),
        (Some(1), 100),
        (Some(u64::MAX), 1),
    ];
    for request in requests {
        let names = request
            .group_by
            .iter()
            .chain(request.aggregates.iter().map(|one| &one.name));
        let names: Vec<String> = names.cloned().collect();
        let mut orders: Vec<Vec<SortKey>> = vec![Vec::new()];
        for one in &names {
            for descending in [false, true] {
                orders.push(vec![sort(one, descending)]);
                orders.extend(
                    names
                        .iter()
                        .filter(|other| *other != one)
                        .map(|other| vec![sort(one, descending), sort(other, true)]),
                );
            }
        }
        for order in orders {
            for (limit, offset) in parts {
                let request = Aggregation {
                    order: order.clone(),
                    limit,
                    offset,
                    ..request.clone()
                };
                asker.ask(&known, &request)?;
            }
        }
    }
    asker.finish()
}

pub fn pages(bench: &mut Bench<'_>) -> Checked {
    let known = in_groups(bench, 600)?;
    let mut asker = Asker::new(bench);
    let by_key = Aggregation::new()
        .group_by("id")
        .sum("amount in all", "amount");
    let some = Aggregation::new()
        .group_by("amount")
        .group_by("text")
        .count("records")
        .descending("records");
    for request in [by_key, some] {
        for max in [1, 2, 7, 99, 600, 1_000, u32::MAX] {
            asker.ask_pages(&known, &request, max)?;
        }
    }
    // Let go of before the end, and at it.
    let Some(model) = known.checks() else {
        return asker.finish();
    };
    let request = Aggregation::new().group_by("id").count("records");
    if let Ok(request) = request.check(model) {
        let sent = request.to_contract();
        for read in [0, 1, 700] {
            let session = asker.bench.session()?;
            let Ok(rows) = session.aggregate(&known.model().name, &sent) else {
                break;
            };
            for _ in 0..read {
                if must("next", session.next(rows, 1))?.is_none() {
                    break;
                }
            }
            if read == 700 && matches!(session.next(rows, 1), Ok(Some(_))) {
                return Err(Finding::new(
                    "`next` hands out a page after it has said that the groups have ended",
                )
                .into());
            }
            must("close", session.close(rows))?;
        }
        asker.ask(&known, &request)?;
    }
    asker.finish()
}
