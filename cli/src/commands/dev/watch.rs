//! Noticing that files have changed, by looking at them: sources are few, and every system can do it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How deep folders are looked into, so that links in a circle end.
const MAX_DEPTH: u8 = 16;

/// When each file was written, and how long it is.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Files and folders that are watched.
pub struct Watch {
    paths: Vec<PathBuf>,
    seen: Seen,
}

impl Watch {
    /// Watches these; they needn't be there.
    pub fn new(paths: Vec<PathBuf>) -> Self {
        let seen = look(&paths);
        Self { paths, seen }
    }

    /// Takes what is there now for seen.
    pub fn look(&mut self) {
        self.seen = look(&self.paths);
    }

    /// Waits until something differs from what was seen, and for one more period in which nothing does: an
    /// editor writes several files.
    pub async fn changed(&mut self, period: Duration) {
        let mut before = look(&self.paths);
        loop {
            tokio::time::sleep(period).await;
            let now = look(&self.paths);
            if now != self.seen && now == before {
                return;
            }
            before = now;
        }
    }
}

fn look(paths: &[PathBuf]) -> Seen {
    let mut seen = Seen::new();
    for path in paths {
        note(path, MAX_DEPTH, &mut seen);
    }
    seen
}

fn note(path: &Path, depth: u8, seen: &mut Seen) {
    // What isn't there, or can't be read, is noticed when it comes.
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if !metadata.is_dir() {
        seen.insert(path.to_owned(), (metadata.modified().ok(), metadata.len()));
        return;
    }
    let Some(deeper) = depth.checked_sub(1) else {
        return;
    };
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        // What editors put beside a file while they write it.
        if !entry.file_name().to_string_lossy().starts_with('.') {
            note(&entry.path(), deeper, seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(10);

    async fn notices(watch: &mut Watch) -> bool {
        tokio::time::timeout(SOON * 20, watch.changed(SOON))
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn what_is_written_made_or_removed_is_noticed_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("src/deep/lib.rs");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut watch = Watch::new(vec![folder.path().join("src"), folder.path().join("later")]);
        assert!(!notices(&mut watch).await);
        for change in [
            || ("src/deep/lib.rs", "one"),
            || ("src/deep/lib.rs", "more than one"),
            || ("later", "now"),
        ] {
            let (path, text) = change();
            fs::write(folder.path().join(path), text).unwrap();
            assert!(notices(&mut watch).await, "{path}");
            watch.look();
            assert!(!notices(&mut watch).await, "{path}");
        }
        fs::remove_file(&file).unwrap();
        assert!(notices(&mut watch).await);
        watch.look();
        fs::write(folder.path().join("src/.lib.rs.swp"), "an editor's").unwrap();
        fs::write(folder.path().join("data"), "not watched").unwrap();
        assert!(!notices(&mut watch).await);
    }
}
