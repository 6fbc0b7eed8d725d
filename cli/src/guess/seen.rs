//! What was seen of one property: its values' kinds, how many there are, whether one came twice.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::kinds::Kinds;
use crate::input::Field;

/// How many values are remembered, as hashes, to find one that comes twice.
const MAX_REMEMBERED: usize = 1 << 20;

/// The longest text, in bytes, that may name a record.
const MAX_KEY_BYTES: usize = 100;

/// What was seen of one property.
pub struct Seen {
    /// Its name.
    pub name: String,
    /// The kinds of its values.
    pub kinds: Kinds,
    /// How many records have a value of it.
    pub values: u64,
    watch: Option<Watch>,
}

/// Looks for a value that comes twice. Two values with one hash count as the same, which happens once in many
/// millions of files and only means that another key is proposed.
#[derive(Default)]
struct Watch {
    hasher: RandomState,
    hashes: HashSet<u64>,
    repeats: bool,
    too_long: bool,
}

impl Seen {
    /// Nothing yet; `watched` where it may be a key.
    pub fn new(name: &str, watched: bool) -> Self {
        Self {
            name: name.to_owned(),
            kinds: Kinds::default(),
            values: 0,
            watch: watched.then(Watch::default),
        }
    }

    /// Takes one more value into account.
    pub fn add(&mut self, field: Field<'_>) {
        if !self.kinds.add(field) {
            return;
        }
        self.values += 1;
        if let Some(watch) = &mut self.watch {
            watch.add(match field {
                Field::Cell(cell) => &cell.text,
                Field::Json(text) => text,
            });
        }
    }

    /// Whether each of so many records has a value of its own, fit to name it.
    pub fn names_each_of(&self, records: u64) -> bool {
        self.values == records
            && self
                .watch
                .as_ref()
                .is_some_and(|watch| !watch.repeats && !watch.too_long)
    }

    /// Whether a value came twice, as far as was watched.
    pub fn repeats(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.repeats)
    }
}

impl Watch {
    fn add(&mut self, text: &str) {
        self.too_long |= text.len() > MAX_KEY_BYTES;
        if self.repeats || self.hashes.len() >= MAX_REMEMBERED {
            return;
        }
        if !self.hashes.insert(self.hasher.hash_one(text)) {
            self.repeats = true;
            self.hashes = HashSet::new();
        }
    }
}
