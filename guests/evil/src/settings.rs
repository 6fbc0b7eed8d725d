//! What the tests tell it.

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::Secret;

/// The settings.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Something that must not get out.
    pub password: Option<Secret>,
    /// A folder to reach for.
    pub folder: Option<String>,
    /// The folder of a backend that a test plays.
    pub backend: Option<String>,
    /// A host to reach for, and its port.
    pub server: Option<String>,
    /// How its plans and collections mean harm.
    pub schema: Option<String>,
}
