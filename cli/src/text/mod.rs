//! The text of values: in a CSV's cell, in JSON, and on a terminal.
//!
//! One place for both directions, so that what [`crate::output`] writes, [`crate::input`] reads back the
//! same. Text that doesn't fit its property's kind is refused with a reason, never changed to fit.

pub mod cell;
pub mod json;
pub mod plain;
pub mod visible;
