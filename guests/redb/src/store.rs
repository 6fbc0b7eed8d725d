//! The file: opening it, and its transactions.
//!
//! A write is one transaction, on the disk when it returns and undone when it fails. Each commit keeps what is
//! needed to open the file at once after a kill, instead of a walk through all of it. The engine can lock no
//! file in here; that only one session has it open is the runtime's lease.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::rc::Rc;

use redb::{Builder, Database, Durability, ReadableDatabase, WriteTransaction};
use tenon_sdk::{Error, Result};

use crate::error::OrFail;
use crate::settings::{CacheSize, Settings};
use crate::snapshot::Snapshot;

/// The open file.
pub(crate) struct Store {
    database: Database,
    /// What reads share until the next write.
    latest: RefCell<Option<Rc<Snapshot>>>,
}

impl Store {
    /// Opens the file, and makes it where there is none.
    pub(crate) fn open(settings: &Settings, cache_size: CacheSize) -> Result<Self> {
        let mut builder = Builder::new();
        builder.set_cache_size(cache_size.0);
        let path = Path::new(&settings.path);
        if is_missing(path).map_err(|error| refused(settings, error))? {
            make(&builder, settings, path).map_err(|error| error.context(&settings.path))?;
        }
        let database = builder
            .open(path)
            .or_fail()
            .map_err(|error| error.context(&settings.path))?;
        Ok(Self {
            database,
            latest: RefCell::new(None),
        })
    }

    /// The file as it is now.
    pub(crate) fn read(&self) -> Result<Rc<Snapshot>> {
        let mut latest = self.latest.borrow_mut();
        if let Some(snapshot) = latest.as_ref() {
            return Ok(Rc::clone(snapshot));
        }
        let snapshot = Rc::new(Snapshot::new(self.database.begin_read().or_fail()?));
        *latest = Some(Rc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Writes in one transaction. It is durable when this returns, and undone where it fails.
    pub(crate) fn write<R>(&self, work: impl FnOnce(&WriteTransaction) -> Result<R>) -> Result<R> {
        // What a snapshot still sees can't be used again for what is written.
        self.latest.take();
        let mut transaction = self.database.begin_write().or_fail()?;
        transaction
            .set_durability(Durability::Immediate)
            .or_fail()?;
        transaction.set_quick_repair(true);
        let result = work(&transaction);
        // Work may have read what there was before.
        self.latest.take();
        match result {
            Ok(result) => {
                transaction.commit().or_unknown()?;
                Ok(result)
            }
            Err(error) => {
                transaction.abort().or_fail()?;
                Err(error)
            }
        }
    }
}

/// Whether there is no file, or an empty one.
fn is_missing(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len() == 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Makes the file under another name first: so there is never a file that is only begun.
fn make(builder: &Builder, settings: &Settings, path: &Path) -> Result<()> {
    let begun = format!("{}.new", settings.path);
    let begun = Path::new(&begun);
    match fs::remove_file(begun) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused(settings, error)),
        _ => {}
    }
    // Opening it ourselves tells a missing folder or grant from an error of the engine.
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(begun);
    let file = file.map_err(|error| refused(settings, error))?;
    drop(builder.create_file(file).or_fail()?);
    fs::rename(begun, path)?;
    // Without this the name, though not what was stored under it, could be lost with the power. Where a
    // folder can't be opened as a file the host has no such means.
    if let Ok(folder) = File::open(settings.folder()?) {
        match folder.sync_all() {
            Err(error)
                if error.kind() != ErrorKind::Unsupported
                    && error.kind() != ErrorKind::InvalidInput =>
            {
                return Err(error.into());
            }
            _ => {}
        }
    }
    Ok(())
}

fn refused(settings: &Settings, error: io::Error) -> Error {
    let folder = settings.folder().unwrap_or(&settings.path);
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            let mut denied = Error::from(error).context(format!(
                "`{}` can't be opened: grant the folder `{folder}` for writing",
                settings.path
            ));
            denied.kind = tenon_sdk::ErrorKind::Denied;
            denied
        }
        _ => Error::from(error).context(&settings.path),
    }
}
