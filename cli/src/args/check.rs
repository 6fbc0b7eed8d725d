//! Checking a connector against the contract.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Check that a connector does what the contract asks of it
#[derive(Debug, Args)]
#[command(after_help = "\
Runs the conformance kit over a connector: with ordinary and odd data, and against a reference on invented models, \
records and filters. What fails is shown in the smallest case that was found, with how to run it again. In a backend, \
collections are made whose names begin with tenon_check_, and removed again.

Settings and grants are written as in tenon.toml; --source takes all of it from there. A setting's value is JSON, or \
else a text. The exit code is 0 where nothing failed, 1 where a check did, and others where the connector could not be \
checked.

Examples:
  tenon check target/wasm32-wasip2/release/my_files.wasm
  tenon check redb --setting path=/data/x.redb --grant '{ folder = \"./data\", as = \"/data\", mode = \"write\" }'
  tenon check postgres --settings pg.json --setting 'password={\"env\": \"PGPASSWORD\"}' --grant db.example:5432
  tenon check --source airports --report check.xml
  tenon check ./my_files.wasm --seed 17 --only crud.filter.less-or-equal
  tenon check --list")]
pub struct Check {
    /// A component's path, or a registered connector: a name, a name with a version, or a digest
    #[arg(required_unless_present_any = ["source", "list"])]
    pub connector: Option<String>,
    /// A data source of the configuration: its connector, settings, grants and limits, and the models on it
    #[arg(
        short,
        long,
        value_name = "NAME",
        conflicts_with_all = ["connector", "setting", "settings", "grant"]
    )]
    pub source: Option<String>,
    /// A setting; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub setting: Vec<String>,
    /// Settings from a file with a JSON object
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// A grant, as in tenon.toml: a table for a folder, a host with a port; may be given several times
    #[arg(long, value_name = "GRANT")]
    pub grant: Vec<String>,
    /// Models of records that the connector has by itself, as in tenon.toml, to read from one that stores nothing; may
    /// be given several times
    #[arg(long, value_name = "FILE")]
    pub model: Vec<PathBuf>,
    /// What invented cases are made from, to run the same ones again; otherwise each run makes others
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// How many cases are invented for a check where one costs as much as a call; by default 256
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub cases: Option<u32>,
    /// Only the checks whose names begin like this; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// End with the first check that fails
    #[arg(long, visible_alias = "fail-fast")]
    pub stop_early: bool,
    /// How the report is shown; by default as text
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
    /// Also write the report to this file: as JUnit's XML where its name ends with .xml, as JSON with .json, otherwise
    /// as text; may be given several times
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Show every check in the report, not only how many of each theme passed
    #[arg(long)]
    pub all: bool,
    /// Only list the checks that there are, with what holds where they pass
    #[arg(long, conflicts_with_all = ["connector", "source", "report"])]
    pub list: bool,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a person.
    Text,
    /// One object with everything.
    Json,
    /// JUnit's XML, for CI systems.
    Junit,
}
