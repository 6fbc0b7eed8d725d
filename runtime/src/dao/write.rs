//! Writing records: checked against the model first, all failures at once.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tenon_model::contract::{self, Effect};
use tenon_model::{
    DefaultValue, Entity, Filter, Generation, Key, Model, Problems, PropertyType, Value,
};

use super::versions::{ATTEMPTS, version_in};
use super::{Dao, traced, unsupported};
use crate::error::{Error, ErrorKind, Result};
use crate::session::{Create, CreateAll, Destroy, DestroyAll, Save, Update, UpdateAttributes};

impl Dao {
    /// Stores a new record and returns it as it is stored: with its key, defaults and whatever else the
    /// backend made.
    ///
    /// # Errors
    /// `validation` with every failing property, `duplicate` where the key or a unique value is taken, and
    /// whatever else the backend reports.
    pub async fn create(&self, record: Entity) -> Result<Entity> {
        traced(&self.target, "create", async {
            let data = self.new_record(record)?;
            self.create_checked(data).await
        })
        .await
    }

    /// Stores new records, all or none where the connector can promise it.
    ///
    /// # Errors
    /// As [`Dao::create`], with the detail `index` for the record that failed. Where the effect is `partial` the
    /// records before it are stored.
    pub async fn create_all(&self, records: Vec<Entity>) -> Result<Vec<Entity>> {
        traced(&self.target, "create-all", async {
            let data = self.new_records(records)?;
            let create = CreateAll {
                definition: Arc::clone(&self.target.definition),
                data: data.into_iter().map(Entity::into_contract).collect(),
            };
            let (data, made) = self.target.call(create).await?;
            let data = data.into_iter().map(Entity::from);
            match made {
                Ok(made) if made.len() == data.len() => data
                    .zip(made)
                    .map(|(mut record, made)| {
                        record.merge(self.written(made)?);
                        Ok(self.target.shown(record))
                    })
                    .collect(),
                Ok(made) => Err(Error::new(
                    ErrorKind::Backend,
                    format!(
                        "the connector answered {} new records with {}",
                        data.len(),
                        made.len()
                    ),
                )
                .effect_is(Effect::Unknown)),
                Err(error) if unsupported(&error) => {
                    let data = data.collect();
                    let creating = |dao: Dao| async move { dao.create_one_by_one(data).await };
                    Box::pin(self.together(creating)).await
                }
                Err(error) => Err(self.target.pool().await?.explain(error)),
            }
        })
        .await
    }

    /// Replaces the whole record that has the given one's key.
    ///
    /// # Errors
    /// `not-found` where there is none, `validation`, and whatever else the backend reports.
    pub async fn save(&self, record: Entity) -> Result<Entity> {
        traced(&self.target, "save", async {
            if self.target.carries_over {
                return Box::pin(self.save_carrying(record)).await;
            }
            let data = self
                .target
                .model
                .replacement(record)
                .map_err(|problems| self.invalid_data(problems))?;
            self.save_checked(data).await
        })
        .await
    }

    async fn save_checked(&self, data: Entity) -> Result<Entity> {
        if self.target.has_scope()
            && let Some(key) = self.target.model.key_of(&data)
        {
            Box::pin(self.demand_in_scope(&key)).await?;
        }
        match self.version() {
            Some(property) => Box::pin(self.save_version(property, data)).await,
            None => self.save_whole(data).await,
        }
    }

    /// Saves a record of which a part stays as it is stored. What is stored is read and written back, so nothing may come
    /// in between: the version sees to that, else a transaction where the connector has them.
    async fn save_carrying(&self, record: Entity) -> Result<Entity> {
        let Some(version) = self.version() else {
            let saving = |dao: Self| async move {
                let data = dao.replacement_of(record).await?;
                dao.save_checked(data).await
            };
            return self.together(saving).await;
        };
        let is_given = record.get(version).is_some_and(|given| !given.is_null());
        for _ in 0..ATTEMPTS {
            let data = self.replacement_of(record.clone()).await?;
            match self.save_checked(data).await {
                // Somebody else was faster, and this caller doesn't mind.
                Err(error) if error.kind() == ErrorKind::Conflict && !is_given => {}
                result => return result,
            }
        }
        Err(self.too_many_changes())
    }

    /// A replacement with what whoever writes can't set or can't see, as it is stored.
    async fn replacement_of(&self, record: Entity) -> Result<Entity> {
        let model = &self.target.model;
        let Some(key) = model.key_of(&record) else {
            // It says what is missing.
            return model
                .replacement(record)
                .map_err(|problems| self.invalid_data(problems));
        };
        let key = model.check_key(key)?;
        let Some(stored) = self.find_whole(&key).await? else {
            return Err(self.target.no_record(&key));
        };
        let mut data = model
            .replacement_of(record, &stored)
            .map_err(|problems| self.invalid_data(problems))?;
        if let Some(version) = self.version()
            && data.get(version).is_none_or(Value::is_null)
        {
            // What is carried over is of this version, and of no other.
            data.set(version, version_in(&stored, version));
        }
        Ok(data)
    }

