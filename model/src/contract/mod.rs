//! The contract's own types, `tenon:connector/types` and `tenon:connector/pages`, by hand.
//!
//! Generated bindings on both sides are mapped onto these: the runtime's (feature `wire`) and, in a
//! WebAssembly guest, the SDK's. So a value is made once and never converted. The shapes here must match
//! `wit/types.wit` and `wit/data.wit`; a component whose shapes differ is refused when it is registered.

#[macro_use]
mod macros;

mod aggregates;
mod errors;
mod models;
mod pages;
mod queries;
mod values;

pub use aggregates::{Aggregate, AggregateFunction, AggregateRequest};
pub use errors::{Aftermath, Effect, Error, ErrorKind};
pub use models::{Generation, Index, Model, Property, PropertyType, Reference, SortKey};
pub use pages::{BytesColumn, Column, ColumnPage, ColumnValues, Page, TextColumn};
pub use queries::{Comparison, Condition, Done, Extension, Filter, FilterNode, Query};
pub use values::{Entity, GeoPoint, Key, OtherValue, Value};
