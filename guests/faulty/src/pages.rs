//! Open results: rows that were found when the query was opened, cut into pages by turns of columns and of records.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use tenon_model::contract::{ColumnPage, ColumnValues, Page};
use tenon_model::to_columns;
use tenon_sdk::{Entity, Limits, PageSource, Result, Value};

use crate::fault::{Fault, Planted};

/// What a value costs in a page beside its text or bytes.
const VALUE_OVERHEAD: u64 = 24;

/// What ends a cursor before its time, counted in its session.
#[derive(Clone, Default)]
pub(crate) struct Disturbances(Rc<Cell<u64>>);

impl Disturbances {
    pub(crate) fn count(&self) {
        self.0.set(self.0.get() + 1);
    }
}

/// The rows that are left.
pub(crate) struct Pages {
    planted: Planted,
    rows: VecDeque<Entity>,
    /// How many pages have gone out.
    number: u64,
    last: Option<Entity>,
    was_full: bool,
    disturbances: Disturbances,
    disturbed_before: u64,
}

impl Pages {
    pub(crate) fn new(planted: Planted, rows: Vec<Entity>, disturbances: &Disturbances) -> Self {
        Self {
            planted,
            rows: rows.into(),
            number: 0,
            last: None,
            was_full: false,
            disturbed_before: disturbances.0.get(),
            disturbances: disturbances.clone(),
        }
    }

    fn is_over(&self) -> bool {
        let is_disturbed = self.disturbances.0.get() != self.disturbed_before;
        is_disturbed || (self.was_full && self.planted.is(Fault::FullPageIsTheEnd))
    }

    /// What becomes of the rows between the first page and the second.
    fn between_pages(&mut self) {
        if self.number != 1 {
            return;
        }
        if self.planted.is(Fault::RowIsLost) {
            self.rows.pop_front();
        }
        if self.planted.is(Fault::RowComesTwice)
            && !self.rows.is_empty()
            && let Some(last) = self.last.take()
        {
            self.rows.push_front(last);
        }
    }

    fn take(&mut self, max: usize, limits: &Limits) -> Vec<Entity> {
        let mut page = Vec::new();
        let mut bytes = 0;
        while page.len() < max
            && let Some(row) = self.rows.front()
        {
            bytes += size(row);
            let is_too_large = bytes >= limits.page_size && !page.is_empty();
            if is_too_large && !self.planted.is(Fault::PageSizeIsIgnored) {
                break;
            }
            page.extend(self.rows.pop_front());
        }
        page
    }
}

impl PageSource for Pages {
    fn next(&mut self, max: u32, limits: &Limits) -> Result<Option<Page>> {
        if self.is_over() {
            return Ok(None);
        }
        self.between_pages();
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let more = usize::from(self.planted.is(Fault::MoreRowsThanAsked));
        let page = self.take(max.saturating_add(more), limits);
        self.was_full = page.len() >= max;
        let is_lost = self.planted.is(Fault::LastPageIsLost)
            && self.number > 0
            && self.rows.is_empty()
            && !self.was_full;
        if page.is_empty() || is_lost {
            return Ok(None);
        }
        self.last = page.last().cloned();
        self.number += 1;
        Ok(Some(if self.number.is_multiple_of(2) {
            Page::Records(page.into_iter().map(Entity::into_contract).collect())
        } else {
            match to_columns(page) {
                Page::Columns(columns) => Page::Columns(spoil(self.planted, columns)),
                records @ Page::Records(_) => records,
            }
        }))
    }
}

fn spoil(planted: Planted, mut page: ColumnPage) -> ColumnPage {
    match planted.0 {
        Some(Fault::NullsReadAsValues) => {
            for column in &mut page.columns {
                column.nulls.clear();
            }
        }
        Some(Fault::AbsentReadAsNull) => {
            for column in &mut page.columns {
                let absent = std::mem::take(&mut column.absent);
                if column.nulls.is_empty() {
                    column.nulls = absent;
                } else {
                    for (null, absent) in column.nulls.iter_mut().zip(absent) {
                        *null |= absent;
                    }
                }
            }
        }
        Some(Fault::ColumnIsOutOfStep) => {
            if let Some(column) = page.columns.last_mut() {
                rotate(&mut column.values);
                rotate_flags(&mut column.nulls);
                rotate_flags(&mut column.absent);
            }
        }
        _ => {}
    }
    page
}

fn rotate_flags(flags: &mut [bool]) {
    if !flags.is_empty() {
        flags.rotate_right(1);
    }
}

/// Moves each value to the row after its own, and the last one to the first.
fn rotate(values: &mut ColumnValues) {
    fn by_one<T>(values: &mut [T]) {
        if !values.is_empty() {
            values.rotate_right(1);
        }
    }
    match values {
        ColumnValues::Booleans(values) => by_one(values),
        ColumnValues::Integers(values) | ColumnValues::Timestamps(values) => by_one(values),
        ColumnValues::Floats(values) => by_one(values),
        ColumnValues::Points(values) => by_one(values),
        ColumnValues::Values(values) => by_one(values),
        ColumnValues::Decimals(column)
        | ColumnValues::Texts(column)
        | ColumnValues::Json(column)
        | ColumnValues::Others(column) => {
            let offsets = column.offsets.iter().map(|offset| *offset as usize);
            let starts: Vec<usize> = offsets.collect();
            let mut texts: Vec<&str> = starts
                .windows(2)
                .filter_map(|pair| column.data.get(*pair.first()?..*pair.last()?))
                .collect();
            by_one(&mut texts);
            let mut end = 0;
            let mut offsets = vec![0];
            for text in &texts {
                end += u32::try_from(text.len()).unwrap_or(u32::MAX);
                offsets.push(end);
            }
            column.data = texts.concat();
            column.offsets = offsets;
        }
        // Bytes stay in step.
        ColumnValues::Bytes(_) => {}
    }
}

/// About the bytes that a row takes in a page.
fn size(row: &Entity) -> u64 {
    let sizes = row.iter().map(|(name, value)| {
        let payload = match value {
            Value::Decimal(text) | Value::Text(text) | Value::Json(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Other(other) => other.kind.len() + other.text.len(),
            _ => 0,
        };
        VALUE_OVERHEAD + u64::try_from(payload + name.len()).unwrap_or(u64::MAX / 4)
    });
    sizes.sum()
}
