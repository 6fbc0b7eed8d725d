//! Leases: the right to be the only one, in the world and not in the process.
//!
//! The default is an operating-system lock on a file, which ends with its process however that ends. Every
//! lease goes through [`Leases`], so that several nodes can share another kind.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::names::DataSourceName;
use crate::reference::Digest;

/// How often a taken lease is looked at again while somebody waits for it.
const RETRY: Duration = Duration::from_millis(50);

/// What a lease is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseKey {
    /// An exclusive data source.
    DataSource(DataSourceName),
    /// A folder that a data source may write to.
    Folder(PathBuf),
    /// Finding or writing a record of a model, where the backend can't do both in one step.
    Model {
        /// Its data source.
        source: DataSourceName,
        /// Its name.
        model: String,
    },
}

impl std::fmt::Display for LeaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DataSource(name) => write!(f, "the data source {name}"),
            Self::Folder(folder) => write!(f, "the folder {}", folder.display()),
            Self::Model { source, model } => write!(f, "the model {model} of {source}"),
        }
    }
}

/// Where leases come from.
pub trait Leases: Send + Sync {
    /// Takes a lease if nobody has it.
    ///
    /// # Errors
    /// `conflict` where somebody has it, saying who as far as that is known; `host` where it can't be taken.
    fn try_take(&self, key: &LeaseKey) -> Result<Lease>;
}

/// Waits until a lease is free, for as long as `patience`.
///
/// # Errors
/// As [`Leases::try_take`], after that time.
pub(crate) async fn take(leases: &dyn Leases, key: &LeaseKey, patience: Duration) -> Result<Lease> {
    let start = tokio::time::Instant::now();
    loop {
        match leases.try_take(key) {
            Err(error)
                if error.kind() == ErrorKind::Conflict && start.elapsed() + RETRY < patience =>
            {
                tokio::time::sleep(RETRY).await;
            }
            result => return result,
        }
    }
}

/// The right to be the only one, until it is dropped.
pub struct Lease {
    _held: Box<dyn Send + Sync>,
}

impl Lease {
    /// A lease that lasts as long as `held` lives.
    pub fn new(held: impl Send + Sync + 'static) -> Self {
        Self {
            _held: Box::new(held),
        }
    }
}

/// Leases as locks on files in a folder, and on the granted folders themselves.
pub struct FileLeases {
    folder: PathBuf,
}

impl FileLeases {
    /// Keeps its files in that folder, and makes it where it is missing.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn lock_file(&self, name: &str, key: &LeaseKey) -> Result<Lease> {
        std::fs::create_dir_all(&self.folder)
            .map_err(|cause| Error::host(format!("making {}", self.folder.display()), cause))?;
        let path = self.folder.join(format!("{name}.lock"));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|cause| Error::host(format!("opening {}", path.display()), cause))?;
        if !try_lock(&file, &path)? {
            let mut owner = String::new();
            // Only a better message is lost where it can't be read.
            let _ = file.read_to_string(&mut owner);
            return Err(taken(key, owner.trim()));
        }
        note_owner(&mut file)
            .map_err(|cause| Error::host(format!("writing {}", path.display()), cause))?;
        Ok(Lease::new(file))
    }
}

impl Leases for FileLeases {
    fn try_take(&self, key: &LeaseKey) -> Result<Lease> {
        match key {
            LeaseKey::DataSource(name) => self.lock_file(name.as_str(), key),
            // A model's name may be anything, a file's may not; no data source's has a dot.
            LeaseKey::Model { source, model } => {
                let model = Digest::of(model.as_bytes());
                self.lock_file(&format!("{source}.{}", model.hex()), key)
            }
            LeaseKey::Folder(folder) => {
                let opened = File::open(folder)
                    .map_err(|cause| Error::host(format!("opening {}", folder.display()), cause))?;
                if try_lock(&opened, folder)? {
                    Ok(Lease::new(opened))
                } else {
                    Err(taken(key, ""))
                }
            }
        }
    }
}

fn try_lock(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(cause)) => {
            Err(Error::host(format!("locking {}", path.display()), cause))
        }
    }
}

fn note_owner(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "process {}", std::process::id())
}

fn taken(key: &LeaseKey, owner: &str) -> Error {
    let by = if owner.is_empty() {
        "another process, or another data source,".to_owned()
    } else {
        owner.to_owned()
    };
    Error::new(
        ErrorKind::Conflict,
        format!("{by} is using {key}, which only one may use at a time"),
    )
    .remedy("wait until it is done, stop it, or send the request to it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_source_has_one_holder_and_the_next_takes_over() {
        let folder = tempfile::tempdir().unwrap();
        let leases = FileLeases::new(folder.path().join("leases"));
        let key = LeaseKey::DataSource(DataSourceName::new("air").unwrap());
        let held = leases.try_take(&key).unwrap();
        let refused = leases.try_take(&key).err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert!(
            refused
                .to_string()
                .contains(&std::process::id().to_string())
        );
        drop(held);
        leases.try_take(&key).unwrap();
    }

    #[test]
    fn a_folder_has_one_holder() {
        let folder = tempfile::tempdir().unwrap();
        let leases = FileLeases::new(folder.path().join("leases"));
        let key = LeaseKey::Folder(folder.path().to_owned());
        let _held = leases.try_take(&key).unwrap();
        assert_eq!(
            leases.try_take(&key).err().unwrap().kind(),
            ErrorKind::Conflict
        );
    }
}
