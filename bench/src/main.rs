//! What Tenon costs, beside what it is measured against, in one run.
//!
//! `cargo xtask bench` builds the connectors and runs it. Both sides of a comparison take turns, so that a
//! machine that slows down slows both; the ratio of the medians is the figure to quote. With the argument
//! `postgres` it measures that connector alone.

mod aggregates;
mod compare;
mod memory;
mod postgres;
mod raw;
mod records;
mod sources;

use std::path::{Path, PathBuf};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = std::env::var_os("TENON_GUESTS").map(PathBuf::from).ok_or(
        "set TENON_GUESTS to the folder of the built connectors; `cargo xtask bench` does",
    )?;
    let argument = std::env::args().nth(1);
    match argument.as_deref() {
        None => {
            embedded(&folder).await?;
            on_postgres(&folder).await
        }
        Some("postgres") => on_postgres(&folder).await,
        Some(other) => Err(format!("there is nothing to measure by the name {other}").into()),
    }
}

async fn on_postgres(folder: &Path) -> Outcome {
    let component = folder.join("tenon_postgres.wasm");
    if !component.exists() {
        println!("The connector postgres is not measured: it was not built here.");
        return Ok(());
    }
    compare::heading("Through the connector postgres, against tokio-postgres in the same program");
    postgres::against_native(&component).await
}

async fn embedded(folder: &Path) -> Outcome {
    let memory = folder.join("tenon_memory.wasm");
    let redb = folder.join("tenon_redb.wasm");
    compare::heading("Through the library, against the raw typed call of the same connector");
    records::library_against_raw(&memory).await?;
    compare::heading("A million records, against a thousand");
    records::large_against_small("memory", &memory).await?;
    records::large_against_small("redb", &redb).await?;
    compare::heading("A hundred thousand rows as a stream");
    records::stream("memory", &memory).await?;
    records::stream("redb", &redb).await?;
    compare::heading("Groups of a hundred thousand records, against a loop over the same records");
    aggregates::against_a_loop("memory", &memory).await?;
    aggregates::against_a_loop("redb", &redb).await
}
