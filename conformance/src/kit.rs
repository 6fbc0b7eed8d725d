//! Running the checks.

use std::path::PathBuf;
use std::time::Instant;

use tenon_model::Model;
use tenon_runtime::config::{Config, SourceConfig};
use tenon_runtime::registry::Compiler;
use tenon_runtime::{Error, ErrorKind, Result, Runtime};
use tokio::runtime::Handle;

use crate::bench::{Bench, Names};
use crate::facts::Facts;
use crate::finding::{Finding, Stop};
use crate::report::{CheckReport, Outcome, Report};
use crate::subject::Subject;
use crate::suites::{self, Check};

/// Invented cases of a check, unless it is said otherwise.
const CASES: u32 = 256;

/// A run of the checks over one connector.
pub struct Kit {
    source: SourceConfig,
    seed: Option<u64>,
    cases: u32,
    only: Vec<String>,
    models: Vec<Model>,
    compiler: Compiler,
    registry: Option<PathBuf>,
    stop_early: bool,
    progress: Progress,
}

/// Called with each check's report.
type Progress = Box<dyn Fn(&CheckReport) + Send>;

impl Kit {
    /// For the connector of a data source, with its settings, grants and limits.
    pub fn new(source: SourceConfig) -> Self {
        Self {
            source: source.without_schema_check(),
            seed: None,
            cases: CASES,
            only: Vec::new(),
            models: Vec::new(),
            compiler: Compiler::InProcess,
            registry: None,
            stop_early: false,
            progress: Box::new(|_| {}),
        }
    }

