//! The command line: what can be typed, and its help with examples.

mod aggregate;
mod author;
mod check;
mod connectors;
mod import;
mod query;
mod read_models;
mod records;
mod schema;

pub use aggregate::Aggregate;
pub use author::{CheckConfig, Dev, New};
pub use check::{Check, ReportFormat};
pub use connectors::{Connectors, Inspect, Register, Remove, Sources, Upgrade};
pub use import::{Import, OnError};
pub use query::{QueryArgs, include_json, json_argument};
pub use read_models::{ReadModel, ReadModelCommand, UpdateDocuments};
pub use records::{Count, Create, Delete, Explain, Export, Find, Get, Selection, Update};
pub use schema::{Discover, Drop, Execute, Migrate};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::exit;
use crate::output::OutputFormat;

/// Sandboxed data-source connectors: register them, name data sources, and use their records.
#[derive(Debug, Parser)]
#[command(name = "tenon", version, after_long_help = exit::HELP, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The configuration: registry, data sources and models
    #[arg(
        short,
        long,
        global = true,
        env = "TENON_CONFIG",
        value_name = "FILE",
        default_value = "tenon.toml"
    )]
    pub config: PathBuf,
    /// The registry's folder, instead of the one that the configuration names
    #[arg(long, global = true, env = "TENON_REGISTRY", value_name = "FOLDER")]
    pub registry: Option<PathBuf>,
    /// How records are written; by default a table, or what a file's name says
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub output: Option<OutputFormat>,
    /// Log what is done: -v operations, -vv the runtime's steps, -vvv everything; TENON_LOG says more exactly
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the folder of a new connector in Rust
    New(New),
    /// Build a connector with every change, start it anew, and show its log and records
    Dev(Dev),
    /// Check that a connector does what the contract asks of it
    Check(Box<Check>),
    /// Check a connector and take it into the registry
    Register(Register),
    /// List the registered connectors
    Connectors(Connectors),
    /// Show what a connector is, can do and asks for
    Inspect(Inspect),
    /// Take a connector out of the registry
    Remove(Remove),
    /// List the data sources, with what they are granted
    Sources(Sources),
    /// Check tenon.toml, and show what using it would change
    CheckConfig(CheckConfig),
    /// Move data sources to the newest connectors that their references allow
    Upgrade(Upgrade),
    /// Read records from CSV, JSON or NDJSON into a model
    Import(Import),
    /// Write a model's records to a file or pipe
    Export(Export),
    /// Show the records that a filter matches
    Find(Find),
    /// Show one record by its key
    Get(Get),
    /// Add a record
    Create(Create),
    /// Change properties of one record, or of all that a filter matches
    Update(Update),
    /// Delete one record, or all that a filter matches
    Delete(Delete),
    /// Count the records that a filter matches
    Count(Count),
    /// Show what the records that a filter matches amount to, in groups
    Aggregate(Aggregate),
    /// Show what of a query the connector does, and what the runtime does
    Explain(Explain),
    /// Show and change read models
    ReadModel(ReadModel),
    /// Bring the backend's collections to their models
    Migrate(Migrate),
    /// Show the backend's collections as models
    Discover(Discover),
    /// Remove a model's collection, with every record in it
    Drop(Drop),
    /// Run a command in the backend's own language
    Execute(Execute),
    /// Write a completion script for a shell
    Completions(Completions),
}

/// Write a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon completions bash > ~/.local/share/bash-completion/completions/tenon
  tenon completions fish > ~/.config/fish/completions/tenon.fish
  tenon completions zsh  > \"${fpath[1]}/_tenon\"")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests;
