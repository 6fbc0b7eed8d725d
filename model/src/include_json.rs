//! The relations to load, in every form that LoopBack's users write: `"routes"`, `["routes", "city"]`,
//! `{"relation": "routes", "scope": {..}}`, and the older `{"routes": "airline"}`.
//!
//! One form is printed. How deep it goes is bounded, since it is read recursively.

use serde_json::{Map, Value as Json};

use crate::problem::Problems;
use crate::query::{Include, MAX_INCLUDE_DEPTH, Query};

/// What names the relation in the form that has a scope.
const RELATION: &str = "relation";
/// What narrows it there.
const SCOPE: &str = "scope";

/// The relations that the JSON stands for; `depth` is that of the query around them, from 0.
pub(crate) fn read(
    json: &Json,
    place: &str,
    depth: usize,
    problems: &mut Problems,
) -> Vec<Include> {
    if depth >= MAX_INCLUDE_DEPTH {
        let message = format!("relations are loaded through at most {MAX_INCLUDE_DEPTH} levels");
        problems.push(place, message);
        return Vec::new();
    }
    match json {
        Json::Array(elements) => elements
            .iter()
            .enumerate()
            .flat_map(|(index, element)| {
                let place = format!("{place}[{index}]");
                if element.is_array() {
                    problems.push(place, WANTED);
                    return Vec::new();
                }
                read(element, &place, depth, problems)
            })
            .collect(),
        Json::String(relation) => named(relation, Query::new(), place, problems),
        Json::Object(members) if members.contains_key(RELATION) => {
            scoped(members, place, depth, problems)
        }
        Json::Object(members) => members
            .iter()
            .flat_map(|(relation, inner)| {
                let place = format!("{place}.{relation}");
                let include = read(inner, &place, depth + 1, problems);
                let scope = Query {
                    include,
                    ..Query::default()
                };
                named(relation, scope, &place, problems)
            })
            .collect(),
        _ => {
            problems.push(place, WANTED);
            Vec::new()
        }
    }
}

const WANTED: &str = "a relation is written \"routes\", {\"relation\": \"routes\", \"scope\": {..}}, or, with what is \
                      loaded further, {\"routes\": \"airline\"}; several are an array";

fn named(relation: &str, scope: Query, place: &str, problems: &mut Problems) -> Vec<Include> {
    if relation.is_empty() {
        problems.push(place, "a relation's name is empty; write its name");
        return Vec::new();
    }
    vec![Include::scoped(relation, scope)]
}

fn scoped(
    members: &Map<String, Json>,
    place: &str,
    depth: usize,
    problems: &mut Problems,
) -> Vec<Include> {
    for name in members.keys() {
        if name != RELATION && name != SCOPE {
            let message = format!(
                "beside `{RELATION}` there is only `{SCOPE}`, which takes what a query takes"
            );
            problems.push(format!("{place}.{name}"), message);
        }
    }
    let scope = match members.get(SCOPE) {
        None => Query::new(),
        Some(json) => Query::read(json, depth + 1).unwrap_or_else(|inner| {
            problems.extend_at(&format!("{place}.{SCOPE}"), inner);
            Query::new()
        }),
    };
    match members.get(RELATION) {
        Some(Json::String(relation)) => named(relation, scope, place, problems),
        _ => {
            let place = format!("{place}.{RELATION}");
            problems.push(place, "it takes the name of a relation, as text");
            Vec::new()
        }
    }
}

/// As [`read`] reads it.
pub(crate) fn written(include: &Include) -> Json {
    if include.scope == Query::default() {
        return Json::String(include.relation.clone());
    }
    Json::Object(Map::from_iter([
        (RELATION.to_owned(), Json::String(include.relation.clone())),
        (SCOPE.to_owned(), include.scope.to_json()),
    ]))
}
