//! Commands in the backend's own language: nobody but the backend understands them, so a data source has to allow
//! them, and a session that ran one is reset before it serves another.
//!
//! A command runs when it is asked for. Its rows come page by page, and keep the session meanwhile, of whatever
//! sharing; what nobody reads is closed after the data source's `idle-timeout`. Inside a transaction they are
//! read whole.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tenon_model::contract::Page;
use tenon_model::{RowColumn, RowColumns, Value};
use tracing::Span;

use crate::capability::Capability;
use crate::dao::trace::Operation;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result, without_controls};
use crate::pool::{Held, Parked, Pool, Seat};
use crate::session::{CommandPages, Execute, ExecuteWhole, NextRows, Rest, after_begun};
use crate::transaction::Shared;

/// The rows of a command, read page by page as they are asked for.
///
/// A row has a value for each of [`CommandRows::columns`], in their order; two columns may have the same name.
/// Dropping it closes the result. It ends after the first error.
pub struct CommandRows {
    columns: RowColumns,
    buffer: VecDeque<Vec<Value>>,
    affected: Option<u64>,
    state: State,
    span: Span,
    trace: Option<Operation>,
}

/// A page on its way, with what is left after it.
type Turn = Pin<Box<dyn Future<Output = Result<(Vec<Page>, Left)>> + Send>>;

enum State {
    Parked(Arc<Pool>, Parked),
    Reading(Turn),
    Failed(Error),
    Ended,
}

/// What is left of a result.
enum Left {
    Held(Arc<Pool>, Held),
    Ended(Arc<Pool>, Option<u64>),
}

impl DataSource {
    /// Runs a command in the backend's own language, such as an SQL statement, with its parameters bound. It is
    /// done, as far as its backend does it before its rows are read, when this returns.
    ///
    /// # Errors
    /// `denied` where the data source doesn't allow it, `unsupported` where the connector has no such language,
    /// and whatever the backend reports.
    pub async fn execute(
        &self,
        command: impl Into<String>,
        parameters: Vec<Value>,
    ) -> Result<CommandRows> {
        let (command, trace) = (command.into(), Operation::of_source(&self.name, "execute"));
        let began = async {
            self.check_native()?;
            let pool = self.pool().await?;
            let seat = pool.seat().await?;
            let execute = Execute {
                command,
                parameters,
                page_rows: pool.limits().page_rows,
            };
            let (read, seat) = pool.call_on(seat, execute).await?;
            Ok(left(pool, read, seat))
        };
        CommandRows::new(began, trace, self).await
    }

    /// Runs a command within a transaction, and reads all of its rows.
    pub(crate) async fn execute_within(
        &self,
        transaction: &Shared,
        command: String,
        parameters: Vec<Value>,
    ) -> Result<CommandRows> {
        let trace = Operation::of_source(&self.name, "execute");
        let read = async {
            self.check_native()?;
            let limits = transaction.limits();
            let execute = Execute {
                command,
                parameters,
                page_rows: limits.page_rows,
            };
            let rows = limits.transaction_rows;
            let read = transaction.call(ExecuteWhole { execute, rows }).await?;
            let affected = match read.rest {
                Rest::Ended(affected) => affected,
                Rest::Open(_) => None,
            };
            Ok((read.pages, Left::Ended(self.pool().await?, affected)))
        };
        CommandRows::new(read, trace, self).await
    }

    fn check_native(&self) -> Result<()> {
        if !self.connector().has(Capability::Native) {
            let connector = &self.connector().manifest().name;
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the connector {connector} has no command language: it does not export `native`"
                ),
            )
            .at(&self.name));
        }
        if !self.allows_native() {
            return Err(Error::new(
                ErrorKind::Denied,
                "native commands are not allowed on this data source",
            )
            .remedy(format!(
                "a command can do whatever the data source's credentials can; to allow it, write `native = true` \
                 under [sources.{}]",
                self.name
            ))
            .at(&self.name));
        }
        Ok(())
    }
}

/// What was read of a result, and what is left with the session that it keeps.
fn left(pool: Arc<Pool>, read: CommandPages, seat: Seat) -> (Vec<Page>, Left) {
    let left = match read.rest {
        Rest::Open(cursor) => Left::Held(pool, Held::with_seat(cursor, seat)),
        // The session goes to be reset before the rows are handed out.
        Rest::Ended(affected) => Left::Ended(pool, affected),
    };
    (read.pages, left)
}

