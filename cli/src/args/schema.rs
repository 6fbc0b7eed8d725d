//! Commands on a backend's collections, and in its own language.

use clap::Args;
use tenon_runtime::Digest;

/// Bring the backend's collections to their models
#[derive(Debug, Args)]
#[command(after_help = "\
Shows what there is to do, step by step, and changes nothing. What is applied is the plan of that digest and no \
other: where the collections or the models have changed since, it is refused. Steps that can lose data need a word \
of their own. The exit code is 8 where steps are left: in the data source that is named, otherwise in any of them.

Examples:
  tenon migrate
  tenon migrate airports --output json
  tenon migrate airports --apply sha256:2c26b46b68ffc68f...
  tenon migrate airports --apply sha256:2c26b46b68ffc68f... --allow-destructive")]
pub struct Migrate {
    /// Only this data source; otherwise all whose connectors manage their collections
    pub source: Option<String>,
    /// Show what there is to do, which is what it does without a word
    #[arg(long, conflicts_with = "apply")]
    pub plan: bool,
    /// Apply the plan of this digest
    #[arg(long, value_name = "DIGEST")]
    pub apply: Option<Digest>,
    /// Also its steps that can lose data, without asking
    #[arg(long, requires = "apply")]
    pub allow_destructive: bool,
}

/// Show the backend's collections as models
#[derive(Debug, Args)]
#[command(after_help = "\
Shows them as tenon.toml has them, with names that are easy to write: a table `order_items` becomes the model \
OrderItems, and its column `order_id` the property orderId. A reference to another collection becomes a relation \
where that one is a model too, with the way back where both are discovered at once.

Examples:
  tenon discover airports --list
  tenon discover airports
  tenon discover airports routes carriers --write")]
pub struct Discover {
    /// The data source
    pub source: String,
    /// The collections; all of them where nothing is said
    #[arg(value_name = "COLLECTION")]
    pub collections: Vec<String>,
    /// Add them to the configuration, those that no model stands for yet
    #[arg(long)]
    pub write: bool,
    /// Only list the collections that there are
    #[arg(long, conflicts_with_all = ["write", "collections"])]
    pub list: bool,
}

/// Remove a model's collection, with every record in it
#[derive(Debug, Args)]
#[command(after_help = "\
Asks for consent on a terminal; elsewhere it needs a word of its own. The model stays in tenon.toml, and `tenon \
migrate` makes its collection anew. A collection that isn't there is no error.

Examples:
  tenon drop Route
  tenon drop Route --allow-destructive")]
pub struct Drop {
    /// The model
    pub model: String,
    /// Without asking
    #[arg(long)]
    pub allow_destructive: bool,
}

/// Run a command in the backend's own language
#[derive(Debug, Args)]
#[command(after_help = "\
A command can do whatever the data source's credentials can, so the data source has to allow it: `native = true` in \
the configuration. A second column of the same name is shown with a number behind it.

Examples:
  tenon execute shop 'select * from orders where state = $1' open
  tenon execute shop 'select * from orders where id = $1 and sent < $2' --json-params 7 '\"2026-11-20\"'
  tenon execute shop 'vacuum' --output json")]
pub struct Execute {
    /// The data source
    pub source: String,
    /// The command, as the backend writes it
    pub command: String,
    /// The command's parameters: texts, which are bound and never pasted in
    #[arg(value_name = "PARAM", allow_negative_numbers = true)]
    pub parameters: Vec<String>,
    /// Parameters are JSON: 7, true, null, '"text"', '{"$timestamp": "2026-11-20T00:00:00Z"}'
    #[arg(long)]
    pub json_params: bool,
}
