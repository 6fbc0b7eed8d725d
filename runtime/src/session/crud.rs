//! The calls of `crud`, one type each: arguments in, the contract's answer out.

use std::sync::Arc;

use tenon_model::contract::{self, Done, Entity, Filter, Key, Page, Query};
use wasmtime::component::ResourceAny;

use super::call::bounded;
use super::leftovers::{Orphan, Orphans};
use super::{Call, Definition, Session};
use crate::error::{Error, ErrorKind, Result};

/// Declares a call of `crud` that is defined by its model, its arguments and its result.
macro_rules! crud_call {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* } => $output:ty = $function:literal, $call:ident) => {
        $(#[$meta])*
        pub(crate) struct $name {
            pub definition: Arc<Definition>,
            $(pub $field: $type,)*
        }

        impl Call for $name {
            type Output = $output;

            async fn run(self, session: &mut Session) -> Result<$output> {
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

        impl Call for $name {
            /// The data as given, and what the connector returned for it.
            type Output = ($data, $data);

            async fn run(self, session: &mut Session) -> Result<Self::Output> {
                session.define(&self.definition).await?;
                let Some(crud) = &session.interfaces.crud else {
                    return Err(no_crud());
                };
                let model = &self.definition.model.name;
                let call = crud.$call(&mut session.store, model, &self.data);
                session.lost = true;
                let outcome = bounded(session.call_timeout, call).await;
                let made = session.settle($function, outcome)?;
                Ok((self.data, made))
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

/// Stores new records, all or none. They come back with the error too: a connector that doesn't do it leaves
/// them to be stored one by one.
pub(crate) struct CreateAll {
    pub definition: Arc<Definition>,
    pub data: Vec<Entity>,
}

impl Call for CreateAll {
    type Output = (Vec<Entity>, Result<Vec<Entity>>);

    async fn run(self, session: &mut Session) -> Result<Self::Output> {
        session.define(&self.definition).await?;
        let Some(crud) = &session.interfaces.crud else {
            return Err(no_crud());
        };
        let model = &self.definition.model.name;
        let call = crud.call_create_all(&mut session.store, model, &self.data);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let made = session.settle("create-all", outcome);
        Ok((self.data, made))
    }
}

crud_call! {
    /// Whether there is a record of that key.
    Exists { id: Key } => bool = "exists", call_exists
}
crud_call! {
    /// The record of that key.
    Find { id: Key } => Option<Entity> = "find", call_find
}
crud_call! {
    /// How many records match.
    Count { filter: Filter } => u64 = "count", call_count
}
crud_call! {
    /// Sets properties of a record.
    UpdateAttributes { id: Key, data: Entity } => Entity = "update-attributes", call_update_attributes
}
crud_call! {
    /// Sets properties of every match.
    Update { filter: Filter, data: Entity } => u64 = "update", call_update
}
crud_call! {
    /// Deletes a record.
    Destroy { id: Key } => bool = "destroy", call_destroy
}
crud_call! {
    /// Deletes every match.
    DestroyAll { filter: Filter } => u64 = "destroy-all", call_destroy_all
}

fn no_crud() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this connector keeps no records: it does not export `crud`",
    )
}

/// Whose rows a cursor hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CursorKind {
    /// A model's, of `crud`.
    Records,
    /// A table's, of `read-model`.
    Documents,
}

/// An open result of a session. Dropping it leaves it to the session's next holder to close.
pub(crate) struct Cursor {
    kind: CursorKind,
    resource: ResourceAny,
    session: u64,
    orphans: Arc<Orphans>,
    /// Called once, when a cursor is left behind, so that somebody comes and closes it.
    on_orphan: Option<Box<dyn FnOnce() + Send>>,
    closed: bool,
}

impl Cursor {
    /// Has `notify` called when the cursor is dropped without having been closed.
    pub(crate) fn notify_orphan(&mut self, notify: impl FnOnce() + Send + 'static) {
        self.on_orphan = Some(Box::new(notify));
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        self.orphans.push(Orphan::Cursor(self.kind, self.resource));
        if let Some(notify) = self.on_orphan.take() {
            notify();
        }
    }
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

impl Call for Open {
    type Output = Opened;

    async fn run(self, session: &mut Session) -> Result<Opened> {
        session.define(&self.definition).await?;
        let Some(crud) = &session.interfaces.crud else {
            return Err(no_crud());
        };
        let model = &self.definition.model.name;
        let call = crud.call_all(&mut session.store, model, &self.query);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let answer = session.settle("all", outcome)?;
        let mut cursor = Cursor::new(CursorKind::Records, answer.rows, session);
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

/// How often a query's first turn asks for rows: a connector that searches long hands out empty pages, and
/// others are waiting.
const FIRST_PAGES: usize = 4;

fn count_rows(page: &Page) -> u32 {
    match page {
        Page::Records(records) => u32::try_from(records.len()).unwrap_or(u32::MAX),
        Page::Columns(columns) => columns.rows,
    }
}

impl Cursor {
    pub(super) fn new(kind: CursorKind, resource: ResourceAny, session: &Session) -> Self {
        Self {
            kind,
            resource,
            session: session.id,
            orphans: session.leftovers.orphans(),
            on_orphan: None,
            closed: false,
        }
    }

    /// Hands the rows that are left to the sink, until it has enough, and closes the cursor.
    pub(super) async fn drain(
        mut self,
        session: &mut Session,
        page_rows: u32,
        sink: &mut impl PageSink,
    ) -> Result<()> {
        while let Some(page) = self.next(session, page_rows).await? {
            if !sink.take(page)? {
                break;
            }
        }
        self.close(session).await
    }

    async fn next(&mut self, session: &mut Session, max: u32) -> Result<Option<Page>> {
        if self.session != session.id {
            // The instance that it belonged to is gone, and the cursor with it.
            self.closed = true;
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the session that this query was reading from was lost",
            )
            .remedy("run the query again"));
        }
        let (limit, interfaces) = (session.call_timeout, &session.interfaces);
        let outcome = match self.kind {
            CursorKind::Records => {
                let Some(crud) = &interfaces.crud else {
                    return Err(no_crud());
                };
                let cursors = crud.cursor();
                let call = cursors.call_next(&mut session.store, self.resource, max);
                session.lost = true;
                bounded(limit, call).await
            }
            CursorKind::Documents => {
                let Some(read_models) = &interfaces.read_model else {
                    return Err(super::read_model::no_read_models());
                };
                let documents = read_models.documents();
                let call = documents.call_next(&mut session.store, self.resource, max);
                session.lost = true;
                bounded(limit, call).await
            }
        };
        let page = session.settle("cursor.next", outcome);
        if session.lost {
            self.closed = true;
        }
        let page = page?;
        if let Some(page) = &page
            && count_rows(page) > max
        {
            return Err(Error::new(
                ErrorKind::Backend,
                format!(
                    "the connector handed out {} rows where it may hand out {max}",
                    count_rows(page)
                ),
            )
            .remedy("report this to the connector's author"));
        }
        Ok(page)
    }

    async fn close(mut self, session: &mut Session) -> Result<()> {
        self.closed = true;
        if self.session != session.id || session.lost {
            return Ok(());
        }
        session.close_cursor(self.kind, self.resource).await
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
        sink.begin(opened.done)?;
        let mut more = true;
        for page in opened.pages {
            more &= sink.take(page)?;
        }
        match opened.cursor {
            Some(cursor) if more => cursor.drain(session, page_rows, &mut sink).await?,
            Some(cursor) => cursor.close(session).await?,
            None => {}
        }
        Ok(sink)
    }
}

/// Asks whether the backend answers.
pub(crate) struct Ping;

impl Call for Ping {
    type Output = ();

    async fn run(self, session: &mut Session) -> Result<()> {
        session.ping().await
    }
}
