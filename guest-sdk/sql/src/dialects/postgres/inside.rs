//! Conditions on what is inside of JSON.

use tenon_model::{Condition, Value};

use super::types::Native;
use crate::{Column, Part, Writer};

/// Whether an array has an element.
pub(super) fn contains(column: &Column, operand: &Value, sql: &mut Writer<'_>) -> Part {
    let _ = (column, operand, sql, Native::Texts, Native::Integers);
    Part::Nothing
}

/// A condition behind a path.
pub(super) fn condition(column: &Column, condition: &Condition, sql: &mut Writer<'_>) -> Part {
    let _ = (column, condition, sql);
    Part::Nothing
}
