//! What an operator sets: whom to greet.

use schemars::JsonSchema;
use serde::Deserialize;

/// The settings of `hello`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The names to greet, a record each.
    #[serde(default = "everybody")]
    pub names: Vec<String>,
}

fn everybody() -> Vec<String> {
    vec!["world".into()]
}
