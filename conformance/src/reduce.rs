//! Making a failing case smaller where its records are many.

use tenon_model::Entity;

use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::{Checked, Stop};
use crate::session::Session;

/// How often the records are stored again, to find fewer that still show it.
const TRIES: usize = 60;

/// Stores fewer and fewer of the records, as long as the same is found on them, and returns what was found on the
/// fewest. The collection is left with any of them.
pub fn fewer(
    bench: &mut Bench<'_>,
    known: &Known,
    found: Stop,
    mut test: impl FnMut(&mut Session<'_>, &Known) -> Checked,
) -> Stop {
    let Stop::Failed(first) = &found else {
        return found;
    };
    let message = first.message.clone();
    let mut smallest = found;
    let mut left: Vec<Entity> = known.records().to_vec();
    let mut part = left.len().div_ceil(2);
    let mut tries = 0;
    while part > 0 && !left.is_empty() {
        let mut start = 0;
        let mut dropped = false;
        while start < left.len() {
            tries += 1;
            if tries > TRIES {
                return smallest;
            }
            let mut fewer = left.clone();
            fewer.drain(start..(start + part).min(left.len()));
            let fewer = known.of(&fewer);
            let Ok(session) = bench.session() else {
                return smallest;
            };
            let tried = fewer.store(session).and_then(|()| test(session, &fewer));
            match tried {
                // Something else, as that the session is gone, is not what is looked for.
                Err(Stop::Failed(finding)) if finding.message == message => {
                    smallest = Stop::Failed(finding);
                    left = fewer.records().to_vec();
                    dropped = true;
                }
                _ => start += part,
            }
        }
        if part == 1 && !dropped {
            break;
        }
        part = if part == 1 { 1 } else { part.div_ceil(2) };
    }
    smallest
}
