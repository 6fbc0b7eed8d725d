//! `check-config`: what is wrong with a configuration, and what using it would change. It changes nothing itself.
//!
//! Each data source is looked into by itself, so that everything wrong is told at once. Only compiled code may be
//! kept in the registry, as by any look at a connector; where there is no registry yet, none is made.

use std::fmt::Write;

use tempfile::TempDir;
use tenon_model::{Entity, PropertyType, Value};
use tenon_runtime::config::{Config, Lock, Locked, SourceConfig};
use tenon_runtime::grants::Grant;
use tenon_runtime::registry::{Entry, Registry};
use tenon_runtime::{Capability, ConnectorReference, DataSource, Runtime};

use super::context::{Context, Shelf, with_runtime};
use super::show;
use crate::exit;
use crate::output::Columns;
use crate::report::Report;
use crate::text::visible::visible_lines;

/// What becomes of a data source's reference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// tenon.lock says what it stands for, and nothing newer fits.
    Locked,
    /// tenon.lock says what it stands for, and `tenon upgrade` would move it.
    CanMove,
    /// The first use would write into tenon.lock what it stands for.
    New,
    /// A file or digest, which stands for itself.
    Itself,
    /// Nothing that is there.
    Missing,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::CanMove => "can move",
            Self::New => "new",
            Self::Itself => "itself",
            Self::Missing => "missing",
        }
    }
}

/// What was found out of a data source.
struct Finding<'a> {
    source: &'a SourceConfig,
    models: Vec<&'a str>,
    read_models: Vec<&'a str>,
    outcome: Outcome,
    /// What it uses, or would: a name, a version and a digest.
    uses: Option<Locked>,
    /// What an upgrade would move it to.
    newest: Option<Locked>,
    problems: Vec<Report>,
}

/// Shows what is wrong and what would change. The exit code is that of the first thing that is wrong.
pub async fn run(context: &Context) -> Result<u8, Report> {
    let mut config = context.config()?;
    // Without a registry there are no names to look up, but files to look into.
    let scratch = scratch_registry(&mut config)?;
    let lock = Lock::load(&config.lock_path()).map_err(tenon_runtime::Error::from)?;
    let shelf = Shelf::open(&config)?;
    let mut findings = Vec::new();
    for source in config.sources.values() {
        findings.push(Finding::of(&config, source, &lock, &shelf).await);
    }
    look_into_all(&config, &mut findings).await?;
    let unused: Vec<(&str, &Locked)> = unused(&config, &lock).collect();
    match context.output() {
        None => show::print(&text(&config, &findings, &unused))?,
        Some(_) => {
            let rows = findings.iter().map(Finding::row);
            let rows: Vec<Entity> = rows.chain(unused.iter().map(unused_row)).collect();
            show::all(&rows, columns(), context)?
        }
    };
    drop(scratch);
    let mut problems = findings.iter().flat_map(|finding| &finding.problems);
    let first = problems.next().map_or(exit::OK, Report::exit);
    Ok(first)
}

/// A registry that goes away, where the configuration's isn't there.
fn scratch_registry(config: &mut Config) -> Result<Option<TempDir>, Report> {
    if config.registry.exists() {
        return Ok(None);
    }
    let folder = tempfile::tempdir().map_err(|error| {
        Report::new(
            exit::FAILURE,
            format!("a temporary folder can't be made: {error}"),
        )
    })?;
    config.registry = folder.path().join("registry");
    Ok(Some(folder))
}

