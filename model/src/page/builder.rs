//! One column on its way out: a value a row, without a record around it.
//!
//! A column takes its kind from its first value; one that then meets another kind becomes a column of values.
//! Nothing fails: what 32 bits of offsets can't hold becomes a column of values too.

use super::{flag, take};
use crate::contract::{BytesColumn, Column, ColumnValues, GeoPoint, OtherValue, TextColumn, Value};

/// What a value costs in a page beside its text or bytes: its slot, and its entries in `nulls` and `absent`.
const VALUE_OVERHEAD: u64 = 24;

/// A column that is being filled, row by row.
#[derive(Clone, Debug)]
pub struct ColumnBuilder {
    name: String,
    native_type: Option<String>,
    /// The native type is the caller's, and stays whatever the values are.
    declared: bool,
    /// None until there is a value that tells the kind.
    values: Option<ColumnValues>,
    nulls: Vec<bool>,
    absent: Vec<bool>,
    /// How many rows there are so far.
    rows: usize,
    /// How many there will be, as far as anyone knows.
    expected: usize,
    /// About the bytes that it takes in a page.
    size: u64,
}

/// Where texts go: each kind of value that is one has a column of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Textual {
    Text,
    Decimal,
    Json,
}

impl ColumnBuilder {
    /// A column of that name without rows, and how many there will be, as far as that is known.
    pub fn new(name: impl Into<String>, expected: usize) -> Self {
        Self {
            name: name.into(),
            native_type: None,
            declared: false,
            values: None,
            nulls: Vec::new(),
            absent: Vec::new(),
            rows: 0,
            expected,
            size: 0,
        }
    }

