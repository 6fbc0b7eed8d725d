//! A model's records as values of a Rust type, through serde.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tenon_model::{Entity, Filter, Key, Query};

use super::{Dao, EntityStream};
use crate::error::{Error, ErrorKind, Result};

/// Access to the records of one model, as values of `T`.
pub struct TypedDao<T> {
    dao: Dao,
    record: PhantomData<fn() -> T>,
}

impl<T> Clone for TypedDao<T> {
    fn clone(&self) -> Self {
        Self::new(self.dao.clone())
    }
}

impl<T> TypedDao<T> {
    pub(super) fn new(dao: Dao) -> Self {
        Self {
            dao,
            record: PhantomData,
        }
    }

    /// The same records without a type.
    pub fn untyped(&self) -> &Dao {
        &self.dao
    }
}

impl<T: Serialize + DeserializeOwned> TypedDao<T> {
    /// As [`Dao::create`].
    ///
    /// # Errors
    /// As there, and `invalid` where serde can't make a record of it.
    pub async fn create(&self, record: &T) -> Result<T> {
        from_entity(&self.dao.create(self.to_entity(record)?).await?)
    }

    /// As [`Dao::create_all`].
    ///
    /// # Errors
    /// As there.
    pub async fn create_all(&self, records: &[T]) -> Result<Vec<T>> {
        let records = records
            .iter()
            .map(|record| self.to_entity(record))
            .collect::<Result<Vec<_>>>()?;
        self.dao
            .create_all(records)
            .await?
            .iter()
            .map(from_entity)
            .collect()
    }

    /// As [`Dao::find_by_id`].
    ///
    /// # Errors
    /// As there, and `invalid` where the record does not make a `T`.
    pub async fn find_by_id(&self, key: impl Into<Key>) -> Result<Option<T>> {
        self.dao
            .find_by_id(key)
            .await?
            .as_ref()
            .map(from_entity)
            .transpose()
    }

    /// As [`Dao::find_by_id_with`].
    ///
    /// # Errors
    /// As there, and `invalid` where the record does not make a `T`.
    pub async fn find_by_id_with(
        &self,
        key: impl Into<Key>,
        query: impl Into<Query>,
    ) -> Result<Option<T>> {
        self.dao
            .find_by_id_with(key, query)
            .await?
            .as_ref()
            .map(from_entity)
            .transpose()
    }

    /// As [`Dao::find`].
    pub fn find(&self, query: impl Into<Query>) -> TypedStream<T> {
        TypedStream {
            entities: self.dao.find(query),
            record: PhantomData,
        }
    }

    /// As [`Dao::find_one`].
    ///
    /// # Errors
    /// As there.
    pub async fn find_one(&self, query: impl Into<Query>) -> Result<Option<T>> {
        self.dao
            .find_one(query)
            .await?
            .as_ref()
            .map(from_entity)
            .transpose()
    }

    /// As [`Dao::count`].
    ///
    /// # Errors
    /// As there.
    pub async fn count(&self, filter: Filter) -> Result<u64> {
        self.dao.count(filter).await
    }

    /// As [`Dao::save`].
    ///
    /// # Errors
    /// As there.
    pub async fn save(&self, record: &T) -> Result<T> {
        from_entity(&self.dao.save(self.to_entity(record)?).await?)
    }

    /// As [`Dao::destroy`].
    ///
    /// # Errors
    /// As there.
    pub async fn destroy(&self, key: impl Into<Key>) -> Result<bool> {
        self.dao.destroy(key).await
    }

    fn to_entity(&self, record: &T) -> Result<Entity> {
        Entity::serialize(record, Some(self.dao.model())).map_err(Error::from)
    }
}

fn from_entity<T: DeserializeOwned>(record: &Entity) -> Result<T> {
    record.deserialize().map_err(|cause| {
        Error::new(
            ErrorKind::Invalid,
            format!(
                "the record does not make a {}: {cause}",
                std::any::type_name::<T>()
            ),
        )
    })
}

/// The records of a query as values of `T`.
pub struct TypedStream<T> {
    entities: EntityStream,
    record: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> TypedStream<T> {
    /// The next record; none at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        let record = self.entities.next().await?;
        Some(record.and_then(|record| from_entity(&record)))
    }

    /// All the records that are left.
    ///
    /// # Errors
    /// The first that the query meets.
    pub async fn collect(mut self) -> Result<Vec<T>> {
        let mut records = Vec::new();
        while let Some(record) = self.next().await {
            records.push(record?);
        }
        Ok(records)
    }
}

impl<T: DeserializeOwned> Stream for TypedStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        Pin::new(&mut self.entities)
            .poll_next(context)
            .map(|next| next.map(|record| record.and_then(|record| from_entity(&record))))
    }
}
