//! `dev`: a connector's author writes, and sees what comes of it.
//!
//! With every change the connector is built, checked, and started anew, and its models are read. Where any of that
//! fails, what ran before goes on. Nothing is registered: a version under work would be in the way of the next.

mod build;
mod running;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};

use super::context::Context;
use super::show;
use crate::args::Dev;
use crate::exit;
use crate::report::Report;
use build::Build;
use running::Running;
use watch::Watch;

/// How often the sources are looked at: soon enough to be waited for, seldom enough not to be felt.
const PERIOD: Duration = Duration::from_millis(250);

/// What in a connector's folder makes it what it is. Data are not among it: a connector may write them.
const SOURCES: &[&str] = &["Cargo.toml", "build.rs", "src", "wit", ".cargo/config.toml"];

/// A connector under work.
struct Desk<'a> {
    args: &'a Dev,
    context: &'a Context,
    folder: PathBuf,
    running: Option<Running>,
}

/// Builds, starts and shows until Ctrl-C.
pub async fn run(args: &Dev, context: &Context) -> Result<u8, Report> {
    let folder = folder(&args.folder)?;
    let mut watch = Watch::new(watched(&folder, args, context));
    let mut desk = Desk {
        args,
        context,
        folder,
        running: None,
    };
    let work = async {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        desk.rebuild(&mut watch).await;
        loop {
            tokio::select! {
                () = watch.changed(PERIOD) => desk.rebuild(&mut watch).await,
                () = next_line(&mut lines) => desk.read_again().await,
            }
        }
    };
    tokio::select! {
        () = work => {}
        pressed = tokio::signal::ctrl_c() => pressed.map_err(|error| {
            Report::new(exit::FAILURE, format!("listening for Ctrl-C failed: {error}"))
        })?,
    }
    if let Some(running) = desk.running.take() {
        running.shut_down().await?;
    }
    show::note("ended");
    Ok(exit::OK)
}

impl Desk<'_> {
    /// Builds and starts anew; what ran before goes on if that fails.
    async fn rebuild(&mut self, watch: &mut Watch) {
        watch.look();
        if let Err(report) = self.try_rebuild().await {
            report.print();
            show::note(match self.running {
                Some(_) => "what was built before goes on; waiting for a change",
                None => "waiting for a change",
            });
        }
    }

    async fn try_rebuild(&mut self) -> Result<(), Report> {
        show::note("building");
        let built = Build::of(&self.folder, self.args.release).await?;
        let config = self.context.config_of(&self.folder)?;
        let next = Running::prepare(config, &built).await?;
        if let Some(before) = self.running.take()
            // Its data sources are free for the new one either way.
            && let Err(report) = before.shut_down().await
        {
            report.print();
        }
        show::note(&next.describe(&built));
        self.running = Some(next);
        self.read_again().await;
        show::note("waiting for a change; Enter reads again, Ctrl-C ends");
        Ok(())
    }

    /// Reads the models' first records.
    async fn read_again(&self) {
        if let Some(running) = &self.running {
            running.read(self.args, self.context).await;
        }
    }
}

/// The connector's folder.
fn folder(named: &Path) -> Result<PathBuf, Report> {
    let folder = named
        .canonicalize()
        .map_err(|error| Report::new(exit::NOT_FOUND, format!("{}: {error}", named.display())))?;
    if folder.join("Cargo.toml").is_file() {
        return Ok(folder);
    }
    Err(Report::new(
        exit::NOT_FOUND,
        format!(
            "{} has no Cargo.toml: it is not a connector's folder",
            named.display()
        ),
    )
    .help("name one, or make one with `tenon new my-files`"))
}

fn watched(folder: &Path, args: &Dev, context: &Context) -> Vec<PathBuf> {
    let sources = SOURCES.iter().map(|source| folder.join(source));
    sources
        .chain([context.path_of(folder)])
        .chain(args.watch.iter().cloned())
        .collect()
}

/// Waits for Enter; for ever where nothing can be typed any more.
async fn next_line(lines: &mut tokio::io::Lines<BufReader<tokio::io::Stdin>>) {
    if !matches!(lines.next_line().await, Ok(Some(_))) {
        std::future::pending().await
    }
}
