//! Tidying: what nothing refers to any more leaves the disk.
//!
//! It runs under the writers' lock after each change. Everything it deletes can be made again, or is of no
//! use: components that were used by their path and not registered, and code for engines of the past.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use super::index::Index;
use super::store::{Folder, Writer};
use crate::error::Result;

/// How long a component stays that is not registered: used by its path, or left by a registration that was
/// killed. Using it again starts the time anew.
const UNREGISTERED_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// For how many engines a component's code stays: the present one, and one before and after it while two
/// releases of Tenon share a registry.
const ENGINES_KEPT: usize = 3;

/// Deletes what nothing refers to.
pub(super) fn sweep(writer: &Writer<'_>, index: &Index) -> Result<()> {
    let registered: HashSet<String> = index
        .entries()
        .iter()
        .map(|entry| entry.digest.hex())
        .collect();
    let mut kept = HashSet::new();
    for (name, touched) in writer.files(Folder::Components)? {
        let digest = name.trim_end_matches(".wasm");
        if registered.contains(digest) || !is_older(touched, UNREGISTERED_KEPT) {
            kept.insert(digest.to_owned());
        } else {
            writer.delete_named(Folder::Components, &name)?;
        }
    }
    let mut compiled = writer.files(Folder::Compiled)?;
    compiled.sort_by_key(|(_, touched)| std::cmp::Reverse(*touched));
    let mut engines: HashMap<&str, usize> = HashMap::new();
    for (name, _) in &compiled {
        let digest = name
            .split_once('-')
            .map_or(name.as_str(), |(digest, _)| digest);
        let count = engines.entry(digest).or_default();
        *count += 1;
        if !kept.contains(digest) || *count > ENGINES_KEPT {
            writer.delete_named(Folder::Compiled, name)?;
        }
    }
    Ok(())
}

fn is_older(touched: SystemTime, than: Duration) -> bool {
    // A time in the future is a clock that was set back: not old.
    touched.elapsed().is_ok_and(|age| age > than)
}
