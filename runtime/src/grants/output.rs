//! What a connector prints, as lines of its data source's log. A line that begins with a level, as in
//! `warn: slow`, is logged at that level, and any other as information.
//!
//! A guest can print without end: lines have a length, and a session has a budget of bytes that refills with
//! time. What is over is dropped and counted; the guest never waits for it
//! and never fails by it. Control characters and known secrets are taken out.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tracing::Level;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::error::printable;
use crate::names::DataSourceName;
use crate::secrets::Secrets;

/// The longest line, in bytes; what is over is dropped.
const MAX_LINE: usize = 4 * 1024;

/// What is kept of a line beyond its length until secrets are struck out of it: a secret that is cut would not
/// be recognised, and the longest, a private key, is shorter than this.
const FOR_SECRETS: usize = 64 * 1024;

/// Bytes that may be printed at once: a stack trace with all that led to it.
const BURST: usize = 64 * 1024;

/// Bytes that may be printed each second over time: a chatty connector, not a flood.
const PER_SECOND: usize = 8 * 1024;

/// What a guest may write at once before it has to ask again.
const WRITE_SIZE: usize = 64 * 1024;

/// Where a session prints to; its two streams share one budget.
#[derive(Clone)]
pub(super) struct GuestOutput {
    source: DataSourceName,
    secrets: Arc<Secrets>,
    budget: Arc<Mutex<Budget>>,
}

impl GuestOutput {
    /// The log of that data source, without these secrets.
    pub fn new(source: DataSourceName, secrets: Secrets) -> Self {
        let budget = Budget {
            left: BURST,
            refilled: Instant::now(),
            dropped: 0,
        };
        Self {
            source,
            secrets: Arc::new(secrets),
            budget: Arc::new(Mutex::new(budget)),
        }
    }

    /// One of an instance's two streams, by its name in the log.
    pub(super) fn stream(&self, name: &'static str) -> GuestStream {
        let lines = Lines {
            output: self.clone(),
            stream: name,
            line: Vec::new(),
            cut: 0,
        };
        GuestStream(Arc::new(Mutex::new(lines)))
    }

    fn log(&self, stream: &'static str, line: &[u8], cut: usize) {
        let shown = line.len().min(MAX_LINE);
        if !self
            .budget()
            .take(shown, cut.saturating_add(line.len() - shown))
        {
            return;
        }
        // Secrets first: cleaned of control characters, one of several lines would look different.
        let mut text = printable(&self.secrets.redact(&String::from_utf8_lossy(line)));
        text.truncate(text.floor_char_boundary(MAX_LINE));
        macro_rules! log {
            ($level:ident) => {
                tracing::$level!(target: "tenon::guest", source = %self.source, stream, "{text}")
            };
        }
        match level(&text) {
            Level::ERROR => log!(error),
            Level::WARN => log!(warn),
            Level::INFO => log!(info),
            Level::DEBUG => log!(debug),
            Level::TRACE => log!(trace),
        }
        self.tell_dropped(stream);
    }

    /// Logs how many bytes were dropped since this was last told.
    fn tell_dropped(&self, stream: &'static str) {
        let dropped = std::mem::take(&mut self.budget().dropped);
        if dropped > 0 {
            tracing::warn!(target: "tenon::guest", source = %self.source, stream, dropped, "output was dropped");
        }
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The level that a line begins with, in capitals or not.
fn level(line: &str) -> Level {
    let word = line.split_once(':').map_or("", |(word, _)| word);
    match word.trim_matches(['[', ']']).to_ascii_lowercase().as_str() {
        "error" => Level::ERROR,
        "warn" | "warning" => Level::WARN,
        "debug" => Level::DEBUG,
        "trace" => Level::TRACE,
        _ => Level::INFO,
    }
}

/// Bytes that may still be printed.
struct Budget {
    left: usize,
    refilled: Instant,
    dropped: usize,
}

impl Budget {
    /// Whether there is room for a line of that length, of which `cut` bytes are lost already.
    fn take(&mut self, length: usize, cut: usize) -> bool {
        self.refill(Instant::now());
        self.dropped = self.dropped.saturating_add(cut);
        // An empty line is a line in the log too.
        let cost = length.max(1);
        if cost > self.left {
            self.dropped = self.dropped.saturating_add(cost);
            return false;
        }
        self.left -= cost;
        true
    }

    fn refill(&mut self, now: Instant) {
        /// Refilling more often would lose the fractions.
        const STEP: Duration = Duration::from_millis(100);
        let elapsed = now.saturating_duration_since(self.refilled);
        if elapsed >= STEP {
            let earned = elapsed.as_millis().saturating_mul(PER_SECOND as u128) / 1000;
            self.left = usize::try_from(earned)
                .unwrap_or(BURST)
                .saturating_add(self.left)
                .min(BURST);
            self.refilled = now;
        }
    }
}

/// One stream's unfinished line.
struct Lines {
    output: GuestOutput,
    stream: &'static str,
    line: Vec<u8>,
    /// Bytes of the line that were over its length.
    cut: usize,
}

impl Lines {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            let room = (MAX_LINE + FOR_SECRETS).saturating_sub(self.line.len());
            let fits = text.len().min(room);
            let (kept, over) = text.split_at(fits);
            self.line.extend_from_slice(kept);
            self.cut = self.cut.saturating_add(over.len());
            if ends {
                self.end();
            }
        }
    }

