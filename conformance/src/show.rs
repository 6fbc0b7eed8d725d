//! Data as a report shows them: JSON as an author writes it, and not too much of it.

use tenon_model::contract::{self, Filter, Key, Model, Query};
use tenon_model::{Entity, Value};

/// The most characters of one value in a report.
const LONGEST: usize = 400;

/// How many records a report lists.
const MOST_RECORDS: usize = 12;

/// A record.
pub fn record(record: &Entity) -> String {
    let members = record
        .iter()
        .map(|(name, value)| format!("{}: {}", quoted(name), self::value(value)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// A record as the contract has it.
pub fn data(data: &contract::Entity) -> String {
    record(&Entity::from(data.clone()))
}

/// Records, a line each.
pub fn records(records: &[Entity]) -> String {
    if records.is_empty() {
        return "no record".to_owned();
    }
    let mut lines: Vec<String> = records.iter().take(MOST_RECORDS).map(record).collect();
    if records.len() > MOST_RECORDS {
        lines.push(format!("and {} more", records.len() - MOST_RECORDS));
    }
    lines.join("\n")
}

/// A value, without loss.
pub fn value(value: &Value) -> String {
    match value {
        // JSON has no -0.0 and no way to tell 1 from 1.0 that survives every reader.
        Value::Float(number) => shortened(&format!("{number:?}")),
        value => shortened(&value.to_lossless_json().to_string()),
    }
}

/// A key.
pub fn key(key: &Key) -> String {
    let values: Vec<String> = key.iter().map(value).collect();
    match values.as_slice() {
        [single] => single.clone(),
        _ => format!("[{}]", values.join(", ")),
    }
}

/// A filter, in the form in which applications write it.
pub fn filter(filter: &Filter) -> String {
    match tenon_model::Filter::from_nodes(filter) {
        Ok(filter) => shortened(&filter.to_json().to_string()),
        Err(_) => shortened(&format!("{filter:?}")),
    }
}

/// A query, in the form in which applications write it.
pub fn query(query: &Query) -> String {
    match tenon_model::Query::from_contract(query.clone()) {
        Ok(query) => shortened(&query.to_json().to_string()),
        Err(_) => shortened(&format!("{query:?}")),
    }
}

/// A model, in a line: its properties with their kinds, and its indexes.
pub fn model(model: &Model) -> String {
    let properties = model.properties.iter().map(|property| {
        let key = match property.key {
            Some(place) => format!(" key {place}"),
            None => String::new(),
        };
        format!("{} {}{key}", property.name, property.kind)
    });
    let indexes = model.indexes.iter().map(|index| {
        let names: Vec<String> = index
            .properties
            .iter()
            .map(|sort| {
                let direction = if sort.descending { " descending" } else { "" };
                format!("{}{direction}", sort.property)
            })
            .collect();
        let unique = if index.unique { "unique " } else { "" };
        format!("{unique}index {} ({})", index.name, names.join(", "))
    });
    let parts: Vec<String> = properties.chain(indexes).collect();
    let open = if model.strict { "" } else { "open " };
    format!("{open}model {} ({})", model.name, parts.join(", "))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}… ({count} characters)")
}
