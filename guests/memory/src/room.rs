//! A look ahead at free memory.
//!
//! An allocation that fails ends the instance, and all records with it. So before small things have used up
//! some memory, a large piece is tried for, whose failure harms nothing; queries live on that piece.

use tenon_sdk::Result;
use tenon_sdk::{Entity, Value};

use crate::slots::exhausted;

/// Bytes that must be free for the work of queries, beside the records.
const RESERVE: usize = 4 << 20;

/// Bytes of new records between two trials.
const INTERVAL: usize = 256 << 10;

/// About the bytes that a property takes beside its text: a name, a value, and what the allocator adds.
const PROPERTY: usize = 80;

/// What was taken since the last trial.
#[derive(Default)]
pub(crate) struct Room {
    taken: usize,
}

impl Room {
    /// Refuses a record that there might be no memory for.
    pub(crate) fn take(&mut self, record: &Entity) -> Result<()> {
        self.taken += record
            .iter()
            .map(|(_, value)| PROPERTY + text(value))
            .sum::<usize>();
        if self.taken >= INTERVAL {
            let needed = RESERVE.saturating_add(self.taken);
            Vec::<u8>::new()
                .try_reserve_exact(needed)
                .map_err(|_| exhausted())?;
            self.taken = 0;
        }
        Ok(())
    }
}

fn text(value: &Value) -> usize {
    match value {
        Value::Decimal(text) | Value::Text(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Other(other) => other.kind.len() + other.text.len(),
        _ => 0,
    }
}
