//! Filters as LoopBack's JSON.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tenon_model::{Comparison, Condition, Filter, MAX_DEPTH, Value};

use crate::strategies::any_filter_with_related;

fn read(json: Json) -> Filter {
    Filter::from_json(&json).unwrap()
}

fn problems(json: Json) -> Vec<String> {
    let problems = Filter::from_json(&json).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

fn compare(property: &str, comparison: Comparison, operands: impl Into<Vec<Value>>) -> Filter {
    Filter::Condition(Condition {
        property: property.to_owned(),
        path: vec![],
        comparison,
        operands: operands.into(),
    })
}

proptest! {
    #[test]
    fn a_printed_filter_reads_back_as_it_was(filter in any_filter_with_related()) {
        let json = filter.to_json();
        prop_assert_eq!(Filter::from_json(&json), Ok(filter.clone()), "{}", json);
        prop_assert_eq!(Filter::parse(&json.to_string()), Ok(filter), "{}", json);
    }

    #[test]
    fn whatever_is_read_is_printed_and_reads_the_same(text in r#"[{}\[\]:,"a$\\1]{0,12}"#) {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::from_json(&filter.to_json()), Ok(filter));
        }
    }
}

#[test]
fn all_operators_of_a_property_count() {
    let filter = read(json!({"age": {"gte": 18, "lt": 65}}));
    let parts = vec![
        compare("age", Comparison::GreaterOrEqual, [18.into()]),
        compare("age", Comparison::Less, [65.into()]),
    ];
    assert_eq!(filter, Filter::AllOf(parts));
}

#[test]
fn members_are_all_of_them_and_one_is_itself() {
    assert_eq!(read(json!({})), Filter::all());
    assert_eq!(read(json!({"a": 1})), Filter::equal("a", 1));
    let both = Filter::AllOf(vec![Filter::equal("a", 1), Filter::equal("b", "x")]);
    assert_eq!(read(json!({"a": 1, "b": "x"})), both);
    assert_eq!(
        read(json!({"not": {"a": 1}})),
        read(json!({"nor": [{"a": 1}]}))
    );
}

#[test]
fn operands_have_the_case_that_their_json_has() {
    for (json, value) in [
        (json!(null), Value::Null),
        (json!(true), Value::Boolean(true)),
        (json!(1), Value::Integer(1)),
        (json!(1.0), Value::Float(1.0)),
        (json!("1"), Value::from("1")),
        (json!({"$timestamp": 5}), Value::Timestamp(5)),
        (
            json!({"$timestamp": "1970-01-01T00:00:00Z"}),
            Value::Timestamp(0),
        ),
        (json!({"eq": {"a": 1}}), Value::Json("{\"a\":1}".to_owned())),
        (json!({"eq": [1]}), Value::Json("[1]".to_owned())),
    ] {
        assert_eq!(read(json!({"p": json})), Filter::equal("p", value));
    }
}

#[test]
fn flags_of_a_regular_expression_go_in_front() {
    let matches = |pattern: &str| compare("a", Comparison::Matches, [pattern.into()]);
    assert_eq!(read(json!({"a": {"regexp": "/^b/i"}})), matches("(?i)^b"));
    assert_eq!(read(json!({"a": {"regexp": "^b"}})), matches("^b"));
}

#[test]
fn distances_are_in_metres_whatever_their_unit() {
    let greatest = |unit: Json| {
        let filter =
            read(json!({"p": {"near": {"lat": 1, "lng": 2}, "maxDistance": 2, "unit": unit}}));
        let Filter::Condition(condition) = filter else {
            panic!("one condition")
        };
        condition.operands[1].as_float().unwrap()
    };
    assert_eq!(greatest(json!("meters")), 2.0);
    assert_eq!(greatest(json!("kilometers")), 2000.0);
    assert_eq!(greatest(json!("miles")), 3218.688);
    assert_eq!(greatest(json!("feet")), 0.6096);
    assert_eq!(greatest(json!("radians")), 12_742_017.6);
    assert!((greatest(json!("degrees")) - 222_390.16).abs() < 0.01);
}

