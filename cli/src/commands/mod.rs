//! What the commands do: each reads its arguments, uses the runtime, and shows what came of it.
//!
//! Results go to the standard output, everything else to the standard error. Whatever happens, data sources are
//! ended in order.

mod aggregate;
mod change;
mod check;
mod check_config;
mod connectors;
mod context;
mod dev;
mod discover;
mod drop;
mod execute;
mod explain;
mod export;
mod import;
mod inspect;
mod interrupt;
mod keys;
mod logging;
mod migrate;
mod new;
mod read;
mod read_model;
mod show;
mod sources;
mod upgrade;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tracing_subscriber::filter::LevelFilter;

use crate::args::{Cli, Command, Completions};
use crate::exit;
use crate::report::Report;
use context::Context;

/// Runs the program with its own arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    ExitCode::from(run(&cli).unwrap_or_else(|report| {
        report.print();
        report.exit()
    }))
}

/// Runs a command, and returns its exit code.
fn run(cli: &Cli) -> Result<u8, Report> {
    let of_guests = match cli.command {
        // An author wants to see what the connector says.
        Command::Dev(_) => LevelFilter::DEBUG,
        _ => LevelFilter::WARN,
    };
    logging::start(cli.global.verbose, of_guests)?;
    let tokio = tokio::runtime::Runtime::new()
        .map_err(|error| Report::new(exit::FAILURE, format!("no threads to work on: {error}")))?;
    let result = tokio.block_on(dispatch(&cli.command, &Context::new(cli.global.clone())));
    // A thread may still wait for an input that nobody wants any more.
    tokio.shutdown_background();
    result
}

async fn dispatch(command: &Command, context: &Context) -> Result<u8, Report> {
    match command {
        Command::New(args) => new::run(args),
        Command::Dev(args) => dev::run(args, context).await,
        Command::Check(args) => check::run(args, context).await,
        Command::Register(args) => connectors::register(args, context).await,
        Command::Connectors(_) => connectors::list(context).await,
        Command::Inspect(args) => connectors::inspect(args, context).await,
        Command::Remove(args) => connectors::remove(args, context).await,
        Command::Sources(args) => sources::run(args, context).await,
        Command::CheckConfig(_) => check_config::run(context).await,
        Command::Upgrade(args) => upgrade::run(args, context).await,
        Command::Import(args) => import::run(args, context).await,
        Command::Export(args) => export::run(args, context).await,
        Command::Find(args) => read::find(args, context).await,
        Command::Get(args) => read::get(args, context).await,
        Command::Count(args) => read::count(args, context).await,
        Command::Create(args) => change::create(args, context).await,
        Command::Update(args) => change::update(args, context).await,
        Command::Delete(args) => change::delete(args, context).await,
        Command::Aggregate(args) => aggregate::run(args, context).await,
        Command::Explain(args) => explain::run(args, context).await,
        Command::ReadModel(args) => read_model::run(args, context).await,
        Command::Migrate(args) => migrate::run(args, context).await,
        Command::Discover(args) => discover::run(args, context).await,
        Command::Drop(args) => drop::run(args, context).await,
        Command::Execute(args) => execute::run(args, context).await,
        Command::Completions(args) => completions(args),
    }
}

fn completions(args: &Completions) -> Result<u8, Report> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tenon", &mut script);
    show::print(&String::from_utf8_lossy(&script))
}
