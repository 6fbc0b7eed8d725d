//! Finding or writing a record: in one step of the backend's where it has one, else so that no two callers
//! create the same.
//!
//! By key the backend decides: of two that create the same key one is told `duplicate`, finds and writes; that
//! holds across programs and needs no lock. By filter the callers take turns under a lease on the model, which
//! binds the programs that share this configuration's folder. Inside a transaction its isolation takes the
//! lease's place: whoever holds a session waits for nobody.

use std::sync::Arc;

use tenon_model::contract::Effect;
use tenon_model::{Entity, Filter, Generation, Key, Problem, Query, Value};
use tokio::sync::OwnedMutexGuard;

use super::{Dao, traced, unsupported};
use crate::capability::Capability;
use crate::error::{Error, ErrorKind, Result};
use crate::leases::{self, Lease, LeaseKey};
use crate::session::{FindOrWrite, Upsert};

/// How often a record may come and go between looking and writing before its caller is told. Each time another
/// caller has succeeded.
const ATTEMPTS: usize = 16;

/// How often a record may be told to be there and not be found: then another unique value of the data is taken,
/// by another record.
const MISSES: usize = 3;

/// What holds for the operations that find or write a record, where several callers do it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindsOrWrites {
    /// The backend does it in one step, and tells where it can't.
    Backend,
    /// By key the backend's own refusal of a second record decides; by filter the callers take turns, in all
    /// programs that share the configuration's folder.
    Runtime,
}

impl FindsOrWrites {
    /// Its name, for a program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Runtime => "runtime",
        }
    }

    /// What it means, for a person.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Backend => "in one step of the backend's, wherever it has one",
            Self::Runtime => {
                "by key as the backend refuses duplicates; by filter in turns, among programs that share \
                 this folder"
            }
        }
    }
}

/// What became of a record that was found or written.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The whole record, as it is now.
    pub record: Entity,
    /// Whether it is new.
    pub created: bool,
}

/// The right to find or write a model's record by a filter.
struct Turn {
    _first: OwnedMutexGuard<()>,
    _lease: Lease,
}

impl Dao {
    /// Sets the given properties of the record that has the data's key, or creates it. Data without a key are a
    /// new record, where the key is generated.
    ///
    /// # Errors
    /// `validation` with every failing property, `conflict` where the record comes and goes all the time, and
    /// whatever else the backend reports.
    pub async fn update_or_create(&self, data: Entity) -> Result<Outcome> {
        self.update_or_create_by(&self.target.key_names(), data)
            .await
    }

    /// Sets the given properties of the record that has the data's values in the properties `by`, or creates it.
    ///
    /// # Errors
    /// As [`Dao::update_or_create`], and `invalid` where `by` is neither the key nor a unique index.
    pub async fn update_or_create_by<N: AsRef<str>>(
        &self,
        by: &[N],
        data: Entity,
    ) -> Result<Outcome> {
        let by = self.unique(by);
        traced(&self.target, "update-or-create", async {
            let by = by?;
            if self.creates(&by, &data) {
                return self.created(data).await;
            }
            let found = self.identified(&by, &data)?;
            let changes = self.changes(self.without_key(data.clone()))?;
            // A key beside the properties that the record is found by is a new record's alone.
            let names_another_key = !self.is_key(&by) && self.names_key(&data);
            if self.creates_as_given(&data) && !names_another_key {
                let what = FindOrWrite::UpdateOrCreate {
                    by: by.clone(),
                    data: self.whole(&found, &changes).into_contract(),
                };
                if let Some(outcome) = self.natively(what).await? {
                    return Ok(outcome);
                }
            }
            self.write_or_create(&by, &found, data, Write::Update(changes))
                .await
        })
        .await
    }

    /// Replaces the record that has the data's key, or creates it.
    ///
    /// # Errors
    /// As [`Dao::update_or_create`].
    pub async fn replace_or_create(&self, data: Entity) -> Result<Outcome> {
        self.replace_or_create_by(&self.target.key_names(), data)
            .await
    }

    /// Replaces the record that has the data's values in the properties `by`, or creates it.
    ///
    /// # Errors
    /// As [`Dao::update_or_create_by`].
    pub async fn replace_or_create_by<N: AsRef<str>>(
        &self,
        by: &[N],
        data: Entity,
    ) -> Result<Outcome> {
        let by = self.unique(by);
        traced(&self.target, "replace-or-create", async {
            let by = by?;
            if self.creates(&by, &data) {
                return self.created(data).await;
            }
            let mut new = data.clone();
            if let Some(version) = self.version() {
                // The one that a stored record is expected to have; a new one's is the first.
                new.remove(version);
            }
            let record = self.new_record(new)?;
            let found = self.identified(&by, &record)?;
            let what = FindOrWrite::ReplaceOrCreate {
                by: by.clone(),
                data: record.as_contract().clone(),
            };
            if let Some(outcome) = self.natively(what).await? {
                return Ok(outcome);
            }
            self.write_or_create(&by, &found, record, Write::Replace(data))
                .await
        })
        .await
    }

