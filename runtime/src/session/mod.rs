//! Sessions: live instances of a connector, each in a store of its own.
//!
//! A session makes one call at a time, in the order that the contract's `lifecycle` asks for. After a trap,
//! a time-out or an error that says so it is lost: whoever holds it drops it and never calls it again. One that has
//! only lost its backend is severed too: where its data live in the instance, it is reconnected.

mod aggregates;
mod call;
mod crud;
mod cursor;
mod leftovers;
mod native;
mod read_model;
mod schema;
mod state;
mod transactions;
mod upsert;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tenon_model::contract;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;

use crate::bindings::exports::tenon::connector as exports;
use crate::connector::Connector;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Access;
use crate::interfaces::Interfaces;
use crate::limits::Limits;
use leftovers::Leftovers;

pub(crate) use aggregates::Aggregate;
pub(crate) use call::{Attempt, Call, Outcome as Ended, bounded};
pub(crate) use crud::{
    Count, Create, CreateAll, Destroy, DestroyAll, Exists, Find, NextPage, Open, Opened, PageSink,
    Ping, ReadWhole, Save, Update, UpdateAttributes,
};
pub(crate) use cursor::Cursor;
pub(crate) use leftovers::CloseCursors;
pub(crate) use native::{CommandPages, Execute, ExecuteWhole, NextRows, Rest, after_begun};
pub(crate) use read_model::{
    CloseStore, CountDocuments, DefineTable, DeleteDocuments, DropData, FindDocuments, GetState,
    InsertDocument, OpenStore, SetState, StoreHandle, StoreRef, UpdateDocuments,
};
pub(crate) use schema::{
    ApplySchema, Collections, ContractStep, Discover, DropModel, PlanSchema, no_schema,
};
pub use state::SessionState;
pub use transactions::Isolation;
pub(crate) use transactions::{Begin, Commit, Rollback};
pub(crate) use upsert::{FindOrWrite, Upsert};

/// Something that an instance asks of the host, as the contract has it.
pub(crate) type ContractNeed = exports::lifecycle::Need;

/// How much of the host's memory one call's result may take up, as a multiple of the page size: a value in
/// memory is larger than on the wire, and the smallest ones are the largest by ratio.
const RESULT_BYTES_PER_PAGE_BYTE: u64 = 32;

/// The least that a call's result may take up on the host, so that a small page size leaves room for a
/// single large record.
const LEAST_RESULT_BYTES: u64 = 64 << 20;

/// A model as the sessions of a data source are told of it.
#[derive(Debug)]
pub(crate) struct Definition {
    /// Its place among the data source's models.
    pub slot: usize,
    /// Counts up with each change of the model.
    pub version: u64,
    /// What the connector is told.
    pub model: contract::Model,
}

/// What every session of a data source starts with.
pub(crate) struct SessionPlan {
    pub engine: Engine,
    pub connector: Arc<Connector>,
    /// Settings as JSON text, with their secrets.
    pub settings: String,
    pub limits: Limits,
    /// Makes what the data source's grants allow to one session.
    pub access: Box<dyn Fn() -> Result<Access> + Send + Sync>,
    /// Counts up with each change of the collections that models are of.
    pub collections: Arc<AtomicU64>,
    /// Held by each session that lives.
    pub alive: Arc<()>,
}

impl SessionPlan {
    /// How many sessions live.
    pub(crate) fn alive(&self) -> usize {
        Arc::strong_count(&self.alive) - 1
    }

    /// What it takes at most to start a session: to wait for room, and the three calls that follow.
    pub(crate) fn longest_start(&self) -> Duration {
        let calls = self.limits.call_timeout.saturating_mul(3);
        calls.saturating_add(self.limits.wait_timeout)
    }

    /// Waits for room in the engine for one more session, as long as a caller may wait for one.
    ///
    /// # Errors
    /// `exhausted` where the process has as many as it can hold, which says nothing of the backend.
    pub(crate) async fn room(&self) -> Result<OwnedSemaphorePermit> {
        engine_permit(&self.engine, &self.connector, &self.limits).await
    }

