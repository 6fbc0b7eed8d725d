//! The log: what the runtime reports of its work, on the standard error. Without a word, warnings.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use crate::exit;
use crate::report::Report;

/// What says exactly what is logged, as in `tenon_runtime=debug`.
const VARIABLE: &str = "TENON_LOG";

/// Starts logging. What the environment says counts more than the option.
///
/// # Errors
/// Where the environment variable can't be read.
pub fn start(verbose: u8) -> Result<(), Report> {
    let targets = match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => text.parse().map_err(|error| {
            Report::new(
                exit::USAGE,
                format!("{VARIABLE} is no filter for a log: {error}"),
            )
            .help("write a level, or parts with levels: warn,tenon_runtime=debug")
        })?,
        _ => usual(verbose),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .compact();
    // Fails where there is a log already, which is then used.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .try_init();
    Ok(())
}

fn usual(verbose: u8) -> Targets {
    let warnings = Targets::new().with_default(LevelFilter::WARN);
    match verbose {
        0 => warnings,
        1 => warnings.with_target("tenon_runtime::dao", LevelFilter::DEBUG),
        2 => warnings.with_target("tenon_runtime", LevelFilter::DEBUG),
        _ => Targets::new().with_default(LevelFilter::TRACE),
    }
}
