//! The entry point: it holds the engine, the registry, the data sources and the models of a configuration.

use std::path::Path;
use std::sync::Arc;

use tenon_model::Problems;

use crate::catalogue::Catalogue;
use crate::config::{Config, Lock, Locked};
use crate::dao::Dao;
use crate::data_source::DataSource;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::leases::{FileLeases, Leases};
use crate::read_model::ReadModel;
use crate::reference::ConnectorReference;
use crate::registry::{Compiler, Registry};
use crate::transaction::{Transaction, TransactionOptions};

/// Where the leases of data sources are kept, beside the configuration: projects that share a registry have
/// data sources of their own.
const LEASES: &str = ".tenon/leases";

/// Data sources and models, ready to be used.
///
/// Making one starts nothing: a data source starts with its first use. End it with [`Runtime::shut_down`],
/// so that connectors can finish in order.
pub struct Runtime {
    catalogue: Arc<Catalogue>,
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
    pub fn build(mut self) -> Result<Runtime> {
        self.complete_models().map_err(|problems| {
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
            catalogue: Catalogue::new(engine, registry, self.config, leases),
        })
    }
}

impl Builder {
    /// Checks the configuration, and fills in what its relations leave out.
    fn complete_models(&mut self) -> Result<(), Problems> {
        self.config.check()?;
        for (name, model) in self.config.resolved_models()? {
            if let Some(attached) = self.config.models.get_mut(&name) {
                attached.model.relations = model.relations;
            }
        }
        Ok(())
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

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.catalogue.config
    }

    /// Its registry of connectors.
    pub fn registry(&self) -> &Registry {
        &self.catalogue.registry
    }

    /// The engine that its connectors run in.
    pub fn engine(&self) -> &Engine {
        &self.catalogue.engine
    }

    /// Registers a component, as [`Registry::register`].
    ///
    /// # Errors
    /// As there.
    pub async fn register(&self, path: impl AsRef<Path>) -> Result<crate::registry::Registered> {
        let catalogue = &self.catalogue;
        catalogue
            .registry
            .register_file(&catalogue.engine, path)
            .await
    }

    /// The data source of that name, with its connector loaded.
    ///
    /// # Errors
    /// `not-found` where there is none, and whatever keeps its connector from loading.
    pub async fn data_source(&self, name: &str) -> Result<Arc<DataSource>> {
        self.catalogue.data_source(name).await
    }

    /// Access to the records of the model of that name.
    ///
    /// # Errors
    /// `not-found` where there is none, and as [`Runtime::data_source`].
    pub async fn model(&self, name: &str) -> Result<Dao> {
        self.catalogue.model(name).await
    }

    /// The read model of that name.
    ///
    /// # Errors
    /// `not-found` where there is none, `unsupported` where its connector keeps no read models, and as
    /// [`Runtime::data_source`].
    pub async fn read_model(&self, name: &str) -> Result<ReadModel> {
        self.catalogue.read_model(name).await
    }

    /// Begins a transaction on a data source. Models take part in it through [`Transaction::model`]; it is
    /// rolled back unless it is committed.
    ///
    /// # Errors
    /// `unsupported` where the connector has no transactions or not such ones, `exhausted` where no session was
    /// free in time, and as [`Runtime::data_source`].
    pub async fn transaction(
        &self,
        source: &str,
        options: TransactionOptions,
    ) -> Result<Transaction> {
        let source = self.catalogue.data_source(source).await?;
        Transaction::begin(source, Arc::downgrade(&self.catalogue), options).await
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
        let resolved = self.registry().resolve(self.engine(), reference).await?;
        let locked = Locked {
            name: resolved.name,
            version: resolved.version,
            digest: resolved.digest,
        };
        let new = locked.clone();
        let before = Lock::change(&self.config().lock_path(), |lock| {
            lock.repin(reference, new)
        })?;
        Ok((before, locked))
    }

    /// Ends every data source: waits for the calls that run, disconnects and disposes.
    ///
    /// # Errors
    /// The first that a data source reported; the others are ended all the same.
    pub async fn shut_down(&self) -> Result<()> {
        let mut first = None;
        for source in self.catalogue.opened() {
            if let Err(error) = source.close().await {
                first.get_or_insert(error);
            }
        }
        first.map_or(Ok(()), Err)
    }
}
