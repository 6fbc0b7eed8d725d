//! Open results of a session: records of a query, rows of a native command, groups of records. They are read and
//! closed alike.
//!
//! One that is dropped before its end is left to the session's next holder to close.

use std::sync::Arc;

use tenon_model::contract::Page;
use wasmtime::component::ResourceAny;

use super::call::bounded;
use super::crud::PageSink;
use super::leftovers::{Orphan, Orphans};
use super::{Session, aggregates, crud, native, read_model};
use crate::error::{Error, ErrorKind, Result};

/// How often a result's first turn asks for rows: a connector that searches long hands out empty pages, and
/// others are waiting.
pub(super) const FIRST_PAGES: usize = 4;

/// Pages without rows that a connector may hand out in one turn while it works: at the tenth of a second that the
/// SDK takes for one, more than a quarter of an hour.
const EMPTY_PAGES: usize = 10_000;

/// The pages without rows that a turn has met.
#[derive(Default)]
pub(super) struct EmptyPages(usize);

impl EmptyPages {
    /// Takes note of a page.
    ///
    /// # Errors
    /// `timeout` where there were too many without rows, so that a connector that never comes to an end doesn't
    /// keep the session.
    pub(super) fn pass(&mut self, page: &Page) -> Result<()> {
        if count_rows(page) > 0 {
            return Ok(());
        }
        self.0 += 1;
        if self.0 > EMPTY_PAGES {
            return Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "the connector handed out {EMPTY_PAGES} pages without a row, and was stopped"
                ),
            )
            .remedy("ask for fewer records with a filter"));
        }
        Ok(())
    }
}

/// What to do where a query's session was lost.
pub(super) const RUN_QUERY_AGAIN: &str = "run the query again";

/// An instance's resource, by the interface that it is of.
#[derive(Clone, Copy)]
pub(super) enum OpenResult {
    /// `crud`'s `cursor`.
    Records(ResourceAny),
    /// `native`'s `rows`.
    Rows(ResourceAny),
    /// `aggregates`' `groups`.
    Groups(ResourceAny),
    /// `read-model`'s `documents`.
    Documents(ResourceAny),
}

/// An open result of a session. Dropping it leaves it to the session's next holder to close.
pub(crate) struct Cursor {
    result: OpenResult,
    session: u64,
    orphans: Arc<Orphans>,
    /// Called once, when a cursor is left behind, so that somebody comes and closes it.
    on_orphan: Option<Box<dyn FnOnce() + Send>>,
    closed: bool,
}

impl Cursor {
    pub(super) fn new(result: OpenResult, session: &Session) -> Self {
        Self {
            result,
            session: session.id,
            orphans: session.leftovers.orphans(),
            on_orphan: None,
            closed: false,
        }
    }

    /// Has `notify` called when the cursor is dropped without having been closed.
    pub(crate) fn notify_orphan(&mut self, notify: impl FnOnce() + Send + 'static) {
        self.on_orphan = Some(Box::new(notify));
    }

    /// The next page, of at most so many rows; none at the end.
    pub(super) async fn next(&mut self, session: &mut Session, max: u32) -> Result<Option<Page>> {
        if self.session != session.id {
            // Where the instance that it belonged to goes on, it is closed there when it is dropped.
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the session that this query was reading from was lost",
            )
            .remedy(RUN_QUERY_AGAIN));
        }
        let page = session.next_page(self.result, max).await;
        if session.is_gone() {
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

    /// Hands the rows that are left to the sink, until it has enough, and closes the cursor, also where the sink
    /// refuses them.
    pub(super) async fn drain(
        mut self,
        session: &mut Session,
        page_rows: u32,
        sink: &mut impl PageSink,
    ) -> Result<()> {
        match self.pour(session, page_rows, sink).await {
            Ok(()) => self.close(session).await,
            Err(error) => Err(self.close_after(session, error).await),
        }
    }

    async fn pour(
        &mut self,
        session: &mut Session,
        page_rows: u32,
        sink: &mut impl PageSink,
    ) -> Result<()> {
        let mut empty = EmptyPages::default();
        while let Some(page) = self.next(session, page_rows).await? {
            empty.pass(&page)?;
            if !sink.take(page)? {
                break;
            }
        }
        Ok(())
    }

    /// Closes it after an error, which is the one to tell of, whatever becomes of closing.
    pub(super) async fn close_after(self, session: &mut Session, error: Error) -> Error {
        if !self.closed
            && let Err(closing) = self.close(session).await
        {
            // Its text is the connector's, and not yet stripped of secrets.
            tracing::debug!(kind = %closing.kind(), "closing a result after an error");
        }
        error
    }

    /// How many records a native command has changed, where its connector tells; after the end.
    pub(super) async fn affected(&mut self, session: &mut Session) -> Result<Option<u64>> {
        match self.result {
            OpenResult::Records(_) | OpenResult::Groups(_) | OpenResult::Documents(_) => Ok(None),
            OpenResult::Rows(rows) => {
                let affected = session.affected(rows).await;
                if session.is_gone() {
                    self.closed = true;
                }
                affected
            }
        }
    }

    /// Ends it, in the backend too.
    pub(super) async fn close(mut self, session: &mut Session) -> Result<()> {
        if self.session != session.id || session.is_severed() {
            return Ok(());
        }
        self.closed = true;
        if session.lost {
            return Ok(());
        }
        session.close_cursor(self.result).await
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        self.orphans.push(Orphan::Cursor(self.result));
        if let Some(notify) = self.on_orphan.take() {
            notify();
        }
    }
}

