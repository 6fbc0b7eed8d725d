//! `find`, `get` and `count`.

use tenon_model::{Filter, Query};

use super::context::{Context, with_model, with_runtime};
use super::{keys, show};
use crate::args::{Count, Find, Get, QueryArgs, include_json};
use crate::exit;
use crate::output::{OutputFormat, Screen, writer};
use crate::report::Report;

/// A query of the command line's, with the text that mistakes in it are shown in.
pub struct Asked {
    pub query: Query,
    pub text: String,
}

/// Reads the query of the command line.
pub fn query(args: &QueryArgs) -> Result<Asked, Report> {
    parse(args.to_json()?)
}

fn parse(text: String) -> Result<Asked, Report> {
    match Query::parse(&text) {
        Ok(query) => Ok(Asked { query, text }),
        Err(problems) => Err(Report::new(exit::INVALID, "the query is wrong")
            .problems_in_json("query", &text, &problems)),
    }
}

/// Reads a filter of the command line; every record where there is none.
pub fn filter(text: Option<&str>) -> Result<Filter, Report> {
    let Some(text) = text else {
        return Ok(Filter::all());
    };
    crate::args::json_argument("--where", text)?;
    Filter::parse(text).map_err(|problems| {
        Report::new(exit::INVALID, "the filter is wrong").problems_in_filter(text, &problems)
    })
}

/// Shows the records that a query asks for.
pub async fn find(args: &Find, context: &Context) -> Result<u8, Report> {
    let Asked { query, text } = query(&args.query)?;
    with_runtime(context.config()?, async |runtime| {
        let dao = runtime.model(&args.model).await?;
        let format = context.output().unwrap_or(OutputFormat::Table);
        let columns = show::columns(runtime, dao.model(), &query, format)?;
        let mut records = dao.find(query);
        // A mistake in the query is told before anything is shown.
        let mut next = records.next().await;
        let mut writer = writer(format, columns, Screen::stdout(), show::stdout());
        while let Some(record) = next {
            let record = record.map_err(|error| Report::in_json(&error, "query", &text))?;
            if show::unless_closed(writer.write(&record))?.is_none() {
                return Ok(exit::OK);
            }
            next = records.next().await;
        }
        if let Some(written) = show::unless_closed(writer.finish())? {
            show::warn_left_out(&written);
        }
        Ok(exit::OK)
    })
    .await
}

/// Shows the record of a key.
pub async fn get(args: &Get, context: &Context) -> Result<u8, Report> {
    let text = match &args.include {
        Some(include) => format!("{{\"include\": {}}}", include_json(include)?),
        None => "{}".to_owned(),
    };
    let Asked { query, text } = parse(text)?;
    with_runtime(context.config()?, async |runtime| {
        let dao = runtime.model(&args.model).await?;
        let key = keys::parse(dao.model(), &args.key)?;
        let format = context.output().unwrap_or(OutputFormat::Table);
        let columns = show::columns(runtime, dao.model(), &query, format)?;
        let found = if query.include.is_empty() {
            dao.find_by_id(key).await?
        } else {
            let found = dao.find_by_id_with(key, query).await;
            found.map_err(|error| Report::in_json(&error, "query", &text))?
        };
        match found {
            Some(record) => show::one(&record, columns, context),
            None => Err(missing(&args.model, &args.key)),
        }
    })
    .await
}

/// Shows how many records match.
pub async fn count(args: &Count, context: &Context) -> Result<u8, Report> {
    let filter = filter(args.filter.as_deref())?;
    with_model(context, &args.model, async |dao| {
        let count = dao.count(filter).await.map_err(|error| {
            Report::in_filter(&error, args.filter.as_deref().unwrap_or_default())
        })?;
        show::number("count", count, &count.to_string(), context)
    })
    .await
}

/// There is no record of that key.
pub fn missing(model: &str, key: &[String]) -> Report {
    Report::new(
        exit::NOT_FOUND,
        format!("there is no {model} with the key {}", key.join(" ")),
    )
}
