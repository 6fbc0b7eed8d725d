//! The command `test`: everything that must hold, step by step.
//!
//! A step that fails doesn't keep the others from running, unless they need what it makes; the summary at the
//! end names what failed, what was left out, and why.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::build::{self, FUZZ, GUESTS};
use crate::demo::{Backend, Shown};
use crate::workspace::{Workspace, run as run_shown};
use crate::{clang, demo, paint};

/// Connectors that mean harm, for the tests of the sandbox and of sessions, and one with planted faults, for those of the
/// conformance kit.
const FOR_TESTS: &[&str] = &["evil", "evil-exclusive", "faulty"];

/// How a step ended.
enum Outcome {
    Passed,
    Failed(String),
    /// Not run, for that reason.
    LeftOut(String),
}

/// What is printed at the end.
#[derive(Default)]
struct Summary {
    steps: Vec<(String, Outcome, Duration)>,
    notes: Vec<String>,
}

/// The command `test`.
pub fn run(workspace: &Workspace) -> Result<(), String> {
    let mut summary = Summary::default();
    let fuzz = has_cpp();
    if !fuzz {
        summary.notes.push(
            "the fuzz targets were not checked: they need a C++ compiler, and there is none".into(),
        );
    }
    let guests: Vec<&str> = GUESTS.iter().chain(FOR_TESTS).copied().collect();
    let all = guests.len();
    let guests = clang::buildable(&guests)?;
    if guests.len() < all {
        summary.notes.push(
            "the connectors with C in them were not built or tested as components: see above"
                .into(),
        );
    }

    summary.step("formatting", || {
        run_cargo(workspace.plain_cargo("fmt"), &["--all", "--check"])
    });
    summary.step("lints", || {
        let mut arguments = vec!["--workspace", "--all-targets"];
        if !fuzz {
            arguments.extend(["--exclude", FUZZ]);
        }
        arguments.extend(["--", "-D", "warnings"]);
        run_cargo(workspace.cargo("clippy", []), &arguments)
    });
    let built = summary.step("connectors", || build::guests(workspace, &guests));
    summary.step_after(
        built,
        "the connectors don't build",
        "lints of the connectors",
        || {
            let packages = build::packages(&guests);
            let arguments = packages
                .iter()
                .map(String::as_str)
                .chain(["--", "-D", "warnings"]);
            run_shown(&mut workspace.guest_cargo("clippy", arguments))
        },
    );
    summary.step_after(built, "the connectors don't build", "tests", || {
        let arguments = ["--workspace", "--exclude", FUZZ, "--no-fail-fast"];
        run_shown(
            workspace
                .cargo("test", arguments)
                .env("TENON_GUESTS", workspace.components()),
        )
    });
    for backend in Backend::NAMES {
        let mut missing = None;
        let name = format!("demo on {backend}");
        summary.step_after(
            built,
            "the connectors don't build",
            &name,
            || match demo::run(workspace, backend)? {
                Shown::Missing(what) if servers_are_required() => Err(what),
                Shown::Missing(what) => {
                    missing = Some(what);
                    Ok(())
                }
                Shown::Whole => Ok(()),
            },
        );
        if let Some(what) = missing {
            summary.notes.push(format!("the {name}: {what}"));
        }
    }
    summary.finish()
}

fn run_cargo(mut command: Command, arguments: &[&str]) -> Result<(), String> {
    run_shown(command.args(arguments))
}

impl Summary {
    /// Runs a step; whether it passed.
    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) -> bool {
        eprintln!("\n{}", paint::bold(&format!("== {name}")));
        let start = Instant::now();
        let outcome = match work() {
            Ok(()) => Outcome::Passed,
            Err(reason) => {
                eprintln!("{}", paint::red(&reason));
                Outcome::Failed(reason)
            }
        };
        let passed = matches!(outcome, Outcome::Passed);
        self.steps.push((name.to_owned(), outcome, start.elapsed()));
        passed
    }

    /// Runs a step if the one that it needs has passed.
    fn step_after(
        &mut self,
        ready: bool,
        reason: &str,
        name: &str,
        work: impl FnOnce() -> Result<(), String>,
    ) {
        if ready {
            self.step(name, work);
        } else {
            self.steps.push((
                name.to_owned(),
                Outcome::LeftOut(reason.to_owned()),
                Duration::ZERO,
            ));
        }
    }

    fn finish(self) -> Result<(), String> {
        println!("\n{}", paint::bold("Summary"));
        let mut failed = 0;
        for (name, outcome, time) in &self.steps {
            let seconds = time.as_secs();
            match outcome {
                Outcome::Passed => println!("  {} {name} ({seconds} s)", paint::green("passed ")),
                Outcome::Failed(reason) => {
                    println!("  {} {name} ({seconds} s): {reason}", paint::red("FAILED "))
                }
                Outcome::LeftOut(reason) => {
                    println!("  {} {name}: {reason}", paint::red("NOT RUN"))
                }
            }
            failed += usize::from(!matches!(outcome, Outcome::Passed));
        }
        for note in &self.notes {
            println!("  skipped {note}");
        }
        if failed == 0 {
            Ok(())
        } else {
            Err(format!(
                "{failed} of {} steps didn't pass",
                self.steps.len()
            ))
        }
    }
}

/// Whether a server that isn't installed is a failure.
fn servers_are_required() -> bool {
    std::env::var_os(tenon_harness::REQUIRE).is_some_and(|value| value == "1")
}

/// Whether there is a C++ compiler, as the fuzz targets' build looks for one.
fn has_cpp() -> bool {
    let named = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    Command::new(named)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
