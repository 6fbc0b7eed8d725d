//! Records into columns: one pass, with room made ahead.
//!
//! A column takes its kind from its first value; one that then meets another kind becomes a column of values.
//! Nothing fails: what columns can't hold stays in records.

use std::collections::HashSet;

use super::{flag, take};
use crate::contract::{
    BytesColumn, Column, ColumnPage, ColumnValues, OtherValue, Page, TextColumn, Value,
};
use crate::entity::Entity;

/// How many cells a page of columns may have for each value in it.
const SPARSEST: usize = 8;

/// The records as columns; as records where columns would be mostly empty. Where a record has a name twice,
/// the first counts.
pub fn to_columns(entities: Vec<Entity>) -> Page {
    let Some(rows) = rows_for_columns(&entities) else {
        return Page::Records(entities.into_iter().map(Entity::into_contract).collect());
    };
    let total = entities.len();
    let mut columns: Vec<Builder> = Vec::with_capacity(entities.first().map_or(0, Entity::len));
    for (row, entity) in entities.into_iter().enumerate() {
        let mut expected = 0;
        for (name, value) in entity {
            let place = find(&columns, &name, expected).unwrap_or_else(|| {
                columns.push(Builder::new(name, total));
                columns.len() - 1
            });
            expected = place + 1;
            if let Some(column) = columns.get_mut(place) {
                column.push(row, value);
            }
        }
    }
    Page::Columns(ColumnPage {
        rows,
        columns: columns.into_iter().map(Builder::finish).collect(),
    })
}

/// How many rows the columns will have; none where these records had better stay records.
fn rows_for_columns(entities: &[Entity]) -> Option<u32> {
    let rows = u32::try_from(entities.len()).ok()?;
    let cells: usize = entities.iter().map(Entity::len).sum();
    let names = |entity: &Entity| entity.as_contract().len();
    let alike = entities.windows(2).all(|pair| match pair {
        [first, second] => {
            names(first) == names(second)
                && first
                    .iter()
                    .zip(second.iter())
                    .all(|((first, _), (second, _))| first == second)
        }
        _ => true,
    });
    let width = if alike {
        entities.first().map_or(0, names)
    } else {
        let distinct: HashSet<&str> = entities
            .iter()
            .flat_map(|entity| entity.iter().map(|(name, _)| name))
            .collect();
        distinct.len()
    };
    let dense = width.saturating_mul(entities.len()) <= cells.saturating_mul(SPARSEST);
    (dense && (cells > 0 || rows == 0)).then_some(rows)
}

/// The column of that name: most likely the expected one, or a later one.
fn find(columns: &[Builder], name: &str, expected: usize) -> Option<usize> {
    let (before, after) = columns.split_at(expected.min(columns.len()));
    let is_it = |column: &Builder| column.name == name;
    match after.iter().position(is_it) {
        Some(place) => Some(before.len() + place),
        None => before.iter().position(is_it),
    }
}

/// A column on its way.
struct Builder {
    name: String,
    native_type: Option<String>,
    /// None until there is a value that tells the kind.
    values: Option<ColumnValues>,
    nulls: Vec<bool>,
    absent: Vec<bool>,
    /// How many rows there are so far.
    rows: usize,
    /// How many there will be.
    total: usize,
}

impl Builder {
    fn new(name: String, total: usize) -> Self {
        Self {
            name,
            native_type: None,
            values: None,
            nulls: Vec::new(),
            absent: Vec::new(),
            rows: 0,
            total,
        }
    }

    /// Sets the row's value. The rows that were left out since the last one don't have it.
    fn push(&mut self, row: usize, value: Value) {
        if row < self.rows {
            return;
        }
        self.leave_out_until(row);
        if value.is_null() {
            self.nulls.reserve(self.total - self.nulls.len());
            self.nulls.resize(row, false);
            self.nulls.push(true);
            self.push_filler();
        } else {
            self.push_value(value);
        }
        self.rows = row + 1;
    }

    fn leave_out_until(&mut self, row: usize) {
        if self.rows < row {
            self.absent.reserve(self.total - self.absent.len());
            self.absent.resize(self.rows, false);
            self.absent.resize(row, true);
            for _ in self.rows..row {
                self.push_filler();
            }
            self.rows = row;
        }
    }

    fn push_value(&mut self, value: Value) {
        let left = match (&mut self.values, value) {
            (Some(ColumnValues::Booleans(list)), Value::Boolean(boolean)) => {
                return list.push(boolean);
            }
            (Some(ColumnValues::Integers(list)), Value::Integer(integer)) => {
                return list.push(integer);
            }
            (Some(ColumnValues::Floats(list)), Value::Float(float)) => return list.push(float),
            (Some(ColumnValues::Timestamps(list)), Value::Timestamp(micros)) => {
                return list.push(micros);
            }
            (Some(ColumnValues::Points(list)), Value::Point(point)) => return list.push(point),
            (Some(ColumnValues::Values(list)), value) => return list.push(value),
            (Some(ColumnValues::Texts(column)), Value::Text(text)) => {
                append(column, text).map(Value::Text)
            }
            (Some(ColumnValues::Decimals(column)), Value::Decimal(text)) => {
                append(column, text).map(Value::Decimal)
            }
            (Some(ColumnValues::Json(column)), Value::Json(text)) => {
                append(column, text).map(Value::Json)
            }
            (Some(ColumnValues::Bytes(column)), Value::Bytes(bytes)) => {
                append_bytes(column, bytes).map(Value::Bytes)
            }
            (Some(ColumnValues::Others(column)), Value::Other(other))
                if self.native_type.as_ref() == Some(&other.kind) =>
            {
                let kind = other.kind;
                append(column, other.text).map(|text| Value::Other(OtherValue { kind, text }))
            }
            (None, value) => {
                self.begin(&value);
                return self.push_value(value);
            }
            (Some(_), value) => Some(value),
        };
        if let Some(value) = left {
            self.mix(value);
        }
    }

