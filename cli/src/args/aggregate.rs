//! Aggregates on the command line: one JSON text, or its parts as options.

use clap::Args;
use serde_json::{Value, json};

use super::json_argument;
use crate::report::Report;

/// The options that a whole request leaves no room for.
const PARTS: [&str; 12] = [
    "filter",
    "group_by",
    "count",
    "count_distinct",
    "sum",
    "average",
    "minimum",
    "maximum",
    "having",
    "order",
    "limit",
    "skip",
];

/// Show what the records that a filter matches amount to, in groups
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Without --group-by all records are one group. --having and --order name results: what is grouped by, and the \
names that the aggregates are given.

Examples:
  tenon aggregate Airport --count airports
  tenon aggregate Airport --group-by state --count airports --order 'airports DESC' --limit 10
  tenon aggregate Route --group-by origin --sum flights=count --having '{\"flights\": {\"gt\": 1000}}'
  tenon aggregate Airport --where '{\"state\": \"TX\"}' --count-distinct cities=city --maximum north=latitude
  tenon aggregate Airport '{\"groupBy\": [\"state\"], \"aggregates\": {\"n\": {\"count\": \"*\"}}}' -o csv")]
pub struct Aggregate {
    /// The model
    pub model: String,
    /// The whole request as JSON: {"where": .., "groupBy": .., "aggregates": .., "having": .., "order": ..}
    #[arg(value_name = "REQUEST", conflicts_with_all = PARTS)]
    pub request: Option<String>,
    /// Which records, as JSON: {"state": "TX", "latitude": {"gt": 30}}
    #[arg(long = "where", id = "filter", value_name = "FILTER")]
    pub filter: Option<String>,
    /// The properties whose equal values make a group
    #[arg(long, value_name = "PROPERTY", value_delimiter = ',')]
    pub group_by: Vec<String>,
    /// The number of records, or of a property's values that are not null
    #[arg(long, value_name = "NAME[=PROPERTY]")]
    pub count: Vec<String>,
    /// The number of a property's different values
    #[arg(long, value_name = "NAME=PROPERTY", value_parser = named)]
    pub count_distinct: Vec<(String, String)>,
    /// The sum of a property
    #[arg(long, value_name = "NAME=PROPERTY", value_parser = named)]
    pub sum: Vec<(String, String)>,
    /// The average of a property
    #[arg(long, value_name = "NAME=PROPERTY", value_parser = named)]
    pub average: Vec<(String, String)>,
    /// The least value of a property
    #[arg(long, value_name = "NAME=PROPERTY", value_parser = named)]
    pub minimum: Vec<(String, String)>,
    /// The greatest value of a property
    #[arg(long, value_name = "NAME=PROPERTY", value_parser = named)]
    pub maximum: Vec<(String, String)>,
    /// Which groups, as JSON on the results: {"airports": {"gt": 10}}
    #[arg(long, value_name = "FILTER")]
    pub having: Option<String>,
    /// In which order: results, each with DESC behind it for the greatest first
    #[arg(long, value_name = "RESULT", value_delimiter = ',')]
    pub order: Vec<String>,
    /// How many groups at most
    #[arg(short, long, value_name = "NUMBER")]
    pub limit: Option<u64>,
    /// How many groups to leave out first
    #[arg(long, value_name = "NUMBER")]
    pub skip: Option<u64>,
}

impl Aggregate {
    /// The request as one JSON text.
    ///
    /// # Errors
    /// A filter that isn't JSON.
    pub fn to_json(&self) -> Result<String, Report> {
        if let Some(request) = &self.request {
            return Ok(request.clone());
        }
        let mut parts = Vec::new();
        let mut put = |name: &str, json: String| parts.push(format!("\"{name}\": {json}"));
        if let Some(filter) = &self.filter {
            put("where", json_argument("--where", filter)?.to_owned());
        }
        if !self.group_by.is_empty() {
            put("groupBy", Value::from(self.group_by.as_slice()).to_string());
        }
        let aggregates: Vec<String> = self
            .aggregates()
            .into_iter()
            .map(|(name, aggregate)| format!("{}: {aggregate}", Value::from(name)))
            .collect();
        if !aggregates.is_empty() {
            put("aggregates", format!("{{{}}}", aggregates.join(", ")));
        }
        if let Some(having) = &self.having {
            put("having", json_argument("--having", having)?.to_owned());
        }
        if !self.order.is_empty() {
            put("order", Value::from(self.order.as_slice()).to_string());
        }
        if let Some(limit) = self.limit {
            put("limit", limit.to_string());
        }
        if let Some(skip) = self.skip {
            put("skip", skip.to_string());
        }
        Ok(format!("{{{}}}", parts.join(", ")))
    }

    /// Every aggregate by name. One name may come twice here, which reading the text then refuses.
    fn aggregates(&self) -> Vec<(&str, Value)> {
        let counts = self.count.iter().map(|count| match count.split_once('=') {
            Some((name, property)) => (name, json!({"count": property})),
            None => (count.as_str(), json!({"count": "*"})),
        });
        let distinct = self
            .count_distinct
            .iter()
            .map(|(name, property)| (name.as_str(), json!({"count": property, "distinct": true})));
        let others = [
            ("sum", &self.sum),
            ("average", &self.average),
            ("minimum", &self.minimum),
            ("maximum", &self.maximum),
        ];
        let others = others.into_iter().flat_map(|(function, aggregates)| {
            aggregates
                .iter()
                .map(move |(name, property)| (name.as_str(), json!({function: property})))
        });
        counts.chain(distinct).chain(others).collect()
    }
}

/// A result's name and the property that it is of.
fn named(argument: &str) -> Result<(String, String), String> {
    match argument.split_once('=') {
        Some((name, property)) if !name.is_empty() && !property.is_empty() => {
            Ok((name.to_owned(), property.to_owned()))
        }
        _ => Err("write the result's name and the property, as in total=price".to_owned()),
    }
}
