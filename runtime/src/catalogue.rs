//! The data sources and models of a configuration, each opened with its first use.
//!
//! What opens one of them is shared by everything that a runtime hands out; an operation finds the models that
//! its own is related to here.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use tenon_model::closest;
use tokio::sync::OnceCell;

use crate::config::{Config, Lock, Locked, ModelConfig, SourceConfig};
use crate::connector::Connector;
use crate::dao::{Dao, Shape, Target};
use crate::data_source::{self, DataSource};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::leases::Leases;
use crate::names::DataSourceName;
use crate::read_model::ReadModel;
use crate::reference::ConnectorReference;
use crate::registry::Registry;

/// What a runtime holds.
pub(crate) struct Catalogue {
    pub engine: Engine,
    pub registry: Registry,
    pub config: Config,
    leases: Arc<dyn Leases>,
    sources: BTreeMap<DataSourceName, OnceCell<Arc<DataSource>>>,
    models: BTreeMap<String, OnceCell<Dao>>,
    /// Itself, for what it hands out: an operation's own hold would keep it alive for ever.
    this: Weak<Self>,
}

impl Catalogue {
    /// The catalogue of a configuration that was checked.
    pub(crate) fn new(
        engine: Engine,
        registry: Registry,
        config: Config,
        leases: Arc<dyn Leases>,
    ) -> Arc<Self> {
        let empty = |name: &DataSourceName| (name.clone(), OnceCell::new());
        let sources = config.sources.keys().map(empty).collect();
        let models = config
            .models
            .keys()
            .map(|name| (name.clone(), OnceCell::new()))
            .collect();
        Arc::new_cyclic(|this| Self {
            engine,
            registry,
            leases,
            sources,
            models,
            config,
            this: Weak::clone(this),
        })
    }

    /// The data source of that name, with its connector loaded.
    pub(crate) async fn data_source(&self, name: &str) -> Result<Arc<DataSource>> {
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
    pub(crate) async fn model(&self, name: &str) -> Result<Dao> {
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

    /// The read model of that name.
    pub(crate) async fn read_model(&self, name: &str) -> Result<ReadModel> {
        let Some(read_model) = self.config.read_models.get(name) else {
            return Err(self.unknown(
                "read model",
                name,
                "read-models",
                self.config.read_models.keys().map(String::as_str),
            ));
        };
        let source = self.data_source(read_model.source.as_str()).await?;
        ReadModel::new(name, source)
    }

    /// The data sources that were used.
    pub(crate) fn opened(&self) -> impl Iterator<Item = &Arc<DataSource>> {
        self.sources.values().filter_map(OnceCell::get)
    }

    async fn open_source(&self, source: &SourceConfig) -> Result<Arc<DataSource>> {
        let connector = self.connector(&source.connector).await?;
        Ok(Arc::new(DataSource::new(
            self.engine.clone(),
            connector,
            source.clone(),
            Arc::clone(&self.leases),
            Weak::clone(&self.this),
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
        let is_of_same_source = |other: &str| {
            let other = self.config.models.get(other);
            other.is_some_and(|other| other.source == config.source)
        };
        let definition =
            data_source::definition(slot.unwrap_or_default(), &model, &is_of_same_source);
        let hides = model.properties.iter().any(|property| property.hidden);
        Ok(Dao::new(Target {
            carries_over: model.carries_over(),
            source,
            shape: Shape::new(Arc::clone(&model)),
            definition: Arc::new(definition),
            model,
            catalogue: Weak::clone(&self.this),
            turns: Arc::default(),
            transaction: None,
            scoped: true,
            sees_hidden: false,
            hides,
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
