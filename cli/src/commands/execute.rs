//! `execute`: a command in the backend's own language, and its rows in the format that was asked for.

use std::collections::HashSet;

use tenon_model::{Entity, PropertyType, RowColumn, Value};
use tenon_runtime::CommandRows;

use super::context::{Context, with_runtime};
use super::show;
use crate::args::{Execute, json_argument};
use crate::exit;
use crate::output::{Columns, OutputFormat, Screen, kind_of, writer};
use crate::report::Report;
use crate::text::json;

/// Runs the command and shows its rows, or how many records it has changed.
pub async fn run(args: &Execute, context: &Context) -> Result<u8, Report> {
    let parameters = parameters(args)?;
    with_runtime(context.config()?, async |runtime| {
        let source = runtime.data_source(&args.source).await?;
        let mut rows = source.execute(args.command.as_str(), parameters).await?;
        show_rows(&mut rows, context).await
    })
    .await
}

fn parameters(args: &Execute) -> Result<Vec<Value>, Report> {
    let parameter = |(number, text): (usize, &String)| {
        if !args.json_params {
            return Ok(Value::from(text.as_str()));
        }
        let name = format!("parameter {number}");
        json_argument(&name, text)?;
        json::read(text, PropertyType::Any)
            .map_err(|reason| Report::new(exit::INVALID, format!("{name}: {reason}")))
    };
    (1..).zip(&args.parameters).map(parameter).collect()
}

async fn show_rows(rows: &mut CommandRows, context: &Context) -> Result<u8, Report> {
    let mut next = rows.next().await.transpose()?;
    if rows.columns().is_empty() && next.is_none() {
        return match rows.affected() {
            Some(count) => {
                let sentence = format!("changed {}", show::records(count));
                show::number("affected", count, &sentence, context)
            }
            None => {
                show::note("done");
                Ok(exit::OK)
            }
        };
    }
    let mut names = Names::default();
    names.extend(rows.columns());
    let first = next.iter().flatten().map(kind_of);
    let kinds = first.chain(std::iter::repeat(PropertyType::Any));
    let columns = Columns::of(names.names.iter().cloned().zip(kinds));
    let format = context.output().unwrap_or(OutputFormat::Table);
    let mut writer = writer(format, columns, Screen::stdout(), show::stdout());
    while let Some(row) = next {
        names.extend(rows.columns());
        let record = Entity::from(names.names.iter().cloned().zip(row).collect::<Vec<_>>());
        if show::unless_closed(writer.write(&record))?.is_none() {
            return Ok(exit::OK);
        }
        next = rows.next().await.transpose()?;
    }
    if let Some(written) = show::unless_closed(writer.finish())? {
        show::warn_left_out(&written);
    }
    if let Some(count) = rows.affected().filter(|count| *count > 0) {
        show::note(&format!("changed {}", show::records(count)));
    }
    Ok(exit::OK)
}

/// A name for each column, no name twice: an object has room for one of each.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    taken: HashSet<String>,
}

impl Names {
    /// Names the columns that have come since.
    fn extend(&mut self, columns: &[RowColumn]) {
        for column in columns.iter().skip(self.names.len()) {
            let mut name = column.name.clone();
            let mut number = 2;
            while self.taken.contains(&name) {
                name = format!("{}_{number}", column.name);
                number += 1;
            }
            self.taken.insert(name.clone());
            self.names.push(name);
        }
    }
}
