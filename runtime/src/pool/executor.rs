//! Where calls run, so that they go on to their end when their caller has gone.
//!
//! Most run in the caller's own task, since a task of their own costs a microsecond: only a call whose caller
//! leaves is handed to one. A session that writes files gets a thread, because file operations on other
//! threads may land after the session was dropped.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use tenon_model::contract::Effect;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind, Result};

/// Something to run. Its own type ends where it is boxed, which whoever makes it does at once: a caller's would hold
/// all of wasmtime's, deeper than the compiler likes to look when somebody spawns it.
pub(super) type Work<R> = Pin<Box<dyn Future<Output = R> + Send>>;

/// Where a data source's calls run.
pub(super) enum Executor {
    /// In the caller's task.
    Inline(Handle),
    /// On a thread that does nothing else.
    Thread(Worker),
}

/// A thread that runs one data source's calls.
pub(super) struct Worker {
    handle: Handle,
    /// The thread ends when this is dropped.
    _alive: oneshot::Sender<()>,
}

impl Executor {
    /// Runs in the caller's task, and what a caller leaves behind on the current tokio runtime.
    pub(super) fn inline() -> Result<Self> {
        Handle::try_current()
            .map(Self::Inline)
            .map_err(|cause| Error::host("Tenon runs inside a tokio runtime", cause))
    }

    /// Starts a thread of that name.
    pub(super) fn thread(name: &str) -> Result<Self> {
        let failed = |cause: std::io::Error| Error::host("starting a data source's thread", cause);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        thread::Builder::new()
            .name(format!("tenon-{name}"))
            .spawn(move || {
                // Ends when the sender is dropped: nothing is ever sent.
                let _ = runtime.block_on(ended);
            })
            .map_err(failed)?;
        Ok(Self::Thread(Worker {
            handle,
            _alive: alive,
        }))
    }

    /// Runs a future to its end, whether or not the caller waits for it.
    pub(super) async fn run<R: Send + 'static>(&self, future: Work<R>) -> Result<R> {
        match self {
            Self::Inline(handle) => Ok(Unstoppable {
                future: Some(future),
                handle,
            }
            .await),
            Self::Thread(worker) => worker.handle.spawn(future).await.map_err(|_| {
                Error::new(
                    ErrorKind::Unavailable,
                    "the data source was closed during the call",
                )
                .effect_is(Effect::Unknown)
            }),
        }
    }

    /// Runs a future to its end, with nobody waiting for it.
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        match self {
            Self::Inline(handle) => drop(handle.spawn(future)),
            Self::Thread(worker) => drop(worker.handle.spawn(future)),
        }
    }
}

/// A future that becomes a task when it is dropped before its end.
struct Unstoppable<'a, R: Send + 'static> {
    future: Option<Work<R>>,
    handle: &'a Handle,
}

impl<R: Send + 'static> Future for Unstoppable<'_, R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let Some(future) = &mut self.future else {
            return Poll::Pending;
        };
        let poll = future.as_mut().poll(context);
        if poll.is_ready() {
            self.future = None;
        }
        poll
    }
}

impl<R: Send + 'static> Drop for Unstoppable<'_, R> {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            self.handle.spawn(async move {
                future.await;
            });
        }
    }
}
