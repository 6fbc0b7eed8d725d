//! What a test says of it.

use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{Error, Limits, Need, Result, Secret};

use crate::fault::Fault;

/// The settings of `faulty`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Settings {
    /// A folder that is granted for writing. All sessions over one folder have the same records.
    pub path: String,
    /// The fault that is switched on; without it everything is right.
    pub fault: Option<Fault>,
    /// Something that must not get out.
    pub token: Option<Secret>,
    /// Milliseconds that a change waits for another session's to end, but no more than half of a call's time.
    pub wait: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            path: "/data".into(),
            fault: None,
            token: None,
            wait: 2_000,
        }
    }
}

impl Settings {
    /// The folder that must be granted.
    pub(crate) fn need(&self) -> Result<Need> {
        if !Path::new(&self.path).has_root() || self.path.ends_with('/') {
            return Err(Error::invalid(format!(
                "`path` must name a granted folder, such as `/data`, and is `{}`",
                self.path
            )));
        }
        Ok(Need::write_folder(&self.path))
    }

    /// How long a change waits for another session's to end.
    pub(crate) fn patience(&self, limits: &Limits) -> Duration {
        let patience = Duration::from_millis(self.wait);
        let most = limits.call_timeout.map(|timeout| timeout / 2);
        most.map_or(patience, |most| patience.min(most))
    }
}
