//! A TCP proxy on the loopback that makes the network bad: for what clients do when it is.
//!
//! It has two threads for each connection, and ends with its owner, with all of its connections.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::SockRef;

use crate::error::{Error, Result};

/// How often a connection that passes nothing looks whether it may again.
const STEP: Duration = Duration::from_millis(5);

/// A running proxy.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: Option<JoinHandle<()>>,
}

struct State {
    /// Where bytes go to.
    to: SocketAddr,
    mode: Mode,
    /// Both ends of each connection; those that have ended too, until the next is made.
    connections: Vec<Connection>,
    accepted: u64,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Mode {
    Pass { delay: Duration },
    Stall,
    Refuse,
    Ended,
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    /// Whether it was ended by the proxy. Shared as long as a thread passes bytes.
    cut: Arc<AtomicBool>,
}

impl Proxy {
    /// A proxy to that address, which passes everything for now.
    ///
    /// # Errors
    /// No port is free.
    pub fn start(to: SocketAddr) -> Result<Self> {
        let failed = |cause| Error::Failed(format!("starting a proxy to {to}: {cause}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let state = Arc::new(Mutex::new(State {
            to,
            mode: Mode::Pass {
                delay: Duration::ZERO,
            },
            connections: Vec::new(),
            accepted: 0,
        }));
        let shared = state.clone();
        let accepting = std::thread::spawn(move || accept(&listener, &shared));
        Ok(Self {
            address,
            state,
            accepting: Some(accepting),
        })
    }

    /// A proxy to that port of the loopback.
    ///
    /// # Errors
    /// No port is free.
    pub fn to_port(port: u16) -> Result<Self> {
        Self::start((Ipv4Addr::LOCALHOST, port).into())
    }

    /// The port of the loopback that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Passes everything from now on, what was stalled too.
    pub fn pass(&self) {
        self.delay(Duration::ZERO);
    }

    /// Passes everything that late from now on.
    pub fn delay(&self, delay: Duration) {
        lock(&self.state).mode = Mode::Pass { delay };
    }

    /// Accepts connections, keeps those that are there, and passes nothing: as a network that loses everything.
    pub fn stall(&self) {
        lock(&self.state).mode = Mode::Stall;
    }

    /// Ends new connections at once, without a byte. Those that are there stay.
    pub fn refuse(&self) {
        lock(&self.state).mode = Mode::Refuse;
    }

    /// Ends all connections that are there as if each side had closed its own; how many those were.
    pub fn cut(&self) -> usize {
        self.end(false)
    }

    /// Resets all connections that are there; how many those were.
    pub fn reset(&self) -> usize {
        self.end(true)
    }

    /// How many connections are there.
    pub fn connections(&self) -> usize {
        let mut state = lock(&self.state);
        state.forget_ended();
        state.connections.len()
    }

    /// How many connections there have been.
    pub fn accepted(&self) -> u64 {
        lock(&self.state).accepted
    }

    fn end(&self, reset: bool) -> usize {
        let mut state = lock(&self.state);
        state.forget_ended();
        state.end_all(reset)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.mode = Mode::Ended;
        state.end_all(false);
        drop(state);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl State {
    fn forget_ended(&mut self) {
        self.connections
            .retain(|connection| Arc::strong_count(&connection.cut) > 1);
    }

    fn end_all(&mut self, reset: bool) -> usize {
        let connections = std::mem::take(&mut self.connections);
        for Connection {
            client,
            server,
            cut,
        } in &connections
        {
            cut.store(true, Ordering::Release);
            for stream in [client, server] {
                if reset {
                    // Closing throws away what is not sent, and says so by a reset. Until then, this wakes
                    // the thread that reads.
                    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                    let _ = stream.shutdown(Shutdown::Read);
                } else {
                    let _ = stream.shutdown(Shutdown::Both);
                }
            }
        }
        connections.len()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Mutex<State>>) {
    while let Ok((client, _)) = listener.accept() {
        let (to, mode) = {
            let mut state = lock(shared);
            state.accepted += 1;
            (state.to, state.mode)
        };
        match mode {
            Mode::Ended => return,
            Mode::Refuse => {}
            // A server that can't be reached: the client sees its connection end.
            Mode::Pass { .. } | Mode::Stall => {
                if let Ok(server) = TcpStream::connect(to) {
                    let _ = connect(client, server, shared);
                }
            }
        }
    }
}

fn connect(
    client: TcpStream,
    server: TcpStream,
    shared: &Arc<Mutex<State>>,
) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    for stream in [&client, &server] {
        // So that a thread whose peer doesn't read sees when it is cut.
        stream.set_write_timeout(Some(STEP))?;
    }
    let cut = Arc::new(AtomicBool::new(false));
    let ways = [
        (client.try_clone()?, server.try_clone()?),
        (server.try_clone()?, client.try_clone()?),
    ];
    let mut state = lock(shared);
    state.forget_ended();
    for (from, to) in ways {
        let (shared, cut) = (shared.clone(), cut.clone());
        std::thread::spawn(move || {
            let mut way = Way { to, shared, cut };
            way.pass(from);
        });
    }
    state.connections.push(Connection {
        client,
        server,
        cut,
    });
    Ok(())
}

/// One direction of a connection.
struct Way {
    to: TcpStream,
    shared: Arc<Mutex<State>>,
    cut: Arc<AtomicBool>,
}

impl Way {
    /// Passes bytes until one side ends or the connection is cut.
    fn pass(&mut self, mut from: TcpStream) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let Some(bytes) = buffer.get(..length) else {
                break;
            };
            if !self.is_open() || !self.write(bytes) {
                break;
            }
        }
        if !self.cut.load(Ordering::Acquire) {
            let _ = self.to.shutdown(Shutdown::Write);
        }
    }

    /// Waits as the mode says; false where the connection was cut.
    fn is_open(&self) -> bool {
        while !self.cut.load(Ordering::Acquire) {
            let mode = lock(&self.shared).mode;
            match mode {
                Mode::Pass { delay } => {
                    std::thread::sleep(delay);
                    return true;
                }
                Mode::Refuse => return true,
                Mode::Stall => std::thread::sleep(STEP),
                Mode::Ended => return false,
            }
        }
        false
    }

    /// Writes all of it; false where it can't.
    fn write(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() && !self.cut.load(Ordering::Acquire) {
            match self.to.write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => return false,
            }
        }
        bytes.is_empty()
    }
}
