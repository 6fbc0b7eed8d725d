//! The entry point: it holds the engine, the registry, the data sources and the models of a configuration.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tenon_model::closest;
use tokio::sync::OnceCell;

use crate::config::{Config, Lock, Locked, ModelConfig, SourceConfig};
use crate::connector::Connector;
use crate::dao::{Dao, Shape, Target};
use crate::data_source::{self, DataSource};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::leases::{FileLeases, Leases};
use crate::names::DataSourceName;
use crate::reference::ConnectorReference;
use crate::registry::{Compiler, Registry};

/// Where the leases of data sources are kept, beside the configuration: projects that share a registry have
/// data sources of their own.
const LEASES: &str = ".tenon/leases";

/// Data sources and models, ready to be used.
///
/// Making one starts nothing: a data source starts with its first use. End it with [`Runtime::shut_down`],
/// so that connectors can finish in order.
pub struct Runtime {
    engine: Engine,
    registry: Registry,
    config: Config,
    leases: Arc<dyn Leases>,
    sources: BTreeMap<DataSourceName, OnceCell<Arc<DataSource>>>,
    models: BTreeMap<String, OnceCell<Dao>>,
}

/// How a [`Runtime`] is made.
pub struct Builder {
    config: Config,
    compiler: Compiler,
    leases: Option<Arc<dyn Leases>>,
}

impl Builder {
    /// Compiles connectors in this way; see [`Compiler`].
    #[must_use]
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }

    /// Takes leases from there instead of from locks on files.
    #[must_use]
    pub fn leases(mut self, leases: Arc<dyn Leases>) -> Self {
        self.leases = Some(leases);
        self
    }

    /// Makes the runtime.
    ///
    /// # Errors
    /// `configuration` where the configuration contradicts itself, `host` where this machine can't run it.
    pub fn build(self) -> Result<Runtime> {
        self.config.check().map_err(|problems| {
            Error::with_problems(
                ErrorKind::Configuration,
                "the configuration is wrong",
                problems,
            )
        })?;
        let engine = Engine::new()?;
        let registry = Registry::open(&self.config.registry)?.with_compiler(self.compiler);
        let leases = self
            .leases
            .unwrap_or_else(|| Arc::new(FileLeases::new(self.config.folder().join(LEASES))));
        Ok(Runtime {
            engine,
            registry,
            leases,
            sources: self
                .config
                .sources
                .keys()
                .map(|name| (name.clone(), OnceCell::new()))
                .collect(),
            models: self
                .config
                .models
                .keys()
                .map(|name| (name.clone(), OnceCell::new()))
                .collect(),
            config: self.config,
        })
    }
}

impl Runtime {
    /// A runtime of this configuration.
    pub fn builder(config: Config) -> Builder {
        Builder {
            config,
            compiler: Compiler::default(),
            leases: None,
        }
    }

    /// The runtime of a `tenon.toml`.
    ///
    /// # Errors
    /// `configuration` with every mistake in the file and its place, and as [`Builder::build`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder(Config::load(path.as_ref())?).build()
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its registry of connectors.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The engine that its connectors run in.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Registers a component, as [`Registry::register`].
    ///
    /// # Errors
    /// As there.
    pub async fn register(&self, path: impl AsRef<Path>) -> Result<crate::registry::Registered> {
        self.registry.register_file(&self.engine, path).await
    }

    /// The data source of that name, with its connector loaded.
    ///
    /// # Errors
    /// `not-found` where there is none, and whatever keeps its connector from loading.
    pub async fn data_source(&self, name: &str) -> Result<Arc<DataSource>> {
        let (Some(source), Some(cell)) = (self.config.sources.get(name), self.sources.get(name))
        else {
            return Err(self.unknown(
                "data source",
                name,
                "sources",
                self.sources.keys().map(DataSourceName::as_str),
            ));
        };
        cell.get_or_try_init(|| self.open_source(source))
            .await
            .map(Arc::clone)
            .map_err(|error| error.at(&source.name))
    }

