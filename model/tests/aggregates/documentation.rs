//! Every example in docs/aggregates.md, run.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tenon_model::{
    Aggregation, Aggregator, Entity, Matcher, Model, Property, PropertyType, ResultShape, equal,
};

const DOCUMENT: &str = include_str!("../../../docs/aggregates.md");

/// The fenced blocks of JSON with that mark.
fn examples<T: for<'de> Deserialize<'de>>(mark: &str) -> Vec<T> {
    let fence = format!("```json {mark}\n");
    let blocks: Vec<&str> = DOCUMENT
        .split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(!blocks.is_empty(), "no example is marked {mark}");
    blocks
        .into_iter()
        .map(|block| {
            serde_json::from_str(block).unwrap_or_else(|error| panic!("{error} in {block}"))
        })
        .collect()
}

/// A strict model of these properties; without any, an open one.
fn model(kinds: &Map<String, Json>) -> Model {
    let mut model = Model::new("Example");
    for (name, kind) in kinds {
        let kind = PropertyType::from_name(kind.as_str().unwrap()).expect("a kind");
        model = model.property(Property::new(name.as_str(), kind));
    }
    if kinds.is_empty() {
        model.open()
    } else {
        model
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(default)]
    model: Map<String, Json>,
    request: Json,
    records: Vec<Map<String, Json>>,
    answer: Vec<Map<String, Json>>,
}

#[test]
fn requests_are_answered_as_the_document_says() {
    for example in examples::<Example>("aggregate-example") {
        let model = model(&example.model);
        let request = Aggregation::from_json(&example.request)
            .and_then(|request| request.check(&model))
            .unwrap_or_else(|problems| panic!("{problems} in {}", example.request));
        let filter = Matcher::new(&request.filter).unwrap();
        let mut aggregator = Aggregator::new(&request, 1000).unwrap();
        for json in example.records {
            let record = Entity::from_json(json, Some(&model)).unwrap();
            if filter.matches(&record) {
                aggregator.add(&record).unwrap();
            }
        }
        let answer = request.conclude(aggregator.finish().unwrap()).unwrap();
        assert_eq!(answer.len(), example.answer.len(), "{answer:#?}");
        let shape = ResultShape::new(&request, &model);
        for (row, expected) in answer.iter().zip(example.answer) {
            let expected = Entity::from_json(expected, None).unwrap();
            assert_eq!(row.len(), expected.len(), "{row:?} {expected:?}");
            for (name, value) in expected.iter() {
                let answered = row.get(name).unwrap();
                assert!(equal(answered, value), "{name}: {answered:?} {value:?}");
                assert_eq!(answered.case_name(), value.case_name(), "{name}");
            }
            // What a backend would answer has the same shape.
            assert_eq!(shape.row(row.clone()).as_ref(), Ok(row));
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedExample {
    #[serde(default)]
    model: Map<String, Json>,
    request: Json,
    problem: String,
}

#[test]
fn mistakes_are_refused_as_the_document_says() {
    for example in examples::<RefusedExample>("refused-example") {
        let model = model(&example.model);
        let result =
            Aggregation::from_json(&example.request).and_then(|request| request.check(&model));
        let problems = result.expect_err("it is refused").to_string();
        assert!(
            problems.contains(&example.problem),
            "{}: {problems}",
            example.request
        );
    }
}
