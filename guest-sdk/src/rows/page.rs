//! A page of records that is being filled.

use tenon_model::{Entity, Value};

use super::pace::Pace;
use crate::Limits;

/// What a value costs in a page beside its text or bytes: its slot, and its entries in `nulls` and `absent`.
const VALUE_OVERHEAD: u64 = 24;

/// A page that is being filled.
pub struct PageBuilder {
    pub(super) rows: Vec<Entity>,
    pub(super) carried: Vec<Entity>,
    max: usize,
    bytes: u64,
    max_bytes: u64,
    pace: Pace,
}

impl PageBuilder {
    pub(super) fn new(max: u32, limits: &Limits) -> Self {
        Self {
            rows: Vec::new(),
            carried: Vec::new(),
            max: usize::try_from(max).unwrap_or(usize::MAX),
            bytes: 0,
            max_bytes: limits.page_size,
            pace: Pace::new(limits),
        }
    }

    /// Adds a row. One that would make the page too large comes with the next page; a row that is too large
    /// for any page comes alone.
    pub fn push(&mut self, row: Entity) {
        let size = size(&row);
        let fits = self.rows.is_empty() || self.bytes + size < self.max_bytes;
        if self.rows.len() >= self.max || !self.carried.is_empty() || !fits {
            self.carried.push(row);
            return;
        }
        self.bytes += size;
        self.rows.push(row);
    }

    /// Counts a record that was looked at, whether or not it became a row. Call it once a record.
    pub fn look(&mut self) {
        self.pace.look();
    }

    /// Whether to stop for now.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= self.max
            || !self.carried.is_empty()
            || self.bytes >= self.max_bytes
            || self.pace.is_over()
    }

    /// How many rows are in it.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// About the bytes that a row takes in a page.
fn size(row: &Entity) -> u64 {
    row.iter()
        .map(|(_, value)| {
            let payload = match value {
                Value::Decimal(text) | Value::Text(text) | Value::Json(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
                Value::Other(other) => other.kind.len() + other.text.len(),
                _ => 0,
            };
            VALUE_OVERHEAD + u64::try_from(payload).unwrap_or(u64::MAX / 4)
        })
        .sum()
}
