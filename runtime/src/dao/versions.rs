//! Optimistic locking: a record is written only where it still has the version that its writer has read.
//!
//! The connector compares and writes in one step, by an update with a filter, or within a transaction. One that can do
//! neither is refused: a version that two writers can both pass would be worse than none.

use tenon_model::{Entity, Filter, Key, Query, Value};

use super::{Dao, traced, unsupported};
use crate::capability::Capability;
use crate::error::{Error, ErrorKind, Result};

/// How often a record may be changed by others while its own change is to be made, where no version was given.
/// Each time another writer has succeeded.
pub(super) const ATTEMPTS: usize = 16;

/// The version of a record that was written before its model counted versions.
const UNCOUNTED: i64 = 0;

impl Dao {
    /// The property that counts versions.
    pub(super) fn version(&self) -> Option<&str> {
        self.target.model.version.as_deref()
    }

    /// Deletes the record of that key if it has that version. Tells whether there was one.
    ///
    /// # Errors
    /// `conflict` where it has another version, `invalid` where the model counts none, and as [`Dao::destroy`].
    pub async fn destroy_version(&self, key: impl Into<Key>, version: i64) -> Result<bool> {
        let key = self.target.model.check_key(key.into())?;
        let Some(property) = self.version() else {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("the model {} counts no versions", self.target.model.name),
            )
            .remedy("declare its property with `version`, or delete the record by its key alone"));
        };
        traced(&self.target, "destroy-version", async {
            if self.target.has_scope() && !self.is_in_scope(&key).await? {
                return Ok(false);
            }
            let filter = self.has_key(&key).and(is_version(property, version));
            if self.destroy_if(filter).await? {
                return Ok(true);
            }
            match self.version_now(&key).await? {
                None => Ok(false),
                Some(now) => Err(self.stale(&key, version, now)),
            }
        })
        .await
    }

    /// Deletes the record that the filter matches, in one step; whether there was one.
    async fn destroy_if(&self, filter: Filter) -> Result<bool> {
        match self.destroy_natively(&filter).await {
            Err(error) if unsupported(&error) => {
                self.demand_steps_together()?;
                self.destroy_prepared(filter).await.map(|gone| gone > 0)
            }
            result => result.map(|gone| gone > 0),
        }
    }

    /// Refuses what takes a look and a write in one step, where there is neither such a step nor a transaction.
    fn demand_steps_together(&self) -> Result<()> {
        let source = &self.target.source;
        let connector = source.connector();
        if self.target.transaction.is_some() || connector.has(Capability::Transactions) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "the connector {} can't change a record only while it has a certain version",
                connector.manifest().name
            ),
        )
        .remedy("leave `version` out of the model, or use a connector that changes by filter or has transactions")
        .at(source.name()))
    }

    /// Sets properties of a record, if it has the version that they hold; any, if they hold none.
    pub(super) async fn write_version(
        &self,
        property: &str,
        key: &Key,
        changes: Entity,
    ) -> Result<()> {
        let any = Filter::all();
        if self.write_match(property, key, changes, &any).await? {
            Ok(())
        } else {
            Err(self.target.no_record(key))
        }
    }

    /// Replaces a record, if it has the version that the new one holds. Versions are of strict models: all that a
    /// record has is declared, and replaced by being set.
    pub(super) async fn save_version(&self, property: &str, record: Entity) -> Result<Entity> {
        let model = &self.target.model;
        let key = model.key_of(&record).ok_or_else(|| {
            let message = format!("a record of {} is replaced by its key", model.name);
            Error::new(ErrorKind::Invalid, message).remedy("give the whole key")
        })?;
        let names = self.target.key_names();
        let changes = record.into_iter().filter(|(name, _)| !names.contains(name));
        self.write_version(property, &key, changes.collect())
            .await?;
        self.read_again(&key).await
    }

    /// Sets properties of every match, and counts their versions up.
    pub(super) async fn write_versions(
        &self,
        property: &str,
        filter: Filter,
        changes: Entity,
    ) -> Result<u64> {
        if changes.get(property).is_some_and(|value| !value.is_null()) {
            let reason = "a version is one record's: leave it out where many are changed";
            return Err(self.invalid_data(tenon_model::Problem::new(property, reason).into()));
        }
        let keys = self.keys_of(filter.clone()).await?;
        let mut written = 0;
        for key in keys {
            // One that no longer matches is none of them.
            match self
                .write_match(property, &key, changes.clone(), &filter)
                .await
            {
                Ok(matched) => written += usize::from(matched),
                Err(error) => return Err(super::fallback::came_as_far_as(written, error)),
            }
        }
        Ok(written as u64)
    }

    /// Sets properties of a record while it matches, and tells whether it did.
    async fn write_match(
        &self,
        property: &str,
        key: &Key,
        mut changes: Entity,
        filter: &Filter,
    ) -> Result<bool> {
        let expected = self.target.model.take_version(&mut changes);
        for _ in 0..ATTEMPTS {
            let version = match expected {
                Some(version) => version,
                None => match self.version_now(key).await? {
                    Some(version) => version,
                    None => return Ok(false),
                },
            };
            let unchanged = self.has_key(key).and(is_version(property, version));
            let wanted = if filter.is_all() {
                unchanged
            } else {
                unchanged.and(filter.clone())
            };
            let mut data = changes.clone();
            data.set(property, version.saturating_add(1));
            if self.update_if(key, wanted, data).await? {
                return Ok(true);
            }
            let Some(now) = self.version_now(key).await? else {
                return Ok(false);
            };
            if expected.is_some() {
                return Err(self.stale(key, version, now));
            }
            if now == version {
                // It is as it was, and doesn't match.
                return Ok(false);
            }
        }
        Err(self.too_many_changes())
    }

    pub(super) fn too_many_changes(&self) -> Error {
        Error::new(
            ErrorKind::Conflict,
            format!(
                "others changed the record of {} {ATTEMPTS} times while it was to be changed",
                self.target.model.name
            ),
        )
        .remedy("try again")
    }

    /// Updates the record that the filter matches, in one step; whether there was one.
    async fn update_if(&self, key: &Key, filter: Filter, data: Entity) -> Result<bool> {
        match self.update_natively(&filter, &data).await {
            Ok(matched) => return Ok(matched > 0),
            Err(error) if !unsupported(&error) => return Err(error),
            Err(_) => {}
        }
        self.demand_steps_together()?;
        let key = key.clone();
        let changing = |dao: Self| async move {
            let query = Query::filter(filter).limit(1);
            let is_there = !dao.target.read(query).await?.is_empty();
            if is_there {
                dao.write_natively(&key, data).await?;
            }
            Ok(is_there)
        };
        Box::pin(self.together(changing)).await
    }

    /// The version of a record; none where there is no record.
    async fn version_now(&self, key: &Key) -> Result<Option<i64>> {
        let Some(record) = self.find_whole(key).await? else {
            return Ok(None);
        };
        let version = self.version().and_then(|property| record.get(property));
        Ok(Some(
            version.and_then(Value::as_integer).unwrap_or(UNCOUNTED),
        ))
    }

    fn stale(&self, key: &Key, read: i64, now: i64) -> Error {
        let parts = key.values().iter().map(|value| value.to_json().to_string());
        Error::new(
            ErrorKind::Conflict,
            format!(
                "the {} with the key {} was changed since version {read} of it was read: it is at version {now}",
                self.target.model.name,
                parts.collect::<Vec<_>>().join(", ")
            ),
        )
        .remedy("read it again, and make the change to what it is now")
        .detail_of("version", now)
    }
}

/// The version of a stored record.
pub(super) fn version_in(record: &Entity, property: &str) -> i64 {
    let version = record.get(property).and_then(Value::as_integer);
    version.unwrap_or(UNCOUNTED)
}

fn is_version(property: &str, version: i64) -> Filter {
    if version == UNCOUNTED {
        Filter::one_of(property, [Value::Null, Value::Integer(UNCOUNTED)])
    } else {
        Filter::equal(property, version)
    }
}
