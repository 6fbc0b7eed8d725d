//! A read model's lock: a file that says whose it is and since when, as long as it is there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tenon_sdk::{Error, ErrorKind, Result};

use crate::fault::{Fault, Planted};

/// How long passes between the look at a lock and its making, where they aren't one step.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock that is held. It is given back where it is dropped.
pub(super) struct StoreLock {
    path: PathBuf,
    content: String,
    stays: bool,
}

impl StoreLock {
    /// Takes a read model's lock; none where a fault goes without.
    ///
    /// # Errors
    /// `conflict` where another has it.
    pub(super) fn take(
        planted: Planted,
        path: &Path,
        owner: &str,
        read_model: &str,
    ) -> Result<Option<Self>> {
        if planted.is(Fault::StoreLockIsNone) {
            return Ok(None);
        }
        let content = format!("{} {owner}", now().as_millis());
        let is_late = planted.is(Fault::StoreLockIsTakenLate);
        if is_late {
            if path.exists() {
                return Err(refused(planted, path, read_model));
            }
            std::thread::sleep(PAUSE);
        }
        let mut options = OpenOptions::new();
        options.write(true);
        if is_late {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        match options.open(path) {
            Ok(mut file) => {
                file.write_all(content.as_bytes())?;
                Ok(Some(Self {
                    path: path.to_owned(),
                    content,
                    stays: false,
                }))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(refused(planted, path, read_model))
            }
            Err(error) => Err(Error::from(error).context("a read model's lock")),
        }
    }

    /// Leaves it where it is.
    pub(super) fn leave(&mut self) {
        self.stays = true;
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        let is_ours = fs::read_to_string(&self.path).is_ok_and(|content| content == self.content);
        if is_ours && !self.stays {
            // Where that fails, nobody can do more.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The error for whoever comes too late.
fn refused(planted: Planted, path: &Path, read_model: &str) -> Error {
    let content = fs::read_to_string(path).unwrap_or_default();
    if planted.is(Fault::RefusalBreaksTheLock) {
        let _ = fs::remove_file(path);
    }
    let kind = if planted.is(Fault::HeldLockIsUnavailable) {
        ErrorKind::Unavailable
    } else {
        ErrorKind::Conflict
    };
    let error = Error::new(
        kind,
        format!("the read model `{read_model}` is open already: close it first"),
    );
    // Who has just made it may not have said yet who he is.
    let Some((taken, owner)) = content.split_once(' ') else {
        return error;
    };
    let error = error.detail("lock-owner", owner);
    match taken.parse().map(Duration::from_millis) {
        Ok(taken) => {
            let age = now().saturating_sub(taken);
            let is_coarse = planted.is(Fault::LockAgeIsInSeconds);
            let age = if is_coarse {
                age.as_secs().into()
            } else {
                age.as_millis()
            };
            error.detail("lock-age", age)
        }
        Err(_) => error,
    }
}
