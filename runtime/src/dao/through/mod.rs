//! Records through a relation: those that it leads to from one record, and no others.
//!
//! What is made here belongs to that record, and what belongs to another isn't there. Where a change takes two
//! writes, the second may fail without the first, and its error says that the effect is partial; what can be is done
//! in one transaction.

mod embedded;
mod linking;
mod one;

use std::sync::Arc;

use tenon_model::contract::Effect;
use tenon_model::{Entity, Filter, Key, Query, Relation, RelationKind, Value, equal};

use super::relations::{Restriction, bounded, holding, tuple};
use super::rows::Rows;
use super::trace::{Operation, traced};
use super::{Dao, EntityStream};
use crate::error::{Error, ErrorKind, Result};

pub use embedded::EmbeddedDao;

/// Access to the records that a relation leads to from one record.
#[derive(Clone)]
pub struct RelationDao {
    parent: Dao,
    key: Key,
    relation: Relation,
    related: Dao,
    way: Way,
    restriction: Arc<Restriction>,
}

/// How a relation leads from one record to others.
#[derive(Clone)]
enum Way {
    /// They hold these values of the record's.
    Theirs {
        names: Vec<String>,
        values: Vec<Value>,
    },
    /// The record holds theirs.
    Own {
        names: Vec<String>,
        theirs: Vec<String>,
    },
    /// Records of a model in between hold both.
    Between {
        dao: Dao,
        /// That one in between is of the record.
        own: Vec<(String, Value)>,
        names: Vec<String>,
    },
}

impl Dao {
    /// The records that a relation leads to from the record of that key. Embedded ones are at [`Dao::embedded`].
    ///
    /// # Errors
    /// `invalid` where the model has no such relation or the key is not the model's, and what keeps the related
    /// model's connector from loading.
    pub async fn related(&self, key: impl Into<Key>, relation: &str) -> Result<RelationDao> {
        let key = self.target.model.check_key(key.into())?;
        let relation = self.target.relation(relation)?.clone();
        let related = self.target.related(&relation.model).await?;
        let way = Box::pin(self.way(&key, &relation, &related)).await?;
        let restriction = match &way {
            Way::Theirs { names, values } => Restriction::Holding(holding(names, values)),
            Way::Own { names, theirs } => Restriction::Held {
                parent: self.clone(),
                key: key.clone(),
                own: names.clone(),
                theirs: theirs.clone(),
            },
            Way::Between { dao, own, .. } => Restriction::Through {
                related: related.clone(),
                between: dao.clone(),
                through: relation.through().cloned().unwrap_or_default(),
                own: Filter::AllOf(
                    own.iter()
                        .map(|(name, value)| Filter::equal(name.as_str(), value.clone()))
                        .collect(),
                ),
            },
        };
        Ok(RelationDao {
            parent: self.clone(),
            restriction: Arc::new(restriction),
            key,
            relation,
            related,
            way,
        })
    }