pub(super) fn count_rows(page: &Page) -> u32 {
    match page {
        Page::Records(records) => u32::try_from(records.len()).unwrap_or(u32::MAX),
        Page::Columns(columns) => columns.rows,
    }
}

impl Session {
    async fn next_page(&mut self, result: OpenResult, max: u32) -> Result<Option<Page>> {
        match result {
            OpenResult::Records(cursor) => {
                let Some(crud) = &self.interfaces.crud else {
                    return Err(crud::no_crud());
                };
                let cursors = crud.cursor();
                let call = cursors.call_next(&mut self.store, cursor, max);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                self.settle("cursor.next", outcome)
            }
            OpenResult::Rows(rows) => {
                let Some(native) = &self.interfaces.native else {
                    return Err(native::no_native());
                };
                let results = native.rows();
                let call = results.call_next(&mut self.store, rows, max);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                self.settle("rows.next", outcome)
            }
            OpenResult::Groups(groups) => {
                let Some(aggregates) = &self.interfaces.aggregates else {
                    return Err(aggregates::no_aggregates());
                };
                let results = aggregates.groups();
                let call = results.call_next(&mut self.store, groups, max);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                self.settle("groups.next", outcome)
            }
            OpenResult::Documents(documents) => {
                let Some(read_models) = &self.interfaces.read_model else {
                    return Err(read_model::no_read_models());
                };
                let results = read_models.documents();
                let call = results.call_next(&mut self.store, documents, max);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                self.settle("documents.next", outcome)
            }
        }
    }

    async fn affected(&mut self, rows: ResourceAny) -> Result<Option<u64>> {
        let Some(native) = &self.interfaces.native else {
            return Err(native::no_native());
        };
        let results = native.rows();
        let call = results.call_affected(&mut self.store, rows);
        self.lost = true;
        let outcome = bounded(self.call_timeout, async { call.await.map(Ok) }).await;
        self.settle("rows.affected", outcome)
    }

    /// Closes a result and lets go of its resource.
    pub(super) async fn close_cursor(&mut self, result: OpenResult) -> Result<()> {
        let (closed, resource) = match result {
            OpenResult::Records(cursor) => {
                let Some(crud) = &self.interfaces.crud else {
                    return Ok(());
                };
                let cursors = crud.cursor();
                let call = cursors.call_close(&mut self.store, cursor);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                (self.settle("cursor.close", outcome), cursor)
            }
            OpenResult::Rows(rows) => {
                let Some(native) = &self.interfaces.native else {
                    return Ok(());
                };
                let results = native.rows();
                let call = results.call_close(&mut self.store, rows);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                (self.settle("rows.close", outcome), rows)
            }
            OpenResult::Groups(groups) => {
                let Some(aggregates) = &self.interfaces.aggregates else {
                    return Ok(());
                };
                let results = aggregates.groups();
                let call = results.call_close(&mut self.store, groups);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                (self.settle("groups.close", outcome), groups)
            }
            OpenResult::Documents(documents) => {
                let Some(read_models) = &self.interfaces.read_model else {
                    return Ok(());
                };
                let results = read_models.documents();
                let call = results.call_close(&mut self.store, documents);
                self.lost = true;
                let outcome = bounded(self.call_timeout, call).await;
                (self.settle("documents.close", outcome), documents)
            }
        };
        if !self.lost {
            let dropping = resource.resource_drop_async(&mut self.store);
            self.lost = true;
            let dropped = bounded(self.call_timeout, async { dropping.await.map(Ok) }).await;
            self.settle("result.drop", dropped)?;
        }
        closed
    }
}