    /// Replaces a record by one that was checked.
    pub(super) async fn save_whole(&self, data: Entity) -> Result<Entity> {
        let save = Save {
            definition: Arc::clone(&self.target.definition),
            data: data.into_contract(),
        };
        self.with_changes(self.target.call(save).await?)
    }

    /// A record outside of the default scope is not there.
    async fn demand_in_scope(&self, key: &Key) -> Result<()> {
        if self.is_in_scope(key).await? {
            Ok(())
        } else {
            Err(self.target.no_record(key))
        }
    }

    /// Sets the given properties of a record and returns the whole record.
    ///
    /// # Errors
    /// `not-found` where there is none, `validation`, and whatever else the backend reports.
    pub async fn update_attributes(&self, key: impl Into<Key>, changes: Entity) -> Result<Entity> {
        let key = key.into();
        traced(&self.target, "update-attributes", async {
            let key = self.target.model.check_key(key)?;
            let data = self.changes(changes)?;
            if self.target.has_scope() {
                Box::pin(self.demand_in_scope(&key)).await?;
            }
            self.write_attributes(&key, data).await?;
            self.read_again(&key).await
        })
        .await
    }

    /// A record that was changed; the change is made, whatever becomes of reading it again.
    pub(super) async fn read_again(&self, key: &Key) -> Result<Entity> {
        self.find_whole(key)
            .await
            .and_then(|record| record.ok_or_else(|| self.target.no_record(key)))
            .map(|record| self.target.shown(record))
            .map_err(|error| error.effect_is(Effect::Unknown))
    }

    /// Sets properties of a record that were checked.
    pub(super) async fn write_attributes(&self, key: &Key, data: Entity) -> Result<()> {
        match self.version() {
            Some(property) => Box::pin(self.write_version(property, key, data)).await,
            None => self.write_natively(key, data).await,
        }
    }

    /// The same, whatever the record's version.
    pub(super) async fn write_natively(&self, key: &Key, data: Entity) -> Result<()> {
        let update = UpdateAttributes {
            definition: Arc::clone(&self.target.definition),
            id: key.as_contract().clone(),
            data: data.as_contract().clone(),
        };
        match self.target.call(update).await {
            Ok(_) => Ok(()),
            Err(error) if unsupported(&error) => {
                let key = key.clone();
                let saving = |dao: Self| async move { dao.update_by_saving(&key, data).await };
                Box::pin(self.together(saving)).await
            }
            Err(error) => Err(error),
        }
    }

    /// Sets the given properties of every match, and returns how many matched.
    ///
    /// # Errors
    /// `validation`, `invalid`, and whatever else the backend reports. Where the connector updates by key alone, an
    /// error with the effect `partial` says in its detail `index` how many were updated.
    pub async fn update(&self, filter: Filter, changes: Entity) -> Result<u64> {
        traced(&self.target, "update", async {
            let filter = self.check_filter(filter).await?;
            let data = self.changes(changes)?;
            self.update_prepared(filter, data).await
        })
        .await
    }

    /// Sets properties that were checked, of every match.
    pub(super) async fn update_prepared(&self, filter: Filter, data: Entity) -> Result<u64> {
        if let Some(property) = self.version() {
            return Box::pin(self.write_versions(property, filter, data)).await;
        }
        match self.update_natively(&filter, &data).await {
            Err(error) if unsupported(&error) => {
                let updating = |dao: Self| async move { dao.update_by_key(filter, data).await };
                Box::pin(self.together(updating)).await
            }
            result => result,
        }
    }

    /// Has the connector set properties of every match, whatever their versions.
    pub(super) async fn update_natively(&self, filter: &Filter, data: &Entity) -> Result<u64> {
        let update = Update {
            definition: Arc::clone(&self.target.definition),
            filter: filter.to_nodes(),
            data: data.as_contract().clone(),
        };
        self.target.call(update).await
    }

    /// Deletes a record. Tells whether there was one.
    ///
    /// # Errors
    /// `invalid` where the key is not the model's, and whatever the backend reports.
    pub async fn destroy(&self, key: impl Into<Key>) -> Result<bool> {
        let key = key.into();
        traced(&self.target, "destroy", async {
            let key = self.target.model.check_key(key)?;
            if self.target.has_scope() && !Box::pin(self.is_in_scope(&key)).await? {
                return Ok(false);
            }
            self.destroy_one(key).await
        })
        .await
    }

