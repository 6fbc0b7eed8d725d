//! What a connector doesn't do, done with what it does: `all` is enough for reading, and changes go by key.

use tenon_model::contract::Effect;
use tenon_model::{Comparison, Condition, Entity, Filter, Key, Query};

use super::{Dao, unsupported};
use crate::error::{Error, ErrorKind, Result};

impl Dao {
    /// Finds a record by asking for all that have its key.
    pub(super) async fn find_through_all(&self, key: &Key) -> Result<Option<Entity>> {
        let query = Query::filter(self.has_key(key)).limit(1);
        self.read(query).await.map(|mut records| records.pop())
    }

    /// Counts by reading. Only what the filter needs is fetched.
    pub(super) async fn count_through_all(&self, filter: Filter) -> Result<u64> {
        let mut reader = self.reader(Query::filter(filter).fields(self.key_names()))?;
        let mut count = 0;
        while let Some(rows) = reader.next().await? {
            count += rows.len() as u64;
        }
        Ok(count)
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
        let Some(mut record) = self.find_by_id(key.clone()).await? else {
            return Err(self.target.no_record(key));
        };
        record.merge(changes);
        self.save(record).await.map(drop)
    }

    /// Updates every match by its key.
    pub(super) async fn update_by_key(&self, filter: Filter, changes: Entity) -> Result<u64> {
        let keys = self.keys_of(filter).await?;
        let mut updated = 0;
        for key in keys {
            match self.update_attributes(key, changes.clone()).await {
                Ok(_) => updated += 1,
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
            match self.destroy(key).await {
                Ok(there) => destroyed += usize::from(there),
                Err(error) if unsupported(&error) && destroyed == 0 => return Err(error),
                Err(error) => return Err(came_as_far_as(destroyed, error)),
            }
        }
        Ok(destroyed as u64)
    }

    /// The keys of every match, read to the end before anything is changed.
    async fn keys_of(&self, filter: Filter) -> Result<Vec<Key>> {
        let records = self
            .read(Query::filter(filter).fields(self.key_names()))
            .await?;
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

    async fn read(&self, query: Query) -> Result<Vec<Entity>> {
        let mut reader = self.reader(query)?;
        let mut records = Vec::new();
        while let Some(rows) = reader.next().await? {
            records.extend(rows);
        }
        Ok(records)
    }

    pub(super) fn key_names(&self) -> Vec<String> {
        let key = self.target.model.key_properties();
        key.into_iter()
            .map(|property| property.name.clone())
            .collect()
    }

    fn has_key(&self, key: &Key) -> Filter {
        let names = self.key_names();
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

/// The error of a batch of which `done` pieces are done.
fn came_as_far_as(done: usize, error: Error) -> Error {
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
