//! Reading a query page by page, and who holds the session meanwhile.
//!
//! A query that is done in its first turn gives the session back before its rows are handed out. One that
//! goes on keeps a pooled session, and takes an exclusive one anew for each page. What nobody reads is closed
//! after the data source's `idle-timeout`; what is dropped is closed by the session's next holder. Inside a
//! transaction a query is read whole.

use std::sync::Arc;

use tenon_model::Entity;
use tenon_model::contract::Page;

use super::Target;
use crate::error::Result;
use crate::manifest::Sharing;
use crate::plan::{Plan, Remainder};
use crate::pool::{Held, Parked, Pool, Seat};
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
        tracing::trace!(
            source = self.target.source.name.as_str(),
            model = self.target.model.name.as_str(),
            "query"
        );
        if let Some(transaction) = &self.target.transaction {
            let plan = self.plan.clone();
            let whole = self.target.read_whole(plan, transaction);
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
        let (opened, seat) = pool.attempt_on(seat, open).await?;
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
            let page = self.shape(pool, page)?;
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
        let (rows, more) = rest.pass(self.shape(&pool, page)?)?;
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
            let (kept, _) = rest.pass(self.shape(&pool, page)?)?;
            rest.gather(&mut sorted, kept)?;
        }
        Ok(rest.finish(sorted))
    }

    fn shape(&self, pool: &Pool, page: Page) -> Result<Vec<Entity>> {
        self.target
            .shape
            .page(page, &self.plan.sent.fields)
            .map_err(|error| pool.explain(error))
    }
}

/// Keeps a cursor between pages: with its session, where that is pooled.
fn hold(pool: &Arc<Pool>, cursor: Cursor, seat: Option<Seat>) -> Result<Held> {
    match seat {
        Some(seat) => Ok(Held::with_seat(cursor, seat)),
        None => Held::without_seat(pool, cursor),
    }
}

async fn next_page(pool: &Arc<Pool>, held: Held) -> Result<Option<(Page, Held)>> {
    let page_rows = pool.limits().page_rows;
    let (next, place) = held
        .call(pool, |cursor| NextPage { cursor, page_rows })
        .await?;
    Ok(next.map(|(page, cursor)| (page, Held::again(cursor, place))))
}