    /// An instance with what it may touch, of which nothing was called yet.
    ///
    /// # Errors
    /// `crashed` or `timeout` where it can't be instantiated.
    pub(crate) async fn instantiate(
        &self,
    ) -> Result<(Store<SessionState>, exports::lifecycle::Guest, Interfaces)> {
        let connector = &self.connector;
        let result_bytes =
            (self.limits.page_size * RESULT_BYTES_PER_PAGE_BYTE).max(LEAST_RESULT_BYTES);
        let mut store = SessionState::store(
            &self.engine,
            (self.access)()?,
            self.limits.memory,
            usize::try_from(result_bytes).unwrap_or(usize::MAX),
        );
        let instantiation = connector.pre().instantiate_async(&mut store);
        let instance = tokio::time::timeout(self.limits.call_timeout, instantiation)
            .await
            .map_err(|_| call::timed_out("start", self.limits.call_timeout))?
            .map_err(|cause| call::trapped("start", &cause, false, self.limits.memory))?;
        let lifecycle = connector
            .lifecycle()
            .load(&mut store, &instance)
            .map_err(differs)?;
        let interfaces = connector
            .interfaces()
            .load(&mut store, &instance)
            .map_err(differs)?;
        Ok((store, lifecycle, interfaces))
    }

    /// The limits that an instance is told of, by name.
    pub(crate) fn limits_of_instance(&self) -> Vec<(String, u64)> {
        vec![
            (
                "call-timeout".to_owned(),
                u64::try_from(self.limits.call_timeout.as_millis()).unwrap_or(u64::MAX),
            ),
            ("memory".to_owned(), self.limits.memory),
            ("page-size".to_owned(), self.limits.page_size),
        ]
    }
}

/// A live instance of a connector.
pub(crate) struct Session {
    id: u64,
    store: Store<SessionState>,
    lifecycle: exports::lifecycle::Guest,
    interfaces: Interfaces,
    /// By a model's slot, the version of it that this instance was told of; 0 for none.
    defined: Vec<u64>,
    /// Counts up with each change of the collections, and how far it was when the models were told.
    collections: (Arc<AtomicU64>, u64),
    /// What has to be put right before somebody else gets the session.
    leftovers: Leftovers,
    call_timeout: Duration,
    started: Instant,
    used: Instant,
    calls: u64,
    /// Nothing can be called here any more. Also while a call is under way, which may be dropped with the
    /// program's tokio runtime; how it ends settles it.
    lost: bool,
    /// It is lost because the connector says that its connection is: the instance itself goes on.
    severed: bool,
    /// How many reports of a lost backend its pool knew of when this session last proved that it has one.
    proved: u64,
    _alive: Arc<()>,
    _permit: OwnedSemaphorePermit,
}

impl Session {
    /// Instantiates the connector in the room that there is for it, initializes and connects it.
    pub(crate) async fn start(plan: &SessionPlan, room: OwnedSemaphorePermit) -> Result<Box<Self>> {
        let (store, lifecycle, interfaces) = plan.instantiate().await?;
        let now = Instant::now();
        let mut session = Box::new(Self {
            id: next_id(),
            store,
            lifecycle,
            interfaces,
            defined: Vec::new(),
            collections: (
                Arc::clone(&plan.collections),
                plan.collections.load(Ordering::Acquire),
            ),
            leftovers: Leftovers::default(),
            call_timeout: plan.limits.call_timeout,
            started: now,
            used: now,
            calls: 0,
            lost: false,
            severed: false,
            proved: 0,
            _alive: Arc::clone(&plan.alive),
            _permit: room,
        });
        session.initialize(plan).await?;
        session.connect().await?;
        Ok(session)
    }

