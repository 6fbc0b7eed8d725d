//! Data sources to measure, each in a folder of its own.

use std::path::Path;

use tempfile::TempDir;
use tenon_model::Model;
use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::registry::Compiler;
use tenon_runtime::{ConnectorReference, Dao, DataSourceName, Limits, Runtime};

/// Linear memory for a million records in `memory`.
const MEMORY: u64 = 2 << 30;

/// A model on a connector.
pub struct Source {
    /// Access to its records.
    pub dao: Dao,
    runtime: Runtime,
    _folder: TempDir,
}

impl Source {
    /// Starts a data source.
    ///
    /// # Errors
    /// Whatever the runtime reports.
    pub async fn start(component: &Path, model: Model) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        let grant = FolderGrant::writable(data, "/data")?;
        let limits = Limits {
            memory: MEMORY,
            ..Limits::default()
        };
        let is_redb = component.ends_with("tenon_redb.wasm");
        let configure = |source: SourceConfig| {
            let source = source.limits(limits);
            if is_redb {
                source.setting("path", "/data/bench.redb").grant(grant)
            } else {
                source
            }
        };
        Self::in_folder(folder, component, model, configure).await
    }

    /// Starts a data source as `configure` makes it.
    ///
    /// # Errors
    /// Whatever the runtime reports.
    pub async fn configured(
        component: &Path,
        model: Model,
        configure: impl FnOnce(SourceConfig) -> SourceConfig,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        Self::in_folder(tempfile::tempdir()?, component, model, configure).await
    }

    async fn in_folder(
        folder: TempDir,
        component: &Path,
        model: Model,
        configure: impl FnOnce(SourceConfig) -> SourceConfig,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let name = DataSourceName::new("bench")?;
        let component = ConnectorReference::Path(component.to_owned());
        let source = configure(SourceConfig::new(name.clone(), component));
        let model_name = model.name.clone();
        let config = Config::new(folder.path())
            .source(source)
            .model(ModelConfig::new(name, model));
        let runtime = Runtime::builder(config)
            .compiler(Compiler::InProcess)
            .build()?;
        let dao = runtime.model(&model_name).await?;
        Ok(Self {
            dao,
            runtime,
            _folder: folder,
        })
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// Whatever the connector reports.
    pub async fn end(self) -> Result<(), Box<dyn std::error::Error>> {
        Ok(self.runtime.shut_down().await?)
    }
}