impl<'a> Finding<'a> {
    /// What a data source's reference stands for.
    async fn of(config: &'a Config, source: &'a SourceConfig, lock: &Lock, shelf: &Shelf) -> Self {
        let reference = &source.connector;
        let (models, read_models) = (config.models.iter(), config.read_models.iter());
        let mut finding = Self {
            source,
            models: models
                .filter(|(_, model)| model.source == source.name)
                .map(|(name, _)| name.as_str())
                .collect(),
            read_models: read_models
                .filter(|(_, read_model)| read_model.source == source.name)
                .map(|(name, _)| name.as_str())
                .collect(),
            outcome: Outcome::Missing,
            uses: None,
            newest: None,
            problems: Vec::new(),
        };
        let named = matches!(reference, ConnectorReference::Name { .. });
        let locked = lock.get(reference).filter(|_| named).cloned();
        let found = shelf.registry.inspect(&shelf.engine, reference).await;
        match (locked, found) {
            (Some(locked), found) => finding.is_locked(locked, found.ok(), &shelf.registry).await,
            (None, Ok(entry)) => {
                finding.outcome = if named { Outcome::New } else { Outcome::Itself };
                finding.uses = Some(locked_to(&entry));
            }
            (None, Err(error)) => finding.problems.push(error.into()),
        }
        finding
    }

    /// A locked reference stays what it is, whatever fits now, as long as that is registered.
    async fn is_locked(&mut self, locked: Locked, newest: Option<Entry>, registry: &Registry) {
        let newest = newest.map(|entry| locked_to(&entry));
        let registered = match registry.list().await {
            Ok(entries) => entries.iter().any(|entry| entry.digest == locked.digest),
            Err(error) => {
                self.problems.push(error.into());
                return;
            }
        };
        if registered {
            self.outcome = match &newest {
                Some(newest) if newest.digest != locked.digest => Outcome::CanMove,
                _ => Outcome::Locked,
            };
            self.newest = newest.filter(|newest| newest.digest != locked.digest);
            self.uses = Some(locked);
            return;
        }
        let message = format!(
            "tenon.lock says that {} stands for {}, which is not registered",
            self.source.connector,
            shown(&locked)
        );
        let help = match newest {
            Some(newest) => format!(
                "register it, or move to {} with `tenon upgrade {}`",
                shown(&newest),
                self.source.name
            ),
            None => "register it: tenon register FILE.wasm".to_owned(),
        };
        self.problems
            .push(Report::new(exit::NOT_FOUND, message).help(help));
    }

    /// Checks its settings and grants against what its connector says.
    async fn look_into(&mut self, opened: &DataSource) {
        for (names, what, capability) in [
            (&self.models, "models", Capability::Crud),
            (&self.read_models, "read models", Capability::ReadModel),
        ] {
            if !names.is_empty() && !opened.connector().capabilities().contains(&capability) {
                self.problems.push(Report::new(
                    exit::USAGE,
                    format!(
                        "it has {what} ({}), and the connector {} can't keep any: it does not export `{capability}`",
                        names.join(", "),
                        opened.connector().manifest().name
                    ),
                ));
            }
        }
        for grant in &self.source.grants {
            self.problems.extend(no_such_folder(grant));
        }
        match opened.missing_grants().await {
            Ok(missing) => self.problems.extend(missing.iter().map(|missing| {
                let report = Report::new(exit::DENIED, missing.reason());
                match &missing.line {
                    Some(line) => report.help(format!(
                        "to grant it, write in [sources.{}]: {line}",
                        self.source.name
                    )),
                    None => report,
                }
            })),
            Err(error) => self.problems.push(error.into()),
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.source.name);
        let mut fact = |name: &str, value: &str| {
            // Writing into a String can't fail.
            let _ = writeln!(text, "  {name:<10} {}", visible_lines(value));
        };
        let uses = self.uses.as_ref().map(shown).unwrap_or_default();
        let change = match self.outcome {
            Outcome::Locked => format!("{uses}, as tenon.lock says"),
            Outcome::CanMove => format!("{uses}, as tenon.lock says"),
            Outcome::New => format!("{uses}, which tenon.lock will remember"),
            Outcome::Itself => uses,
            Outcome::Missing => "not there".to_owned(),
        };
        fact("connector", &format!("{}: {change}", self.source.connector));
        if let Some(newest) = &self.newest {
            let upgrade = format!("{}, by `tenon upgrade {}`", shown(newest), self.source.name);
            fact("can move", &upgrade);
        }
        for report in &self.problems {
            fact("problem", &report.to_string());
            if let Some(remedy) = report.remedy() {
                fact("", &remedy.replace('\n', "\n             "));
            }
        }
        text
    }

