//! Prepared statements, kept by their text: those that were used last, as many as there is room for.

use std::collections::HashMap;
use std::rc::Rc;

use crate::types::Type;

/// How many are kept. Each takes memory in the server too.
const MOST: usize = 256;

/// A longer text is prepared for one use alone: it is mostly one of many records, and won't come again.
const LONGEST: usize = 16 * 1_024;

/// A statement that the server has prepared.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What the server knows it by.
    pub(crate) name: String,
    pub(crate) parameters: Vec<Type>,
    pub(crate) columns: Vec<Field>,
}

/// A column of a statement's rows.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: Rc<str>,
    pub(crate) of: Type,
}

/// The statements of a session.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    by_text: HashMap<String, Kept>,
    /// Counts uses.
    clock: u64,
    names: u64,
}

#[derive(Debug)]
struct Kept {
    prepared: Rc<Prepared>,
    used: u64,
}

impl Statements {
    /// The statement of that text, where it is prepared.
    pub(crate) fn get(&mut self, text: &str) -> Option<Rc<Prepared>> {
        self.clock += 1;
        let kept = self.by_text.get_mut(text)?;
        kept.used = self.clock;
        Some(Rc::clone(&kept.prepared))
    }

    /// A name for a new one; empty for one that isn't kept.
    pub(crate) fn name(&mut self, text: &str) -> String {
        if text.len() > LONGEST {
            return String::new();
        }
        self.names += 1;
        format!("s{}", self.names)
    }

    /// Makes room for one more: the name of the one that the server is to forget.
    pub(crate) fn evict(&mut self) -> Option<String> {
        if self.by_text.len() < MOST {
            return None;
        }
        let oldest = self.by_text.iter().min_by_key(|(_, kept)| kept.used)?;
        let text = oldest.0.clone();
        self.forget(&text)
    }

    /// Keeps a statement, unless it has no name.
    pub(crate) fn keep(&mut self, text: &str, prepared: &Rc<Prepared>) {
        if !prepared.name.is_empty() {
            let kept = Kept {
                prepared: Rc::clone(prepared),
                used: self.clock,
            };
            self.by_text.insert(text.to_owned(), kept);
        }
    }

    /// Forgets a statement: its name.
    pub(crate) fn forget(&mut self, text: &str) -> Option<String> {
        Some(self.by_text.remove(text)?.prepared.name.clone())
    }

    /// Forgets all, as the server has.
    pub(crate) fn clear(&mut self) {
        self.by_text.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(statements: &mut Statements, text: &str) {
        let prepared = Rc::new(Prepared {
            name: statements.name(text),
            parameters: Vec::new(),
            columns: Vec::new(),
        });
        statements.keep(text, &prepared);
    }

    #[test]
    fn the_one_that_was_used_longest_ago_makes_room() {
        let mut statements = Statements::default();
        for n in 0..MOST {
            assert_eq!(statements.evict(), None);
            statements.get(&n.to_string());
            keep(&mut statements, &n.to_string());
        }
        statements.get("0");
        assert_eq!(statements.evict().as_deref(), Some("s2"));
        assert!(statements.get("1").is_none());
        assert!(statements.get("0").is_some());
        assert_eq!(statements.evict(), None);
    }

    #[test]
    fn a_long_text_is_not_kept() {
        let mut statements = Statements::default();
        let long = "x".repeat(LONGEST + 1);
        keep(&mut statements, &long);
        assert!(statements.get(&long).is_none());
    }
}
