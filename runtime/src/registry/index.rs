//! The index: what is registered, as one versioned document.
//!
//! It is small and is written whole. Only here is decided which version a name stands for.

use serde::{Deserialize, Serialize};
use tenon_model::closest;

use super::store::{Item, Store, Writer};
use crate::capability::Capability;
use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::Manifest;
use crate::names::ConnectorName;
use crate::reference::{ConnectorReference, Digest, VersionPrefix};

/// The document's version. It grows when an older Tenon would misread the document.
const VERSION: u32 = 1;

/// A connector as the registry knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// The digest of its component.
    pub digest: Digest,
    /// When it was registered, in microseconds since 1970-01-01T00:00:00Z; none for one that is used by its
    /// file or digest alone.
    #[serde(with = "as_time", default, skip_serializing_if = "Option::is_none")]
    pub registered: Option<i64>,
    /// The interfaces that it exports.
    pub capabilities: Vec<Capability>,
    /// What it says of itself, its name and version among it.
    pub manifest: Manifest,
}

impl Entry {
    pub(super) fn unregistered(connector: &Connector) -> Self {
        Self {
            digest: *connector.digest(),
            registered: None,
            capabilities: connector.capabilities().to_vec(),
            manifest: connector.manifest().clone(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &ConnectorName {
        &self.manifest.name
    }

    /// Its version.
    pub fn version(&self) -> &semver::Version {
        &self.manifest.version
    }

    fn is_same_release(&self, other: &Self) -> bool {
        self.name() == other.name() && self.version() == other.version()
    }
}

/// Everything that is registered, by name, then by version.
#[derive(Debug)]
pub(super) struct Index {
    entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Document<T> {
    version: u32,
    #[serde(default)]
    connectors: T,
}

impl Index {
    pub(super) fn read(store: &Store) -> Result<Self> {
        let Some(bytes) = store.read(Item::Index)? else {
            return Ok(Self {
                entries: Vec::new(),
            });
        };
        let unreadable = |cause: serde_json::Error| {
            Error::new(
                ErrorKind::Configuration,
                format!(
                    "the index of the registry {} can't be read: {cause}",
                    store.root().display()
                ),
            )
            .remedy("restore index.json, or delete it and register the connectors again")
        };
        let head: Document<serde::de::IgnoredAny> =
            serde_json::from_slice(&bytes).map_err(unreadable)?;
        if head.version != VERSION {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "the index of the registry {} has version {}, and this Tenon reads {VERSION}",
                    store.root().display(),
                    head.version
                ),
            )
            .remedy("use the Tenon that wrote it, or another registry"));
        }
        let document: Document<Vec<Entry>> = serde_json::from_slice(&bytes).map_err(unreadable)?;
        Ok(Self {
            entries: document.connectors,
        })
    }

    pub(super) fn write(&self, writer: &Writer<'_>) -> Result<()> {
        let document = Document {
            version: VERSION,
            connectors: &self.entries,
        };
        let mut text = serde_json::to_vec_pretty(&document)
            .map_err(|cause| Error::host("writing the registry's index", cause))?;
        text.push(b'\n');
        writer.write(Item::Index, &[&text])
    }

    /// Adds a connector; false where exactly this one is there already.
    pub(super) fn add(&mut self, entry: Entry) -> Result<bool> {
        if let Some(known) = self
            .entries
            .iter()
            .find(|known| known.is_same_release(&entry))
        {
            if known.digest == entry.digest {
                return Ok(false);
            }
            return Err(Error::new(
                ErrorKind::Duplicate,
                format!(
                    "{}@{} is registered already, with another component ({}, and this one is {})",
                    entry.name(),
                    entry.version(),
                    known.digest,
                    entry.digest
                ),
            )
            .remedy(format!(
                "give the new one a new version, or remove the old one first: tenon remove {}@{}",
                entry.name(),
                entry.version()
            )));
        }
        self.entries.push(entry);
        self.entries.sort_by(|a, b| {
            a.name()
                .cmp(b.name())
                .then_with(|| a.version().cmp(b.version()))
        });
        Ok(true)
    }

    /// Takes out the one connector that the reference means.
    pub(super) fn take(&mut self, reference: &ConnectorReference) -> Result<Entry> {
        let fits = |entry: &Entry| match reference {
            ConnectorReference::Name { name, version } => {
                entry.name() == name
                    && version
                        .as_ref()
                        .is_none_or(|version| version.matches(entry.version()))
            }
            ConnectorReference::Digest(digest) => entry.digest == *digest,
            ConnectorReference::Path(_) => false,
        };
        let mut fitting = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| fits(entry));
        match (fitting.next(), fitting.next(), reference) {
            (Some((place, _)), None, _) => Ok(self.entries.remove(place)),
            // The newest is what a name stands for elsewhere; for removing, that is too easy to get wrong.
            (Some((_, first)), Some(_), _) => Err(Error::new(
                ErrorKind::Invalid,
                format!(
                    "{reference} fits several connectors: {}",
                    releases(self.entries.iter().filter(|entry| fits(entry)))
                ),
            )
            .remedy(format!(
                "name the one to remove, as in {}@{}",
                first.name(),
                first.version()
            ))),
            (None, _, ConnectorReference::Name { name, version }) => {
                Err(self.unknown(name, version.as_ref()))
            }
            (None, _, ConnectorReference::Digest(digest)) => Err(unknown_digest(digest)),
            (None, _, ConnectorReference::Path(path)) => Err(Error::new(
                ErrorKind::Invalid,
                format!("{} is a file, and files are not registered", path.display()),
            )
            .remedy("name the connector, as `tenon connectors` shows it")),
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    pub(super) fn by_digest(&self, digest: &Digest) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.digest == *digest)
    }

