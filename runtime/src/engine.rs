//! The wasmtime engine: its configuration, its clock, and where its instances live.
//!
//! Instances come from a pool of pre-reserved slots, with permits in front, because a full pool is an error
//! and not a wait. Where the address space for the pool can't be reserved, instances are allocated one by
//! one; compiled code fits both.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, ResourcesRequired,
    WasmBacktraceDetails,
};

use crate::bindings::tenon::connector::context;
use crate::error::{Error, ErrorKind, Result};
use crate::grants;
use crate::session::SessionState;

/// How often running guests are interrupted to let others run and to look at their time limit. A guest pays
/// a check at each loop's turn whatever the interval is.
const TICK: Duration = Duration::from_millis(10);

/// Linear memories that may live at once, most sessions having one. Each reserves 4 GiB of addresses and
/// takes a few memory maps, of which Linux allows 65,530 a process.
const MEMORY_SLOTS: u32 = 500;

/// Linear memories in one component: a component with more than this is refused by the engine.
const MEMORIES_PER_COMPONENT: u32 = 8;

/// Core instances in one component; Python's need ten.
const CORE_INSTANCES_PER_COMPONENT: u32 = 24;

/// Memory that a freed slot keeps, so that the next session of the same connector starts without page
/// faults. Only with the kernel's page map scan: without it, keeping is slower than not keeping.
const KEPT_RESIDENT: usize = 1 << 20;

/// The stack of one guest call, host functions included.
const STACK_SIZE: usize = 2 << 20;

/// What compiled code depends on: the same for every engine of this program, pooled or not.
fn compilation_config() -> Config {
    let mut config = Config::new();
    // It defaults to a cargo feature of wasmtime's, which another crate may switch on; calls are three times
    // cheaper without it.
    config.concurrency_support(false);
    config.epoch_interruption(true);
    config.wasm_component_model(true);
    config.async_stack_size(STACK_SIZE);
    // A back-trace names files and lines where a component has them; one that was stripped pays nothing.
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config
}

/// An engine that only compiles, for the process that does nothing else.
pub(crate) fn compiling_engine() -> Result<wasmtime::Engine> {
    wasmtime::Engine::new(&compilation_config()).map_err(engine_failed)
}

/// The engine that all sessions of a runtime live in.
#[derive(Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    linker: Arc<Linker<SessionState>>,
    memories: Arc<Semaphore>,
    compatibility: Arc<str>,
}

impl Engine {
    /// Makes an engine and starts its clock, which ends with it.
    ///
    /// # Errors
    /// `host`, where this machine can't run WebAssembly.
    pub fn new() -> Result<Self> {
        let mut config = compilation_config();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
        let inner = match wasmtime::Engine::new(&config) {
            Ok(engine) => engine,
            Err(cause) => {
                tracing::warn!(%cause, "no address space for pooled instances; allocating one by one");
                config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
                wasmtime::Engine::new(&config).map_err(engine_failed)?
            }
        };
        start_ticker(&inner)?;
        let mut linker = Linker::new(&inner);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).map_err(engine_failed)?;
        grants::add_to_linker(&mut linker).map_err(engine_failed)?;
        context::add_to_linker::<_, HasSelf<SessionState>>(&mut linker, |state| state)
            .map_err(engine_failed)?;
        Ok(Self {
            compatibility: compatibility(&inner).into(),
            inner,
            linker: Arc::new(linker),
            memories: Arc::new(Semaphore::new(MEMORY_SLOTS as usize)),
        })
    }

    /// wasmtime's own engine.
    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.inner
    }

    /// What every connector may import. What a session can reach through it is its grants' matter.
    pub(crate) fn linker(&self) -> &Linker<SessionState> {
        &self.linker
    }

    /// A hexadecimal name of everything that compiled code depends on: wasmtime's version, the target, and
    /// the settings. Code compiled under another name doesn't load.
    pub fn compatibility(&self) -> &str {
        &self.compatibility
    }

    /// Waits until there is room for a session of a component that needs this much.
    pub(crate) async fn permit(
        &self,
        needs: Option<&ResourcesRequired>,
    ) -> Result<OwnedSemaphorePermit> {
        let memories = needs
            .map_or(1, |needs| needs.num_memories)
            .clamp(1, MEMORIES_PER_COMPONENT);
        Arc::clone(&self.memories)
            .acquire_many_owned(memories)
            .await
            .map_err(|closed| Error::host("the engine is shut down", closed))
    }
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(MEMORY_SLOTS)
        .total_stacks(MEMORY_SLOTS)
        .total_component_instances(MEMORY_SLOTS)
        .total_core_instances(MEMORY_SLOTS * 8)
        .total_tables(MEMORY_SLOTS * 4)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_tables_per_component(CORE_INSTANCES_PER_COMPONENT);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Yes)
            .linear_memory_keep_resident(KEPT_RESIDENT)
            .table_keep_resident(KEPT_RESIDENT);
    }
    pool
}

/// Counts the engine's epoch up from a thread of its own, until the engine is gone.
fn start_ticker(engine: &wasmtime::Engine) -> Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("tenon-ticker".to_owned())
        .spawn(move || {
            loop {
                std::thread::sleep(TICK);
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        })
        .map(drop)
        .map_err(|cause| Error::host("starting the engine's clock", cause))
}

/// [`Engine::compatibility`] of any engine.
pub(crate) fn compatibility(engine: &wasmtime::Engine) -> String {
    /// The standard library's hasher gives no promise across releases; a cache on disk needs one.
    struct Stable(Sha256);

    impl Hasher for Stable {
        fn finish(&self) -> u64 {
            0
        }

        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }

    let mut hasher = Stable(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    let digest = hasher.0.finalize();
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn engine_failed(cause: wasmtime::Error) -> Error {
    Error::new(
        ErrorKind::Host,
        format!("this machine can't run WebAssembly components: {cause:#}"),
    )
}