    /// The same column with the backend's own type.
    #[must_use]
    pub fn with_native_type(mut self, native_type: impl Into<String>) -> Self {
        self.native_type = Some(native_type.into());
        self.declared = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many rows it has.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has no rows.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// About the bytes that it takes in a page.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a row whose value is null.
    pub fn null(&mut self) {
        self.nulls
            .reserve(self.expected.saturating_sub(self.nulls.len()));
        self.nulls.resize(self.rows, false);
        self.nulls.push(true);
        self.fill();
    }

    /// Adds a row that doesn't have the property.
    pub fn absent(&mut self) {
        self.absent
            .reserve(self.expected.saturating_sub(self.absent.len()));
        self.absent.resize(self.rows, false);
        self.absent.push(true);
        self.fill();
    }

    /// Adds a boolean.
    pub fn boolean(&mut self, boolean: bool) {
        match &mut self.values {
            Some(ColumnValues::Booleans(list)) => list.push(boolean),
            _ => return self.first_or_mixed(Value::Boolean(boolean)),
        }
        self.added(0);
    }

    /// Adds an integer.
    pub fn integer(&mut self, integer: i64) {
        match &mut self.values {
            Some(ColumnValues::Integers(list)) => list.push(integer),
            _ => return self.first_or_mixed(Value::Integer(integer)),
        }
        self.added(0);
    }

    /// Adds a float. What isn't finite travels as [`Value::from`] has it.
    pub fn float(&mut self, float: f64) {
        match &mut self.values {
            Some(ColumnValues::Floats(list)) if float.is_finite() => list.push(float),
            _ => return self.first_or_mixed(float.into()),
        }
        self.added(0);
    }

    /// Adds a timestamp, in microseconds since 1970.
    pub fn timestamp(&mut self, micros: i64) {
        match &mut self.values {
            Some(ColumnValues::Timestamps(list)) => list.push(micros),
            _ => return self.first_or_mixed(Value::Timestamp(micros)),
        }
        self.added(0);
    }

    /// Adds a point.
    pub fn point(&mut self, point: GeoPoint) {
        match &mut self.values {
            Some(ColumnValues::Points(list)) => list.push(point),
            _ => return self.first_or_mixed(Value::Point(point)),
        }
        self.added(0);
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.textual(Textual::Text, text);
    }

    /// Adds a decimal, in the contract's form.
    pub fn decimal(&mut self, decimal: &str) {
        self.textual(Textual::Decimal, decimal);
    }

    /// Adds JSON.
    pub fn json(&mut self, json: &str) {
        self.textual(Textual::Json, json);
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if let Some(ColumnValues::Bytes(column)) = &mut self.values
            && let Some(end) = end(column.data.len(), bytes.len())
        {
            column.data.extend_from_slice(bytes);
            column.offsets.push(end);
            return self.added(bytes.len());
        }
        self.first_or_mixed(Value::Bytes(bytes.to_vec()));
    }

    /// Adds a value in the backend's own words.
    pub fn other(&mut self, kind: &str, text: &str) {
        if let Some(ColumnValues::Others(column)) = &mut self.values
            && self.native_type.as_deref() == Some(kind)
            && append(column, text)
        {
            return self.added(kind.len() + text.len());
        }
        self.first_or_mixed(Value::Other(OtherValue {
            kind: kind.to_owned(),
            text: text.to_owned(),
        }));
    }

    /// Adds a value of whichever kind; for one that isn't owned, the kinds' own functions spare a copy.
    pub fn value(&mut self, value: Value) {
        match (&mut self.values, value) {
            (_, Value::Null) => self.null(),
            (_, Value::Boolean(boolean)) => self.boolean(boolean),
            (_, Value::Integer(integer)) => self.integer(integer),
            (Some(ColumnValues::Floats(list)), Value::Float(float)) => {
                list.push(float);
                self.added(0);
            }
            (_, Value::Timestamp(micros)) => self.timestamp(micros),
            (_, Value::Point(point)) => self.point(point),
            (Some(ColumnValues::Texts(_)), Value::Text(text)) => self.text(&text),
            (Some(ColumnValues::Decimals(_)), Value::Decimal(text)) => self.decimal(&text),
            (Some(ColumnValues::Json(_)), Value::Json(text)) => self.json(&text),
            (Some(ColumnValues::Bytes(_)), Value::Bytes(bytes)) => self.bytes(&bytes),
            (Some(ColumnValues::Others(_)), Value::Other(other)) => {
                self.other(&other.kind, &other.text);
            }
            (_, value) => self.first_or_mixed(value),
        }
    }

    /// Takes the last row off; none where there is none. An absent value comes back as null.
    pub fn pop(&mut self) -> Option<Value> {
        let row = self.rows.checked_sub(1)?;
        let is_there = !flag(&self.nulls, row) && !flag(&self.absent, row);
        let kind = self.native_type.as_deref().unwrap_or_default();
        let value = match &mut self.values {
            Some(values) => {
                let value = is_there.then(|| take(values, row, kind)).flatten();
                truncate(values, row);
                value.unwrap_or_default()
            }
            None => Value::Null,
        };
        self.nulls.truncate(row);
        self.absent.truncate(row);
        self.rows = row;
        self.size = self.size.saturating_sub(cost(payload(&value)));
        Some(value)
    }

    /// The column. Rows that it is short of don't have the property.
    #[must_use]
    pub fn finish(mut self, rows: usize) -> Column {
        while self.rows < rows {
            self.absent();
        }
        if !self.nulls.is_empty() {
            self.nulls.resize(self.rows, false);
        }
        if !self.absent.is_empty() {
            self.absent.resize(self.rows, false);
        }
        Column {
            name: self.name,
            native_type: self.native_type,
            // Nothing but nulls: the smallest kind will do.
            values: self
                .values
                .unwrap_or_else(|| ColumnValues::Booleans(vec![false; self.rows])),
            nulls: self.nulls,
            absent: self.absent,
        }
    }

    fn added(&mut self, payload: usize) {
        self.rows += 1;
        self.size += cost(payload);
    }

    fn textual(&mut self, kind: Textual, text: &str) {
        let column = match (&mut self.values, kind) {
            (Some(ColumnValues::Texts(column)), Textual::Text)
            | (Some(ColumnValues::Decimals(column)), Textual::Decimal)
            | (Some(ColumnValues::Json(column)), Textual::Json) => Some(column),
            _ => None,
        };
        if column.is_some_and(|column| append(column, text)) {
            return self.added(text.len());
        }
        let text = text.to_owned();
        self.first_or_mixed(match kind {
            Textual::Text => Value::Text(text),
            Textual::Decimal => Value::Decimal(text),
            Textual::Json => Value::Json(text),
        });
    }

    /// Adds a value that the column as it is can't hold.
    fn first_or_mixed(&mut self, value: Value) {
        match &mut self.values {
            None => {
                self.begin(&value);
                self.value(value);
            }
            Some(ColumnValues::Values(list)) => {
                let payload = payload(&value);
                list.push(value);
                self.added(payload);
            }
            Some(_) => {
                self.mix();
                self.first_or_mixed(value);
            }
        }
    }

    /// Settles the kind of the column by its first value; the rows before it have none.
    fn begin(&mut self, value: &Value) {
        let rows = self.rows;
        let total = self.expected.max(rows);
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
            Value::Other(other)
                if !self.declared || self.native_type.as_ref() == Some(&other.kind) =>
            {
                self.native_type = Some(other.kind.clone());
                ColumnValues::Others(text_column(rows, total, other.text.len()))
            }
            Value::Other(_) | Value::Null => ColumnValues::Values(filled(rows, total)),
        });
    }

    /// Stands for the value in a row that has none.
    fn fill(&mut self) {
        match &mut self.values {
            None => {}
            Some(ColumnValues::Booleans(list)) => list.push(false),
            Some(ColumnValues::Integers(list) | ColumnValues::Timestamps(list)) => list.push(0),
            Some(ColumnValues::Floats(list)) => list.push(0.0),
            Some(ColumnValues::Points(list)) => list.push(GeoPoint {
                latitude: 0.0,
                longitude: 0.0,
            }),
            Some(ColumnValues::Values(list)) => list.push(Value::Null),
            Some(ColumnValues::Bytes(column)) => {
                column.offsets.extend(column.offsets.last().copied());
            }
            Some(
                ColumnValues::Texts(column)
                | ColumnValues::Decimals(column)
                | ColumnValues::Json(column)
                | ColumnValues::Others(column),
            ) => column.offsets.extend(column.offsets.last().copied()),
        }
        self.added(0);
    }

    /// Makes it a column of values of any kind.
    fn mix(&mut self) {
        let mut mixed = Vec::with_capacity(self.expected.max(self.rows + 1));
        if let Some(mut values) = self.values.take() {
            let kind = if self.declared {
                self.native_type.clone()
            } else {
                self.native_type.take()
            };
            let kind = kind.unwrap_or_default();
            for row in 0..self.rows {
                let is_there = !flag(&self.nulls, row) && !flag(&self.absent, row);
                // A column of our own making is sound: there is a value in every row.
                let value = is_there.then(|| take(&mut values, row, &kind)).flatten();
                mixed.push(value.unwrap_or_default());
            }
        }
        self.values = Some(ColumnValues::Values(mixed));
    }
}

