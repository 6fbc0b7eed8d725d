//! Orders along keys and indexes.

use super::{ask, ask_pages, every_order, grid, ordered, sort, two};
use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::Checked;
use crate::reduce;
use crate::suites::filters::rich::condition;
use tenon_model::contract::{Comparison, Filter, PropertyType, Query, SortKey, Value};
use tenon_model::{Entity, Property};

pub fn by_key(bench: &mut Bench<'_>) -> Checked {
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

/// An index: its properties, each perhaps descending, and whether it is unique.
type Declared = (&'static [(&'static str, bool)], bool);

pub fn indexed(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let indexes: &[&[Declared]] = &[
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
