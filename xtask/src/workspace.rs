//! The project's folders, and its cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use tenon_harness::Clang;

use crate::paint;

/// The profile of the guests; see the workspace's `Cargo.toml`.
const GUEST_PROFILE: &str = "guest";

/// What guests are built for.
pub const GUEST_TARGET: &str = "wasm32-wasip2";

/// Where things are.
pub struct Workspace {
    /// The project's folder.
    pub root: PathBuf,
    /// Where everything is built into.
    pub target: PathBuf,
}

impl Workspace {
    /// This project, as this program was built from it.
    pub fn find() -> Result<Self, String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest
            .parent()
            .ok_or("xtask has no workspace around it")?;
        let program =
            std::env::current_exe().map_err(|cause| format!("finding this program: {cause}"))?;
        // <target>/<profile>/xtask
        let target = program
            .ancestors()
            .nth(2)
            .ok_or("this program is not in a target folder")?;
        Ok(Self {
            root: root.to_owned(),
            target: target.to_owned(),
        })
    }

    /// Where the guests are built: a folder of their own, since what cargo builds for them to be built with
    /// (macros, build scripts) has another profile too.
    pub fn guest_target(&self) -> PathBuf {
        self.target.join("guests")
    }

    /// Where the guests' components are.
    pub fn components(&self) -> PathBuf {
        self.guest_target().join(GUEST_TARGET).join(GUEST_PROFILE)
    }

    /// The program `tenon`, once it is built.
    pub fn tenon(&self) -> PathBuf {
        self.target
            .join("debug")
            .join(format!("tenon{}", std::env::consts::EXE_SUFFIX))
    }

    /// cargo with these arguments, for what runs on the host.
    pub fn cargo<'a>(
        &self,
        subcommand: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Command {
        let mut command = self.plain_cargo(subcommand);
        command
            .arg("--target-dir")
            .arg(&self.target)
            .args(arguments);
        command
    }

    /// cargo with these arguments, for guests; also for those with C in them, where there is a compiler.
    pub fn guest_cargo<'a>(
        &self,
        subcommand: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Command {
        let mut command = self.plain_cargo(subcommand);
        command
            .args([
                "--profile",
                GUEST_PROFILE,
                "--target",
                GUEST_TARGET,
                "--target-dir",
            ])
            .arg(self.guest_target())
            .args(arguments);
        if let Ok(clang) = Clang::find() {
            command.envs(clang.variables());
        }
        command
    }

    /// cargo with nothing but a subcommand, in the project's folder.
    pub fn plain_cargo(&self, subcommand: &str) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.arg(subcommand).current_dir(&self.root);
        command
    }
}

/// Shows a command and runs it to its end.
pub fn run(command: &mut Command) -> Result<(), String> {
    let shown = show(command);
    eprintln!("{}", paint::cyan(&format!("$ {shown}")));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("failed with {status}: {shown}")),
        Err(cause) => Err(format!("could not be started ({cause}): {shown}")),
    }
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|part| quoted(&part.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./=:,@+".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_would_change_them() {
        assert_eq!(quoted("--where"), "--where");
        assert_eq!(quoted(r#"{"state": "TX"}"#), r#"'{"state": "TX"}'"#);
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
