//! The order by distance.

use super::{ask, ask_pages, sort};
use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::{Checked, Stop};
use crate::generate::models;
use tenon_model::Entity;
use tenon_model::contract::{Comparison, GeoPoint, PropertyType, Query, Value};

pub fn nearest(bench: &mut Bench<'_>) -> Checked {
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
