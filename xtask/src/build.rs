//! Building: the connectors, and the program `tenon`.

use std::process::{Command, Stdio};

use crate::workspace::{GUEST_TARGET, Workspace, run};
use crate::{clang, paint};

/// The connectors that come with Tenon.
pub const GUESTS: &[&str] = &[
    "memory",
    "redb",
    "sqlite",
    "mysql",
    "postgres",
    "json-files",
    "icalendar",
    "hello",
];

/// The fuzz targets need a C++ compiler, and are nobody's dependency.
pub const FUZZ: &str = "tenon-fuzz";

/// Builds everything that a user wants, and says which connectors could be built here.
pub fn everything(workspace: &Workspace) -> Result<Vec<&'static str>, String> {
    let buildable = clang::buildable(GUESTS)?;
    guests(workspace, &buildable)?;
    tenon(workspace)?;
    Ok(buildable)
}

/// The command `build`.
pub fn run_command(workspace: &Workspace) -> Result<(), String> {
    let built = everything(workspace)?;
    println!("{}", paint::bold("Built:"));
    for guest in built {
        println!(
            "  {}",
            workspace.components().join(component(guest)).display()
        );
    }
    println!("  {}", workspace.tenon().display());
    Ok(())
}

/// The command `bench`.
pub fn bench(workspace: &Workspace, more: &[&str]) -> Result<(), String> {
    guests(workspace, &clang::buildable(GUESTS)?)?;
    let mut command = workspace.cargo("run", ["--release", "--package", "tenon-bench", "--"]);
    run(command
        .args(more)
        .env("TENON_GUESTS", workspace.components()))
}

/// The file of a guest's component.
pub fn component(guest: &str) -> String {
    format!("tenon_{}.wasm", guest.replace('-', "_"))
}

/// The cargo arguments that choose guests.
pub fn packages(guests: &[&str]) -> Vec<String> {
    guests
        .iter()
        .flat_map(|guest| ["--package".to_owned(), format!("tenon-{guest}")])
        .collect()
}

/// Builds guests to components, for which Rust needs the target. Each by itself: built together, all would carry the
/// features that one asks for, and be twice as large.
pub fn guests(workspace: &Workspace, guests: &[&str]) -> Result<(), String> {
    need_target()?;
    for guest in guests {
        let package = format!("tenon-{guest}");
        run(&mut workspace.guest_cargo("build", ["--package", package.as_str()]))?;
    }
    Ok(())
}

/// Builds the program.
///
/// Naming a test as well makes cargo choose the same features of all dependencies as for all the tests;
/// otherwise `demo` and `test` would each build wasmtime anew.
fn tenon(workspace: &Workspace) -> Result<(), String> {
    let arguments = [
        "--workspace",
        "--exclude",
        FUZZ,
        "--bin",
        "tenon",
        "--test",
        "airports",
    ];
    run(&mut workspace.cargo("build", arguments))
}

/// Installs Rust's part for the guests' target where it is missing.
pub fn need_target() -> Result<(), String> {
    let library = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", GUEST_TARGET])
        .stderr(Stdio::null())
        .output();
    let there = library.is_ok_and(|output| {
        output.status.success()
            && std::path::Path::new(String::from_utf8_lossy(&output.stdout).trim()).exists()
    });
    if there {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", GUEST_TARGET]))
        .map_err(|reason| format!("Rust's target {GUEST_TARGET} is missing, and {reason}"))
}
