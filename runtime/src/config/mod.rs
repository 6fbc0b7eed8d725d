//! `tenon.toml`: registry, data sources and models as one document.
//!
//! A document is taken whole or not at all, and every mistake in it is reported at once with its place.
//! Reading it reads no other file: secrets, folders and connectors are looked at when they are used.

mod cover;
mod edit;
mod error;
mod file;
mod lock;
mod models;
mod read_models;
mod reader;
mod relations;
mod sources;
mod tree;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use tenon_model::{Model, Problem, Problems};
use toml_edit::Document;

use crate::grants::{self, Grant};
use crate::limits::Limits;
use crate::names::DataSourceName;
use crate::reference::ConnectorReference;
use crate::secrets::{SettingValue, Settings};

pub use edit::{add_model, add_models, render_model};
pub use error::{ConfigError, ConfigProblem};
pub use lock::{Lock, LockError, Locked};
pub(crate) use reader::{Fields, Reader, unknown};
pub(crate) use tree::{Node, Shape};

/// The file's usual name.
pub const FILE_NAME: &str = "tenon.toml";

/// Where the registry is unless the document says otherwise, relative to it.
pub const DEFAULT_REGISTRY: &str = ".tenon";

/// The largest document, in bytes: thousands of models.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

/// The whole configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The file that it was read from, or would be written to.
    pub path: PathBuf,
    /// The registry's folder, absolute.
    pub registry: PathBuf,
    /// The data sources, by name.
    pub sources: BTreeMap<DataSourceName, SourceConfig>,
    /// The models, by name.
    pub models: BTreeMap<String, ModelConfig>,
    /// The read models, by name.
    pub read_models: BTreeMap<String, ReadModelConfig>,
}

/// A data source: a connector with its settings, grants and limits.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceConfig {
    /// Its name.
    pub name: DataSourceName,
    /// Which connector it uses.
    pub connector: ConnectorReference,
    /// What the connector is told; secrets are only referred to.
    pub settings: Settings,
    /// What its sessions may touch.
    pub grants: Vec<Grant>,
    /// What they may use.
    pub limits: Limits,
    /// Whether applications may run commands in the backend's own language: nothing checks what those do.
    pub native: bool,
    /// Whether its first use looks if the backend's collections still match the models.
    pub schema_check: bool,
}

/// A model, attached to a data source.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelConfig {
    /// The data source.
    pub source: DataSourceName,
    /// The model. Where no property of it is a key, it gets a generated `id`.
    pub model: Model,
}

/// A read model, kept by a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadModelConfig {
    /// Its name.
    pub name: String,
    /// The data source.
    pub source: DataSourceName,
}

impl SourceConfig {
    /// A data source without settings and grants, with the usual limits.
    pub fn new(name: DataSourceName, connector: impl Into<ConnectorReference>) -> Self {
        Self {
            name,
            connector: connector.into(),
            settings: Settings::new(),
            grants: Vec::new(),
            limits: Limits::default(),
            native: false,
            schema_check: true,
        }
    }

    /// The same data source with a setting: a JSON value, a text, or a secret.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<SettingValue>) -> Self {
        self.settings.insert(name, value);
        self
    }

    /// The same data source with one more grant.
    #[must_use]
    pub fn grant(mut self, grant: impl Into<Grant>) -> Self {
        self.grants.push(grant.into());
        self
    }

    /// The same data source, on which commands in the backend's own language may be run.
    #[must_use]
    pub fn allow_native(mut self) -> Self {
        self.native = true;
        self
    }

    /// The same data source, whose first use doesn't look if the backend's collections match the models.
    #[must_use]
    pub fn without_schema_check(mut self) -> Self {
        self.schema_check = false;
        self
    }

    /// The same data source with these limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl ModelConfig {
    /// A model of that data source.
    pub fn new(source: DataSourceName, model: Model) -> Self {
        Self { source, model }
    }
}

impl ReadModelConfig {
    /// A read model of that data source.
    pub fn new(source: DataSourceName, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source,
        }
    }
}

