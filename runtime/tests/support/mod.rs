//! What the tests share: guest components, built once, and runtimes over them in folders of their own.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;
use tenon_model::{Entity, Model, Value};
use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::registry::Compiler;
use tenon_runtime::{ConnectorReference, Dao, DataSourceName, PoolState, Runtime};

/// The component of the guest of that name. It is built where it is missing or old, unless the environment
/// variable `TENON_GUESTS` names a folder that has it.
pub fn guest(name: &str) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    let file = format!("tenon_{}.wasm", name.replace('-', "_"));
    if let Some(folder) = std::env::var_os("TENON_GUESTS") {
        return Path::new(&folder).join(file);
    }
    let _one_at_a_time = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let target = target_folder().join("guests");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", "guest", "--target", "wasm32-wasip2"])
        .args(["--package", &format!("tenon-{name}"), "--target-dir"])
        .arg(&target)
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the guest {name} builds");
    target.join("wasm32-wasip2").join("guest").join(file)
}

/// The workspace's target folder: the one that this test was built into.
fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    // <target>/<profile>/deps/<test>
    test.ancestors().nth(3).expect("a test is in a target folder").to_owned()
}

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
        Self::new("redb", models, |source, folder| {
            std::fs::create_dir_all(folder.join("data")).expect("a folder for the data");
            source
                .setting("path", "/data/test.redb")
                .grant(FolderGrant::writable(folder.join("data"), "/data").expect("a good name"))
        })
        .await
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
        self.runtime.model(name).await.expect("the model's data source loads")
    }

    /// How the data source's sessions are doing.
    pub async fn state(&self) -> PoolState {
        let source = self.runtime.data_source("test").await.expect("the data source loads");
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
