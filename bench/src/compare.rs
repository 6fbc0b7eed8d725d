//! Two ways to do the same, measured in turns.

use std::time::{Duration, Instant};

/// Rounds of each side; the medians are over these.
const ROUNDS: usize = 31;

/// Writes a heading.
pub fn heading(text: &str) {
    println!("\n## {text}\n");
}

/// Measures `calls` calls of each side a round, and writes the medians for one call and their ratio.
///
/// # Errors
/// Whatever a side reports.
pub async fn in_turns<E>(
    what: &str,
    calls: u32,
    mut side: impl AsyncFnMut() -> Result<(), E>,
    mut reference: impl AsyncFnMut() -> Result<(), E>,
) -> Result<(), E> {
    let mut sides = Vec::with_capacity(ROUNDS);
    let mut references = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        references.push(timed(calls, &mut reference).await?);
        sides.push(timed(calls, &mut side).await?);
    }
    let (side, reference) = (median(sides), median(references));
    println!(
        "{what:<42} {side:>10.2?}  reference {reference:>10.2?}  ratio {:.2}",
        side.as_secs_f64() / reference.as_secs_f64()
    );
    Ok(())
}

async fn timed<E>(
    calls: u32,
    call: &mut impl AsyncFnMut() -> Result<(), E>,
) -> Result<Duration, E> {
    let start = Instant::now();
    for _ in 0..calls {
        call().await?;
    }
    Ok(start.elapsed() / calls)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
