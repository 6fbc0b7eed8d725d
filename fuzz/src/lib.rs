//! Contract values out of a fuzzer's bytes: what a connector may send, the worst included.
//!
//! Lengths and indexes are drawn close to what is valid, since a fuzzer hardly ever hits on them by chance.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use tenon_model::contract::{
    BytesColumn, Column, ColumnPage, ColumnValues, Entity, FilterNode, Page, TextColumn,
};
use tenon_model::{Comparison, Condition, Extension, GeoPoint, OtherValue, Value};

/// How many of anything there are at most.
const MANY: usize = 12;

/// The nodes of a filter, or of none.
pub fn nodes(input: &mut Unstructured<'_>) -> Result<Vec<FilterNode>> {
    let count = input.int_in_range(0..=MANY)?;
    (0..count).map(|_| node(input, count)).collect()
}

fn node(input: &mut Unstructured<'_>, count: usize) -> Result<FilterNode> {
    let children = |input: &mut Unstructured<'_>| {
        several(input, |input| {
            let near = input.int_in_range(0..=count)?;
            Ok(u32::try_from(near).unwrap_or(u32::MAX))
        })
    };
    Ok(match input.int_in_range(0..=4)? {
        0 => FilterNode::AllOf(children(input)?),
        1 => FilterNode::AnyOf(children(input)?),
        2 => FilterNode::NoneOf(children(input)?),
        3 => FilterNode::Extension(Extension {
            name: input.arbitrary()?,
            property: name(input)?,
            path: several(input, name)?,
            operands: several(input, value)?,
        }),
        _ => FilterNode::Condition(Condition {
            property: name(input)?,
            path: several(input, name)?,
            comparison: *input.choose(Comparison::ALL)?,
            operands: several(input, value)?,
        }),
    })
}

/// A record.
pub fn record(input: &mut Unstructured<'_>) -> Result<Entity> {
    several(input, |input| Ok((name(input)?, value(input)?)))
}

/// A page of records in either of its shapes.
pub fn page(input: &mut Unstructured<'_>) -> Result<Page> {
    if input.arbitrary()? {
        return Ok(Page::Records(several(input, record)?));
    }
    let rows = input.int_in_range(0..=MANY)?;
    Ok(Page::Columns(ColumnPage {
        rows: u32::try_from(rows).unwrap_or(u32::MAX),
        columns: several(input, |input| column(input, rows))?,
    }))
}

fn column(input: &mut Unstructured<'_>, rows: usize) -> Result<Column> {
    Ok(Column {
        name: name(input)?,
        native_type: input.arbitrary()?,
        values: column_values(input, rows)?,
        nulls: marks(input, rows)?,
        absent: marks(input, rows)?,
    })
}

fn column_values(input: &mut Unstructured<'_>, rows: usize) -> Result<ColumnValues> {
    Ok(match input.int_in_range(0..=10)? {
        0 => ColumnValues::Booleans(rows_of(input, rows, |input| input.arbitrary())?),
        1 => ColumnValues::Integers(rows_of(input, rows, |input| input.arbitrary())?),
        2 => ColumnValues::Floats(rows_of(input, rows, |input| input.arbitrary())?),
        3 => ColumnValues::Decimals(texts(input, rows)?),
        4 => ColumnValues::Texts(texts(input, rows)?),
        5 => ColumnValues::Bytes(BytesColumn {
            offsets: offsets(input, rows)?,
            data: input.arbitrary()?,
        }),
        6 => ColumnValues::Timestamps(rows_of(input, rows, |input| input.arbitrary())?),
        7 => ColumnValues::Points(rows_of(input, rows, point)?),
        8 => ColumnValues::Json(texts(input, rows)?),
        9 => ColumnValues::Others(texts(input, rows)?),
        _ => ColumnValues::Values(rows_of(input, rows, value)?),
    })
}

fn texts(input: &mut Unstructured<'_>, rows: usize) -> Result<TextColumn> {
    Ok(TextColumn {
        offsets: offsets(input, rows)?,
        data: input.arbitrary()?,
    })
}

/// Mostly rising, and mostly as many as they should be.
fn offsets(input: &mut Unstructured<'_>, rows: usize) -> Result<Vec<u32>> {
    let mut end = 0u32;
    rows_of(input, rows + 1, |input| {
        let offset = end;
        end = end.wrapping_add(u32::from(input.int_in_range(0..=4u8)?));
        Ok(if input.ratio(1, 32)? {
            input.arbitrary()?
        } else {
            offset
        })
    })
}

/// None, one a row, or, rarely, another number of them.
fn marks(input: &mut Unstructured<'_>, rows: usize) -> Result<Vec<bool>> {
    if input.arbitrary()? {
        return Ok(Vec::new());
    }
    rows_of(input, rows, |input| input.arbitrary())
}

fn rows_of<T>(
    input: &mut Unstructured<'_>,
    rows: usize,
    mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = if input.ratio(1, 32)? {
        input.int_in_range(0..=MANY)?
    } else {
        rows
    };
    (0..count).map(|_| one(input)).collect()
}

fn several<T>(
    input: &mut Unstructured<'_>,
    mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = input.int_in_range(0..=4)?;
    (0..count).map(|_| one(input)).collect()
}

/// Few names, so that they meet.
fn name(input: &mut Unstructured<'_>) -> Result<String> {
    if input.ratio(1, 16)? {
        return input.arbitrary();
    }
    Ok((*input.choose(&["a", "b", "0", "or", "$x", "a.b"])?).to_owned())
}

fn point(input: &mut Unstructured<'_>) -> Result<GeoPoint> {
    Ok(GeoPoint {
        latitude: input.arbitrary()?,
        longitude: input.arbitrary()?,
    })
}

fn value(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match input.int_in_range(0..=10)? {
        0 => Value::Null,
        1 => Value::Boolean(input.arbitrary()?),
        2 => Value::Integer(input.arbitrary()?),
        3 => Value::Float(input.arbitrary()?),
        4 => Value::Decimal(input.arbitrary()?),
        5 => Value::Text(input.arbitrary()?),
        6 => Value::Bytes(input.arbitrary()?),
        7 => Value::Timestamp(input.arbitrary()?),
        8 => Value::Point(point(input)?),
        9 => Value::Json(input.arbitrary()?),
        _ => Value::Other(OtherValue {
            kind: input.arbitrary()?,
            text: input.arbitrary()?,
        }),
    })
}
