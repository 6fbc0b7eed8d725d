//! Sessions that take steps at the same time: each in a thread of its own, told what to do one step at a time.
//!
//! A step may wait for what the other session holds. So nobody waits for a step for long: the others go on, and what
//! it came to is asked for later.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;
use std::time::Duration;

use tenon_model::contract::{Aftermath, ErrorKind};
use tenon_runtime::direct::{Called, Failure};

use crate::finding::{Checked, Finding};
use crate::session::Session;

/// How long a step may take before the others go on without it.
const A_WHILE: Duration = Duration::from_millis(100);

/// How long a step may take that nothing holds up any more.
const AT_MOST: Duration = Duration::from_secs(60);

type Job<'k> = Box<dyn FnOnce(&mut Session<'k>) + Send>;

/// A session in a thread of its own, and its transaction. Once a step fails, the transaction is rolled back and the
/// steps after it are left out.
pub struct Actor<'k> {
    name: &'static str,
    jobs: Sender<Job<'k>>,
    /// Steps that have not come to anything yet.
    open: Arc<AtomicUsize>,
    refused: Arc<AtomicBool>,
    /// A failure that isn't a way to keep transactions apart.
    wrong: Arc<Mutex<Option<(String, String)>>>,
}

/// What a step came to, or will: none where it was refused, or left out.
pub struct Pending<T> {
    receiver: Receiver<Option<T>>,
    came: Option<Option<T>>,
}

impl<'k> Actor<'k> {
    /// Takes a session into a thread. It ends when the actor is gone.
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        name: &'static str,
        mut session: Session<'k>,
    ) -> Self
    where
        'k: 'scope,
    {
        let (jobs, work) = channel::<Job<'k>>();
        scope.spawn(move || {
            for job in work {
                job(&mut session);
            }
            crate::bench::end(session);
        });
        Self {
            name,
            jobs,
            open: Arc::default(),
            refused: Arc::default(),
            wrong: Arc::default(),
        }
    }

    /// Begins a step, and waits for it a while; not at all where an earlier one is still held up.
    pub fn tell<T: Send + 'static>(
        &self,
        told: impl Into<String>,
        step: impl FnOnce(&mut Session<'k>) -> Called<T> + Send + 'static,
    ) -> Pending<T> {
        let (sender, receiver) = channel();
        let told = format!("{}: {}", self.name, told.into());
        let (refused, wrong) = (Arc::clone(&self.refused), Arc::clone(&self.wrong));
        let open = Arc::clone(&self.open);
        let is_held_up = open.fetch_add(1, Ordering::SeqCst) > 0;
        let job: Job<'k> = Box::new(move |session| {
            if refused.load(Ordering::Relaxed) {
                open.fetch_sub(1, Ordering::SeqCst);
                let _ = sender.send(None);
                return;
            }
            let came = step(session).map_err(|failure| {
                refused.store(true, Ordering::Relaxed);
                if !keeps_apart(&failure) {
                    let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                    wrong.get_or_insert((told, failure.to_string()));
                }
                // Whatever it comes to: it may be over already.
                let _ = session.rollback();
            });
            open.fetch_sub(1, Ordering::SeqCst);
            let _ = sender.send(came.ok());
        });
        let _ = self.jobs.send(job);
        let came = if is_held_up {
            receiver.try_recv().ok()
        } else {
            receiver.recv_timeout(A_WHILE).ok()
        };
        Pending { receiver, came }
    }

    /// Whether no step has failed but as steps may that are kept apart.
    pub fn is_right(&self) -> Checked {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        match &*wrong {
            None => Ok(()),
            Some((told, failure)) => {
                let finding = Finding::new(
                    "a call fails, beside another session's, with an error that doesn't say that it can be tried again",
                );
                Err(finding
                    .differs("success, or `conflict` or `timeout`", failure)
                    .after(told)
                    .into())
            }
        }
    }
}

/// Whether a call has failed so that transactions stay apart: what was tried can be tried again.
pub fn keeps_apart(failure: &Failure) -> bool {
    failure.error().is_some_and(|error| {
        matches!(
            error.kind,
            ErrorKind::Conflict | ErrorKind::Timeout | ErrorKind::Unavailable
        ) || error.aftermath == Aftermath::TransactionLost
    })
}

impl<T> Pending<T> {
    /// Whether it has come to something in the while.
    pub fn is_done(&self) -> bool {
        self.came.is_some()
    }

    /// What it came to.
    pub fn wait(self) -> Option<T> {
        match self.came {
            Some(came) => came,
            None => self.receiver.recv_timeout(AT_MOST).ok().flatten(),
        }
    }
}
