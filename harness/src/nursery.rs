//! The folder of everything that a process starts, and the watcher that tidies up behind it.
//!
//! The watcher is a shell whose input is a pipe from this process: whatever way the process ends, the pipe
//! closes, and the watcher stops the servers that are still registered and removes the folder. Servers that are
//! stopped in order are no longer registered by then.

use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use crate::error::{Error, Result};

/// `$1`: the folder. A file in `running` has a process's number for its name and a signal for its content.
const WATCHER: &str = r#"
trap '' INT TERM HUP
read -r _
cd "$1/running" || exit
for pid in *; do [ -e "$pid" ] && kill -s "$(cat "$pid")" "$pid" 2>/dev/null; done
for pid in *; do
    tries=0
    while [ -e "$pid" ] && kill -s 0 "$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    [ -e "$pid" ] && kill -s KILL "$pid" 2>/dev/null
done
cd / && rm -rf "$1"
"#;

struct Nursery {
    root: PathBuf,
    /// Its input closes with this process, since statics are not dropped.
    _watcher: Child,
}

impl Nursery {
    fn of_this_process() -> Result<&'static Self> {
        static NURSERY: OnceLock<Result<Nursery>> = OnceLock::new();
        NURSERY
            .get_or_init(Self::open)
            .as_ref()
            .map_err(Clone::clone)
    }

    fn open() -> Result<Self> {
        let root = new_folder()?;
        let running = root.join("running");
        std::fs::create_dir(&running).map_err(|cause| Error::io("creating", &running, &cause))?;
        let watcher = Command::new("sh")
            .args(["-c", WATCHER, "tenon-harness-watcher"])
            .arg(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|cause| Error::Failed(format!("starting sh: {cause}")))?;
        Ok(Self {
            root,
            _watcher: watcher,
        })
    }
}

/// A folder that nobody else can have made, which everybody may pass through: servers have other users.
fn new_folder() -> Result<PathBuf> {
    let parent = std::env::temp_dir();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanoseconds = now.map(|now| now.subsec_nanos()).unwrap_or_default();
    let root = parent.join(format!("tenon-{}-{nanoseconds:x}", std::process::id()));
    std::fs::DirBuilder::new()
        .mode(0o711)
        .create(&root)
        .map_err(|cause| Error::io("creating", &root, &cause))?;
    Ok(root)
}

/// A name for a new folder of this process, which isn't made yet.
pub(crate) fn folder(name: &str) -> Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(Nursery::of_this_process()?
        .root
        .join(format!("{name}{number}")))
}

/// A running process that the watcher stops by that signal where this one ends before it.
pub(crate) struct Registered(PathBuf);

impl Registered {
    pub(crate) fn new(process: u32, signal: &str) -> Result<Self> {
        let running = Nursery::of_this_process()?.root.join("running");
        let file = running.join(process.to_string());
        std::fs::write(&file, signal).map_err(|cause| Error::io("writing", &file, &cause))?;
        Ok(Self(file))
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Removes a file or folder, or leaves it to the watcher.
pub(crate) fn remove(path: &Path) {
    let _ = if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
}
