//! What the tests share: the connectors that come with Tenon, and the backends that they run on.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "not every test needs all of it, and clippy knows a test by its attribute"
)]

#[path = "../../../runtime/tests/support/backends.rs"]
pub mod backends;
#[path = "../../../runtime/tests/support/guests.rs"]
mod guests;

use tenon_conformance::{Kit, Progress, Report};
use tenon_runtime::config::SourceConfig;

#[allow(unused_imports, reason = "not every test needs one")]
pub use guests::{guest, guest_with_c, target_folder};

/// A run over a data source, of the seed 1 unless the environment has another. `TENON_CHECK_TIMES` has each check's
/// time told.
pub fn kit(source: SourceConfig) -> Kit {
    let mut kit = Kit::new(source)
        // One cache of compiled code for all tests: compiling takes longer than most of them.
        .registry(target_folder().join("test-registry"))
        .seed(1);
    if std::env::var_os("TENON_CHECK_TIMES").is_some() {
        kit = kit.on_progress(|progress| {
            if let Progress::Ended(check) = progress {
                println!("{:6.2} s {}", check.seconds, check.name);
            }
        });
    }
    kit.environment().expect("numbers in the environment")
}

/// Runs the checks, and fails with the report where one fails.
pub async fn passes(source: SourceConfig) {
    let report = run(kit(source)).await;
    println!("{report}");
    assert!(report.passed(), "{report}");
}

/// Runs the checks.
pub async fn run(kit: Kit) -> Report {
    kit.run().await.expect("the connector can be checked")
}
