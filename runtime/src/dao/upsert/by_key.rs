//! Finding or writing by the key, or by a unique index.

use tenon_model::{Entity, Filter, Generation, Key, Problem, Query, Value};

use super::{Dao, Outcome, traced};
use crate::error::{Error, ErrorKind, Result};
use crate::session::FindOrWrite;

/// How often a record may come and go between looking and writing before its caller is told. Each time another
/// caller has succeeded.
const ATTEMPTS: usize = 16;

/// How often a record may be told to be there and not be found: then another unique value of the data is taken,
/// by another record.
const MISSES: usize = 3;

/// What is done with a record that is there.
enum Write {
    Update(Entity),
    Replace(Entity),
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
    pub(super) fn keeps_some(&self) -> bool {
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

    fn is_key(&self, by: &[String]) -> bool {
        let key = self.target.key_names();
        key.len() == by.len() && by.iter().all(|name| key.contains(name))
    }
}
