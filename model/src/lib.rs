//! Values, models and filters, and what they mean: the part of Tenon that the runtime and connectors share.
//!
//! There is no WebAssembly in here. [`contract`] holds the types that travel; everything else is built
//! around them.

mod aggregate;
mod change;
mod coerce;
pub mod contract;
mod decimal;
mod definition;
mod deserialize;
mod entity;
mod filter;
mod include_json;
mod json;
mod keys;
mod model;
mod models;
mod order;
mod page;
mod problem;
mod query;
mod query_check;
mod query_json;
mod record_json;
mod relation;
mod resolve;
mod row_order;
mod scope;
pub mod sortable;
mod strict_json;
mod suggest;
mod time;
mod to_contract;
mod validate;
mod value;
mod visible;

pub use aggregate::{
    AggregateError, Aggregation, Aggregator, MAX_AGGREGATES, MAX_GROUP_PROPERTIES, ResultShape,
    exact_average,
};
pub use coerce::coerce;
pub use contract::{
    Aggregate, AggregateFunction, Comparison, Condition, Done, Extension, Generation, GeoPoint,
    Index, OtherValue, PropertyType, Reference, SortKey, Value,
};
pub use decimal::Decimal;
pub use entity::{Entity, Key, Related};
pub use filter::{
    EARTH_RADIUS_METRES, Filter, MAX_DEPTH, MAX_NODES, MAX_OPERANDS, MAX_PATH, MAX_PATTERN,
    MAX_RELATED, Matcher, MatcherError, Quantifier,
};
pub use model::{DefaultValue, Model, Property};
pub use models::Models;
pub use order::{compare, compare_same, equal};
pub use page::{ColumnBuilder, RowColumn, RowColumns, into_entities, into_entity, to_columns};
pub use problem::{Problem, Problems};
pub use query::{Include, MAX_INCLUDE_DEPTH, MAX_INCLUDES, Query};
pub use relation::{Keys, Relation, RelationKind, Through};
pub use resolve::resolve_relations;
pub use row_order::RowOrder;
pub use suggest::closest;
pub use time::{format_timestamp, parse_timestamp, valid_date, valid_time};
