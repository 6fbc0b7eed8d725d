//! What an operator sets. A JSON Schema is made of it, which Tenon checks settings against; the comments are
//! the descriptions in it.

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{Error, Result};

/// The settings of a data source.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The file, as the connector sees it: in a granted folder, such as `/data/entries.txt`
    pub path: String,
}

impl Settings {
    /// The folder that the file is in.
    pub fn folder(&self) -> Result<&str> {
        match self.path.rsplit_once('/') {
            Some((folder, file)) if folder.starts_with('/') && !file.is_empty() => Ok(folder),
            _ => Err(Error::invalid(format!(
                "`path` is {:?}, which is no file in a granted folder: write one such as `/data/entries.txt`",
                self.path
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_a_folder() {
        let folder = |path: &str| Settings { path: path.into() }.folder().map(str::to_owned);
        assert_eq!(folder("/data/deep/entries.txt").unwrap(), "/data/deep");
        for path in ["entries.txt", "/entries.txt", "/data/", ""] {
            assert!(folder(path).is_err(), "{path}");
        }
    }
}
