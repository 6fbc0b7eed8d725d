//! What comes after the groups: which of them, in which order, and what part.

use super::Aggregation;
use super::aggregator::AggregateError;
use crate::contract::Value;
use crate::entity::Entity;
use crate::filter::{Matcher, MatcherError};
use crate::query::Query;
use crate::row_order::RowOrder;
use crate::sortable;

impl Aggregation {
    /// The wanted part, in the wanted order, of all groups: `having`, `order`, `offset` and `limit`.
    ///
    /// # Errors
    /// `Unsupported` where this build can't evaluate `having`, `Invalid` where it is not well formed.
    pub fn conclude(&self, mut rows: Vec<Entity>) -> Result<Vec<Entity>, AggregateError> {
        if !self.having.is_all() {
            let having = Matcher::new(&self.having).map_err(|error| match error {
                MatcherError::Unsupported(reason) => AggregateError::Unsupported(reason),
                MatcherError::Invalid(reason) => AggregateError::Invalid(reason),
            })?;
            rows.retain(|row| having.matches(row));
        }
        // Values without an order, as points, still have one place each, so that pages never overlap.
        rows.sort_by_cached_key(|row| self.group_bytes(row));
        let order = RowOrder::new(&Query {
            order: self.order.clone(),
            ..Query::default()
        });
        if !order.is_empty() {
            order.sort(&mut rows);
        }
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        rows.drain(..size(self.offset).min(rows.len()));
        rows.truncate(self.limit.map_or(usize::MAX, size));
        Ok(rows)
    }

    fn group_bytes(&self, row: &Entity) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in &self.group_by {
            // A value without a form, from a backend, comes where it comes.
            let _ = sortable::encode(row.get(name).unwrap_or(&Value::Null), &mut bytes);
        }
        bytes
    }
}
