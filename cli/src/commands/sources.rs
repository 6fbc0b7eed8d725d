//! `sources`: each data source with its connector, what that asks for beside what it is granted, and its models.
//!
//! Nothing is started. A data source that has something wrong is shown with it, and doesn't hide the others.

use std::fmt::Write;

use tenon_model::{Entity, PropertyType};
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::{MissingGrant, Need};
use tenon_runtime::{DataSource, FindsOrWrites, Runtime};

use super::context::{Context, with_runtime};
use super::show;
use super::upgrade::unknown_source;
use crate::args::Sources;
use crate::exit;
use crate::output::Columns;
use crate::report::Report;
use crate::text::visible::visible_lines;

/// What there is to know of a data source.
struct Facts<'a> {
    source: &'a SourceConfig,
    models: Vec<&'a str>,
    /// The connector's name, version and digest, and its sharing.
    connector: Option<(String, String)>,
    /// What holds for finding or writing a record, for a connector that has records.
    finds_or_writes: Option<FindsOrWrites>,
    needs: Vec<Need>,
    missing: Vec<MissingGrant>,
    problem: Option<Report>,
}

/// Shows the data sources. The exit code is the first one's that has something wrong.
pub async fn run(args: &Sources, context: &Context) -> Result<u8, Report> {
    with_runtime(context.config()?, async |runtime| {
        let sources = &runtime.config().sources;
        if let Some(name) = &args.name
            && sources.get(name.as_str()).is_none()
        {
            return Err(unknown_source(name, sources.keys()));
        }
        let wanted = |source: &&SourceConfig| {
            args.name
                .as_deref()
                .is_none_or(|name| name == source.name.as_str())
        };
        let mut all = Vec::new();
        for source in sources.values().filter(wanted) {
            all.push(Facts::of(runtime, source).await);
        }
        match context.output() {
            None => show::print(&all.iter().map(Facts::text).collect::<Vec<_>>().join("\n"))?,
            Some(_) => {
                let rows: Vec<Entity> = all.iter().map(Facts::row).collect();
                show::all(&rows, columns(), context)?
            }
        };
        Ok(all
            .iter()
            .map(Facts::exit)
            .find(|code| *code != exit::OK)
            .unwrap_or(exit::OK))
    })
    .await
}

impl<'a> Facts<'a> {
    async fn of(runtime: &'a Runtime, source: &'a SourceConfig) -> Self {
        let models = runtime.config().models.iter();
        let mut facts = Self {
            source,
            models: models
                .filter(|(_, model)| model.source == source.name)
                .map(|(name, _)| name.as_str())
                .collect(),
            connector: None,
            finds_or_writes: None,
            needs: Vec::new(),
            missing: Vec::new(),
            problem: None,
        };
        match runtime.data_source(source.name.as_str()).await {
            Ok(opened) => facts.look_into(&opened).await,
            Err(error) => facts.problem = Some(error.into()),
        }
        facts
    }

    async fn look_into(&mut self, opened: &DataSource) {
        let connector = opened.connector();
        let manifest = connector.manifest();
        let name = format!(
            "{} {}, {}",
            manifest.name,
            manifest.version,
            connector.digest()
        );
        self.connector = Some((name, manifest.sharing.to_string()));
        self.finds_or_writes = opened.finds_or_writes();
        match opened.needs().await {
            Ok(needs) => {
                self.missing = tenon_runtime::grants::check(&needs, opened.grants());
                self.needs = needs;
            }
            Err(error) => self.problem = Some(error.into()),
        }
    }

    fn exit(&self) -> u8 {
        match &self.problem {
            Some(report) => report.exit(),
            None if self.missing.is_empty() => exit::OK,
            None => exit::DENIED,
        }
    }

    /// Whether a grant answers the need.
    fn is_granted(&self, need: &Need) -> bool {
        !self.missing.iter().any(|missing| missing.need == *need)
    }

    /// The line that grants all that is missing.
    fn line(&self) -> Option<&str> {
        self.missing
            .iter()
            .find_map(|missing| missing.line.as_deref())
    }

    fn text(&self) -> String {
        let source = self.source;
        let mut text = format!("{}\n", source.name);
        let mut fact = |name: &str, value: &str| {
            // Writing into a String can't fail.
            let _ = writeln!(text, "  {name:<10} {}", visible_lines(value));
        };
        let reference = source.connector.to_string();
        match &self.connector {
            Some((connector, sharing)) => {
                fact("connector", &format!("{reference}: {connector}"));
                fact("sharing", sharing);
            }
            None => fact("connector", &format!("{reference}: not loaded")),
        }
        if let Some(guarantee) = self.finds_or_writes {
            fact("upserts", guarantee.text());
        }
        for need in &self.needs {
            let state = if self.is_granted(need) {
                "granted"
            } else {
                "NOT GRANTED"
            };
            fact("asks for", &format!("{need}: {state}"));
        }
        for grant in &source.grants {
            fact("granted", &grant.to_string());
        }
        if let Some(line) = self.line() {
            fact(
                "to grant",
                &format!("{line}\n             in [sources.{}]", source.name),
            );
        }
        for missing in self.missing.iter().filter(|missing| missing.line.is_none()) {
            fact("problem", &missing.to_string());
        }
        for (limit, value, usual) in source.limits.unusual() {
            fact("limit", &format!("{limit} = {value}, usually {usual}"));
        }
        fact(
            "models",
            &if self.models.is_empty() {
                "none".to_owned()
            } else {
                self.models.join(", ")
            },
        );
        if let Some(report) = &self.problem {
            fact(
                "problem",
                &report.to_string().replace('\n', "\n             "),
            );
            if let Some(help) = report.remedy() {
                fact("", &help.replace('\n', "\n             "));
            }
        }
        text
    }

    fn row(&self) -> Entity {
        let source = self.source;
        let limits = source
            .limits
            .unusual()
            .into_iter()
            .map(|(limit, value, _)| format!("{limit} = {value}"));
        let mut row = Entity::new()
            .with("source", source.name.as_str())
            .with("reference", source.connector.to_string())
            .with("asks-for", show::list(&self.needs))
            .with("granted", show::list(&source.grants))
            .with("missing", show::list(&self.missing))
            .with("limits", show::list(limits))
            .with("models", show::list(&self.models));
        if let Some((connector, sharing)) = &self.connector {
            row = row
                .with("connector", connector.as_str())
                .with("sharing", sharing.as_str());
        }
        if let Some(guarantee) = self.finds_or_writes {
            row = row.with("upserts", guarantee.name());
        }
        if let Some(report) = &self.problem {
            row = row.with("problem", report.to_string());
        }
        row
    }
}

fn columns() -> Columns {
    let text = |name| (name, PropertyType::Text);
    let list = |name| (name, PropertyType::Json);
    Columns::of([
        text("source"),
        text("reference"),
        text("connector"),
        text("sharing"),
        text("upserts"),
        list("models"),
        list("asks-for"),
        list("granted"),
        list("missing"),
        list("limits"),
        text("problem"),
    ])
}
