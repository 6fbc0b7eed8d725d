//! The files of a folder: those that end with `.ics`, by name.

use std::fs;
use std::path::{Path, PathBuf};

use tenon_sdk::{Entity, Error, Result};

use crate::event;

/// The largest file that is read: the whole of it is in memory, and so are its events.
const MAX_BYTES: u64 = 16 << 20;

/// The files, in the order of their names.
pub fn list(folder: &str) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::from(error).context(folder);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "ics") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The events of a file, with the file's name as their calendar's.
pub fn events(file: &Path) -> Result<Vec<Entity>> {
    // What fails is told with the file that it failed on.
    read(file).map_err(|error| error.context(file.display()))
}

fn read(file: &Path) -> Result<Vec<Entity>> {
    if fs::metadata(file)?.len() > MAX_BYTES {
        return Err(Error::backend(format!("larger than {MAX_BYTES} bytes")));
    }
    let calendar = file.file_stem().unwrap_or_default().to_string_lossy();
    event::parse(&fs::read_to_string(file)?, &calendar)
}
