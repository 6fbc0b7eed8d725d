//! Groups of records, and what they amount to.

mod ask;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{
    Aggregate, AggregateFunction as Function, Comparison, PropertyType, SortKey, Value,
};
use tenon_model::{Aggregation, Entity, Filter};
use tenon_runtime::Capability;

use super::Check;
use super::filters::rich::{self, condition};
use super::order::sort;
use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::facts::KINDS;
use crate::finding::{Checked, Finding, Stop, must};
use crate::generate::records::UNDECLARED;
use crate::generate::{filters, models, records};
use crate::property;
use crate::reduce;

/// Declares the checks.
macro_rules! checks {
    ($($name:literal = $run:ident: $about:literal;)+) => {
        pub const CHECKS: &[Check] = &[$(
            Check {
                name: concat!("aggregates.", $name),
                about: $about,
                needs: &[Capability::Crud, Capability::Aggregates],
                writes: true,
                run: $run,
            },
        )+];
    };
}

checks! {
    "count" = count: "`count` counts records, or a property's values that are not null, equal ones once if asked to";
    "sum" = sum: "`sum` is exact of whole numbers and decimals, however many digits they have, and null of none";
    "average" = average: "`average` is the exact sum by the count, rounded once";
    "minimum" = minimum: "`minimum` is the least value by the contract's order, and null is none";
    "maximum" = maximum: "`maximum` is the greatest value by the contract's order, and null is none";
    "groups" = groups: "a group has equal values; null and absent are one value";
    "none" = none: "of no records there is one group without `group-by`, and none with it";
    "filter" = filtered: "only the records that the filter matches are taken into account";
    "path" = by_path: "of several values that a path leads to, each counts";
    "order" = ordered: "groups come in their order, and the part of them that is asked for";
    "pages" = pages: "many groups come in pages, each group once";
    "no-numbers" = no_numbers: "a sum of what is no number is refused as invalid";
    "invented" = invented: "invented requests for invented records come to what the contract says";
}

/// Asks for requests, and keeps count of those that are unsupported.
struct Asker<'b, 'k> {
    bench: &'b mut Bench<'k>,
    asked: u32,
    unsupported: u32,
}

impl<'b, 'k> Asker<'b, 'k> {
    fn new(bench: &'b mut Bench<'k>) -> Self {
        Self {
            bench,
            asked: 0,
            unsupported: 0,
        }
    }

    fn ask(&mut self, known: &Known, request: &Aggregation) -> Checked {
        self.ask_pages(known, request, PAGE)
    }

    fn ask_pages(&mut self, known: &Known, request: &Aggregation, max: u32) -> Checked {
        self.asked += 1;
        let asked = ask::ask(self.bench.session()?, known, request, max);
        match asked {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.unsupported += 1;
                Ok(())
            }
            Err(stop) => Err(reduce::fewer(self.bench, known, stop, |session, known| {
                ask::ask(session, known, request, max).map(drop)
            })),
        }
    }

    fn finish(self) -> Checked {
        if self.unsupported == 0 {
            return Ok(());
        }
        if self.unsupported == self.asked {
            return Err(Stop::skipped("every such request is `unsupported`"));
        }
        let note = format!(
            "{} of {} requests are `unsupported`",
            self.unsupported, self.asked
        );
        self.bench.note(note);
        Ok(())
    }
}

fn of(name: &str, function: Function, property: &str, distinct: bool) -> Aggregate {
    Aggregate {
        name: name.to_owned(),
        function,
        property: Some(property.to_owned()),
        path: Vec::new(),
        distinct,
    }
}

fn kept(bench: &Bench<'_>) -> Vec<PropertyType> {
    KINDS
        .iter()
        .copied()
        .filter(|kind| bench.facts().keeps(*kind))
        .collect()
}

/// Does something with records of every kind, in a strict model and in an open one.
fn with_every_kind(
    bench: &mut Bench<'_>,
    mut each: impl FnMut(&mut Asker<'_, '_>, &Known, &str, PropertyType) -> Checked,
) -> Checked {
    let kinds = kept(bench);
    let opens: &[bool] = if bench.facts().open {
        &[false, true]
    } else {
        &[false]
    };
    let mut stored = Vec::new();
    for open in opens {
        stored.push(rich::orderly(bench, &kinds, *open)?);
    }
    let mut asker = Asker::new(bench);
    for (known, asked) in &stored {
        for asked in asked {
            each(&mut asker, known, &asked.name, asked.kind)?;
        }
    }
    asker.finish()
}

fn count(bench: &mut Bench<'_>) -> Checked {
    with_every_kind(bench, |asker, known, name, _| {
        let all = Aggregation::new()
            .count("records")
            .count_of("values", name)
            .count_distinct("different", name);
        asker.ask(known, &all)?;
        asker.ask(known, &Aggregation::new().count("records"))?;
        asker.ask(known, &Aggregation::new().count_of("values", name))?;
        asker.ask(known, &Aggregation::new().count_distinct("different", name))?;
        let few = Filter::compare("id", Comparison::Less, Value::Integer(5));
        asker.ask(known, &all.clone().filter(few))?;
        let null = Filter::equal(name, Value::Null);
        asker.ask(known, &all.filter(null))
    })
}

