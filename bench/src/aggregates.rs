//! What is measured: groups, made by the connector or by the runtime, beside an application's own loop.

use std::collections::HashMap;
use std::path::Path;

use tenon_model::{Aggregation, Query, Value};

use crate::Outcome;
use crate::compare::in_turns;
use crate::records::filled;
use crate::sources::Source;

/// Counts records and adds up their latitudes, by state.
///
/// # Errors
/// Whatever the connector reports.
pub async fn against_a_loop(name: &str, component: &Path) -> Outcome {
    let source = filled(component, 100_000).await?;
    in_turns(
        &format!("{name}: count and sum in groups"),
        1,
        async || grouped(&source).await,
        async || looped(&source).await,
    )
    .await?;
    source.end().await
}

async fn grouped(source: &Source) -> Outcome {
    let request = Aggregation::new()
        .group_by("state")
        .count("airports")
        .sum("latitude", "latitude");
    let groups = source.dao.aggregate(request).await?;
    some(groups.len())
}

async fn looped(source: &Source) -> Outcome {
    let mut groups: HashMap<String, (u64, f64)> = HashMap::new();
    let mut records = source.dao.find(Query::new().fields(["state", "latitude"]));
    while let Some(record) = records.next().await {
        let record = record?;
        let state = record.get("state").and_then(Value::as_text);
        let latitude = record.get("latitude").and_then(Value::as_float);
        let group = groups
            .entry(state.unwrap_or_default().to_owned())
            .or_default();
        group.0 += 1;
        group.1 += latitude.unwrap_or_default();
    }
    some(groups.len())
}

fn some(groups: usize) -> Outcome {
    if groups == 0 {
        return Err("no groups".into());
    }
    Ok(())
}
