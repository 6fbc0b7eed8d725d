//! The installed programs, and the user that they run as.
//!
//! Database servers refuse to run as root: where this process is root's, they run as `nobody`.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::error::{Error, Result};

/// Finds a program in `PATH`, or where distributions put servers, with the newest PostgreSQL first.
pub(crate) fn find(program: &str, remedy: &'static str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(postgresql_folders())
        .chain(["/usr/sbin", "/usr/local/sbin", "/usr/local/bin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| is_program(file))
        .ok_or_else(|| Error::Missing {
            program: program.to_owned(),
            remedy,
        })
}

fn is_program(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn postgresql_folders() -> Vec<PathBuf> {
    let version = |folder: &Path| {
        let name = folder.file_name()?.to_str()?;
        name.parse::<u32>().ok()
    };
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    folders
        .into_iter()
        .map(|folder| folder.join("bin"))
        .collect()
}

/// Whom servers run as, where that isn't this process's user.
#[derive(Clone, Copy)]
struct User {
    user: u32,
    group: u32,
}

static SERVER_USER: LazyLock<Option<User>> = LazyLock::new(|| {
    let me = std::fs::metadata("/proc/self").ok()?;
    if me.uid() != 0 {
        return None;
    }
    let id = |option: &str| {
        let output = Command::new("id").args([option, "nobody"]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    Some(User {
        user: id("-u")?,
        group: id("-g")?,
    })
});

/// A command that runs as the servers' user in that folder, in a process group of its own, so that an interrupt
/// from the terminal reaches it through the watcher alone.
pub(crate) fn as_server_user(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .process_group(0)
        .stdin(Stdio::null())
        .current_dir(folder)
        .env("TMPDIR", folder);
    // What a user has set for other servers.
    for variable in [
        "PGDATA",
        "PGHOST",
        "PGPORT",
        "PGUSER",
        "PGOPTIONS",
        "PGSSLMODE",
    ] {
        command.env_remove(variable);
    }
    if let Some(User { user, group }) = *SERVER_USER {
        command.uid(user).gid(group);
    }
    command
}

/// Gives a file or folder to the servers' user, for nobody else to read.
pub(crate) fn give_away(path: &Path, mode: u32) -> Result<()> {
    let failed = |cause| Error::io("changing the permissions of", path, &cause);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    match *SERVER_USER {
        Some(User { user, group }) => {
            std::os::unix::fs::chown(path, Some(user), Some(group)).map_err(failed)
        }
        None => Ok(()),
    }
}

/// Writes a file that the server alone reads.
pub(crate) fn write_for_server(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).map_err(|cause| Error::io("writing", file, &cause))?;
    give_away(file, 0o600)
}

/// Makes a new folder for a server.
pub(crate) fn folder_for_server(folder: &Path) -> Result<()> {
    std::fs::create_dir(folder).map_err(|cause| Error::io("creating", folder, &cause))?;
    give_away(folder, 0o700)
}

/// Copies a server's data folder to where nothing is yet.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(to);
    let mut copy = as_server_user(Path::new("cp"), folder);
    run(copy.args(["-R", "-p"]).arg(from).arg(to)).map(drop)
}

/// Runs a command to its end; its standard output.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|cause| Error::Failed(format!("starting {name}: {cause}")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(said.trim_end().to_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Error::Failed(format!(
        "{name} ended with {}: {}{}",
        output.status,
        said,
        complaint.trim_end()
    )))
}
