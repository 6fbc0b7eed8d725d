//! What is to be checked, and how.

use std::path::PathBuf;

use tenon_model::Model;
use tenon_runtime::config::{Config, SourceConfig};
use tenon_runtime::registry::Compiler;
use tenon_runtime::{Error, ErrorKind, Result, Runtime};
use tokio::runtime::Handle;

use crate::list;
use crate::report::{CheckReport, Report};
use crate::run::Run;
use crate::subject::Subject;

/// Invented cases of a check, unless it is said otherwise.
const CASES: u32 = 256;

/// How a check is run again, unless it is said otherwise.
const AGAIN: &str = "tenon check … --seed {seed} --only {check}";

/// How a check is run again in a test that looks at the environment.
const AGAIN_IN_TESTS: &str =
    "TENON_CHECK_SEED={seed} TENON_CHECK_ONLY={check} cargo test -- --nocapture";

/// A run of the checks over one connector.
pub struct Kit {
    source: SourceConfig,
    seed: Option<u64>,
    cases: u32,
    only: Vec<String>,
    models: Vec<Model>,
    compiler: Compiler,
    registry: Option<PathBuf>,
    folder: Option<PathBuf>,
    again: String,
    stop_early: bool,
    stop_when: Box<dyn Fn() -> bool + Send>,
    progress: Box<dyn Fn(Progress<'_>) + Send>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Progress<'r> {
    /// A check begins: its name, how many were before it, and how many there are in all.
    Begins(&'static str, usize, usize),
    /// A check has ended.
    Ended(&'r CheckReport),
}

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
            folder: None,
            again: AGAIN.to_owned(),
            stop_early: false,
            stop_when: Box::new(|| false),
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
    /// of a test is run again without changing the test. The report says how.
    ///
    /// # Errors
    /// `invalid` where a number is none.
    pub fn environment(mut self) -> Result<Self> {
        self = self.again(AGAIN_IN_TESTS);
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

    /// The folder of the project that the data source is of. Its leases are taken there, so that nobody else uses at
    /// the same time what only one may use; without one, they are this run's own.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// The command that the report names for running a check again: `{seed}` and `{check}` in it stand for the seed
    /// and the check's name.
    #[must_use]
    pub fn again(mut self, command: impl Into<String>) -> Self {
        self.again = command.into();
        self
    }

    /// Ends the run after the check that runs, as soon as this says so. What the checks have made is removed all the
    /// same.
    #[must_use]
    pub fn stop_when(mut self, stop: impl Fn() -> bool + Send + 'static) -> Self {
        self.stop_when = Box::new(stop);
        self
    }

    /// Ends the run with the first check that fails.
    #[must_use]
    pub fn stop_early(mut self) -> Self {
        self.stop_early = true;
        self
    }

    /// Tells how far the run has come.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(Progress<'_>) + Send + 'static) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Runs the checks.
    ///
    /// # Errors
    /// What keeps the connector from being checked at all: it is none, its settings are wrong, a grant is missing, or
    /// no check has a name that was asked for. What a check finds is in the report.
    pub async fn run(self) -> Result<Report> {
        list::check_names(&self.only)?;
        let own = tempfile::tempdir().map_err(|error| Error::host("a temporary folder", error))?;
        let folder = self.folder.as_deref().unwrap_or(own.path());
        let mut config = Config::new(folder).source(self.source.clone());
        config.registry = match &self.registry {
            Some(registry) => registry.clone(),
            // The project's may not be there, and none is made.
            None => own.path().join("registry"),
        };
        let runtime = Runtime::builder(config).compiler(self.compiler).build()?;
        let source = runtime.data_source(self.source.name.as_str()).await?;
        let run = Run {
            subject: Subject::new(source.direct().await?, Handle::current()),
            seed: self.seed.unwrap_or_else(|| fresh() >> 20),
            cases: self.cases,
            only: self.only,
            models: self.models,
            again: self.again,
            stop_early: self.stop_early,
            stop_when: self.stop_when,
            progress: self.progress,
        };
        let name = format!("{:06x}", fresh() & 0xff_ffff);
        let report = tokio::task::spawn_blocking(move || run.all(name)).await;
        let report = report.map_err(|error| {
            Error::new(ErrorKind::Host, format!("the checks broke off: {error}"))
        })?;
        // There is a report, whatever becomes of the rest.
        if let Err(error) = runtime.shut_down().await {
            tracing::warn!("ending the data source failed: {error}");
        }
        Ok(report)
    }
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
