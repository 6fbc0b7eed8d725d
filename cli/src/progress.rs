//! How far an import or export has come, as a bar on the standard error. Where that is no terminal, nothing.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::input::Meter;

/// How often the bar moves at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// A bar, which goes away when it is dropped.
pub struct Progress {
    bar: ProgressBar,
    meter: Meter,
    records: u64,
}

impl Progress {
    /// A bar of what is read of an input; without an end where its size isn't known.
    pub fn new(meter: Meter, doing: &'static str) -> Self {
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
        // The templates are constants, and a plain bar is no failure.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(doing);
        bar.enable_steady_tick(INTERVAL);
        Self {
            bar,
            meter,
            records: 0,
        }
    }

    /// A bar without an end.
    pub fn spinner(doing: &'static str) -> Self {
        Self::new(Meter::default(), doing)
    }

    /// So many more records are done.
    pub fn add(&mut self, records: u64) {
        self.records += records;
        self.bar.set_position(self.meter.read());
        self.bar.set_message(format!("{} records", self.records));
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
