//! What the aggregator refuses, and what bounds it.

use tenon_model::{AggregateError, Aggregation, Aggregator, Entity, Filter, GeoPoint, Value};

fn fold(
    request: &Aggregation,
    bound: usize,
    records: &[Entity],
) -> Result<Vec<Entity>, AggregateError> {
    let mut aggregator = Aggregator::new(request, bound)?;
    for record in records {
        aggregator.add(record)?;
    }
    request.conclude(aggregator.finish()?)
}

fn numbers(range: std::ops::Range<i64>) -> Vec<Entity> {
    range
        .map(|n| Entity::new().with("n", n).with("parity", n % 2))
        .collect()
}

#[test]
fn groups_and_distinct_values_are_bounded_together() {
    let by_number = Aggregation::new().group_by("n").count("records");
    assert_eq!(fold(&by_number, 10, &numbers(0..10)).unwrap().len(), 10);
    let error = fold(&by_number, 9, &numbers(0..10)).unwrap_err();
    assert_eq!(error, AggregateError::TooMany { bound: 9 });

    let distinct = Aggregation::new()
        .group_by("parity")
        .count_distinct("d", "n");
    assert!(fold(&distinct, 12, &numbers(0..10)).is_ok());
    assert!(fold(&distinct, 11, &numbers(0..10)).is_err());
}

#[test]
fn records_beyond_the_bound_are_fine_where_nothing_is_kept_of_them() {
    let request = Aggregation::new().sum("total", "n").maximum("most", "n");
    let rows = fold(&request, 0, &numbers(0..1000)).unwrap();
    assert_eq!(
        rows,
        [Entity::new().with("total", 499_500).with("most", 999)]
    );
}

#[test]
fn what_is_no_number_has_no_sum() {
    let request = Aggregation::new().sum("total", "n");
    let error = fold(&request, 10, &[Entity::new().with("n", "5")]).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("`total`") && message.contains("`text`"),
        "{message}"
    );
    assert!(!message.contains('5'), "no data in {message}");
}

#[test]
fn values_out_of_form_are_refused() {
    let nan = Entity::from(vec![("n".to_owned(), Value::Float(f64::NAN))]);
    for request in [
        Aggregation::new().group_by("n"),
        Aggregation::new().count_distinct("d", "n"),
        Aggregation::new().sum("s", "n"),
    ] {
        let error = fold(&request, 10, std::slice::from_ref(&nan));
        assert!(
            matches!(error, Err(AggregateError::Invalid(_))),
            "{error:?}"
        );
    }
}

#[test]
fn a_function_needs_a_property() {
    let mut request = Aggregation::new().sum("total", "n");
    request.aggregates[0].property = None;
    assert!(matches!(
        Aggregator::new(&request, 1),
        Err(AggregateError::Invalid(_))
    ));
}

#[test]
fn having_that_nobody_knows_is_unsupported() {
    let request = Aggregation::new()
        .count("n")
        .having(Filter::Extension(tenon_model::Extension {
            name: "sounds-like".to_owned(),
            property: "n".to_owned(),
            path: Vec::new(),
            operands: Vec::new(),
        }));
    let error = fold(&request, 10, &[]);
    assert!(
        matches!(error, Err(AggregateError::Unsupported(_))),
        "{error:?}"
    );
}

#[test]
fn groups_without_an_order_are_paged_without_overlap() {
    let records: Vec<Entity> = (0..20)
        .map(|degree| {
            let point = GeoPoint {
                latitude: f64::from(degree % 10),
                longitude: 0.0,
            };
            Entity::new().with("place", point)
        })
        .collect();
    let request = Aggregation::new()
        .group_by("place")
        .count("n")
        .descending("n");
    let all = fold(&request, 100, &records).unwrap();
    assert_eq!(all.len(), 10);
    let pages: Vec<Entity> = (0..10)
        .flat_map(|page| {
            let mut shuffled = records.clone();
            shuffled.rotate_left(page as usize);
            fold(&request.clone().offset(page).limit(1), 100, &shuffled).unwrap()
        })
        .collect();
    assert_eq!(pages, all);
}