    /// Asks a connector what an instance with these settings would need, in an instance that may touch nothing.
    pub(crate) async fn needs(
        engine: &Engine,
        connector: &Connector,
        settings: &str,
        limits: &Limits,
    ) -> Result<Vec<ContractNeed>> {
        let _permit = engine_permit(engine, connector, limits).await?;
        let mut store = SessionState::store(
            engine,
            Access::none(),
            limits.memory,
            usize::try_from(LEAST_RESULT_BYTES).unwrap_or(usize::MAX),
        );
        let asking = async {
            let instance = connector.pre().instantiate_async(&mut store).await?;
            let lifecycle = connector.lifecycle().load(&mut store, &instance)?;
            lifecycle.call_needs(&mut store, settings).await
        };
        match call::bounded(limits.call_timeout, asking).await {
            call::Outcome::Returned(needs) => Ok(needs),
            call::Outcome::Failed(error) => Err(error.into()),
            call::Outcome::Trapped(cause) => {
                Err(call::trapped("needs", &cause, false, limits.memory))
            }
            call::Outcome::TimedOut => Err(call::timed_out("needs", limits.call_timeout)),
        }
    }

    async fn initialize(&mut self, plan: &SessionPlan) -> Result<()> {
        let limits = plan.limits_of_instance();
        let call = self
            .lifecycle
            .call_initialize(&mut self.store, &plan.settings, &limits);
        self.lost = true;
        let outcome = call::bounded(self.call_timeout, call).await;
        self.settle("initialize", outcome)
    }

    async fn connect(&mut self) -> Result<()> {
        let call = self.lifecycle.call_connect(&mut self.store);
        self.lost = true;
        let outcome = call::bounded(self.call_timeout, call).await;
        self.settle("connect", outcome)
    }

    /// Tells this instance of a model, unless it knows this version of it.
    pub(crate) async fn define(&mut self, definition: &Definition) -> Result<()> {
        let (collections, told) = &mut self.collections;
        let now = collections.load(Ordering::Acquire);
        if *told != now {
            *told = now;
            self.defined.clear();
        }
        if self.defined.get(definition.slot) == Some(&definition.version) {
            return Ok(());
        }
        let call = self
            .lifecycle
            .call_define(&mut self.store, &definition.model);
        self.lost = true;
        let outcome = call::bounded(self.call_timeout, call).await;
        // Whatever was to be done with the model was not begun.
        self.settle("define", outcome)
            .map_err(|error| error.effect_is(contract::Effect::Nothing))?;
        if self.defined.len() <= definition.slot {
            self.defined.resize(definition.slot + 1, 0);
        }
        if let Some(known) = self.defined.get_mut(definition.slot) {
            *known = definition.version;
        }
        Ok(())
    }

    /// Has every session told of its models again, before their next use: their collections have changed, or may
    /// have. Called within the call that changes them, which goes on to its end when its caller has gone.
    fn forget_definitions(&self) {
        self.collections.0.fetch_add(1, Ordering::AcqRel);
    }

    /// Asks whether the backend answers within that time, or a call's own if that is shorter.
    pub(crate) async fn ping(&mut self, patience: Duration) -> Result<()> {
        let patience = patience.min(self.call_timeout);
        let call = self.lifecycle.call_ping(&mut self.store);
        self.lost = true;
        match call::bounded(patience, call).await {
            call::Outcome::TimedOut => Err(call::timed_out("ping", patience)),
            outcome => self.settle("ping", outcome),
        }
    }

    /// Connects a severed instance anew. Its data stay; what was open over the old connection is another session's
    /// from now on, and is closed by its next holder.
    ///
    /// # Errors
    /// What `connect` reports: the session is severed as before, and can be reconnected later. After a trap or a
    /// time-out it is not.
    pub(crate) async fn reconnect(&mut self) -> Result<()> {
        let call = self.lifecycle.call_disconnect(&mut self.store);
        (self.lost, self.severed) = (true, false);
        let outcome = call::bounded(self.call_timeout, call).await;
        // There is no connection to end well: what counts is that the instance goes on.
        let ended = self.settle("disconnect", outcome);
        if self.is_gone() {
            return ended;
        }
        self.severed = false;
        let connected = self.connect().await;
        if connected.is_err() {
            self.severed = !self.is_gone();
            self.lost = true;
            return connected;
        }
        self.id = next_id();
        self.leftovers.reconnected();
        Ok(())
    }