fn cost(payload: usize) -> u64 {
    VALUE_OVERHEAD.saturating_add(u64::try_from(payload).unwrap_or(u64::MAX))
}

/// The bytes of a value's text, or of its bytes.
fn payload(value: &Value) -> usize {
    match value {
        Value::Decimal(text) | Value::Text(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Other(other) => other.kind.len() + other.text.len(),
        _ => 0,
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

/// Appends a text; not where the column can't hold it, having 32 bits for offsets.
fn append(column: &mut TextColumn, text: &str) -> bool {
    let end = end(column.data.len(), text.len());
    if let Some(end) = end {
        column.data.push_str(text);
        column.offsets.push(end);
    }
    end.is_some()
}

fn end(start: usize, length: usize) -> Option<u32> {
    u32::try_from(start.checked_add(length)?).ok()
}

/// Leaves so many rows.
fn truncate(values: &mut ColumnValues, rows: usize) {
    match values {
        ColumnValues::Booleans(list) => list.truncate(rows),
        ColumnValues::Integers(list) | ColumnValues::Timestamps(list) => list.truncate(rows),
        ColumnValues::Floats(list) => list.truncate(rows),
        ColumnValues::Points(list) => list.truncate(rows),
        ColumnValues::Values(list) => list.truncate(rows),
        ColumnValues::Bytes(column) => {
            let end = truncate_offsets(&mut column.offsets, rows);
            column.data.truncate(end);
        }
        ColumnValues::Texts(column)
        | ColumnValues::Decimals(column)
        | ColumnValues::Json(column)
        | ColumnValues::Others(column) => {
            let end = truncate_offsets(&mut column.offsets, rows);
            column.data.truncate(end);
        }
    }
}

/// Leaves so many rows; where their data ends.
fn truncate_offsets(offsets: &mut Vec<u32>, rows: usize) -> usize {
    offsets.truncate(rows + 1);
    let end = offsets.last().copied().unwrap_or_default();
    usize::try_from(end).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contract::{ColumnPage, Page};
    use crate::into_entities;

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            any::<i32>().prop_map(|float| Value::Float(float.into())),
            any::<i64>().prop_map(Value::Timestamp),
            ".{0,5}".prop_map(Value::Text),
            Just(Value::Decimal("1.50".to_owned())),
            Just(Value::Json("{}".to_owned())),
            proptest::collection::vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
            ("(inet|interval)", ".{0,3}")
                .prop_map(|(kind, text)| Value::Other(OtherValue { kind, text })),
            Just(Value::Point(GeoPoint {
                latitude: 1.0,
                longitude: -2.5
            })),
        ]
    }

    /// Values that are mostly of one kind, as a column's are.
    fn column() -> impl Strategy<Value = Vec<Value>> {
        prop_oneof![
            proptest::collection::vec(any_value(), 0..12),
            any_value().prop_map(|value| vec![value; 5]),
            proptest::collection::vec(".{0,4}".prop_map(Value::Text), 0..12),
        ]
    }

    fn values(builder: ColumnBuilder, rows: usize) -> Vec<Value> {
        let page = Page::Columns(ColumnPage {
            rows: u32::try_from(rows).unwrap(),
            columns: vec![builder.finish(rows)],
        });
        let rows = into_entities(page).unwrap();
        rows.into_iter()
            .map(|row| row.get("a").cloned().unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn a_column_gives_back_what_was_put_in(
            column in column(), declared in any::<bool>(), expected in 0_usize..4,
        ) {
            let mut builder = ColumnBuilder::new("a", expected);
            if declared {
                builder = builder.with_native_type("inet");
            }
            for value in &column {
                builder.value(value.clone());
            }
            prop_assert_eq!(builder.len(), column.len());
            prop_assert_eq!(values(builder, column.len()), column);
        }

        #[test]
        fn a_row_that_is_taken_off_leaves_the_column_as_it_was(column in column(), last in any_value()) {
            let mut builder = ColumnBuilder::new("a", 0);
            for value in &column {
                builder.value(value.clone());
            }
            let size = builder.size();
            builder.value(last.clone());
            prop_assert_eq!(builder.pop(), Some(last));
            prop_assert_eq!(builder.size(), size);
            prop_assert_eq!(values(builder, column.len()), column);
        }
    }

    #[test]
    fn what_is_no_number_travels_in_its_own_words() {
        let mut builder = ColumnBuilder::new("a", 0).with_native_type("float8");
        builder.float(1.5);
        builder.float(f64::NAN);
        let expected = [Value::Float(1.5), Value::from(f64::NAN)];
        assert_eq!(values(builder, 2), expected);
    }

    #[test]
    fn a_native_type_that_was_declared_stays() {
        let mut builder = ColumnBuilder::new("a", 0).with_native_type("int8");
        builder.integer(1);
        builder.text("two");
        let column = builder.finish(2);
        assert_eq!(column.native_type.as_deref(), Some("int8"));
    }
}
