//! The file: opening it, and its transactions.
//!
//! A write is one transaction, on the disk when it returns and undone when it fails, unless one is open: then all
//! calls work in that. Each commit keeps what is needed to open the file at once after a kill, instead of a walk
//! through all of it. The engine can lock no file in here; that only one session has it open is the runtime's lease.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use redb::{Builder, Database, ReadableDatabase};
use tenon_sdk::{Aftermath, Error, Result};

use crate::error::{OrFail, transaction_lost};
use crate::settings::{CacheSize, Settings};
use crate::transaction::{Live, Running, Work, is_lost, prepare};
use crate::view::{Snapshot, View};

/// The open file.
pub(crate) struct Store {
    database: Database,
    /// What reads share until the next write.
    latest: RefCell<Option<Rc<Snapshot>>>,
    running: RefCell<Running>,
    /// What long work may take of a call's time.
    time: Option<Duration>,
}

impl Store {
    /// Opens the file, and makes it where there is none.
    pub(crate) fn open(
        settings: &Settings,
        cache_size: CacheSize,
        time: Option<Duration>,
    ) -> Result<Self> {
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
            running: RefCell::new(Running::None),
            time,
        })
    }

    /// The file as it is now, to whoever calls: in a transaction, with its changes.
    pub(crate) fn read(&self) -> Result<View> {
        match &*self.running.borrow() {
            Running::Live(live) => return Ok(View::Live(Rc::clone(live))),
            Running::Lost => return Err(is_lost()),
            Running::None | Running::ReadOnly => {}
        }
        let mut latest = self.latest.borrow_mut();
        if let Some(snapshot) = latest.as_ref() {
            return Ok(View::Snapshot(Rc::clone(snapshot)));
        }
        let snapshot = Rc::new(Snapshot::new(self.database.begin_read().or_fail()?));
        *latest = Some(Rc::clone(&snapshot));
        Ok(View::Snapshot(snapshot))
    }

    /// Changes records. Outside a transaction that is one of its own: durable when this returns, and undone where
    /// it fails. Inside, work that fails undoes itself, or the transaction is lost.
    pub(crate) fn write<R>(&self, work: impl FnOnce(&Work) -> Result<R>) -> Result<R> {
        if matches!(*self.running.borrow(), Running::ReadOnly) {
            return Err(Error::invalid(
                "this transaction is read-only: begin one that may write",
            ));
        }
        self.change(work)
    }

    /// As [`write`](Self::write), for changes of definitions: a read-only transaction may be the first to use a
    /// model, and no record changes by it.
    pub(crate) fn change<R>(&self, work: impl FnOnce(&Work) -> Result<R>) -> Result<R> {
        match self.live()? {
            Some(live) => self.work_in(live, work),
            None => self.work_alone(work),
        }
    }

    fn live(&self) -> Result<Option<Rc<Live>>> {
        match &*self.running.borrow() {
            Running::Live(live) => Ok(Some(Rc::clone(live))),
            Running::Lost => Err(is_lost()),
            Running::None | Running::ReadOnly => Ok(None),
        }
    }

    fn work_alone<R>(&self, work: impl FnOnce(&Work) -> Result<R>) -> Result<R> {
        // What a snapshot still sees can't be used again for what is written.
        self.latest.take();
        let mut engine = self.database.begin_write().or_fail()?;
        prepare(&mut engine)?;
        let result = work(&Work::whole(&engine, self.time));
        // Work may have read what there was before.
        self.latest.take();
        match result {
            Ok(result) => {
                engine.commit().or_unknown()?;
                Ok(result)
            }
            Err(error) => {
                engine.abort().or_fail()?;
                Err(error)
            }
        }
    }

    fn work_in<R>(&self, live: Rc<Live>, work: impl FnOnce(&Work) -> Result<R>) -> Result<R> {
        let part = Work::part(&live);
        let result = work(&part);
        let is_broken = part.has_changed();
        drop(live);
        result.map_err(|error| {
            if is_broken || error.aftermath != Aftermath::Usable {
                // Letting it go undoes it.
                self.running.replace(Running::Lost);
                return transaction_lost(error);
            }
            error
        })
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self, read_only: bool) -> Result<()> {
        if !matches!(*self.running.borrow(), Running::None) {
            return Err(Error::invalid(
                "a transaction is open already: commit it or roll it back first",
            ));
        }
        let running = if read_only {
            Running::ReadOnly
        } else {
            self.latest.take();
            let engine = self.database.begin_write().or_fail()?;
            Running::Live(Rc::new(Live::new(engine)?))
        };
        self.running.replace(running);
        Ok(())
    }

    /// Makes the transaction durable.
    pub(crate) fn commit(&self) -> Result<()> {
        let running = self.running.replace(Running::None);
        let result = match running {
            Running::None => return Err(no_transaction()),
            Running::ReadOnly => return Ok(()),
            Running::Lost => Err(is_lost()),
            // Nobody else has it: cursors hold it during their own calls only.
            Running::Live(live) => {
                Rc::into_inner(live).map_or_else(|| Err(is_lost()), Live::commit)
            }
        };
        result.inspect_err(|_| {
            self.running.replace(Running::Lost);
        })
    }

    /// Undoes the transaction; whether definitions may have gone with it.
    pub(crate) fn rollback(&self) -> Result<bool> {
        match self.running.replace(Running::None) {
            Running::None => Err(no_transaction()),
            Running::ReadOnly => Ok(false),
            Running::Lost => Ok(true),
            Running::Live(live) => {
                let defined = live.definitions() > 0;
                match Rc::into_inner(live) {
                    Some(live) => live.engine.abort().or_fail().map(|()| defined),
                    None => Ok(defined),
                }
            }
        }
    }

    /// Undoes a transaction if there is one: for the end of the session.
    pub(crate) fn end(&self) -> Result<()> {
        if self.is_in_transaction() {
            self.rollback()?;
        }
        Ok(())
    }

    /// Whether a transaction is open, be it a lost one.
    pub(crate) fn is_in_transaction(&self) -> bool {
        !matches!(*self.running.borrow(), Running::None)
    }
}

fn no_transaction() -> Error {
    Error::invalid("no transaction is open: begin one first")
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
