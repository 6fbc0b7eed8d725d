//! Locks on read models: a file beside the data that says who holds it and since when.
//!
//! One session has the folder, by the runtime's lease. So a lock that an earlier session of this connector left
//! is a dead holder's, and is taken over; one of another program is respected, unless the operator says how old
//! it may grow.

use std::fmt::Write as _;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tenon_model::{format_timestamp, parse_timestamp};
use tenon_sdk::{Error, ErrorKind, Result, generate};

use crate::folder::Folder;

/// What this connector's owners begin with.
const OWN: &str = "tenon-json-files:";

/// What is read of a lock file; another program may have put anything there.
const MAX_LOCK: u64 = 4_096;

/// Times that a lock may change hands while it is being taken.
const ATTEMPTS: u32 = 4;

/// Who takes locks here.
pub(crate) struct Locker {
    folder: Rc<Folder>,
    owner: String,
    stale_after: Option<Duration>,
}

/// A lock that is held.
pub(crate) struct Lock {
    folder: Rc<Folder>,
    file: String,
    owner: String,
    taken: SystemTime,
}

/// A lock file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Contents {
    owner: String,
    connector: String,
    read_model: String,
    /// RFC 3339.
    taken: String,
}

/// Another's lock.
struct Seen {
    owner: Option<String>,
    age: Duration,
}

impl Locker {
    /// Takes locks in this folder, under an owner's name that nobody had before.
    pub(crate) fn new(folder: &Rc<Folder>, stale_after: Option<Duration>) -> Result<Self> {
        Ok(Self {
            folder: Rc::clone(folder),
            owner: format!("{OWN}{}", generate::uuid()?),
            stale_after,
        })
    }

    /// Takes a read model's lock; `conflict` where another program holds it.
    pub(crate) fn take(&self, read_model: &str, file: &str) -> Result<Lock> {
        let taken = SystemTime::now();
        let contents = serde_json::to_string_pretty(&Contents {
            owner: self.owner.clone(),
            connector: concat!("json-files ", env!("CARGO_PKG_VERSION")).to_owned(),
            read_model: read_model.to_owned(),
            taken: format_timestamp(micros(taken)),
        })?;
        for _ in 0..ATTEMPTS {
            if self.folder.create(file, &contents)? {
                return Ok(Lock {
                    folder: Rc::clone(&self.folder),
                    file: file.to_owned(),
                    owner: self.owner.clone(),
                    taken,
                });
            }
            // It may have been given back in between.
            let Some(seen) = self.look(file)? else {
                continue;
            };
            if seen.is_own() {
                eprintln!(
                    "the lock of the read model `{read_model}` is taken over from an earlier session that ended \
                     without giving it back ({seen})"
                );
            } else if self.stale_after.is_some_and(|stale| seen.age > stale) {
                eprintln!(
                    "the lock of the read model `{read_model}` is broken: it is older than `stale-after` ({seen})"
                );
            } else {
                return Err(conflict(
                    format!(
                        "another program holds the lock of the read model `{read_model}` ({seen}): wait for it, or \
                         delete `{file}` if it is gone"
                    ),
                    seen.owner.as_deref(),
                    seen.age,
                ));
            }
            self.folder.remove(file)?;
        }
        Err(Error::new(
            ErrorKind::Conflict,
            format!(
                "the lock of the read model `{read_model}` changes hands too quickly: try again"
            ),
        ))
    }

    fn look(&self, file: &str) -> Result<Option<Seen>> {
        let Some((bytes, written)) = self.folder.glance(file, MAX_LOCK)? else {
            return Ok(None);
        };
        let contents: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
        let text = |name: &str| contents.as_ref()?.get(name)?.as_str();
        let since = text("taken")
            .and_then(|taken| parse_timestamp(taken).ok())
            .and_then(|micros| u64::try_from(micros).ok())
            .map_or(written, |micros| UNIX_EPOCH + Duration::from_micros(micros));
        Ok(Some(Seen {
            owner: text("owner").map(str::to_owned),
            age: age(since),
        }))
    }
}

impl Lock {
    /// The error for whoever wants what this session has open.
    pub(crate) fn refusal(&self, read_model: &str) -> Error {
        let age = age(self.taken);
        let mut since = String::new();
        // Writing to a string can't fail.
        let _ = write!(since, "{}", Age(age));
        conflict(
            format!(
                "the read model `{read_model}` is open in this data source already (for {since}): close it first"
            ),
            Some(&self.owner),
            age,
        )
    }

    /// Gives the lock back, unless another has broken it meanwhile.
    pub(crate) fn release(&self) -> Result<()> {
        let contents = self.folder.glance(&self.file, MAX_LOCK)?;
        let contents =
            contents.and_then(|(bytes, _)| serde_json::from_slice::<Contents>(&bytes).ok());
        match contents {
            Some(contents) if contents.owner == self.owner => self.folder.remove(&self.file),
            _ => Ok(()),
        }
    }
}

impl Seen {
    fn is_own(&self) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| owner.starts_with(OWN))
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.owner {
            Some(owner) => write!(f, "its owner is {owner:?}")?,
            None => f.write_str("its owner is unknown")?,
        }
        write!(f, ", its age {}", Age(self.age))
    }
}

/// A time for a person.
struct Age(Duration);

impl std::fmt::Display for Age {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0 => write!(f, "{} ms", self.0.as_millis()),
            1..120 => write!(f, "{seconds} s"),
            120..7_200 => write!(f, "{} min", seconds / 60),
            _ => write!(f, "{} h", seconds / 3_600),
        }
    }
}

fn conflict(message: String, owner: Option<&str>, age: Duration) -> Error {
    let error = Error::new(ErrorKind::Conflict, message).detail("lock-age", age.as_millis());
    match owner {
        Some(owner) => error.detail("lock-owner", owner),
        None => error,
    }
}

/// How long ago it was; a clock that was set back makes nothing negative.
fn age(since: SystemTime) -> Duration {
    SystemTime::now().duration_since(since).unwrap_or_default()
}

fn micros(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