    async fn way(&self, key: &Key, relation: &Relation, related: &Dao) -> Result<Way> {
        Ok(match &relation.kind {
            RelationKind::BelongsTo(keys) => Way::Own {
                names: keys.foreign_key.clone(),
                theirs: keys.primary_key.clone(),
            },
            RelationKind::HasOne(keys) | RelationKind::HasMany(keys) => {
                let values = if keys.primary_key == self.target.key_names() {
                    key.values().to_vec()
                } else {
                    let record = self.demand_whole(key).await?;
                    tuple(&record, &keys.primary_key).ok_or_else(|| {
                        let names = keys.primary_key.join(", ");
                        Error::new(
                            ErrorKind::Invalid,
                            format!("the record has no {names}, so that nothing can belong to it"),
                        )
                    })?
                };
                Way::Theirs {
                    values: related.fitting(&keys.foreign_key, values)?,
                    names: keys.foreign_key.clone(),
                }
            }
            RelationKind::HasManyThrough(through) | RelationKind::HasAndBelongsToMany(through) => {
                let dao = self.target.related(&through.model).await?;
                let values = dao.fitting(&through.foreign_key, key.values().to_vec())?;
                Way::Between {
                    own: through.foreign_key.iter().cloned().zip(values).collect(),
                    names: through.through_key.clone(),
                    dao,
                }
            }
            RelationKind::EmbedsOne { .. } | RelationKind::EmbedsMany { .. } => {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!("what {} leads to is embedded in the record", relation.name),
                )
                .remedy("use the operations for embedded records"));
            }
        })
    }

    /// Values in the kinds of these properties.
    fn fitting(&self, names: &[String], values: Vec<Value>) -> Result<Vec<Value>> {
        let kind = |name: &String| {
            let property = self.target.model.find_property(name);
            property.map_or(tenon_model::PropertyType::Any, |property| property.kind)
        };
        names
            .iter()
            .zip(values)
            .map(|(name, value)| {
                tenon_model::coerce(value, kind(name)).map_err(|cause| {
                    Error::new(
                        ErrorKind::Invalid,
                        format!("{}.{name} can't hold it: {cause}", self.target.model.name),
                    )
                })
            })
            .collect()
    }

    /// The record as it is stored, where the default scope has it.
    pub(super) async fn demand_whole(&self, key: &Key) -> Result<Entity> {
        let is_there = !self.target.has_scope() || self.is_in_scope(key).await?;
        let found = if is_there {
            self.find_whole(key).await?
        } else {
            None
        };
        found.ok_or_else(|| self.target.no_record(key))
    }
}

impl RelationDao {
    /// The relation.
    pub fn relation(&self) -> &Relation {
        &self.relation
    }

    /// Access to all of the related model's records.
    pub fn model(&self) -> &Dao {
        &self.related
    }

    /// Those that a query asks for, as [`Dao::find`].
    pub fn find(&self, query: impl Into<Query>) -> EntityStream {
        let target = &self.related.target;
        let restriction = Arc::clone(&self.restriction);
        let rows = Rows::restricted(Arc::clone(target), query.into(), restriction);
        EntityStream::new(rows, Operation::start(target, "find"))
    }

    /// The first that a query asks for.
    ///
    /// # Errors
    /// As [`Dao::find_one`].
    pub async fn find_one(&self, query: impl Into<Query>) -> Result<Option<Entity>> {
        let query = query.into();
        let limit = query.limit.map_or(1, |limit| limit.min(1));
        self.find(query.limit(limit)).next().await.transpose()
    }

    /// The record of that key, where it is one of them.
    ///
    /// # Errors
    /// As [`Dao::find_by_id`].
    pub async fn find_by_id(&self, key: impl Into<Key>) -> Result<Option<Entity>> {
        let filter = self.with_key(key.into())?;
        self.find(filter).next().await.transpose()
    }

    /// How many of them match.
    ///
    /// # Errors
    /// As [`Dao::count`].
    pub async fn count(&self, filter: Filter) -> Result<u64> {
        traced(&self.related.target, "count", async {
            let filter = Box::pin(self.restricted(filter)).await?;
            self.related.count_prepared(filter).await
        })
        .await
    }

    /// Whether the record of that key is one of them.
    ///
    /// # Errors
    /// As [`Dao::exists`].
    pub async fn exists(&self, key: impl Into<Key>) -> Result<bool> {
        let filter = self.with_key(key.into())?;
        Ok(self.count(filter).await? > 0)
    }

    /// Stores a new record that belongs to the one that the relation begins at: its foreign key is set, or the record
    /// in between made.
    ///
    /// # Errors
    /// As [`Dao::create`]; `not-found` where there is no record to belong to, `validation` where the new one says
    /// that it belongs to another, `duplicate` where there can be only one. Where the effect is `partial`, the new
    /// record is stored and doesn't belong to the other.
    pub async fn create(&self, record: Entity) -> Result<Entity> {
        Box::pin(self.demand_parent()).await?;
        match &self.way {
            Way::Theirs { names, values } => {
                if !self.relation.is_many() && self.count(Filter::all()).await? > 0 {
                    return Err(self.taken());
                }
                let record = self.belonging(record, names, values)?;
                self.related.create(record).await
            }
            Way::Own { names, theirs } => self.create_owned(record, names, theirs).await,
            Way::Between { .. } => {
                let created = self.related.create(record).await?;
                let key = self.related.key_of(&created)?;
                let linked = self.link(key).await;
                linked.map_err(|error| error.effect_is(Effect::Partial))?;
                Ok(created)
            }
        }
    }

