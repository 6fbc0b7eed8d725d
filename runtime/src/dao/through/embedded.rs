//! Records that are parts of another: read with it, and changed by writing the property that they are in.
//!
//! A change is written only where the property is still as it was read, and tried again where it isn't: nobody's
//! change is lost where the connector updates by filter in one step.

use tenon_model::{
    Comparison, Entity, Filter, Include, Key, Matcher, Query, Related, Relation, Value,
};

use crate::dao::Dao;
use crate::error::{Error, ErrorKind, Result};

/// How often a change is tried where others get in between.
const TRIES: usize = 16;

/// Access to the records that are embedded in one record.
#[derive(Clone)]
pub struct EmbeddedDao {
    parent: Dao,
    key: Key,
    relation: Relation,
    property: String,
    related: Dao,
}

impl Dao {
    /// The records that a relation has embedded in the record of that key.
    ///
    /// # Errors
    /// `invalid` where the model has no such relation, or nothing is embedded by it.
    pub async fn embedded(&self, key: impl Into<Key>, relation: &str) -> Result<EmbeddedDao> {
        let key = self.target.model.check_key(key.into())?;
        let relation = self.target.relation(relation)?.clone();
        let Some(property) = relation.embedded_in().map(str::to_owned) else {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("what {} leads to isn't embedded", relation.name),
            )
            .remedy("use the operations for related records"));
        };
        Ok(EmbeddedDao {
            related: self.target.related(&relation.model).await?,
            parent: self.clone(),
            key,
            relation,
            property,
        })
    }
}

impl EmbeddedDao {
    /// Those that a query asks for.
    ///
    /// # Errors
    /// `not-found` where there is no record that they could be in, `invalid` where the query doesn't fit their model.
    pub async fn find(&self, query: impl Into<Query>) -> Result<Vec<Entity>> {
        let include = Include::scoped(self.relation.name.as_str(), query.into());
        let whole = Query::new()
            .fields(self.parent.target.key_names())
            .include(include);
        let found = self.parent.find_by_id_with(self.key.clone(), whole).await?;
        let mut record = found.ok_or_else(|| self.parent.target.no_record(&self.key))?;
        Ok(match record.remove_related(&self.relation.name) {
            Some(Related::Many(parts)) => parts,
            Some(Related::One(part)) => part.into_iter().map(|part| *part).collect(),
            None => Vec::new(),
        })
    }

    /// The one that is embedded, or the first.
    ///
    /// # Errors
    /// As [`EmbeddedDao::find`].
    pub async fn get(&self) -> Result<Option<Entity>> {
        let found = self.find(Query::new().limit(1)).await?;
        Ok(found.into_iter().next())
    }

    /// Adds one, behind the others, and returns it with its defaults.
    ///
    /// # Errors
    /// `validation`, `duplicate` where there is one of its key or there can be only one, `not-found` where there is
    /// no record to add it to, and `conflict` where others changed it all the time.
    pub async fn add(&self, record: Entity) -> Result<Entity> {
        let record = self.related.new_record(record)?;
        self.change(|parts| {
            let key = self.related.target.model.key_of(&record);
            let is_taken = parts
                .iter()
                .any(|part| key.is_some() && self.related.target.model.key_of(part) == key);
            if is_taken || !(self.relation.is_many() || parts.is_empty()) {
                return Err(Error::new(
                    ErrorKind::Duplicate,
                    format!("{} has it already", self.relation.name),
                )
                .remedy("change that one, or remove it first"));
            }
            parts.push(record.clone());
            Ok(1)
        })
        .await?;
        Ok(self.related.target.shown(record))
    }

    /// Sets properties of every match among them, and returns how many matched.
    ///
    /// # Errors
    /// As [`EmbeddedDao::add`], and `invalid` where the filter doesn't fit their model.
    pub async fn update(&self, filter: Filter, changes: Entity) -> Result<u64> {
        let changes = self.related.changes(changes)?;
        let matcher = self.matcher(filter).await?;
        self.change(|parts| {
            let mut matched = 0;
            for part in parts.iter_mut().filter(|part| matcher.matches(part)) {
                part.merge(changes.clone());
                matched += 1;
            }
            Ok(matched)
        })
        .await
    }

    /// Removes every match among them, and returns how many there were.
    ///
    /// # Errors
    /// As [`EmbeddedDao::update`].
    pub async fn remove(&self, filter: Filter) -> Result<u64> {
        let matcher = self.matcher(filter).await?;
        self.change(|parts| {
            let before = parts.len();
            parts.retain(|part| !matcher.matches(part));
            Ok((before - parts.len()) as u64)
        })
        .await
    }

    async fn matcher(&self, filter: Filter) -> Result<Matcher> {
        let filter = self.related.target.prepare_filter(filter).await?;
        Matcher::new(&filter).map_err(|cause| Error::new(ErrorKind::Unsupported, cause.to_string()))
    }

    /// Changes them all at once, and writes them where anything changed.
    async fn change(&self, change: impl Fn(&mut Vec<Entity>) -> Result<u64>) -> Result<u64> {
        for _ in 0..TRIES {
            let record = Box::pin(self.parent.demand_whole(&self.key)).await?;
            let before = record.get(&self.property).cloned().unwrap_or_default();
            let embedded = self
                .relation
                .embedded(&record, &self.related.target.model)
                .map_err(|cause| Error::new(ErrorKind::Backend, cause))?;
            let mut parts = match embedded {
                Some(Related::Many(parts)) => parts,
                Some(Related::One(part)) => part.into_iter().map(|part| *part).collect(),
                None => Vec::new(),
            };
            let changed = change(&mut parts)?;
            if changed == 0 || self.write(before, parts).await? {
                return Ok(changed);
            }
        }
        Err(Error::new(
            ErrorKind::Conflict,
            format!("others changed {} all the time", self.relation.name),
        )
        .remedy("try it again"))
    }

    /// Writes them where nobody else has meanwhile.
    async fn write(&self, before: Value, parts: Vec<Entity>) -> Result<bool> {
        let parts = if self.relation.is_many() {
            Related::Many(parts)
        } else {
            Related::One(parts.into_iter().next().map(Box::new))
        };
        let unchanged = Filter::compare(self.property.as_str(), Comparison::Equal, before);
        let filter = self.parent.has_key(&self.key).and(unchanged);
        let changes = Entity::new().with(self.property.as_str(), parts.to_embedded());
        // The property may be hidden, and its owner is trusted with it.
        let parent = self.parent.with_hidden();
        Ok(parent.update(filter, changes).await? > 0)
    }
}
