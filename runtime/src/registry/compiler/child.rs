//! The child's side: a process that reads one component, compiles it under limits, and ends.
//!
//! It sets its limits itself, before it reads anything. Its parent gives it no arguments, no environment and
//! no files.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::MAX_COMPONENT;
use super::wire::{GREETING, Kind, head};
use crate::engine::{compatibility, compiling_engine};
use crate::error::{Error, ErrorKind, Result};

/// The environment variable that makes a process a compiling one.
pub(super) const MARKER: &str = "TENON_COMPILE_REQUEST";

/// The address space of the process, in bytes. The largest components that were seen take a third of it.
pub(super) const ADDRESS_SPACE: u64 = 4 << 30;

/// The processor time of the process, of all its threads together, in seconds.
pub(super) const PROCESSOR_TIME: u64 = 300;

/// Whether this program has called [`serve_compile_request`], so that a child of it would serve one.
static SERVES: AtomicBool = AtomicBool::new(false);

/// Makes this program its own compiler: to be called first in `main`.
///
/// Components are compiled in a child process of the same program ([`Compiler::ThisProgram`]), so that a
/// hostile one can't take all memory or time. In such a child this function compiles and ends the process;
/// otherwise it returns at once.
///
/// ```no_run
/// // The first line of `main`:
/// tenon_runtime::serve_compile_request();
/// ```
///
/// [`Compiler::ThisProgram`]: crate::registry::Compiler::ThisProgram
pub fn serve_compile_request() {
    if std::env::var_os(MARKER).is_none() {
        SERVES.store(true, Ordering::Relaxed);
        return;
    }
    let code = match serve() {
        Ok(()) => 0,
        Err(error) => {
            // The parent reads it into its own error.
            eprintln!("{error}");
            1
        }
    };
    std::process::exit(code);
}

/// This program's file, if a process of it would serve a request.
pub(super) fn this_program() -> Result<PathBuf> {
    if !SERVES.load(Ordering::Relaxed) {
        return Err(Error::new(
            ErrorKind::Configuration,
            "this program can't compile components in a child process, because it doesn't serve compile requests",
        )
        .remedy(
            "call tenon_runtime::serve_compile_request() first in main, or choose Compiler::InProcess for \
             components that are trusted",
        ));
    }
    if cfg!(target_os = "linux") {
        // This is the running program, even after another has taken its place on disk.
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    std::env::current_exe().map_err(|cause| Error::host("finding this program's own file", cause))
}

fn serve() -> Result<()> {
    set_limits()?;
    let engine = compiling_engine()?;
    let talking =
        |cause: io::Error| Error::host("talking to the process that asked for compiling", cause);
    let mut output = io::stdout().lock();
    output.write_all(GREETING).map_err(talking)?;
    answer(&mut output, Kind::Ready, compatibility(&engine).as_bytes()).map_err(talking)?;
    let wasm = read_request().map_err(talking)?;
    end_with_parent()?;
    match engine.precompile_component(&wasm) {
        Ok(code) => answer(&mut output, Kind::Code, &code),
        Err(cause) => answer(&mut output, Kind::Refused, format!("{cause:#}").as_bytes()),
    }
    .map_err(talking)
}

fn set_limits() -> Result<()> {
    let limits = [
        (Resource::As, ADDRESS_SPACE),
        (Resource::Cpu, PROCESSOR_TIME),
        // It writes no files, and what it dies of needs no image of its memory.
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        // A lower limit from outside stays, and a process may lower its own.
        let outer = getrlimit(resource);
        let least = |limit: Option<u64>| Some(limit.map_or(most, |limit| limit.min(most)));
        let limit = Rlimit {
            current: least(outer.current),
            maximum: least(outer.maximum),
        };
        setrlimit(resource, limit)
            .map_err(|cause| Error::host(format_args!("setting the limit {resource:?}"), cause))?;
    }
    Ok(())
}

fn read_request() -> io::Result<Vec<u8>> {
    let mut input = io::stdin().lock();
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > MAX_COMPONENT as u64 {
        return Err(io::Error::other("the component is too large"));
    }
    let mut wasm = Vec::new();
    input.take(length).read_to_end(&mut wasm)?;
    if wasm.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(wasm)
}

/// The parent keeps its end of the input open: when it closes, nobody waits for the answer any more.
fn end_with_parent() -> Result<()> {
    std::thread::Builder::new()
        .spawn(|| {
            let _ = io::stdin().read(&mut [0]);
            std::process::exit(1);
        })
        .map(drop)
        .map_err(|cause| Error::host("starting a thread", cause))
}

fn answer(output: &mut impl Write, kind: Kind, content: &[u8]) -> io::Result<()> {
    output.write_all(&head(kind, content.len()))?;
    output.write_all(content)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_serve_requests_is_told_how_to() {
        // Nothing in these tests has called `serve_compile_request`.
        let error = this_program().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(
            error
                .to_string()
                .contains("first in main, or choose Compiler::InProcess")
        );
    }
}
