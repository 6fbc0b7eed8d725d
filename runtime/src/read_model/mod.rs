//! Read models: what event-sourced programs fold their events into, kept by a data source.
//!
//! Each use is bracketed: opening takes the read model's lock, closing gives it back. Whoever forgets to close is
//! closed by the session's next holder; whoever holds without using is closed after the data source's
//! `idle-timeout`. Another's lock is the error `conflict`, which says whose it is and how old.

mod documents;
mod place;
mod store;
mod tables;

use std::sync::Arc;

use crate::capability::Capability;
use crate::dao::traced_on;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result};

pub use store::ReadModelStore;
pub use tables::{Edit, IndexKind, Table};

/// A read model of a data source. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ReadModel {
    name: Arc<str>,
    source: Arc<DataSource>,
}

impl ReadModel {
    pub(crate) fn new(name: &str, source: Arc<DataSource>) -> Result<Self> {
        if !source.connector().has(Capability::ReadModel) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the connector {} keeps no read models: it does not export `read-model`",
                    source.connector().manifest().name
                ),
            )
            .remedy(format!(
                "attach the read model {name} to a data source of one that does, such as json-files"
            ))
            .at(source.name()));
        }
        Ok(Self {
            name: name.into(),
            source,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The data source that keeps it.
    pub fn data_source(&self) -> &DataSource {
        &self.source
    }

    /// Opens its store and takes its lock. Close the store when it is done with; [`ReadModel::with`] does so by
    /// itself.
    ///
    /// # Errors
    /// `conflict` where another holds the lock, with the details `lock-owner` and `lock-age` (milliseconds) as far
    /// as the connector knows them. It does not wait for the other: try again later.
    pub async fn open(&self) -> Result<ReadModelStore> {
        traced_on(&self.source, &self.name, "read-model-open", async {
            ReadModelStore::open(Arc::clone(&self.name), Arc::clone(&self.source)).await
        })
        .await
    }

    /// Opens its store, works with it, and closes it whatever comes of the work.
    ///
    /// # Errors
    /// As [`ReadModel::open`], the work's own, and what closing the store reports.
    pub async fn with<R, E: From<Error>>(
        &self,
        work: impl AsyncFnOnce(&ReadModelStore) -> Result<R, E>,
    ) -> Result<R, E> {
        let store = self.open().await?;
        let outcome = work(&store).await;
        let closed = store.close().await;
        // The first failure is the one to know of.
        let result = outcome?;
        closed?;
        Ok(result)
    }

    /// Removes its data: its state and its tables.
    ///
    /// # Errors
    /// As [`ReadModel::open`], and whatever the backend reports.
    pub async fn drop_data(&self) -> Result<()> {
        self.open().await?.drop_data().await
    }
}
