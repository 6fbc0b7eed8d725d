//! The program `tenon`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // In a child process that compiles a connector, this is all that happens.
    tenon_runtime::serve_compile_request();
    tenon_cli::commands::main()
}
