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
  tenon read-model define traffic flights --key id --index origin --field seats
  tenon read-model insert traffic flights '{\"id\": \"AS1\", \"origin\": \"SEA\", \"seats\": 0}'
  tenon read-model update traffic flights --where '{\"id\": \"AS1\"}' --increment seats=12
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
    /// Define a table
    Define {
        /// The read model
        name: String,
        /// The table
        table: String,
        /// Its unique key: a field, FIELD:number where it holds numbers
        #[arg(long, value_name = "FIELD[:KIND]")]
        key: String,
        /// Another field that is searched by
        #[arg(long = "index", value_name = "FIELD[:KIND]")]
        indexes: Vec<String>,
        /// Another field
        #[arg(long = "field", value_name = "FIELD")]
        fields: Vec<String>,
    },
    /// Insert a document into a table
    Insert {
        /// The read model
        name: String,
        /// The table
        table: String,
        /// The document as a JSON object
        document: String,
    },
    /// Change the documents of a table that a filter matches
    Update(UpdateDocuments),
    /// Delete the documents of a table that a filter matches
    #[command(name = "delete")]
    DeleteDocuments {
        /// The read model
        name: String,
        /// The table
        table: String,
        /// Which documents, as JSON; {} is all of them
        #[arg(long = "where", id = "filter", value_name = "FILTER")]
        filter: String,
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

/// Which documents are changed, and how.
#[derive(Debug, Args)]
pub struct UpdateDocuments {
    /// The read model
    pub name: String,
    /// The table
    pub table: String,
    /// Which documents, as JSON; {} is all of them
    #[arg(long = "where", id = "filter", value_name = "FILTER")]
    pub filter: String,
    /// Set what is at a path, such as seats.free=12, to a JSON value
    #[arg(long = "set", value_name = "PATH=JSON")]
    pub sets: Vec<String>,
    /// Remove what is at a path
    #[arg(long = "unset", value_name = "PATH")]
    pub unsets: Vec<String>,
    /// Add to the number, or append to the text, at a path
    #[arg(long = "increment", value_name = "PATH=JSON")]
    pub increments: Vec<String>,
    /// Where no document matches, insert one of the filter's equal values and what is set
    #[arg(long)]
    pub upsert: bool,
}