    /// Deletes the record of a key that was checked.
    pub(super) async fn destroy_one(&self, key: Key) -> Result<bool> {
        let destroy = Destroy {
            definition: Arc::clone(&self.target.definition),
            id: key.into_contract(),
        };
        self.target.call(destroy).await
    }

    /// Deletes every match, and returns how many. Deleting all takes the filter that says so:
    /// [`Filter::all`].
    ///
    /// # Errors
    /// `invalid`, and whatever else the backend reports; `partial` as in [`Dao::update`].
    pub async fn destroy_all(&self, filter: Filter) -> Result<u64> {
        traced(&self.target, "destroy-all", async {
            let filter = self.check_filter(filter).await?;
            self.destroy_prepared(filter).await
        })
        .await
    }

    /// Deletes every match of a filter that was checked.
    pub(super) async fn destroy_prepared(&self, filter: Filter) -> Result<u64> {
        match self.destroy_natively(&filter).await {
            Err(error) if unsupported(&error) => {
                let destroying = |dao: Self| async move { dao.destroy_by_key(filter).await };
                Box::pin(self.together(destroying)).await
            }
            result => result,
        }
    }

    /// Has the connector delete every match.
    pub(super) async fn destroy_natively(&self, filter: &Filter) -> Result<u64> {
        let destroy = DestroyAll {
            definition: Arc::clone(&self.target.definition),
            filter: filter.to_nodes(),
        };
        self.target.call(destroy).await
    }

    /// Stores a record that was checked.
    pub(super) async fn create_checked(&self, data: Entity) -> Result<Entity> {
        let create = Create {
            definition: Arc::clone(&self.target.definition),
            data: data.into_contract(),
        };
        self.with_changes(self.target.call(create).await?)
    }

    /// A record as it was written, with what the backend made or changed of it.
    fn with_changes(&self, (data, made): (contract::Entity, contract::Entity)) -> Result<Entity> {
        let mut record = Entity::from(data);
        record.merge(self.written(made)?);
        Ok(self.target.shown(record))
    }

    /// What the backend made or changed. Where it makes no sense, the record was written all the same.
    fn written(&self, made: contract::Entity) -> Result<Entity> {
        self.target
            .shape
            .changes(made)
            .map_err(|error| error.effect_is(Effect::Unknown))
    }

    fn new_records(&self, records: Vec<Entity>) -> Result<Vec<Entity>> {
        let mut problems = Problems::new();
        let mut data = Vec::with_capacity(records.len());
        for (index, record) in records.into_iter().enumerate() {
            match self.target.model.new_record(record, &mut default_value) {
                Ok(record) => data.push(self.with_key(record)),
                Err(found) => {
                    for problem in found {
                        problems.push(format!("[{index}].{}", problem.place), problem.message);
                    }
                }
            }
        }
        problems
            .none_or(data)
            .map_err(|problems| self.invalid_data(problems))
    }

    pub(super) fn new_record(&self, record: Entity) -> Result<Entity> {
        self.target
            .model
            .new_record(record, &mut default_value)
            .map(|record| self.with_key(record))
            .map_err(|problems| self.invalid_data(problems))
    }

    pub(super) fn changes(&self, changes: Entity) -> Result<Entity> {
        self.target
            .model
            .changes(changes)
            .map_err(|problems| self.invalid_data(problems))
    }

    /// Gives a record the key that its connector leaves to the runtime.
    fn with_key(&self, mut record: Entity) -> Entity {
        if self.target.source.generates_keys() {
            return record;
        }
        for property in missing_generated_keys(&self.target.model, &record) {
            record.set(property, Value::Text(uuid::Uuid::now_v7().to_string()));
        }
        record
    }

    pub(super) fn invalid_data(&self, problems: Problems) -> Error {
        Error::with_problems(
            ErrorKind::Validation,
            format!("the data do not fit the model {}", self.target.model.name),
            problems,
        )
    }
}

fn missing_generated_keys(model: &Model, record: &Entity) -> Vec<String> {
    model
        .properties
        .iter()
        .filter(|property| {
            property.key.is_some()
                && property.generated != Generation::Never
                && property.kind == PropertyType::Uuid
                && record.get(&property.name).is_none_or(Value::is_null)
        })
        .map(|property| property.name.clone())
        .collect()
}

/// What a default that differs from record to record is this time.
fn default_value(default: &DefaultValue) -> Value {
    match default {
        DefaultValue::Value(value) => value.clone(),
        DefaultValue::Uuid => Value::Text(uuid::Uuid::new_v4().to_string()),
        DefaultValue::Now => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            // A clock before 1970 counts backwards.
            let microseconds = match since {
                Ok(after) => i64::try_from(after.as_micros()),
                Err(before) => i64::try_from(before.duration().as_micros()).map(|before| -before),
            };
            Value::Timestamp(microseconds.unwrap_or(i64::MAX))
        }
    }
}
