//! A connector that was built, in use by the data sources of a configuration.

use std::path::Path;
use std::time::{Duration, Instant};

use tenon_model::{Entity, Query};
use tenon_runtime::config::Config;
use tenon_runtime::registry::Entry;
use tenon_runtime::{ConnectorReference, DataSourceName, Runtime};

use super::build::Build;
use crate::args::Dev;
use crate::commands::context::{Context, Shelf};
use crate::commands::show;
use crate::exit;
use crate::output::Columns;
use crate::report::Report;

/// A runtime whose data sources use what was built last.
pub struct Running {
    runtime: Runtime,
    connector: Entry,
    /// The models of those data sources.
    models: Vec<String>,
    /// How long compiling and checking it took.
    checked: Duration,
}

impl Running {
    /// Checks the connector and makes a runtime for it; nothing of it runs yet.
    pub async fn prepare(mut config: Config, built: &Build) -> Result<Self, Report> {
        let started = Instant::now();
        let reference = ConnectorReference::Path(built.component.clone());
        let shelf = Shelf::open(&config)?;
        let inspected = shelf.registry.inspect(&shelf.engine, &reference).await;
        let connector = inspected.map_err(|error| Report::from(&error).exits(exit::INVALID))?;
        let mut sources: Vec<DataSourceName> = Vec::new();
        for (name, source) in &mut config.sources {
            if is_meant(&source.connector, &built.component, &connector) {
                source.connector = reference.clone();
                sources.push(name.clone());
            }
        }
        if sources.is_empty() {
            return Err(nobody_uses(&config, &built.component, &connector));
        }
        let models = config.models.iter();
        let models = models
            .filter(|(_, model)| sources.contains(&model.source))
            .map(|(name, _)| name.clone())
            .collect();
        Ok(Self {
            runtime: Runtime::builder(config).build()?,
            connector,
            models,
            checked: started.elapsed(),
        })
    }

    /// What it is, in a line.
    pub fn describe(&self, built: &Build) -> String {
        let capabilities: Vec<String> = self
            .connector
            .capabilities
            .iter()
            .map(ToString::to_string)
            .collect();
        let size = std::fs::metadata(&built.component).map_or(0, |metadata| metadata.len());
        format!(
            "{} {} ({}), {} KiB, built in {:.1} s, checked in {:.1} s",
            self.connector.name(),
            self.connector.version(),
            capabilities.join(", "),
            size.div_ceil(1024),
            built.time.as_secs_f64(),
            self.checked.as_secs_f64()
        )
    }

    /// Shows the first records of each model, or of those that were asked for. What fails is shown too.
    pub async fn read(&self, args: &Dev, context: &Context) {
        let models = if args.find.is_empty() {
            &self.models
        } else {
            &args.find
        };
        if models.is_empty() {
            show::note("no model is on these data sources: there is nothing to read");
        }
        for model in models {
            if let Err(report) = self.read_one(model, args.rows, context).await {
                report.print();
            }
        }
    }

    async fn read_one(&self, model: &str, rows: u64, context: &Context) -> Result<(), Report> {
        let dao = self.runtime.model(model).await?;
        let started = Instant::now();
        let mut query = Query::new();
        query.limit = Some(rows);
        let records: Vec<Entity> = dao.find(query).collect().await?;
        let time = started.elapsed();
        show::note(&format!(
            "{model}: the first {} in {:.1} ms",
            show::records(records.len() as u64),
            time.as_secs_f64() * 1000.0
        ));
        show::all(&records, Columns::of_model(dao.model(), &[]), context)?;
        Ok(())
    }

    /// Ends its data sources in order.
    pub async fn shut_down(self) -> Result<(), Report> {
        Ok(self.runtime.shut_down().await?)
    }
}

/// Whether a data source with that reference uses the connector that was built: by its name, or as a file of the
/// same name, whichever profile made it.
fn is_meant(reference: &ConnectorReference, component: &Path, connector: &Entry) -> bool {
    match reference {
        ConnectorReference::Name { name, .. } => name == connector.name(),
        ConnectorReference::Path(path) => path.file_name() == component.file_name(),
        ConnectorReference::Digest(_) => false,
    }
}

fn nobody_uses(config: &Config, component: &Path, connector: &Entry) -> Report {
    let name = connector.name();
    let file = component.file_name().unwrap_or_default().to_string_lossy();
    Report::new(
        exit::NOT_FOUND,
        format!(
            "no data source of {} uses the connector {name}",
            config.path.display()
        ),
    )
    .help(format!(
        "write one, with a model on it:\n\
         [sources.{name}]\nconnector = {name:?} # or a path that ends with {file}",
        name = name.as_str()
    ))
}