    /// What invented cases are made from. The same seed makes the same cases; without one, each run makes others.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many cases are invented for a check where one costs as much as a call; 256 unless it is said otherwise.
    #[must_use]
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases.max(1);
        self
    }

    /// Only the checks whose names begin like this. Several calls add up.
    #[must_use]
    pub fn only(mut self, checks: impl Into<String>) -> Self {
        self.only.push(checks.into());
        self
    }

    /// Takes seed, number of cases and names of checks from the environment variables `TENON_CHECK_SEED`,
    /// `TENON_CHECK_CASES` and `TENON_CHECK_ONLY` (names with commas between them), as far as they are set: so one check
    /// of a test is run again without changing the test.
    ///
    /// # Errors
    /// `invalid` where a number is none.
    pub fn environment(mut self) -> Result<Self> {
        if let Some(seed) = number("TENON_CHECK_SEED")? {
            self = self.seed(seed);
        }
        if let Some(cases) = number("TENON_CHECK_CASES")? {
            self = self.cases(u32::try_from(cases).unwrap_or(u32::MAX));
        }
        let only = std::env::var("TENON_CHECK_ONLY").unwrap_or_default();
        for name in only.split(',').filter(|name| !name.is_empty()) {
            self = self.only(name.trim());
        }
        Ok(self)
    }

    /// A model of records that the connector has by itself: one that stores nothing is read from with these.
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.models.push(model);
        self
    }

    /// How the component is compiled; within this process, unless it is said otherwise.
    #[must_use]
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }

    /// A registry's folder, for a connector that is registered there, and for compiled code to be kept in.
    #[must_use]
    pub fn registry(mut self, folder: impl Into<PathBuf>) -> Self {
        self.registry = Some(folder.into());
        self
    }

    /// Ends the run with the first check that fails.
    #[must_use]
    pub fn stop_early(mut self) -> Self {
        self.stop_early = true;
        self
    }

    /// Calls this with each check's report as soon as there is one.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(&CheckReport) + Send + 'static) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Runs the checks.
    ///
    /// # Errors
    /// What keeps the connector from being checked at all: it is none, its settings are wrong, a grant is missing.
    /// What a check finds is in the report.
    pub async fn run(self) -> Result<Report> {
        let folder =
            tempfile::tempdir().map_err(|error| Error::host("a temporary folder", error))?;
        let mut config = Config::new(folder.path()).source(self.source.clone());
        if let Some(registry) = &self.registry {
            config.registry.clone_from(registry);
        }
        let runtime = Runtime::builder(config)
            .compiler(self.compiler.clone())
            .build()?;
        let source = runtime.data_source(self.source.name.as_str()).await?;
        let subject = Subject::new(source.direct().await?, Handle::current());
        let seed = self.seed.unwrap_or_else(|| fresh() >> 20);
        let report = tokio::task::spawn_blocking(move || self.check(&subject, seed))
            .await
            .map_err(|error| {
                Error::new(ErrorKind::Host, format!("the checks broke off: {error}"))
            })?;
        runtime.shut_down().await?;
        Ok(report)
    }

    fn check(&self, subject: &Subject, seed: u64) -> Report {
        let started = Instant::now();
        let names = Names::new(format!("{:06x}", fresh() & 0xff_ffff));
        let mut report = Report::new(subject, seed, self.cases);
        let facts = match self.facts(subject, &names, seed) {
            Ok((facts, first)) => {
                report.notes.clone_from(&facts.notes);
                report.add(first);
                facts
            }
            Err(failed) => {
                report.add(failed);
                report.finish(started.elapsed());
                return report;
            }
        };
        for check in suites::all() {
            if !self.wants(check.name) || !check.applies_to(subject) {
                continue;
            }
            let bench = Bench::new(subject, &facts, &names, check.name, (seed, self.cases));
            let checked = run(check, bench, subject);
            (self.progress)(&checked);
            let stop = self.stop_early && checked.outcome == Outcome::Failed;
            report.add(checked);
            if stop {
                break;
            }
        }
        report.unchecked = suites::without_checks(subject);
        report.finish(started.elapsed());
        report
    }

    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| name.starts_with(wanted))
    }

    /// What every check builds on, with a report of its own.
    fn facts(
        &self,
        subject: &Subject,
        names: &Names,
        seed: u64,
    ) -> std::result::Result<(Facts, CheckReport), CheckReport> {
        let started = Instant::now();
        let mut facts = Facts::default();
        let nothing = Facts::default();
        let mut bench = Bench::new(subject, &nothing, names, BASICS.name, (seed, self.cases));
        let found = if subject.has(tenon_runtime::Capability::Crud) {
            Facts::of(&mut bench).map(|found| facts = found)
        } else {
            bench.session().map(drop)
        };
        facts.models.clone_from(&self.models);
        let (notes, left) = bench.clean_up();
        let report = CheckReport::new(&BASICS, found, notes, left, subject, started.elapsed());
        if report.outcome == Outcome::Failed {
            Err(report)
        } else {
            Ok((facts, report))
        }
    }
}

/// The first check: that there is anything to check.
const BASICS: Check = Check {
    name: "basics",
    about: "a session opens, and takes a record of the simplest model",
    needs: &[],
    writes: false,
    run: |_| Ok(()),
};

fn run(check: &Check, mut bench: Bench<'_>, subject: &Subject) -> CheckReport {
    let started = Instant::now();
    let checked = if check.writes && !bench.facts().writable {
        Err(Stop::skipped("the connector stores nothing of the kit's"))
    } else {
        (check.run)(&mut bench)
    };
    let (notes, left) = bench.clean_up();
    CheckReport::new(check, checked, notes, left, subject, started.elapsed())
}

/// The number in an environment variable; none where it is not set.
fn number(name: &str) -> Result<Option<u64>> {
    let Ok(text) = std::env::var(name) else {
        return Ok(None);
    };
    text.trim().parse().map(Some).map_err(|error| {
        Error::new(
            ErrorKind::Invalid,
            format!("the environment variable {name} is no whole number: {error}"),
        )
    })
}

/// A number that no other run has.
fn fresh() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    // The standard library's own source of chance.
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}

impl From<Finding> for crate::report::Failed {
    fn from(finding: Finding) -> Self {
        Self {
            message: finding.message,
            expected: finding.expected,
            seen: finding.seen,
            steps: finding.steps,
        }
    }
}
