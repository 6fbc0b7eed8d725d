//! Rows on their way out, as the server sends them.
//!
//! They come straight from the socket, so that a million of them take the memory of a page. Until they are read or
//! closed, the session can do nothing else.

use std::cell::RefCell;
use std::rc::Rc;

use tenon_sdk::{Affected, ColumnSource, Error, PageColumns, Progress, Result, RowColumn, Rows};

use crate::codec::Encoding;
use crate::connection::{Answer, ColumnDefinition};
use crate::session::{Reading, Session};

/// An open result.
struct Stream {
    session: Rc<RefCell<Session>>,
    columns: Rc<[ColumnDefinition]>,
    readings: Vec<Reading>,
    encoding: Encoding,
    affected: Affected,
    ended: bool,
}

/// The rows of columns, which the server is about to send.
pub(crate) fn rows(
    session: &Rc<RefCell<Session>>,
    columns: Rc<[ColumnDefinition]>,
    names: Vec<RowColumn>,
    readings: Vec<Reading>,
    encoding: Encoding,
    affected: Affected,
) -> Rows {
    Rows::from_columns(
        names,
        Stream {
            session: Rc::clone(session),
            columns,
            readings,
            encoding,
            affected,
            ended: false,
        },
    )
}

impl Stream {
    fn pull(&self, session: &mut Session, page: &mut PageColumns) -> Result<Progress> {
        while !page.is_full() {
            if !session.next_row()? {
                let done = session.finish(Answer::Rows(Rc::clone(&self.columns)))?;
                if done.affected > 0 {
                    self.affected.set(done.affected);
                }
                return Ok(Progress::End);
            }
            page.look();
            let columns = page.columns();
            session.read_row(
                &self.columns,
                self.encoding,
                &self.readings,
                |place, cell| {
                    if let Some(column) = columns.get_mut(place) {
                        cell.put(column);
                    }
                },
            )?;
            page.end_row();
        }
        Ok(Progress::More)
    }

    fn end(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        let mut session = self.session.try_borrow_mut().map_err(|_| busy())?;
        session.begin_call();
        session.give_up_rows()
    }
}

impl ColumnSource for Stream {
    fn fill(&mut self, page: &mut PageColumns) -> Result<Progress> {
        let session = Rc::clone(&self.session);
        let mut session = session.try_borrow_mut().map_err(|_| busy())?;
        session.begin_call();
        match self.pull(&mut session, page) {
            Ok(Progress::More) => Ok(Progress::More),
            Ok(Progress::End) => {
                self.ended = true;
                Ok(Progress::End)
            }
            Err(error) => {
                self.ended = true;
                // A value that can't be read leaves the others unread.
                session.give_up_rows()?;
                Err(error)
            }
        }
    }

    fn close(&mut self) -> Result<()> {
        self.end()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Where that fails, the next call finds out.
        let _ = self.end();
    }
}

fn busy() -> Error {
    Error::backend("the session is in use")
}
