//! What came of a run: for a person, as JSON, and as JUnit's XML.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::finding::{Checked, Stop};
use crate::subject::Subject;
use crate::suites::Check;

/// What came of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The connector's name, as it says itself.
    pub connector: String,
    /// Its version.
    pub version: String,
    /// The component's digest.
    pub digest: String,
    /// The capabilities that it exports.
    pub capabilities: Vec<String>,
    /// What invented cases were made from.
    pub seed: u64,
    /// How many cases a check was to invent.
    pub cases: u32,
    /// What was noticed of the connector that is neither right nor wrong.
    pub notes: Vec<String>,
    /// The checks that ran or were skipped, in their order.
    pub checks: Vec<CheckReport>,
    /// The capabilities that it exports, and that this kit has no checks for.
    pub unchecked: Vec<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What came of one check.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckReport {
    /// Its name, as `--only` takes it: `crud.filter.equal`.
    pub name: String,
    /// What holds where it passes.
    pub about: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was skipped.
    pub reason: Option<String>,
    /// What is wrong, where it failed.
    pub failures: Vec<Failed>,
    /// What is neither right nor wrong.
    pub notes: Vec<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing is wrong.
    Passed,
    /// Something is.
    Failed,
    /// It doesn't apply.
    Skipped,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// What is wrong, in a sentence.
    pub message: String,
    /// What should have come.
    pub expected: Option<String>,
    /// What came.
    pub seen: Option<String>,
    /// What was done, a step a line: the smallest case that was found.
    pub steps: Vec<String>,
}

impl Report {
    pub(crate) fn new(subject: &Subject, seed: u64, cases: u32) -> Self {
        let manifest = subject.manifest();
        Self {
            connector: manifest.name.to_string(),
            version: manifest.version.to_string(),
            digest: subject.digest(),
            capabilities: subject
                .capabilities()
                .iter()
                .map(|capability| capability.name().to_owned())
                .collect(),
            seed,
            cases,
            notes: Vec::new(),
            checks: Vec::new(),
            unchecked: Vec::new(),
            seconds: 0.0,
        }
    }

    pub(crate) fn add(&mut self, check: CheckReport) {
        self.checks.push(check);
    }

    pub(crate) fn finish(&mut self, elapsed: Duration) {
        self.seconds = elapsed.as_secs_f64();
    }

    /// Whether no check failed.
    pub fn passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &CheckReport> {
        self.of(Outcome::Failed)
    }

    /// The checks that ended like this.
    pub fn of(&self, outcome: Outcome) -> impl Iterator<Item = &CheckReport> {
        let checks = self.checks.iter();
        checks.filter(move |check| check.outcome == outcome)
    }
}

impl CheckReport {
    pub(crate) fn new(
        check: &Check,
        checked: Checked,
        notes: Vec<String>,
        left: Vec<String>,
        subject: &Subject,
        elapsed: Duration,
    ) -> Self {
        let mut failures: Vec<Failed> = Vec::new();
        let mut reason = None;
        match checked {
            Ok(()) => {}
            Err(Stop::Failed(finding)) => failures.push((*finding).into()),
            Err(Stop::Skipped(why)) => reason = Some(why),
        }
        failures.extend(subject.take_noticed().into_iter().map(Failed::from));
        for collection in left {
            failures.push(Failed {
                message: format!("what the check made could not be removed: {collection}"),
                expected: None,
                seen: None,
                steps: Vec::new(),
            });
        }
        let outcome = match (failures.is_empty(), &reason) {
            (false, _) => Outcome::Failed,
            (true, Some(_)) => Outcome::Skipped,
            (true, None) => Outcome::Passed,
        };
        Self {
            name: check.name.to_owned(),
            about: check.about.to_owned(),
            outcome,
            reason,
            failures,
            notes,
            seconds: elapsed.as_secs_f64(),
        }
    }
}

/// For a person: everything that failed, and how much passed.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} {}: {} passed, {} failed, {} skipped (seed {}, {:.1} s)",
            self.connector,
            self.version,
            self.of(Outcome::Passed).count(),
            self.of(Outcome::Failed).count(),
            self.of(Outcome::Skipped).count(),
            self.seed,
            self.seconds
        )?;
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        for check in &self.checks {
            match check.outcome {
                Outcome::Passed => {}
                Outcome::Skipped => {
                    let reason = check.reason.as_deref().unwrap_or_default();
                    writeln!(f, "  skipped {}: {reason}", check.name)?;
                }
                Outcome::Failed => {
                    for failed in &check.failures {
                        writeln!(
                            f,
                            "  FAILED {} ({}): {}",
                            check.name, check.about, failed.message
                        )?;
                        for step in &failed.steps {
                            writeln!(f, "      {}", step.replace('\n', "\n      "))?;
                        }
                        if let Some(expected) = &failed.expected {
                            writeln!(
                                f,
                                "    expected {}",
                                expected.replace('\n', "\n             ")
                            )?;
                        }
                        if let Some(seen) = &failed.seen {
                            writeln!(f, "    seen     {}", seen.replace('\n', "\n             "))?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
