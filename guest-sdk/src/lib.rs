//! Connectors for Tenon in Rust.

pub use tenon_model::contract::{Aftermath, Effect, ErrorKind, Filter, Model, Property, Query};
pub use tenon_model::{Done, Entity, Generation, GeoPoint, Index, Key, OtherValue, PropertyType, SortKey, Value};

mod connector;
mod crud;
mod error;
mod evaluate;
mod export;
pub mod generate;
pub mod layout;
mod manifest;
pub mod plan;
mod rows;
mod secret;
mod slot;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(target_family = "wasm")]
pub mod wasm;

pub use connector::{Connector, Limits, NoSettings};
pub use crud::{Answer, Crud};
pub use error::{Error, Result};
pub use evaluate::{Evaluation, evaluate};
pub use manifest::{Manifest, Need, Sharing};
pub use rows::{PageBuilder, Progress, Rows, Source};
pub use secret::Secret;
pub use slot::Slot;
