//! The project's own commands: `cargo xtask build`, `demo`, `test` and `bench`.
//!
//! It has hardly a dependency, so that it is built in seconds. Every step is an ordinary command that is shown
//! before it runs; one that fails is named at the end, with the exit code 1.

mod build;
mod check;
mod clang;
mod demo;
mod paint;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const HELP: &str = "\
What people type in this project.

Usage: cargo xtask <COMMAND>

Commands:
  build           Build the connectors that come with Tenon, and the program `tenon`
  demo [--on BACKEND]
                  Build, register the connectors, import real data, and show a tour of real answers, on redb or on
                  sqlite, postgres or mysql, with a private server where it needs one
  test            Run everything that must hold: formatting, lints, all tests, the demo
  bench [ARGS]..  Run the benchmarks; the arguments go to the benchmark program

Everything is built into one target folder: CARGO_TARGET_DIR where it is set, else `target`.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments
        .iter()
        .take_while(|argument| **argument != "--")
        .any(|argument| matches!(*argument, "--help" | "-h"))
    {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let outcome = match arguments.as_slice() {
        ["build"] => Workspace::find().and_then(|workspace| build::run_command(&workspace)),
        ["demo"] => on_demo("redb"),
        ["demo", "--on", backend] => on_demo(backend),
        ["test"] => Workspace::find().and_then(|workspace| check::run(&workspace)),
        ["bench", more @ ..] => {
            Workspace::find().and_then(|workspace| build::bench(&workspace, more))
        }
        ["help"] | [] => {
            println!("{HELP}");
            Ok(())
        }
        unknown => {
            eprintln!("there is no such command: {}\n\n{HELP}", unknown.join(" "));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{}", paint::red(&message));
            ExitCode::FAILURE
        }
    }
}

fn on_demo(backend: &str) -> Result<(), String> {
    Workspace::find().and_then(|workspace| demo::run_command(&workspace, backend))
}