async fn read_on(pool: Arc<Pool>, held: Held) -> Result<(Vec<Page>, Left)> {
    let page_rows = pool.limits().page_rows;
    let (read, place) = held
        .call(&pool, |cursor| NextRows { cursor, page_rows })
        .await?;
    let left = match read.rest {
        Rest::Open(cursor) => Left::Held(pool, Held::again(cursor, place)),
        Rest::Ended(affected) => Left::Ended(pool, affected),
    };
    Ok((read.pages, left))
}

impl CommandRows {
    async fn new(
        began: impl Future<Output = Result<(Vec<Page>, Left)>>,
        trace: Operation,
        source: &DataSource,
    ) -> Result<Self> {
        let span = trace.span();
        let mut rows = Self {
            columns: RowColumns::new(),
            buffer: VecDeque::new(),
            affected: None,
            state: State::Ended,
            span: span.clone(),
            trace: Some(trace),
        };
        let taken = match tracing::Instrument::instrument(began, span).await {
            Ok((pages, left)) => rows.take(pages, left).map_err(after_begun),
            Err(error) => Err(error),
        };
        match taken {
            Ok(()) => Ok(rows),
            Err(error) => {
                rows.end(Some(&error));
                Err(error.at(&source.name))
            }
        }
    }

    /// The columns that its rows have had so far: all of them with the first row, unless its backend knows no
    /// columns. A row that came before a column is shorter.
    pub fn columns(&self) -> &[RowColumn] {
        self.columns.as_slice()
    }

    /// How many records the command has changed: after the last row, and where the connector tells.
    pub fn affected(&self) -> Option<u64> {
        self.affected
    }

    /// The next row; none at the end.
    pub async fn next(&mut self) -> Option<Result<Vec<Value>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All the rows that are left; what is known of them after the end stays here.
    ///
    /// # Errors
    /// The first that the command meets.
    pub async fn read_all(&mut self) -> Result<Vec<Vec<Value>>> {
        let mut rows = Vec::new();
        while let Some(row) = self.next().await {
            rows.push(row?);
            rows.extend(self.buffer.drain(..));
        }
        Ok(rows)
    }

    /// Takes what a turn has read.
    fn take(&mut self, pages: Vec<Page>, left: Left) -> Result<()> {
        let (Left::Held(pool, _) | Left::Ended(pool, _)) = &left;
        for page in pages {
            let rows = self.columns.rows(page).map_err(|cause| {
                let error = Error::new(
                    ErrorKind::Backend,
                    format!(
                        "the connector returned what the contract does not allow: {}",
                        // Cut only after it was stripped of secrets.
                        without_controls(&cause)
                    ),
                )
                .remedy("report this to the connector's author");
                pool.explain(error)
            })?;
            self.buffer.extend(rows);
        }
        match left {
            Left::Held(pool, held) => {
                let patience = pool.limits().idle_timeout;
                self.state = State::Parked(pool, Parked::new(held, patience));
            }
            Left::Ended(_, affected) => {
                self.affected = affected;
                self.end(None);
            }
        }
        Ok(())
    }

    fn end(&mut self, error: Option<&Error>) {
        self.state = State::Ended;
        if let Some(trace) = self.trace.take() {
            trace.ended(error);
        }
    }
}

impl Stream for CommandRows {
    type Item = Result<Vec<Value>>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Vec<Value>>>> {
        loop {
            if let Some(row) = self.buffer.pop_front() {
                return Poll::Ready(Some(Ok(row)));
            }
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Failed(error) => {
                    self.end(Some(&error));
                    return Poll::Ready(Some(Err(error)));
                }
                State::Parked(pool, parked) => match parked.take_up() {
                    Ok(held) => self.state = State::Reading(Box::pin(read_on(pool, held))),
                    Err(error) => self.state = State::Failed(after_begun(error)),
                },
                State::Reading(mut turn) => {
                    let polled = self.span.in_scope(|| turn.as_mut().poll(context));
                    let taken = match polled {
                        Poll::Pending => {
                            self.state = State::Reading(turn);
                            return Poll::Pending;
                        }
                        Poll::Ready(Ok((pages, left))) => {
                            self.take(pages, left).map_err(after_begun)
                        }
                        Poll::Ready(Err(error)) => Err(error),
                    };
                    if let Err(error) = taken {
                        self.state = State::Failed(error);
                    }
                }
            }
        }
    }
}

impl std::fmt::Debug for CommandRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandRows")
            .field("columns", &self.columns())
            .finish_non_exhaustive()
    }
}
