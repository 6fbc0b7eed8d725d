//! Aggregations as JSON, in the manner of a query's:
//! `{"where": {..}, "groupBy": ["state"], "aggregates": {"n": {"count": "*"}}, "having": {..}, "order": [..]}`.
//!
//! Unknown members are problems, since a member that is skipped would change what the request means.

use serde_json::{Map, Value as Json};

use super::Aggregation;
use crate::contract::{Aggregate, AggregateFunction};
use crate::filter::{Filter, name_and_path, written_name};
use crate::problem::{Problem, Problems};
use crate::query_json::{count, order, written_order};
use crate::strict_json;

/// Every member that a request may have.
const MEMBERS: [&str; 8] = [
    "where",
    "groupBy",
    "aggregates",
    "having",
    "order",
    "limit",
    "offset",
    "skip",
];

/// What stands for the records themselves.
const RECORDS: &str = "*";
/// The member that lets equal values count once.
const DISTINCT: &str = "distinct";

/// What other query languages call a function. Only for suggestions.
const FOREIGN: [(&str, AggregateFunction); 6] = [
    ("avg", AggregateFunction::Average),
    ("mean", AggregateFunction::Average),
    ("min", AggregateFunction::Minimum),
    ("max", AggregateFunction::Maximum),
    ("total", AggregateFunction::Sum),
    ("number", AggregateFunction::Count),
];

impl Aggregation {
    /// The request that JSON stands for.
    ///
    /// # Errors
    /// Every mistake in it, each with its place.
    pub fn from_json(json: &Json) -> Result<Self, Problems> {
        let Json::Object(members) = json else {
            let message = "a request for aggregates is an object, such as {\"groupBy\": [\"state\"], \
                           \"aggregates\": {\"airports\": {\"count\": \"*\"}}}";
            return Err(Problem::new("", message).into());
        };
        let mut problems = Problems::new();
        let mut request = Self::new();
        for (name, value) in members {
            match name.as_str() {
                "where" => request.filter = filter(value, name, &mut problems),
                "having" => request.having = filter(value, name, &mut problems),
                "groupBy" => request.group_by = group_by(value, &mut problems),
                "aggregates" => request.aggregates = aggregates(value, &mut problems),
                "order" => request.order = order(value, &mut problems),
                "limit" => request.limit = count(name, value, &mut problems),
                "offset" | "skip" => {
                    request.offset = count(name, value, &mut problems).unwrap_or(0);
                }
                _ => problems.push(name, unknown(name)),
            }
        }
        if members.contains_key("offset") && members.contains_key("skip") {
            problems.push("skip", "`skip` and `offset` are the same; leave one out");
        }
        problems.none_or(request)
    }

    /// The request that JSON, as text, stands for. A member that is there twice is refused.
    ///
    /// # Errors
    /// Every mistake in it, each with its place.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let json = strict_json::read(text).map_err(|reason| Problem::new("", reason))?;
        Self::from_json(&json)
    }

    /// As JSON, which reads back as the same request, its aggregates by name.
    pub fn to_json(&self) -> Json {
        let mut members = Map::new();
        let mut put = |name: &str, json: Json| {
            members.insert(name.to_owned(), json);
        };
        if !self.filter.is_all() {
            put("where", self.filter.to_json());
        }
        if !self.group_by.is_empty() {
            put("groupBy", self.group_by.iter().cloned().collect());
        }
        if !self.aggregates.is_empty() {
            let aggregates = self.aggregates.iter();
            put(
                "aggregates",
                aggregates
                    .map(|one| (one.name.clone(), written(one)))
                    .collect(),
            );
        }
        if !self.having.is_all() {
            put("having", self.having.to_json());
        }
        if !self.order.is_empty() {
            put("order", self.order.iter().map(written_order).collect());
        }
        if let Some(limit) = self.limit {
            put("limit", limit.into());
        }
        if self.offset > 0 {
            put("offset", self.offset.into());
        }
        Json::Object(members)
    }
}

fn unknown(name: &str) -> String {
    match crate::closest(name, MEMBERS) {
        Some(meant) => {
            format!("unknown member of a request for aggregates; did you mean `{meant}`?")
        }
        None => format!(
            "unknown member of a request for aggregates, which has {}",
            MEMBERS.join(", ")
        ),
    }
}

