//! An open read model: its state as a whole.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;

use super::place::Shared;
use crate::dao::traced_on;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result};
use crate::session::{DropData, GetState, SetState};

/// An open read model, which nobody else has meanwhile. It is either a state as a whole or tables; a connector may
/// have both, or one of the two.
///
/// Dropping it closes it in the background, before the session serves anybody else.
#[must_use = "a store that is dropped is closed"]
pub struct ReadModelStore {
    name: Arc<str>,
    source: Arc<DataSource>,
    pub(super) shared: Shared,
}

impl ReadModelStore {
    pub(super) async fn open(name: Arc<str>, source: Arc<DataSource>) -> Result<Self> {
        let shared = Shared::open(source.pool().await?, name.as_ref().to_owned()).await?;
        Ok(Self {
            name,
            source,
            shared,
        })
    }

    /// The read model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Does one thing with it, and leaves a trace of that.
    pub(super) async fn traced<R>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<R>> + Send,
    ) -> Result<R> {
        traced_on(&self.source, &self.name, operation, async {
            work.await.map_err(|error| error.at(self.source.name()))
        })
        .await
    }

    /// The state; none before the first [`set`](Self::set).
    ///
    /// # Errors
    /// `unsupported` where the connector keeps no states, and whatever the backend reports.
    pub async fn get(&self) -> Result<Option<Json>> {
        self.traced("read-model-get", async {
            let Some(text) = self.shared.call(|store| GetState { store }).await? else {
                return Ok(None);
            };
            serde_json::from_str(&text).map(Some).map_err(|cause| {
                Error::new(
                    ErrorKind::Backend,
                    format!("the connector returned a state that is no valid JSON: {cause}"),
                )
                .remedy("report this to the connector's author")
            })
        })
        .await
    }

    /// Replaces the state, whole or not at all.
    ///
    /// # Errors
    /// `invalid` where it has no form as JSON, and as [`get`](Self::get).
    pub async fn set<T: Serialize + ?Sized>(&self, state: &T) -> Result<()> {
        let state = serde_json::to_string(state).map_err(|cause| {
            Error::new(
                ErrorKind::Invalid,
                format!("the state can't be written as JSON: {cause}"),
            )
        });
        self.traced("read-model-set", async {
            let state = state?;
            self.shared.call(|store| SetState { store, state }).await
        })
        .await
    }

    /// Removes the read model's data, and closes it.
    ///
    /// # Errors
    /// Whatever the backend reports; the store is closed all the same.
    pub async fn drop_data(self) -> Result<()> {
        self.traced("read-model-drop", async {
            let read_model = self.name.as_ref().to_owned();
            let dropped = self
                .shared
                .call(|store| DropData { store, read_model })
                .await;
            let closed = self.shared.close().await;
            dropped.and(closed)
        })
        .await
    }

    /// Closes it, which gives its lock back. Dropping it does the same, later.
    ///
    /// # Errors
    /// What the backend reports.
    pub async fn close(self) -> Result<()> {
        self.traced("read-model-close", self.shared.close()).await
    }
}

impl std::fmt::Debug for ReadModelStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadModelStore({})", self.name)
    }
}