    /// Finds the first record that matches, or creates one of these data.
    ///
    /// # Errors
    /// As [`Dao::update_or_create`], and `invalid` where the filter doesn't fit the model.
    pub async fn find_or_create(&self, filter: Filter, data: Entity) -> Result<Outcome> {
        traced(&self.target, "find-or-create", async {
            let filter = self.check_filter(filter).await?;
            let record = self.new_record(data)?;
            let what = FindOrWrite::FindOrCreate {
                filter: filter.to_nodes(),
                data: record.as_contract().clone(),
            };
            if let Some(outcome) = self.natively(what).await? {
                return Ok(outcome);
            }
            self.in_turn(|dao| async move { dao.look_or_create(filter, record).await })
                .await
        })
        .await
    }

    /// Sets the given properties of the one record that matches, or creates one of these data.
    ///
    /// # Errors
    /// `conflict` where several records match: none is changed. Else as [`Dao::find_or_create`].
    pub async fn upsert_where(&self, filter: Filter, data: Entity) -> Result<Outcome> {
        traced(&self.target, "upsert-where", async {
            let filter = self.check_filter(filter).await?;
            let changes = self.changes(self.without_key(data.clone()))?;
            if self.creates_as_given(&data) && !self.names_key(&data) {
                let what = FindOrWrite::UpsertWhere {
                    filter: filter.to_nodes(),
                    data: changes.as_contract().clone(),
                };
                if let Some(outcome) = self.natively(what).await? {
                    return Ok(outcome);
                }
            }
            let work =
                |dao: Self| async move { dao.change_one_or_create(filter, changes, data).await };
            self.in_turn(work).await
        })
        .await
    }

    async fn look_or_create(&self, filter: Filter, record: Entity) -> Result<Outcome> {
        let query = Query::filter(filter).limit(1);
        if let Some(found) = self.target.read(query.clone()).await?.pop() {
            return Ok(Outcome::found(self.target.shown(found)));
        }
        match self.create_checked(record).await {
            Ok(record) => Ok(Outcome::created(record)),
            // Somebody else created it without looking first.
            Err(error) if error.kind() == ErrorKind::Duplicate => {
                let found = self.target.read(query).await?.pop();
                found
                    .map(|found| Outcome::found(self.target.shown(found)))
                    .ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn change_one_or_create(
        &self,
        filter: Filter,
        changes: Entity,
        data: Entity,
    ) -> Result<Outcome> {
        let mut found = self.target.read(Query::filter(filter).limit(2)).await?;
        match (found.pop(), found.pop()) {
            (None, _) => self.created(data).await,
            (Some(record), None) => {
                let key = self.key_in(&record)?;
                self.same_key(&key, &data)?;
                let record = self.update_attributes(key, changes).await?;
                Ok(Outcome::found(record))
            }
            (Some(_), Some(_)) => Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "several records of {} match, and which one is meant can't be told",
                    self.target.model.name
                ),
            )
            .remedy("filter by a key or a unique property; to change them all use `update`")),
        }
    }

