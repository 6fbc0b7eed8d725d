//! Commands on read models.

use clap::{Args, Subcommand};

use super::QueryArgs;

/// Show and change read models
#[derive(Debug, Args)]
#[command(after_help = "\
A read model is either a state as a whole or tables of documents. Each command takes its lock and gives it back; \
one that somebody else has open is refused, and told whose it is.

Examples:
  tenon read-model list
  tenon read-model get traffic
  tenon read-model set traffic '{\"position\": 0, \"movements\": {}}'
  tenon read-model find traffic flights --where '{\"origin\": \"SEA\"}' --order 'id'
  tenon read-model drop traffic --yes")]
pub struct ReadModel {
    /// What to do
    #[command(subcommand)]
    pub command: ReadModelCommand,
}

/// What to do with a read model.
#[derive(Debug, Subcommand)]
pub enum ReadModelCommand {
    /// List the read models, with the data sources that keep them
    List,
    /// Show the state as JSON
    Get {
        /// The read model
        name: String,
    },
    /// Replace the state
    Set {
        /// The read model
        name: String,
        /// The state as JSON, or - for the standard input
        #[arg(allow_hyphen_values = true)]
        state: String,
    },
    /// Show the documents of a table that a filter matches
    Find {
        /// The read model
        name: String,
        /// The table
        table: String,
        /// Which documents
        #[command(flatten)]
        query: QueryArgs,
    },
    /// Count the documents of a table that a filter matches
    Count {
        /// The read model
        name: String,
        /// The table
        table: String,
        /// Which documents, as JSON; all where nothing is said
        #[arg(long = "where", id = "filter", value_name = "FILTER")]
        filter: Option<String>,
    },
    /// Remove the state and all tables
    Drop {
        /// The read model
        name: String,
        /// Yes, remove them: they can't be brought back
        #[arg(long)]
        yes: bool,
    },
}
