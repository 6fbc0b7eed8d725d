//! `check`: the conformance kit over a connector.

mod again;
mod arguments;
mod bar;
mod subject;

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;

use tenon_conformance::{Kit, Report as Checked, checks};
use tenon_model::{Entity, PropertyType, Value};
use tenon_runtime::registry::Compiler;

use super::context::Context;
use super::interrupt::Interrupt;
use super::show;
use crate::args::{Check, ReportFormat};
use crate::exit;
use crate::files;
use crate::output::{Columns, OutputFormat};
use crate::report::Report;
use bar::Bar;
use subject::Subject;

/// Runs the checks, and shows what came of them.
pub async fn run(args: &Check, context: &Context) -> Result<u8, Report> {
    let format = format(args, context)?;
    if args.list {
        return list(args, context);
    }
    for file in &args.report {
        check_file(file)?;
    }
    let subject = Subject::of(args, context).await?;
    let interrupt = Arc::new(Interrupt::listen(
        "ending after this check, and removing what was made; press Ctrl-C again to end at once",
    ));
    let bar = Bar::new();
    let mut kit = Kit::new(subject.source)
        // The connector is whoever's: it is compiled out of the way, as it would be to be registered.
        .compiler(Compiler::ThisProgram)
        .registry(subject.registry)
        .again(again::command(args, context))
        .stop_when({
            let interrupt = Arc::clone(&interrupt);
            move || interrupt.is_pressed()
        })
        .on_progress(move |progress| bar.show(progress));
    if let Some(folder) = subject.folder {
        kit = kit.folder(folder);
    }
    if let Some(seed) = args.seed {
        kit = kit.seed(seed);
    }
    if let Some(cases) = args.cases {
        kit = kit.cases(cases);
    }
    if args.stop_early {
        kit = kit.stop_early();
    }
    kit = subject.models.into_iter().fold(kit, Kit::model);
    kit = args.only.iter().fold(kit, |kit, only| kit.only(only));
    let report = kit.run().await.map_err(|error| {
        let report = Report::from(&error);
        let grants = error.remedy_text().and_then(arguments::grants_in);
        match grants.filter(|_| args.source.is_none()) {
            Some(grants) => report.help(format!("to grant it: {grants}")),
            None => report,
        }
    })?;
    drop(subject.scratch);
    for file in &args.report {
        write(&report, file, args.all)?;
    }
    show::print(&text(&report, format, args.all, is_coloured()))?;
    exit_code(&report, args, &interrupt)
}

fn exit_code(report: &Checked, args: &Check, interrupt: &Interrupt) -> Result<u8, Report> {
    if interrupt.is_pressed() && !report.not_run.is_empty() {
        return Ok(exit::INTERRUPTED);
    }
    if !report.passed() {
        return Ok(exit::FAILURE);
    }
    let ran = |only: &String| {
        let mut names = report.checks.iter().map(|check| &check.name);
        names.any(|name| name.starts_with(only.as_str()))
    };
    // Nobody takes it for a success.
    match args.only.iter().find(|only| !ran(only)) {
        Some(only) => Err(Report::new(
            exit::INVALID,
            format!("no check of {only} ran: the connector doesn't export what they are about"),
        )),
        None => Ok(exit::OK),
    }
}

/// The form of the report on the standard output.
fn format(args: &Check, context: &Context) -> Result<ReportFormat, Report> {
    match (args.format, context.output()) {
        (Some(ReportFormat::Text | ReportFormat::Junit), _) if args.list => Err(Report::new(
            exit::USAGE,
            "the list of the checks is written as --output says",
        )
        .help("use --output json, ndjson or csv, or nothing for a table")),
        (Some(format), _) => Ok(format),
        (None, None | Some(OutputFormat::Table)) => Ok(ReportFormat::Text),
        (None, Some(OutputFormat::Json)) => Ok(ReportFormat::Json),
        (None, Some(_)) if args.list => Ok(ReportFormat::Json),
        (None, Some(OutputFormat::Csv | OutputFormat::Ndjson)) => Err(Report::new(
            exit::USAGE,
            "a report is more than records: it can't be written like this",
        )
        .help("use --format json or --format junit")),
    }
}

/// Refuses a report's file that can't be written before anything else is done.
fn check_file(file: &Path) -> Result<(), Report> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if folder.is_dir() && !file.is_dir() {
        return Ok(());
    }
    let reason = if file.is_dir() {
        "this is a folder"
    } else {
        "its folder is not there"
    };
    Err(Report::new(
        exit::USAGE,
        format!("--report {}: {reason}", file.display()),
    ))
}

fn write(report: &Checked, file: &Path, all: bool) -> Result<(), Report> {
    let extension = file.extension().and_then(|extension| extension.to_str());
    let format = match extension {
        Some("xml") => ReportFormat::Junit,
        Some("json") => ReportFormat::Json,
        _ => ReportFormat::Text,
    };
    let text = text(report, format, all, false);
    files::replace(file, |out| out.write_all(text.as_bytes())).map_err(|error| {
        Report::new(
            exit::FAILURE,
            format!("the report {} can't be written: {error}", file.display()),
        )
    })
}

fn text(report: &Checked, format: ReportFormat, all: bool, colour: bool) -> String {
    match format {
        ReportFormat::Json => report.to_json(),
        ReportFormat::Junit => report.to_junit(),
        ReportFormat::Text if all => report.terminal(colour).everything().to_string(),
        ReportFormat::Text => report.terminal(colour).to_string(),
    }
}

fn is_coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !refused
}

/// Lists the checks, or those whose names begin like this.
fn list(args: &Check, context: &Context) -> Result<u8, Report> {
    tenon_conformance::check_names(&args.only)?;
    let wanted = |name: &str| {
        let mut only = args.only.iter();
        args.only.is_empty() || only.any(|only| name.starts_with(only.as_str()))
    };
    let rows: Vec<Entity> = checks()
        .filter(|check| wanted(check.name))
        .map(|check| {
            let needs = check.needs.iter().map(|capability| capability.name());
            Entity::new()
                .with("check", check.name)
                .with("about", check.about)
                .with("needs", show::list(needs))
                .with("writes", Value::Boolean(check.writes))
        })
        .collect();
    if args.format == Some(ReportFormat::Json) || context.output().is_some() {
        let columns = Columns::of([
            ("check", PropertyType::Text),
            ("about", PropertyType::Text),
            ("needs", PropertyType::Json),
            ("writes", PropertyType::Boolean),
        ]);
        return show::all_as(
            &rows,
            columns,
            context.output().unwrap_or(OutputFormat::Json),
        );
    }
    // What each is about is a sentence: a table would cut it.
    let mut text = String::new();
    for check in checks().filter(|check| wanted(check.name)) {
        text.push_str(&format!("{}\n    {}\n", check.name, check.about));
    }
    show::print(&text)
}
