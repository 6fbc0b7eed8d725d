//! What commands work with: the configuration, the registry, and the runtime.
//!
//! A command on the registry needs no configuration. Where `tenon.toml` is not there, the registry is `.tenon` in
//! the current folder; a file that was named must be there.

use std::path::{Path, PathBuf};

use tenon_runtime::config::{Config, FILE_NAME};
use tenon_runtime::registry::Registry;
use tenon_runtime::{Dao, Engine, Runtime};

use crate::args::Global;
use crate::output::OutputFormat;
use crate::report::Report;

/// What a command works with.
pub struct Context {
    global: Global,
}

impl Context {
    pub const fn new(global: Global) -> Self {
        Self { global }
    }

    /// The output format that was asked for.
    pub const fn output(&self) -> Option<OutputFormat> {
        self.global.output
    }

    /// The registry's folder that was asked for.
    pub fn registry(&self) -> Option<&Path> {
        self.global.registry.as_deref()
    }

    /// The configuration's file.
    pub fn path(&self) -> &Path {
        &self.global.config
    }

    /// The configuration.
    pub fn config(&self) -> Result<Config, Report> {
        Ok(self.with_registry(Config::load(self.path())?))
    }

    /// The configuration of a folder, unless another was named.
    pub fn config_of(&self, folder: &Path) -> Result<Config, Report> {
        Ok(self.with_registry(Config::load(&self.path_of(folder))?))
    }

    /// The configuration's file of a folder, unless another was named.
    pub fn path_of(&self, folder: &Path) -> PathBuf {
        if self.path() == Path::new(FILE_NAME) {
            folder.join(FILE_NAME)
        } else {
            self.path().to_owned()
        }
    }

    /// The configuration that this text would be.
    pub fn parse(&self, text: &str) -> Result<Config, Report> {
        Ok(self.with_registry(Config::parse(text, self.path())?))
    }

    /// The configuration, or an empty one where there is none and none was named.
    pub fn config_or_empty(&self) -> Result<Config, Report> {
        if self.path() == Path::new(FILE_NAME) && !self.path().exists() {
            return Ok(self.with_registry(Config::new(".")));
        }
        self.config()
    }

    fn with_registry(&self, mut config: Config) -> Config {
        if let Some(folder) = &self.global.registry {
            config.registry = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        }
        config
    }
}

/// A registry, with the engine to look into its connectors.
pub struct Shelf {
    pub registry: Registry,
    pub engine: Engine,
}

impl Shelf {
    /// The registry of that configuration.
    pub fn open(config: &Config) -> Result<Self, Report> {
        Self::of_folder(&config.registry)
    }

    /// The registry in that folder.
    pub fn of_folder(folder: &Path) -> Result<Self, Report> {
        Ok(Self {
            registry: Registry::open(folder)?,
            engine: Engine::new()?,
        })
    }
}

/// Works with a runtime, and ends it in order whatever comes of the work.
pub async fn with_runtime<T>(
    config: Config,
    work: impl AsyncFnOnce(&Runtime) -> Result<T, Report>,
) -> Result<T, Report> {
    let runtime = Runtime::builder(config).build()?;
    let outcome = work(&runtime).await;
    let ended = runtime.shut_down().await;
    // The first failure is the one to know of; of a bad end after it, the log tells.
    let outcome = outcome?;
    ended?;
    Ok(outcome)
}

/// Works with a model's records.
pub async fn with_model<T>(
    context: &Context,
    model: &str,
    work: impl AsyncFnOnce(&Dao) -> Result<T, Report>,
) -> Result<T, Report> {
    with_runtime(context.config()?, async |runtime| {
        work(&runtime.model(model).await?).await
    })
    .await
}
