//! Pages into records: everything is checked, since a page comes from a guest.
//!
//! Lengths and offsets are checked first, so that no number in a page makes more memory than its data has taken;
//! characters and values are, one by one, as they are taken out.

use std::collections::HashSet;

use super::{flag, take};
use crate::contract::{self, Column, ColumnPage, ColumnValues, Page, Value};
use crate::entity::Entity;
use crate::problem::shown;

/// The longest name of a column or of its native type, in bytes: each row repeats it.
const LONGEST_NAME: usize = 1_024;

/// How many rows there may be without any column, when nothing but a number says that they are there.
const MOST_EMPTY_ROWS: u32 = 65_536;

/// The page's records, once everything in it has turned out to be as the contract says.
///
/// # Errors
/// A sentence that names the column and row, and what is wrong there.
pub fn into_entities(page: Page) -> Result<Vec<Entity>, String> {
    match page {
        Page::Records(records) => records
            .into_iter()
            .enumerate()
            .map(|(row, record)| {
                into_entity(record).map_err(|reason| format!("row {row}: {reason}"))
            })
            .collect(),
        Page::Columns(page) => from_columns(page),
    }
}

/// One record, once everything in it has turned out to be as the contract says.
///
/// # Errors
/// A sentence that names the property, and what is wrong with it.
pub fn into_entity(record: contract::Entity) -> Result<Entity, String> {
    check_names(record.iter().map(|(name, _)| name.as_str()))?;
    for (name, value) in &record {
        value
            .check()
            .map_err(|reason| format!("{}: {reason}", shown(name)))?;
    }
    Ok(Entity::from(record))
}

fn from_columns(page: ColumnPage) -> Result<Vec<Entity>, String> {
    check_empty(&page)?;
    let ColumnPage { rows, mut columns } = page;
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    check_names(columns.iter().map(|column| column.name.as_str()))?;
    for column in &columns {
        check_lengths(column, rows)
            .map_err(|reason| format!("the column {}: {reason}", shown(&column.name)))?;
    }
    let mut entities = Vec::with_capacity(rows);
    for row in 0..rows {
        let mut record = Vec::with_capacity(columns.len());
        for column in &mut columns {
            if flag(&column.absent, row) {
                continue;
            }
            let value = if flag(&column.nulls, row) {
                Value::Null
            } else {
                let kind = column.native_type.as_deref().unwrap_or_default();
                sound(take(&mut column.values, row, kind)).map_err(|reason| {
                    format!("the column {}, row {row}: {reason}", shown(&column.name))
                })?
            };
            record.push((column.name.clone(), value));
        }
        entities.push(Entity::from(record));
    }
    Ok(entities)
}

/// Refuses many rows that nothing but a number says are there.
pub(super) fn check_empty(page: &ColumnPage) -> Result<(), String> {
    let rows = page.rows;
    if page.columns.is_empty() && rows > MOST_EMPTY_ROWS {
        return Err(format!(
            "{rows} rows without a column are more than {MOST_EMPTY_ROWS}"
        ));
    }
    Ok(())
}

/// A cell's value, where there is one in the contract's form.
pub(super) fn sound(value: Option<Value>) -> Result<Value, String> {
    let value = value.ok_or("its offsets cut a character in two")?;
    value.check()?;
    Ok(value)
}

/// Refuses a name that comes twice.
fn check_names<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Result<(), String> {
    /// Up to here, comparing each with each is faster than hashing.
    const FEW: usize = 16;
    let twice = if names.clone().nth(FEW).is_none() {
        let mut later = names.clone();
        names.clone().find(|name| {
            later.next();
            later.clone().any(|other| other == *name)
        })
    } else {
        let mut seen = HashSet::new();
        names.clone().find(|name| !seen.insert(*name))
    };
    match twice {
        Some(name) => Err(format!("{} comes twice", shown(name))),
        None => Ok(()),
    }
}

pub(super) fn check_lengths(column: &Column, rows: usize) -> Result<(), String> {
    let longest = column
        .name
        .len()
        .max(column.native_type.as_ref().map_or(0, String::len));
    if longest > LONGEST_NAME {
        return Err(format!(
            "its name or native type is longer than {LONGEST_NAME} bytes"
        ));
    }
    for (flags, what) in [(&column.nulls, "nulls"), (&column.absent, "absent")] {
        if !flags.is_empty() && flags.len() != rows {
            return Err(format!(
                "`{what}` has {} entries for {rows} rows",
                flags.len()
            ));
        }
    }
    let values = match &column.values {
        ColumnValues::Booleans(list) => list.len(),
        ColumnValues::Integers(list) | ColumnValues::Timestamps(list) => list.len(),
        ColumnValues::Floats(list) => list.len(),
        ColumnValues::Points(list) => list.len(),
        ColumnValues::Values(list) => list.len(),
        ColumnValues::Bytes(text) => check_offsets(&text.offsets, text.data.len())?,
        ColumnValues::Others(_) if column.native_type.is_none() => {
            return Err("it holds `others` and has no native type to tell which".to_owned());
        }
        ColumnValues::Texts(text)
        | ColumnValues::Decimals(text)
        | ColumnValues::Json(text)
        | ColumnValues::Others(text) => check_offsets(&text.offsets, text.data.len())?,
    };
    if values == rows {
        Ok(())
    } else {
        Err(format!("it has {values} values for {rows} rows"))
    }
}

/// How many values there are between the offsets. They never fall, or a page could have the same data in every
/// row: also between rows that are null, whose values nobody takes.
fn check_offsets(offsets: &[u32], data: usize) -> Result<usize, String> {
    match (offsets.first(), offsets.last()) {
        (Some(0), Some(last)) if usize::try_from(*last) == Ok(data) && offsets.is_sorted() => {
            Ok(offsets.len() - 1)
        }
        _ => Err(format!(
            "its offsets must begin with 0, never fall, and end with {data}, the length of its data"
        )),
    }
}
