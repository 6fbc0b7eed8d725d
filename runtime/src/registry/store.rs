//! The registry's folder: which files are in it, and how they come to be there.
//!
//! Readers take no lock: every file appears whole, by renaming. Writers take turns under a lock on a file,
//! and whatever a killed one has left half-written is swept away by the next. The folder is private to its
//! user, because code that is loaded from it runs in this process.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind as Io, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, ErrorKind, Result};
use crate::reference::Digest;

/// How long a writer waits for its turn. Others hold the lock while they write a few files, never while they
/// compile.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// How often a waiting writer looks whether it is its turn.
const LOCK_POLL: Duration = Duration::from_millis(10);

/// What a file is called until it is whole.
const UNFINISHED: &str = "unfinished";

/// A file of the registry's.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    /// What is registered.
    Index,
    /// What compiled code is authenticated with.
    Key,
    /// A component.
    Component(&'a Digest),
    /// A component's compiled code, for engines of that compatibility.
    Compiled(&'a Digest, &'a str),
}

impl Item<'_> {
    fn folder(self) -> Folder {
        match self {
            Self::Index | Self::Key => Folder::Root,
            Self::Component(_) => Folder::Components,
            Self::Compiled(..) => Folder::Compiled,
        }
    }

    fn file_name(self) -> String {
        match self {
            Self::Index => "index.json".to_owned(),
            Self::Key => "key".to_owned(),
            Self::Component(digest) => format!("{}.wasm", digest.hex()),
            Self::Compiled(digest, compatibility) => {
                format!("{}-{compatibility}.cwasm", digest.hex())
            }
        }
    }
}

/// A folder of the registry's.
#[derive(Clone, Copy)]
pub(super) enum Folder {
    Root,
    Components,
    Compiled,
}

impl Folder {
    const ALL: [Self; 3] = [Self::Root, Self::Components, Self::Compiled];

    fn name(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::Components => "components",
            Self::Compiled => "compiled",
        }
    }
}

/// The folder on disk.
pub(super) struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens the folder, and makes what is missing of it.
    pub(super) fn open(root: &Path) -> Result<Self> {
        let store = Self {
            root: root.to_owned(),
        };
        if let Some(parent) = root
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            std::fs::create_dir_all(parent).map_err(|cause| failed("making", parent, cause))?;
        }
        for folder in Folder::ALL {
            make_private_folder(&store.path(folder))?;
        }
        store.check_private()?;
        Ok(store)
    }

    /// Makes sure that nobody but this process's user can have put anything into the folder.
    pub(super) fn check_private(&self) -> Result<()> {
        for folder in Folder::ALL {
            let path = self.path(folder);
            let metadata =
                std::fs::metadata(&path).map_err(|cause| failed("looking at", &path, cause))?;
            let me = rustix::process::geteuid().as_raw();
            if metadata.uid() != me {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    format!(
                        "the registry {} belongs to user {}, and this process runs as user {me}: it would run code \
                         that the other can replace",
                        path.display(),
                        metadata.uid(),
                    ),
                )
                .remedy("run it as the registry's owner, or use a registry of your own"));
            }
            if metadata.mode() & 0o077 != 0 {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    format!(
                        "the registry {} is open to other users (mode {:o}), who could replace the code that runs",
                        path.display(),
                        metadata.mode() & 0o777,
                    ),
                )
                .remedy(format!("close it: chmod 700 {}", path.display())));
            }
        }
        Ok(())
    }

    /// A file's content; none where there is no such file.
    pub(super) fn read(&self, item: Item<'_>) -> Result<Option<Vec<u8>>> {
        let path = self.item(item);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == Io::NotFound => Ok(None),
            Err(cause) => Err(failed("reading", &path, cause)),
        }
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, item: Item<'_>) -> bool {
        self.item(item).is_file()
    }

    /// Notes that a file is in use, if it is there.
    pub(super) fn touch(&self, item: Item<'_>) {
        // It only puts off the sweeping of a file that can be made again.
        let _ = OpenOptions::new()
            .append(true)
            .open(self.item(item))
            .and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Waits for the turn to write. It ends when the writer is dropped, or its process ends.
    pub(super) fn lock(&self) -> Result<Writer<'_>> {
        let path = self.path(Folder::Root).join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|cause| failed("opening", &path, cause))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < LOCK_WAIT => {
                    std::thread::sleep(LOCK_POLL)
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::new(
                        ErrorKind::Timeout,
                        format!(
                            "another process has been writing to the registry {} for {} seconds",
                            self.root.display(),
                            LOCK_WAIT.as_secs()
                        ),
                    )
                    .remedy("wait for it or end it, and try again"));
                }
                Err(TryLockError::Error(cause)) => return Err(failed("locking", &path, cause)),
            }
        }
        let writer = Writer {
            store: self,
            _lock: file,
        };
        writer.sweep_unfinished()?;
        Ok(writer)
    }

    /// Where it is, for messages.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, folder: Folder) -> PathBuf {
        match folder {
            Folder::Root => self.root.clone(),
            _ => self.root.join(folder.name()),
        }
    }

    fn item(&self, item: Item<'_>) -> PathBuf {
        self.path(item.folder()).join(item.file_name())
    }
}

