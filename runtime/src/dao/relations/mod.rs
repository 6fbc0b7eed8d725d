//! What a model's records have to do with others: conditions on related records, and loading them.
//!
//! Both go by keys: the keys of one side are collected, and the other side is asked for the records that hold
//! them, in one query a relation and level, whatever data sources the two are on. Nothing here keeps a session
//! while it waits for another. What is held is bounded by the limit `include-rows`.

mod attach;
mod embedded;
mod including;
mod keys;
mod load;
mod pairs;
mod restriction;
mod rewrite;

use std::sync::Arc;

use tenon_model::{Entity, Filter, Query};

use super::Target;
use super::reader::Reader;
use crate::error::{Error, ErrorKind, Result};

pub(super) use including::Including;
pub(super) use keys::{bounded, tuple};
pub(super) use restriction::{Restriction, holding};
pub(super) use rewrite::Rewriting;

use keys::KeySet;

/// How many records a query may still hold for its relations.
struct Budget {
    left: u64,
    limit: u64,
}

impl Budget {
    fn new(target: &Target) -> Self {
        let limit = target.source.limits().include_rows;
        Self { left: limit, limit }
    }

    fn take(&mut self, records: usize) -> Result<()> {
        match self.left.checked_sub(records as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::new(
                ErrorKind::Exhausted,
                format!(
                    "more than {} records would have to be held for the relations of this query",
                    self.limit
                ),
            )
            .remedy(
                "ask for fewer with a filter or a limit, in the query or in a relation's scope, or raise the \
                 limit `include-rows`",
            )),
        }
    }
}

impl Target {
    /// Reads what a prepared query asks for and the keys allow, each record at once handed to `take`.
    async fn read_by_keys(
        self: &Arc<Self>,
        base: &Query,
        names: &[String],
        keys: &KeySet,
        keep: &[String],
        mut take: impl FnMut(Entity) -> Result<()> + Send,
    ) -> Result<()> {
        for condition in keys.conditions(&self.model, names, &base.filter) {
            let mut query = base.clone();
            query.filter = bounded(condition.and(query.filter))?;
            self.read_each(query, keep, &mut take).await?;
        }
        Ok(())
    }

    /// Reads a prepared query, each record at once handed to `take`; `keep` are properties that come although they
    /// are hidden.
    async fn read_each(
        self: &Arc<Self>,
        query: Query,
        keep: &[String],
        take: &mut (impl FnMut(Entity) -> Result<()> + Send),
    ) -> Result<()> {
        let plan = self.plan_keeping(query, keep);
        let mut reader = Reader::new(Arc::clone(self), plan);
        while let Some(rows) = Box::pin(reader.next()).await? {
            for row in rows {
                take(row)?;
            }
        }
        Ok(())
    }

    /// The primary keys of the records that a prepared filter matches.
    pub(super) async fn all_keys(self: &Arc<Self>, filter: Filter) -> Result<KeySet> {
        let mut keys = KeySet::default();
        self.keys_where(filter, &self.key_names(), &mut keys)
            .await?;
        Ok(keys)
    }

    /// The distinct keys of the records that a prepared filter matches.
    async fn keys_where(
        self: &Arc<Self>,
        filter: Filter,
        names: &[String],
        found: &mut KeySet,
    ) -> Result<()> {
        let limit = self.source.limits().include_rows;
        let query = Query::filter(filter).fields(names.iter().cloned());
        self.read_each(query, &[], &mut |record| {
            found.add(&record, names);
            found.bounded(limit)
        })
        .await
    }
}
