//! What is written into a read model's tables.

use serde_json::Value as Json;
use tenon_model::{Entity, PropertyType, Value};
use tenon_runtime::{Edit, IndexKind, Table};

use super::super::context::Context;
use super::super::{read, show};
use super::with_store;
use crate::args::{UpdateDocuments, json_argument};
use crate::exit;
use crate::report::Report;

/// Defines a table: its key, its other indexes, its other fields.
pub async fn define(
    name: &str,
    table: &str,
    (key, indexes, fields): (&str, &[String], &[String]),
    context: &Context,
) -> Result<u8, Report> {
    let (key, kind) = field(key)?;
    let mut definition = Table::new(table, key, kind);
    for index in indexes {
        let (index, kind) = field(index)?;
        definition = definition.index(index, kind);
    }
    for field in fields {
        definition = definition.field(field.as_str());
    }
    with_store(context, name, async |store| {
        Ok(store.define_table(definition).await?)
    })
    .await?;
    show::note(&format!("the read model {name} has a table {table}"));
    Ok(exit::OK)
}

/// Inserts a document.
pub async fn insert(
    name: &str,
    table: &str,
    document: &str,
    context: &Context,
) -> Result<u8, Report> {
    json_argument("the document", document)?;
    let wrong = |reason: String| Report::new(exit::INVALID, format!("the document: {reason}"));
    let Json::Object(members) =
        serde_json::from_str(document).map_err(|error| wrong(error.to_string()))?
    else {
        let reason = "it is no JSON object, such as {\"id\": \"AS1\", \"seats\": 12}";
        return Err(wrong(reason.to_owned()));
    };
    let mut record = Entity::new();
    for (field, value) in &members {
        let value = Value::from_json(value, PropertyType::Any)
            .map_err(|reason| wrong(format!("{field}: {reason}")))?;
        record.set(field.as_str(), value);
    }
    with_store(context, name, async |store| {
        Ok(store.insert(table, record).await?)
    })
    .await?;
    show::note(&format!("the table {table} has one more document"));
    Ok(exit::OK)
}

/// Changes documents, or inserts one where none matches and that is asked for.
pub async fn update(args: &UpdateDocuments, context: &Context) -> Result<u8, Report> {
    let filter = read::filter(Some(&args.filter))?;
    let mut edits = Vec::new();
    for set in &args.sets {
        let (path, value) = path_and_value("--set", set)?;
        edits.push(Edit::set(path, value));
    }
    edits.extend(args.unsets.iter().map(|path| Edit::unset(path)));
    for increment in &args.increments {
        let (path, value) = path_and_value("--increment", increment)?;
        edits.push(Edit::increment(path, value));
    }
    if edits.is_empty() {
        return Err(Report::new(exit::USAGE, "nothing is to be changed")
            .help("say what, with --set, --unset or --increment"));
    }
    let count = with_store(context, &args.name, async |store| {
        let count = if args.upsert {
            store.upsert(&args.table, filter, edits).await
        } else {
            store.update(&args.table, filter, edits).await
        };
        count.map_err(|error| Report::in_filter(&error, &args.filter))
    })
    .await?;
    show::number("updated", count, &format!("{count} matched"), context)
}

/// Deletes documents.
pub async fn delete(
    name: &str,
    table: &str,
    filter: &str,
    context: &Context,
) -> Result<u8, Report> {
    let wanted = read::filter(Some(filter))?;
    let count = with_store(context, name, async |store| {
        let count = store.delete(table, wanted).await;
        count.map_err(|error| Report::in_filter(&error, filter))
    })
    .await?;
    show::number("deleted", count, &format!("{count} deleted"), context)
}

/// `FIELD`, `FIELD:text` or `FIELD:number`.
fn field(written: &str) -> Result<(&str, IndexKind), Report> {
    match written.rsplit_once(':') {
        None | Some((_, "text")) => Ok((written.trim_end_matches(":text"), IndexKind::Text)),
        Some((field, "number")) => Ok((field, IndexKind::Number)),
        Some((_, kind)) => Err(Report::new(
            exit::USAGE,
            format!("{kind:?} is no kind of an index"),
        )
        .help("a field holds text, or numbers: FIELD:number")),
    }
}

/// `PATH=JSON`.
fn path_and_value<'a>(option: &str, written: &'a str) -> Result<(&'a str, Value), Report> {
    let Some((path, json)) = written.split_once('=') else {
        return Err(
            Report::new(exit::USAGE, format!("{option} {written:?} has no value")).help(format!(
                "write {option} PATH=JSON, such as {option} seats=12"
            )),
        );
    };
    json_argument(option, json)?;
    let value = serde_json::from_str(json)
        .map_err(|error| error.to_string())
        .and_then(|json: Json| Value::from_json(&json, PropertyType::Any))
        .map_err(|reason| Report::new(exit::INVALID, format!("{option} {path}: {reason}")))?;
    Ok((path, value))
}
