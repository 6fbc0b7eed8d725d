//! `upgrade`: moving data sources to the newest connectors that their references allow.

use tenon_model::{Entity, PropertyType, Value};
use tenon_runtime::config::{Locked, SourceConfig};
use tenon_runtime::{ConnectorReference, DataSourceName, Runtime};

use super::context::{Context, with_runtime};
use super::show;
use crate::args::Upgrade;
use crate::exit;
use crate::output::Columns;
use crate::report::Report;

/// Moves what `tenon.lock` says of a data source, or of all, and shows what moved. A source that can't be moved
/// doesn't keep the others.
pub async fn run(args: &Upgrade, context: &Context) -> Result<u8, Report> {
    with_runtime(context.config()?, async |runtime| {
        let sources = chosen(runtime, args.name.as_deref())?;
        let mut done: Vec<(&ConnectorReference, Moved)> = Vec::new();
        let mut rows = Vec::new();
        let mut code = exit::OK;
        for source in sources {
            let reference = &source.connector;
            let moved = match done.iter().find(|(other, _)| *other == reference) {
                Some((_, moved)) => moved.clone(),
                None => match upgrade(runtime, reference).await {
                    Ok(moved) => moved,
                    Err(report) => {
                        report.print();
                        code = if code == exit::OK {
                            report.exit()
                        } else {
                            code
                        };
                        continue;
                    }
                },
            };
            rows.push(row(source, &moved));
            done.push((reference, moved));
        }
        let columns = ["source", "connector", "from", "to", "outcome"];
        show::all(
            &rows,
            Columns::of(columns.map(|name| (name, PropertyType::Text))),
            context,
        )?;
        Ok(code)
    })
    .await
}

/// What became of a reference: what it stood for, and what it stands for.
type Moved = Option<(Option<Locked>, Locked)>;

/// Those of that name, or all.
fn chosen<'a>(runtime: &'a Runtime, name: Option<&str>) -> Result<Vec<&'a SourceConfig>, Report> {
    let sources = &runtime.config().sources;
    match name {
        None => Ok(sources.values().collect()),
        Some(name) => match sources.get(name) {
            Some(source) => Ok(vec![source]),
            None => Err(unknown_source(name, sources.keys())),
        },
    }
}

/// There is no such data source.
pub fn unknown_source<'a>(name: &str, known: impl Iterator<Item = &'a DataSourceName>) -> Report {
    let report = Report::new(
        exit::NOT_FOUND,
        format!("there is no data source named {name:?}"),
    );
    match tenon_model::closest(name, known.map(DataSourceName::as_str)) {
        Some(near) => report.help(format!("did you mean {near:?}?")),
        None => report.help(format!(
            "declare it under [sources.{name}] in the configuration"
        )),
    }
}

async fn upgrade(runtime: &Runtime, reference: &ConnectorReference) -> Result<Moved, Report> {
    match reference {
        ConnectorReference::Name { .. } => Ok(Some(runtime.upgrade(reference).await?)),
        ConnectorReference::Path(_) | ConnectorReference::Digest(_) => Ok(None),
    }
}

fn row(source: &SourceConfig, moved: &Moved) -> Entity {
    let version = |locked: &Locked| Value::from(locked.version.to_string());
    let (from, to, outcome) = match moved {
        None => (Value::Null, Value::Null, "stands for itself"),
        Some((None, to)) => (Value::Null, version(to), "locked"),
        Some((Some(from), to)) if from == to => (version(from), version(to), "is the newest"),
        Some((Some(from), to)) => (version(from), version(to), "moved"),
    };
    Entity::new()
        .with("source", source.name.as_str())
        .with("connector", source.connector.to_string())
        .with("from", from)
        .with("to", to)
        .with("outcome", outcome)
}
