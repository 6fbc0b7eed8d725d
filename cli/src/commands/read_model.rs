//! `read-model`: each command opens the read model and closes it again.

use serde_json::value::RawValue;
use tenon_model::{Entity, Model, PropertyType};
use tenon_runtime::ReadModelStore;

use super::change::stdin;
use super::context::{Context, with_runtime};
use super::read::{self, Asked};
use super::show;
use crate::args::{QueryArgs, ReadModel, ReadModelCommand, json_argument};
use crate::exit;
use crate::output::{Columns, OutputFormat};
use crate::report::Report;

/// Does one thing with read models.
pub async fn run(args: &ReadModel, context: &Context) -> Result<u8, Report> {
    match &args.command {
        ReadModelCommand::List => list(context),
        ReadModelCommand::Get { name } => get(name, context).await,
        ReadModelCommand::Set { name, state } => set(name, state, context).await,
        ReadModelCommand::Find { name, table, query } => find(name, table, query, context).await,
        ReadModelCommand::Count {
            name,
            table,
            filter,
        } => count(name, table, filter.as_deref(), context).await,
        ReadModelCommand::Drop { name, yes } => drop_data(name, *yes, context).await,
    }
}

fn list(context: &Context) -> Result<u8, Report> {
    let config = context.config()?;
    if config.read_models.is_empty() && context.output().is_none() {
        show::note(&format!(
            "there is no read model; declare one under [read-models.NAME] in {}",
            config.path.display()
        ));
        return Ok(exit::OK);
    }
    let rows = config.read_models.values().map(|read_model| {
        let connector = config
            .sources
            .get(&read_model.source)
            .map(|source| source.connector.to_string());
        Entity::new()
            .with("name", read_model.name.as_str())
            .with("source", read_model.source.as_str())
            .with("connector", connector.unwrap_or_default())
    });
    let columns = ["name", "source", "connector"].map(|name| (name, PropertyType::Text));
    show::all(&rows.collect::<Vec<_>>(), Columns::of(columns), context)
}

async fn get(name: &str, context: &Context) -> Result<u8, Report> {
    let state = with_store(context, name, async |store| Ok(store.get().await?)).await?;
    let Some(state) = state else {
        return Err(Report::new(
            exit::NOT_FOUND,
            format!("the read model {name} has no state"),
        ));
    };
    // For people on several lines, for programs on one.
    let text = match context.output() {
        None | Some(OutputFormat::Table) => format!("{state:#}\n"),
        Some(_) => format!("{state}\n"),
    };
    show::print(&text)
}

async fn set(name: &str, state: &str, context: &Context) -> Result<u8, Report> {
    let text = match state {
        "-" => stdin("state")?,
        text => text.to_owned(),
    };
    json_argument("the state", &text)?;
    // As it was written, with all digits of its numbers.
    let state: &RawValue = serde_json::from_str(&text)
        .map_err(|error| Report::new(exit::INVALID, format!("the state: {error}")))?;
    with_store(context, name, async |store| Ok(store.set(state).await?)).await?;
    show::note(&format!("the read model {name} has another state"));
    Ok(exit::OK)
}

async fn find(name: &str, table: &str, query: &QueryArgs, context: &Context) -> Result<u8, Report> {
    let Asked { query, text } = read::query(query)?;
    // What fields a table has, only its connector knows.
    let columns = Columns::of_model(&Model::new(table).open(), &query.fields);
    let found = with_store(context, name, async |store| {
        let found = store.find(table, query).await;
        found.map_err(|error| Report::in_json(&error, "query", &text))
    })
    .await?;
    show::all(&found, columns, context)
}

async fn count(
    name: &str,
    table: &str,
    filter: Option<&str>,
    context: &Context,
) -> Result<u8, Report> {
    let wanted = read::filter(filter)?;
    let count = with_store(context, name, async |store| {
        let count = store.count(table, wanted).await;
        count.map_err(|error| Report::in_filter(&error, filter.unwrap_or_default()))
    })
    .await?;
    show::number("count", count, &count.to_string(), context)
}

async fn drop_data(name: &str, yes: bool, context: &Context) -> Result<u8, Report> {
    if !yes {
        return Err(Report::new(
            exit::USAGE,
            format!("this would remove the state and all tables of the read model {name} for good"),
        )
        .help("if that is what you want, add --yes"));
    }
    with_runtime(context.config()?, async |runtime| {
        Ok(runtime.read_model(name).await?.drop_data().await?)
    })
    .await?;
    show::note(&format!("the data of the read model {name} are gone"));
    Ok(exit::OK)
}

/// Works with a read model's store, and closes it whatever comes of the work.
async fn with_store<T>(
    context: &Context,
    name: &str,
    work: impl AsyncFnOnce(&ReadModelStore) -> Result<T, Report>,
) -> Result<T, Report> {
    with_runtime(context.config()?, async |runtime| {
        runtime.read_model(name).await?.with(work).await
    })
    .await
}
