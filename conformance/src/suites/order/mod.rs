//! The order of rows: every kind in both directions, ties by further properties and by the key, and nearness.

mod indexes;
mod kinds;
mod nearest;

use proptest::collection::vec;
use tenon_model::Entity;
use tenon_model::contract::{PropertyType, Query, SortKey, Value};
use tenon_runtime::Capability;

use super::Check;
use super::filters::rich::{self};
use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::finding::{Checked, Stop};
use crate::generate::{models, queries, records};
use crate::property;
use crate::reduce;

/// Declares the checks of kinds.
macro_rules! checks {
    ($($name:literal = $kind:ident: $about:literal;)+ $(| $other:literal = $run:path: $what:literal;)+) => {
        pub const CHECKS: &[Check] = &[
            $(Check {
                name: concat!("crud.order.", $name),
                about: $about,
                needs: &[Capability::Crud],
                writes: true,
                run: |bench| kinds::of_kind(bench, PropertyType::$kind),
            },)+
            $(Check {
                name: concat!("crud.order.", $other),
                about: $what,
                needs: &[Capability::Crud],
                writes: true,
                run: $run,
            },)+
        ];
    };
}

checks! {
    "text" = Text: "text is ordered by code point, with case, and null before it";
    "boolean" = Boolean: "false comes before true, and null before both";
    "integer" = Integer: "integers are ordered by value, all 64 bits of them, and null before them";
    "float" = Float: "floats are ordered by value, and null before them";
    "decimal" = Decimal: "decimals are ordered by value, exactly, and null before them";
    "timestamp" = Timestamp: "timestamps are ordered by time, and null before them";
    "date" = Date: "dates are ordered by time, and null before them";
    "time" = Time: "times of day are ordered, and null before them";
    "bytes" = Bytes: "bytes are ordered byte by byte, and null before them";
    "uuid" = Uuid: "UUIDs are ordered as text, and null before them";
    "point" = Point: "points are equals to an order: the key decides, and null comes before them";
    "json" = Json: "arrays and objects are equals to an order: the key decides, and null comes before them";
    "any" = Any: "nulls, booleans, numbers by value, text, timestamps, bytes, and then the rest, all equals";
    | "undeclared" = kinds::undeclared: "absent properties are ordered as nulls, undeclared ones by their values";
    | "ties" = ties: "where a property doesn't tell, the next one does, each in its own direction";
    | "path" = by_path: "what a path leads to orders: of several values the least, in either direction";
    | "key" = indexes::by_key: "the key orders as any other property does, also one of several properties";
    | "indexed" = indexes::indexed: "an index changes neither the order nor what there is, whichever way it goes";
    | "part" = parts: "parts of an ordered result follow each other without a gap, also among equals";
    | "nearest" = nearest::nearest: "`near` puts the nearest first, and equally near ones in the key's order";
    | "invented" = invented: "invented orders of invented records come to what the contract says";
}

pub fn sort(property: &str, descending: bool) -> SortKey {
    SortKey {
        property: property.to_owned(),
        path: Vec::new(),
        descending,
    }
}

/// Asks, and where something is wrong with the fewest records that show it.
pub fn ask(bench: &mut Bench<'_>, known: &Known, query: &Query) -> Checked {
    ask_pages(bench, known, query, PAGE)
}

/// As [`ask`], read in pages of at most so many rows.
pub fn ask_pages(bench: &mut Bench<'_>, known: &Known, query: &Query, max: u32) -> Checked {
    let asked = known.ask(bench.session()?, query, max);
    asked.map_err(|stop| {
        reduce::fewer(bench, known, stop, |session, known| {
            known.ask(session, query, max)
        })
    })
}

fn ordered(order: Vec<SortKey>) -> Query {
    Query {
        order,
        ..Query::default()
    }
}

/// Records of few values, so that most have equals: every pair of values, and each of them twice.
fn grid(texts: &[Option<&str>], numbers: &[Option<i64>]) -> Vec<Entity> {
    let mut records = Vec::new();
    for _ in 0..2 {
        for number in numbers {
            for text in texts {
                // Keys that follow neither of the values.
                let id = (records.len() as i64 * 7) % 61;
                records.push(
                    Entity::new()
                        .with("id", Value::Integer(id))
                        .with("text", text.map_or(Value::Null, Value::from))
                        .with("number", number.map_or(Value::Null, Value::Integer)),
                );
            }
        }
    }
    records
}

fn two() -> tenon_model::Model {
    models::with(&[
        ("text", PropertyType::Text),
        ("number", PropertyType::Integer),
    ])
}

fn every_order(key: &[&str]) -> Vec<Vec<SortKey>> {
    let mut orders = Vec::new();
    for names in [
        &["text"][..],
        &["number"],
        &["text", "number"],
        &["number", "text"],
        &[],
    ] {
        let count = names.len() + key.len();
        for directions in 0..1_usize << count {
            let all = names.iter().chain(key).enumerate();
            orders.push(
                all.map(|(place, name)| sort(name, directions >> place & 1 == 1))
                    .collect(),
            );
        }
    }
    orders
}

