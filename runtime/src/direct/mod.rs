//! Instances of a connector whose calls are the contract's, one for one: for tools that look at the connector itself,
//! such as the conformance kit.
//!
//! Everything else in this crate stands between a program and a connector: it keeps the contract's order of calls,
//! does what the connector doesn't, and checks what it hands out. Here nothing does. What an instance may touch and
//! use is bounded by the data source's grants and limits all the same.
//!
//! ```no_run
//! # async fn example(runtime: tenon_runtime::Runtime) -> Result<(), Box<dyn std::error::Error>> {
//! let source = runtime.data_source("air").await?.direct().await?;
//! let mut instance = source.instance().await?;
//! instance.initialize().await?;
//! instance.connect().await?;
//! instance.ping().await?;
//! # Ok(())
//! # }
//! ```

mod calls;
mod failure;
mod services;

use std::sync::Arc;
use std::time::Duration;

use tenon_model::contract::Page;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;
use wasmtime::component::ResourceAny;

use crate::bindings::exports::tenon::connector as exports;
use crate::connector::Connector;
use crate::error::Result;
use crate::interfaces::Interfaces;
use crate::leases::Lease;
use crate::manifest::Sharing;
use crate::secrets::Secrets;
use crate::session::{SessionPlan, SessionState};

pub use calls::Described;
pub use exports::read_model::{Edit, Table, TableIndex};
pub use exports::schema::{Collection, Step};
pub use failure::Failure;

/// What a call returns: its value, or how it failed.
pub type Called<T> = std::result::Result<T, Failure>;

/// A data source for instances that are called directly. Its leases are held as long as it lives.
pub struct DirectSource {
    plan: SessionPlan,
    secrets: Secrets,
    _leases: Vec<Lease>,
}

impl DirectSource {
    pub(crate) fn new(plan: SessionPlan, leases: Vec<Lease>, secrets: Secrets) -> Self {
        Self {
            plan,
            secrets,
            _leases: leases,
        }
    }

    /// The connector.
    pub fn connector(&self) -> &Connector {
        &self.plan.connector
    }

    /// How many instances there may be at a time. Nobody but the caller sees to it.
    pub fn sharing(&self) -> Sharing {
        self.plan.connector.manifest().sharing
    }

    /// How many bytes a page should stay below.
    pub fn page_size(&self) -> u64 {
        self.plan.limits.page_size
    }

    /// A text without the data source's secrets.
    pub fn redact(&self, text: &str) -> String {
        self.secrets.redact(text)
    }

    /// A new instance. Nothing of it was called yet.
    ///
    /// # Errors
    /// `exhausted` where there is no room for one more, `crashed` or `timeout` where it can't be instantiated.
    pub async fn instance(&self) -> Result<Instance> {
        let room = self.plan.room().await?;
        let (store, lifecycle, interfaces) = self.plan.instantiate().await?;
        Ok(Instance {
            store,
            lifecycle,
            interfaces,
            settings: self.plan.settings.clone(),
            limits: self.plan.limits_of_instance(),
            call_timeout: self.plan.limits.call_timeout,
            gone: None,
            _alive: Arc::clone(&self.plan.alive),
            _room: room,
        })
    }
}

/// One instance of a connector. After a crash or a time-out every call fails as that one did.
pub struct Instance {
    store: Store<SessionState>,
    lifecycle: exports::lifecycle::Guest,
    interfaces: Interfaces,
    settings: String,
    limits: Vec<(String, u64)>,
    call_timeout: Duration,
    gone: Option<Failure>,
    _alive: Arc<()>,
    _room: OwnedSemaphorePermit,
}

/// An open result of an instance: `crud`'s cursor, `aggregates`' groups, and their like.
#[derive(Clone, Copy, Debug)]
pub struct OpenRows {
    resource: ResourceAny,
    of: RowsOf,
}

/// The interface that a result is of.
#[derive(Clone, Copy, Debug)]
enum RowsOf {
    Crud,
    Native,
    Aggregates,
    ReadModel,
}

/// An open store of a read model.
#[derive(Clone, Copy, Debug)]
pub struct OpenStore(ResourceAny);

/// How many rows a page has.
pub fn count_rows(page: &Page) -> usize {
    match page {
        Page::Records(records) => records.len(),
        Page::Columns(columns) => usize::try_from(columns.rows).unwrap_or(usize::MAX),
    }
}
