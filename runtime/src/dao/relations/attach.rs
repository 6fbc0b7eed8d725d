//! Loaded records, kept once each, and put into the records that lead to them when those are handed out.
//!
//! A record that many lead to (an airport that many routes go to) is held once, however often it is handed out:
//! memory is that of the distinct records, and of the few that are handed out at a time.

use std::collections::HashMap;

use tenon_model::{Entity, Related};

use super::keys::identity;
use crate::error::{Error, ErrorKind, Result};

/// What records of one level lead to.
#[derive(Default)]
pub(super) struct Level {
    pub edges: Vec<Edge>,
    /// Properties that were fetched to find the related records, and that nobody has asked for.
    pub strip: Vec<String>,
}

/// What one relation leads to from the records of a level.
pub(super) struct Edge {
    pub relation: String,
    pub many: bool,
    pub found: Found,
    /// What the related records lead to themselves.
    pub next: Level,
}

/// The related records.
pub(super) enum Found {
    /// By the key that a record holds in these properties.
    Keyed {
        names: Vec<String>,
        groups: HashMap<Vec<u8>, Vec<usize>>,
        records: Vec<Entity>,
    },
    /// They are in the records already.
    Embedded,
}

/// Puts related records in, and counts them.
pub(super) struct Attaching {
    /// How many were put in.
    pub records: u64,
    /// The most that one record may lead to.
    pub limit: u64,
}

impl Attaching {
    /// Puts everything into a record that the level has for it.
    ///
    /// # Errors
    /// `exhausted` where it is too much.
    pub(super) fn complete(&mut self, record: &mut Entity, level: &Level) -> Result<()> {
        for edge in &level.edges {
            match &edge.found {
                Found::Keyed {
                    names,
                    groups,
                    records,
                } => {
                    let group = identity(record, names).and_then(|key| groups.get(&key));
                    let related = group
                        .into_iter()
                        .flatten()
                        .filter_map(|at| records.get(*at));
                    let related = self.related(edge, related)?;
                    record.set_related(edge.relation.as_str(), related);
                }
                Found::Embedded => {
                    let embedded = record
                        .relations_mut()
                        .filter(|(name, _)| *name == edge.relation);
                    for part in embedded.flat_map(|(_, related)| related.iter_mut()) {
                        self.complete(part, &edge.next)?;
                    }
                }
            }
        }
        for name in &level.strip {
            record.remove(name);
        }
        Ok(())
    }

    fn related<'a>(
        &mut self,
        edge: &Edge,
        records: impl Iterator<Item = &'a Entity>,
    ) -> Result<Related> {
        let mut related = Vec::with_capacity(records.size_hint().0);
        for record in records {
            self.records += 1;
            if self.records > self.limit {
                return Err(self.too_many());
            }
            let mut record = record.clone();
            self.complete(&mut record, &edge.next)?;
            related.push(record);
        }
        Ok(if edge.many {
            Related::Many(related)
        } else {
            Related::One(related.pop().map(Box::new))
        })
    }

    fn too_many(&self) -> Error {
        Error::new(
            ErrorKind::Exhausted,
            format!(
                "a record leads to more than {} others, counting each as often as it is in the result",
                self.limit
            ),
        )
        .remedy(
            "ask for fewer in a relation's scope, or for fewer levels, or raise the limit `include-rows`",
        )
    }
}
