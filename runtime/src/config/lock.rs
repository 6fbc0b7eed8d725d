//! `tenon.lock`: what each connector reference was resolved to.
//!
//! A reference is resolved once, and from then on means the same component, whatever is registered later; only
//! an upgrade moves it. Changes are made one at a time and written as a whole.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use semver::Version;
use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table, value};

use super::file;
use super::reader::Reader;
use super::tree::Node;
use crate::names::ConnectorName;
use crate::reference::{ConnectorReference, Digest};

/// The version of the file's form.
const VERSION: i64 = 1;

/// The largest file, in bytes: thousands of references.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

const HEADER: &str = "# Which component each connector reference stands for. Written by Tenon; keep it with tenon.toml.\n";

/// A component that a reference stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Its manifest's name.
    pub name: ConnectorName,
    /// Its manifest's version.
    pub version: Version,
    /// Its digest.
    pub digest: Digest,
}

/// What the references of a configuration stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    path: PathBuf,
    /// By the reference's text, paths relative to the file so that it can be kept with its project.
    entries: BTreeMap<String, Locked>,
}

impl Lock {
    /// Reads the file; one that isn't there holds nothing.
    ///
    /// # Errors
    /// Why it can't be read, or every mistake in it.
    pub fn load(path: &Path) -> Result<Self, LockError> {
        let text = match std::fs::metadata(path) {
            Ok(metadata) if metadata.len() > MAX_SIZE => {
                return Err(LockError::new(
                    path,
                    format!("it is larger than {MAX_SIZE} bytes"),
                ));
            }
            Ok(_) => std::fs::read_to_string(path).map_err(|cause| LockError::new(path, cause))?,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(cause) => return Err(LockError::new(path, cause)),
        };
        let entries = if text.is_empty() {
            BTreeMap::new()
        } else {
            parse(&text, path)?
        };
        Ok(Self {
            path: path.to_owned(),
            entries,
        })
    }

    /// Reads the file, changes what it says, and writes it, while nobody else does.
    ///
    /// # Errors
    /// As [`Lock::load`], or why it can't be written; the file is then as it was.
    pub fn change<T>(path: &Path, change: impl FnOnce(&mut Self) -> T) -> Result<T, LockError> {
        let _held = file::hold(path).map_err(|cause| LockError::new(path, cause))?;
        let before = Self::load(path)?;
        let mut lock = before.clone();
        let outcome = change(&mut lock);
        if lock != before {
            file::write(path, &lock.to_text()).map_err(|cause| LockError::new(path, cause))?;
        }
        Ok(outcome)
    }

    /// What the reference stands for; none where it has not been resolved.
    pub fn get(&self, reference: &ConnectorReference) -> Option<&Locked> {
        self.entries.get(&self.text_of(reference))
    }

    /// Resolves a reference for the first time: what it stood for already stays, and is returned.
    pub fn pin(&mut self, reference: &ConnectorReference, locked: Locked) -> Locked {
        self.entries
            .entry(self.text_of(reference))
            .or_insert(locked)
            .clone()
    }

    /// Moves a reference to another component: an upgrade. Returns what it stood for.
    pub fn repin(&mut self, reference: &ConnectorReference, locked: Locked) -> Option<Locked> {
        self.entries.insert(self.text_of(reference), locked)
    }

    /// Forgets a reference, which is then resolved anew.
    pub fn forget(&mut self, reference: &ConnectorReference) -> Option<Locked> {
        self.entries.remove(&self.text_of(reference))
    }

    /// Each reference's text with what it stands for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Locked)> {
        self.entries
            .iter()
            .map(|(reference, locked)| (reference.as_str(), locked))
    }

    fn text_of(&self, reference: &ConnectorReference) -> String {
        let ConnectorReference::Path(path) = reference else {
            return reference.to_string();
        };
        match path.strip_prefix(super::folder_of(&self.path)) {
            Ok(inside) => format!("./{}", inside.display()),
            Err(_outside) => path.display().to_string(),
        }
    }

    fn to_text(&self) -> String {
        let mut tables = ArrayOfTables::new();
        for (reference, locked) in &self.entries {
            let mut table = Table::new();
            table.insert("reference", value(reference));
            table.insert("name", value(locked.name.as_str()));
            table.insert("version", value(locked.version.to_string()));
            table.insert("digest", value(locked.digest.to_string()));
            tables.push(table);
        }
        let mut document = DocumentMut::new();
        document.insert("version", value(VERSION));
        document.insert("connector", Item::ArrayOfTables(tables));
        format!("{HEADER}{document}")
    }
}

fn parse(text: &str, path: &Path) -> Result<BTreeMap<String, Locked>, LockError> {
    let document =
        Document::parse(text).map_err(|error| LockError::broken(path, error.message()))?;
    let root = Node::of_document(&document);
    let mut reader = Reader::new(Path::new(""));
    let entries = read(&root, &mut reader);
    let problems = reader.into_problems();
    match entries {
        Some(entries) if problems.is_empty() => Ok(entries),
        _ => {
            let problems: Vec<String> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.place, problem.message))
                .collect();
            Err(LockError::broken(path, problems.join("; ")))
        }
    }
}