    /// Settles the kind of the column by its first value; the rows before it have none.
    fn begin(&mut self, value: &Value) {
        let (rows, total) = (self.rows, self.total);
        self.values = Some(match value {
            Value::Boolean(_) => ColumnValues::Booleans(filled(rows, total)),
            Value::Integer(_) => ColumnValues::Integers(filled(rows, total)),
            Value::Float(_) => ColumnValues::Floats(filled(rows, total)),
            Value::Timestamp(_) => ColumnValues::Timestamps(filled(rows, total)),
            Value::Decimal(text) => ColumnValues::Decimals(text_column(rows, total, text.len())),
            Value::Text(text) => ColumnValues::Texts(text_column(rows, total, text.len())),
            Value::Json(text) => ColumnValues::Json(text_column(rows, total, text.len())),
            Value::Bytes(bytes) => ColumnValues::Bytes(BytesColumn {
                offsets: filled(rows + 1, total + 1),
                data: Vec::with_capacity(room(bytes.len(), total)),
            }),
            Value::Point(point) => {
                let mut points = Vec::with_capacity(total);
                points.resize(rows, *point);
                ColumnValues::Points(points)
            }
            Value::Other(other) => {
                self.native_type = Some(other.kind.clone());
                ColumnValues::Others(text_column(rows, total, other.text.len()))
            }
            Value::Null => ColumnValues::Values(filled(rows, total)),
        });
    }

    /// Stands for the value in a row that has none.
    fn push_filler(&mut self) {
        match &mut self.values {
            None => {}
            Some(ColumnValues::Booleans(list)) => list.push(false),
            Some(ColumnValues::Integers(list) | ColumnValues::Timestamps(list)) => list.push(0),
            Some(ColumnValues::Floats(list)) => list.push(0.0),
            Some(ColumnValues::Points(list)) => list.extend(list.last().copied()),
            Some(ColumnValues::Values(list)) => list.push(Value::Null),
            Some(ColumnValues::Bytes(column)) => {
                column.offsets.extend(column.offsets.last().copied())
            }
            Some(
                ColumnValues::Texts(column)
                | ColumnValues::Decimals(column)
                | ColumnValues::Json(column)
                | ColumnValues::Others(column),
            ) => column.offsets.extend(column.offsets.last().copied()),
        }
    }

    /// Makes it a column of values of any kind, with this one at its end.
    fn mix(&mut self, value: Value) {
        let mut mixed = Vec::with_capacity(self.total);
        if let Some(mut values) = self.values.take() {
            let kind = self.native_type.take().unwrap_or_default();
            for row in 0..self.rows {
                let is_there = !flag(&self.nulls, row) && !flag(&self.absent, row);
                // A column of our own making is sound: there is a value in every row.
                let value = is_there.then(|| take(&mut values, row, &kind)).flatten();
                mixed.push(value.unwrap_or_default());
            }
        }
        mixed.push(value);
        self.values = Some(ColumnValues::Values(mixed));
    }

    fn finish(mut self) -> Column {
        self.leave_out_until(self.total);
        if !self.nulls.is_empty() {
            self.nulls.resize(self.total, false);
        }
        if !self.absent.is_empty() {
            self.absent.resize(self.total, false);
        }
        Column {
            name: self.name,
            native_type: self.native_type,
            // Nothing but nulls: the smallest kind will do.
            values: self
                .values
                .unwrap_or_else(|| ColumnValues::Booleans(vec![false; self.total])),
            nulls: self.nulls,
            absent: self.absent,
        }
    }
}

/// So many defaults, and room for the rest.
fn filled<T: Clone + Default>(rows: usize, total: usize) -> Vec<T> {
    let mut list = Vec::with_capacity(total);
    list.resize(rows, T::default());
    list
}

fn text_column(rows: usize, total: usize, length: usize) -> TextColumn {
    TextColumn {
        offsets: filled(rows + 1, total + 1),
        data: String::with_capacity(room(length, total)),
    }
}

/// Room for so many values like the first, as far as guessing goes.
fn room(length: usize, total: usize) -> usize {
    const MOST: usize = 64 * 1_024;
    length.saturating_mul(total).min(MOST)
}

/// Appends a text; gives it back where the column can't hold it, having 32 bits for offsets.
fn append(column: &mut TextColumn, text: String) -> Option<String> {
    match u32::try_from(column.data.len() + text.len()) {
        Ok(end) => {
            column.data.push_str(&text);
            column.offsets.push(end);
            None
        }
        Err(_) => Some(text),
    }
}

fn append_bytes(column: &mut BytesColumn, bytes: Vec<u8>) -> Option<Vec<u8>> {
    match u32::try_from(column.data.len() + bytes.len()) {
        Ok(end) => {
            column.data.extend_from_slice(&bytes);
            column.offsets.push(end);
            None
        }
        Err(_) => Some(bytes),
    }
}
