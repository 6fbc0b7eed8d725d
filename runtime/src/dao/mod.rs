//! The operations on a model: what an application does with its records.
//!
//! Data are checked against the model before a connector sees them, and what it returns is held against the
//! model too. What a connector doesn't do is done with what it does.

mod aggregate;
mod fallback;
mod prepare;
mod reader;
mod relations;
mod rows;
mod shape;
mod stream;
mod through;
pub(crate) mod trace;
mod typed;
mod upsert;
mod versions;
mod whole;
mod withheld;
mod write;

use std::sync::{Arc, Weak};

use tenon_model::contract::Effect;
use tenon_model::{Entity, Filter, Key, Model, Query};

use crate::catalogue::Catalogue;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::plan::Explanation;
use crate::pool::Pool;
use crate::session::{Attempt, Count, Definition, Exists, Find, Open};
use crate::transaction::Shared;

use relations::{Restriction, Rewriting};
use rows::Rows;
pub(crate) use shape::Shape;
pub use stream::EntityStream;
pub use through::{EmbeddedDao, RelationDao};
pub(crate) use trace::traced_on;
use trace::{Operation, traced};
pub use typed::{TypedDao, TypedStream};
pub use upsert::{FindsOrWrites, Outcome};
pub(crate) use whole::Collector;

/// A model on its data source.
#[derive(Clone)]
pub(crate) struct Target {
    pub source: Arc<DataSource>,
    pub model: Arc<Model>,
    pub definition: Arc<Definition>,
    pub shape: Shape,
    /// The other models, as long as the runtime lives.
    pub catalogue: Weak<Catalogue>,
    /// The turns of those who find or write by a filter, in this process.
    pub turns: Arc<tokio::sync::Mutex<()>>,
    /// What its operations are a part of.
    pub transaction: Option<Arc<Shared>>,
    /// Whether the model's default scope counts.
    pub scoped: bool,
    /// Whether hidden properties may be named and handed out.
    pub sees_hidden: bool,
    /// Whether there is anything to hide.
    pub hides: bool,
    /// Whether a replacement leaves some properties as they are stored.
    pub carries_over: bool,
}

impl Target {
    async fn pool(&self) -> Result<Arc<Pool>> {
        self.source.pool().await
    }

    /// What its operations may use.
    async fn limits(&self) -> Result<Limits> {
        Ok(match &self.transaction {
            Some(transaction) => transaction.limits().clone(),
            None => self.pool().await?.limits().clone(),
        })
    }

    /// Makes one call: once in the transaction, or on any session, and again where it came to nothing there.
    async fn call<A: Attempt>(&self, call: A) -> Result<A::Output> {
        match &self.transaction {
            // Boxed, so that the usual way stays small.
            Some(transaction) => Box::pin(transaction.call(call)).await,
            None => self.pool().await?.attempt(call).await,
        }
    }

    /// The record's own name in a message.
    fn no_record(&self, key: &Key) -> Error {
        let parts = key.values().iter().map(|value| value.to_json().to_string());
        Error::new(
            ErrorKind::NotFound,
            format!(
                "there is no {} with the key {}",
                self.model.name,
                parts.collect::<Vec<_>>().join(", ")
            ),
        )
    }
}

/// Access to the records of one model. Cheap to clone.
#[derive(Clone)]
pub struct Dao {
    target: Arc<Target>,
}

impl Dao {
    pub(crate) fn new(target: Target) -> Self {
        Self {
            target: Arc::new(target),
        }
    }

    /// The same records, within a transaction.
    pub(crate) fn within(&self, transaction: Arc<Shared>) -> Self {
        Self::new(Target {
            transaction: Some(transaction),
            ..Target::clone(&self.target)
        })
    }

    /// Whether it is on that very data source, and not on another runtime's of the same name.
    pub(crate) fn is_on(&self, source: &Arc<DataSource>) -> bool {
        Arc::ptr_eq(&self.target.source, source)
    }

    /// All of the model's records, whatever its default scope says.
    #[must_use]
    pub fn unscoped(&self) -> Self {
        Self::new(Target {
            scoped: false,
            ..Target::clone(&self.target)
        })
    }

    /// The same records with their hidden properties, which queries may name then too: for code that is trusted
    /// with them. It holds for related records that are loaded with these.
    #[must_use]
    pub fn with_hidden(&self) -> Self {
        Self::new(Target {
            sees_hidden: true,
            hides: false,
            ..Target::clone(&self.target)
        })
    }

    /// The model, with the key that it was given where it declares none.
    pub fn model(&self) -> &Model {
        &self.target.model
    }

    /// What a connector is told of the model.
    pub(crate) fn definition(&self) -> &Arc<Definition> {
        &self.target.definition
    }

    /// The data source that the model is attached to.
    pub fn data_source(&self) -> &DataSource {
        &self.target.source
    }

    /// The same records as values of a Rust type.
    pub fn typed<T>(&self) -> TypedDao<T> {
        TypedDao::new(self.clone())
    }

    /// The record of that key; none where there is none.
    ///
    /// # Errors
    /// `invalid` where the key is not the model's, and whatever the backend reports.
    pub async fn find_by_id(&self, key: impl Into<Key>) -> Result<Option<Entity>> {
        let key = key.into();
        traced(&self.target, "find-by-id", async {
            let key = self.target.model.check_key(key)?;
            if self.target.has_scope() {
                return Box::pin(self.find_within_scope(key, Query::new())).await;
            }
            let found = self.find_whole(&key).await?;
            Ok(found.map(|record| self.target.shown(record)))
        })
        .await
    }

