//! Numbers added up, and averaged.

use super::{Asker, of};
use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::{Checked, Stop};
use crate::generate::models;
use crate::generate::records::UNDECLARED;
use crate::suites::filters::rich::{self};
use crate::suites::order::sort;
use tenon_model::contract::{AggregateFunction as Function, Comparison, PropertyType, Value};
use tenon_model::{Aggregation, Entity, Filter};

/// Records of numbers: of the kind's values, twice some of them, with nulls, in two groups.
pub fn numbers(bench: &mut Bench<'_>, kind: PropertyType) -> Checked<Known> {
    let model = bench.collection(models::with(&[
        ("it", kind),
        ("group", PropertyType::Integer),
    ]))?;
    let mut values = rich::kept(kind, bench.facts());
    // Where rounding or the order of adding decides, nothing is said.
    values.retain(|value| !matches!(value, Value::Float(number) if number.abs() > 1e12 || number.abs() < 1e-6 && *number != 0.0));
    let again: Vec<Value> = values.iter().step_by(2).cloned().collect();
    values.extend(again);
    values.push(Value::Null);
    values.push(Value::Null);
    let records: Vec<Entity> = (0..)
        .zip(values)
        .map(|(id, value)| {
            let group = if value.is_null() { id % 2 * 3 } else { id % 3 };
            Entity::new()
                .with("id", Value::Integer(id))
                .with("it", value)
                .with("group", Value::Integer(group))
        })
        .collect();
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    Ok(known)
}

pub fn added(bench: &mut Bench<'_>, function: Function) -> Checked {
    let kinds = [
        PropertyType::Integer,
        PropertyType::Decimal,
        PropertyType::Float,
    ];
    let kinds: Vec<PropertyType> = kinds
        .into_iter()
        .filter(|kind| bench.facts().keeps(*kind))
        .collect();
    let mut stored = Vec::new();
    for kind in kinds {
        stored.push(numbers(bench, kind)?);
    }
    let mut asker = Asker::new(bench);
    for known in &stored {
        for distinct in [false, true] {
            let all = Aggregation::new().aggregate(of("result", function, "it", distinct));
            let grouped = all.clone().group_by("group");
            asker.ask(known, &all)?;
            asker.ask(known, &grouped)?;
            asker.ask(
                known,
                &grouped.clone().count("records").count_of("values", "it"),
            )?;
            for descending in [false, true] {
                let order = vec![sort("result", descending)];
                let is_exact = !known
                    .model()
                    .properties
                    .iter()
                    .any(|it| it.kind == PropertyType::Float);
                if is_exact {
                    asker.ask(
                        known,
                        &Aggregation {
                            order,
                            ..grouped.clone()
                        },
                    )?;
                }
            }
            // Of each value by itself, of pairs, and of more and more of them.
            for id in 0..known.records().len() as i64 {
                let one = Filter::equal("id", Value::Integer(id));
                asker.ask(known, &all.clone().filter(one))?;
                let few = Filter::compare("id", Comparison::LessOrEqual, Value::Integer(id));
                asker.ask(known, &all.clone().filter(few))?;
                let rest = Filter::compare("id", Comparison::GreaterOrEqual, Value::Integer(id));
                asker.ask(known, &all.clone().filter(rest))?;
            }
        }
    }
    asker.finish()
}

pub fn sum(bench: &mut Bench<'_>) -> Checked {
    added(bench, Function::Sum)
}

pub fn average(bench: &mut Bench<'_>) -> Checked {
    added(bench, Function::Average)
}

pub fn no_numbers(bench: &mut Bench<'_>) -> Checked {
    let (name, draft) = if bench.facts().keeps(PropertyType::Any) {
        ("it", models::with(&[("it", PropertyType::Any)]))
    } else if bench.facts().open {
        (UNDECLARED, models::with(&[]).open())
    } else {
        return Err(Stop::skipped("every property has a kind"));
    };
    let model = bench.collection(draft)?;
    let values = [
        Value::Integer(1),
        Value::Float(1.5),
        Value::from("1"),
        Value::Boolean(true),
        Value::Null,
    ];
    let records: Vec<Entity> = (0..)
        .zip(values)
        .map(|(id, value)| {
            Entity::new()
                .with("id", Value::Integer(id))
                .with(name, value)
        })
        .collect();
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    let mut asker = Asker::new(bench);
    for function in [Function::Sum, Function::Average] {
        for distinct in [false, true] {
            let request = Aggregation::new().aggregate(of("result", function, name, distinct));
            asker.ask(&known, &request)?;
            for id in 0..5 {
                asker.ask(
                    &known,
                    &request
                        .clone()
                        .filter(Filter::equal("id", Value::Integer(id))),
                )?;
                let few = Filter::compare("id", Comparison::Less, Value::Integer(id));
                asker.ask(&known, &request.clone().filter(few))?;
            }
        }
    }
    asker.finish()
}
