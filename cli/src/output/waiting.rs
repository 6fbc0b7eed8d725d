//! The first records of an output, held back until they have said what its columns are.

use tenon_model::{Entity, Value};

/// How many records are held back at most.
const MAX_RECORDS: usize = 1_000;

/// How many bytes of records are held back, about, before no more are.
const MAX_BYTES: usize = 4 << 20;

/// Records that are held back.
#[derive(Default)]
pub struct Waiting {
    records: Vec<Entity>,
    bytes: usize,
}

impl Waiting {
    /// Holds one more back; true where there is no room for another.
    pub fn push(&mut self, record: Entity) -> bool {
        self.bytes += record
            .iter()
            .map(|(name, value)| name.len() + size(value))
            .sum::<usize>();
        self.records.push(record);
        self.records.len() >= MAX_RECORDS || self.bytes >= MAX_BYTES
    }

    /// Those that are held back.
    pub fn iter(&self) -> std::slice::Iter<'_, Entity> {
        self.records.iter()
    }

    /// Lets them go.
    pub fn take(&mut self) -> Vec<Entity> {
        std::mem::take(&mut self.records)
    }
}

/// About how much memory a value takes.
fn size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Text(text) | Value::Json(text) | Value::Decimal(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Other(other) => other.kind.len() + other.text.len(),
            _ => 0,
        }
}
