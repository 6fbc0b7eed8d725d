//! Values and records.

#[cfg(feature = "wire")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// A point on the earth, in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct GeoPoint {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
}

/// A value in the backend's own words: `date`, `time`, `uuid`, `object-id`, `interval`, `inet`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct OtherValue {
    /// What it is, in the backend's words.
    pub kind: String,
    /// The value as the backend writes it.
    pub text: String,
}

/// One property's value.
///
/// `==` is representation equality, for tests and maps: a decimal `1.0` differs from an integer `1` here.
/// What a filter means by equal is [`crate::equal`].
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum Value {
    /// No value.
    #[default]
    #[cfg_attr(feature = "wire", component(name = "null"))]
    Null,
    /// True or false.
    #[cfg_attr(feature = "wire", component(name = "boolean"))]
    Boolean(bool),
    /// A whole number of 64 bits with sign.
    #[cfg_attr(feature = "wire", component(name = "integer"))]
    Integer(i64),
    /// A finite number.
    #[cfg_attr(feature = "wire", component(name = "float"))]
    Float(f64),
    /// An exact number: `-` or nothing, digits, then perhaps `.` and digits.
    #[cfg_attr(feature = "wire", component(name = "decimal"))]
    Decimal(String),
    /// Text.
    #[cfg_attr(feature = "wire", component(name = "text"))]
    Text(String),
    /// Bytes.
    #[cfg_attr(feature = "wire", component(name = "bytes"))]
    Bytes(Vec<u8>),
    /// Microseconds since 1970-01-01T00:00:00Z.
    #[cfg_attr(feature = "wire", component(name = "timestamp"))]
    Timestamp(i64),
    /// A point on the earth.
    #[cfg_attr(feature = "wire", component(name = "point"))]
    Point(GeoPoint),
    /// An array or object as JSON text.
    #[cfg_attr(feature = "wire", component(name = "json"))]
    Json(String),
    /// A value without a case here.
    #[cfg_attr(feature = "wire", component(name = "other"))]
    Other(OtherValue),
}

/// A record on the wire: each property that is present, once.
pub type Entity = Vec<(String, Value)>;

/// The values of the primary key's properties, in the key's order.
pub type Key = Vec<Value>;
