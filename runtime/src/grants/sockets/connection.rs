//! An open connection's two directions, as the streams that a guest reads and writes.
//!
//! Reading and writing are one system call each, in the guest's own task. Only what the operating system's buffer
//! has no room for is handed to a task, at most one permit of it: a guest may wait for an answer without looking
//! at what it wrote before.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

/// Bytes that are read or written at once. More from a guest than it was permitted is a trap.
const AT_ONCE: usize = 64 * 1024;

/// A connection that is open. It closes when nobody has it any more.
#[derive(Clone)]
pub(super) struct Connection(Arc<Inner>);

struct Inner {
    stream: Arc<TcpStream>,
    /// The guest wants to read no more.
    reading_ended: AtomicBool,
    writing: Mutex<Writing>,
    /// One of the sockets that the session may have.
    _socket: Option<Arc<()>>,
}

enum Writing {
    /// All that was written is with the operating system.
    Idle,
    /// A task writes the rest.
    Busy(JoinHandle<io::Result<()>>),
    /// A task writes the rest, and then nothing more is written.
    Ending(JoinHandle<io::Result<()>>),
    /// Why a task could not; the guest is yet to be told.
    Failed(io::Error),
    Ended,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let writing = self
            .writing
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Writing::Busy(task) | Writing::Ending(task) = writing {
            task.abort();
        }
    }
}

impl Connection {
    /// A connection that was made, as one of the session's sockets.
    pub(super) fn new(stream: TcpStream, socket: Option<Arc<()>>) -> Self {
        Self(Arc::new(Inner {
            stream: Arc::new(stream),
            reading_ended: AtomicBool::new(false),
            writing: Mutex::new(Writing::Idle),
            _socket: socket,
        }))
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.0.stream
    }

    pub(super) fn input(&self) -> Box<dyn InputStream> {
        Box::new(Input(self.clone()))
    }

    pub(super) fn output(&self) -> Box<dyn OutputStream> {
        Box::new(Output(self.clone()))
    }

    /// Ends one direction or both, after what was written before.
    pub(super) fn shut_down(&self, how: Shutdown) {
        if how != Shutdown::Write {
            self.0.reading_ended.store(true, Ordering::Relaxed);
        }
        if how != Shutdown::Read {
            let mut writing = self.writing();
            *writing = match std::mem::replace(&mut *writing, Writing::Ended) {
                Writing::Busy(task) => Writing::Ending(task),
                Writing::Idle => {
                    self.end_writing();
                    Writing::Ended
                }
                other => other,
            };
        }
    }

    /// Tells the other side that nothing more comes. A connection that is gone doesn't need it.
    fn end_writing(&self) {
        let _ = rustix::net::shutdown(&self.0.stream, rustix::net::Shutdown::Write);
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.0
            .writing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no task writes.
    fn poll_written(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut writing = self.writing();
        let (Writing::Busy(task) | Writing::Ending(task)) = &mut *writing else {
            return Poll::Ready(());
        };
        let Poll::Ready(written) = Pin::new(task).poll(context) else {
            return Poll::Pending;
        };
        let ending = matches!(*writing, Writing::Ending(_));
        *writing = match written.unwrap_or_else(|cause| Err(io::Error::other(cause))) {
            Ok(()) if ending => {
                self.end_writing();
                Writing::Ended
            }
            Ok(()) => Writing::Idle,
            Err(cause) => Writing::Failed(cause),
        };
        Poll::Ready(())
    }
}

/// Writes all of it, waiting for room.
async fn write_all(stream: Arc<TcpStream>, mut rest: Bytes) -> io::Result<()> {
    while !rest.is_empty() {
        stream.writable().await?;
        match stream.try_write(&rest) {
            Ok(count) => drop(rest.split_to(count)),
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

/// An error of the connection's, as the guest gets it.
fn failed(cause: io::Error) -> StreamError {
    match cause.kind() {
        io::ErrorKind::BrokenPipe => StreamError::Closed,
        _ => StreamError::LastOperationFailed(cause.into()),
    }
}

struct Input(Connection);

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let connection = &self.0.0;
        if connection.reading_ended.load(Ordering::Relaxed) {
            return Err(StreamError::Closed);
        }
        if size == 0 {
            return Ok(Bytes::new());
        }
        let size = size.min(AT_ONCE);
        let mut buffer = BytesMut::with_capacity(size).limit(size);
        match connection.stream.try_read_buf(&mut buffer) {
            Ok(0) => {
                connection.reading_ended.store(true, Ordering::Relaxed);
                Err(StreamError::Closed)
            }
            Ok(_) => Ok(buffer.into_inner().freeze()),
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => Ok(Bytes::new()),
            Err(cause) => {
                connection.reading_ended.store(true, Ordering::Relaxed);
                Err(failed(cause))
            }
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {
        let connection = &self.0.0;
        if !connection.reading_ended.load(Ordering::Relaxed) {
            // An error is found by whoever reads next.
            let _ = connection.stream.readable().await;
        }
    }
}

struct Output(Connection);

#[wasmtime_wasi::async_trait]
impl OutputStream for Output {
    fn write(&mut self, mut bytes: Bytes) -> StreamResult<()> {
        let mut writing = self.0.writing();
        match *writing {
            Writing::Idle => {}
            Writing::Ended => return Err(StreamError::Closed),
            Writing::Busy(_) | Writing::Ending(_) | Writing::Failed(_) => {
                return Err(StreamError::trap("writing without a permit"));
            }
        }
        if bytes.len() > AT_ONCE {
            return Err(StreamError::trap("writing more than was permitted"));
        }
        while !bytes.is_empty() {
            match self.0.stream().try_write(&bytes) {
                Ok(count) => drop(bytes.split_to(count)),
                Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => {
                    let stream = Arc::clone(&self.0.0.stream);
                    *writing = Writing::Busy(tokio::spawn(write_all(stream, bytes)));
                    break;
                }
                Err(cause) => {
                    *writing = Writing::Ended;
                    return Err(failed(cause));
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        match *self.0.writing() {
            Writing::Ended => Err(StreamError::Closed),
            _ => Ok(()),
        }
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        let mut context = Context::from_waker(Waker::noop());
        if self.0.poll_written(&mut context).is_pending() {
            return Ok(0);
        }
        let mut writing = self.0.writing();
        match std::mem::replace(&mut *writing, Writing::Ended) {
            Writing::Failed(cause) => Err(failed(cause)),
            Writing::Ended => Err(StreamError::Closed),
            other => {
                *writing = other;
                Ok(AT_ONCE)
            }
        }
    }

    /// Whoever drops its stream has written all the same.
    async fn cancel(&mut self) {
        self.ready().await;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.0.poll_written(context)).await;
    }
}