    /// What a name stands for: the newest version that fits. Without a version, nobody gets a pre-release.
    pub(super) fn newest(
        &self,
        name: &ConnectorName,
        version: Option<&VersionPrefix>,
    ) -> Result<&Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.name() == name)
            .filter(|entry| match version {
                Some(version) => version.matches(entry.version()),
                None => entry.version().pre.is_empty(),
            })
            .max_by(|a, b| a.version().cmp(b.version()))
            .ok_or_else(|| self.unknown(name, version))
    }

    fn unknown(&self, name: &ConnectorName, version: Option<&VersionPrefix>) -> Error {
        let of_name: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.name() == name)
            .collect();
        let not_found = |message: String| Error::new(ErrorKind::NotFound, message);
        match (of_name.last(), version) {
            (Some(last), Some(version)) => not_found(format!(
                "no version of the connector {name} fits {version}; there is {}",
                releases(of_name.iter().copied())
            ))
            .remedy(format!("name one of them, as in {name}@{}", last.version())),
            (Some(last), None) => not_found(format!(
                "the connector {name} has pre-releases alone: {}",
                releases(of_name.iter().copied())
            ))
            .remedy(format!(
                "name one as a whole, as in {name}@{}",
                last.version()
            )),
            (None, _) => {
                let known = self.entries.iter().map(|entry| entry.name().as_str());
                let error = not_found(format!("no connector named {name} is registered"));
                match closest(name.as_str(), known) {
                    Some(meant) => error.remedy(format!("did you mean {meant}?")),
                    None => error.remedy("register its component: tenon register <file.wasm>"),
                }
            }
        }
    }
}

pub(super) fn unknown_digest(digest: &Digest) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("the registry has no component {digest}"),
    )
    .remedy("register its component: tenon register <file.wasm>")
}

fn releases<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    entries
        .map(|entry| format!("{}@{}", entry.name(), entry.version()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A time in microseconds, as RFC 3339 text.
mod as_time {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
    use tenon_model::{format_timestamp, parse_timestamp};

    pub fn serialize<S: Serializer>(time: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(micros) => serializer.serialize_some(&format_timestamp(*micros)),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<i64>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| parse_timestamp(&text).map_err(D::Error::custom))
            .transpose()
    }
}
