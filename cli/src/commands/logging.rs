//! The log: what the runtime reports of its work, on the standard error. Without a word, warnings.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use crate::exit;
use crate::report::Report;

/// What says exactly what is logged, as in `tenon_runtime=debug`.
const VARIABLE: &str = "TENON_LOG";

/// Starts logging: connectors' own lines from that level on, or as much as the option says. What the environment
/// says counts more than both.
///
/// # Errors
/// Where the environment variable can't be read.
pub fn start(verbose: u8, of_guests: LevelFilter) -> Result<(), Report> {
    let targets = match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => text.parse().map_err(|error| {
            Report::new(
                exit::USAGE,
                format!("{VARIABLE} is no filter for a log: {error}"),
            )
            .help("write a level, or parts with levels: warn,tenon_runtime=debug")
        })?,
        _ => usual(verbose).with_target("tenon::guest", of_guests.max(level(verbose))),
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

/// The level of everything that has no target of its own.
const fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0..=2 => LevelFilter::WARN,
        _ => LevelFilter::TRACE,
    }
}

fn usual(verbose: u8) -> Targets {
    let all = Targets::new().with_default(level(verbose));
    match verbose {
        1 => all.with_target("tenon_runtime::dao", LevelFilter::DEBUG),
        2 => all.with_target("tenon_runtime", LevelFilter::DEBUG),
        _ => all,
    }
}
