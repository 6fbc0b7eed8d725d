//! Tables themselves: what makes them, changes them, and says what they are.
//!
//! A model becomes a [`TableShape`], and so does what the catalogue says; [`plan`] finds the steps between the two,
//! which the dialect writes down. What a plan says nothing of stays as it is.

mod capability;
pub mod ddl;
mod dialect;
mod discover;
mod literal;
mod native;
mod plan;
mod settings;
mod shape;
mod wanted;

pub use dialect::{Around, Definition, SchemaDialect};
pub use literal::{Literal, date_and_time, hexadecimal, quoted};
pub use native::NativeType;
pub use settings::{ColumnSettings, ReferenceSettings, TableSettings};
pub use shape::{ColumnShape, ColumnSource, IndexShape, ReferenceShape, TableShape};
