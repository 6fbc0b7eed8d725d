//! A server's process: started until it answers, stopped, killed, and started again with the same data.
//!
//! What it prints is kept in a file, whose end is part of every error.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::nursery::{self, Registered};
use crate::{port, programs};

/// How long a server may take to answer, or to stop. Generous: what builds beside a test takes the processors.
const PATIENCE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(20);

/// How often another port is tried where somebody took it.
const PORTS: u32 = 5;

/// Lines of the server's output in an error.
const LINES: usize = 20;

/// What differs between servers.
pub(crate) trait Program: Send + Sync {
    /// The command that runs the server in the foreground.
    fn command(&self, folder: &Path, port: u16) -> Command;
    /// Whether it answers a client.
    fn answers(&self, folder: &Path, port: u16) -> bool;
    /// The signal that ends it in order.
    const STOP: &'static str;
    /// The signal that ends it as a crash does, with all of its processes.
    const KILL: &'static str;
    /// Its name, for messages.
    const NAME: &'static str;
}

/// A server in its folder, which goes with it.
pub(crate) struct Server<P: Program> {
    program: P,
    folder: PathBuf,
    port: u16,
    running: Mutex<Option<Running>>,
}

struct Running {
    child: Child,
    _registered: Registered,
}

impl<P: Program> Server<P> {
    /// Starts the program with that folder, which is this server's from now on.
    pub(crate) fn start(program: P, folder: PathBuf) -> Result<Self> {
        let mut server = Self {
            program,
            folder,
            port: 0,
            running: Mutex::new(None),
        };
        for attempt in 1.. {
            server.port = port::free()?;
            match server.launch() {
                Err(_) if attempt < PORTS && server.port_was_taken() => {}
                outcome => {
                    outcome?;
                    break;
                }
            }
        }
        Ok(server)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn program(&self) -> &P {
        &self.program
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts it again, with its port and its data.
    pub(crate) fn restart(&self) -> Result<()> {
        self.launch()
    }

    /// Ends it in order; nothing where it doesn't run.
    pub(crate) fn stop(&self) -> Result<()> {
        self.end(P::STOP)
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&self) -> Result<()> {
        self.end(P::KILL)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn launch(&self) -> Result<()> {
        let mut running = self.running();
        if running.is_some() {
            return Err(self.failed("is running already"));
        }
        let log = self.log();
        let output = File::create(&log).map_err(|cause| Error::io("creating", &log, &cause))?;
        let errors = output
            .try_clone()
            .map_err(|cause| Error::io("opening", &log, &cause))?;
        let child = self
            .program
            .command(&self.folder, self.port)
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|cause| self.failed(&format!("could not be started: {cause}")))?;
        let registered = Registered::new(child.id(), P::KILL)?;
        let process = running.insert(Running {
            child,
            _registered: registered,
        });
        let outcome = self.wait_until_it_answers(&mut process.child);
        if outcome.is_err() {
            // It has ended by itself, or never will answer.
            let _ = process.child.kill();
            let _ = process.child.wait();
            *running = None;
        }
        outcome
    }

    fn wait_until_it_answers(&self, child: &mut Child) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(self.failed(&format!("ended with {status} at its start")));
            }
            if self.program.answers(&self.folder, self.port) {
                return Ok(());
            }
            std::thread::sleep(STEP);
        }
        Err(self.failed(&format!("did not answer within {PATIENCE:?}")))
    }

    fn end(&self, signal: &str) -> Result<()> {
        let Some(mut running) = self.running().take() else {
            return Ok(());
        };
        let number = running.child.id().to_string();
        // The shell's own, since not every system has the program.
        programs::run(Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &number]))?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match running.child.try_wait() {
                Ok(None) => std::thread::sleep(STEP),
                Ok(Some(_)) => return Ok(()),
                Err(cause) => return Err(self.failed(&format!("cannot be waited for: {cause}"))),
            }
        }
        let _ = running.child.kill();
        let _ = running.child.wait();
        Err(self.failed(&format!("did not stop within {PATIENCE:?}")))
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn said(&self) -> String {
        let log = std::fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(LINES);
        lines.get(from..).unwrap_or_default().join("\n")
    }

    fn port_was_taken(&self) -> bool {
        self.said().to_lowercase().contains("already in use")
    }

    fn failed(&self, why: &str) -> Error {
        Error::Failed(format!(
            "{} on port {} {why}; the last that it said:\n{}",
            P::NAME,
            self.port,
            self.said()
        ))
    }
}

impl<P: Program> Drop for Server<P> {
    fn drop(&mut self) {
        // As a crash: its data goes too.
        let _ = self.kill();
        nursery::remove(&self.folder);
    }
}
