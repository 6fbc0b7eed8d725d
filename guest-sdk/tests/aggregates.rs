//! Requests for groups, done on a connector's own records.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use tenon_model::contract::AggregateRequest;
use tenon_model::{Aggregation, Comparison, Entity, Extension, Filter};
use tenon_sdk::{ErrorKind, Grouping, Limits, Rows, aggregate};

fn records() -> Vec<Entity> {
    [("CA", 3), ("NY", 1), ("CA", 4), ("AK", 0)]
        .into_iter()
        .map(|(state, beds)| Entity::new().with("state", state).with("beds", beds))
        .collect()
}

fn rows(mut rows: Rows) -> Vec<Entity> {
    let page = rows.next_rows(100, &Limits::default()).unwrap();
    page.unwrap_or_default()
}

fn request() -> Aggregation {
    Aggregation::new()
        .filter(Filter::compare("beds", Comparison::Greater, 0))
        .group_by("state")
        .sum("beds", "beds")
        .descending("beds")
}

#[test]
fn a_request_is_done_whole() {
    let answer = aggregate(request().limit(1).to_contract(), records()).unwrap();
    assert_eq!(
        rows(answer),
        [Entity::new().with("state", "CA").with("beds", 7)]
    );
    let answer = aggregate(request().offset(1).to_contract(), records()).unwrap();
    assert_eq!(
        rows(answer),
        [Entity::new().with("state", "NY").with("beds", 1)]
    );
}

#[test]
fn what_cannot_be_done_is_left_to_the_runtime() {
    let unknown = Filter::Extension(Extension {
        name: "sounds-like".to_owned(),
        property: "state".to_owned(),
        path: Vec::new(),
        operands: Vec::new(),
    });
    let error = aggregate(request().filter(unknown).to_contract(), records())
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::Unsupported);

    let mut grouping = Grouping::new(request().to_contract(), 1).unwrap();
    let error = grouping.add(&records()[0]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

#[test]
fn what_has_no_meaning_is_invalid() {
    let text = [Entity::new().with("state", "CA").with("beds", "many")];
    let request = Aggregation::new().sum("beds", "beds").to_contract();
    let error = aggregate(request.clone(), text).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Invalid);

    let mut aggregates = request.aggregates;
    aggregates[0].property = None;
    let nameless = AggregateRequest {
        aggregates,
        ..AggregateRequest::default()
    };
    let error = aggregate(nameless, records()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Invalid);
}
