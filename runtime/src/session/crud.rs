//! The calls of `crud`, one type each: arguments in, the contract's answer out.

use std::sync::Arc;

use tenon_model::contract::{self, Done, Entity, Filter, Key, Page, Query};

use super::call::bounded;
use super::cursor::{Cursor, FIRST_PAGES, OpenResult, count_rows};
use super::{Attempt, Call, Definition, Session};
use crate::error::{Error, ErrorKind, Result};

/// Declares a call of `crud` that is defined by its model, its arguments and its result.
macro_rules! crud_call {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* } => $output:ty = $function:literal, $call:ident,
        writes: $writes:literal) => {
        $(#[$meta])*
        pub(crate) struct $name {
            pub definition: Arc<Definition>,
            $(pub $field: $type,)*
        }

        impl Attempt for $name {
            type Output = $output;

            const WRITES: bool = $writes;

            async fn attempt(&mut self, session: &mut Session) -> Result<$output> {
                session.define(&self.definition).await?;
                let Some(crud) = &session.interfaces.crud else {
                    return Err(no_crud());
                };
                let model = &self.definition.model.name;
                let call = crud.$call(&mut session.store, model, $(&self.$field),*);
                session.lost = true;
                let outcome = bounded(session.call_timeout, call).await;
                session.settle($function, outcome)
            }
        }
    };
}

/// Declares a call of `crud` that writes records: they come back with what the backend made of them, so that
/// nobody has to copy them first.
macro_rules! crud_write {
    ($(#[$meta:meta])* $name:ident { $data:ty } = $function:literal, $call:ident) => {
        $(#[$meta])*
        pub(crate) struct $name {
            pub definition: Arc<Definition>,
            pub data: $data,
        }

        impl Attempt for $name {
            /// The data as given, and what the connector returned for it.
            type Output = ($data, $data);

            const WRITES: bool = true;

            async fn attempt(&mut self, session: &mut Session) -> Result<Self::Output> {
                session.define(&self.definition).await?;
                let Some(crud) = &session.interfaces.crud else {
                    return Err(no_crud());
                };
                let model = &self.definition.model.name;
                let call = crud.$call(&mut session.store, model, &self.data);
                session.lost = true;
                let outcome = bounded(session.call_timeout, call).await;
                let made = session.settle($function, outcome)?;
                Ok((std::mem::take(&mut self.data), made))
            }
        }
    };
}

crud_write! {
    /// Stores a new record.
    Create { Entity } = "create", call_create
}
crud_write! {
    /// Replaces a record.
    Save { Entity } = "save", call_save
}

/// Stores new records, all or none. They come back with `unsupported` too: a connector that doesn't do it leaves them
/// to be stored one by one.
pub(crate) struct CreateAll {
    pub definition: Arc<Definition>,
    pub data: Vec<Entity>,
}

impl Attempt for CreateAll {
    type Output = (Vec<Entity>, Result<Vec<Entity>>);

    const WRITES: bool = true;

    async fn attempt(&mut self, session: &mut Session) -> Result<Self::Output> {
        session.define(&self.definition).await?;
        let Some(crud) = &session.interfaces.crud else {
            return Err(no_crud());
        };
        let model = &self.definition.model.name;
        let call = crud.call_create_all(&mut session.store, model, &self.data);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        match session.settle("create-all", outcome) {
            Err(error) if error.kind() != ErrorKind::Unsupported => Err(error),
            made => Ok((std::mem::take(&mut self.data), made)),
        }
    }
}

crud_call! {
    /// Whether there is a record of that key.
    Exists { id: Key } => bool = "exists", call_exists, writes: false
}
crud_call! {
    /// The record of that key.
    Find { id: Key } => Option<Entity> = "find", call_find, writes: false
}
crud_call! {
    /// How many records match.
    Count { filter: Filter } => u64 = "count", call_count, writes: false
}
crud_call! {
    /// Sets properties of a record.
    UpdateAttributes { id: Key, data: Entity } => Entity = "update-attributes", call_update_attributes, writes: true
}
crud_call! {
    /// Sets properties of every match.
    Update { filter: Filter, data: Entity } => u64 = "update", call_update, writes: true
}
crud_call! {
    /// Deletes a record.
    Destroy { id: Key } => bool = "destroy", call_destroy, writes: true
}
crud_call! {
    /// Deletes every match.
    DestroyAll { filter: Filter } => u64 = "destroy-all", call_destroy_all, writes: true
}

pub(super) fn no_crud() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this connector keeps no records: it does not export `crud`",
    )
}

/// A query's answer: what the connector did of it, the first rows, and a cursor if there may be more.
pub(crate) struct Opened {
    pub done: Done,
    pub pages: Vec<Page>,
    pub cursor: Option<Cursor>,
}

