//! A look ahead at free memory.
//!
//! An allocation that fails ends the instance, and all records with it. So records are refused while there is
//! still room for the work of queries: a large piece is held back while records are written and let go while
//! they are read, and now and then small pieces are tried for, whose failure harms nothing.

use std::hint::black_box;

use tenon_sdk::Result;
use tenon_sdk::{Entity, Value};

use crate::slots::exhausted;

/// Bytes held back for queries: their pages, and the places of their rows.
const RESERVE: usize = 4 << 20;

/// Bytes of new records between two trials.
const INTERVAL: usize = 256 << 10;

/// How large the pieces of a trial are: small enough to fit between records that stay, when others go.
const PIECE: usize = 1 << 10;

/// How many there must be: for all that comes before the next trial, and as much again for reading.
const PIECES: usize = 2 * INTERVAL / PIECE;

/// About the bytes that a property takes beside its text: a name, a value, and what the allocator adds.
const PROPERTY: usize = 80;

/// What is held back, and what was taken since the last trial.
#[derive(Default)]
pub(crate) struct Room {
    reserve: Vec<u8>,
    taken: usize,
    /// Lets every trial fail.
    #[cfg(test)]
    pub(crate) full: bool,
}

impl Room {
    /// Refuses a record that there might be no memory for.
    pub(crate) fn take(&mut self, record: &Entity) -> Result<()> {
        let properties = record.iter().map(|(_, value)| PROPERTY + text(value));
        self.take_bytes(properties.sum())
    }

    /// Refuses that many bytes where they might not be there.
    pub(crate) fn take_bytes(&mut self, bytes: usize) -> Result<()> {
        if self.reserve.capacity() == 0 {
            reserve(&mut self.reserve, RESERVE)?;
        }
        self.taken += bytes;
        if self.taken >= INTERVAL {
            #[cfg(test)]
            if self.full {
                return Err(exhausted());
            }
            let mut pieces = [const { Vec::new() }; PIECES];
            for piece in &mut pieces {
                reserve(piece, PIECE)?;
            }
            self.taken = 0;
        }
        Ok(())
    }

    /// Lets a query have what was held back.
    pub(crate) fn give(&mut self) {
        self.reserve = Vec::new();
    }
}

fn reserve(bytes: &mut Vec<u8>, size: usize) -> Result<()> {
    bytes.try_reserve_exact(size).map_err(|_| exhausted())?;
    // Otherwise the compiler may find that nobody uses it, and not try at all.
    black_box(bytes.as_ptr());
    Ok(())
}

fn text(value: &Value) -> usize {
    match value {
        Value::Decimal(text) | Value::Text(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Other(other) => other.kind.len() + other.text.len(),
        _ => 0,
    }
}
