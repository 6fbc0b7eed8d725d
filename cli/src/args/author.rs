//! Commands for those who write connectors, and for those who look before they leap.

use std::path::PathBuf;

use clap::Args;

/// Make the folder of a new connector in Rust
#[derive(Debug, Args)]
#[command(after_help = "\
The connector builds with plain cargo for wasm32-wasip2, has tests, and hands out the records of an example file \
as it stands: its README says how.

Examples:
  tenon new my-files
  tenon new connectors/my-files --name files
  tenon new my-files --sdk ../tenon/guest-sdk")]
pub struct New {
    /// The folder to make
    pub folder: PathBuf,
    /// The connector's name, instead of the folder's
    #[arg(long)]
    pub name: Option<String>,
    /// Where the crate tenon-sdk is: its folder, or a git repository's URL; by default in the sources that this
    /// program was built from
    #[arg(long, value_name = "FOLDER OR URL")]
    pub sdk: Option<String>,
}

/// Build a connector with every change, start it anew, and show its log and records
#[derive(Debug, Args)]
#[command(after_help = "\
The data sources of the folder's tenon.toml that use the connector use what was built last. Where it doesn't \
build, or is refused, the one before goes on. Enter reads the records again; Ctrl-C ends.

A connector's line that begins with error:, warn:, info:, debug: or trace: has that level in the log.

Examples:
  tenon dev
  tenon dev connectors/my-files --find Entry --rows 20
  tenon dev --release --watch ../shared/src")]
pub struct Dev {
    /// The connector's folder, with its Cargo.toml
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Read only this model after each start; may be given several times
    #[arg(long, value_name = "MODEL")]
    pub find: Vec<String>,
    /// How many of a model's records are shown
    #[arg(long, default_value_t = 5)]
    pub rows: u64,
    /// Build as it is to be registered: small, fast, and without lines in back-traces
    #[arg(long)]
    pub release: bool,
    /// Also build when this file, or something in this folder, changes; may be given several times
    #[arg(long, value_name = "PATH")]
    pub watch: Vec<PathBuf>,
}

/// Check tenon.toml, and show what using it would change
#[derive(Debug, Args)]
#[command(after_help = "\
Everything is checked that can be without starting a data source: the document, each connector, its settings \
against the connector's schema, its grants beside what it asks for, and tenon.lock. Neither the lock nor \
a registration is changed; compiled code may be kept. The exit code is that of the first thing that is wrong.

Examples:
  tenon check-config
  tenon check-config --config /etc/tenon.toml --output json")]
pub struct CheckConfig {}
