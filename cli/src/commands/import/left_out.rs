//! The lines of an input that aren't imported: each is told, up to a number that a person reads.

use std::fmt::Display;

use tenon_model::Problems;

use crate::commands::show;
use crate::progress::Progress;

/// How many are told one by one. Whoever has more looks at the first ones.
const MAX_TOLD: u64 = 100;

/// The lines that are left out.
#[derive(Default)]
pub struct LeftOut {
    count: u64,
    problems: Problems,
}

impl LeftOut {
    /// One more.
    pub fn add(&mut self, line: u64, reason: impl Display) {
        self.count += 1;
        if self.count <= MAX_TOLD {
            self.problems
                .push(format!("line {line}"), reason.to_string());
        }
    }

    /// How many there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Tells of those that were added since the last time, beside a bar.
    pub fn tell(&mut self, progress: &Progress) {
        let problems = std::mem::take(&mut self.problems);
        if problems.is_empty() {
            return;
        }
        progress.beside(|| {
            for problem in problems.iter() {
                show::note(&problem.to_string());
            }
            if self.count >= MAX_TOLD {
                show::note(
                    "further lines are left out without a word; their number comes at the end",
                );
            }
        });
    }

    /// All that were added and not told.
    pub fn into_problems(mut self) -> Problems {
        if self.count > MAX_TOLD {
            self.problems
                .push("", format!("and {} more lines", self.count - MAX_TOLD));
        }
        self.problems
    }
}
