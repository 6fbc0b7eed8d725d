//! The command `demo`: a folder with a configuration and real data, and a tour of what can be asked.
//!
//! Every command of the tour is run as a user would type it, with its real output below. What the demo claims
//! is checked: an exit code or answer that differs ends it. The answers are the same on every backend.

mod backend;
mod folder;
mod shell;
mod tour;

use tenon_harness::Error;

use crate::workspace::Workspace;
use crate::{build, paint};
pub use backend::Backend;
use shell::Shell;

/// How a demo ended that didn't fail.
pub enum Shown {
    /// It was shown.
    Whole,
    /// Not shown, since a program is missing; which, and what to do.
    Missing(String),
}

/// The command `demo`.
pub fn run_command(workspace: &Workspace, on: &str) -> Result<(), String> {
    match run(workspace, on)? {
        Shown::Whole => Ok(()),
        Shown::Missing(what) => Err(what),
    }
}

/// Shows the demo on the backend of that name.
pub fn run(workspace: &Workspace, on: &str) -> Result<Shown, String> {
    let backend = match Backend::start(on) {
        Ok(backend) => backend,
        Err(missing @ Error::Missing { .. }) => return Ok(Shown::Missing(missing.to_string())),
        Err(error) => return Err(error.to_string()),
    };
    let guests = build::everything(workspace)?;
    if !guests.contains(&backend.connector()) {
        return Ok(Shown::Missing(format!(
            "the connector {} has C in it, for which no compiler was found",
            backend.connector()
        )));
    }
    let folder = folder::prepare(workspace, &guests)?;
    backend.configure(&folder)?;
    println!("\n{}", paint::bold("A tour of Tenon"));
    println!(
        "In {}, with the program {}.",
        folder.display(),
        workspace.tenon().display()
    );
    let shell = Shell::new(workspace.tenon(), folder.clone());
    tour::walk(&shell, &backend)?;
    println!(
        "\n{}",
        paint::green("Everything was as the tour says it is.")
    );
    if backend.is_server() {
        println!("The server ends with the demo; the folder stays.");
    } else {
        println!(
            "To go on: cd {}; {} --help",
            folder.display(),
            workspace.tenon().display()
        );
    }
    Ok(Shown::Whole)
}