fn read(root: &Node, reader: &mut Reader) -> Option<BTreeMap<String, Locked>> {
    // The version first: a newer form may have keys that are unknown here.
    match root
        .member("version")
        .map(|node| (node, reader.number::<i64>(node)))
    {
        Some((_, Some(VERSION) | None)) => {}
        Some((node, Some(other))) => {
            reader.problem(
                node,
                format!("version {other} was written by a newer Tenon; use that one"),
            );
            return None;
        }
        None => {
            reader.problem(root, "`version` is missing: this is no lock file");
            return None;
        }
    }
    let fields = reader.table(root, &["version", "connector"])?;
    let items = fields
        .get("connector")
        .map_or(Some(&[][..]), |node| reader.list(node))?;
    let mut entries = BTreeMap::new();
    for item in items {
        let Some((reference, locked)) = entry(item, reader) else {
            continue;
        };
        if entries.insert(reference, locked).is_some() {
            reader.problem(item, "this reference is there twice");
        }
    }
    Some(entries)
}

fn entry(node: &Node, reader: &mut Reader) -> Option<(String, Locked)> {
    let fields = reader.table(node, &["reference", "name", "version", "digest"])?;
    let mut text = |key: &str| {
        let node = fields.required(key, "\"…\"", reader)?;
        Some((node, reader.text(node)?))
    };
    let (reference, name, version, digest) = (
        text("reference"),
        text("name"),
        text("version"),
        text("digest"),
    );
    let (_, reference) = reference?;
    let name = parsed(name?, reader);
    let version = parsed(version?, reader);
    let digest = parsed(digest?, reader);
    Some((
        reference.to_owned(),
        Locked {
            name: name?,
            version: version?,
            digest: digest?,
        },
    ))
}

fn parsed<T: std::str::FromStr<Err: fmt::Display>>(
    (node, text): (&Node, &str),
    reader: &mut Reader,
) -> Option<T> {
    text.parse()
        .map_err(|reason: T::Err| reader.problem(node, reason.to_string()))
        .ok()
}

/// Why a `tenon.lock` can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError {
    path: PathBuf,
    reason: String,
}

impl LockError {
    fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// The text is not what a lock file holds.
    fn broken(path: &Path, reason: impl fmt::Display) -> Self {
        Self::new(
            path,
            format!("{reason}; restore it, or delete it to have the references resolved anew"),
        )
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for LockError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(version: &str) -> Locked {
        Locked {
            name: ConnectorName::new("redb").unwrap(),
            version: version.parse().unwrap(),
            digest: Digest::of(version.as_bytes()),
        }
    }

    fn reference(text: &str) -> ConnectorReference {
        text.parse().unwrap()
    }

    #[test]
    fn a_reference_is_resolved_once_and_moved_by_an_upgrade() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenon.lock");
        let redb = reference("redb@0.1");
        let pin = |version| Lock::change(&path, |lock| lock.pin(&redb, locked(version))).unwrap();
        assert_eq!(pin("0.1.0"), locked("0.1.0"));
        assert_eq!(pin("0.1.1"), locked("0.1.0"));
        let before = Lock::change(&path, |lock| lock.repin(&redb, locked("0.1.1"))).unwrap();
        assert_eq!(before, Some(locked("0.1.0")));
        assert_eq!(
            Lock::load(&path).unwrap().get(&redb),
            Some(&locked("0.1.1"))
        );
        Lock::change(&path, |lock| lock.forget(&redb)).unwrap();
        assert_eq!(Lock::load(&path).unwrap().get(&redb), None);
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(files.len(), 1, "only the lock file is left: {files:?}");
    }

    #[test]
    fn the_file_is_plain_and_paths_in_it_are_relative() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenon.lock");
        let file = reference("./sub/x.wasm").seen_from(folder.path());
        Lock::change(&path, |lock| lock.pin(&file, locked("1.2.3"))).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            format!(
                "{HEADER}version = 1\n\n[[connector]]\nreference = \"./sub/x.wasm\"\nname = \"redb\"\n\
                 version = \"1.2.3\"\ndigest = \"{}\"\n",
                locked("1.2.3").digest
            )
        );
        assert_eq!(
            Lock::load(&path).unwrap().get(&file),
            Some(&locked("1.2.3"))
        );
    }

    #[test]
    fn what_is_no_lock_file_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenon.lock");
        for (text, reason) in [
            (
                "version = 2\nfoo = 1",
                "version 2 was written by a newer Tenon",
            ),
            ("[[connector]]", "`version` is missing"),
            (
                "version = 1\n[[connector]]\nreference = \"x\"\nname = \"X\"",
                "connector[0].name",
            ),
            ("version = ", "restore it, or delete it"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Lock::change(&path, |lock| lock.pin(&reference("redb"), locked("1.0.0")))
                .unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn changes_at_the_same_time_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenon.lock");
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    let name = reference(&format!("connector-{thread}"));
                    Lock::change(path, |lock| lock.pin(&name, locked("1.0.0"))).unwrap();
                });
            }
        });
        assert_eq!(Lock::load(&path).unwrap().iter().count(), 8);
    }
}
