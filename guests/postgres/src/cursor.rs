//! A cursor over a statement's rows, which go from the wire straight into columns.

use std::cell::RefCell;
use std::rc::Rc;

use tenon_sdk::{
    Affected, ColumnSource, Effect, Error, PageColumns, Progress, Result, RowColumn, Rows,
};
use tenon_sql::{Parameter, ResultColumn, Statement};

use crate::connection::{Cells, Connection};
use crate::decode::Reader;
use crate::portal::{Arriving, End, Step, Way};
use crate::prepare::{readers, readers_of_any};
use crate::statements::Prepared;

/// How many rows are asked for at first: whoever wants few of many pays for no more.
const FIRST_BATCH: i32 = 512;

/// The largest batch, in rows and about in bytes: a cursor that is closed has to read it to its end.
const MOST_ROWS: u64 = 16_384;
const MOST_BYTES: u64 = 4 << 20;

/// The fewest rows of a batch, however large they are.
const LEAST_ROWS: u64 = 16;

/// An open cursor.
pub(crate) struct Cursor {
    connection: Rc<RefCell<Connection>>,
    arriving: Rc<Arriving>,
    readers: Vec<Reader>,
    /// Whether what its own transaction has done is kept.
    keep: bool,
    /// What it has done lasts, whatever becomes of its rows.
    lasts: bool,
    affected: Affected,
    /// Rows so far, and their bytes.
    rows: u64,
    bytes: u64,
    ended: bool,
}

impl Cursor {
    /// The rows of a statement of the connector's own, as those columns.
    pub(crate) fn query(
        connection: &Rc<RefCell<Connection>>,
        statement: &Statement,
        columns: Vec<ResultColumn>,
        way: Way,
    ) -> Result<Rows> {
        let as_columns = |prepared: &Prepared| readers(prepared, &columns);
        let text = &statement.text;
        let (cursor, _) = Self::open(
            connection,
            text,
            &statement.parameters,
            (way, false),
            as_columns,
        )?;
        let names = columns.into_iter().map(|column| RowColumn {
            name: column.name,
            native_type: None,
        });
        Ok(Rows::from_columns(names.collect(), cursor))
    }

    /// The rows of a caller's own statement; none where it has none.
    pub(crate) fn command(
        connection: &Rc<RefCell<Connection>>,
        text: &str,
        parameters: &[Parameter],
        way: Way,
        affected: Affected,
    ) -> Result<Rows> {
        let of_any = |prepared: &Prepared| Ok(readers_of_any(prepared));
        let (mut cursor, prepared) = Self::open(connection, text, parameters, (way, true), of_any)?;
        cursor.affected = affected;
        let names = prepared.columns.iter().map(|field| RowColumn {
            name: field.name.to_string(),
            native_type: Some(field.of.name.to_string()),
        });
        let mut rows = Rows::from_columns(names.collect(), cursor);
        if prepared.columns.is_empty() {
            // It is done when its end has been read.
            while rows.next_rows(1, &tenon_sdk::Limits::default())?.is_some() {}
        }
        Ok(rows)
    }

    fn open(
        connection: &Rc<RefCell<Connection>>,
        text: &str,
        parameters: &[Parameter],
        way: (Way, bool),
        readers: impl Fn(&Prepared) -> Result<Vec<Reader>>,
    ) -> Result<(Self, Rc<Prepared>)> {
        let opened = connection
            .borrow_mut()
            .open(text, parameters, way, FIRST_BATCH, readers)?;
        let (arriving, prepared, readers) = opened;
        let lasts = way == (Way::Whole, true) && connection.borrow().unsure;
        let cursor = Self {
            connection: Rc::clone(connection),
            arriving,
            readers,
            keep: way.0 == Way::ScanAndKeep,
            lasts,
            affected: Affected::default(),
            rows: 0,
            bytes: 0,
            ended: false,
        };
        Ok((cursor, prepared))
    }

    /// How many rows to ask for next.
    fn batch(&self) -> i32 {
        let row = (self.bytes / self.rows.max(1)).max(1);
        let rows = (MOST_BYTES / row).clamp(LEAST_ROWS, MOST_ROWS);
        i32::try_from(rows).unwrap_or(FIRST_BATCH)
    }

    fn end(&mut self, complete: bool) -> Result<()> {
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        let mut connection = self.connection.try_borrow_mut().map_err(busy)?;
        connection.close(&self.arriving, complete, self.keep)
    }
}

impl ColumnSource for Cursor {
    fn fill(&mut self, page: &mut PageColumns) -> Result<Progress> {
        let shared = Rc::clone(&self.connection);
        let mut connection = shared.try_borrow_mut().map_err(busy)?;
        while !page.is_full() {
            if let Some(row) = self.arriving.kept() {
                put(&self.readers, &row, page).map_err(|error| unreadable(self.lasts, error))?;
                continue;
            }
            match connection.step(&self.arriving)? {
                Step::Row(row) => {
                    self.rows += 1;
                    self.bytes += u64::try_from(row.len()).unwrap_or(u64::MAX / 4);
                    put(&self.readers, row, page).map_err(|error| unreadable(self.lasts, error))?;
                }
                Step::End(End::Suspended) => connection.go_on(&self.arriving, self.batch())?,
                Step::End(End::Complete(tag)) => {
                    drop(connection);
                    self.end(true)?;
                    if let Some(changed) = tag.changed() {
                        self.affected.set(changed);
                    }
                    return Ok(Progress::End);
                }
                Step::End(End::Failed(error)) => {
                    drop(connection);
                    self.end(true)?;
                    return Err(error);
                }
            }
        }
        Ok(Progress::More)
    }

    fn close(&mut self) -> Result<()> {
        self.end(false)
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        // An error is met again by whatever is asked of the session next.
        let _ = self.end(false);
    }
}

fn put(readers: &[Reader], row: &[u8], page: &mut PageColumns) -> Result<()> {
    let mut cells = Cells::new(row)?;
    for (reader, column) in readers.iter().zip(page.columns()) {
        reader.put(cells.next()?, column)?;
    }
    page.look();
    page.end_row();
    Ok(())
}

/// The error of a row that can't be read, where what the statement has done may last all the same.
fn unreadable(lasts: bool, mut error: Error) -> Error {
    if lasts {
        error.effect = Effect::Unknown;
    }
    error
}

fn busy(_: std::cell::BorrowMutError) -> Error {
    Error::backend("the session is in use by another of its cursors")
}
