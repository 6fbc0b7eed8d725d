//! Where an open store is, and how a call gets to it.
//!
//! On an exclusive session a store is open between calls and keeps nothing from others; a pooled session is kept
//! for as long as the store is open. A call whose caller leaves goes on to its end.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tenon_model::contract::Effect;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit};
use tokio::task::AbortHandle;

use crate::error::{Error, ErrorKind, Result};
use crate::manifest::Sharing;
use crate::pool::{Pool, Seat};
use crate::session::{Call, CloseStore, OpenStore, StoreHandle, StoreRef};

/// An open store, shared by the calls on it: they take turns.
pub(super) struct Shared {
    pool: Arc<Pool>,
    place: Arc<Mutex<Place>>,
    clock: AbortHandle,
}

enum Place {
    Open(Open),
    Ended(End),
}

/// Dropped in this order: a session closes what was left behind before it serves another.
struct Open {
    handle: StoreHandle,
    keeps: Keeps,
    used: Instant,
}

/// What an open store keeps from others.
enum Keeps {
    /// One of the places that an exclusive session has for what is open in it.
    Place(#[allow(dead_code)] OwnedSemaphorePermit),
    /// The session.
    Seat(Seat),
}

/// How a store ended.
#[derive(Clone, Copy)]
enum End {
    Closed,
    /// Nobody used it for so long.
    Idle(Duration),
    /// Its session is gone, and what it held with it.
    SessionLost,
}

impl Shared {
    pub(super) async fn open(pool: Arc<Pool>, read_model: String) -> Result<Self> {
        let seat = pool.seat().await?;
        let (mut handle, seat) = pool.call_on(seat, OpenStore { read_model }).await?;
        let keeps = match pool.sharing() {
            Sharing::Pooled => Keeps::Seat(seat),
            Sharing::Exclusive => {
                // Nobody holds the session between calls: somebody has to be asked to close the store.
                let weak = Arc::downgrade(&pool);
                handle.notify_orphan(move || {
                    if let Some(pool) = weak.upgrade() {
                        pool.sweep();
                    }
                });
                Keeps::Place(pool.stream_place()?)
            }
        };
        let place = Arc::new(Mutex::new(Place::Open(Open {
            handle,
            keeps,
            used: Instant::now(),
        })));
        let clock = close_when_idle(Arc::downgrade(&place), pool.limits().idle_timeout);
        Ok(Self { pool, place, clock })
    }

    /// The limits of its data source.
    pub(super) fn limits(&self) -> &crate::limits::Limits {
        self.pool.limits()
    }

    /// Makes one call on the store, when it is its turn.
    pub(super) async fn call<C: Call>(
        &self,
        call: impl FnOnce(StoreRef) -> C,
    ) -> Result<C::Output> {
        let mut place = self.turn().await;
        let (store, shares) = match &*place {
            Place::Open(open) => (open.handle.store(), matches!(open.keeps, Keeps::Place(_))),
            Place::Ended(end) => return Err(end.error()),
        };
        let call = call(store);
        let borrowed = if shares {
            Some(self.pool.seat().await?)
        } else {
            None
        };
        let work = async move {
            let mut borrowed = borrowed;
            let Place::Open(open) = &mut *place else {
                return Err(End::Closed.error());
            };
            let seat = match (&mut borrowed, &mut open.keeps) {
                (Some(seat), _) | (None, Keeps::Seat(seat)) => seat,
                (None, Keeps::Place(_)) => return Err(End::Closed.error()),
            };
            let result = seat.call(call).await;
            if seat.session_id() == Some(store.session()) {
                open.used = Instant::now();
            } else {
                *place = Place::Ended(End::SessionLost);
            }
            result
        };
        // Boxed, since whoever opens a read model makes many calls one after the other.
        self.pool.run(Box::pin(work)).await
    }

    /// Closes the store, which gives its lock back.
    pub(super) async fn close(&self) -> Result<()> {
        let mut place = self.turn().await;
        let Open {
            handle,
            keeps,
            used,
        } = match std::mem::replace(&mut *place, Place::Ended(End::Closed)) {
            Place::Open(open) => open,
            // Whatever ended it, nothing is left to be given back.
            Place::Ended(_) => return Ok(()),
        };
        let (seat, permit) = match keeps {
            Keeps::Seat(seat) => (seat, None),
            Keeps::Place(permit) => match self.pool.seat().await {
                Ok(seat) => (seat, Some(permit)),
                Err(error) => {
                    // As it was, so that it can be tried again, or is closed when it is dropped.
                    let keeps = Keeps::Place(permit);
                    *place = Place::Open(Open {
                        handle,
                        keeps,
                        used,
                    });
                    return Err(error);
                }
            },
        };
        let work = async move {
            let mut seat = seat;
            let closed = seat.call(CloseStore { handle }).await;
            drop((permit, place));
            closed
        };
        self.pool.run(work).await
    }

    async fn turn(&self) -> OwnedMutexGuard<Place> {
        Arc::clone(&self.place).lock_owned().await
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.clock.abort();
        match Arc::clone(&self.place).try_lock_owned() {
            Ok(place) => give_up(place, End::Closed),
            Err(_) => {
                // One of its calls is under way.
                let place = Arc::clone(&self.place);
                self.pool.spawn(async move {
                    give_up(place.lock_owned().await, End::Closed);
                });
            }
        }
    }
}

/// Lets go of an open store, which the session's next holder closes.
fn give_up(mut place: OwnedMutexGuard<Place>, end: End) {
    if let Place::Open(_) = &*place {
        *place = Place::Ended(end);
    }
}

/// Closes a store that nobody has used for so long.
fn close_when_idle(place: Weak<Mutex<Place>>, patience: Duration) -> AbortHandle {
    tokio::spawn(async move {
        let mut wait = patience;
        loop {
            tokio::time::sleep(wait).await;
            let Some(place) = place.upgrade() else { return };
            let place = place.lock_owned().await;
            let Place::Open(open) = &*place else { return };
            let unused = open.used.elapsed();
            if unused >= patience {
                give_up(place, End::Idle(patience));
                return;
            }
            wait = patience - unused;
        }
    })
    .abort_handle()
}

impl End {
    fn error(self) -> Error {
        match self {
            Self::Closed => {
                Error::new(ErrorKind::Invalid, "this read model was closed").remedy("open it again")
            }
            Self::Idle(patience) => Error::new(
                ErrorKind::Timeout,
                format!(
                    "this read model was open for {patience:?} without being used, and was closed"
                ),
            )
            .remedy("open it for each use, or raise the data source's limit `idle-timeout`"),
            Self::SessionLost => Error::new(
                ErrorKind::Unavailable,
                "the session that this read model was open in was lost",
            )
            .remedy("open the read model again"),
        }
        .effect_is(Effect::Nothing)
    }
}
