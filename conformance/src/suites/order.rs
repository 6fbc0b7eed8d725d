//! The order of rows: every kind in both directions, ties by further properties and by the key, and nearness.

use proptest::collection::vec;
use tenon_model::contract::{Comparison, Filter, GeoPoint, PropertyType, Query, SortKey, Value};
use tenon_model::{Entity, Property};
use tenon_runtime::Capability;

use super::Check;
use super::filters::rich::{self, condition};
use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::finding::{Checked, Stop};
use crate::generate::records::UNDECLARED;
use crate::generate::{models, queries, records};
use crate::property;
use crate::reduce;

/// Declares the checks of kinds.
macro_rules! checks {
    ($($name:literal = $kind:ident: $about:literal;)+ $(| $other:literal = $run:ident: $what:literal;)+) => {
        pub const CHECKS: &[Check] = &[
            $(Check {
                name: concat!("crud.order.", $name),
                about: $about,
                needs: &[Capability::Crud],
                writes: true,
                run: |bench| of_kind(bench, PropertyType::$kind),
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
    | "undeclared" = undeclared: "absent properties are ordered as nulls, undeclared ones by their values";
    | "ties" = ties: "where a property doesn't tell, the next one does, each in its own direction";
    | "path" = by_path: "what a path leads to orders: of several values the least, in either direction";
    | "key" = by_key: "the key orders as any other property does, also one of several properties";
    | "indexed" = indexed: "an index changes neither the order nor what there is, whichever way it goes";
    | "part" = parts: "parts of an ordered result follow each other without a gap, also among equals";
    | "nearest" = nearest: "`near` puts the nearest first, and equally near ones in the key's order";
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

fn of_kind(bench: &mut Bench<'_>, kind: PropertyType) -> Checked {
    if !bench.facts().keeps(kind) {
        return Err(Stop::skipped(format!(
            "no property of kind `{kind}` is kept"
        )));
    }
    let (known, asked) = rich::orderly(bench, &[kind], false)?;
    for asked in &asked {
        by_one(bench, &known, &asked.name)?;
    }
    if bench.facts().open {
        let (known, asked) = rich::orderly(bench, &[kind], true)?;
        for asked in asked.iter().filter(|asked| asked.name != UNDECLARED) {
            by_one(bench, &known, &asked.name)?;
        }
    }
    Ok(())
}

fn undeclared(bench: &mut Bench<'_>) -> Checked {
    if !bench.facts().open {
        return Err(Stop::skipped("undeclared properties are not kept"));
    }
    let (known, _) = rich::orderly(bench, &[], true)?;
    by_one(bench, &known, UNDECLARED)?;
    by_one(bench, &known, "nobody has it")
}

/// Orders by one property in every way.
fn by_one(bench: &mut Bench<'_>, known: &Known, name: &str) -> Checked {
    let count = known.records().len() as u64;
    for descending in [false, true] {
        for key_descending in [false, true] {
            let order = vec![sort(name, descending), sort("id", key_descending)];
            ask(bench, known, &ordered(order.clone()))?;
            for (limit, offset) in [
                (1, 0),
                (3, 0),
                (2, 1),
                (count / 2, 0),
                (5, count / 2),
                (3, count - 1),
            ] {
                let query = Query {
                    limit: Some(limit),
                    offset,
                    ..ordered(order.clone())
                };
                ask(bench, known, &query)?;
            }
            let fields = Query {
                fields: vec!["id".to_owned()],
                limit: Some(4),
                ..ordered(order.clone())
            };
            ask(bench, known, &fields)?;
            for (comparison, operand) in [
                (Comparison::NotEqual, Value::Null),
                (Comparison::Equal, Value::Null),
            ] {
                let filter = condition(name, &[], comparison, vec![operand]);
                let filtered = Query {
                    filter,
                    ..ordered(order.clone())
                };
                ask(bench, known, &filtered)?;
                let part = Query {
                    limit: Some(3),
                    offset: 1,
                    ..filtered
                };
                ask(bench, known, &part)?;
            }
            let key = condition("id", &[], Comparison::Greater, vec![Value::Integer(4)]);
            let filtered = Query {
                filter: key,
                limit: Some(7),
                ..ordered(order.clone())
            };
            ask_pages(bench, known, &filtered, 2)?;
        }
    }
    Ok(())
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

fn by_key(bench: &mut Bench<'_>) -> Checked {
    let mut drafts = vec![tenon_model::Model::new("Thing").key("id", PropertyType::Integer)];
    if bench.facts().key_kinds.contains(&PropertyType::Text) {
        drafts.push(tenon_model::Model::new("Thing").key("id", PropertyType::Text));
        drafts.push(
            tenon_model::Model::new("Thing")
                .key("id", PropertyType::Text)
                .key("part", PropertyType::Integer),
        );
        // The key's own order is not that of the declaration.
        let mut turned = tenon_model::Model::new("Thing")
            .key("part", PropertyType::Text)
            .key("id", PropertyType::Integer);
        for (property, place) in turned.properties.iter_mut().zip([2, 1]) {
            property.key = Some(place);
        }
        drafts.push(turned);
    }
    for draft in drafts {
        let keys: Vec<(String, PropertyType)> = draft
            .properties
            .iter()
            .map(|property| (property.name.clone(), property.kind))
            .collect();
        let draft = draft.property(Property::new("number", PropertyType::Integer));
        let model = match bench.try_collection(draft.to_contract())? {
            Ok(model) => model,
            Err(failure) => {
                bench.note(format!("a model was refused: {failure}"));
                continue;
            }
        };
        let mut records = vec![Entity::new()];
        for (name, kind) in &keys {
            let values: Vec<Value> = match kind {
                PropertyType::Integer => [-3, 0, 2, 10, 9, 100, i64::from(i32::MAX)]
                    .map(Value::Integer)
                    .to_vec(),
                _ => ["b", "a", "ab", "B", "a b", "ä", "10", "9"]
                    .map(Value::from)
                    .to_vec(),
            };
            records = records
                .iter()
                .flat_map(|record| {
                    let values = values.iter();
                    values.map(move |value| record.clone().with(name.as_str(), value.clone()))
                })
                .collect();
        }
        let count = records.len();
        for (place, record) in records.iter_mut().enumerate() {
            record.set("number", Value::Integer((place * 5 % 3) as i64));
        }
        // Stored in another order than that of the keys.
        records.rotate_left(count / 3);
        records.reverse();
        let known = Known::new(&model, &records, bench.facts());
        known.store(bench.session()?)?;
        let names: Vec<&str> = keys.iter().map(|(name, _)| name.as_str()).collect();
        let mut orders: Vec<Vec<SortKey>> = every_order(&names)
            .into_iter()
            .filter(|order| order.iter().all(|sort| sort.property != "text"))
            .collect();
        let turned: Vec<&str> = names.iter().rev().copied().collect();
        orders.extend(every_order(&turned).into_iter().filter(|order| {
            order.len() == turned.len()
                && order
                    .iter()
                    .all(|sort| names.contains(&sort.property.as_str()))
        }));
        let (name, kind) = keys
            .first()
            .cloned()
            .unwrap_or(("id".to_owned(), PropertyType::Integer));
        let middle = match kind {
            PropertyType::Integer => Value::Integer(2),
            _ => Value::from("a"),
        };
        for order in orders {
            ask_pages(bench, &known, &ordered(order.clone()), 5)?;
            for comparison in [
                Comparison::Greater,
                Comparison::GreaterOrEqual,
                Comparison::Less,
                Comparison::LessOrEqual,
                Comparison::NotEqual,
                Comparison::Equal,
            ] {
                let query = Query {
                    filter: condition(&name, &[], comparison, vec![middle.clone()]),
                    limit: Some(4),
                    offset: 1,
                    ..ordered(order.clone())
                };
                ask_pages(bench, &known, &query, 3)?;
            }
        }
    }
    Ok(())
}

fn indexed(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let indexes: &[&[(&[(&str, bool)], bool)]] = &[
        &[(&[("text", false)], false), (&[("number", true)], false)],
        &[(&[("text", true), ("number", false)], false)],
        &[
            (&[("number", false), ("text", false)], false),
            (&[("number", false)], false),
        ],
        &[(&[("number", true), ("text", true)], false)],
        &[(&[("text", false), ("number", false), ("id", false)], true)],
    ];
    let filters: Vec<Filter> = vec![
        Vec::new(),
        condition("text", &[], C::Equal, vec![Value::from("a")]),
        condition("text", &[], C::Equal, vec![Value::Null]),
        condition(
            "text",
            &[],
            C::OneOf,
            vec![Value::from("b"), Value::from("a"), Value::from("b")],
        ),
        condition("text", &[], C::OneOf, vec![Value::from("b"), Value::Null]),
        condition("text", &[], C::Greater, vec![Value::from("B")]),
        condition("text", &[], C::LessOrEqual, vec![Value::from("a")]),
        condition(
            "text",
            &[],
            C::Between,
            vec![Value::from("B"), Value::from("a")],
        ),
        condition("text", &[], C::Like, vec![Value::from("a%")]),
        condition("text", &[], C::NotEqual, vec![Value::from("a")]),
        condition("number", &[], C::Equal, vec![Value::Integer(2)]),
        condition("number", &[], C::GreaterOrEqual, vec![Value::Integer(-1)]),
        condition("number", &[], C::Less, vec![Value::Integer(2)]),
        condition(
            "number",
            &[],
            C::NotOneOf,
            vec![Value::Integer(2), Value::Null],
        ),
    ];
    let mut filters = filters;
    let both = |one: &Filter, other: &Filter| {
        let leaves = [one, other].into_iter().flatten().cloned();
        let root = tenon_model::contract::FilterNode::AllOf(vec![1, 2]);
        std::iter::once(root).chain(leaves).collect::<Filter>()
    };
    for (one, other) in [
        (1, 10),
        (1, 11),
        (3, 12),
        (5, 10),
        (2, 10),
        (7, 11),
        (10, 8),
    ] {
        if let (Some(one), Some(other)) = (filters.get(one), filters.get(other)) {
            filters.push(both(one, other));
        }
    }
    let records = grid(
        &[Some("b"), None, Some("a"), Some("B"), Some("ab"), Some("")],
        &[Some(2), Some(-1), None],
    );
    for set in indexes {
        let mut draft = two();
        for (number, (parts, unique)) in set.iter().enumerate() {
            draft.indexes.push(tenon_model::Index {
                name: format!("index{number}"),
                properties: parts
                    .iter()
                    .map(|(name, descending)| sort(name, *descending))
                    .collect(),
                unique: *unique,
                settings: None,
            });
        }
        let model = match bench.try_collection(draft.to_contract())? {
            Ok(model) => model,
            Err(failure) => {
                bench.note(format!("a model with indexes was refused: {failure}"));
                continue;
            }
        };
        let known = Known::new(&model, &records, bench.facts());
        known.store(bench.session()?)?;
        let orders = every_order(&["id"]);
        for (place, filter) in filters.iter().enumerate() {
            // Without an order, and in a third of them.
            let wanted = orders.iter().skip(place % 3).step_by(3).cloned();
            for order in std::iter::once(Vec::new()).chain(wanted) {
                let query = Query {
                    filter: filter.clone(),
                    ..ordered(order.clone())
                };
                ask(bench, &known, &query)?;
                let part = Query {
                    limit: Some(3),
                    offset: 2,
                    ..query
                };
                ask_pages(bench, &known, &part, 2)?;
            }
            let counted = known.count(bench.session()?, filter);
            counted.map_err(|stop| {
                reduce::fewer(bench, &known, stop, |session, known| {
                    known.count(session, filter).map(drop)
                })
            })?;
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

fn nearest(bench: &mut Bench<'_>) -> Checked {
    use tenon_model::Filter as F;
    if !bench.facts().keeps(PropertyType::Point) {
        return Err(Stop::skipped("no property of kind `point` is kept"));
    }
    let model = bench.collection(models::with(&[
        ("place", PropertyType::Point),
        ("other", PropertyType::Point),
        ("number", PropertyType::Integer),
    ]))?;
    let point = |latitude: f64, longitude: f64| {
        Value::Point(GeoPoint {
            latitude,
            longitude,
        })
    };
    let places = [
        Some((0.0, 9.0)),
        None,
        Some((0.0, 0.0)),
        Some((1.0, 1.0)),
        Some((0.0, 1.0)),
        Some((0.0, 1.0)),
        Some((0.0, 0.0)),
        Some((80.0, 20.0)),
        Some((0.0, 179.0)),
        Some((0.0, -179.5)),
        None,
        Some((0.0, 1.0)),
    ];
    let records: Vec<Entity> = places
        .iter()
        .enumerate()
        .map(|(place, at)| {
            let other = places.get((place + 5) % places.len()).copied().flatten();
            let of =
                |at: Option<(f64, f64)>| at.map_or(Value::Null, |(north, east)| point(north, east));
            Entity::new()
                .with("id", Value::Integer((place as i64 * 5) % 13))
                .with("place", of(*at))
                .with("other", of(other))
                .with("number", Value::Integer(place as i64 % 3))
        })
        .collect();
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    let near = |name: &str, centre: Value, most: Value, least: Value| {
        F::Condition(tenon_model::contract::Condition {
            property: name.to_owned(),
            path: Vec::new(),
            comparison: Comparison::Near,
            operands: vec![centre, most, least],
        })
    };
    let number = |number: i64| F::equal("number", Value::Integer(number));
    let mut filters = Vec::new();
    for centre in [
        point(0.0, 0.0),
        point(0.0, 180.0),
        point(80.0, 20.0),
        point(0.4, 0.6),
    ] {
        let all = near("place", centre.clone(), Value::Null, Value::Null);
        let ring = near(
            "place",
            centre.clone(),
            Value::Float(1_100_000.0),
            Value::Float(1.0),
        );
        let other = near("other", centre.clone(), Value::Null, Value::Null);
        filters.extend([
            all.clone(),
            ring.clone(),
            F::AllOf(vec![number(0), all.clone()]),
            F::AnyOf(vec![number(1), ring.clone()]),
            F::AllOf(vec![all.clone(), other.clone()]),
            F::AllOf(vec![other.clone(), all.clone()]),
            F::AnyOf(vec![ring.clone(), other]),
            F::NoneOf(vec![ring.clone()]),
            F::AllOf(vec![F::NoneOf(vec![ring]), all]),
        ]);
    }
    for filter in filters {
        let whole = Query {
            filter: filter.to_nodes(),
            ..Query::default()
        };
        ask_pages(bench, &known, &whole, 3)?;
        for (limit, offset) in [
            (Some(1), 0),
            (Some(3), 0),
            (Some(2), 2),
            (None, 3),
            (Some(50), 0),
        ] {
            let part = Query {
                limit,
                offset,
                ..whole.clone()
            };
            ask(bench, &known, &part)?;
            let fields = Query {
                fields: vec!["number".to_owned()],
                ..part
            };
            ask(bench, &known, &fields)?;
        }
        for descending in [false, true] {
            let query = Query {
                order: vec![sort("number", descending), sort("id", descending)],
                ..whole.clone()
            };
            ask(bench, &known, &query)?;
            let part = Query {
                limit: Some(3),
                ..query
            };
            ask(bench, &known, &part)?;
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
