//! Changing a file as a whole: whoever reads it, whenever the machine stops, finds the old text or the new.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file anew: into a file beside it, to the disk, and then in its place.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one, and what it points to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = folder_of(&path);
    let temporary = folder.join(temporary_name(&path));
    let written = replace(&temporary, &path, text);
    if written.is_err() {
        // It may not even be there; what failed is already the error.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    // The new name is durable once its folder is.
    File::open(folder)?.sync_all()
}

fn replace(temporary: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .open(temporary)?;
    if let Ok(metadata) = fs::metadata(path) {
        file.set_permissions(metadata.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(temporary, path)
}

/// A name that nobody else uses at this moment, in this process or another.
fn temporary_name(path: &Path) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let nanos = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_nanos());
    format!(
        ".{name}.{}-{nanos:x}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Keeps other processes, and other threads, from changing files in the folder of `path` until it is dropped.
pub(super) fn hold(path: &Path) -> io::Result<File> {
    let folder = File::open(folder_of(path))?;
    folder.lock()?;
    Ok(folder)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
