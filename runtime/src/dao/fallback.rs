//! What a connector doesn't do, done with what it does: `all` is enough for reading, and changes go by key, in
//! one transaction where the connector has them.

use std::sync::{Arc, Weak};

use tenon_model::contract::Effect;
use tenon_model::{Comparison, Condition, Entity, Filter, Key, Query};

use super::reader::Reader;
use super::{Dao, Target, unsupported};
use crate::capability::Capability;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::transaction::{Transaction, TransactionOptions};

impl Dao {
    /// Finds a record by asking for all that have its key.
    pub(super) async fn find_through_all(&self, key: &Key) -> Result<Option<Entity>> {
        let query = Query::filter(self.has_key(key)).limit(1);
        self.target
            .read(query)
            .await
            .map(|mut records| records.pop())
    }

    /// Counts by reading. Only what the filter needs is fetched.
    pub(super) async fn count_through_all(&self, filter: Filter) -> Result<u64> {
        let query = Query::filter(filter).fields(self.target.key_names());
        let mut reader = self.target.reader(query);
        let mut count = 0;
        while let Some(rows) = reader.next().await? {
            count += rows.len() as u64;
        }
        Ok(count)
    }

    /// Does several calls in one transaction, where the connector has them; else one after the other.
    pub(super) async fn together<R, F>(&self, work: impl FnOnce(Self) -> F) -> Result<R>
    where
        F: Future<Output = Result<R>>,
    {
        let source = &self.target.source;
        let alone =
            self.target.transaction.is_some() || !source.connector().has(Capability::Transactions);
        if alone {
            return work(self.clone()).await;
        }
        let transaction = Transaction::begin(
            Arc::clone(source),
            Weak::clone(&self.target.catalogue),
            TransactionOptions::new(),
        )
        .await?;
        match work(transaction.include(self)?).await {
            Ok(result) => transaction.commit().await.map(|()| result),
            Err(error) => {
                transaction.rollback().await?;
                Err(error.effect_is(Effect::Nothing))
            }
        }
    }

    /// Stores records one after the other, and says how far it came where one fails.
    pub(super) async fn create_one_by_one(&self, data: Vec<Entity>) -> Result<Vec<Entity>> {
        let mut stored = Vec::with_capacity(data.len());
        for record in data {
            match self.create_checked(record).await {
                Ok(record) => stored.push(record),
                Err(error) => return Err(came_as_far_as(stored.len(), error)),
            }
        }
        Ok(stored)
    }

    /// Updates a record by reading it, changing it and writing it whole.
    pub(super) async fn update_by_saving(&self, key: &Key, changes: Entity) -> Result<()> {
        let Some(mut record) = self.find_whole(key).await? else {
            return Err(self.target.no_record(key));
        };
        record.merge(changes);
        self.save_whole(record).await.map(drop)
    }

    /// Updates every match by its key.
    pub(super) async fn update_by_key(&self, filter: Filter, changes: Entity) -> Result<u64> {
        let keys = self.keys_of(filter).await?;
        let mut updated = 0;
        for key in keys {
            match self.write_attributes(&key, changes.clone()).await {
                Ok(()) => updated += 1,
                // Somebody else has deleted it meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(came_as_far_as(updated, error)),
            }
        }
        Ok(updated as u64)
    }

    /// Deletes every match by its key.
    pub(super) async fn destroy_by_key(&self, filter: Filter) -> Result<u64> {
        let keys = self.keys_of(filter).await?;
        let mut destroyed = 0;
        for key in keys {
            match self.destroy_one(key).await {
                Ok(there) => destroyed += usize::from(there),
                Err(error) if unsupported(&error) && destroyed == 0 => return Err(error),
                Err(error) => return Err(came_as_far_as(destroyed, error)),
            }
        }
        Ok(destroyed as u64)
    }

    /// The keys of every match, read to the end before anything is changed.
    pub(super) async fn keys_of(&self, filter: Filter) -> Result<Vec<Key>> {
        let query = Query::filter(filter).fields(self.target.key_names());
        let records = self.target.read(query).await?;
        records
            .iter()
            .map(|record| {
                self.target.model.key_of(record).ok_or_else(|| {
                    Error::new(
                        ErrorKind::Backend,
                        "the connector returned a record without its key",
                    )
                })
            })
            .collect()
    }

    /// The filter of the one record that has this key.
    pub(super) fn has_key(&self, key: &Key) -> Filter {
        let names = self.target.key_names();
        let parts = names.into_iter().zip(key.values()).map(|(name, value)| {
            Filter::Condition(Condition {
                property: name,
                path: Vec::new(),
                comparison: Comparison::Equal,
                operands: vec![value.clone()],
            })
        });
        Filter::AllOf(parts.collect())
    }
}

impl Target {
    /// A prepared query, being read: also what is hidden, where it names no fields.
    pub(super) fn reader(self: &Arc<Self>, query: Query) -> Reader {
        let plan = Plan::new(&self.model, query, Vec::new());
        Reader::new(Arc::clone(self), plan)
    }

    /// The records of a prepared query, with what is hidden in them.
    pub(super) async fn read(self: &Arc<Self>, query: Query) -> Result<Vec<Entity>> {
        let mut reader = self.reader(query);
        let mut records = Vec::new();
        while let Some(rows) = reader.next().await? {
            records.extend(rows);
        }
        Ok(records)
    }
}

/// The error of a batch of which `done` pieces are done.
pub(super) fn came_as_far_as(done: usize, error: Error) -> Error {
    if done == 0 {
        return error.detail_of("index", 0);
    }
    // That nobody knows about the last one stays true.
    let effect = match error.effect() {
        Effect::Unknown => Effect::Unknown,
        Effect::Nothing | Effect::Partial => Effect::Partial,
    };
    error.effect_is(effect).detail_of("index", done)
}
