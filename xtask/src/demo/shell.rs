//! Running `tenon` as somebody at a prompt would, and holding its answers against what is expected.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::paint;
use crate::workspace::quoted;

/// Where the tour's commands run.
pub struct Shell {
    program: PathBuf,
    folder: PathBuf,
}

/// A command's answer, to be checked.
pub struct Answer {
    command: String,
    exit: Option<i32>,
    output: String,
}

impl Shell {
    /// Runs that program in that folder.
    pub fn new(program: PathBuf, folder: PathBuf) -> Self {
        Self { program, folder }
    }

    /// The folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Runs `tenon` with these arguments, and shows the command and its output.
    pub fn tenon(&self, arguments: &[&str]) -> Result<Answer, String> {
        let words: Vec<String> = arguments.iter().map(|argument| quoted(argument)).collect();
        let command = format!("tenon {}", words.join(" "));
        println!("{}", paint::cyan(&format!("$ {command}")));
        let output = Command::new(&self.program)
            .args(arguments)
            .current_dir(&self.folder)
            .env_remove("TENON_CONFIG")
            .stdin(Stdio::null())
            .output()
            .map_err(|cause| format!("{} could not be started: {cause}", self.program.display()))?;
        let mut text = String::new();
        for stream in [&output.stdout, &output.stderr] {
            text.push_str(&String::from_utf8_lossy(stream));
        }
        print!("{text}");
        if let Some(code) = output.status.code().filter(|code| *code != 0) {
            println!("(exit code {code})");
        }
        Ok(Answer {
            command,
            exit: output.status.code(),
            output: text,
        })
    }
}

impl Answer {
    /// The command has succeeded.
    pub fn succeeds(self) -> Result<Self, String> {
        self.exits_with(0)
    }

    /// The command has ended with that code.
    pub fn exits_with(self, code: i32) -> Result<Self, String> {
        if self.exit == Some(code) {
            return Ok(self);
        }
        let found = self
            .exit
            .map_or("by a signal".to_owned(), |found| format!("with {found}"));
        Err(format!(
            "`{}` should have ended with {code}, and ended {found}",
            self.command
        ))
    }

    /// The output says all of this, each behind the one before.
    pub fn says(self, parts: &[&str]) -> Result<Self, String> {
        let mut rest = self.output.as_str();
        for part in parts {
            match rest.split_once(part) {
                Some((_, behind)) => rest = behind,
                None => {
                    return Err(format!(
                        "`{}` should have said {part:?}, in that place",
                        self.command
                    ));
                }
            }
        }
        Ok(self)
    }

    /// The word of the output behind that one.
    pub fn word_after(&self, word: &str) -> Result<String, String> {
        let mut words = self.output.split_whitespace();
        words
            .find(|found| *found == word)
            .and_then(|_| words.next())
            .map(str::to_owned)
            .ok_or_else(|| format!("`{}` should have said {word:?} and something", self.command))
    }

    /// The output says none of this.
    pub fn says_nothing_of(self, parts: &[&str]) -> Result<Self, String> {
        match parts.iter().find(|part| self.output.contains(*part)) {
            Some(part) => Err(format!("`{}` should not have said {part:?}", self.command)),
            None => Ok(self),
        }
    }
}
