//! Values, models and filters, and what they mean: the part of Tenon that the runtime and connectors share.
//!
//! There is no WebAssembly in here. [`contract`] holds the types that travel; everything else is built
//! around them.

mod coerce;
pub mod contract;
mod decimal;
mod definition;
mod deserialize;
mod entity;
mod filter;
mod json;
mod keys;
mod model;
mod order;
mod page;
mod problem;
mod query;
mod query_json;
mod record_json;
mod row_order;
pub mod sortable;
mod strict_json;
mod suggest;
mod time;
mod validate;
mod value;

pub use coerce::coerce;
pub use contract::{
    Comparison, Condition, Done, Extension, Generation, GeoPoint, Index, OtherValue, PropertyType,
    Reference, SortKey, Value,
};
pub use decimal::Decimal;
pub use entity::{Entity, Key};
pub use filter::{
    EARTH_RADIUS_METRES, Filter, MAX_DEPTH, MAX_NODES, MAX_OPERANDS, MAX_PATH, MAX_PATTERN,
    Matcher, MatcherError,
};
pub use model::{DefaultValue, Model, Property};
pub use order::{compare, compare_same, equal};
pub use page::{RowColumn, RowColumns, into_entities, into_entity, to_columns};
pub use problem::{Problem, Problems};
pub use query::Query;
pub use row_order::RowOrder;
pub use suggest::closest;
pub use time::{format_timestamp, parse_timestamp, valid_date, valid_time};
