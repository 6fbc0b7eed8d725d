//! The command `demo`: a folder with a configuration and real data, and a tour of what can be asked.
//!
//! Every command of the tour is run as a user would type it, with its real output below. What the demo claims
//! is checked: an exit code or answer that differs ends it.

mod folder;
mod shell;
mod tour;

use crate::workspace::Workspace;
use crate::{build, paint};
use shell::Shell;

/// The command `demo`.
pub fn run(workspace: &Workspace) -> Result<(), String> {
    build::everything(workspace)?;
    let folder = folder::prepare(workspace)?;
    println!("\n{}", paint::bold("A tour of Tenon"));
    println!(
        "In {}, with the program {}.",
        folder.display(),
        workspace.tenon().display()
    );
    let shell = Shell::new(workspace.tenon(), folder.clone());
    tour::walk(&shell)?;
    println!(
        "\n{}",
        paint::green("Everything was as the tour says it is.")
    );
    println!(
        "To go on: cd {}; {} --help",
        folder.display(),
        workspace.tenon().display()
    );
    Ok(())
}
