//! What belongs to one instance: its WASI context, its host resources, and the sum of its memory.

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::engine::Engine;
use crate::grants::{Access, Network, NetworkView, Refusals};

/// Host resources (files, streams, pollables) that an instance may hold. A full table is a trap.
const HOST_RESOURCES: usize = 10_000;

/// Guest resources (cursors) that an instance may have handed out.
const GUEST_RESOURCES: usize = 10_000;

/// Entries of all of an instance's tables together: function pointers, mostly.
const TABLE_ENTRIES: usize = 1_000_000;

/// Core instances, tables and memories of one component instance.
const CORE_ITEMS: usize = 100;

/// The data of an instance's store.
pub struct SessionState {
    wasi: WasiCtx,
    network: Network,
    resources: ResourceTable,
    limiter: MemoryLimiter,
}

impl SessionState {
    /// A store for one instance: what it may touch, the linear memory it may have, and how much a single
    /// call's result may take up on the host, both in bytes.
    pub(crate) fn store(
        engine: &Engine,
        access: Access,
        memory: u64,
        result_bytes: usize,
    ) -> Store<Self> {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(HOST_RESOURCES);
        let mut store = Store::new(
            engine.wasmtime(),
            Self {
                wasi: access.wasi,
                network: access.network,
                resources,
                limiter: MemoryLimiter {
                    allowed: usize::try_from(memory).unwrap_or(usize::MAX),
                    taken: 0,
                    table_entries: 0,
                    refused: false,
                },
            },
        );
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(result_bytes);
        store.set_max_component_handles(GUEST_RESOURCES);
        // A running guest gives way at every tick; the timeout around its call ends it there.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    /// The linear memory that the instance has, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.limiter.taken
    }

    /// What the last call was refused of the network, which ends its account.
    pub(crate) fn take_refusals(&self) -> Refusals {
        self.network.end_call()
    }

    /// Whether the instance was refused memory since this was last asked.
    pub(crate) fn take_memory_refused(&mut self) -> bool {
        std::mem::take(&mut self.limiter.refused)
    }
}

impl WasiView for SessionState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.resources,
        }
    }
}

impl NetworkView for SessionState {
    fn network(&mut self) -> (&Network, &mut ResourceTable) {
        (&self.network, &mut self.resources)
    }
}

/// Bounds the sum over all of an instance's memories, where wasmtime's own limiter bounds each of them.
struct MemoryLimiter {
    allowed: usize,
    taken: usize,
    table_entries: usize,
    refused: bool,
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let taken = self.taken.saturating_add(desired.saturating_sub(current));
        if taken > self.allowed || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = true;
            return Ok(false);
        }
        self.taken = taken;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let entries = self
            .table_entries
            .saturating_add(desired.saturating_sub(current));
        if entries > TABLE_ENTRIES || maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.table_entries = entries;
        Ok(true)
    }

    fn instances(&self) -> usize {
        CORE_ITEMS
    }

    fn tables(&self) -> usize {
        CORE_ITEMS
    }

    fn memories(&self) -> usize {
        CORE_ITEMS
    }
}