/// The turn to write.
pub(super) struct Writer<'a> {
    store: &'a Store,
    _lock: File,
}

impl Writer<'_> {
    /// Writes a file, in the order of its parts. A kill at any moment, or a loss of power, leaves the old file
    /// or the new one.
    pub(super) fn write(&self, item: Item<'_>, parts: &[&[u8]]) -> Result<()> {
        let path = self.store.item(item);
        let unfinished = path.with_added_extension(UNFINISHED);
        write_through(&unfinished, parts)
            .and_then(|()| std::fs::rename(&unfinished, &path))
            .and_then(|()| File::open(self.store.path(item.folder()))?.sync_all())
            .map_err(|cause| failed("writing", &path, cause))
    }

    /// Deletes a file, if it is there.
    pub(super) fn delete(&self, item: Item<'_>) -> Result<()> {
        self.delete_named(item.folder(), &item.file_name())
    }

    /// Deletes a file by its name, if it is there.
    pub(super) fn delete_named(&self, folder: Folder, name: &str) -> Result<()> {
        let path = self.store.path(folder).join(name);
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != Io::NotFound => Err(failed("deleting", &path, cause)),
            _ => Ok(()),
        }
    }

    /// A folder's files: their names, and when each was written or last touched.
    pub(super) fn files(&self, folder: Folder) -> Result<Vec<(String, SystemTime)>> {
        let path = self.store.path(folder);
        let list = || -> io::Result<Vec<(String, SystemTime)>> {
            let mut files = Vec::new();
            for entry in std::fs::read_dir(&path)? {
                let entry = entry?;
                let metadata = entry.metadata()?;
                if let (true, Ok(name)) = (metadata.is_file(), entry.file_name().into_string()) {
                    files.push((name, metadata.modified()?));
                }
            }
            Ok(files)
        };
        list().map_err(|cause| failed("reading", &path, cause))
    }

    /// Whoever holds the lock is the only one who writes, so that any unfinished file is a killed writer's.
    fn sweep_unfinished(&self) -> Result<()> {
        for folder in Folder::ALL {
            for (name, _) in self.files(folder)? {
                if Path::new(&name)
                    .extension()
                    .is_some_and(|extension| extension == UNFINISHED)
                {
                    self.delete_named(folder, &name)?;
                }
            }
        }
        Ok(())
    }
}

fn make_private_folder(path: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == Io::AlreadyExists => Ok(()),
        Err(cause) => Err(failed("making", path, cause)),
    }
}

fn write_through(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Reads a file that is not the registry's, up to a bound; none where it is longer.
pub(super) fn read_bounded(path: &Path, most: usize) -> Result<Option<Vec<u8>>> {
    let read = || -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let file = File::open(path)?;
        file.take(most as u64 + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() <= most).then_some(bytes))
    };
    read().map_err(|cause| failed("reading", path, cause))
}

fn failed(doing: &str, path: &Path, cause: io::Error) -> Error {
    Error::host(format_args!("{doing} {}", path.display()), cause)
}
