//! What is folded equals what a naive reading of docs/aggregates.md gives, on random records.

use std::cmp::Ordering;

use proptest::collection::vec;
use proptest::prelude::*;
use tenon_model::{
    Aggregate, AggregateFunction, Aggregation, Aggregator, Comparison, Entity, Filter, Matcher,
    Value, compare, equal,
};

/// Numbers that every case holds exactly, so that their sums are the same in any order.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3i64..4).prop_map(Value::Integer),
        (-6i32..7).prop_map(|half| Value::Float(f64::from(half) / 2.0)),
        (-6i32..7).prop_map(|half| Value::Decimal(format!("{:.1}", f64::from(half) / 2.0))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => number(),
        1 => Just(Value::Null),
        1 => "[ab]{0,2}".prop_map(Value::Text),
        1 => any::<bool>().prop_map(Value::Boolean),
        1 => (0i64..2).prop_map(Value::Timestamp),
    ]
}

fn record() -> impl Strategy<Value = Entity> {
    let maybe = |value: BoxedStrategy<Value>| proptest::option::weighted(0.8, value);
    let amount = prop_oneof![5 => number(), 1 => Just(Value::Null)];
    (
        maybe(value().boxed()),
        maybe(value().boxed()),
        maybe(amount.boxed()),
    )
        .prop_map(|(a, b, amount)| {
            let pairs = [("a", a), ("b", b), ("n", amount)];
            pairs
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect()
        })
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    use AggregateFunction as F;
    let any_property = proptest::sample::select(vec!["a", "b", "n"]);
    prop_oneof![
        Just((F::Count, None, false)),
        (any_property.clone(), any::<bool>()).prop_map(|(name, d)| (F::Count, Some(name), d)),
        any::<bool>().prop_map(|d| (F::Sum, Some("n"), d)),
        any::<bool>().prop_map(|d| (F::Average, Some("n"), d)),
        any_property
            .clone()
            .prop_map(|name| (F::Minimum, Some(name), false)),
        any_property.prop_map(|name| (F::Maximum, Some(name), false)),
    ]
    .prop_map(|(function, property, distinct)| Aggregate {
        name: String::new(),
        function,
        property: property.map(str::to_owned),
        path: Vec::new(),
        distinct,
    })
}

fn request() -> impl Strategy<Value = Aggregation> {
    let group_by = proptest::sample::subsequence(vec!["a", "b"], 0..=2);
    let having = prop_oneof![
        Just(Filter::all()),
        (0i64..4).prop_map(|n| Filter::compare("r0", Comparison::GreaterOrEqual, n)),
    ];
    let order = proptest::option::of(any::<bool>());
    (
        group_by,
        vec(aggregate(), 1..4),
        having,
        order,
        proptest::option::of(0u64..4),
        0u64..3,
    )
        .prop_map(|(group_by, aggregates, having, order, limit, offset)| {
            let mut request = Aggregation::new().having(having).offset(offset);
            request.limit = limit;
            for name in group_by {
                request = request.group_by(name);
            }
            for (index, mut aggregate) in aggregates.into_iter().enumerate() {
                aggregate.name = format!("r{index}");
                request = request.aggregate(aggregate);
            }
            match order {
                Some(true) => request.descending("r0"),
                Some(false) => request.ascending("r0"),
                None => request,
            }
        })
}

