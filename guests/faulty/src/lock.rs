//! The folder's lock: a file that one session at a time makes.
//!
//! Whoever has it writes. A lock that nobody has touched for [`STALE`] is a dead session's, and is broken.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tenon_sdk::{Error, ErrorKind, Result};

/// A lock of this age belongs to nobody any more.
const STALE: Duration = Duration::from_secs(10);

/// A lock that is kept is touched this often.
const TOUCH: Duration = Duration::from_secs(2);

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// For how long a lock is taken.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Holding {
    Call,
    Transaction,
}

impl Holding {
    const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Transaction => "transaction",
        }
    }
}

/// The lock, held. It is given back where it is dropped.
pub(crate) struct Lock {
    path: PathBuf,
    content: String,
    touched: Instant,
    kept: bool,
}

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// `conflict` where a transaction keeps it for as long as `patience`, `timeout` where a call does.
    pub(crate) fn take(
        folder: &Path,
        owner: &str,
        holding: Holding,
        patience: Duration,
    ) -> Result<Self> {
        let path = folder.join("lock");
        let content = format!("{} {owner}", holding.word());
        let began = Instant::now();
        loop {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(content.as_bytes())?;
                    return Ok(Self {
                        path,
                        content,
                        touched: Instant::now(),
                        kept: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::from(error).context("the folder's lock")),
            }
            if is_stale(&path) {
                break_lock(&path, owner);
                continue;
            }
            if began.elapsed() >= patience {
                return Err(refused(&path));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Shows that its owner is alive.
    pub(crate) fn touch(&mut self) -> Result<()> {
        if self.touched.elapsed() >= TOUCH && self.is_ours() {
            fs::write(&self.path, &self.content)?;
            self.touched = Instant::now();
        }
        Ok(())
    }

    /// Whether nobody has broken it.
    pub(crate) fn is_ours(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|content| content == self.content)
    }

    /// Leaves it where it is.
    pub(crate) fn leave(mut self) {
        self.kept = true;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if !self.kept && self.is_ours() {
            // Where that fails, it goes stale.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn is_stale(path: &Path) -> bool {
    let modified = fs::metadata(path).and_then(|about| about.modified());
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age >= STALE))
}

/// Breaks a stale lock. Of several who try, one moves it away, and the others find none.
fn break_lock(path: &Path, owner: &str) {
    let aside = path.with_file_name(format!("lock.{owner}"));
    if fs::rename(path, &aside).is_ok() {
        let _ = fs::remove_file(&aside);
    }
}

fn refused(path: &Path) -> Error {
    let content = fs::read_to_string(path).unwrap_or_default();
    if content.starts_with(Holding::Transaction.word()) {
        Error::new(
            ErrorKind::Conflict,
            "another session's transaction is changing records: try again once it has ended",
        )
    } else {
        Error::new(
            ErrorKind::Timeout,
            "another session has been changing records for too long",
        )
    }
}
