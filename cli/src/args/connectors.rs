//! Commands on the registry and on data sources.

use std::path::PathBuf;

use clap::Args;

/// Check a connector and take it into the registry
#[derive(Debug, Args)]
#[command(after_help = "\
A connector is compiled in a process of its own, checked against the contract, and asked for its \
manifest without being given access to anything. The same name and version with other content is refused.

Examples:
  tenon register target/wasm32-wasip2/release/redb.wasm
  tenon register connectors/*.wasm")]
pub struct Register {
    /// The connectors' files
    #[arg(required = true, value_name = "WASM")]
    pub files: Vec<PathBuf>,
}

/// List the registered connectors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon connectors
  tenon connectors --output json")]
pub struct Connectors {}

/// Show what a connector is, can do and asks for
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon inspect redb
  tenon inspect redb@0.1
  tenon inspect ./my-connector.wasm
  tenon inspect sha256:2c26b46b68ffc68f...")]
pub struct Inspect {
    /// A name, a name with a version, a path, or a digest
    pub connector: String,
}

/// Take a connector out of the registry
#[derive(Debug, Args)]
#[command(after_help = "\
A connector that a data source is locked to is not removed.

Examples:
  tenon remove redb@0.1.0
  tenon remove sha256:2c26b46b68ffc68f...")]
pub struct Remove {
    /// A name with a version, or a digest
    pub connector: String,
}

/// Move data sources to the newest connectors that their references allow
#[derive(Debug, Args)]
#[command(after_help = "\
A connector that is named stays the one that the name stood for when it was first used: tenon.lock \
remembers it. This moves it. A reference such as redb@0.1 moves within 0.1; a file or digest stands for itself.

Examples:
  tenon upgrade
  tenon upgrade airports")]
pub struct Upgrade {
    /// Only this data source; others with the same reference move with it
    #[arg(value_name = "SOURCE")]
    pub name: Option<String>,
}

/// List the data sources, with what they are granted
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is started. A data source with something wrong is shown with it and with the remedy, and the exit \
code is its failure's: 4 where a grant is missing.

Examples:
  tenon sources
  tenon sources airports
  TENON_CONFIG=/etc/tenon.toml tenon sources --output json")]
pub struct Sources {
    /// Only this data source
    #[arg(value_name = "SOURCE")]
    pub name: Option<String>,
}
