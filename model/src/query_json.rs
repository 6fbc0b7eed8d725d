//! Queries as LoopBack's JSON: `{"where": {..}, "order": [..], "fields": [..], "limit": n, "skip": n}`.
//!
//! Unknown members are problems, since a member that is skipped would change what the query means.

use serde_json::{Map, Value as Json};

use crate::contract::SortKey;
use crate::filter::{Filter, name_and_path, written_name};
use crate::include_json;
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::strict_json;

/// Every member that a query may have.
const MEMBERS: [&str; 8] = [
    "where", "order", "fields", "limit", "offset", "skip", "include", "hints",
];

impl Query {
    /// The query that LoopBack's JSON stands for.
    ///
    /// # Errors
    /// Every mistake in it, each with its place.
    pub fn from_json(json: &Json) -> Result<Self, Problems> {
        Self::read(json, 0)
    }

    /// The query at that depth of `include`, from 0.
    pub(crate) fn read(json: &Json, depth: usize) -> Result<Self, Problems> {
        let Json::Object(members) = json else {
            let message = "a query is an object, such as {\"where\": {\"age\": {\"gte\": 18}}, \"limit\": 10}";
            return Err(Problem::new("", message).into());
        };
        let mut problems = Problems::new();
        let mut query = Self::new();
        for (name, value) in members {
            match name.as_str() {
                "where" => match Filter::from_json(value) {
                    Ok(filter) => query.filter = filter,
                    Err(found) => problems.extend(found),
                },
                "order" => query.order = order(value, &mut problems),
                "fields" => (query.fields, query.without) = fields(value, &mut problems),
                "limit" => query.limit = count(name, value, &mut problems),
                "offset" | "skip" => query.offset = count(name, value, &mut problems).unwrap_or(0),
                "hints" => query.hints = hints(value, &mut problems),
                "include" => query.include = include_json::read(value, name, depth, &mut problems),
                _ => problems.push(name, unknown(name)),
            }
        }
        if members.contains_key("offset") && members.contains_key("skip") {
            problems.push("skip", "`skip` and `offset` are the same; leave one out");
        }
        problems.none_or(query)
    }

    /// The query that LoopBack's JSON, as text, stands for. A member that is there twice is refused.
    ///
    /// # Errors
    /// Every mistake in it, each with its place.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let json = strict_json::read(text).map_err(|reason| Problem::new("", reason))?;
        Self::from_json(&json)
    }

    /// As LoopBack's JSON, which reads back as the same query; of hints that share a name the last one.
    pub fn to_json(&self) -> Json {
        let mut members = Map::new();
        let mut put = |name: &str, json: Json| {
            members.insert(name.to_owned(), json);
        };
        if !self.filter.is_all() {
            put("where", self.filter.to_json());
        }
        if !self.order.is_empty() {
            put("order", self.order.iter().map(written_order).collect());
        }
        if !self.fields.is_empty() {
            put("fields", self.fields.iter().cloned().collect());
        } else if !self.without.is_empty() {
            let without = self
                .without
                .iter()
                .map(|name| (name.clone(), Json::Bool(false)));
            put("fields", Json::Object(without.collect()));
        }
        if let Some(limit) = self.limit {
            put("limit", limit.into());
        }
        if self.offset > 0 {
            put("offset", self.offset.into());
        }
        if !self.include.is_empty() {
            put(
                "include",
                self.include.iter().map(include_json::written).collect(),
            );
        }
        if !self.hints.is_empty() {
            let hints = self.hints.iter();
            put(
                "hints",
                hints
                    .map(|(name, hint)| (name.clone(), Json::String(hint.clone())))
                    .collect(),
            );
        }
        Json::Object(members)
    }
}

fn unknown(name: &str) -> String {
    match crate::closest(name, MEMBERS) {
        Some(meant) => format!("unknown member of a query; did you mean `{meant}`?"),
        None => format!(
            "unknown member of a query, which has {}; conditions go into `where`",
            MEMBERS.join(", ")
        ),
    }
}

pub(crate) fn count(name: &str, json: &Json, problems: &mut Problems) -> Option<u64> {
    let count = json.as_u64();
    if count.is_none() {
        problems.push(
            name,
            "it takes a whole number from 0; leave it out for none",
        );
    }
    count
}

pub(crate) fn order(json: &Json, problems: &mut Problems) -> Vec<SortKey> {
    let (elements, is_array) = match json {
        Json::Array(elements) => (elements.as_slice(), true),
        single => (std::slice::from_ref(single), false),
    };
    let mut keys = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let key = element
            .as_str()
            .ok_or_else(|| "an order is text such as \"name DESC\", or an array of them".to_owned())
            .and_then(sort_key);
        match key {
            Ok(key) => keys.push(key),
            Err(reason) if is_array => problems.push(format!("order[{index}]"), reason),
            Err(reason) => problems.push("order", reason),
        }
    }
    keys
}

/// `name`, `name ASC` or `name DESC`. A name with spaces needs its direction, so that a misspelt direction is
/// never taken for a part of the name.
fn sort_key(written: &str) -> Result<SortKey, String> {
    let written = written.trim();
    let (name, direction) = match written.rsplit_once(char::is_whitespace) {
        Some((name, direction)) => (name.trim_end(), direction),
        None => (written, "ASC"),
    };
    let descending = if direction.eq_ignore_ascii_case("DESC") {
        true
    } else if direction.eq_ignore_ascii_case("ASC") {
        false
    } else {
        return Err(format!(
            "`{direction}` is no direction; write `{name} ASC` or `{name} DESC`, and several orders as an array"
        ));
    };
    let (property, path) = name_and_path(name)?;
    Ok(SortKey {
        property,
        path,
        descending,
    })
}

pub(crate) fn written_order(key: &SortKey) -> Json {
    let name = written_name(&key.property, &key.path);
    let direction = if key.descending { "DESC" } else { "ASC" };
    Json::String(format!("{name} {direction}"))
}

/// The properties wanted, and those not wanted where no others are named.
fn fields(json: &Json, problems: &mut Problems) -> (Vec<String>, Vec<String>) {
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
    match json {
        Json::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                match element.as_str() {
                    Some(name) => wanted.push(name.to_owned()),
                    None => problems.push(
                        format!("fields[{index}]"),
                        "a field is the name of a property",
                    ),
                }
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                match value {
                    Json::Bool(true) => wanted.push(name.clone()),
                    Json::Bool(false) => unwanted.push(name.clone()),
                    _ => problems.push(format!("fields.{name}"), "it takes true or false"),
                }
            }
        }
        _ => {
            let message = "fields are an array of names, or an object such as {\"name\": true}";
            problems.push("fields", message);
        }
    }
    if !wanted.is_empty() {
        unwanted.clear();
    }
    (wanted, unwanted)
}

fn hints(json: &Json, problems: &mut Problems) -> Vec<(String, String)> {
    let texts = json.as_object().map(|members| {
        let hints = members.iter();
        hints
            .map(|(name, hint)| Some((name.clone(), hint.as_str()?.to_owned())))
            .collect()
    });
    match texts {
        Some(Some(hints)) => hints,
        _ => {
            problems.push(
                "hints",
                "hints are an object of texts, such as {\"index\": \"by_name\"}",
            );
            Vec::new()
        }
    }
}