    fn row(&self) -> Entity {
        let problems = self.problems.iter().map(|report| match report.remedy() {
            Some(remedy) => format!("{report}; {remedy}"),
            None => report.to_string(),
        });
        let mut row = Entity::new()
            .with("source", self.source.name.as_str())
            .with("reference", self.source.connector.to_string())
            .with("outcome", self.outcome.name());
        for (name, connector) in [("connector", &self.uses), ("newest", &self.newest)] {
            if let Some(connector) = connector {
                row = row.with(name, shown(connector));
            }
        }
        row.with("models", show::list(&self.models))
            .with("read-models", show::list(&self.read_models))
            .with("problems", show::list(problems))
    }
}

/// Opens each data source on exactly what its reference stands for, which writes nothing into tenon.lock, and
/// looks into it. None of them is started.
async fn look_into_all(config: &Config, findings: &mut [Finding<'_>]) -> Result<(), Report> {
    let mut settled = config.clone();
    for finding in &*findings {
        if let (Some(uses), ConnectorReference::Name { .. }) =
            (&finding.uses, &finding.source.connector)
            && let Some(source) = settled.sources.get_mut(&finding.source.name)
        {
            source.connector = ConnectorReference::Digest(uses.digest);
        }
    }
    with_runtime(settled, async |runtime: &Runtime| {
        for finding in findings {
            if finding.uses.is_none() {
                continue;
            }
            match runtime.data_source(finding.source.name.as_str()).await {
                Ok(opened) => finding.look_into(&opened).await,
                Err(error) => finding.problems.push(error.into()),
            }
        }
        Ok(())
    })
    .await
}

/// What tenon.lock says of references that no data source has any more.
fn unused<'a>(config: &Config, lock: &'a Lock) -> impl Iterator<Item = (&'a str, &'a Locked)> {
    let used: Vec<String> = config
        .sources
        .values()
        .map(|source| source.connector.to_string())
        .collect();
    lock.iter()
        .filter(move |(reference, _)| !used.iter().any(|used| used == reference))
}

fn no_such_folder(grant: &Grant) -> Option<Report> {
    match grant {
        Grant::Folder(folder) if !folder.host.is_dir() => Some(
            Report::new(
                exit::USAGE,
                format!("the granted folder {} is not there", folder.host.display()),
            )
            .help(format!("make it: mkdir -p {:?}", folder.host)),
        ),
        _ => None,
    }
}

fn text(config: &Config, findings: &[Finding], unused: &[(&str, &Locked)]) -> String {
    let mut parts: Vec<String> = findings.iter().map(Finding::text).collect();
    if !unused.is_empty() {
        let lines = unused.iter().map(|(reference, locked)| {
            format!("  {:<10} {reference}: {}\n", "unused", shown(locked))
        });
        parts.push(format!("tenon.lock\n{}", lines.collect::<String>()));
    }
    let problems: usize = findings.iter().map(|finding| finding.problems.len()).sum();
    let (sources, models) = (config.sources.len(), config.models.len());
    parts.push(match problems {
        0 => format!("nothing is wrong: data sources {sources}, models {models}\n"),
        _ => format!("data sources {sources}, models {models}, problems {problems}\n"),
    });
    parts.join("\n")
}

fn unused_row((reference, locked): &(&str, &Locked)) -> Entity {
    Entity::new()
        .with("source", Value::Null)
        .with("reference", *reference)
        .with("outcome", "unused")
        .with("connector", shown(locked))
}

fn locked_to(entry: &Entry) -> Locked {
    Locked {
        name: entry.name().clone(),
        version: entry.version().clone(),
        digest: entry.digest,
    }
}

fn shown(locked: &Locked) -> String {
    format!("{} {}, {}", locked.name, locked.version, locked.digest)
}

fn columns() -> Columns {
    let text = |name| (name, PropertyType::Text);
    let list = |name| (name, PropertyType::Json);
    Columns::of([
        text("source"),
        text("reference"),
        text("outcome"),
        text("connector"),
        text("newest"),
        list("models"),
        list("read-models"),
        list("problems"),
    ])
}
