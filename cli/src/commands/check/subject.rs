//! What is checked: a connector, with what it is given.

use std::path::PathBuf;

use tempfile::TempDir;
use tenon_model::Model;
use tenon_runtime::config::{Config, Lock, SourceConfig};
use tenon_runtime::{ConnectorReference, DataSourceName, ErrorKind};

use super::arguments;
use crate::args::Check;
use crate::commands::context::{Context, Shelf};
use crate::commands::upgrade::unknown_source;
use crate::exit;
use crate::report::Report;

/// A connector, with what it is given.
pub struct Subject {
    pub source: SourceConfig,
    /// Models of the records that it has.
    pub models: Vec<Model>,
    /// The folder of the project that the data source is of.
    pub folder: Option<PathBuf>,
    /// Where the connector is registered, and where compiled code is kept.
    pub registry: PathBuf,
    /// A registry that goes away, where there is none.
    pub scratch: Option<TempDir>,
}

impl Subject {
    /// What the arguments say.
    pub async fn of(args: &Check, context: &Context) -> Result<Self, Report> {
        let mut subject = match &args.source {
            Some(name) => Self::of_source(name, context)?,
            None => Self::of_arguments(args, context)?,
        };
        subject
            .models
            .extend(arguments::models(&args.model, &subject.source.name)?);
        subject.look_into().await?;
        Ok(subject)
    }

    /// A data source of the configuration.
    fn of_source(name: &str, context: &Context) -> Result<Self, Report> {
        let config = context.config()?;
        let Some(source) = config.sources.get(name) else {
            return Err(unknown_source(name, config.sources.keys()));
        };
        let mut source = source.clone();
        let lock = Lock::load(&config.lock_path()).map_err(tenon_runtime::Error::from)?;
        if let (ConnectorReference::Name { .. }, Some(locked)) =
            (&source.connector, lock.get(&source.connector))
        {
            source.connector = ConnectorReference::Digest(locked.digest);
        }
        let models = models_on(&source.name, &config);
        let folder = Some(config.folder());
        Self::new(source, models, folder, &config)
    }

    /// A connector that was named, with what the other arguments give it.
    fn of_arguments(args: &Check, context: &Context) -> Result<Self, Report> {
        let source = arguments::source(args)?;
        // The registry, which another document may name, and nothing else.
        let config = context.config_or_empty()?;
        Self::new(source, Vec::new(), None, &config)
    }

    fn new(
        source: SourceConfig,
        models: Vec<Model>,
        folder: Option<PathBuf>,
        config: &Config,
    ) -> Result<Self, Report> {
        let mut registry = config.registry.clone();
        let mut scratch = None;
        if !registry.exists() {
            let folder = tempfile::tempdir().map_err(|error| {
                Report::new(
                    exit::FAILURE,
                    format!("a temporary folder can't be made: {error}"),
                )
            })?;
            registry = folder.path().join("registry");
            scratch = Some(folder);
        }
        Ok(Self {
            source,
            models,
            folder,
            registry,
            scratch,
        })
    }

    /// Makes sure that the connector is one. A name becomes what it stands for, so that nothing is locked to it.
    async fn look_into(&mut self) -> Result<(), Report> {
        let reference = &self.source.connector;
        if let ConnectorReference::Path(path) = reference
            && !path.is_file()
        {
            let message = format!("{} is not there, or is no file", path.display());
            return Err(Report::new(exit::NOT_FOUND, message)
                .help("build the component: cargo build --release --target wasm32-wasip2"));
        }
        let shelf = Shelf::of_folder(&self.registry)?;
        let found = shelf.registry.inspect(&shelf.engine, reference).await;
        let entry = found.map_err(|error| match error.kind() {
            // It isn't the user's configuration that is wrong, but the component.
            ErrorKind::Configuration => Report::from(&error).exits(exit::INVALID),
            _ => Report::from(&error),
        })?;
        if matches!(reference, ConnectorReference::Name { .. }) {
            self.source.connector = ConnectorReference::Digest(entry.digest);
        }
        Ok(())
    }
}

/// The models on a data source.
pub fn models_on(source: &DataSourceName, config: &Config) -> Vec<Model> {
    let attached = config.models.values();
    attached
        .filter(|attached| attached.source == *source)
        .map(|attached| attached.model.clone())
        .collect()
}
