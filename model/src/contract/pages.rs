//! Rows on their way out of a connector, in either of the contract's two shapes.

#[cfg(feature = "wire")]
use wasmtime::component::{ComponentType, Lift, Lower};

use super::{Entity, GeoPoint, Value};

/// Text laid end to end: value `i` is bytes `offsets[i]..offsets[i + 1]` of its UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct TextColumn {
    /// One more entry than there are rows; begins with 0 and never falls.
    pub offsets: Vec<u32>,
    /// All values, end to end.
    pub data: String,
}

/// Bytes laid end to end, as in [`TextColumn`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct BytesColumn {
    /// One more entry than there are rows; begins with 0 and never falls.
    pub offsets: Vec<u32>,
    /// All values, end to end.
    pub data: Vec<u8>,
}

/// One value a row, all of one kind or of several.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum ColumnValues {
    /// Booleans.
    #[cfg_attr(feature = "wire", component(name = "booleans"))]
    Booleans(Vec<bool>),
    /// Integers.
    #[cfg_attr(feature = "wire", component(name = "integers"))]
    Integers(Vec<i64>),
    /// Floats.
    #[cfg_attr(feature = "wire", component(name = "floats"))]
    Floats(Vec<f64>),
    /// Decimals.
    #[cfg_attr(feature = "wire", component(name = "decimals"))]
    Decimals(TextColumn),
    /// Texts.
    #[cfg_attr(feature = "wire", component(name = "texts"))]
    Texts(TextColumn),
    /// Bytes.
    #[cfg_attr(feature = "wire", component(name = "bytes"))]
    Bytes(BytesColumn),
    /// Timestamps, in microseconds.
    #[cfg_attr(feature = "wire", component(name = "timestamps"))]
    Timestamps(Vec<i64>),
    /// Points.
    #[cfg_attr(feature = "wire", component(name = "points"))]
    Points(Vec<GeoPoint>),
    /// JSON texts.
    #[cfg_attr(feature = "wire", component(name = "json"))]
    Json(TextColumn),
    /// `other` values, all of the column's native type.
    #[cfg_attr(feature = "wire", component(name = "others"))]
    Others(TextColumn),
    /// Where the rows differ in kind.
    #[cfg_attr(feature = "wire", component(name = "values"))]
    Values(Vec<Value>),
}

/// One property of a page's rows.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Column {
    /// The property's name.
    pub name: String,
    /// The backend's own type, where no model's property tells.
    #[cfg_attr(feature = "wire", component(name = "native-type"))]
    pub native_type: Option<String>,
    /// One value a row; where the row's is null or absent, any value of the kind.
    pub values: ColumnValues,
    /// One entry a row, true where the value is null; empty where none is.
    pub nulls: Vec<bool>,
    /// One entry a row, true where the record doesn't have the property; empty where all have it.
    pub absent: Vec<bool>,
}

/// Rows by columns.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ColumnPage {
    /// How many rows.
    pub rows: u32,
    /// Their properties.
    pub columns: Vec<Column>,
}

/// Two shapes of the same thing: `Records` is the easy one to write, `Columns` costs a tenth to pass.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum Page {
    /// Record by record.
    #[cfg_attr(feature = "wire", component(name = "records"))]
    Records(Vec<Entity>),
    /// Column by column.
    #[cfg_attr(feature = "wire", component(name = "columns"))]
    Columns(ColumnPage),
}
