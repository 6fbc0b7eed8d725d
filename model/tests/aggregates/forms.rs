//! The JSON of requests, and the contract's form of them.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use tenon_model::contract::AggregateRequest;
use tenon_model::{Aggregate, AggregateFunction, Aggregation, Comparison, Filter, SortKey, Value};

fn problems(text: &str) -> Vec<String> {
    let problems = Aggregation::parse(text).expect_err(text);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn json_and_the_builder_say_the_same() {
    let text = r#"{
        "where": {"open": true}, "groupBy": "state",
        "aggregates": {
            "airports": {"count": "*"}, "cities": {"count": "city", "distinct": true},
            "mean": {"average": "size.area"}, "most": {"maximum": "size"},
            "named": {"count": "name"}, "least": {"minimum": "size"}, "total": {"sum": "\\*"}
        },
        "having": {"total": {"gt": 10}}, "order": ["total DESC", "state"], "limit": 10, "skip": 3
    }"#;
    let built = Aggregation::new()
        .filter(Filter::equal("open", true))
        .group_by("state")
        .count("airports")
        .count_distinct("cities", "city")
        .minimum("least", "size")
        .average("mean", "size.area")
        .maximum("most", "size")
        .count_of("named", "name")
        .sum("total", "\\*")
        .having(Filter::compare("total", Comparison::Greater, 10))
        .descending("total")
        .ascending("state")
        .limit(10)
        .offset(3);
    assert_eq!(Aggregation::parse(text), Ok(built.clone()));
    assert_eq!(Aggregation::from_json(&built.to_json()), Ok(built));
}

#[test]
fn every_mistake_is_reported_with_its_place() {
    let found = problems(
        r#"{
            "where": {"a": {"gtt": 1}}, "having": {"n": {}}, "groupBy": [1], "limit": -1, "extra": 1,
            "aggregates": {
                "a": 5, "b": {}, "c": {"sum": "x", "average": "x"}, "d": {"sum": 1}, "e": {"count": "a..b"},
                "f": {"count": "x", "distinct": 1}, "g": {"sum": "x", "distnct": true}
            }
        }"#,
    );
    for place in [
        "where.a.gtt",
        "having.n",
        "groupBy[0]",
        "limit",
        "extra",
        "aggregates.a",
        "aggregates.b",
        "aggregates.c",
        "aggregates.d.sum",
        "aggregates.e.count",
        "aggregates.f.distinct",
        "aggregates.g.distnct",
    ] {
        assert!(
            found.iter().any(|problem| problem.starts_with(place)),
            "{place}: {found:#?}"
        );
    }
    assert!(
        found
            .iter()
            .any(|problem| problem.contains("did you mean `distinct`?"))
    );
}

#[test]
fn what_is_no_request_is_refused() {
    for text in [
        "[]",
        "5",
        "{",
        r#"{"limit": 1, "limit": 2}"#,
        r#"{"aggregates": []}"#,
        r#"{"skip": 1, "offset": 1}"#,
    ] {
        assert!(!problems(text).is_empty(), "{text}");
    }
}

#[test]
fn a_connector_gets_a_total_order_or_none_where_having_comes_first() {
    let request = Aggregation::new()
        .group_by("state")
        .group_by("city")
        .count("n")
        .descending("n")
        .ascending("city")
        .limit(5)
        .offset(2);
    let key = |property: &str, descending| SortKey {
        property: property.to_owned(),
        path: Vec::new(),
        descending,
    };
    let sent = request.to_contract();
    assert_eq!(
        sent.order,
        [key("n", true), key("city", false), key("state", false)]
    );
    assert_eq!((sent.limit, sent.offset), (Some(5), 2));

    let sent = request
        .having(Filter::compare("n", Comparison::Greater, 1))
        .to_contract();
    let expected = AggregateRequest {
        filter: Vec::new(),
        group_by: vec!["state".to_owned(), "city".to_owned()],
        aggregates: sent.aggregates.clone(),
        ..AggregateRequest::default()
    };
    assert_eq!(sent, expected);
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        r"[a-c.\\$*ü]{1,4}",
        Just("or".to_owned()),
        Just("*".to_owned())
    ]
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    let function = proptest::sample::select(AggregateFunction::ALL);
    let property = proptest::option::of((name(), vec(name(), 0..3)));
    (name(), function, property, any::<bool>()).prop_map(|(name, function, property, distinct)| {
        let (property, path) = property.unzip();
        Aggregate {
            name,
            function,
            property,
            path: path.unwrap_or_default(),
            distinct,
        }
    })
}

fn request() -> impl Strategy<Value = Aggregation> {
    let filter = || {
        prop_oneof![
            Just(Filter::all()),
            (name(), -2i64..3).prop_map(|(name, value)| Filter::equal(name, value)),
        ]
    };
    let order = vec((name(), any::<bool>()), 0..3);
    (
        filter(),
        vec(name(), 0..3),
        vec(aggregate(), 0..4),
        filter(),
        order,
        proptest::option::of(0u64..5),
        0u64..3,
    )
        .prop_map(
            |(filter, group_by, mut aggregates, having, order, limit, offset)| {
                aggregates.sort_by(|left, right| left.name.cmp(&right.name));
                aggregates.dedup_by(|left, right| left.name == right.name);
                let order = order.into_iter().map(|(property, descending)| SortKey {
                    property,
                    path: Vec::new(),
                    descending,
                });
                Aggregation {
                    filter,
                    group_by,
                    aggregates,
                    having,
                    order: order.collect(),
                    limit,
                    offset,
                }
            },
        )
}

proptest! {
    #[test]
    fn what_is_written_as_json_is_read_back(request in request()) {
        prop_assert_eq!(Aggregation::from_json(&request.to_json()), Ok(request));
    }

    #[test]
    fn what_a_connector_gets_is_read_back(mut request in request()) {
        request.having = Filter::all();
        let sent = request.to_contract();
        let received = Aggregation::from_contract(sent.clone()).unwrap();
        // The order is total already, so sending it on changes nothing.
        prop_assert_eq!(received.to_contract(), sent);
    }
}

#[test]
fn values_in_having_keep_their_case() {
    let request = Aggregation::new()
        .count("n")
        .having(Filter::equal("at", Value::Timestamp(5)));
    assert_eq!(
        request.to_json()["having"],
        json!({"at": {"eq": {"$timestamp": 5}}})
    );
}
