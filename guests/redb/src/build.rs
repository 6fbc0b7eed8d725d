//! Building an index from the records that there are, piece by piece.
//!
//! A call has a time limit, and a collection none on its size. So outside a longer transaction a build stops after a
//! part of that time, the transaction keeps what is there with a mark of how far it came, and the next call goes on
//! after it. Until it is whole no model is defined that could change the records.

use std::ops::Bound;

use redb::{ReadableTable, Table};
use serde::{Deserialize, Serialize};
use tenon_sdk::layout::Layout;
use tenon_sdk::{Error, ErrorKind, Result};

use crate::error::OrFail;
use crate::record::{self, Names, Wanted};
use crate::shape::StoredIndex;
use crate::tables::{self, IndexEntry};
use crate::transaction::Work;

/// How many records pass between two looks at the clock; as many at least are entered in each call.
const RECORDS_A_CLOCK: u64 = 1024;

/// An index that is begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Building {
    pub(crate) index: StoredIndex,
    /// The key of the last record that is in it; none where none is.
    after: Option<Vec<u8>>,
    entered: u64,
}

/// How far a build came.
pub(crate) enum Built {
    Wholly(StoredIndex),
    InPart(Building),
}

impl Building {
    /// An index without entries.
    pub(crate) fn new(index: StoredIndex) -> Self {
        Self {
            index,
            after: None,
            entered: 0,
        }
    }

    /// Enters records until they or the time are at their end.
    pub(crate) fn go_on(
        mut self,
        work: &Work,
        layout: &Layout,
        records: &Table<&'static [u8], &'static [u8]>,
        names: &Names,
    ) -> Result<Built> {
        let name = tables::index_name(&layout.model, self.index.number);
        let mut table = work.engine.open_table(tables::index(&name)).or_fail()?;
        let index = self.index.shape.to_layout();
        let parts = index.parts.iter().map(|part| part.property.as_str());
        let wanted = Wanted::only(parts, names);
        let from = self
            .after
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded);
        let rows = records.range::<&[u8]>((from, Bound::Unbounded)).or_fail()?;
        let mut entered = self.entered;
        for row in rows {
            let (key, bytes) = row.or_fail()?;
            let record = record::decode(bytes.value(), names, &wanted)?;
            IndexEntry::new(&index, &record, key.value())?
                .insert(&mut table, &index, &layout.model)
                .map_err(|error| {
                    error.context(format!(
                        "the unique index `{}` can't be built: the records don't fit it",
                        index.name
                    ))
                })?;
            entered += 1;
            if entered.is_multiple_of(RECORDS_A_CLOCK) && work.is_out_of_time() {
                self.after = Some(key.value().to_vec());
                self.entered = entered;
                return Ok(Built::InPart(self));
            }
        }
        Ok(Built::Wholly(self.index))
    }

    /// How far it came, for a person.
    pub(crate) fn describe(&self, collection: &str, records: u64) -> String {
        format!(
            "the index `{}` of `{collection}` is being built, and {} of {records} records are in it",
            self.index.shape.name, self.entered
        )
    }
}

/// Builds an index whole, whatever the time.
pub(crate) fn whole(
    work: &Work,
    layout: &Layout,
    records: &Table<&'static [u8], &'static [u8]>,
    names: &Names,
    index: &StoredIndex,
) -> Result<()> {
    let mut building = Building::new(index.clone());
    while let Built::InPart(begun) = building.go_on(work, layout, records, names)? {
        building = begun;
    }
    Ok(())
}

/// The error for a build that isn't whole yet.
pub(crate) fn unfinished(how_far: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{how_far}: each further call goes on with it, so try again"),
    )
}