    /// Has the backend do it in one step; none where it can't, and has done nothing.
    async fn natively(&self, what: FindOrWrite) -> Result<Option<Outcome>> {
        if !self.target.source.connector().has(Capability::Upsert) {
            return Ok(None);
        }
        // A backend counts no versions, and one that is told of a key knows neither the default scope nor what a
        // replacement leaves as it is.
        let is_told_enough = match &what {
            FindOrWrite::FindOrCreate { .. } => true,
            FindOrWrite::UpsertWhere { .. } => self.version().is_none(),
            FindOrWrite::UpdateOrCreate { .. } | FindOrWrite::ReplaceOrCreate { .. } => {
                !self.target.has_scope() && !self.keeps_some()
            }
        };
        if !is_told_enough {
            return Ok(None);
        }
        let upsert = Upsert {
            definition: Arc::clone(&self.target.definition),
            what,
        };
        match self.target.call(upsert).await {
            Ok((record, created)) => {
                let record = self.target.shape.record(record);
                let record = record.map_err(|error| error.effect_is(Effect::Unknown))?;
                let record = self.target.shown(record);
                Ok(Some(Outcome { record, created }))
            }
            Err(error) if unsupported(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates first and writes where that is told `duplicate`; looks first where the data are no whole record, and in
    /// a transaction, which a refused create may cost.
    async fn write_or_create(
        &self,
        by: &[String],
        found: &Filter,
        data: Entity,
        write: Write,
    ) -> Result<Outcome> {
        let mut refused = None;
        let mut missed = 0;
        let mut looks_first = self.target.transaction.is_some();
        let new = match &write {
            Write::Replace(_) => Ok(data.clone()),
            Write::Update(_) => self.new_record(data.clone()),
        };
        for _ in 0..ATTEMPTS {
            if let Ok(record) = &new
                && !looks_first
            {
                match self.create_checked(record.clone()).await {
                    Ok(record) => return Ok(Outcome::created(record)),
                    Err(error) if error.kind() == ErrorKind::Duplicate => refused = Some(error),
                    Err(error) => return Err(error),
                }
            }
            let Some(key) = self.key_found(by, found).await? else {
                // What the model refuses can be no new record, and there is none to change.
                if let Err(invalid) = new {
                    return Err(invalid);
                }
                if !std::mem::take(&mut looks_first) {
                    missed += 1;
                }
                if missed == MISSES {
                    break;
                }
                continue;
            };
            self.same_key(&key, &data)?;
            let written = match &write {
                Write::Update(changes) => self.update_attributes(key, changes.clone()).await,
                // What the data leave out stays as it is stored, and isn't null or a default.
                Write::Replace(given) if self.keeps_some() => {
                    self.save(self.with_this_key(given.clone(), &key)).await
                }
                Write::Replace(_) => match &new {
                    Ok(record) => self.save(self.with_this_key(record.clone(), &key)).await,
                    Err(invalid) => return Err(invalid.clone()),
                },
            };
            match written {
                Ok(record) => return Ok(Outcome::found(record)),
                // Somebody has deleted it meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(refused.unwrap_or_else(|| {
            Error::new(
                ErrorKind::Conflict,
                format!(
                    "a record of {} came and went {ATTEMPTS} times while it was to be written",
                    self.target.model.name
                ),
            )
            .remedy("try again")
        }))
    }

    /// Whether a replacement is more than its data: what they leave out may stay, or count up.
    fn keeps_some(&self) -> bool {
        self.target.carries_over || self.version().is_some()
    }

    /// The key of the record that was found to be there.
    async fn key_found(&self, by: &[String], found: &Filter) -> Result<Option<Key>> {
        if let Filter::AllOf(parts) = found
            && by == self.target.key_names()
        {
            let values = parts.iter().filter_map(|part| match part {
                Filter::Condition(condition) => condition.operands.first().cloned(),
                _ => None,
            });
            let key = Key::composite(values);
            return Ok(self.exists(key.clone()).await?.then_some(key));
        }
        let query = Query::filter(found.clone())
            .fields(self.target.key_names())
            .limit(1);
        let found = self.target.read(query).await?.pop();
        found.map(|record| self.key_in(&record)).transpose()
    }

    async fn created(&self, data: Entity) -> Result<Outcome> {
        let record = self.new_record(data)?;
        self.create_checked(record).await.map(Outcome::created)
    }

    /// Does something when it is its turn, and to its end: a caller who leaves keeps the turn until what was begun is
    /// done. Inside a transaction there are no turns.
    async fn in_turn<R, F>(&self, work: impl FnOnce(Self) -> F) -> Result<R>
    where
        R: Send + 'static,
        F: Future<Output = Result<R>> + Send + 'static,
    {
        let work = work(self.clone());
        if self.target.transaction.is_some() {
            return work.await;
        }
        let turn = self.turn().await?;
        let pool = self.target.pool().await?;
        pool.run(async move {
            let result = work.await;
            drop(turn);
            result
        })
        .await
    }

    /// The turn to find or write by a filter.
    async fn turn(&self) -> Result<Turn> {
        let source = &self.target.source;
        let patience = source.limits().wait_timeout;
        let key = LeaseKey::Model {
            source: source.name().clone(),
            model: self.target.model.name.clone(),
        };
        let first = tokio::time::timeout(patience, Arc::clone(&self.target.turns).lock_owned())
            .await
            .map_err(|_| {
                Error::new(
                    ErrorKind::Exhausted,
                    format!(
                        "others were finding or writing records of {} for {patience:?}",
                        self.target.model.name
                    ),
                )
                .remedy("try again later, find or write by key, or raise the limit `wait-timeout`")
                .at(source.name())
            })?;
        let lease = leases::take(source.leases(), &key, patience).await?;
        Ok(Turn {
            _first: first,
            _lease: lease,
        })
    }

    /// The properties `by`, if no two records can have the same values in them.
    fn unique<N: AsRef<str>>(&self, by: &[N]) -> Result<Vec<String>> {
        let model = &self.target.model;
        let by: Vec<String> = by.iter().map(|name| name.as_ref().to_owned()).collect();
        let same = |names: &[&str]| {
            names.len() == by.len() && by.iter().all(|name| names.contains(&name.as_str()))
        };
        let key = self.target.key_names();
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        let is_index = model.indexes.iter().any(|index| {
            let names: Vec<&str> = index
                .properties
                .iter()
                .map(|key| key.property.as_str())
                .collect();
            index.unique && same(&names)
        });
        if (same(&key) && !key.is_empty()) || is_index {
            return Ok(by);
        }
        Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "`{}` is neither the key of {} nor a unique index of it",
                by.join("`, `"),
                model.name
            ),
        )
        .remedy("name the properties of one of them, or use `upsert_where` with a filter"))
    }

    /// Whether the data can be nothing but a new record: their key is still to be generated.
    fn creates(&self, by: &[String], data: &Entity) -> bool {
        by.iter().any(|name| {
            let property = self.target.model.find_property(name);
            data.get(name).is_none_or(Value::is_null)
                && property.is_some_and(|property| {
                    property.key.is_some() && property.generated != Generation::Never
                })
        })
    }

    /// The filter that finds the record that the data are of.
    fn identified(&self, by: &[String], data: &Entity) -> Result<Filter> {
        let mut parts = Vec::with_capacity(by.len());
        for name in by {
            match data.get(name) {
                Some(value) if !value.is_null() => {
                    parts.push(Filter::equal(name.as_str(), value.clone()));
                }
                _ => {
                    let reason = "the record is found by it: give its value";
                    return Err(self.invalid_data(Problem::new(name, reason).into()));
                }
            }
        }
        self.target.check_own(Filter::AllOf(parts))
    }

    /// Whether a new record of these data is no more than these data: the backend can be asked to create it, and
    /// knows nothing of defaults.
    fn creates_as_given(&self, data: &Entity) -> bool {
        self.target.model.properties.iter().all(|property| {
            let given = data.get(&property.name).is_some();
            let generated = property.generated != Generation::Never;
            let makes_key = property.key.is_none() || self.target.source.generates_keys();
            given
                || (property.default.is_none() && ((generated && makes_key) || !property.required))
        })
    }

    fn names_key(&self, data: &Entity) -> bool {
        let key = self.target.key_names();
        key.iter().any(|name| data.get(name).is_some())
    }

    fn is_key(&self, by: &[String]) -> bool {
        let key = self.target.key_names();
        key.len() == by.len() && by.iter().all(|name| key.contains(name))
    }

    fn without_key(&self, mut data: Entity) -> Entity {
        for name in self.target.key_names() {
            data.remove(&name);
        }
        data
    }

    /// The changes with the values that identify their record.
    fn whole(&self, found: &Filter, changes: &Entity) -> Entity {
        let mut data = Entity::new();
        for part in found.parts() {
            if let Filter::Condition(condition) = part
                && let Some(value) = condition.operands.first()
            {
                data.set(condition.property.as_str(), value.clone());
            }
        }
        data.merge(changes.clone());
        data
    }

    fn with_this_key(&self, mut record: Entity, key: &Key) -> Entity {
        for (name, value) in self.target.key_names().into_iter().zip(key.values()) {
            record.set(name, value.clone());
        }
        record
    }

    fn key_in(&self, record: &Entity) -> Result<Key> {
        self.target.model.key_of(record).ok_or_else(|| {
            Error::new(
                ErrorKind::Backend,
                "the connector returned a record without its key",
            )
        })
    }

    /// A key in the data has to be the one of the record that was found: a key never changes.
    fn same_key(&self, key: &Key, data: &Entity) -> Result<()> {
        for (property, value) in self
            .target
            .model
            .key_properties()
            .into_iter()
            .zip(key.values())
        {
            if let Some(given) = data.get(&property.name)
                && tenon_model::coerce(given.clone(), property.kind).as_ref() != Ok(value)
            {
                let reason = "a part of the key never changes, and the record that matches has another: leave it out";
                return Err(self.invalid_data(Problem::new(&property.name, reason).into()));
            }
        }
        Ok(())
    }
}

/// What is done with a record that is there.
enum Write {
    Update(Entity),
    Replace(Entity),
}

impl Outcome {
    fn found(record: Entity) -> Self {
        Self {
            record,
            created: false,
        }
    }

    fn created(record: Entity) -> Self {
        Self {
            record,
            created: true,
        }
    }
}
