//! The operations on a model: what an application does with its records.
//!
//! Data are checked against the model before a connector sees them, and what it returns is held against the
//! model too. What a connector doesn't do is done with what it does.

mod fallback;
mod reader;
mod shape;
mod stream;
mod trace;
mod typed;
mod whole;
mod write;

use std::sync::{Arc, Weak};

use tenon_model::contract::Effect;
use tenon_model::{Entity, Filter, Key, Model, Query};

use crate::catalogue::Catalogue;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Explanation, Plan};
use crate::pool::Pool;
use crate::session::{Call, Count, Definition, Exists, Find, Open};
use crate::transaction::Shared;

use reader::Reader;
pub(crate) use shape::Shape;
pub use stream::EntityStream;
pub(crate) use trace::traced_on;
use trace::{Operation, traced};
pub use typed::{TypedDao, TypedStream};
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
    /// What its operations are a part of.
    pub transaction: Option<Arc<Shared>>,
}

impl Target {
    async fn pool(&self) -> Result<Arc<Pool>> {
        self.source.pool().await
    }

    /// Makes one call: in the transaction, or on any session.
    async fn call<C: Call>(&self, call: C) -> Result<C::Output> {
        match &self.transaction {
            // Boxed, so that the usual way stays small.
            Some(transaction) => Box::pin(transaction.call(call)).await,
            None => self.pool().await?.call(call).await,
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

    /// The model, with the key that it was given where it declares none.
    pub fn model(&self) -> &Model {
        &self.target.model
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
            let find = Find {
                definition: Arc::clone(&self.target.definition),
                id: key.as_contract().clone(),
            };
            match self.target.call(find).await {
                Ok(None) => Ok(None),
                Ok(Some(record)) => self.target.shape.record(record).map(Some),
                Err(error) if unsupported(&error) => self.find_through_all(&key).await,
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Whether there is a record of that key.
    ///
    /// # Errors
    /// As [`Dao::find_by_id`].
    pub async fn exists(&self, key: impl Into<Key>) -> Result<bool> {
        let key = key.into();
        traced(&self.target, "exists", async {
            let key = self.target.model.check_key(key)?;
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

    /// The records that a query asks for, as a stream.
    ///
    /// A mistake in the query is the stream's first item.
    pub fn find(&self, query: impl Into<Query>) -> EntityStream {
        let reader = self.reader(query.into());
        EntityStream::new(reader, Operation::start(&self.target, "find"))
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
            let filter = self.check_filter(filter)?;
            let count = Count {
                definition: Arc::clone(&self.target.definition),
                filter: filter.to_nodes(),
            };
            match self.target.call(count).await {
                Err(error) if unsupported(&error) => self.count_through_all(filter).await,
                result => result,
            }
        })
        .await
    }

    /// Who would do what of a query. It opens the query, and reads nothing.
    ///
    /// # Errors
    /// As [`Dao::find_one`].
    pub async fn explain(&self, query: impl Into<Query>) -> Result<Explanation> {
        let query = query.into();
        traced(&self.target, "explain", async {
            let plan = self.plan(query)?;
            let open = Open {
                definition: Arc::clone(&self.target.definition),
                query: plan.sent.clone(),
                page_rows: 1,
                explain: true,
            };
            let opened = self.target.call(open).await?;
            Explanation::new(&plan, opened.done)
        })
        .await
    }

    fn plan(&self, query: Query) -> Result<Plan> {
        let query = query
            .check(&self.target.model)
            .map_err(|problems| self.wrong_filter(problems))?;
        Ok(Plan::new(&self.target.model, query))
    }

    fn reader(&self, query: Query) -> Result<Reader> {
        Ok(Reader::new(Arc::clone(&self.target), self.plan(query)?))
    }

    fn check_filter(&self, filter: Filter) -> Result<Filter> {
        filter
            .check(&self.target.model)
            .map_err(|problems| self.wrong_filter(problems))
    }

    fn wrong_filter(&self, problems: tenon_model::Problems) -> Error {
        Error::with_problems(
            ErrorKind::Invalid,
            format!(
                "the filter does not fit the model {}",
                self.target.model.name
            ),
            problems,
        )
    }
}

/// Whether a connector doesn't do something, and has done nothing: then the runtime does it another way.
fn unsupported(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported && error.effect() == Effect::Nothing
}
