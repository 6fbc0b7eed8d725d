//! Queries on the command line: one JSON text, or its parts as options.

use clap::Args;
use serde::de::IgnoredAny;

use crate::exit;
use crate::report::Report;

/// Which records, in which order, how many, and what of them.
#[derive(Clone, Debug, Default, Args)]
pub struct QueryArgs {
    /// The whole query as JSON: {"where": .., "order": .., "fields": .., "limit": .., "skip": .., "include": ..}
    #[arg(value_name = "QUERY", conflicts_with_all = ["filter", "order", "fields", "limit", "skip", "include"])]
    pub query: Option<String>,
    /// Which records, as JSON: {"state": "TX", "latitude": {"gt": 30}}
    #[arg(long = "where", id = "filter", value_name = "FILTER")]
    pub filter: Option<String>,
    /// In which order: properties, each with DESC behind it for the greatest first
    #[arg(long, value_name = "PROPERTY", value_delimiter = ',')]
    pub order: Vec<String>,
    /// Only these properties
    #[arg(long, value_name = "PROPERTY", value_delimiter = ',')]
    pub fields: Vec<String>,
    /// How many at most
    #[arg(short, long, value_name = "NUMBER")]
    pub limit: Option<u64>,
    /// How many to leave out first
    #[arg(long, value_name = "NUMBER")]
    pub skip: Option<u64>,
    /// Relations to load with each record: their names, or as JSON
    #[arg(long, value_name = "RELATIONS")]
    pub include: Option<String>,
}

impl QueryArgs {
    /// The query as one JSON text.
    ///
    /// # Errors
    /// A filter that isn't JSON.
    pub fn to_json(&self) -> Result<String, Report> {
        if let Some(query) = &self.query {
            return Ok(query.clone());
        }
        let mut parts = Vec::new();
        if let Some(filter) = &self.filter {
            parts.push(format!("\"where\": {}", json_argument("--where", filter)?));
        }
        let names = |names: &[String]| serde_json::Value::from(names);
        if !self.order.is_empty() {
            parts.push(format!("\"order\": {}", names(&self.order)));
        }
        if !self.fields.is_empty() {
            parts.push(format!("\"fields\": {}", names(&self.fields)));
        }
        if let Some(limit) = self.limit {
            parts.push(format!("\"limit\": {limit}"));
        }
        if let Some(skip) = self.skip {
            parts.push(format!("\"skip\": {skip}"));
        }
        if let Some(include) = &self.include {
            parts.push(format!("\"include\": {}", include_json(include)?));
        }
        Ok(format!("{{{}}}", parts.join(", ")))
    }
}

/// Relations as the `include` of a query: they are written as JSON, or as names with commas between them.
///
/// # Errors
/// JSON that is none.
pub fn include_json(text: &str) -> Result<String, Report> {
    if text.trim_start().starts_with(['{', '[', '"']) {
        return json_argument("--include", text).map(str::to_owned);
    }
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    Ok(serde_json::Value::from(names).to_string())
}

/// The argument, where it is JSON.
///
/// # Errors
/// What is wrong with it, marked in its text.
pub fn json_argument<'a>(name: &str, text: &'a str) -> Result<&'a str, Report> {
    let Err(error) = serde_json::from_str::<IgnoredAny>(text) else {
        return Ok(text);
    };
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let mut at = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    Err(Report::new(exit::USAGE, format!("{name} isn't JSON"))
        .text(name, text)
        .mark(at..at, message)
        .help(r#"write it in single quotes, and names in double quotes: '{"state": "TX"}'"#))
}
