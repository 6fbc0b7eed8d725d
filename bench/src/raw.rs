//! The reference: a connector called through wasmtime's typed functions, with nothing around them.

use std::path::Path;

use tenon_model::Model;
use tenon_model::contract::{Entity, Key};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::Outcome;

#[allow(missing_docs, dead_code)]
mod bindings {
    /// The contract's types as the generated code wants to find them.
    pub mod types {
        pub use tenon_model::contract::*;

        use wasmtime::component::{HasData, Linker};

        pub trait Host {}

        impl<T: ?Sized> Host for &mut T {}

        pub trait HostWithStore<T: 'static>: HasData {}

        impl<T: 'static, D: HasData> HostWithStore<T> for D {}

        pub fn add_to_linker<T: 'static, D: HasData>(
            _linker: &mut Linker<T>,
            _host: fn(&mut T) -> D::Data<'_>,
        ) -> wasmtime::Result<()> {
            Ok(())
        }
    }

    wasmtime::component::bindgen!({
        path: "../wit",
        world: "database-connector",
        exports: { default: async },
        with: { "tenon:connector/types": types, "tenon:connector/pages": types },
    });
}

struct Host {
    wasi: WasiCtx,
    resources: ResourceTable,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.resources,
        }
    }
}

/// An instance of a connector, and nothing else.
pub struct Raw {
    store: Store<Host>,
    connector: bindings::DatabaseConnector,
    model: String,
}

impl Raw {
    /// Instantiates, initializes, connects and defines.
    ///
    /// # Errors
    /// Whatever wasmtime or the connector reports.
    pub async fn start(
        component: &Path,
        model: &Model,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let mut config = Config::new();
        config.concurrency_support(false).epoch_interruption(true);
        let engine = Engine::new(&config)?;
        let component = Component::from_file(&engine, component)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        let host = Host {
            wasi: WasiCtx::builder().build(),
            resources: ResourceTable::new(),
        };
        let mut store = Store::new(&engine, host);
        store.set_epoch_deadline(u64::MAX / 2);
        let connector =
            bindings::DatabaseConnector::instantiate_async(&mut store, &component, &linker).await?;
        let lifecycle = connector.tenon_connector_lifecycle();
        lifecycle.call_initialize(&mut store, "{}", &[]).await??;
        lifecycle.call_connect(&mut store).await??;
        lifecycle
            .call_define(&mut store, &model.to_contract())
            .await??;
        Ok(Self {
            store,
            connector,
            model: model.name.clone(),
        })
    }

    /// Calls `create`.
    ///
    /// # Errors
    /// Whatever wasmtime or the connector reports.
    pub async fn create(&mut self, record: &Entity) -> Outcome {
        let crud = self.connector.tenon_connector_crud();
        crud.call_create(&mut self.store, &self.model, record)
            .await??;
        Ok(())
    }

    /// Calls `find`.
    ///
    /// # Errors
    /// Whatever wasmtime or the connector reports, and a record that isn't there.
    pub async fn find(&mut self, key: &Key) -> Outcome {
        let crud = self.connector.tenon_connector_crud();
        let record = crud.call_find(&mut self.store, &self.model, key).await??;
        record.map(drop).ok_or_else(|| "no record".into())
    }
}