fn get(record: &Entity, name: &str) -> Value {
    record.get(name).cloned().unwrap_or_default()
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Decimal(text) => text.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn naive_result(aggregate: &Aggregate, group: &[&Entity]) -> Value {
    use AggregateFunction as F;
    let Some(property) = &aggregate.property else {
        return Value::Integer(group.len() as i64);
    };
    let mut values: Vec<Value> = group.iter().map(|record| get(record, property)).collect();
    values.retain(|value| !value.is_null());
    if aggregate.distinct {
        let mut different: Vec<Value> = Vec::new();
        for value in values {
            if !different.iter().any(|other| equal(other, &value)) {
                different.push(value);
            }
        }
        values = different;
    }
    if values.is_empty() && aggregate.function != F::Count {
        return Value::Null;
    }
    let sum = || values.iter().map(float).sum::<f64>();
    match aggregate.function {
        F::Count => Value::Integer(values.len() as i64),
        F::Sum => Value::Float(sum()),
        F::Average => Value::Float(sum() / values.len() as f64),
        F::Minimum => values.iter().min_by(|a, b| compare(a, b)).unwrap().clone(),
        F::Maximum => values.iter().max_by(|a, b| compare(a, b)).unwrap().clone(),
    }
}

fn naive(request: &Aggregation, records: &[Entity]) -> Vec<Entity> {
    let mut groups: Vec<(Vec<Value>, Vec<&Entity>)> = Vec::new();
    if request.group_by.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    for record in records {
        let keys: Vec<Value> = request
            .group_by
            .iter()
            .map(|name| get(record, name))
            .collect();
        let same = |(other, _): &&mut (Vec<Value>, _)| {
            other
                .iter()
                .zip(&keys)
                .all(|(left, right)| equal(left, right))
        };
        match groups.iter_mut().find(same) {
            Some((_, members)) => members.push(record),
            None => groups.push((keys, vec![record])),
        }
    }
    let mut rows: Vec<Entity> = groups
        .into_iter()
        .map(|(keys, members)| {
            let results = request
                .aggregates
                .iter()
                .map(|one| (one.name.clone(), naive_result(one, &members)));
            request
                .group_by
                .iter()
                .cloned()
                .zip(keys)
                .chain(results)
                .collect()
        })
        .collect();
    let having = Matcher::new(&request.having).unwrap();
    rows.retain(|row| having.matches(row));
    rows.sort_by(|left, right| {
        let of = |name: &str| compare(&get(left, name), &get(right, name));
        let ordered = request.order.iter().map(|key| match key.descending {
            true => of(&key.property).reverse(),
            false => of(&key.property),
        });
        ordered
            .chain(request.group_by.iter().map(|name| of(name)))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    let limit = request.limit.map_or(usize::MAX, |limit| limit as usize);
    rows.into_iter()
        .skip(request.offset as usize)
        .take(limit)
        .collect()
}

/// Averages are rounded once here and twice there; all else is exact.
fn alike(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => {
            (left - right).abs() <= left.abs().max(right.abs()) * 1e-15
        }
        _ => equal(left, right),
    }
}

proptest! {
    #[test]
    fn what_is_folded_is_what_a_naive_reading_gives(
        request in request(),
        records in vec(record(), 0..12),
    ) {
        let mut aggregator = Aggregator::new(&request, 1000).unwrap();
        for record in &records {
            aggregator.add(record).unwrap();
        }
        let answer = request.conclude(aggregator.finish().unwrap()).unwrap();
        let expected = naive(&request, &records);
        prop_assert_eq!(answer.len(), expected.len(), "{:#?} {:#?}", answer, expected);
        for (row, expected) in answer.iter().zip(&expected) {
            prop_assert_eq!(row.len(), expected.len());
            for (name, value) in expected.iter() {
                prop_assert!(alike(&get(row, name), value), "{}: {:?} {:?}", name, row, expected);
            }
        }
    }

    #[test]
    fn sums_of_decimals_are_those_of_wide_integers(
        numbers in vec((any::<i64>(), 0u32..12), 0..40),
    ) {
        let request = Aggregation::new().sum("total", "n");
        let mut aggregator = Aggregator::new(&request, 0).unwrap();
        let mut expected: i128 = 0;
        for (digits, scale) in &numbers {
            let sign = if *digits < 0 { "-" } else { "" };
            let text = format!("{:0>13}", digits.unsigned_abs());
            let (integer, fraction) = text.split_at(text.len() - *scale as usize);
            let text = if *scale == 0 { integer.to_owned() } else { format!("{integer}.{fraction}") };
            let value = Value::Decimal(format!("{sign}{text}"));
            aggregator.add(&Entity::new().with("n", value)).unwrap();
            expected += i128::from(*digits) * 10_i128.pow(12 - scale);
        }
        let row = aggregator.finish().unwrap().remove(0);
        match row.get("total") {
            Some(Value::Decimal(text)) => {
                let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
                let scaled: i128 = format!("{integer}{fraction:0<12}").parse().unwrap();
                prop_assert_eq!(scaled, expected, "{}", text);
            }
            other => prop_assert!(numbers.is_empty() && other == Some(&Value::Null)),
        }
    }
}