/// Records of numbers: of the kind's values, twice some of them, with nulls, in two groups.
fn numbers(bench: &mut Bench<'_>, kind: PropertyType) -> Checked<Known> {
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

fn added(bench: &mut Bench<'_>, function: Function) -> Checked {
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

fn sum(bench: &mut Bench<'_>) -> Checked {
    added(bench, Function::Sum)
}

fn average(bench: &mut Bench<'_>) -> Checked {
    added(bench, Function::Average)
}

fn extreme(bench: &mut Bench<'_>, function: Function) -> Checked {
    with_every_kind(bench, |asker, known, name, _| {
        let all = Aggregation::new().aggregate(of("result", function, name, false));
        asker.ask(known, &all)?;
        for part in 0..8 {
            let of_few = Filter::AllOf(vec![
                Filter::compare("id", Comparison::GreaterOrEqual, Value::Integer(part * 7)),
                Filter::compare("id", Comparison::Less, Value::Integer(part * 7 + 7)),
            ]);
            asker.ask(known, &all.clone().filter(of_few))?;
            let rest = Filter::compare("id", Comparison::Greater, Value::Integer(part * 5));
            asker.ask(known, &all.clone().filter(rest))?;
        }
        asker.ask(known, &all.clone().filter(Filter::equal(name, Value::Null)))?;
        asker.ask(known, &all.group_by(rich::MARK))
    })
}

fn minimum(bench: &mut Bench<'_>) -> Checked {
    extreme(bench, Function::Minimum)
}

fn maximum(bench: &mut Bench<'_>) -> Checked {
    extreme(bench, Function::Maximum)
}

fn groups(bench: &mut Bench<'_>) -> Checked {
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

fn none(bench: &mut Bench<'_>) -> Checked {
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

fn filtered(bench: &mut Bench<'_>) -> Checked {
    let kinds = kept(bench);
    let (known, asked) = rich::orderly(bench, &kinds, false)?;
    let mut asker = Asker::new(bench);
    let request = Aggregation::new().count("records").sum("ids", "id");
    for asked in &asked {
        for comparison in filters::comparisons(asked.kind) {
            let all = super::filters::comparisons::filters(asked, comparison, 1);
            let step = all.len().div_ceil(6);
            for nodes in all.into_iter().step_by(step.max(1)) {
                if let Ok(filter) = Filter::from_nodes(&nodes) {
                    asker.ask(&known, &request.clone().filter(filter))?;
                }
            }
        }
    }
    let key = condition(
        "id",
        &[],
        Comparison::OneOf,
        vec![Value::Integer(1), Value::Integer(3), Value::Integer(1)],
    );
    if let Ok(filter) = Filter::from_nodes(&key) {
        asker.ask(&known, &request.filter(filter))?;
    }
    asker.finish()
}

fn by_path(bench: &mut Bench<'_>) -> Checked {
    if !bench.facts().keeps(PropertyType::Json) {
        return Err(Stop::skipped("no property of kind `json` is kept"));
    }
    let (known, _) = rich::orderly(bench, &[PropertyType::Json], false)?;
    let mut asker = Asker::new(bench);
    let paths: &[&[&str]] = &[
        &["n"],
        &["t"],
        &["o", "n"],
        &["list"],
        &["list", "n"],
        &["0"],
        &["list", "0"],
        &["missing"],
        &["price"],
        &["a.b"],
    ];
    for path in paths {
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        for function in [
            Function::Count,
            Function::Sum,
            Function::Average,
            Function::Minimum,
            Function::Maximum,
        ] {
            for distinct in [false, true] {
                let one = Aggregate {
                    path: path.clone(),
                    ..of("result", function, "json", distinct)
                };
                let request = Aggregation::new().aggregate(one);
                asker.ask(&known, &request)?;
                for part in 0..6 {
                    // By themselves, since a value that is none of a number's spoils a sum.
                    let few = Filter::AllOf(vec![
                        Filter::compare("id", Comparison::GreaterOrEqual, Value::Integer(part * 3)),
                        Filter::compare("id", Comparison::Less, Value::Integer(part * 3 + 3)),
                    ]);
                    asker.ask(&known, &request.clone().filter(few))?;
                }
            }
        }
    }
    asker.finish()
}

/// Records in five groups of a text and three of a number.
fn in_groups(bench: &mut Bench<'_>, count: i64) -> Checked<Known> {
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

fn ordered(bench: &mut Bench<'_>) -> Checked {
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

fn pages(bench: &mut Bench<'_>) -> Checked {
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

fn no_numbers(bench: &mut Bench<'_>) -> Checked {
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

fn invented(bench: &mut Bench<'_>) -> Checked {
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
fn request(known: &Known, bench: &Bench<'_>) -> BoxedStrategy<Aggregation> {
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
