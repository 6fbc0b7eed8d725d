//! What an operator sets: where the files are.

use schemars::JsonSchema;
use serde::Deserialize;

/// The settings of `icalendar`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The granted folder with the files, as the connector sees it
    #[serde(default = "usual_folder")]
    #[schemars(regex(pattern = "^/."))]
    pub folder: String,
    /// Leave out a file that can't be read, with a warning in the log, instead of failing
    #[serde(default)]
    pub skip_broken: bool,
}

fn usual_folder() -> String {
    "/calendars".to_owned()
}
