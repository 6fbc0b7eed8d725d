//! The guest components that tests run, built once. Shared with the tests of the program.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tenon_harness::Clang;

/// The component of the guest of that name. It is built where it is missing or old, unless the environment
/// variable `TENON_GUESTS` names a folder that has it.
pub fn guest(name: &str) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    let file = format!("tenon_{}.wasm", name.replace('-', "_"));
    if let Some(folder) = std::env::var_os("TENON_GUESTS") {
        return Path::new(&folder).join(file);
    }
    let _one_at_a_time = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let target = target_folder().join("guests");
    let clang = Clang::find().ok();
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--profile",
            "guest",
            "--target",
            "wasm32-wasip2",
        ])
        .args(["--package", &format!("tenon-{name}"), "--target-dir"])
        .arg(&target)
        .envs(clang.iter().flat_map(Clang::variables))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the guest {name} builds");
    target.join("wasm32-wasip2").join("guest").join(file)
}

/// As [`guest`], for one with C in it; none, loudly, where there is no compiler for it.
#[allow(dead_code, reason = "few tests need one")]
pub fn guest_with_c(name: &str) -> Option<PathBuf> {
    let clang = tenon_harness::for_test(Clang::find());
    clang.expect("there is a compiler").map(|_| guest(name))
}

/// The workspace's target folder: the one that this test was built into.
pub fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    // <target>/<profile>/deps/<test>
    test.ancestors()
        .nth(3)
        .expect("a test is in a target folder")
        .to_owned()
}
