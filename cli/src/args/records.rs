//! Commands on a model's records.

use std::path::PathBuf;

use clap::Args;

use super::QueryArgs;

/// Write a model's records to a file or pipe
#[derive(Debug, Args)]
#[command(after_help = "\
The format is the one of --output, else the one that the file's name tells, else NDJSON. What json, \
ndjson and csv write, `tenon import` reads back the same. A file is replaced only when all is written.

Examples:
  tenon export Airport --to airports.csv
  tenon export Airport --output ndjson | gzip > airports.ndjson.gz
  tenon export Airport --to texas.json --where '{\"state\": \"TX\"}'")]
pub struct Export {
    /// The model
    pub model: String,
    /// Which records
    #[command(flatten)]
    pub query: QueryArgs,
    /// The file; the standard output where nothing is said
    #[arg(short, long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// Show the records that a filter matches
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon find Airport --limit 10
  tenon find Airport --where '{\"state\": \"TX\"}' --order 'city,name DESC' --fields iata,city
  tenon find Airport '{\"where\": {\"latitude\": {\"gt\": 60, \"lt\": 70}}, \"limit\": 5}'
  tenon find Airport --where '{\"departures.destination\": \"ATL\"}' --include departures --output json
  tenon find Airport --where '{\"or\": [{\"city\": \"Waco\"}, {\"name\": {\"like\": \"Wa%\"}}]}' -o json")]
pub struct Find {
    /// The model
    pub model: String,
    /// Which records
    #[command(flatten)]
    pub query: QueryArgs,
}

/// Show one record by its key
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon get Airport SEA
  tenon get Route ABE ATL
  tenon get Airport SEA --output json
  tenon get Airport SEA --include '{\"departures\": \"to\"}' --output json")]
pub struct Get {
    /// The model
    pub model: String,
    /// The key: each of its properties' values, in the key's order
    #[arg(required = true, allow_negative_numbers = true)]
    pub key: Vec<String>,
    /// Relations to load with it: their names, or as JSON
    #[arg(long, value_name = "RELATIONS")]
    pub include: Option<String>,
}

/// Add a record
#[derive(Debug, Args)]
#[command(after_help = "\
Shows the record as it was made, with its generated values. For many records there is `tenon import`.

Examples:
  tenon create Airport '{\"iata\": \"XYZ\", \"name\": \"Meadow\", \"city\": \"Springs\"}'
  jq -n '{iata: \"XYZ\"}' | tenon create Airport -")]
pub struct Create {
    /// The model
    pub model: String,
    /// The record as a JSON object, or - for the standard input
    pub record: String,
}

/// Change properties of one record, or of all that a filter matches
#[derive(Debug, Args)]
#[command(
    override_usage = "\
tenon update [OPTIONS] --set <CHANGES> <MODEL> <KEY>...
       tenon update [OPTIONS] --set <CHANGES> <MODEL> --where <FILTER>",
    after_help = "\
Properties that are not named keep their values. One record is shown as it is then; of several, \
how many there were.

Examples:
  tenon update Airport SEA --set '{\"name\": \"Seattle-Tacoma\"}'
  tenon update Airport --where '{\"country\": \"USA\"}' --set '{\"country\": \"US\"}'
  tenon update Airport --where '{}' --set '{\"checked\": true}'"
)]
pub struct Update {
    /// The model
    pub model: String,
    /// Which records
    #[command(flatten)]
    pub selection: Selection,
    /// The properties to change, as a JSON object
    #[arg(long, value_name = "CHANGES", required = true)]
    pub set: String,
}

/// Delete one record, or all that a filter matches
#[derive(Debug, Args)]
#[command(
    override_usage = "\
tenon delete [OPTIONS] <MODEL> <KEY>...
       tenon delete [OPTIONS] <MODEL> --where <FILTER>",
    after_help = "\
Examples:
  tenon delete Airport XYZ
  tenon delete Route ABE ATL
  tenon delete Airport --where '{\"state\": null}'
  tenon delete Airport --where '{}'    # every record"
)]
pub struct Delete {
    /// The model
    pub model: String,
    /// Which records
    #[command(flatten)]
    pub selection: Selection,
}

/// One record by its key, or those that a filter matches: never all of them without a word.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Selection {
    /// The key: each of its properties' values, in the key's order
    #[arg(allow_negative_numbers = true)]
    pub key: Vec<String>,
    /// All records that the filter matches, as JSON; '{}' for every record
    #[arg(long = "where", id = "filter", value_name = "FILTER")]
    pub filter: Option<String>,
}

/// Count the records that a filter matches
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon count Airport
  tenon count Airport --where '{\"state\": {\"inq\": [\"TX\", \"OK\"]}}'")]
pub struct Count {
    /// The model
    pub model: String,
    /// Which records, as JSON; all where nothing is said
    #[arg(long = "where", id = "filter", value_name = "FILTER")]
    pub filter: Option<String>,
}

/// Show what of a query the connector does, and what the runtime does
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon explain Airport --where '{\"iata\": \"SEA\"}'
  tenon explain Airport --where '{\"name\": {\"regexp\": \"^Int\"}}' --order city --limit 5")]
pub struct Explain {
    /// The model
    pub model: String,
    /// Which records
    #[command(flatten)]
    pub query: QueryArgs,
}
