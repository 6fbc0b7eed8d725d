//! Values of all kinds in one record, and many of each kind.

use tenon_model::contract::{PropertyType, Value};
use tenon_model::{Entity, Filter};

use super::super::Check;
use super::super::operations::crud;
use super::{found, is_kept, is_refused};
use crate::bench::{Bench, everything};
use crate::expect::id;
use crate::facts::Facts;
use crate::finding::{Checked, Finding, Stop, ensure};
use crate::generate::{models, values, wild};
use crate::property::hold;
use crate::show;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.value.invented",
        "values from the whole range of each kind come back, or are refused",
        invented,
    ),
    crud(
        "crud.value.null",
        "null comes back as null, of every kind",
        nulls,
    ),
    crud(
        "crud.value.side-by-side",
        "values of all kinds in one record leave each other alone",
        side_by_side,
    ),
];

/// How many invented values are written at once.
const AT_ONCE: usize = 8;

fn invented(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let cases = (bench.cases() / 32).max(1);
    let model = bench.collection(models::wide(facts))?.name;
    let mut number = 0;
    let mut taken = Vec::new();
    for kind in &facts.kinds {
        let mut runner = bench.runner(&format!("{kind}"));
        let session = bench.session()?;
        let several = proptest::collection::vec(wild::value(*kind), 1..=AT_ONCE);
        hold(&mut runner, cases, &several, |values| {
            let records: Vec<(i64, Value, Entity)> = values
                .iter()
                .map(|value| {
                    number += 1;
                    let stored = only_of(facts, number, *kind, facts.stored(value));
                    (number, value.clone(), stored)
                })
                .collect();
            let data: Vec<_> = records
                .iter()
                .map(|(number, value, _)| only_of(facts, *number, *kind, value.clone()))
                .map(Entity::into_contract)
                .collect();
            // Where one of them is refused, the others are tried by themselves.
            let together = session.create_all(&model, &data);
            if let Err(failure) = &together {
                is_refused("create-all", failure)?;
            }
            for ((number, _, stored), data) in records.into_iter().zip(&data) {
                let told = |stop: Stop| stop.after(format!("create {}", show::data(data)));
                if together.is_err()
                    && let Err(failure) = session.create(&model, data)
                {
                    is_refused("create", &failure).map_err(told)?;
                    continue;
                }
                if let Some(found) = found(session, &model, number)? {
                    is_whole("read with `find`", &stored, found.as_ref()).map_err(told)?;
                }
                taken.push((number, stored));
            }
            Ok(())
        })?;
    }
    // What comes in pages may come another way than a record by itself.
    let rows = everything(bench.session()?, &model)?;
    for (number, stored) in &taken {
        let mut rows = rows.iter();
        let row = rows.find(|row| row.get("id") == Some(&Value::Integer(*number)));
        is_whole("read with `all`", stored, row)?;
    }
    Ok(())
}

/// A record of the wide model that has one value, and no others.
fn only_of(facts: &Facts, number: i64, kind: PropertyType, value: Value) -> Entity {
    let record = Entity::new().with("id", number);
    let nulls = facts.kinds.iter();
    nulls
        .fold(record, |record, kind| {
            record.with(format!("{kind}"), Value::Null)
        })
        .with(format!("{kind}"), value)
}

/// Whether a record came back.
pub fn is_whole(how: &str, expected: &Entity, seen: Option<&Entity>) -> Checked {
    let is_it = seen.is_some_and(|seen| {
        seen.len() == expected.len()
            && expected
                .iter()
                .all(|(name, value)| seen.get(name).is_some_and(|seen| is_kept(value, seen)))
    });
    ensure(is_it, || {
        Finding::new(format!(
            "{how}, a record doesn't come back as it was written"
        ))
        .differs(
            show::record(expected),
            seen.map_or("none".to_owned(), show::record),
        )
    })
}

/// A property of each kind, by the kind's name, with the value of that place among the plain ones.
pub fn wide_record(facts: &Facts, number: i64, place: usize) -> Entity {
    let record = Entity::new().with("id", number);
    facts.kinds.iter().fold(record, |record, kind| {
        let plain = values::plain(*kind);
        let value = plain.get(place % plain.len().max(1)).cloned();
        record.with(format!("{kind}"), facts.stored(&value.unwrap_or_default()))
    })
}

fn nulls(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let mut twin = crate::twin::Twin::new(bench, models::wide(facts))?;
    let null_but = |number: i64, kept: Option<PropertyType>| {
        let mut record = wide_record(facts, number, 1);
        for kind in &facts.kinds {
            if Some(*kind) != kept {
                record.set(format!("{kind}"), Value::Null);
            }
        }
        record
    };
    let session = bench.session()?;
    twin.create(session, null_but(0, None))?;
    for (number, kind) in (1..).zip(&facts.kinds) {
        twin.create(session, null_but(number, Some(*kind)))?;
    }
    twin.verify(session)?;
    for kind in &facts.kinds {
        twin.count(
            session,
            &Filter::equal(format!("{kind}"), Value::Null).to_nodes(),
        )?;
    }
    let numbers = (1..).zip(&facts.kinds);
    for (number, _) in numbers {
        twin.save(session, null_but(number, None))?;
    }
    twin.verify(session)
}

fn side_by_side(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let mut twin = crate::twin::Twin::new(bench, models::wide(facts))?;
    let session = bench.session()?;
    for (number, place) in (1..).zip(0..8) {
        twin.create(session, wide_record(facts, number, place))?;
    }
    // Backwards, since the order of properties means nothing.
    let backwards: Vec<(String, Value)> = wide_record(facts, 20, 3).into_iter().collect();
    twin.create(session, backwards.into_iter().rev().collect())?;
    twin.verify(session)?;
    for kind in &facts.kinds {
        let name = format!("{kind}");
        let other = wide_record(facts, 1, 2);
        let value = other.get(&name).cloned().unwrap_or_default();
        twin.update_attributes(session, &id(1), Entity::new().with(name, value))?;
        twin.verify(session)?;
    }
    twin.save(session, wide_record(facts, 2, 5))?;
    twin.verify(session)
}
