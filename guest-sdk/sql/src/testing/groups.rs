//! Groups that a database makes, against those that `tenon-model` makes of the same records.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a check that fails says so as an assertion does"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::{Comparison, Filter, Model, Property};
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Aggregate, AggregateFunction, AggregateRequest, Aggregates, Entity, ErrorKind, PropertyType,
    Query, SortKey, Value,
};

/// Records, and groups that are asked of them.
#[derive(Clone, Debug)]
pub struct GroupCase {
    records: Vec<Entity>,
    requests: Vec<AggregateRequest>,
}

/// Invented records of [`figures`], and requests.
pub fn group_case() -> impl Strategy<Value = GroupCase> {
    (vec(record(), 0..16), vec(request(), 1..8))
        .prop_map(|(records, requests)| GroupCase { records, requests })
}

const PROPERTIES: [(&str, PropertyType); 6] = [
    ("number", PropertyType::Integer),
    ("text \"' --", PropertyType::Text),
    ("float", PropertyType::Float),
    ("flag", PropertyType::Boolean),
    ("moment", PropertyType::Timestamp),
    ("exact", PropertyType::Decimal),
];

/// The model of the groups' cases, called `Figure`.
pub fn figures() -> Model {
    let mut model = Model::new("Figure").key("id", PropertyType::Integer);
    for (name, kind) in PROPERTIES {
        model = model.property(Property::new(name, kind));
    }
    model
}

fn value(kind: PropertyType) -> BoxedStrategy<Value> {
    let value = match kind {
        PropertyType::Integer => prop_oneof![-3..4_i64, Just(i64::MAX), Just(i64::MIN)]
            .prop_map(Value::Integer)
            .boxed(),
        PropertyType::Float => select(vec![-1.5, 0.25, 2.0, 1e100, -1e100])
            .prop_map(Value::Float)
            .boxed(),
        PropertyType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        PropertyType::Timestamp => (-2..3_i64).prop_map(Value::Timestamp).boxed(),
        PropertyType::Decimal => select(vec!["-1.5", "0", "1.0", "1.00", "12345678901234567890.5"])
            .prop_map(|text| Value::Decimal(text.into()))
            .boxed(),
        _ => select(vec!["", "a", "A", "ab", "ä", "'"])
            .prop_map(Value::from)
            .boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 5 => value].boxed()
}

fn record() -> impl Strategy<Value = Entity> {
    let values: Vec<_> = PROPERTIES.iter().map(|(_, kind)| value(*kind)).collect();
    values.prop_map(|values| {
        let names = PROPERTIES.iter().map(|(name, _)| (*name).to_owned());
        names.zip(values).collect()
    })
}

fn request() -> impl Strategy<Value = AggregateRequest> {
    let names: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
    let group = proptest::sample::subsequence(names.clone(), 0..3);
    let one = (
        select(AggregateFunction::ALL.to_vec()),
        select(names),
        any::<bool>(),
    );
    let wanted = vec(one, 1..4);
    let order = vec((0..5_usize, any::<bool>()), 0..3);
    let part = (proptest::option::of(0..4_u64), 0..3_u64);
    let filter = prop_oneof![
        Just(Filter::all()),
        Just(Filter::compare("number", Comparison::Greater, -2))
    ];
    (group, wanted, order, part, filter).prop_map(
        |(group, wanted, order, (limit, offset), filter)| {
            let aggregates: Vec<Aggregate> = wanted
                .into_iter()
                .enumerate()
                .map(|(place, (function, property, distinct))| Aggregate {
                    name: format!("result {place}"),
                    function,
                    property: Some(property.to_owned()),
                    path: Vec::new(),
                    distinct,
                })
                .filter(|one| {
                    let is_number =
                        ["number", "float", "exact"].contains(&one.property.as_deref().unwrap());
                    is_number
                        || !matches!(
                            one.function,
                            AggregateFunction::Sum | AggregateFunction::Average
                        )
                })
                .collect();
            let names: Vec<String> = group
                .iter()
                .map(|name| (*name).to_owned())
                .chain(aggregates.iter().map(|one| one.name.clone()))
                .collect();
            let mut order: Vec<SortKey> = order
                .into_iter()
                .filter_map(|(place, descending)| {
                    Some(SortKey {
                        property: names.get(place)?.clone(),
                        path: Vec::new(),
                        descending,
                    })
                })
                .collect();
            // As the runtime does it.
            order.extend(group.iter().map(|name| SortKey {
                property: (*name).to_owned(),
                path: Vec::new(),
                descending: false,
            }));
            AggregateRequest {
                filter: filter.to_nodes(),
                group_by: group.into_iter().map(str::to_owned).collect(),
                aggregates,
                order,
                limit,
                offset,
            }
        },
    )
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        // The last digit of a sum of floats may depend on the order of the records.
        (Value::Float(left), Value::Float(right)) => (left - right).abs() <= left.abs() * 1e-15,
        _ => tenon_model::equal(left, right),
    }
}

/// Stores a case's records with a connector that has the model [`figures`] and no records, and asks its requests. How many
/// of them it did.
///
/// # Panics
/// Where its answer isn't the contract's.
pub fn groups_are_exact(connector: &mut impl Aggregates, case: &GroupCase) -> usize {
    let records = (0_i64..)
        .zip(&case.records)
        .map(|(id, record)| record.clone().with("id", id));
    connector.create_all("Figure", records.collect()).unwrap();
    let mut answer = connector.all("Figure", Query::default()).unwrap();
    let stored = read_all(&mut answer.rows, 100).unwrap();
    let mut done = 0;
    for request in &case.requests {
        if request.group_by.is_empty() && request.aggregates.is_empty() {
            continue;
        }
        let mut rows = match connector.aggregate("Figure", request.clone()) {
            Ok(rows) => rows,
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Unsupported, "{error:?}");
                continue;
            }
        };
        done += 1;
        let seen = read_all(&mut rows, 3);
        let wanted = tenon_sdk::aggregate(request.clone(), stored.clone())
            .and_then(|mut rows| read_all(&mut rows, 100));
        let shown = || format!("{request:#?}\nseen {seen:#?}\nwanted {wanted:#?}");
        let (Ok(seen), Ok(wanted)) = (&seen, &wanted) else {
            assert_eq!(seen.is_err(), wanted.is_err(), "{}", shown());
            continue;
        };
        assert_eq!(seen.len(), wanted.len(), "{}", shown());
        for (seen, wanted) in seen.iter().zip(wanted) {
            let alike = seen.len() == wanted.len()
                && wanted.iter().all(|(name, wanted)| {
                    seen.get(name).is_some_and(|seen| {
                        same(seen, wanted) && seen.case_name() == wanted.case_name()
                    })
                });
            assert!(alike, "{}", shown());
        }
    }
    done
}
