//! What an operator sets: which folder, and how old a lock of another program may grow.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{Error, Need, Result};

/// The settings of `json-files`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The folder of the files, or one in it, as it is granted for writing: `/data`.
    pub path: String,
    /// Seconds after which another program's lock on a read model counts as left behind and is broken. Without
    /// it, such a lock holds until that program gives it back or an operator deletes its file.
    #[schemars(range(min = 1))]
    pub stale_after: Option<u64>,
}

impl Settings {
    /// The folder that must be granted.
    pub(crate) fn need(&self) -> Result<Need> {
        Ok(Need::write_folder(self.folder()?))
    }

    /// The folder, without a slash at its end.
    pub(crate) fn folder(&self) -> Result<&str> {
        let folder = self.path.trim_end_matches('/');
        if !folder.starts_with('/') || folder.split('/').any(|step| step == "..") {
            return Err(Error::invalid(format!(
                "`path` must name a granted folder, such as `/data`, and is `{}`",
                self.path
            )));
        }
        Ok(folder)
    }

    /// The age at which another program's lock may be broken.
    pub(crate) fn stale_after(&self) -> Option<Duration> {
        self.stale_after.map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(path: &str) -> Settings {
        Settings {
            path: path.into(),
            stale_after: None,
        }
    }

    #[test]
    fn the_folder_is_what_is_needed() {
        let need = settings("/data/models/").need().unwrap();
        assert_eq!(need, Need::write_folder("/data/models"));
    }

    #[test]
    fn a_path_that_is_no_granted_folder_is_refused() {
        for path in ["", "/", "data", "/data/../etc"] {
            assert!(settings(path).need().is_err(), "{path}");
        }
    }
}
