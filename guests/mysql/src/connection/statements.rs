//! The statements that a session has prepared.
//!
//! They are found by their text, and bounded: the one that was unused longest makes room for another.

use std::collections::HashMap;

/// Statements that a session keeps. A server has 16,382 for all of its sessions, unless it is told otherwise.
const MOST: usize = 64;

/// A longer text is prepared for one use: it is nobody's habit.
const LONGEST: usize = 16 << 10;

/// A statement that the server has prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub(crate) id: u32,
    /// How many parameters it has.
    pub(crate) parameters: u16,
}

/// The statements of a session.
#[derive(Default)]
pub(crate) struct Statements {
    known: HashMap<String, (Prepared, u64)>,
    /// A statement that is too long to be kept, until the next one comes.
    passing: Option<Prepared>,
    uses: u64,
}

impl Statements {
    pub(crate) fn get(&mut self, text: &str) -> Option<Prepared> {
        let (prepared, used) = self.known.get_mut(text)?;
        self.uses += 1;
        *used = self.uses;
        Some(*prepared)
    }

    /// Keeps a statement; the one that is to be closed for it.
    pub(crate) fn put(&mut self, text: &str, prepared: Prepared) -> Option<Prepared> {
        if text.len() > LONGEST {
            return self.passing.replace(prepared);
        }
        let evicted = if self.known.len() >= MOST {
            let oldest = self.known.iter().min_by_key(|(_, (_, used))| *used);
            let oldest = oldest.map(|(text, _)| text.clone());
            oldest.and_then(|text| self.known.remove(&text))
        } else {
            None
        };
        self.uses += 1;
        self.known.insert(text.to_owned(), (prepared, self.uses));
        evicted.map(|(prepared, _)| prepared)
    }

    pub(crate) fn remove(&mut self, text: &str) {
        self.known.remove(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(id: u32) -> Prepared {
        Prepared { id, parameters: 0 }
    }

    #[test]
    fn the_one_that_was_unused_longest_is_closed() {
        let mut statements = Statements::default();
        for id in 0..MOST {
            let id = u32::try_from(id).unwrap();
            assert_eq!(statements.put(&id.to_string(), prepared(id)), None);
        }
        assert_eq!(statements.get("0"), Some(prepared(0)));
        assert_eq!(statements.put("more", prepared(999)), Some(prepared(1)));
        assert_eq!(statements.get("1"), None);
        assert_eq!(statements.get("0"), Some(prepared(0)));
    }

    #[test]
    fn a_long_text_takes_no_room() {
        let mut statements = Statements::default();
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(statements.put(&long, prepared(1)), None);
        assert_eq!(statements.get(&long), None);
        assert_eq!(statements.put(&long, prepared(2)), Some(prepared(1)));
    }
}
