//! Invented requests.

use super::ask;
use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::Checked;
use crate::generate::{filters, models, records};
use crate::property;
use crate::reduce;
use crate::suites::order::sort;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::Aggregation;
use tenon_model::contract::{Aggregate, AggregateFunction as Function, PropertyType};

pub fn invented(bench: &mut Bench<'_>) -> Checked {
    let mut unsupported = 0;
    for number in 0..2 {
        let mut runner = bench.runner(&format!("model {number}"));
        let draft = property::one(&mut runner, &models::invented(bench.facts(), 0.0))?;
        let Ok(model) = bench.try_collection(draft.to_contract())? else {
            continue;
        };
        let record = records::record(&model, bench.facts());
        let invented = property::one(&mut runner, &vec(record, 60))?;
        let records = records::distinct(&model, invented);
        let known = Known::new(&model, &records, bench.facts());
        known.store(bench.session()?)?;
        let strategy = (request(&known, bench), 1..20_u32);
        let cases = bench.cases();
        let mut smallest = None;
        let held = property::hold(&mut runner, cases, &strategy, |(request, max)| {
            let asked = ask::ask(bench.session()?, &known, &request, max);
            match &asked {
                Ok(supported) => unsupported += u32::from(!supported),
                Err(_) => smallest = Some((request, max)),
            }
            asked.map(drop)
        });
        match (held, smallest) {
            (Err(stop), Some((request, max))) => {
                return Err(reduce::fewer(bench, &known, stop, |session, known| {
                    ask::ask(session, known, &request, max).map(drop)
                }));
            }
            (held, _) => held?,
        }
    }
    if unsupported > 0 {
        bench.note(format!(
            "{unsupported} of {} invented requests are `unsupported`",
            bench.cases() * 2
        ));
    }
    Ok(())
}

/// Any request that has a meaning, and such as have none.
pub fn request(known: &Known, bench: &Bench<'_>) -> BoxedStrategy<Aggregation> {
    let names: Vec<(String, PropertyType)> = filters::asked(known.model());
    let functions = vec![
        Function::Count,
        Function::Sum,
        Function::Average,
        Function::Minimum,
        Function::Maximum,
    ];
    let one = (
        select(functions),
        select(names.clone()),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(function, (property, kind), distinct, deep)| Aggregate {
            name: String::new(),
            function,
            path: if kind == PropertyType::Json && deep {
                vec!["n".to_owned()]
            } else {
                Vec::new()
            },
            property: Some(property),
            distinct: distinct && !matches!(function, Function::Minimum | Function::Maximum),
        });
    // What comes to the order of equals isn't asked for in parts.
    let grouped: Vec<String> = names
        .iter()
        .filter(|(_, kind)| {
            !matches!(
                kind,
                PropertyType::Point | PropertyType::Json | PropertyType::Any
            )
        })
        .map(|(name, _)| name.clone())
        .collect();
    let by = proptest::collection::btree_set(select(grouped), 0..3);
    let filter = filters::filter(known.model(), bench.facts());
    let part = (
        proptest::option::weighted(0.3, 0..6_u64),
        prop_oneof![3 => Just(0), 1 => 0..4_u64],
    );
    let order = vec((any::<prop::sample::Index>(), any::<bool>()), 0..3);
    let exact = move |name: &str| {
        let kind = names
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, kind)| *kind);
        !matches!(
            kind,
            Some(
                PropertyType::Float | PropertyType::Any | PropertyType::Json | PropertyType::Point
            )
        )
    };
    (filter, by, vec(one, 1..4), order, part)
        .prop_map(
            move |(filter, by, mut aggregates, order, (limit, offset))| {
                for (number, one) in aggregates.iter_mut().enumerate() {
                    one.name = format!("result{number}");
                }
                let mut names: Vec<String> = by.iter().cloned().collect();
                names.extend(
                    aggregates
                        .iter()
                        .filter(|one| {
                            let property = one.property.as_deref().unwrap_or_default();
                            one.function == Function::Count || exact(property)
                        })
                        .map(|one| one.name.clone()),
                );
                let order = if names.is_empty() {
                    Vec::new()
                } else {
                    order
                        .into_iter()
                        .map(|(place, descending)| sort(place.get::<String>(&names), descending))
                        .collect()
                };
                Aggregation {
                    filter,
                    group_by: by.into_iter().collect(),
                    aggregates,
                    order,
                    limit,
                    offset,
                    ..Aggregation::default()
                }
            },
        )
        .boxed()
}
