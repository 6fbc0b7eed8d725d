//! The folder: files that are replaced whole, and what they may amount to.
//!
//! A file is written beside its place, brought to the disk and then renamed: a crash at any moment leaves it
//! as it was before or after. What such a crash leaves beside is removed by the next `connect`; the runtime's
//! lease on the folder sees to it that nobody else is writing there then.
//! All of what is in use is in memory, so the files together are bounded by a part of the memory limit.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tenon_sdk::{Aftermath, Effect, Error, ErrorKind, Limits, Result};

/// What ends the name of a file that is being written.
const BEGUN: &str = ".begun";

/// Bytes of memory that a byte of a file may come to: its records, the text of the next version, and the copy
/// that a change is made on.
const MEMORY_PER_BYTE: u64 = 16;

/// A folder that is granted for writing.
pub(crate) struct Folder {
    path: PathBuf,
    /// Bytes that the files in use may have together.
    room: u64,
    /// The files in use, with their sizes.
    held: RefCell<HashMap<String, u64>>,
}

impl Folder {
    /// Opens the folder and removes what a crash has left in it.
    pub(crate) fn open(path: &str, limits: &Limits) -> Result<Self> {
        let folder = Self {
            path: PathBuf::from(path),
            room: limits
                .memory
                .map_or(u64::MAX, |memory| memory / MEMORY_PER_BYTE),
            held: RefCell::default(),
        };
        let entries = fs::read_dir(path).map_err(|error| refused(path, error))?;
        for entry in entries {
            let entry = entry?;
            if entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.ends_with(BEGUN))
            {
                fs::remove_file(entry.path()).map_err(|error| refused(path, error))?;
            }
        }
        Ok(folder)
    }

    /// Whether the folder is still there.
    pub(crate) fn ping(&self) -> Result<()> {
        fs::metadata(&self.path)
            .map(|_| ())
            .map_err(|error| Error::from(error).context(self.path.display()))
    }

    fn place(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// The text of a file that is in use from now on; none where there is no such file.
    pub(crate) fn read(&self, file: &str) -> Result<Option<String>> {
        let context = |error: io::Error| Error::from(error).context(file);
        let mut opened = match File::open(self.place(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(context)?,
        };
        let size = opened.metadata().map_err(context)?.len();
        self.hold(file, size)?;
        let mut text = String::new();
        opened.read_to_string(&mut text).map_err(context)?;
        Ok(Some(text))
    }

    /// Puts a text in the place of a file's. Where it fails, the file is as it was, unless the error says that
    /// nobody knows.
    pub(crate) fn replace(&self, file: &str, text: &str) -> Result<()> {
        let before = self.held.borrow().get(file).copied();
        self.hold(file, size(text))?;
        let replaced = self.begin(file, text).and_then(|begun| {
            fs::rename(&begun, self.place(file)).map_err(|error| {
                // A file system far away may have done it all the same.
                let mut error = Error::from(error).context(file);
                error.effect = Effect::Unknown;
                error.aftermath = Aftermath::SessionLost;
                error
            })
        });
        if replaced.is_err() {
            match before {
                Some(size) => self.held.borrow_mut().insert(file.to_owned(), size),
                None => self.held.borrow_mut().remove(file),
            };
            return replaced;
        }
        self.sync()
    }

    /// Makes a file with this text unless there is one; whether it did.
    pub(crate) fn create(&self, file: &str, text: &str) -> Result<bool> {
        let begun = self.begin(file, text)?;
        let place = self.place(file);
        // A link appears with all of its text, where a file that is made first and written then could stay
        // empty after a crash. Not every file system has links.
        let made = match fs::hard_link(&begun, &place) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => write_new(&place, text),
            other => other,
        };
        fs::remove_file(&begun)?;
        match made {
            Ok(()) => self.sync().map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(Error::from(error).context(file)),
        }
    }

    /// The beginning of a file's text, as far as `max` bytes, and when it was written.
    pub(crate) fn glance(&self, file: &str, max: u64) -> Result<Option<(Vec<u8>, SystemTime)>> {
        let context = |error: io::Error| Error::from(error).context(file);
        let opened = match File::open(self.place(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(context)?,
        };
        let written = opened
            .metadata()
            .and_then(|metadata| metadata.modified())
            .map_err(context)?;
        let mut bytes = Vec::new();
        opened.take(max).read_to_end(&mut bytes).map_err(context)?;
        Ok(Some((bytes, written)))
    }

    /// Removes a file; nothing to remove is no error.
    pub(crate) fn remove(&self, file: &str) -> Result<()> {
        self.forget(file);
        match fs::remove_file(self.place(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::from(error).context(file))
            }
            _ => self.sync(),
        }
    }

    /// A file is in use no longer.
    pub(crate) fn forget(&self, file: &str) {
        self.held.borrow_mut().remove(file);
    }

    fn hold(&self, file: &str, size: u64) -> Result<()> {
        let mut held = self.held.borrow_mut();
        let others = held.iter().filter(|(name, _)| *name != file);
        let sum = others.fold(size, |sum, (_, size)| sum.saturating_add(*size));
        if sum > self.room {
            return Err(Error::new(
                ErrorKind::Exhausted,
                format!(
                    "`{file}` would have {size} bytes and all files in use {sum}, and {} are allowed: keep less, \
                     raise the data source's limit `memory`, or use a database",
                    self.room
                ),
            ));
        }
        held.insert(file.to_owned(), size);
        Ok(())
    }

    /// Writes a text to the disk, beside its place.
    fn begin(&self, file: &str, text: &str) -> Result<PathBuf> {
        let begun = self.place(&format!("{file}{BEGUN}"));
        let written = File::create(&begun).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| {
            // The next `connect` removes it otherwise.
            let _ = fs::remove_file(&begun);
            Error::from(error).context(file)
        })?;
        Ok(begun)
    }

    /// Brings names to the disk: without it a rename, though not what was renamed, could be lost with the
    /// power. Where a folder can't be opened as a file the host has no such means.
    fn sync(&self) -> Result<()> {
        let Ok(folder) = File::open(&self.path) else {
            return Ok(());
        };
        match folder.sync_all() {
            Err(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
                ) =>
            {
                let mut error = Error::from(error).context(self.path.display());
                error.effect = Effect::Unknown;
                error.aftermath = Aftermath::SessionLost;
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

fn write_new(place: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(place)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn size(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

fn refused(path: &str, error: io::Error) -> Error {
    let mut refused = Error::from(error).context(format!(
        "`{path}` can't be used: grant the folder for writing"
    ));
    refused.kind = ErrorKind::Denied;
    refused
}