    /// Ends the session: its cursors, its connection, its instance.
    ///
    /// # Errors
    /// What `disconnect` reports; the session is gone all the same.
    pub(crate) async fn end(mut self: Box<Self>) -> Result<()> {
        if !self.lost {
            self.clean_up().await;
        }
        if self.is_gone() {
            return Ok(());
        }
        let call = self.lifecycle.call_disconnect(&mut self.store);
        self.lost = true;
        let outcome = call::bounded(self.call_timeout, call).await;
        let disconnected = self.settle("disconnect", outcome);
        if !self.is_gone() {
            let call = self.lifecycle.call_dispose(&mut self.store);
            self.lost = true;
            let disposed = call::bounded(self.call_timeout, async { call.await.map(Ok) }).await;
            self.settle("dispose", disposed)?;
        }
        disconnected
    }

    /// Which session it is, of all in this process.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Whether nothing can be called here any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Whether it has lost its backend, and nothing but that: it can be reconnected.
    pub(crate) fn is_severed(&self) -> bool {
        self.lost && self.severed
    }

    /// Whether the instance itself is of no use any more.
    fn is_gone(&self) -> bool {
        self.lost && !self.severed
    }

    /// How many reports of a lost backend were known when this session last proved that it has one.
    pub(crate) fn proved(&self) -> u64 {
        self.proved
    }

    /// Takes note that it has its backend, after so many reports of a lost one.
    pub(crate) fn prove(&mut self, reports: u64) {
        self.proved = reports;
    }

    /// Whether the session has lived or worked as long as it may.
    pub(crate) fn is_worn(&self, limits: &Limits) -> bool {
        self.calls >= limits.max_calls || self.started.elapsed() >= limits.max_age
    }

    /// How long it is since the last call.
    pub(crate) fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    /// The linear memory that the instance has, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.store.data().memory()
    }

    /// Takes note of how a call ended, and makes it a result.
    fn settle<R>(&mut self, function: &'static str, outcome: call::Outcome<R>) -> Result<R> {
        self.calls += 1;
        self.used = Instant::now();
        let refused = self.store.data().take_refusals();
        match outcome {
            call::Outcome::Returned(value) => {
                (self.lost, self.severed) = (false, false);
                Ok(value)
            }
            call::Outcome::Failed(error) => {
                self.lost = error.aftermath == contract::Aftermath::SessionLost;
                self.severed = self.lost;
                if error.aftermath == contract::Aftermath::TransactionLost {
                    self.leftovers.transaction_failed();
                }
                Err(refused.explain(error.into()))
            }
            call::Outcome::Trapped(cause) => {
                (self.lost, self.severed) = (true, false);
                let starved = self.store.data_mut().take_memory_refused();
                let memory = self.memory() as u64;
                Err(refused.explain(call::trapped(function, &cause, starved, memory)))
            }
            call::Outcome::TimedOut => {
                (self.lost, self.severed) = (true, false);
                Err(refused.explain(call::timed_out(function, self.call_timeout)))
            }
        }
    }
}

/// Waits for room in the engine as long as a caller may wait for a session.
async fn engine_permit(
    engine: &Engine,
    connector: &Connector,
    limits: &Limits,
) -> Result<OwnedSemaphorePermit> {
    tokio::time::timeout(limits.wait_timeout, engine.permit(connector.resources()))
        .await
        .unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Exhausted,
                "this process has as many sessions as it can hold, all data sources together",
            )
            .remedy("lower the limit `sessions` of its data sources, or `idle-timeout`"))
        })
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn differs(cause: wasmtime::Error) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("the connector's functions differ from the contract: {cause:#}"),
    )
}
