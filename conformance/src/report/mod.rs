//! What came of a run: for a person, as JSON, and as JUnit's XML.

mod json;
mod junit;
mod terminal;
mod text;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::finding::{Checked, Stop};
use crate::subject::Subject;
use crate::suites::Check;

pub use terminal::Terminal;

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
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
    /// A command that runs a check again; `{seed}` and `{check}` stand for the seed and the check's name.
    pub again: String,
    /// What was noticed of the connector that is neither right nor wrong.
    pub notes: Vec<String>,
    /// The checks that ran or were skipped, in their order.
    pub checks: Vec<CheckReport>,
    /// The checks that were to run, and didn't, since the run ended before.
    pub not_run: Vec<String>,
    /// The capabilities that it exports, and that this kit has no checks for.
    pub unchecked: Vec<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
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

/// How a check went, before it is told: its texts are as the connector wrote them.
pub(crate) struct Went {
    pub checked: Checked,
    /// What was noticed beside the point of the check.
    pub noticed: Vec<crate::finding::Finding>,
    pub notes: Vec<String>,
    /// What it has made, and what could not be removed.
    pub left: Vec<String>,
    pub elapsed: Duration,
}

impl Report {
    pub(crate) fn new(subject: &Subject, (seed, cases): (u64, u32), again: &str) -> Self {
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
            // What the operator typed may have had a password in it.
            again: subject.redact(again),
            ..Self::default()
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

    /// The command that runs a check again, with the same cases.
    pub fn again(&self, check: &str) -> String {
        self.again
            .replace("{seed}", &self.seed.to_string())
            .replace("{check}", check)
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.of(outcome).count()
    }

    /// The checks of each theme, in the order in which the themes came first.
    fn by_theme(&self) -> Vec<(&str, Vec<&CheckReport>)> {
        grouped(self.checks.iter().map(|check| (check.theme(), check)))
    }
}

impl CheckReport {
    /// The report of a check. `redact` strikes the data source's secrets out of a text: this is the one place where
    /// the connector's texts come into a report.
    pub(crate) fn new(check: &Check, went: Went, redact: &dyn Fn(&str) -> String) -> Self {
        let mut failures: Vec<Failed> = Vec::new();
        let mut reason = None;
        match went.checked {
            Ok(()) => {}
            Err(Stop::Failed(finding)) => failures.push((*finding).into()),
            Err(Stop::Skipped(why)) => reason = Some(redact(&why)),
        }
        failures.extend(went.noticed.into_iter().map(Failed::from));
        failures.extend(went.left.iter().map(|left| {
            Failed::new(format!(
                "what the check has made could not be removed: {left}"
            ))
        }));
        let failures: Vec<Failed> = failures
            .into_iter()
            .map(|failed| failed.redacted(redact))
            .collect();
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
            notes: went.notes.iter().map(|note| redact(note)).collect(),
            seconds: went.elapsed.as_secs_f64(),
        }
    }

    /// What its name begins with: the capability.
    pub fn capability(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// What it is about: its name without the last part.
    pub fn theme(&self) -> &str {
        self.name
            .rsplit_once('.')
            .map_or(self.name.as_str(), |(theme, _)| theme)
    }
}

impl Failed {
    fn new(message: String) -> Self {
        Self {
            message,
            expected: None,
            seen: None,
            steps: Vec::new(),
        }
    }

    fn redacted(self, redact: &dyn Fn(&str) -> String) -> Self {
        Self {
            message: redact(&self.message),
            expected: self.expected.as_deref().map(redact),
            seen: self.seen.as_deref().map(redact),
            steps: self.steps.iter().map(|step| redact(step)).collect(),
        }
    }
}

impl From<crate::finding::Finding> for Failed {
    fn from(finding: crate::finding::Finding) -> Self {
        Self {
            message: finding.message,
            expected: finding.expected,
            seen: finding.seen,
            steps: finding.steps,
        }
    }
}

/// Items by their keys, in the order in which the keys came first.
fn grouped<'a, T>(items: impl Iterator<Item = (&'a str, T)>) -> Vec<(&'a str, Vec<T>)> {
    let mut groups: Vec<(&str, Vec<T>)> = Vec::new();
    for (key, item) in items {
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    groups
}

/// So many of something.
fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests;
