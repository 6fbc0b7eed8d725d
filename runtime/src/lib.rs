//! Tenon's runtime: everything that a Rust program needs to use any data source through a sandboxed
//! connector.
//!
//! A connector is a WebAssembly component. It is registered once, a data source gives it settings, grants
//! and limits, and models attached to the data source have records to read and write:
//!
//! ```standalone_crate
//! use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
//! use tenon_runtime::tenon_model::{Entity, Filter, Model, Property, PropertyType, Query};
//! use tenon_runtime::{ConnectorName, DataSourceName, Runtime};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Connectors are compiled in a child process of this program.
//!     tenon_runtime::serve_compile_request();
//! #   let folder = tempfile::tempdir()?;
//! #   let folder = folder.path();
//! #   let guests = std::env::var("TENON_GUESTS").expect("`cargo xtask test` says where the connectors are");
//! #   let component = std::path::Path::new(&guests).join("tenon_memory.wasm");
//!
//!     let air = DataSourceName::new("air")?;
//!     let airport = Model::new("Airport")
//!         .key("iata", PropertyType::Text)
//!         .property(Property::new("name", PropertyType::Text).required())
//!         .property(Property::new("state", PropertyType::Text));
//!     let config = Config::new(folder)
//!         .source(SourceConfig::new(air.clone(), ConnectorName::new("memory")?))
//!         .model(ModelConfig::new(air, airport));
//!
//!     let runtime = Runtime::builder(config).build()?;
//!     runtime.register(component).await?;
//!
//!     let airports = runtime.model("Airport").await?;
//!     for (iata, name, state) in [("JFK", "Kennedy", "NY"), ("LGA", "La Guardia", "NY"), ("LAX", "Los Angeles", "CA")] {
//!         let record = Entity::new().with("iata", iata).with("name", name).with("state", state);
//!         airports.create(record).await?;
//!     }
//!
//!     // A filter as LoopBack's users write it, or built in Rust.
//!     let mut found = airports.find(Query::parse(r#"{"where": {"state": "NY"}, "order": "name DESC"}"#)?);
//!     while let Some(airport) = found.next().await {
//!         println!("{}", airport?.to_json());
//!     }
//!     assert_eq!(airports.count(Filter::equal("state", "NY")).await?, 2);
//!
//!     runtime.shut_down().await?;
//!     Ok(())
//! }
//! ```
//!
//! A program that has a `tenon.toml` opens it with [`Runtime::open`]. Typed access goes through
//! [`Dao::typed`]. What a filter means is the same on every connector: see `docs/filters.md`.
//!
//! What a connector sends is untrusted: it is checked before anybody sees it, and a trap, an endless loop or
//! a greedy allocation costs the one session that it happens in.

mod bindings;
mod capability;
mod catalogue;
pub mod config;
mod connector;
mod context;
mod contract;
mod dao;
mod data_source;
pub mod direct;
mod engine;
mod error;
pub mod grants;
mod interfaces;
mod leases;
mod limits;
mod manifest;
mod names;
mod native;
mod plan;
mod pool;
mod read_model;
mod reference;
pub mod registry;
mod runtime;
mod schema;
mod secrets;
mod session;
mod settings;
mod transaction;

pub use capability::Capability;
pub use connector::Connector;
pub use context::{CallContext, in_context};
pub use dao::{
    Dao, EmbeddedDao, EntityStream, FindsOrWrites, Outcome, RelationDao, TypedDao, TypedStream,
};
pub use data_source::DataSource;
pub use engine::Engine;
pub use error::{Error, ErrorKind, Result};
pub use leases::{FileLeases, Lease, LeaseKey, Leases};
pub use limits::Limits;
pub use manifest::{Manifest, Sharing};
pub use names::{ConnectorName, DataSourceName, NameError};
pub use native::CommandRows;
pub use plan::{Explanation, Place, RelatedRead};
pub use pool::{Health, PoolState, Trouble};
pub use read_model::{Edit, IndexKind, ReadModel, ReadModelStore, Table};
pub use reference::{ConnectorReference, Digest, ReferenceError, VersionPrefix};
pub use registry::serve_compile_request;
pub use runtime::{Builder, Runtime};
pub use schema::{Collection, Consent, Danger, SchemaPlan, SchemaStep};
pub use secrets::{Secret, SecretSource, SettingValue, Settings};
pub use session::Isolation;
pub use tenon_model;
pub use transaction::{Transaction, TransactionOptions};
