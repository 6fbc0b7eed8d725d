//! Open results: rows that are stepped to when they are asked for.
//!
//! A result sees the file as it was when it was opened: before anybody writes, what is left of it is [set
//! aside](crate::aside). It holds its statement, and the statement its connection; none of them is let go before the
//! result is closed or at its end.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::rc::{Rc, Weak};

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, Row, Rows as Steps, Statement};
use self_cell::{MutBorrow, self_cell};
use tenon_sdk::{
    ColumnBuilder, ColumnSource, Error, ErrorKind, PageColumns, Progress, Result, RowColumn,
};
use tenon_sql::ResultColumn;

use crate::aside::{Aside, Reader, Writer};
use crate::error::OrFail;
use crate::session::Session;
use crate::value;

self_cell!(
    /// A statement with its parameters, and the connection that it is of.
    pub(crate) struct Prepared {
        owner: Rc<Connection>,
        #[not_covariant]
        dependent: Compiled,
    }
);

/// A compiled statement.
pub(crate) enum Compiled<'c> {
    /// One of the connector's own, kept for its next use.
    Kept(CachedStatement<'c>),
    /// A caller's command, which is looked at each time by what watches over commands.
    Once(Statement<'c>),
}

impl<'c> Deref for Compiled<'c> {
    type Target = Statement<'c>;

    fn deref(&self) -> &Statement<'c> {
        match self {
            Self::Kept(statement) => statement,
            Self::Once(statement) => statement,
        }
    }
}

impl<'c> DerefMut for Compiled<'c> {
    fn deref_mut(&mut self) -> &mut Statement<'c> {
        match self {
            Self::Kept(statement) => statement,
            Self::Once(statement) => statement,
        }
    }
}

self_cell!(
    /// A statement that is being stepped through.
    pub(crate) struct Stepping {
        owner: MutBorrow<Prepared>,
        #[not_covariant]
        dependent: Steps,
    }
);

impl Prepared {
    /// Begins to step. Nothing is done before the first row is asked for.
    pub(crate) fn step(self) -> Stepping {
        Stepping::new(MutBorrow::new(self), |prepared| {
            prepared
                .borrow_mut()
                .with_dependent_mut(|_, statement| statement.raw_query())
        })
    }
}

impl Stepping {
    /// The next row, as `read` has it; none is the end.
    pub(crate) fn next<R>(
        &mut self,
        read: impl FnOnce(&Row<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.with_dependent_mut(|_, steps| match steps.next().or_fail()? {
            Some(row) => read(row).map(Some),
            None => Ok(None),
        })
    }
}

/// The values of a row.
pub(crate) fn values<'a>(
    row: &'a Row<'_>,
    columns: usize,
) -> impl Iterator<Item = ValueRef<'a>> + 'a {
    // Every place below the number of columns is one.
    (0..columns).map(|place| row.get_ref(place).unwrap_or(ValueRef::Null))
}

/// How values are read.
pub(crate) enum Columns {
    /// As the columns' kinds.
    Known(Vec<ResultColumn>),
    /// As they are: those of a command.
    Found(Vec<RowColumn>),
}

impl Columns {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Known(columns) => columns.len(),
            Self::Found(columns) => columns.len(),
        }
    }

    /// As a page has them.
    pub(crate) fn of_page(&self) -> Vec<RowColumn> {
        match self {
            Self::Known(columns) => columns
                .iter()
                .map(|column| RowColumn {
                    name: column.name.clone(),
                    native_type: None,
                })
                .collect(),
            Self::Found(columns) => columns.clone(),
        }
    }

    /// Puts a row's values into a page.
    fn put<'a>(
        &self,
        row: impl Iterator<Item = ValueRef<'a>>,
        page: &mut [ColumnBuilder],
    ) -> Result<()> {
        let cells = row.zip(page);
        match self {
            Self::Known(columns) => {
                for ((stored, cell), column) in cells.zip(columns) {
                    value::put(stored, column, cell)?;
                }
            }
            Self::Found(columns) => {
                for ((stored, cell), column) in cells.zip(columns) {
                    value::put_plain(stored, &column.name, cell)?;
                }
            }
        }
        Ok(())
    }
}

/// Where the rows of a result are.
pub(crate) enum State {
    /// In the file, to be stepped to.
    Live(Stepping),
    /// Set aside.
    Aside(Reader),
    /// Nowhere, for this reason.
    Failed(Error),
    /// All handed out.
    Ended,
}

impl State {
    /// Ends a result that is still stepping.
    pub(crate) fn fail(&mut self, kind: ErrorKind, reason: &str) {
        if matches!(self, Self::Live(_)) {
            *self = Self::Failed(Error::new(kind, reason));
        }
    }

    /// Sets aside what is left.
    pub(crate) fn set_aside(&mut self, aside: &Aside, columns: usize) {
        let Self::Live(stepping) = self else {
            return;
        };
        *self = match drain(stepping, aside, columns) {
            Ok(reader) => Self::Aside(reader),
            Err(error) if error.kind == ErrorKind::Timeout => Self::Failed(Error::new(
                ErrorKind::Conflict,
                "somebody writes, and what is left of this result is too much to be set aside before: read it again \
                 in smaller parts, or while nobody writes",
            )),
            Err(error) => {
                Self::Failed(error.context(
                    "what is left of this result could not be set aside while others write",
                ))
            }
        };
    }
}

/// Why a result can't be read any further.
pub(crate) const ENDED: &str = "the session that this result is of was ended";

/// Reads rows to their end.
pub(crate) fn drain(stepping: &mut Stepping, aside: &Aside, columns: usize) -> Result<Reader> {
    let mut writer = Writer::new(aside, columns);
    while stepping
        .next(|row| writer.push(values(row, columns)))?
        .is_some()
    {}
    writer.finish()
}

/// An open result.
pub(crate) struct Cursor {
    /// Not to keep the file open.
    pub(crate) session: Weak<Session>,
    pub(crate) state: Rc<RefCell<State>>,
    pub(crate) columns: Rc<Columns>,
}

impl ColumnSource for Cursor {
    fn fill(&mut self, page: &mut PageColumns) -> Result<Progress> {
        let mut state = self.state.borrow_mut();
        let columns = &self.columns;
        let session = self
            .session
            .upgrade()
            .ok_or_else(|| Error::invalid(ENDED))?;
        session.deadline.begin();
        while !page.is_full() {
            let row = match &mut *state {
                State::Live(stepping) => stepping
                    .next(|row| columns.put(values(row, columns.len()), page.columns()))
                    .map_err(|error| session.failed(error))?,
                State::Aside(reader) => match reader.next()? {
                    Some(row) => {
                        let row = row.iter().map(|value| value.as_ref());
                        Some(columns.put(row, page.columns())?)
                    }
                    None => None,
                },
                State::Failed(error) => return Err(error.clone()),
                State::Ended => None,
            };
            if row.is_none() {
                *state = State::Ended;
                return Ok(Progress::End);
            }
            page.look();
            page.end_row();
        }
        Ok(Progress::More)
    }

    fn close(&mut self) -> Result<()> {
        *self.state.borrow_mut() = State::Ended;
        Ok(())
    }
}