fn filter(json: &Json, place: &str, problems: &mut Problems) -> Filter {
    Filter::from_json_at(json, place).unwrap_or_else(|found| {
        problems.extend(found);
        Filter::all()
    })
}

fn group_by(json: &Json, problems: &mut Problems) -> Vec<String> {
    let elements = match json {
        Json::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut names = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        match element.as_str() {
            Some(name) => names.push(name.to_owned()),
            None => problems.push(
                format!("groupBy[{index}]"),
                "groups are by the names of properties, such as [\"state\", \"city\"]",
            ),
        }
    }
    names
}

fn aggregates(json: &Json, problems: &mut Problems) -> Vec<Aggregate> {
    let Json::Object(members) = json else {
        problems.push(
            "aggregates",
            "aggregates are an object of results by name, such as {\"total\": {\"sum\": \"price\"}}",
        );
        return Vec::new();
    };
    let mut aggregates = Vec::with_capacity(members.len());
    for (name, member) in members {
        let place = format!("aggregates.{name}");
        match member.as_object() {
            Some(member) => match aggregate(name, member, &place) {
                Ok(aggregate) => aggregates.push(aggregate),
                Err(found) => problems.extend(found),
            },
            None => problems.push(
                place,
                "an aggregate is an object of a function and its property, such as {\"sum\": \"price\"}",
            ),
        }
    }
    aggregates
}

fn aggregate(name: &str, members: &Map<String, Json>, place: &str) -> Result<Aggregate, Problems> {
    let mut problems = Problems::new();
    let mut found = None;
    let mut distinct = false;
    for (member, value) in members {
        let place = format!("{place}.{member}");
        match (AggregateFunction::from_name(member), value) {
            (Some(function), Json::String(written)) => match (&found, target(written)) {
                (Some(_), _) => problems.push(
                    place,
                    "an aggregate has one function; give the other a name of its own",
                ),
                (None, Ok(target)) => found = Some((function, target)),
                (None, Err(reason)) => problems.push(place, reason),
            },
            (Some(_), _) => problems.push(
                place,
                "a function takes a property's name; `count` also takes \"*\", the records",
            ),
            (None, Json::Bool(value)) if member == DISTINCT => distinct = *value,
            (None, _) if member == DISTINCT => problems.push(place, "it takes true or false"),
            (None, _) => problems.push(place, unknown_function(member)),
        }
    }
    let Some((function, (property, path))) = found else {
        if problems.is_empty() {
            problems.push(
                place,
                format!("it has no function; there are {}", function_list()),
            );
        }
        return Err(problems);
    };
    problems.none_or(Aggregate {
        name: name.to_owned(),
        function,
        property,
        path,
        distinct,
    })
}

/// A property and a path into it; no property for `*`.
fn target(written: &str) -> Result<(Option<String>, Vec<String>), String> {
    if written == RECORDS {
        return Ok((None, Vec::new()));
    }
    let (property, path) = name_and_path(written)?;
    Ok((Some(property), path))
}

fn unknown_function(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == lower);
    let known = AggregateFunction::ALL.iter().map(|each| each.name());
    let meant = foreign
        .map(|(_, function)| function.name())
        .or_else(|| crate::closest(name, known.chain([DISTINCT])));
    match meant {
        Some(meant) => format!("unknown function `{name}`; did you mean `{meant}`?"),
        None => format!("unknown function `{name}`; there are {}", function_list()),
    }
}

fn function_list() -> String {
    AggregateFunction::ALL
        .iter()
        .map(|function| function.name())
        .collect::<Vec<_>>()
        .join(", ")
}

fn written(aggregate: &Aggregate) -> Json {
    let target = match &aggregate.property {
        None => RECORDS.to_owned(),
        // A property of that very name.
        Some(property) if property == RECORDS && aggregate.path.is_empty() => {
            format!("\\{RECORDS}")
        }
        Some(property) => written_name(property, &aggregate.path),
    };
    let mut members = Map::new();
    members.insert(aggregate.function.name().to_owned(), Json::String(target));
    if aggregate.distinct {
        members.insert(DISTINCT.to_owned(), Json::Bool(true));
    }
    Json::Object(members)
}
