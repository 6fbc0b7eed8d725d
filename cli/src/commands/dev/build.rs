//! Building a connector with cargo, which shows its own progress and mistakes.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::exit;
use crate::report::Report;

const TARGET: &str = "wasm32-wasip2";

/// What was built.
pub struct Build {
    /// The component.
    pub component: PathBuf,
    /// How long it took.
    pub time: Duration,
}

/// The part of cargo's messages that says which files were made.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

impl Build {
    /// Builds the connector in that folder. Dropping the future ends cargo.
    pub async fn of(folder: &Path, release: bool) -> Result<Self, Report> {
        let started = Instant::now();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(&cargo);
        command
            .args(["build", "--target", TARGET])
            .args(["--message-format", "json-render-diagnostics"])
            .args(release.then_some("--release"))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let failed = |error: std::io::Error| {
            Report::new(
                exit::FAILURE,
                format!("{} can't be run: {error}", Path::new(&cargo).display()),
            )
            .help("install Rust with rustup, https://rustup.rs")
        };
        let mut child = command.spawn().map_err(failed)?;
        let mut component = None;
        if let Some(messages) = child.stdout.take() {
            let manifest = folder.join("Cargo.toml");
            let mut lines = BufReader::new(messages).lines();
            while let Some(line) = lines.next_line().await.map_err(failed)? {
                component = made(&line, &manifest).or(component);
            }
        }
        let status = child.wait().await.map_err(failed)?;
        if !status.success() {
            return Err(
                Report::new(exit::FAILURE, "the connector doesn't build").help(format!(
                    "cargo says why; if it lacks the target: rustup target add {TARGET}"
                )),
            );
        }
        match component {
            Some(component) => Ok(Self {
                component,
                time: started.elapsed(),
            }),
            None => Err(Report::new(exit::INVALID, "the build makes no component")
                .help("a connector's Cargo.toml says: [lib] crate-type = [\"cdylib\", \"rlib\"]")),
        }
    }
}

/// The component that a message of cargo's tells of.
fn made(line: &str, manifest: &Path) -> Option<PathBuf> {
    let message: Message = serde_json::from_str(line).ok()?;
    if message.reason != "compiler-artifact" || message.manifest_path != manifest {
        return None;
    }
    let mut files = message.filenames.into_iter();
    files.find(|file| {
        file.extension()
            .is_some_and(|extension| extension == "wasm")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_is_the_one_that_the_folders_own_package_makes() {
        let manifest = Path::new("/my/Cargo.toml");
        let artifact = |manifest: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{manifest}","target":{{}},"filenames":["{file}"]}}"#
            )
        };
        assert_eq!(
            made(&artifact("/my/Cargo.toml", "/t/my.wasm"), manifest),
            Some("/t/my.wasm".into())
        );
        for other in [
            artifact("/other/Cargo.toml", "/t/other.wasm"),
            artifact("/my/Cargo.toml", "/t/libmy.rlib"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "no message".to_owned(),
        ] {
            assert_eq!(made(&other, manifest), None, "{other}");
        }
    }
}
