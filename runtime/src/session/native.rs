//! The calls of `native`. What a command leaves behind in its session (variables, locks, a transaction) nobody can
//! tell: the session is reset before it serves another.

use tenon_model::contract::{Effect, Page, Value};

use super::call::bounded;
use super::cursor::{Cursor, EmptyPages, FIRST_PAGES, OpenResult, RUN_QUERY_AGAIN, count_rows};
use super::{Call, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::pool::READ_FASTER;

/// A command's rows, as far as they were read.
pub(crate) struct CommandPages {
    pub pages: Vec<Page>,
    pub rest: Rest,
}

/// What is left of a command's result.
pub(crate) enum Rest {
    /// Perhaps more rows.
    Open(Cursor),
    /// Nothing but how many records it has changed, where its connector tells.
    Ended(Option<u64>),
}

/// Runs a command and reads the first of its rows, so that a small result takes one turn.
pub(crate) struct Execute {
    pub command: String,
    pub parameters: Vec<Value>,
    /// The most rows of a page.
    pub page_rows: u32,
}

impl Call for Execute {
    type Output = CommandPages;

    async fn run(self, session: &mut Session) -> Result<CommandPages> {
        let cursor = self.begin(session).await?;
        self.read_first(cursor, session).await.map_err(after_begun)
    }
}

impl Execute {
    async fn read_first(&self, mut cursor: Cursor, session: &mut Session) -> Result<CommandPages> {
        let mut pages = Vec::new();
        let mut rows = 0;
        while rows < self.page_rows && pages.len() < FIRST_PAGES {
            match cursor.next(session, self.page_rows - rows).await? {
                Some(page) => {
                    rows += count_rows(&page);
                    pages.push(page);
                }
                None => {
                    let rest = Rest::Ended(end(cursor, session).await?);
                    return Ok(CommandPages { pages, rest });
                }
            }
        }
        let rest = Rest::Open(cursor);
        Ok(CommandPages { pages, rest })
    }

    async fn begin(&self, session: &mut Session) -> Result<Cursor> {
        let Some(native) = &session.interfaces.native else {
            return Err(no_native());
        };
        session.leftovers.soil();
        let call = native.call_execute(&mut session.store, &self.command, &self.parameters);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let rows = session.settle("execute", outcome)?;
        Ok(Cursor::new(OpenResult::Rows(rows), session))
    }
}

/// Reads a command's next page.
pub(crate) struct NextRows {
    pub cursor: Cursor,
    pub page_rows: u32,
}

impl Call for NextRows {
    type Output = CommandPages;

    async fn run(self, session: &mut Session) -> Result<CommandPages> {
        self.read(session).await.map_err(after_begun)
    }
}

impl NextRows {
    async fn read(mut self, session: &mut Session) -> Result<CommandPages> {
        Ok(match self.cursor.next(session, self.page_rows).await? {
            Some(page) => CommandPages {
                pages: vec![page],
                rest: Rest::Open(self.cursor),
            },
            None => CommandPages {
                pages: Vec::new(),
                rest: Rest::Ended(end(self.cursor, session).await?),
            },
        })
    }
}

/// Runs a command and reads all of its rows in one turn.
pub(crate) struct ExecuteWhole {
    pub execute: Execute,
    /// The most rows that it may have.
    pub rows: u64,
}

impl Call for ExecuteWhole {
    type Output = CommandPages;

    async fn run(self, session: &mut Session) -> Result<CommandPages> {
        let cursor = self.execute.begin(session).await?;
        self.read(cursor, session).await.map_err(after_begun)
    }
}

impl ExecuteWhole {
    async fn read(self, mut cursor: Cursor, session: &mut Session) -> Result<CommandPages> {
        let (mut pages, mut rows, mut empty) = (Vec::new(), 0, EmptyPages::default());
        while let Some(page) = cursor.next(session, self.execute.page_rows).await? {
            if let Err(error) = empty.pass(&page) {
                return Err(cursor.close_after(session, error).await);
            }
            rows += u64::from(count_rows(&page));
            if rows > self.rows {
                return Err(cursor.close_after(session, too_many(self.rows)).await);
            }
            // An empty page says only that the search goes on.
            if count_rows(&page) > 0 || pages.is_empty() {
                pages.push(page);
            }
        }
        let rest = Rest::Ended(end(cursor, session).await?);
        Ok(CommandPages { pages, rest })
    }
}

/// Ends a result that was read to its end.
async fn end(mut cursor: Cursor, session: &mut Session) -> Result<Option<u64>> {
    let affected = cursor.affected(session).await?;
    cursor.close(session).await?;
    Ok(affected)
}

/// What to do where a command was begun and its rows are lost.
const LOOK_FIRST: &str = "look at what the command has done before you run it again";

/// An error on the way through the rows of a command that was begun: what it has done by then nobody can tell, and
/// what is good advice for a query would do it twice.
pub(crate) fn after_begun(error: Error) -> Error {
    let error = error.effect_is(Effect::Unknown);
    match error.remedy_text() {
        Some(RUN_QUERY_AGAIN) => error.remedy(LOOK_FIRST),
        Some(READ_FASTER) => error.remedy(format!(
            "{LOOK_FIRST}; read faster, or raise the limit `idle-timeout`"
        )),
        _ => error,
    }
}

fn too_many(rows: u64) -> Error {
    Error::new(
        ErrorKind::Exhausted,
        format!("the command has more than {rows} rows, and inside a transaction it is read whole"),
    )
    .remedy("ask for fewer rows, or raise the limit `transaction-rows`")
}

pub(super) fn no_native() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this connector has no command language: it does not export `native`",
    )
}