impl Config {
    /// An empty configuration whose file would be `tenon.toml` in that folder.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        let folder = absolute(folder.as_ref());
        Self {
            path: folder.join(FILE_NAME),
            registry: folder.join(DEFAULT_REGISTRY),
            sources: BTreeMap::new(),
            models: BTreeMap::new(),
            read_models: BTreeMap::new(),
        }
    }

    /// The same configuration with a data source more.
    #[must_use]
    pub fn source(mut self, source: SourceConfig) -> Self {
        self.sources.insert(source.name.clone(), source);
        self
    }

    /// The same configuration with a model more.
    #[must_use]
    pub fn model(mut self, model: ModelConfig) -> Self {
        self.models.insert(model.model.name.clone(), model);
        self
    }

    /// The same configuration with a read model more.
    #[must_use]
    pub fn read_model(mut self, read_model: ReadModelConfig) -> Self {
        self.read_models.insert(read_model.name.clone(), read_model);
        self
    }

    /// Reads a `tenon.toml`.
    ///
    /// # Errors
    /// Why the file can't be read, or every mistake in it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&read(path)?, path)
    }

    /// Reads a document's text. Relative paths in it begin at the folder of `path`.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let document = Document::parse(text).map_err(|error| syntax_error(&error, text, path))?;
        let root = Node::of_document(&document);
        let folder = folder_of(path);
        let mut reader = Reader::new(&folder);
        let config = Self::from_root(&root, path, &mut reader);
        let problems = reader.into_problems();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigError::new(
                path,
                cover::settings(text, &root),
                problems,
            )),
        }
    }

    fn from_root(root: &Node, path: &Path, reader: &mut Reader) -> Option<Self> {
        let fields = reader.table(root, &["registry", "sources", "models", "read-models"])?;
        let mut config = Self::new(reader.folder());
        config.path = path.to_owned();
        if let Some(registry) = fields.get("registry").and_then(|node| reader.path(node)) {
            config.registry = registry;
        }
        if let Some(node) = fields.get("sources") {
            config.sources = sources::read(node, reader);
            sources::check_grants(node, &config, reader);
        }
        let names: Vec<&str> = match fields.get("sources").map(|node| &node.shape) {
            Some(Shape::Table(entries)) => {
                entries.iter().map(|entry| entry.name.as_str()).collect()
            }
            _ => Vec::new(),
        };
        if let Some(node) = fields.get("models") {
            config.models = models::read(node, &names, reader);
        }
        if let Some(node) = fields.get("read-models") {
            config.read_models = read_models::read(node, &names, reader);
        }
        Some(config)
    }

    /// Checks a configuration that a program has put together; one that was read has been checked.
    ///
    /// # Errors
    /// Every mistake, with its dotted path.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::new();
        let mut nested = |place: String, inner: Problems| {
            for problem in inner {
                let place = if problem.place.is_empty() {
                    place.clone()
                } else {
                    format!("{place}.{}", problem.place)
                };
                problems.push(place, problem.message);
            }
        };
        for source in self.sources.values() {
            if let Err(inner) = source.limits.check() {
                nested(format!("sources.{}.limits", source.name), inner);
            }
            let escapes = source
                .grants
                .iter()
                .enumerate()
                .filter_map(|(index, grant)| {
                    Some((index, sources::check_grant(grant, self).err()?))
                });
            for (index, message) in grants::wrong(&source.grants).into_iter().chain(escapes) {
                let place = format!("sources.{}.grants[{index}]", source.name);
                nested(place, Problem::new("", message).into());
            }
        }
        for (name, attached) in &self.models {
            let place = format!("models.{name}");
            if !self.sources.contains_key(&attached.source) {
                let sources = self.sources.keys().map(DataSourceName::as_str);
                let message = unknown("data source", attached.source.as_str(), sources);
                nested(place.clone(), Problem::new("source", message).into());
            }
            if attached.model.key_properties().is_empty()
                && attached.model.find_property("id").is_some()
            {
                let message = "is not in the key, and a model without a key is given a key of that name; put it into the key, or name another";
                nested(place.clone(), Problem::new("properties.id", message).into());
            }
            if let Err(inner) = attached.model.check() {
                nested(place, inner);
            }
        }
        for (name, attached) in &self.read_models {
            let place = format!("read-models.{name}");
            if !self.sources.contains_key(&attached.source) {
                let sources = self.sources.keys().map(DataSourceName::as_str);
                let message = unknown("data source", attached.source.as_str(), sources);
                nested(place.clone(), Problem::new("source", message).into());
            }
            if let Err(message) = read_models::check_name(name) {
                nested(place, Problem::new("", message).into());
            }
        }
        // A model that is wrong by itself would be complained about once more.
        if problems.is_empty() {
            self.resolved_models()?;
        }
        problems.none_or(())
    }

    /// The models with their relations complete, as [`tenon_model::resolve_relations`] makes them.
    ///
    /// # Errors
    /// Every relation or default scope that names what isn't there, with its dotted path.
    pub fn resolved_models(&self) -> Result<BTreeMap<String, Model>, Problems> {
        models::resolved(&self.models).map_err(|inner| {
            let mut problems = Problems::new();
            problems.extend_at("models", inner);
            problems
        })
    }

    /// The folder that relative paths begin at, absolute.
    pub fn folder(&self) -> PathBuf {
        folder_of(&self.path)
    }

    /// Where what its references were resolved to is kept: `tenon.lock`, beside it.
    pub fn lock_path(&self) -> PathBuf {
        self.path.with_extension("lock")
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    let failed = |cause: std::io::Error| {
        let remedy = match cause.kind() {
            std::io::ErrorKind::NotFound => "; make one, or name another file",
            _ => "",
        };
        ConfigError::whole(path, format!("this file can't be read: {cause}{remedy}"))
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(MAX_SIZE + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > MAX_SIZE {
        return Err(ConfigError::whole(
            path,
            format!("this file is larger than {MAX_SIZE} bytes"),
        ));
    }
    Ok(text)
}

fn syntax_error(error: &toml_edit::TomlError, text: &str, path: &Path) -> ConfigError {
    let problem = ConfigProblem {
        place: String::new(),
        message: format!(
            "this is no TOML: {}",
            error.message().trim_end().replace('\n', ", ")
        ),
        span: error.span(),
    };
    ConfigError::new(path, cover::unparsed(text), vec![problem])
}

fn folder_of(path: &Path) -> PathBuf {
    absolute(path.parent().unwrap_or(Path::new("")))
}

/// The path from the root, or as it is where there is no current folder.
fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod documentation;
#[cfg(test)]
mod tests;
