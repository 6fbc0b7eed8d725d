//! Records into pages and pages into records: the hot path of every connector, and of the runtime.
//!
//! Going out, records become columns, which pass ten times faster, unless they have so little in common that
//! columns would be mostly empty. Coming in, nothing is trusted: a page whose lengths, offsets, text or values
//! aren't what the contract says is refused as a whole, with a sentence that says where. How many rows a
//! page may have is the caller's to say.

mod builder;
mod incoming;
mod outgoing;
mod rows;

pub use builder::ColumnBuilder;
pub use incoming::{into_entities, into_entity};
pub use outgoing::to_columns;
pub use rows::{RowColumn, RowColumns};

use crate::contract::{ColumnValues, OtherValue, TextColumn, Value};

/// Whether the row's flag is set; an empty list stands for none.
fn flag(flags: &[bool], row: usize) -> bool {
    flags.get(row).copied().unwrap_or(false)
}

/// Takes the row's value out; none where the offsets or the row are wrong.
fn take(values: &mut ColumnValues, row: usize, kind: &str) -> Option<Value> {
    match values {
        ColumnValues::Booleans(list) => list.get(row).copied().map(Value::Boolean),
        ColumnValues::Integers(list) => list.get(row).copied().map(Value::Integer),
        ColumnValues::Floats(list) => list.get(row).copied().map(Value::Float),
        ColumnValues::Timestamps(list) => list.get(row).copied().map(Value::Timestamp),
        ColumnValues::Points(list) => list.get(row).copied().map(Value::Point),
        ColumnValues::Values(list) => list.get_mut(row).map(std::mem::take),
        ColumnValues::Texts(column) => text(column, row).map(Value::Text),
        ColumnValues::Decimals(column) => text(column, row).map(Value::Decimal),
        ColumnValues::Json(column) => text(column, row).map(Value::Json),
        ColumnValues::Others(column) => text(column, row).map(|text| {
            Value::Other(OtherValue {
                kind: kind.to_owned(),
                text,
            })
        }),
        ColumnValues::Bytes(column) => {
            let (start, end) = bounds(&column.offsets, row)?;
            column
                .data
                .get(start..end)
                .map(|bytes| Value::Bytes(bytes.to_vec()))
        }
    }
}

fn text(column: &TextColumn, row: usize) -> Option<String> {
    let (start, end) = bounds(&column.offsets, row)?;
    column.data.get(start..end).map(str::to_owned)
}

fn bounds(offsets: &[u32], row: usize) -> Option<(usize, usize)> {
    let start = usize::try_from(*offsets.get(row)?).ok()?;
    let end = usize::try_from(*offsets.get(row + 1)?).ok()?;
    Some((start, end))
}
