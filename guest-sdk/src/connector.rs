//! The life of a connector, and the limits that it lives within.
//!
//! The runtime keeps the order initialize, connect, then definitions and calls, disconnect, dispose; the SDK
//! refuses any other order before a connector sees it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tenon_model::contract::Model;

use crate::{Manifest, Need, Result};

/// A connector: one value of it is one session. Only [`manifest`](Self::manifest) and
/// [`initialize`](Self::initialize) must be written.
pub trait Connector: Sized + 'static {
    /// What an operator writes under `settings`; [`NoSettings`] where there is nothing to set. Its JSON
    /// Schema goes into the manifest, and what doesn't fit it is refused before `initialize`.
    type Settings: DeserializeOwned + JsonSchema;

    /// What it is. The same for every instance, without I/O.
    fn manifest() -> Manifest;

    /// What an instance with these settings would ask for, without I/O.
    ///
    /// # Errors
    /// Where the settings contradict themselves.
    fn needs(settings: &Self::Settings) -> Result<Vec<Need>> {
        let _ = settings;
        Ok(Vec::new())
    }

    /// A session that is not connected yet.
    ///
    /// # Errors
    /// Where the settings contradict themselves.
    fn initialize(settings: Self::Settings, limits: &Limits) -> Result<Self>;

    /// Opens the connection, file or whatever is behind it.
    ///
    /// # Errors
    /// `unavailable` or `denied`, mostly.
    fn connect(&mut self) -> Result<()> {
        Ok(())
    }

    /// Learns a model, or its new shape. It stays defined across `disconnect`.
    ///
    /// # Errors
    /// `invalid` where it can't keep such a model.
    fn define(&mut self, model: Model) -> Result<()> {
        let _ = model;
        Ok(())
    }

    /// Asks whether the backend answers: cheap, and without side effects.
    ///
    /// # Errors
    /// `unavailable`, mostly.
    fn ping(&mut self) -> Result<()> {
        Ok(())
    }

    /// Brings the session back to what it was after `connect`.
    ///
    /// # Errors
    /// Where that failed; the runtime then replaces the session.
    fn reset(&mut self) -> Result<()> {
        Ok(())
    }

    /// Ends the session cleanly; `connect` may follow.
    ///
    /// # Errors
    /// Where something could not be stored.
    fn disconnect(&mut self) -> Result<()> {
        Ok(())
    }

    /// Releases all that is left. Nothing is called after it.
    fn dispose(self) {}
}

/// Settings of a connector that has none: any key is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// What the data source allows. The runtime enforces it; a connector can bound its backend's work by it too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For one call; none is no limit.
    pub call_timeout: Option<Duration>,
    /// Bytes of linear memory; none is no limit but WebAssembly's own.
    pub memory: Option<u64>,
    /// Bytes that a page should stay below.
    pub page_size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call_timeout: None,
            memory: None,
            page_size: 1 << 20,
        }
    }
}

impl Limits {
    /// From the contract's list; names that it doesn't know are later versions' and are left out.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let mut limits = Self::default();
        for (name, value) in pairs {
            match name {
                "call-timeout" => limits.call_timeout = Some(Duration::from_millis(value)),
                "memory" => limits.memory = Some(value),
                "page-size" => limits.page_size = value,
                _ => {}
            }
        }
        limits
    }
}
