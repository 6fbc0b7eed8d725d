//! What is measured: creating, finding, and streaming records.

use std::path::Path;
use std::time::Instant;

use tenon_model::{Entity, Filter, Key, Model, Property, PropertyType, Query, Value};

use crate::Outcome;
use crate::compare::in_turns;
use crate::raw::Raw;
use crate::sources::Source;

/// Calls of each side a round.
const CALLS: u32 = 500;

/// Records of the same city, whatever the size: what an indexed query finds.
const IN_A_CITY: i64 = 10;

fn airports() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(Property::new("name", PropertyType::Text))
        .property(Property::new("city", PropertyType::Text))
        .property(Property::new("state", PropertyType::Text))
        .property(Property::new("country", PropertyType::Text))
        .property(Property::new("latitude", PropertyType::Float))
        .property(Property::new("longitude", PropertyType::Float))
        .index(&["city"], false)
}

fn airport(n: i64) -> Entity {
    [
        ("iata", Value::from(format!("{n:07}"))),
        ("name", "Livingston Municipal".into()),
        ("city", format!("City {}", n / IN_A_CITY).into()),
        ("state", "TX".into()),
        ("country", "USA".into()),
        ("latitude", 30.685_861_11.into()),
        ("longitude", (-95.017_927_78).into()),
    ]
    .into_iter()
    .collect()
}

/// `create` and find by id through the library, against the same calls of the same connector made raw.
///
/// # Errors
/// Whatever either side reports.
pub async fn library_against_raw(memory: &Path) -> Outcome {
    let source = Source::start(memory, airports()).await?;
    let mut raw = Raw::start(memory, &airports()).await?;
    let (mut ours, mut theirs) = (0, 0);
    in_turns(
        "memory: create",
        CALLS,
        async || {
            ours += 1;
            source.dao.create(airport(ours)).await?;
            Ok(())
        },
        async || {
            theirs += 1;
            raw.create(&airport(theirs).into_contract()).await
        },
    )
    .await?;
    let last = ours;
    let (mut ours, mut theirs) = (0, 0);
    in_turns(
        "memory: find by id",
        CALLS,
        async || {
            ours = next(ours, last);
            source
                .dao
                .find_by_id(format!("{ours:07}"))
                .await?
                .ok_or("no record")?;
            Ok(())
        },
        async || {
            theirs = next(theirs, last);
            raw.find(&Key::from(format!("{theirs:07}")).into_contract())
                .await
        },
    )
    .await?;
    source.end().await
}

/// Find by id and an indexed find among a million records, against a thousand.
///
/// # Errors
/// Whatever the connector reports.
pub async fn large_against_small(name: &str, component: &Path) -> Outcome {
    let small = filled(component, 1_000).await?;
    let large = filled(component, 1_000_000).await?;
    let (mut a, mut b) = (0, 0);
    in_turns(
        &format!("{name}: find by id"),
        CALLS,
        async || find(&large, &mut a, 1_000_000).await,
        async || find(&small, &mut b, 1_000).await,
    )
    .await?;
    let (mut a, mut b) = (0, 0);
    in_turns(
        &format!("{name}: find {IN_A_CITY} by an index"),
        CALLS / 5,
        async || find_city(&large, &mut a, 1_000_000).await,
        async || find_city(&small, &mut b, 1_000).await,
    )
    .await?;
    small.end().await?;
    large.end().await
}

/// Reads a hundred thousand rows as a stream.
///
/// # Errors
/// Whatever the connector reports.
pub async fn stream(name: &str, component: &Path) -> Outcome {
    let source = filled(component, 100_000).await?;
    let start = Instant::now();
    let mut rows = source.dao.find(Query::new());
    let mut count: u32 = 0;
    while let Some(row) = rows.next().await {
        row?;
        count += 1;
    }
    let time = start.elapsed();
    println!(
        "{:<42} {time:>10.2?}  a row {:>10.2?}",
        format!("{name}: {count} rows"),
        time / count.max(1)
    );
    source.end().await
}

pub(crate) async fn filled(
    component: &Path,
    records: i64,
) -> Result<Source, Box<dyn std::error::Error>> {
    const BATCH: i64 = 5_000;
    let source = Source::start(component, airports()).await?;
    for from in (0..records).step_by(BATCH as usize) {
        let batch = (from..records.min(from + BATCH)).map(airport).collect();
        source.dao.create_all(batch).await?;
    }
    Ok(source)
}

async fn find(source: &Source, n: &mut i64, of: i64) -> Outcome {
    *n = next(*n, of - 1);
    source
        .dao
        .find_by_id(format!("{n:07}"))
        .await?
        .ok_or("no record")?;
    Ok(())
}

async fn find_city(source: &Source, n: &mut i64, of: i64) -> Outcome {
    *n = next(*n, of / IN_A_CITY - 1);
    let found = source
        .dao
        .find(Filter::equal("city", format!("City {n}")))
        .collect()
        .await?;
    if found.len() as i64 == IN_A_CITY {
        Ok(())
    } else {
        Err(format!("{} records in a city of {IN_A_CITY}", found.len()).into())
    }
}

/// The next of a walk over 1 to `last` that jumps about, so that neighbours are not found one after the other.
fn next(n: i64, last: i64) -> i64 {
    (n + 7_919) % last + 1
}
