//! Rows that are columns from the beginning: no record is made of them on their way.

use tenon_model::contract::ColumnPage;
use tenon_model::{ColumnBuilder, RowColumn, Value};

use super::pace::Pace;
use super::{Progress, Pulled};
use crate::{Limits, Result};

/// How many rows a first page makes room for; later ones, for as many as the page before had.
const FIRST_ROOM: usize = 16;

/// Where rows come from, column by column. It is the fast way, for a connector that reads values from the wire.
pub trait ColumnSource {
    /// Puts rows into the page until [`PageColumns::is_full`], or there are no more.
    ///
    /// # Errors
    /// Where the backend fails; the source is not asked again.
    fn fill(&mut self, page: &mut PageColumns) -> Result<Progress>;

    /// Ends the query in the backend. It is not called where [`fill`](Self::fill) came to the end or failed.
    ///
    /// # Errors
    /// Where the backend fails.
    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A page of columns that is being filled, row by row.
pub struct PageColumns {
    columns: Vec<ColumnBuilder>,
    /// The last row, where it made the page too large.
    carried: Option<Vec<Value>>,
    rows: usize,
    max: usize,
    bytes: u64,
    max_bytes: u64,
    pace: Pace,
}

impl PageColumns {
    /// The columns, in the order of [`Rows::from_columns`](crate::Rows::from_columns). A row is a value in each of
    /// them and then [`end_row`](Self::end_row).
    pub fn columns(&mut self) -> &mut [ColumnBuilder] {
        &mut self.columns
    }

    /// Ends a row. A column that has got no value since the last one is null in it. Call it only while the page
    /// [isn't full](Self::is_full).
    ///
    /// A row that would make the page too large comes with the next page; one that is too large for any page comes
    /// alone.
    pub fn end_row(&mut self) {
        self.rows += 1;
        self.bytes = 0;
        for column in &mut self.columns {
            while column.len() < self.rows {
                column.null();
            }
            self.bytes = self.bytes.saturating_add(column.size());
        }
        if self.bytes >= self.max_bytes && self.rows > 1 {
            let row = self.columns.iter_mut();
            let row = row.map(|column| column.pop().unwrap_or_default());
            self.carried = Some(row.collect());
            self.rows -= 1;
        }
    }

    /// Counts a record that was looked at, whether or not it became a row. Call it once a record.
    pub fn look(&mut self) {
        self.pace.look();
    }

    /// Whether to stop for now.
    pub fn is_full(&self) -> bool {
        self.rows >= self.max
            || self.carried.is_some()
            || self.bytes >= self.max_bytes
            || self.pace.is_over()
    }

    /// How many rows are in it.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }
}

/// A source, and what is known between two of its pages.
pub(super) struct Columns {
    names: Vec<RowColumn>,
    source: Option<Box<dyn ColumnSource>>,
    carried: Option<Vec<Value>>,
    room: usize,
}

impl Columns {
    pub(super) fn new(names: Vec<RowColumn>, source: Box<dyn ColumnSource>) -> Self {
        Self {
            names,
            source: Some(source),
            carried: None,
            room: FIRST_ROOM,
        }
    }

    pub(super) fn next(&mut self, max: u32, limits: &Limits) -> Result<Option<Pulled>> {
        let mut page = self.page(max, limits);
        if let Some(row) = self.carried.take() {
            for (column, value) in page.columns.iter_mut().zip(row) {
                column.value(value);
            }
            page.end_row();
        }
        if let Some(source) = &mut self.source
            && !page.is_full()
            && source.fill(&mut page)? == Progress::End
        {
            self.source = None;
        }
        self.carried = page.carried;
        if self.source.is_none() && self.carried.is_none() && page.rows == 0 {
            return Ok(None);
        }
        self.room = page.rows.max(FIRST_ROOM);
        let columns = page.columns.into_iter();
        Ok(Some(Pulled::Columns(ColumnPage {
            rows: u32::try_from(page.rows).unwrap_or(u32::MAX),
            columns: columns.map(|column| column.finish(page.rows)).collect(),
        })))
    }

    pub(super) fn close(&mut self) -> Result<()> {
        self.carried = None;
        self.source
            .take()
            .map_or(Ok(()), |mut source| source.close())
    }

    fn page(&self, max: u32, limits: &Limits) -> PageColumns {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let room = self.room.min(max);
        let columns = self.names.iter().map(|column| {
            let builder = ColumnBuilder::new(column.name.clone(), room);
            match &column.native_type {
                Some(native_type) => builder.with_native_type(native_type.clone()),
                None => builder,
            }
        });
        PageColumns {
            columns: columns.collect(),
            carried: None,
            rows: 0,
            max,
            bytes: 0,
            max_bytes: limits.page_size,
            pace: Pace::new(limits),
        }
    }
}
