//! The parent's side: starts the compiling process, bounds its time and its output, and explains its end.
//!
//! Nothing of it outlives the call: a child is killed when its time is up, and when the caller goes away.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout, Command};

use super::child::{ADDRESS_SPACE, MARKER, PROCESSOR_TIME};
use super::does_not_compile;
use super::wire::{GREETING, HEAD, Kind, read_head};
use crate::error::{Error, ErrorKind, Result, printable};

/// How long a component may take. One with an interpreter in it takes 20 seconds on two cores.
const COMPILE_TIME: Duration = Duration::from_secs(120);

/// How long the child may take to say that it is one. A program that doesn't say so is another program.
const START_TIME: Duration = Duration::from_secs(30);

/// What is kept of the child's error output, in bytes: its last words, for a message.
const MAX_LAST_WORDS: usize = 4 << 10;

/// The longest compatibility, in bytes.
const MAX_COMPATIBILITY: usize = 256;

/// Threads that the child compiles with. Each takes address space, which is limited.
const THREADS: &str = "8";

/// The variables that the child gets beside its own: where its shared libraries are.
const INHERITED: [&str; 2] = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// Has a component compiled by a child process of that program.
///
/// # Errors
/// `configuration`, where the component doesn't compile or reaches a limit, or the program is not one that
/// compiles; `host`, where the child can't be started or fails.
pub(super) async fn compile(program: &Path, compatibility: &str, wasm: &[u8]) -> Result<Vec<u8>> {
    let mut command = Command::new(program);
    command
        .arg0("tenon-compiler")
        .env_clear()
        .envs(
            INHERITED
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .env(MARKER, "1")
        .env("RAYON_NUM_THREADS", THREADS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let starting = |cause: io::Error| {
        Error::host(
            format_args!("starting {} to compile a component", program.display()),
            cause,
        )
    };
    let mut child = command.spawn().map_err(starting)?;
    let (Some(input), Some(output), Some(errors)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(starting(io::ErrorKind::BrokenPipe.into()));
    };
    let whole = async {
        let (answer, last_words) =
            tokio::join!(talk(input, output, compatibility, wasm), last_words(errors));
        let status = child.wait().await;
        answer.map_err(|broken| match broken {
            Broken::Error(error) => error,
            Broken::NotCompiling => not_compiling(program),
            Broken::Ended => status.map_or_else(starting, |status| explain(status, &last_words)),
        })
    };
    // Where the time is up, the child is dropped with its call, and so killed.
    tokio::time::timeout(COMPILE_TIME, whole)
        .await
        .unwrap_or_else(|_| {
            Err(limit_reached(&format!(
                "took more than {} seconds",
                COMPILE_TIME.as_secs()
            )))
        })
}

/// Why there is no compiled code.
enum Broken {
    /// The child has said why, or said nonsense.
    Error(Error),
    /// The child began with something other than the greeting.
    NotCompiling,
    /// The child has closed its side without an answer.
    Ended,
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self::Ended
    }
}

/// Sends the component and reads the answer. The input stays open until then: its end would end the child.
async fn talk(
    mut input: ChildStdin,
    mut output: ChildStdout,
    compatibility: &str,
    wasm: &[u8],
) -> Result<Vec<u8>, Broken> {
    let greeting = tokio::time::timeout(START_TIME, read_greeting(&mut output));
    let offered = greeting.await.map_err(|_| Broken::NotCompiling)??;
    if offered != compatibility.as_bytes() {
        return Err(Broken::Error(
            Error::new(
                ErrorKind::Configuration,
                "the compiling program makes code for another release of Tenon than this one",
            )
            .remedy("build both from the same release"),
        ));
    }
    input.write_all(&(wasm.len() as u64).to_le_bytes()).await?;
    input.write_all(wasm).await?;
    input.flush().await?;
    match read_frame(&mut output).await? {
        (Kind::Code, code) => Ok(code),
        (Kind::Refused, cause) => Err(Broken::Error(does_not_compile(&printable(
            &String::from_utf8_lossy(&cause),
        )))),
        (Kind::Ready, _) => Err(Broken::NotCompiling),
    }
}

async fn read_greeting(output: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, Broken> {
    let mut greeting = [0; GREETING.len()];
    let mut read = 0;
    // By the piece: a program that ends at once has failed to start, one that says something else is another.
    while let Some(rest) = greeting.get_mut(read..).filter(|rest| !rest.is_empty()) {
        let count = output.read(rest).await?;
        if count == 0 {
            return Err(if read == 0 {
                Broken::Ended
            } else {
                Broken::NotCompiling
            });
        }
        read += count;
    }
    if greeting != *GREETING {
        return Err(Broken::NotCompiling);
    }
    match read_frame(output).await? {
        (Kind::Ready, offered) if offered.len() <= MAX_COMPATIBILITY => Ok(offered),
        _ => Err(Broken::NotCompiling),
    }
}

async fn read_frame(output: &mut (impl AsyncRead + Unpin)) -> Result<(Kind, Vec<u8>), Broken> {
    let mut head = [0; HEAD];
    output.read_exact(&mut head).await?;
    let (kind, length) = read_head(head).ok_or_else(|| {
        Broken::Error(Error::host(
            "compiling a component",
            "the compiling process gave no possible answer",
        ))
    })?;
    let mut content = Vec::new();
    output.take(length as u64).read_to_end(&mut content).await?;
    if content.len() == length {
        Ok((kind, content))
    } else {
        Err(Broken::Ended)
    }
}

/// Reads to the end, so that the child never waits for it, and keeps what was last.
async fn last_words(mut errors: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut chunk = [0; 1024];
    while let Ok(count @ 1..) = errors.read(&mut chunk).await {
        kept.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let surplus = kept.len().saturating_sub(MAX_LAST_WORDS);
        kept.drain(..surplus);
    }
    printable(String::from_utf8_lossy(&kept).trim())
}

/// What a child died of that gave no answer.
fn explain(status: ExitStatus, last_words: &str) -> Error {
    let died_of = |signal: Signal| status.signal() == Some(signal.as_raw());
    if died_of(Signal::XCPU) {
        limit_reached(&format!(
            "took more than {PROCESSOR_TIME} seconds of processor time"
        ))
    } else if last_words.contains("memory allocation of") {
        limit_reached(&format!(
            "took more than {} GiB of memory",
            ADDRESS_SPACE >> 30
        ))
    } else if died_of(Signal::KILL) {
        limit_reached(
            "was killed, as the system does to a process when memory is short or its time is over",
        )
    } else {
        let words = if last_words.is_empty() {
            "it said nothing"
        } else {
            last_words
        };
        Error::host(
            "compiling a component",
            format_args!("the compiling process ended ({status}): {words}"),
        )
    }
}

fn limit_reached(what: &str) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("this component can't be used: compiling it {what}"),
    )
    .remedy("make the component smaller: build it in the release profile, with fewer dependencies")
}

fn not_compiling(program: &Path) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("{} does not serve compile requests", program.display()),
    )
    .remedy("call tenon_runtime::serve_compile_request() first in its main")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(status: i32, last_words: &str) -> String {
        explain(ExitStatus::from_raw(status), last_words).to_string()
    }

    #[test]
    fn a_limit_that_ended_the_child_is_named() {
        assert!(message(Signal::XCPU.as_raw(), "").contains("300 seconds of processor time"));
        let aborted = message(
            Signal::ABORT.as_raw(),
            "memory allocation of 123 bytes failed",
        );
        assert!(aborted.contains("more than 4 GiB of memory"));
        assert!(message(Signal::KILL.as_raw(), "").contains("was killed"));
    }

    #[test]
    fn another_end_is_shown_with_the_last_words() {
        assert!(message(1 << 8, "it broke").contains("exit status: 1): it broke"));
    }

    #[tokio::test]
    async fn only_the_last_words_are_kept() {
        let long = format!("{}\u{7}the end", "x".repeat(100_000));
        let kept = last_words(long.as_bytes()).await;
        assert!(kept.ends_with("x the end") && kept.len() <= MAX_LAST_WORDS);
    }
}
