//! What the tests share: guest components, built once, and runtimes over them in folders of their own.

// Not every test needs all of it, and clippy knows a test by its attribute.
#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used)]

pub mod backends;
mod guests;
pub mod relations;
pub mod servers;

use std::path::Path;

use tempfile::TempDir;
use tenon_model::{Entity, Model, Value};
use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::registry::Compiler;
use tenon_runtime::{ConnectorReference, Dao, DataSourceName, PoolState, Runtime};

pub use guests::{guest, target_folder};

#[allow(unused_imports, reason = "few tests need one")]
pub use guests::guest_with_c;

/// A runtime over one data source, in a folder of its own.
pub struct Bench {
    pub runtime: Runtime,
    pub folder: TempDir,
}

impl Bench {
    /// The models on the connector `memory`.
    pub async fn with_memory(models: Vec<Model>) -> Self {
        Self::new("memory", models, |source, _| source).await
    }

    /// The models on the connector `redb`, with a file in a granted folder.
    pub async fn with_redb(models: Vec<Model>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let runtime = Self::redb(folder.path(), models);
        Self { runtime, folder }
    }

    /// A runtime of the models on the connector `redb`, with a file in that folder.
    pub fn redb(folder: &Path, models: Vec<Model>) -> Runtime {
        Self::runtime(folder, "redb", models, |source, folder| {
            std::fs::create_dir_all(folder.join("data")).expect("a folder for the data");
            source
                .setting("path", "/data/test.redb")
                .grant(FolderGrant::writable(folder.join("data"), "/data").expect("a good name"))
        })
    }

    /// The models on that connector, with a data source as `configure` makes it.
    pub async fn new(
        connector: &str,
        models: Vec<Model>,
        configure: impl FnOnce(SourceConfig, &Path) -> SourceConfig,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let runtime = Self::runtime(folder.path(), connector, models, configure);
        Self { runtime, folder }
    }

    /// A runtime in that folder.
    pub fn runtime(
        folder: &Path,
        connector: &str,
        models: Vec<Model>,
        configure: impl FnOnce(SourceConfig, &Path) -> SourceConfig,
    ) -> Runtime {
        let name = DataSourceName::new("test").expect("a good name");
        let component = ConnectorReference::Path(guest(connector));
        let source = configure(SourceConfig::new(name.clone(), component), folder);
        let mut config = models
            .into_iter()
            .fold(Config::new(folder).source(source), |config, model| {
                config.model(ModelConfig::new(name.clone(), model))
            });
        // One cache of compiled code for all tests: compiling takes longer than most of them.
        config.registry = target_folder().join("test-registry");
        Runtime::builder(config)
            .compiler(Compiler::InProcess)
            .build()
            .expect("a runtime")
    }

    /// Access to a model's records.
    pub async fn model(&self, name: &str) -> Dao {
        self.runtime
            .model(name)
            .await
            .expect("the model's data source loads")
    }

    /// How the data source's sessions are doing.
    pub async fn state(&self) -> PoolState {
        let source = self
            .runtime
            .data_source("test")
            .await
            .expect("the data source loads");
        source.pool_state().expect("the data source was used")
    }

    /// Ends the runtime in order.
    pub async fn shut_down(self) {
        self.runtime.shut_down().await.expect("an orderly end");
    }
}

/// A record of these properties.
pub fn entity<const N: usize>(pairs: [(&str, Value); N]) -> Entity {
    pairs.into_iter().collect()
}
