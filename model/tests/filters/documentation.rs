//! Every example in docs/filters.md, run.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tenon_model::{
    Entity, Filter, Matcher, Model, Property, PropertyType, Query, Related, RowOrder,
};

use crate::reference;
use crate::relations::models;

const DOCUMENT: &str = include_str!("../../../docs/filters.md");

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

fn record(json: &Map<String, Json>, model: &Model) -> Entity {
    Entity::from_json(json.clone(), Some(model)).unwrap()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterExample {
    #[serde(default)]
    model: Map<String, Json>,
    #[serde(rename = "where")]
    filter: Json,
    #[serde(default)]
    matches: Vec<Map<String, Json>>,
    #[serde(default)]
    misses: Vec<Map<String, Json>>,
}

#[test]
fn filters_match_what_the_document_says() {
    for example in examples::<FilterExample>("filter-example") {
        let model = model(&example.model);
        let filter = Filter::from_json(&example.filter)
            .unwrap()
            .check(&model)
            .unwrap();
        let matcher = Matcher::new(&filter).unwrap();
        for (records, expected) in [(&example.matches, true), (&example.misses, false)] {
            for json in records {
                let answer = matcher.matches(&record(json, &model));
                assert_eq!(answer, expected, "{} on {json:?}", example.filter);
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RelatedExample {
    #[serde(rename = "where")]
    filter: Json,
    matches: Vec<Map<String, Json>>,
    misses: Vec<Map<String, Json>>,
}

/// A record as a query would load it, with all that it leads to. Of an unloaded relation there is nothing.
fn loaded(json: &Map<String, Json>, model: &Model, models: &BTreeMap<String, Model>) -> Entity {
    let mut properties = json.clone();
    let mut related = Vec::new();
    for relation in &model.relations {
        let other = &models[&relation.model];
        let entity = |json: &Json| loaded(json.as_object().expect("a record"), other, models);
        let content = match properties.remove(&relation.name) {
            Some(Json::Array(elements)) => Related::Many(elements.iter().map(entity).collect()),
            Some(Json::Null) => Related::One(None),
            Some(single) => Related::One(Some(Box::new(entity(&single)))),
            None => Related::Many(Vec::new()),
        };
        related.push((relation.name.clone(), content));
    }
    let mut record = record(&properties, model);
    for (name, content) in related {
        record.set_related(name, content);
    }
    record
}

#[test]
fn filters_ask_of_related_records_what_the_document_says() {
    let models = models();
    let airport = &models["Airport"];
    for example in examples::<RelatedExample>("related-example") {
        let filter = Filter::from_json(&example.filter)
            .unwrap()
            .check_with(airport, &models)
            .unwrap();
        for (records, expected) in [(&example.matches, true), (&example.misses, false)] {
            for json in records {
                let answer = reference::matches(&filter, &loaded(json, airport, &models));
                assert_eq!(answer, expected, "{} on {json:?}", example.filter);
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryExample {
    #[serde(default)]
    model: Map<String, Json>,
    query: Json,
    records: Vec<Map<String, Json>>,
    answer: Vec<Map<String, Json>>,
}

#[test]
fn queries_answer_what_the_document_says() {
    for example in examples::<QueryExample>("query-example") {
        let model = model(&example.model);
        let query = Query::from_json(&example.query)
            .unwrap()
            .check(&model)
            .unwrap();
        let matcher = Matcher::new(&query.filter).unwrap();
        let mut records: Vec<Entity> = example
            .records
            .iter()
            .map(|json| record(json, &model))
            .collect();
        records.retain(|record| matcher.matches(record));
        RowOrder::new(&query).sort(&mut records);
        let answer: Vec<Entity> = records
            .into_iter()
            .skip(query.offset as usize)
            .take(query.limit.map_or(usize::MAX, |limit| limit as usize))
            .map(|mut record| {
                record.retain(|name| {
                    query.fields.is_empty() || query.fields.iter().any(|field| field == name)
                });
                record
            })
            .collect();
        let expected: Vec<Entity> = example
            .answer
            .iter()
            .map(|json| record(json, &model))
            .collect();
        assert_eq!(answer, expected, "{}", example.query);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedExample {
    #[serde(default)]
    model: Map<String, Json>,
    #[serde(rename = "where")]
    filter: Json,
    problem: String,
}

#[test]
fn mistakes_are_refused_as_the_document_says() {
    for example in examples::<RefusedExample>("refused-example") {
        let model = model(&example.model);
        let result = Filter::from_json(&example.filter).and_then(|filter| filter.check(&model));
        let problems = result.expect_err("it is refused").to_string();
        assert!(
            problems.contains(&example.problem),
            "{}: {problems}",
            example.filter
        );
    }
}