    fn end(&mut self) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        self.output.log(self.stream, line, self.cut);
        self.line.clear();
        self.cut = 0;
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.end();
        }
        self.output.tell_dropped(self.stream);
    }
}

/// Standard output or error of one instance, however often it opens it.
#[derive(Clone)]
pub(super) struct GuestStream(Arc<Mutex<Lines>>);

impl GuestStream {
    fn accept(&self, bytes: &[u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes);
    }
}

impl IsTerminal for GuestStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for GuestStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.accept(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_SIZE)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for GuestStream {
    async fn ready(&mut self) {}
}

impl AsyncWrite for GuestStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.accept(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::fmt::MakeWriter;

    /// What was logged, as text.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn logged(print: impl FnOnce(&mut GuestStream)) -> String {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(log.clone())
            .with_ansi(false)
            .without_time()
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let mut secrets = Secrets::new();
            secrets.remember("hunter2");
            let output = GuestOutput::new(DataSourceName::new("airports").unwrap(), secrets);
            print(&mut output.stream("stderr"));
        });
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn write(stream: &mut GuestStream, text: &str) {
        OutputStream::write(stream, Bytes::copy_from_slice(text.as_bytes())).unwrap();
        stream.flush().unwrap();
    }

    #[test]
    fn lines_are_logged_whole_with_their_data_source() {
        let log = logged(|stream| {
            write(stream, "one ");
            write(&mut stream.clone(), "line\r\nand the ");
            write(stream, "rest");
        });
        assert_eq!(
            log,
            " INFO tenon::guest: one line source=airports stream=\"stderr\"\n \
             INFO tenon::guest: and the rest source=airports stream=\"stderr\"\n"
        );
    }

    #[test]
    fn a_line_that_begins_with_a_level_has_it() {
        let lines = "error: a\nWARN: b\n[warning]: c\ninfo: d\nerrors are: e\ndebug: f\n";
        let log = logged(|stream| write(stream, lines));
        let levels: Vec<_> = log.lines().map(|line| line.get(..5).unwrap()).collect();
        assert_eq!(
            levels,
            ["ERROR", " WARN", " WARN", " INFO", " INFO"],
            "{log}"
        );
    }

    #[test]
    fn secrets_and_control_characters_are_taken_out() {
        let log = logged(|stream| write(stream, "\u{1b}[31mpassword hunter2\u{7}\n"));
        assert!(log.contains(" [31mpassword [secret]"), "{log}");
        assert!(!log.contains(['\u{1b}', '\u{7}']));
    }

    #[test]
    fn a_flood_is_dropped_and_counted_and_never_refused() {
        let log = logged(|stream| {
            write(stream, &format!("{}\n", "x".repeat(MAX_LINE + 10)));
            for _ in 0..100_000 {
                write(stream, "a line of sixteen\n");
            }
        });
        assert!(log.len() < 10 * BURST, "{}", log.len());
        assert!(
            log.contains("output was dropped source=airports stream=\"stderr\" dropped=10\n"),
            "{log:.9000}"
        );
        let last = log.lines().last().unwrap_or_default();
        assert!(last.contains("output was dropped"), "{last}");
    }
}
