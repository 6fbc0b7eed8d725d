//! Relations that lead to one record: `belongsTo` and `hasOne`.

use tenon_model::contract::Effect;
use tenon_model::{Entity, Filter, Key, Query, Value};

use super::{RelationDao, Way};
use crate::dao::Dao;
use crate::dao::fallback::after;
use crate::dao::relations::tuple;
use crate::error::{Error, ErrorKind, Result};

impl RelationDao {
    /// The record that the relation leads to; the first where there are several.
    ///
    /// # Errors
    /// As [`RelationDao::find_one`].
    pub async fn get(&self) -> Result<Option<Entity>> {
        self.find_one(Query::new()).await
    }

    /// Has the relation lead to the record of that key, or to none. What it has led to before is let go.
    ///
    /// # Errors
    /// `invalid` where it leads to many, `not-found` where there is no such record or none that the relation begins at,
    /// `validation` where the foreign key can't be null or is a part of the key. Where the effect is `partial`, what it
    /// has led to before is let go.
    pub async fn set(&self, key: Option<Key>) -> Result<()> {
        if self.relation.is_many() {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("{} leads to many records", self.relation.name),
            )
            .remedy("create them through it, or link them where there is a model in between"));
        }
        let key = match key {
            Some(key) => Some(self.related.target.model.check_key(key)?),
            None => None,
        };
        match &self.way {
            Way::Own { names, theirs } => {
                let values = match key {
                    Some(key) => self.values_of(&key, theirs).await?,
                    None => vec![Value::Null; names.len()],
                };
                self.hold(names, values).await
            }
            Way::Theirs { names, values } => {
                Box::pin(self.demand_parent()).await?;
                let giving =
                    |related: Dao| async move { self.give(&related, key, names, values).await };
                Box::pin(self.related.together(giving)).await
            }
            Way::Between { .. } => Ok(()),
        }
    }

    /// Lets go of the record that holds these values, and has that of the key hold them.
    async fn give(
        &self,
        related: &Dao,
        key: Option<Key>,
        names: &[String],
        values: &[Value],
    ) -> Result<()> {
        let mut others = Filter::all();
        if let Some(key) = &key {
            Box::pin(related.demand_whole(key)).await?;
            others = Filter::NoneOf(vec![related.has_key(key)]);
        }
        let others = self.restriction.filter().await?.and(others);
        let mut let_go = 0;
        // A foreign key that can't be null is a failure only where there is one to let go.
        if related.count_prepared(others.clone()).await? > 0 {
            let none = names.iter().map(|name| (name.as_str(), Value::Null));
            let none = related.changes(none.collect())?;
            let_go = related.update_prepared(others, none).await?;
        }
        if let Some(key) = key {
            let held = names.iter().map(String::as_str).zip(values.iter().cloned());
            let set = related.update_attributes(key, held.collect()).await;
            set.map_err(|error| after(let_go, error))?;
        }
        Ok(())
    }

    /// Makes a record that the one that the relation begins at belongs to.
    pub(super) async fn create_owned(
        &self,
        record: Entity,
        names: &[String],
        theirs: &[String],
    ) -> Result<Entity> {
        // That it can't be held is known before it is made.
        let nulls = names.iter().map(|name| (name.as_str(), Value::Null));
        let mut probe: Entity = nulls.collect();
        probe.retain(|name| {
            let property = self.parent.target.model.find_property(name);
            property.is_some_and(|property| property.key.is_some())
        });
        self.parent.changes(probe)?;
        let created = self.related.create(record).await?;
        let values = match tuple(&created, theirs) {
            Some(values) => values,
            // A hidden one isn't in the answer.
            None => {
                self.values_of(&self.related.key_of(&created)?, theirs)
                    .await?
            }
        };
        let held = self.hold(names, values).await;
        held.map_err(|error| error.effect_is(Effect::Partial))?;
        Ok(created)
    }

    async fn values_of(&self, key: &Key, theirs: &[String]) -> Result<Vec<Value>> {
        let record = Box::pin(self.related.demand_whole(key)).await?;
        tuple(&record, theirs).ok_or_else(|| {
            Error::new(
                ErrorKind::Invalid,
                format!(
                    "the {} has no {}, so that nothing can belong to it",
                    self.related.target.model.name,
                    theirs.join(", ")
                ),
            )
        })
    }

    /// Has the record that the relation begins at hold these values.
    async fn hold(&self, names: &[String], values: Vec<Value>) -> Result<()> {
        let values = names.iter().map(String::as_str).zip(values);
        let parent = &self.parent;
        parent
            .update_attributes(self.key.clone(), values.collect())
            .await
            .map(drop)
    }
}
