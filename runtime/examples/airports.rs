//! The northernmost airports of Washington, from the folder that `cargo xtask demo` makes. Run it there.

use serde::{Deserialize, Serialize};
use tenon_runtime::Runtime;
use tenon_runtime::tenon_model::Query;

#[derive(Serialize, Deserialize)]
struct Airport {
    iata: String,
    name: String,
    latitude: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Connectors are compiled in a child process of this program.
    tenon_runtime::serve_compile_request();

    let runtime = Runtime::open("tenon.toml")?;
    let airports = runtime.model("Airport").await?.typed::<Airport>();
    let query = r#"{"where": {"state": "WA"}, "order": "latitude DESC", "limit": 3}"#;
    let mut found = airports.find(Query::parse(query)?);
    while let Some(airport) = found.next().await {
        let Airport {
            iata,
            name,
            latitude,
        } = airport?;
        println!("{iata}, {name}, lies at {latitude}° north");
    }
    runtime.shut_down().await?;
    Ok(())
}
