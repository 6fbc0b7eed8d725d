//! Folder grants: `{ folder = "./data", as = "/data", mode = "write" }`.
//!
//! The session sees the folder under its own name for it, and nothing above it.

use std::fmt;
use std::path::PathBuf;

use toml_edit::Value;

use crate::config::{Node, Reader};

/// What may be done in a granted folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FolderMode {
    /// Listing and reading.
    #[default]
    Read,
    /// Everything.
    Write,
}

impl FolderMode {
    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Read, Self::Write]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// A folder of the host's that sessions may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderGrant {
    /// The folder, absolute.
    pub host: PathBuf,
    /// The session's name for it: `/data`.
    pub guest: String,
    /// What may be done in it.
    pub mode: FolderMode,
}

impl FolderGrant {
    /// A folder to read, under the session's own name for it.
    ///
    /// # Errors
    /// Why a session can't have such a name for it.
    pub fn read_only(host: impl Into<PathBuf>, guest: impl Into<String>) -> Result<Self, String> {
        let guest = guest.into();
        check_guest_path(&guest)?;
        let host: PathBuf = host.into();
        let host = std::path::absolute(&host).unwrap_or(host);
        Ok(Self {
            host,
            guest,
            mode: FolderMode::Read,
        })
    }

    /// A folder to read and write, under the session's own name for it.
    ///
    /// # Errors
    /// Why a session can't have such a name for it.
    pub fn writable(host: impl Into<PathBuf>, guest: impl Into<String>) -> Result<Self, String> {
        Ok(Self {
            mode: FolderMode::Write,
            ..Self::read_only(host, guest)?
        })
    }

    pub(super) fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = reader.table(node, &["folder", "as", "mode"])?;
        let host = fields
            .required("folder", "\"./data\"", reader)
            .and_then(|node| reader.path(node));
        let guest = fields.required("as", "\"/data\"", reader).and_then(|node| {
            let guest = reader.text(node)?;
            check_guest_path(guest)
                .map_err(|reason| reader.problem(node, reason))
                .ok()?;
            Some(guest.to_owned())
        });
        let mode = match fields.get("mode") {
            Some(node) => reader.word(node, "mode", &["read", "write"], FolderMode::from_name),
            None => Some(FolderMode::default()),
        };
        Some(Self {
            host: host?,
            guest: guest?,
            mode: mode?,
        })
    }

    /// Whether a path of the session's is this folder or in it.
    pub(super) fn holds(&self, guest: &str) -> bool {
        match guest.strip_prefix(self.guest.trim_end_matches('/')) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }
}

impl fmt::Display for FolderGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, guest) = (
            Value::from(self.host.to_string_lossy().as_ref()),
            Value::from(self.guest.as_str()),
        );
        write!(
            f,
            "{{ folder = {host}, as = {guest}, mode = \"{}\" }}",
            self.mode.name()
        )
    }
}

/// Whether a session can have this as a folder's name: absolute, and plain, so that no two names mean the
/// same.
pub(super) fn check_guest_path(path: &str) -> Result<(), String> {
    let Some(inside) = path.strip_prefix('/') else {
        return Err("a session's name for a folder begins with `/`, as in \"/data\"".to_owned());
    };
    if path.chars().any(char::is_control) {
        return Err("a session's name for a folder has no control characters".to_owned());
    }
    let plain = |step: &str| !step.is_empty() && step != "." && step != "..";
    if !inside.is_empty() && !inside.split('/').all(plain) {
        return Err(
            "a session's name for a folder has no `.`, `..` or empty steps in it".to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_itself_and_what_is_below() {
        let folder = FolderGrant::read_only("/srv", "/data").unwrap();
        assert!(folder.holds("/data") && folder.holds("/data/a/b"));
        assert!(!folder.holds("/database") && !folder.holds("/") && !folder.holds("data"));
        let root = FolderGrant::read_only("/srv", "/").unwrap();
        assert!(root.holds("/") && root.holds("/anything"));
    }

    #[test]
    fn a_sessions_name_for_a_folder_is_absolute_and_plain() {
        assert!(FolderGrant::writable("/srv", "/data/sub").is_ok());
        for wrong in ["", "data", "/data/", "/../x", "/a//b", "/./a", "/a\nb"] {
            assert!(FolderGrant::writable("/srv", wrong).is_err(), "{wrong:?}");
        }
    }
}