fn ties(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(two())?;
    let records = grid(
        &[Some("b"), None, Some("a"), Some("B")],
        &[Some(2), Some(-1), None],
    );
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    for order in every_order(&["id"]) {
        ask(bench, &known, &ordered(order.clone()))?;
        for (limit, offset) in [(Some(5), 0), (Some(6), 5), (None, 11)] {
            let query = Query {
                limit,
                offset,
                ..ordered(order.clone())
            };
            ask_pages(bench, &known, &query, 4)?;
        }
        // The key between the others leaves nothing to those after it.
        let mut order = order;
        order.rotate_right(1);
        ask(bench, &known, &ordered(order))?;
    }
    // The same property twice: the first time counts.
    for descending in [false, true] {
        let order = vec![
            sort("number", descending),
            sort("number", !descending),
            sort("id", descending),
        ];
        ask(bench, &known, &ordered(order))?;
    }
    Ok(())
}

fn by_path(bench: &mut Bench<'_>) -> Checked {
    if !bench.facts().keeps(PropertyType::Json) {
        return Err(Stop::skipped("no property of kind `json` is kept"));
    }
    let (known, _) = rich::orderly(bench, &[PropertyType::Json, PropertyType::Text], false)?;
    let paths: &[&[&str]] = &[
        &["n"],
        &["t"],
        &["o", "n"],
        &["list"],
        &["list", "n"],
        &["list", "0"],
        &["0"],
        &["0", "n"],
        &["1"],
        &["missing"],
        &["a.b"],
        &["a", "b"],
        &["price"],
        &["at"],
    ];
    for path in paths {
        for descending in [false, true] {
            let inside = SortKey {
                property: "json".to_owned(),
                path: path.iter().map(|step| (*step).to_owned()).collect(),
                descending,
            };
            for order in [
                vec![inside.clone(), sort("id", false)],
                vec![inside.clone(), sort("id", true)],
                vec![inside.clone(), sort("text", descending), sort("id", false)],
                vec![sort("text", !descending), inside.clone(), sort("id", false)],
            ] {
                ask(bench, &known, &ordered(order.clone()))?;
                let part = Query {
                    limit: Some(6),
                    offset: 2,
                    fields: vec!["id".to_owned()],
                    ..ordered(order)
                };
                ask(bench, &known, &part)?;
            }
        }
    }
    Ok(())
}

fn parts(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(two())?;
    let records: Vec<Entity> = (0..240_i64)
        .map(|number| {
            Entity::new()
                .with("id", Value::Integer(number * 101 % 241))
                .with("text", if number % 5 == 0 { "a" } else { "b" })
                .with("number", Value::Integer(number % 3))
        })
        .collect();
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    for order in [
        vec![sort("number", false), sort("id", false)],
        vec![sort("number", true), sort("id", false)],
        vec![sort("text", true), sort("number", false), sort("id", true)],
        vec![sort("id", true)],
    ] {
        ask_pages(bench, &known, &ordered(order.clone()), 7)?;
        for part in 0..9 {
            let query = Query {
                limit: Some(29),
                offset: part * 29,
                ..ordered(order.clone())
            };
            ask_pages(bench, &known, &query, 10)?;
        }
    }
    Ok(())
}

fn invented(bench: &mut Bench<'_>) -> Checked {
    for number in 0..2 {
        let mut runner = bench.runner(&format!("model {number}"));
        let draft = property::one(&mut runner, &models::invented(bench.facts(), 0.2))?;
        let model = match bench.try_collection(draft.to_contract())? {
            Ok(model) => model,
            Err(failure) => {
                bench.note(format!("an invented model was refused: {failure}"));
                continue;
            }
        };
        let record = records::record(&model, bench.facts());
        let invented = property::one(&mut runner, &vec(record, 60))?;
        let mut records = records::distinct(&model, invented);
        records.truncate(40);
        let known = Known::new(&model, &records, bench.facts());
        known.store(bench.session()?)?;
        let all = proptest::strategy::Strategy::boxed(proptest::strategy::Just(
            tenon_model::contract::Filter::new(),
        ));
        let strategy = (queries::shaped(&model, all), 1..40_u32);
        let mut smallest = None;
        let held = property::hold(&mut runner, bench.cases(), &strategy, |(query, max)| {
            let asked = known.ask(bench.session()?, &query, max);
            if matches!(asked, Err(Stop::Failed(_))) {
                smallest = Some((query, max));
            }
            asked
        });
        match (held, smallest) {
            (Err(stop), Some((query, max))) => {
                return Err(reduce::fewer(bench, &known, stop, |session, known| {
                    known.ask(session, &query, max)
                }));
            }
            (held, _) => held?,
        }
    }
    Ok(())
}
