//! How far the checks have come: a bar on a terminal, and nothing elsewhere.

use std::cell::Cell;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tenon_conformance::Progress;
use tenon_conformance::report::Outcome;

/// How often the bar moves at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// A bar, which goes away when it is dropped.
pub struct Bar {
    bar: ProgressBar,
    failed: Cell<usize>,
}

impl Bar {
    pub fn new() -> Self {
        let bar = if io::stderr().is_terminal() {
            let bar = ProgressBar::new(0);
            // The template is a constant, and a plain bar is no failure.
            if let Ok(style) =
                ProgressStyle::with_template("checking {wide_bar} {pos}/{len}  {msg}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(INTERVAL);
            bar
        } else {
            ProgressBar::hidden()
        };
        Self {
            bar,
            failed: Cell::new(0),
        }
    }

    pub fn show(&self, progress: Progress<'_>) {
        match progress {
            Progress::Begins(name, place, count) => {
                self.bar.set_length(count as u64);
                self.bar.set_position(place as u64);
                self.bar.set_message(match self.failed.get() {
                    0 => name.to_owned(),
                    failed => format!("{failed} failed, {name}"),
                });
            }
            Progress::Ended(check) if check.outcome == Outcome::Failed => {
                self.failed.set(self.failed.get() + 1);
            }
            _ => {}
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
