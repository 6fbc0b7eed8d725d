//! How far an import or export has come: a bar on the standard error, or, where that is no terminal, a line now
//! and then, for logs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::input::Meter;

/// How often the bar moves at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// How often there is a line at most.
const LINE_INTERVAL: Duration = Duration::from_secs(1);

/// A bar, which goes away when it is dropped.
pub struct Progress {
    bar: ProgressBar,
    meter: Meter,
    records: u64,
    /// When the last line was written; none where there is a bar.
    lines: Option<Instant>,
    done: &'static str,
}

impl Progress {
    /// A bar of what is read of an input; without an end where its size isn't known. `done` is what the counted
    /// records are.
    pub fn new(meter: Meter, doing: &'static str, done: &'static str) -> Self {
        let (bar, template) = match meter.total() {
            Some(total) => (
                ProgressBar::new(total),
                "{prefix} {wide_bar} {percent:>3} %  {msg}  {eta} left",
            ),
            None => (
                ProgressBar::new_spinner(),
                "{spinner} {prefix}  {msg}  {elapsed}",
            ),
        };
        let is_terminal = io::stderr().is_terminal();
        if is_terminal {
            // The templates are constants, and a plain bar is no failure.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_prefix(doing);
            bar.enable_steady_tick(INTERVAL);
        }
        Self {
            bar,
            meter,
            records: 0,
            lines: (!is_terminal).then(Instant::now),
            done,
        }
    }

    /// A bar without an end.
    pub fn spinner(doing: &'static str, done: &'static str) -> Self {
        Self::new(Meter::default(), doing, done)
    }

    /// So many more records are done.
    pub fn add(&mut self, records: u64) {
        self.records += records;
        match &mut self.lines {
            None => {
                self.bar.set_position(self.meter.read());
                self.bar
                    .set_message(format!("{} records {}", self.records, self.done));
            }
            Some(last) if last.elapsed() >= LINE_INTERVAL => {
                *last = Instant::now();
                // There is nowhere left to say that this failed.
                let _ = writeln!(
                    io::stderr().lock(),
                    "{} records {}",
                    self.records,
                    self.done
                );
            }
            Some(_) => {}
        }
    }

    /// Runs something that writes to the terminal, out of the bar's way.
    pub fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
