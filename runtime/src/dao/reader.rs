//! Reading a query page by page, and who holds the session meanwhile.
//!
//! A query that is done in its first turn gives the session back before its rows are handed out. One that
//! goes on keeps a pooled session, and takes an exclusive one anew for each page. What nobody reads is closed
//! after the data source's `idle-timeout`; what is dropped is closed by the session's next holder. Inside a
//! transaction a query is read whole.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tenon_model::Entity;
use tenon_model::contract::Page;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

use super::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::Sharing;
use crate::plan::{Plan, Remainder};
use crate::pool::{Pool, Seat};
use crate::session::{Cursor, NextPage, Open, Opened};

/// A query being read.
pub(super) struct Reader {
    target: Arc<Target>,
    plan: Plan,
    state: State,
}

enum State {
    Unopened,
    Reading(Box<Remainder>, Parked),
    Finished,
}

/// An open cursor and what it keeps. Dropped in this order: a session closes its left-behind cursors before it
/// serves another.
struct Held {
    cursor: Cursor,
    place: Place,
}

/// What an open cursor keeps from others.
enum Place {
    /// One of an exclusive session's streams; the session itself is anybody's between pages.
    Stream(#[allow(dead_code)] OwnedSemaphorePermit),
    /// The session.
    Seat(Seat),
}

/// What a stream holds while nobody is reading from it, until it is taken up again or its time is over.
struct Parked {
    held: Arc<Mutex<Option<Held>>>,
    watch: JoinHandle<()>,
    patience: Duration,
}

impl Reader {
    pub(super) fn new(target: Arc<Target>, plan: Plan) -> Self {
        Self {
            target,
            plan,
            state: State::Unopened,
        }
    }

    /// The next rows; none at the end. Rows may be none, and more may follow.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Entity>>> {
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Finished => Ok(None),
            State::Unopened => self.open().await.map(Some),
            State::Reading(rest, parked) => self.read_on(rest, parked.take_up()?).await.map(Some),
        }
    }

    async fn open(&mut self) -> Result<Vec<Entity>> {
        if let Some(transaction) = &self.target.transaction {
            let plan = self.plan.clone();
            let whole = self.target.read_whole(plan, transaction.limits());
            return Box::pin(whole).await;
        }
        let pool = self.target.pool().await?;
        let open = Open {
            definition: Arc::clone(&self.target.definition),
            query: self.plan.sent.clone(),
            page_rows: pool.limits().page_rows,
            explain: false,
        };
        let seat = pool.seat().await?;
        let (opened, seat) = pool.call_on(seat, open).await?;
        let seat = (pool.sharing() == Sharing::Pooled).then_some(seat);
        self.take_first(&pool, opened, seat).await
    }

    async fn take_first(
        &mut self,
        pool: &Arc<Pool>,
        opened: Opened,
        seat: Option<Seat>,
    ) -> Result<Vec<Entity>> {
        let held = match opened.cursor {
            Some(cursor) => Some(hold(pool, cursor, seat)?),
            // Done in its first turn: the session serves others before the rows are handed out.
            None => {
                drop(seat);
                None
            }
        };
        let mut rest = Box::new(Remainder::new(&self.plan, opened.done, pool.limits())?);
        let mut rows = Vec::new();
        let mut sorted = Vec::new();
        let mut more = true;
        for page in opened.pages {
            let page = self.shape(page)?;
            let (kept, wanted) = rest.pass(page)?;
            more &= wanted;
            if rest.sorts() {
                rest.gather(&mut sorted, kept)?;
            } else if rows.is_empty() {
                rows = kept;
            } else {
                rows.extend(kept);
            }
        }
        let Some(held) = held.filter(|_| more) else {
            if rest.sorts() {
                rows = rest.finish(sorted);
            }
            return Ok(rows);
        };
        if rest.sorts() {
            return self.read_all(rest, held, sorted).await;
        }
        self.state = State::Reading(rest, Parked::new(held, pool.limits().idle_timeout));
        Ok(rows)
    }

    /// Reads one more page.
    async fn read_on(&mut self, mut rest: Box<Remainder>, held: Held) -> Result<Vec<Entity>> {
        let pool = self.target.pool().await?;
        let Some((page, held)) = next_page(&pool, held).await? else {
            return Ok(Vec::new());
        };
        let (rows, more) = rest.pass(self.shape(page)?)?;
        if more {
            self.state = State::Reading(rest, Parked::new(held, pool.limits().idle_timeout));
        }
        Ok(rows)
    }

    /// Reads to the end, since every row has to be there before the first can be handed out.
    async fn read_all(
        &mut self,
        mut rest: Box<Remainder>,
        mut held: Held,
        mut sorted: Vec<Entity>,
    ) -> Result<Vec<Entity>> {
        let pool = self.target.pool().await?;
        while let Some((page, next)) = next_page(&pool, held).await? {
            held = next;
            let (kept, _) = rest.pass(self.shape(page)?)?;
            rest.gather(&mut sorted, kept)?;
        }
        Ok(rest.finish(sorted))
    }

    fn shape(&self, page: Page) -> Result<Vec<Entity>> {
        self.target
            .shape
            .page(page, &self.plan.sent.fields)
            .map_err(|error| error.at(&self.target.source.name))
    }
}

/// Keeps a cursor between pages: with its session, where that is pooled.
fn hold(pool: &Arc<Pool>, mut cursor: Cursor, seat: Option<Seat>) -> Result<Held> {
    if let Some(seat) = seat {
        let place = Place::Seat(seat);
        return Ok(Held { cursor, place });
    }
    // Nobody holds the session between pages: somebody has to be asked to close the cursor.
    let weak = Arc::downgrade(pool);
    cursor.notify_orphan(move || {
        if let Some(pool) = weak.upgrade() {
            pool.sweep();
        }
    });
    let place = Place::Stream(pool.stream_place()?);
    Ok(Held { cursor, place })
}

async fn next_page(pool: &Arc<Pool>, held: Held) -> Result<Option<(Page, Held)>> {
    let call = NextPage {
        cursor: held.cursor,
        page_rows: pool.limits().page_rows,
    };
    let (next, place) = match held.place {
        Place::Stream(place) => (pool.call(call).await?, Place::Stream(place)),
        Place::Seat(seat) => {
            let (next, seat) = pool.call_on(seat, call).await?;
            (next, Place::Seat(seat))
        }
    };
    Ok(next.map(|(page, cursor)| (page, Held { cursor, place })))
}

impl Parked {
    fn new(held: Held, patience: Duration) -> Self {
        let held = Arc::new(Mutex::new(Some(held)));
        let watched = Arc::clone(&held);
        let watch = tokio::spawn(async move {
            tokio::time::sleep(patience).await;
            drop(take(&watched));
        });
        Self {
            held,
            watch,
            patience,
        }
    }

    fn take_up(self) -> Result<Held> {
        self.watch.abort();
        take(&self.held).ok_or_else(|| {
            Error::new(
                ErrorKind::Timeout,
                format!(
                    "nobody read this query's rows for {:?}, so it was closed",
                    self.patience
                ),
            )
            .remedy("run it again; read faster, or raise the limit `idle-timeout`")
        })
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.watch.abort();
        // The task that was aborted lets go only when it is its turn.
        drop(take(&self.held));
    }
}

fn take(held: &Mutex<Option<Held>>) -> Option<Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner).take()
}
