//! A collection's tables in the file: its records, and an index each.
//!
//! Records lie under the bytes of their key. An index entry is the bytes of its values and then those of the
//! key, so that equal values are in the key's order; it holds how long the values are, which tells where the
//! key begins.

use redb::{ReadableTable, Table, TableDefinition};
use tenon_sdk::layout::IndexLayout;
use tenon_sdk::{Entity, Result};

use crate::error::{OrFail, damaged};

/// The name of a collection's records.
pub(crate) fn records_name(collection: &str) -> String {
    format!("records/{collection}")
}

/// The name of one of a collection's indexes.
pub(crate) fn index_name(collection: &str, number: u32) -> String {
    format!("index/{number}/{collection}")
}

/// Records by key.
pub(crate) fn records(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

/// Values and key, to the values' length.
pub(crate) fn index(name: &str) -> TableDefinition<'_, &'static [u8], u32> {
    TableDefinition::new(name)
}

/// The key in an index entry.
pub(crate) fn key_of_entry(bytes: &[u8], values: u32) -> Result<&[u8]> {
    usize::try_from(values)
        .ok()
        .and_then(|values| bytes.get(values..))
        .ok_or_else(|| damaged("an index entry breaks off"))
}

/// A record's place in an index.
pub(crate) struct IndexEntry {
    bytes: Vec<u8>,
    values: u32,
    /// No second record may have the same values.
    exclusive: bool,
}

impl IndexEntry {
    /// The entry of a record whose key has these bytes.
    pub(crate) fn new(index: &IndexLayout, record: &Entity, key: &[u8]) -> Result<Self> {
        let mut bytes = Vec::with_capacity(32 + key.len());
        let has_null = index.entity(record, &mut bytes)?;
        let values = u32::try_from(bytes.len()).map_err(|_| {
            tenon_sdk::Error::invalid(format!(
                "the values of the index `{}` are too long",
                index.name
            ))
        })?;
        bytes.extend_from_slice(key);
        Ok(Self {
            bytes,
            values,
            exclusive: index.unique && !has_null,
        })
    }

    /// Whether two entries of one record are the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }

    /// Puts it into its table.
    ///
    /// # Errors
    /// `duplicate` where another record has the same values and none may.
    pub(crate) fn insert(
        &self,
        table: &mut Table<&'static [u8], u32>,
        index: &IndexLayout,
        model: &str,
    ) -> Result<()> {
        if self.exclusive {
            let length = usize::try_from(self.values).unwrap_or(usize::MAX);
            let values = self.bytes.get(..length).unwrap_or(&self.bytes);
            if let Some(next) = table.range(values..).or_fail()?.next()
                && next.or_fail()?.0.value().starts_with(values)
            {
                return Err(index.duplicate(model));
            }
        }
        self.put_back(table)
    }

    /// About the bytes that it takes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Puts it into its table again, from which it was taken.
    pub(crate) fn put_back(&self, table: &mut Table<&'static [u8], u32>) -> Result<()> {
        table.insert(self.bytes.as_slice(), self.values).or_fail()?;
        Ok(())
    }

    /// Takes it out of its table.
    pub(crate) fn remove(&self, table: &mut Table<&'static [u8], u32>) -> Result<()> {
        table.remove(self.bytes.as_slice()).or_fail()?;
        Ok(())
    }
}