#[test]
fn a_point_may_be_written_in_several_forms() {
    let near = read(json!({"p": {"near": {"lat": 1.5, "lng": 2}}}));
    assert_eq!(
        read(json!({"p": {"near": {"latitude": 1.5, "longitude": 2}}})),
        near
    );
    assert_eq!(read(json!({"p": {"near": "1.5,2"}})), near);
    assert_eq!(problems(json!({"p": {"near": [1.5, 2]}})).len(), 1);
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let found = problems(json!({
        "age": {"gtee": 18, "in": [1]},
        "or": [{"a": 1}, {"b": {"between": 5}, "c": []}, 7],
        "and": {"a": 1},
        "$where": "x",
        "p": {"near": "x", "maxDistance": -1, "unit": "mile"},
        "q": {"minDistance": 5},
        "s": {"like": 5, "exists": "yes", "regexp": "(", "options": "i"},
        "t": {"between": [1]},
        "u..v": 1,
        "at": {"$timestamp": "yesterday"},
    }));
    for place in [
        "where.age.gtee: unknown operator `gtee`; did you mean `gte`?",
        "where.age.in: unknown operator `in`; did you mean `inq`?",
        "where.or[1].b.between: `between` takes an array",
        "where.or[1].c: an array is no comparison",
        "where.or[2]: a filter is an object",
        "where.and: `and` takes an array of filters",
        "where.$where: unknown operator `$where`",
        "where.p.near: ",
        "where.p.maxDistance: a distance is a number from 0",
        "where.p.unit: a unit is one of",
        "where.q.minDistance: `minDistance` goes with `near`",
        "where.s.like: a pattern is text",
        "where.s.exists: it takes true or false",
        "where.s.regexp: not a regular expression",
        "where.s.options: unknown operator `options`; a pattern without case is `ilike`",
        "where.t.between: it takes two operands",
        "where.u..v: ",
        "where.at: `$timestamp`: ",
    ] {
        assert!(
            found.iter().any(|problem| problem.starts_with(place)),
            "{place} in {found:#?}"
        );
    }
    assert_eq!(found.len(), 18, "{found:#?}");
}

#[test]
fn what_names_no_comparison_is_never_every_record() {
    for json in [
        json!(null),
        json!([]),
        json!("x"),
        json!({"a": {}}),
        json!({"or": null}),
        json!({"and": [null]}),
        json!({"not": []}),
        json!({"": 1}),
        json!({"a": {"$gt": 1}}),
        json!({"a": {"$exits": true}}),
    ] {
        assert!(Filter::from_json(&json).is_err(), "{json}");
    }
}

#[test]
fn a_member_that_is_there_twice_is_refused() {
    let problems = Filter::parse(r#"{"a": 1, "a": 2}"#)
        .unwrap_err()
        .to_string();
    assert!(problems.contains("`a` is there twice"), "{problems}");
    assert!(Filter::parse(r#"{"a": {"gt": 1, "gt": 2}}"#).is_err());
}

#[test]
fn depth_operands_and_patterns_are_bounded() {
    let nested =
        |levels: usize| (1..levels).fold(json!({"a": 1}), |inner, _| json!({"not": inner}));
    assert!(Filter::from_json(&nested(MAX_DEPTH)).is_ok());
    let refused = problems(nested(MAX_DEPTH + 1));
    assert!(refused[0].contains("nested deeper than 64"), "{refused:?}");

    let list: Vec<u32> = (0..100_000).collect();
    assert!(Filter::from_json(&json!({"a": {"inq": list}})).is_ok());
    assert_eq!(
        problems(json!({"a": {"inq": list}, "b": 1, "c": 1})).len(),
        1
    );
    assert_eq!(problems(json!({"a": {"like": "a".repeat(4097)}})).len(), 1);

    let many: Vec<Json> = (0..10_001).map(|number| json!({"a": number})).collect();
    assert_eq!(problems(json!({"or": many})).len(), 1);
}

#[test]
fn every_bound_leaves_a_filter_that_travels_and_is_compiled() {
    let deepest = (1..MAX_DEPTH).fold(json!({"a": 1}), |inner, _| json!({"not": inner}));
    let filter = read(deepest);
    let nodes = filter.to_nodes();
    assert_eq!(Filter::from_nodes(&nodes), Ok(filter));
    assert!(tenon_model::Matcher::from_nodes(&nodes).is_ok());
}