    /// Sets properties of every match among them, and returns how many matched.
    ///
    /// # Errors
    /// As [`Dao::update`], and `validation` where the changes would take them to another record.
    pub async fn update(&self, filter: Filter, changes: Entity) -> Result<u64> {
        if let Way::Theirs { names, values } = &self.way {
            self.belonging(changes.clone(), names, values)?;
        }
        traced(&self.related.target, "update", async {
            let filter = Box::pin(self.restricted(filter)).await?;
            let data = self.related.changes(changes)?;
            self.related.update_prepared(filter, data).await
        })
        .await
    }

    /// Deletes every match among them, with what links them to any record, and returns how many there were.
    ///
    /// # Errors
    /// As [`Dao::destroy_all`]. Where the effect is `partial`, some of them are deleted, and links to them may be left.
    pub async fn destroy_all(&self, filter: Filter) -> Result<u64> {
        traced(&self.related.target, "destroy-all", async {
            let filter = Box::pin(self.restricted(filter)).await?;
            match &self.way {
                Way::Between { dao, names, .. } => {
                    Box::pin(self.destroy_linked(filter, dao, names)).await
                }
                _ => self.related.destroy_prepared(filter).await,
            }
        })
        .await
    }

    /// Deletes the record of that key, where it is one of them. Tells whether it was.
    ///
    /// # Errors
    /// As [`Dao::destroy_all`].
    pub async fn destroy(&self, key: impl Into<Key>) -> Result<bool> {
        let filter = self.with_key(key.into())?;
        Ok(self.destroy_all(filter).await? > 0)
    }

    fn with_key(&self, key: Key) -> Result<Filter> {
        let key = self.related.target.model.check_key(key)?;
        Ok(self.related.has_key(&key))
    }

    async fn restricted(&self, filter: Filter) -> Result<Filter> {
        let filter = self.related.target.prepare_filter(filter).await?;
        bounded(self.restriction.filter().await?.and(filter))
    }

    async fn demand_parent(&self) -> Result<()> {
        if self.parent.exists(self.key.clone()).await? {
            Ok(())
        } else {
            Err(self.parent.target.no_record(&self.key))
        }
    }

    /// The record with these values in its foreign key.
    fn belonging(&self, mut record: Entity, names: &[String], values: &[Value]) -> Result<Entity> {
        for (name, value) in names.iter().zip(values) {
            if let Some(given) = record.get(name) {
                let fits = self
                    .related
                    .fitting(std::slice::from_ref(name), vec![given.clone()]);
                let is_same = fits.is_ok_and(|fits| fits.iter().all(|given| equal(given, value)));
                if !is_same {
                    return Err(self.another());
                }
            }
            record.set(name.as_str(), value.clone());
        }
        Ok(record)
    }

    fn another(&self) -> Error {
        Error::new(
            ErrorKind::Validation,
            format!(
                "it would belong to another {} than the one that {} begins at",
                self.parent.target.model.name, self.relation.name
            ),
        )
        .remedy("leave the foreign key out: the relation sets it")
    }

    fn taken(&self) -> Error {
        Error::new(
            ErrorKind::Duplicate,
            format!(
                "the {} has its {} already",
                self.parent.target.model.name, self.relation.name
            ),
        )
        .remedy("change that one, or delete it first")
    }
}

impl Dao {
    fn key_of(&self, record: &Entity) -> Result<Key> {
        self.target.model.key_of(record).ok_or_else(|| {
            Error::new(
                ErrorKind::Backend,
                "the connector returned a record without its key",
            )
        })
    }
}
