//! `create`, `update` and `delete`.

use std::io::{self, IsTerminal, Read};

use tenon_model::{Entity, Model};

use super::context::{Context, with_model};
use super::read::{filter, missing};
use super::{keys, show};
use crate::args::{Create, Delete, Update};
use crate::exit;
use crate::input::{MAX_RECORD_BYTES, Origin, Record};
use crate::output::Columns;
use crate::report::Report;

/// Adds a record, and shows it as it was made.
pub async fn create(args: &Create, context: &Context) -> Result<u8, Report> {
    let text = match args.record.as_str() {
        "-" => stdin("record")?,
        text => text.to_owned(),
    };
    with_model(context, &args.model, async |dao| {
        let record = object("the record", &text, dao.model())?;
        let made = dao
            .create(record)
            .await
            .map_err(|error| Report::in_json(&error, "the record", &text))?;
        show::one(&made, Columns::of_model(dao.model(), &[]), context)
    })
    .await
}

/// Changes one record, or all that match.
pub async fn update(args: &Update, context: &Context) -> Result<u8, Report> {
    let text = args.set.as_str();
    with_model(context, &args.model, async |dao| {
        let changes = object("--set", text, dao.model())?;
        let Some(matching) = &args.selection.filter else {
            let key = keys::parse(dao.model(), &args.selection.key)?;
            let record = dao
                .update_attributes(key, changes)
                .await
                .map_err(|error| Report::in_json(&error, "--set", text))?;
            return show::one(&record, Columns::of_model(dao.model(), &[]), context);
        };
        let matching = filter(Some(matching))?;
        // Checked apart, so that mistakes are shown in the text that they are in.
        if let Err(problems) = matching.clone().check(dao.model()) {
            let text = args.selection.filter.as_deref().unwrap_or_default();
            return Err(
                Report::new(exit::INVALID, "the filter doesn't fit the model")
                    .problems_in_filter(text, &problems),
            );
        }
        let count = dao
            .update(matching, changes)
            .await
            .map_err(|error| Report::in_json(&error, "--set", text))?;
        let sentence = format!("updated {}", show::records(count));
        show::number("updated", count, &sentence, context)
    })
    .await
}

/// Deletes one record, or all that match.
pub async fn delete(args: &Delete, context: &Context) -> Result<u8, Report> {
    with_model(context, &args.model, async |dao| {
        let count = match &args.selection.filter {
            Some(text) => dao
                .destroy_all(filter(Some(text))?)
                .await
                .map_err(|error| Report::in_filter(&error, text))?,
            None => {
                let key = keys::parse(dao.model(), &args.selection.key)?;
                if !dao.destroy(key).await? {
                    return Err(missing(&args.model, &args.selection.key));
                }
                1
            }
        };
        let sentence = format!("deleted {}", show::records(count));
        show::number("deleted", count, &sentence, context)
    })
    .await
}

/// The properties that a JSON object has, of the kinds that the model declares.
fn object(name: &str, text: &str, model: &Model) -> Result<Entity, Report> {
    if !text.trim_start().starts_with('{') {
        return Err(
            Report::new(exit::INVALID, format!("{name} isn't a JSON object"))
                .help(r#"write names with their values, in single quotes: '{"name": "Meadow"}'"#),
        );
    }
    crate::args::json_argument(name, text)?;
    let record = Record::parse_object(text.as_bytes(), Origin { line: 1, column: 1 })
        .map_err(|broken| Report::new(exit::INVALID, format!("{name}: {}", broken.reason)))?;
    record.entity(Some(model)).map_err(|problems| {
        Report::new(
            exit::INVALID,
            format!("{name} doesn't fit the model {}", model.name),
        )
        .problems_in_json(name, text, &problems)
    })
}

/// What comes from the standard input.
pub fn stdin(what: &str) -> Result<String, Report> {
    if io::stdin().is_terminal() {
        show::note(&format!(
            "reading the {what} from the terminal; end it with Ctrl-D on a line of its own"
        ));
    }
    let mut text = String::new();
    let limit = MAX_RECORD_BYTES as u64;
    io::stdin()
        .lock()
        .take(limit + 1)
        .read_to_string(&mut text)
        .map_err(|error| {
            Report::new(
                exit::FAILURE,
                format!("reading the standard input failed: {error}"),
            )
        })?;
    if text.len() as u64 > limit {
        let message = format!("the {what} is longer than {} MiB", limit >> 20);
        return Err(Report::new(exit::INVALID, message));
    }
    Ok(text)
}
