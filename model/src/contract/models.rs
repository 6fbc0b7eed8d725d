//! Models as a connector is told of them.

#[cfg(feature = "wire")]
use wasmtime::component::{ComponentType, Lift, Lower};

use super::Value;

contract_enum! {
    /// What a property holds, and the case of [`Value`] that it travels in: its namesake, where there is one.
    pub enum PropertyType {
        /// Text.
        Text = "text",
        /// True or false.
        Boolean = "boolean",
        /// A whole number of 64 bits with sign.
        Integer = "integer",
        /// A finite number of double precision.
        Float = "float",
        /// An exact number.
        Decimal = "decimal",
        /// A moment, to the microsecond.
        Timestamp = "timestamp",
        /// A day, travelling as text: `2026-11-20`.
        Date = "date",
        /// A time of day, travelling as text: `23:59:59`, perhaps with up to six decimals.
        Time = "time",
        /// Bytes.
        Bytes = "bytes",
        /// A point on the earth.
        Point = "point",
        /// A UUID, travelling as text: lower case, with hyphens.
        Uuid = "uuid",
        /// An array or object.
        Json = "json",
        /// Anything, in whichever case fits.
        Any = "any",
    }
}

contract_enum! {
    /// Who makes a property's value.
    pub enum Generation {
        /// The application, or nobody.
        Never = "never",
        /// The backend, when a new record has none.
        WhenMissing = "when-missing",
        /// The backend, always: it can't be written.
        Always = "always",
    }
}

/// A property of a model.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Property {
    /// Its name in records and filters.
    pub name: String,
    /// What it holds.
    pub kind: PropertyType,
    /// The backend's own name for it; none means the connector's own rule.
    pub column: Option<String>,
    /// The backend's own type; none means the connector's own rule for the kind.
    #[cfg_attr(feature = "wire", component(name = "native-type"))]
    pub native_type: Option<String>,
    /// Its place in the primary key, from 1; none outside the key.
    pub key: Option<u8>,
    /// Who makes its value.
    pub generated: Generation,
    /// Never null.
    pub required: bool,
    /// The longest text in characters, the longest bytes, or a decimal's precision.
    pub length: Option<u32>,
    /// A decimal's digits after the point.
    pub scale: Option<u8>,
    /// For the backend's own table definition.
    #[cfg_attr(feature = "wire", component(name = "default-value"))]
    pub default_value: Option<Value>,
    /// What only this kind of connector understands, as a JSON object.
    pub settings: Option<String>,
}

/// One part of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct SortKey {
    /// The property's name.
    pub property: String,
    /// Steps into a JSON property; empty means the property itself.
    pub path: Vec<String>,
    /// Greatest first.
    pub descending: bool,
}

/// An index of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Index {
    /// Its name, one of its kind in the model.
    pub name: String,
    /// What it is over, in order.
    pub properties: Vec<SortKey>,
    /// No two records have the same values in it; records with a null in it are exempt.
    pub unique: bool,
    /// Its kind, predicate and the like, as a JSON object.
    pub settings: Option<String>,
}

/// A foreign key: these properties hold the key, or a unique key, of another model's record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// This model's properties.
    pub properties: Vec<String>,
    /// The other model.
    pub model: String,
    /// The other model's properties, in the order of `properties`.
    pub targets: Vec<String>,
    /// What happens on deletion and the like, as a JSON object.
    pub settings: Option<String>,
}

/// A model attached to a data source, as its connector is told of it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The backend's own name for its table, collection or resource.
    pub collection: Option<String>,
    /// Its properties, in the order they were declared.
    pub properties: Vec<Property>,
    /// Its indexes beside the primary key.
    pub indexes: Vec<Index>,
    /// Its foreign keys.
    pub references: Vec<Reference>,
    /// Only declared properties exist.
    pub strict: bool,
    /// What only this kind of connector understands, as a JSON object.
    pub settings: Option<String>,
}
