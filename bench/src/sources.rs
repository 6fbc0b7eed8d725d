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
        let name = DataSourceName::new("bench")?;
        let mut source =
            SourceConfig::new(name.clone(), ConnectorReference::Path(component.to_owned())).limits(
                Limits {
                    memory: MEMORY,
                    ..Limits::default()
                },
            );
        if component.ends_with("tenon_redb.wasm") {
            source = source
                .setting("path", "/data/bench.redb")
                .grant(FolderGrant::writable(data, "/data")?);
        }
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
