//! Opening the file, and how it is kept.
//!
//! SQLite can lock nothing in here; that only one session has the file open is the runtime's lease. So it takes the
//! file for its own: with the journal as a write-ahead log, whose index it keeps in its own memory, each commit is one
//! write to the disk, and a kill at any moment leaves what was confirmed, found again at once by the next opening.

use std::fs::{self, File};
use std::io::ErrorKind as IoErrorKind;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tenon_sdk::{Error, ErrorKind, Result};

use crate::aside::Aside;
use crate::deadline::Deadline;
use crate::error::OrFail;
use crate::functions;
use crate::guard::Guard;
use crate::session::{STATEMENTS, Session};
use crate::settings::{CacheSize, Settings};

/// SQLite's access to files without locks: it has none in WebAssembly.
const FILES: &str = "unix-none";

/// What is set for each connection, in this order. The locking mode comes before anything looks at the file, or the
/// log would want an index in shared memory.
const PRAGMAS: &[(&str, &str)] = &[
    ("locking_mode", "EXCLUSIVE"),
    // What is committed is on the disk.
    ("synchronous", "FULL"),
    // A log that one large transaction has made long is cut again.
    ("journal_size_limit", "16777216"),
    // Sorting and the like goes into files when it is more than the cache holds.
    ("temp_store", "FILE"),
];

/// Opens the file, and makes it where there is none.
pub(crate) fn open(
    settings: &Settings,
    cache_size: CacheSize,
    time: Option<Duration>,
) -> Result<Rc<Session>> {
    look(settings)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags_and_vfs(&settings.path, flags, FILES)
        .or_fail()
        .map_err(|error| error.context(&settings.path))?;
    configure(&connection, settings, cache_size).map_err(|error| error.context(&settings.path))?;
    functions::add(&connection)?;
    let deadline = Deadline::watch(&mut connection, time)?;
    let guard = Guard::over(&mut connection)?;
    let aside = Aside::beside(&settings.path);
    Ok(Rc::new(Session::new(connection, deadline, guard, aside)))
}

/// Whether the file can be written: SQLite would open it to read, and fail later.
fn look(settings: &Settings) -> Result<()> {
    let path = Path::new(&settings.path);
    let opened = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(Error::invalid(format!(
                "`{}` is a folder: name a file in it",
                settings.path
            )));
        }
        Ok(_) => File::options().read(true).write(true).open(path),
        Err(error) if error.kind() == IoErrorKind::NotFound => File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path),
        Err(error) => Err(error),
    };
    match opened {
        Ok(_) => Ok(()),
        Err(error) => {
            let folder = settings.folder().unwrap_or(&settings.path);
            let mut refused = Error::from(error);
            if matches!(refused.kind, ErrorKind::NotFound | ErrorKind::Denied) {
                refused.kind = ErrorKind::Denied;
                return Err(refused.context(format!(
                    "`{}` can't be opened: grant the folder `{folder}` for writing",
                    settings.path
                )));
            }
            Err(refused.context(&settings.path))
        }
    }
}

fn configure(connection: &Connection, settings: &Settings, cache_size: CacheSize) -> Result<()> {
    for (name, value) in PRAGMAS {
        set(connection, name, value)?;
    }
    if cfg!(target_family = "wasm") {
        // In here no other folder is sure to be there. Natively it would be one for all of a program's files.
        set(
            connection,
            "temp_store_directory",
            &quoted(settings.folder()?),
        )?;
    }
    let kibibytes = (cache_size.0 / 1024).max(1);
    set(connection, "cache_size", &format!("-{kibibytes}"))?;
    for (option, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        // A misspelt name in double quotes is an error, and no text.
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        connection.set_db_config(option, is_on).or_fail()?;
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // This is the first look at the file: one that is none is found out here.
    let mode = set(connection, "journal_mode", "WAL")?;
    if mode.as_deref() != Some("wal") {
        return Err(Error::backend(format!(
            "the file can't be kept with a write-ahead log; its journal stays `{}`",
            mode.unwrap_or_default()
        )));
    }
    Ok(())
}

/// Sets a pragma, and returns what it says.
fn set(connection: &Connection, name: &str, value: &str) -> Result<Option<String>> {
    let mut statement = connection
        .prepare(&format!("PRAGMA {name} = {value}"))
        .or_fail()?;
    let mut rows = statement.raw_query();
    let mut said = None;
    while let Some(row) = rows.next().or_fail()? {
        said = row.get::<_, String>(0).ok();
    }
    Ok(said)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
