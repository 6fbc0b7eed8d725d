//! An open result between its pages: what it keeps from others, and for how long nobody may read it.
//!
//! What nobody reads is closed after the data source's `idle-timeout`; what is dropped is closed by the
//! session's next holder.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

use super::{Pool, Seat};
use crate::error::{Error, ErrorKind, Result};
use crate::session::{Call, Cursor};

/// What to do where nobody read a query's rows in time.
pub(crate) const READ_FASTER: &str = "run it again; read faster, or raise the limit `idle-timeout`";

/// An open cursor and what it keeps. Dropped in this order: a session closes its left-behind cursors before it
/// serves another.
pub(crate) struct Held {
    cursor: Cursor,
    place: Place,
}

/// What an open cursor keeps from others.
pub(crate) enum Place {
    /// One of an exclusive session's streams; the session itself is anybody's between pages.
    Stream(#[allow(dead_code)] OwnedSemaphorePermit),
    /// The session.
    Seat(Seat),
}

impl Held {
    /// A cursor that keeps its session.
    pub(crate) fn with_seat(cursor: Cursor, seat: Seat) -> Self {
        let place = Place::Seat(seat);
        Self { cursor, place }
    }

    /// A cursor of an exclusive session, which serves others between its pages.
    ///
    /// # Errors
    /// `exhausted` where too many are open.
    pub(crate) fn without_seat(pool: &Arc<Pool>, mut cursor: Cursor) -> Result<Self> {
        // Nobody holds the session between pages: somebody has to be asked to close the cursor.
        let weak = Arc::downgrade(pool);
        cursor.notify_orphan(move || {
            if let Some(pool) = weak.upgrade() {
                pool.sweep();
            }
        });
        let place = Place::Stream(pool.stream_place()?);
        Ok(Self { cursor, place })
    }

    /// Puts a cursor back that a call has handed back.
    pub(crate) fn again(cursor: Cursor, place: Place) -> Self {
        Self { cursor, place }
    }

    /// Makes a call with the cursor, on the session that it is of.
    ///
    /// # Errors
    /// As the call.
    pub(crate) async fn call<C: Call>(
        self,
        pool: &Arc<Pool>,
        call: impl FnOnce(Cursor) -> C,
    ) -> Result<(C::Output, Place)> {
        let call = call(self.cursor);
        match self.place {
            Place::Stream(place) => Ok((pool.call(call).await?, Place::Stream(place))),
            Place::Seat(seat) => {
                let (output, seat) = pool.call_on(seat, call).await?;
                Ok((output, Place::Seat(seat)))
            }
        }
    }
}

/// What a stream holds while nobody is reading from it, until it is taken up again or its time is over.
pub(crate) struct Parked {
    held: Arc<Mutex<Option<Held>>>,
    watch: JoinHandle<()>,
    patience: Duration,
}

impl Parked {
    /// Lets go of it when nobody has taken it up for so long.
    pub(crate) fn new(held: Held, patience: Duration) -> Self {
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

    /// What was parked.
    ///
    /// # Errors
    /// `timeout` where its time is over.
    pub(crate) fn take_up(self) -> Result<Held> {
        self.watch.abort();
        take(&self.held).ok_or_else(|| {
            Error::new(
                ErrorKind::Timeout,
                format!(
                    "nobody read these rows for {:?}, so they were closed",
                    self.patience
                ),
            )
            .remedy(READ_FASTER)
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