    /// The record of that key as a query wants it: its fields, with the relations that it includes; none where its
    /// filter doesn't match. Order, limit and offset mean nothing for one record.
    ///
    /// # Errors
    /// As [`Dao::find_by_id`], and `invalid` where the query doesn't fit the model.
    pub async fn find_by_id_with(
        &self,
        key: impl Into<Key>,
        query: impl Into<Query>,
    ) -> Result<Option<Entity>> {
        let (key, query) = (key.into(), query.into());
        traced(&self.target, "find-by-id", async {
            let key = self.target.model.check_key(key)?;
            Box::pin(self.find_within_scope(key, query)).await
        })
        .await
    }

    async fn find_within_scope(&self, key: Key, mut query: Query) -> Result<Option<Entity>> {
        let restriction = Restriction::Holding(self.has_key(&key));
        (query.order, query.offset, query.limit) = (Vec::new(), 0, None);
        let mut rows = Rows::restricted(Arc::clone(&self.target), query, Arc::new(restriction));
        while let Some(records) = rows.next().await? {
            if let Some(record) = records.into_iter().next() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The record as it is stored.
    async fn find_whole(&self, key: &Key) -> Result<Option<Entity>> {
        let find = Find {
            definition: Arc::clone(&self.target.definition),
            id: key.as_contract().clone(),
        };
        match self.target.call(find).await {
            Ok(None) => Ok(None),
            Ok(Some(record)) => match self.target.shape.record(record) {
                Ok(record) => Ok(Some(record)),
                Err(error) => Err(self.target.pool().await?.explain(error)),
            },
            Err(error) if unsupported(&error) => self.find_through_all(key).await,
            Err(error) => Err(error),
        }
    }

    /// Whether there is a record of that key.
    ///
    /// # Errors
    /// As [`Dao::find_by_id`].
    pub async fn exists(&self, key: impl Into<Key>) -> Result<bool> {
        let key = key.into();
        traced(&self.target, "exists", async {
            let key = self.target.model.check_key(key)?;
            if self.target.has_scope() {
                return Box::pin(self.is_in_scope(&key)).await;
            }
            let exists = Exists {
                definition: Arc::clone(&self.target.definition),
                id: key.as_contract().clone(),
            };
            match self.target.call(exists).await {
                Err(error) if unsupported(&error) => {
                    Ok(self.find_through_all(&key).await?.is_some())
                }
                result => result,
            }
        })
        .await
    }

    /// Whether the default scope has a record of that key.
    async fn is_in_scope(&self, key: &Key) -> Result<bool> {
        let filter = self.target.prepare_filter(self.has_key(key)).await?;
        Ok(self.count_prepared(filter).await? > 0)
    }

    /// The records that a query asks for, as a stream.
    ///
    /// A mistake in the query is the stream's first item.
    pub fn find(&self, query: impl Into<Query>) -> EntityStream {
        let rows = Rows::new(Arc::clone(&self.target), query.into());
        EntityStream::new(rows, Operation::start(&self.target, "find"))
    }

    /// The first record that a query asks for.
    ///
    /// # Errors
    /// `invalid` where the query doesn't fit the model, and whatever the backend reports.
    pub async fn find_one(&self, query: impl Into<Query>) -> Result<Option<Entity>> {
        let query = query.into();
        let limit = query.limit.map_or(1, |limit| limit.min(1));
        self.find(query.limit(limit)).next().await.transpose()
    }

    /// How many records match.
    ///
    /// # Errors
    /// As [`Dao::find_one`].
    pub async fn count(&self, filter: Filter) -> Result<u64> {
        traced(&self.target, "count", async {
            let filter = self.check_filter(filter).await?;
            self.count_prepared(filter).await
        })
        .await
    }

    async fn count_prepared(&self, filter: Filter) -> Result<u64> {
        let count = Count {
            definition: Arc::clone(&self.target.definition),
            filter: filter.to_nodes(),
        };
        match self.target.call(count).await {
            Err(error) if unsupported(&error) => self.count_through_all(filter).await,
            result => result,
        }
    }

    /// Who would do what of a query. It opens the query, and reads nothing but the keys of related records that a
    /// filter asks for. What its queries say of hidden properties is left out, unless they may be seen.
    ///
    /// # Errors
    /// As [`Dao::find_one`].
    pub async fn explain(&self, query: impl Into<Query>) -> Result<Explanation> {
        let query = query.into();
        traced(&self.target, "explain", async {
            let mut rewriting = Rewriting::remembering();
            let query = Box::pin(self.target.prepare_by(query, &mut rewriting)).await?;
            let plan = self.target.plan(query);
            let open = Open {
                definition: Arc::clone(&self.target.definition),
                query: plan.sent.clone(),
                page_rows: 1,
                explain: true,
            };
            let opened = self.target.call(open).await?;
            let mut explanation = Explanation::new(&plan, opened.done, rewriting.into_reads())?;
            (explanation.query, explanation.withheld) =
                self.target.showable(explanation.query).await?;
            Ok(explanation)
        })
        .await
    }

    /// A filter that is ready for a connector: checked, within the default scope, and without conditions on related
    /// records.
    async fn check_filter(&self, filter: Filter) -> Result<Filter> {
        self.target.prepare_filter(filter).await
    }
}

/// Whether a connector doesn't do something, and has done nothing: then the runtime does it another way.
fn unsupported(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported && error.effect() == Effect::Nothing
}
