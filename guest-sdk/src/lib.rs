//! Connectors for Tenon in Rust.
//!
//! A connector is a type that implements [`Connector`] and a trait for each of its capabilities ([`Crud`],
//! [`Upsert`], [`Transactions`], [`Schema`], [`Native`], [`Aggregates`], [`ReadModel`]), and one line that
//! [exports](export!) it. Everything but the essential has a default: what a connector doesn't do, the
//! runtime does with what it does. This is a whole one:
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//! use tenon_sdk::{Answer, Connector, Crud, Entity, Limits, Manifest, Need, Query, Result, evaluate, manifest};
//!
//! /// What an operator writes under `settings`; a JSON Schema is made of it.
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Settings {
//!     /// A file with a name on each line, in a granted folder.
//!     path: String,
//! }
//!
//! struct Names(Settings);
//!
//! impl Connector for Names {
//!     type Settings = Settings;
//!
//!     fn manifest() -> Manifest {
//!         manifest!("names")
//!     }
//!
//!     fn needs(_: &Settings) -> Result<Vec<Need>> {
//!         Ok(vec![Need::read_folder("/data")])
//!     }
//!
//!     fn initialize(settings: Settings, _: &Limits) -> Result<Self> {
//!         Ok(Self(settings))
//!     }
//! }
//!
//! impl Crud for Names {
//!     fn all(&mut self, _model: &str, query: Query) -> Result<Answer> {
//!         let text = std::fs::read_to_string(&self.0.path)?;
//!         let names = text.lines().map(|name| Entity::new().with("name", name)).collect::<Vec<_>>();
//!         evaluate(query, names)
//!     }
//! }
//!
//! tenon_sdk::export!(Names: crud);
//! # fn main() {}
//! ```
//!
//! The crate is a `cdylib` (and an `rlib`, so that it can be tested), depends on `tenon-sdk`, `serde` and
//! `schemars`, and `cargo build --target wasm32-wasip2` makes the component of it. Natively it is an ordinary
//! library: `Names::initialize(…)` and the traits' functions are called in tests like any others; the feature
//! `testing` has a little for that.
//!
//! What there is to build with:
//! - [`Rows`]: cursors from iterators, or from a [`ColumnSource`] that makes no record of a row; pages are cut,
//!   put in columns and handed out by themselves.
//! - [`evaluate`](evaluate()) and [`Evaluation`]: a query's filter, order, paging and fields on records in memory.
//! - [`layout`] and [`plan`]: keys and indexes as bytes that sort, and which of them a query is answered by.
//! - [`generate`]: keys and other values that the connector makes.
//! - [`Error`]: `?` on the usual errors, and a constructor for each kind that the runtime acts on.
//! - [`context`]: how long the call has, and for whom it is.
//! - [`Secret`]: a setting that never prints.

mod aggregates;
mod connector;
pub mod context;
mod crud;
mod error;
mod evaluate;
mod export;
pub mod generate;
pub mod layout;
mod manifest;
mod native;
pub mod plan;
mod read_model;
mod rows;
mod schema;
mod secret;
mod slot;
#[cfg(feature = "testing")]
pub mod testing;
mod transactions;
mod upsert;
#[cfg(target_family = "wasm")]
pub mod wasm;

pub use aggregates::{Aggregates, Grouping, aggregate};
pub use connector::{Connector, Limits, NoSettings};
pub use crud::{Answer, Crud};
pub use error::{Error, Result};
pub use evaluate::{Evaluation, evaluate};
pub use manifest::{Manifest, Need, Sharing};
pub use native::{Affected, CommandResult, Native};
pub use read_model::{Edit, EditPath, ReadModel, Store, Table, TableIndex};
pub use rows::{ColumnSource, PageBuilder, PageColumns, PageSource, Progress, Rows, Source};
pub use schema::{Collection, Schema, Step};
pub use secret::Secret;
pub use slot::Slot;
pub use transactions::{Isolation, TransactionOptions, Transactions};
pub use upsert::{Outcome, Upsert};

pub use tenon_model::contract::{
    Aftermath, Aggregate, AggregateFunction, AggregateRequest, Effect, ErrorKind, Filter, Model,
    Property, Query, Reference,
};
pub use tenon_model::{
    ColumnBuilder, Done, Entity, Generation, GeoPoint, Index, Key, OtherValue, PropertyType,
    RowColumn, SortKey, Value,
};