/// Opens a query and reads its first page, so that a small result takes one turn of a session.
pub(crate) struct Open {
    pub definition: Arc<Definition>,
    pub query: Query,
    /// The most rows of a page.
    pub page_rows: u32,
    /// Only what the connector does of it is wanted, and no rows.
    pub explain: bool,
}

impl Attempt for Open {
    type Output = Opened;

    const WRITES: bool = false;

    async fn attempt(&mut self, session: &mut Session) -> Result<Opened> {
        session.define(&self.definition).await?;
        let Some(crud) = &session.interfaces.crud else {
            return Err(no_crud());
        };
        let model = &self.definition.model.name;
        let call = crud.call_all(&mut session.store, model, &self.query);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let answer = session.settle("all", outcome)?;
        let mut cursor = Cursor::new(OpenResult::Records(answer.rows), session);
        let mut pages = Vec::new();
        if self.explain {
            cursor.close(session).await?;
            return Ok(Opened {
                done: answer.done,
                pages,
                cursor: None,
            });
        }
        // A page that is not full is most often the last: one more look spares a turn of the session.
        let mut rows = 0;
        while rows < self.page_rows && pages.len() < FIRST_PAGES {
            match cursor.next(session, self.page_rows - rows).await? {
                Some(page) => {
                    rows += count_rows(&page);
                    pages.push(page);
                }
                None => {
                    cursor.close(session).await?;
                    return Ok(Opened {
                        done: answer.done,
                        pages,
                        cursor: None,
                    });
                }
            }
            let wanted = self
                .query
                .limit
                .filter(|_| answer.done.contains(Done::PAGING));
            if wanted.is_some_and(|limit| u64::from(rows) >= limit) {
                cursor.close(session).await?;
                return Ok(Opened {
                    done: answer.done,
                    pages,
                    cursor: None,
                });
            }
        }
        Ok(Opened {
            done: answer.done,
            pages,
            cursor: Some(cursor),
        })
    }
}

/// Reads a cursor's next page; the cursor comes back while there may be more.
pub(crate) struct NextPage {
    pub cursor: Cursor,
    pub page_rows: u32,
}

impl Call for NextPage {
    type Output = Option<(contract::Page, Cursor)>;

    async fn run(mut self, session: &mut Session) -> Result<Self::Output> {
        match self.cursor.next(session, self.page_rows).await? {
            Some(page) => Ok(Some((page, self.cursor))),
            None => {
                self.cursor.close(session).await?;
                Ok(None)
            }
        }
    }
}

/// Takes a query's pages as they come.
pub(crate) trait PageSink: Send + 'static {
    /// Learns what the connector does of the query.
    fn begin(&mut self, done: Done) -> Result<()>;

    /// Takes a page. Tells whether more are wanted.
    fn take(&mut self, page: Page) -> Result<bool>;
}

impl<S: PageSink> PageSink for Box<S> {
    fn begin(&mut self, done: Done) -> Result<()> {
        (**self).begin(done)
    }

    fn take(&mut self, page: Page) -> Result<bool> {
        (**self).take(page)
    }
}

/// Reads a query to its end in one turn of the session, and gives the sink back.
pub(crate) struct ReadWhole<S> {
    pub open: Open,
    pub sink: S,
}

impl<S: PageSink> Call for ReadWhole<S> {
    type Output = S;

    async fn run(self, session: &mut Session) -> Result<S> {
        let (mut sink, page_rows) = (self.sink, self.open.page_rows);
        let opened = self.open.run(session).await?;
        let more = match take_first(&mut sink, opened.done, opened.pages) {
            Ok(more) => more,
            Err(error) => {
                return Err(match opened.cursor {
                    Some(cursor) => cursor.close_after(session, error).await,
                    None => error,
                });
            }
        };
        match opened.cursor {
            Some(cursor) if more => cursor.drain(session, page_rows, &mut sink).await?,
            Some(cursor) => cursor.close(session).await?,
            None => {}
        }
        Ok(sink)
    }
}

/// Gives a sink what a query's first turn has read, and tells whether it wants more.
fn take_first(sink: &mut impl PageSink, done: Done, pages: Vec<Page>) -> Result<bool> {
    sink.begin(done)?;
    let mut more = true;
    for page in pages {
        more &= sink.take(page)?;
    }
    Ok(more)
}

/// Asks whether the backend answers.
pub(crate) struct Ping;

impl Attempt for Ping {
    type Output = ();

    const WRITES: bool = false;

    async fn attempt(&mut self, session: &mut Session) -> Result<()> {
        session.ping(session.call_timeout).await
    }
}