    /// Access to the records of the model of that name.
    ///
    /// # Errors
    /// `not-found` where there is none, and as [`Runtime::data_source`].
    pub async fn model(&self, name: &str) -> Result<Dao> {
        let (Some(model), Some(cell)) = (self.config.models.get(name), self.models.get(name))
        else {
            return Err(self.unknown(
                "model",
                name,
                "models",
                self.models.keys().map(String::as_str),
            ));
        };
        cell.get_or_try_init(|| self.attach(name, model))
            .await
            .cloned()
    }

    /// Moves a connector reference of the configuration to the newest connector that it can stand for now, from
    /// the next start on. Returns what it stood for, where it did.
    ///
    /// # Errors
    /// `not-found` where the registry has no such connector, `host` where `tenon.lock` can't be written.
    pub async fn upgrade(
        &self,
        reference: &ConnectorReference,
    ) -> Result<(Option<Locked>, Locked)> {
        let resolved = self.registry.resolve(&self.engine, reference).await?;
        let locked = Locked {
            name: resolved.name,
            version: resolved.version,
            digest: resolved.digest,
        };
        let new = locked.clone();
        let before = Lock::change(&self.config.lock_path(), |lock| lock.repin(reference, new))?;
        Ok((before, locked))
    }

    /// Ends every data source: waits for the calls that run, disconnects and disposes.
    ///
    /// # Errors
    /// The first that a data source reported; the others are ended all the same.
    pub async fn shut_down(&self) -> Result<()> {
        let mut first = None;
        for source in self.sources.values().filter_map(OnceCell::get) {
            if let Err(error) = source.close().await {
                first.get_or_insert(error);
            }
        }
        first.map_or(Ok(()), Err)
    }

    async fn open_source(&self, source: &SourceConfig) -> Result<Arc<DataSource>> {
        let connector = self.connector(&source.connector).await?;
        Ok(Arc::new(DataSource::new(
            self.engine.clone(),
            connector,
            source.clone(),
            Arc::clone(&self.leases),
        )))
    }

    /// Loads the connector that a reference stands for. A name stands for the connector that it stood for
    /// when it was first used, until it is upgraded; a file or digest for itself.
    async fn connector(&self, reference: &ConnectorReference) -> Result<Arc<Connector>> {
        let lock_path = self.config.lock_path();
        let locked = match reference {
            ConnectorReference::Name { .. } => Lock::load(&lock_path)?.get(reference).cloned(),
            _ => None,
        };
        let digest = match locked {
            Some(locked) => locked.digest,
            None => {
                let resolved = self.registry.resolve(&self.engine, reference).await?;
                let first = Locked {
                    name: resolved.name,
                    version: resolved.version,
                    digest: resolved.digest,
                };
                match reference {
                    ConnectorReference::Name { .. } => {
                        Lock::change(&lock_path, |lock| lock.pin(reference, first))?.digest
                    }
                    _ => first.digest,
                }
            }
        };
        self.registry.load(&self.engine, &digest).await
    }

    async fn attach(&self, name: &str, config: &ModelConfig) -> Result<Dao> {
        let source = self.data_source(config.source.as_str()).await?;
        let model = Arc::new(source.complete(&config.model));
        let slot = self.config.models.keys().position(|other| other == name);
        let definition = data_source::definition(slot.unwrap_or_default(), &model);
        Ok(Dao::new(Target {
            source,
            shape: Shape::new(Arc::clone(&model)),
            definition: Arc::new(definition),
            model,
        }))
    }

    fn unknown<'a>(
        &self,
        what: &str,
        name: &str,
        table: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> Error {
        let error = Error::new(
            ErrorKind::NotFound,
            format!("there is no {what} named {name:?}"),
        );
        match closest(name, known) {
            Some(near) => error.remedy(format!("did you mean {near:?}?")),
            None => error.remedy(format!(
                "declare it under [{table}.{name}] in {}",
                self.config.path.display()
            )),
        }
    }
}
