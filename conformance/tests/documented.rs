//! What the page about the kit says, held against the kit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says so by failing"
)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use support::guest;
use tenon_conformance::{Kit, checks};
use tenon_runtime::config::SourceConfig;
use tenon_runtime::{ConnectorReference, DataSourceName};

/// What stands before and after the table of the checks.
const BEGIN: &str = "<!-- checks: made of the list -->\n";
const END: &str = "<!-- end of checks -->\n";

/// The environment variable with which the table is written anew.
const WRITE: &str = "TENON_WRITE_DOCS";

fn page() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/conformance.md"
    ))
}

fn component() -> PathBuf {
    guest("memory")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connector_does_what_the_contract_asks() {
    let component = ConnectorReference::Path(component());
    let source = SourceConfig::new(DataSourceName::new("test").unwrap(), component);
    let kit = Kit::new(source).seed(1).environment().unwrap();
    let report = kit.run().await.unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn the_page_shows_the_test_that_is_here() {
    let here = include_str!("documented.rs");
    let page = fs::read_to_string(page()).unwrap();
    let (_, code) = page
        .split_once("<!-- conformance/tests/documented.rs -->\n```rust\n")
        .unwrap();
    let (code, _) = code.split_once("```\n").unwrap();
    assert!(here.contains(code), "{code}");
}

#[test]
fn the_page_lists_every_check() {
    let text = fs::read_to_string(page()).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (seen, after) = rest.split_once(END).unwrap();
    let wanted = table();
    if seen == wanted {
        return;
    }
    if std::env::var_os(WRITE).is_none() {
        panic!("the page lists other checks than there are; {WRITE}=1 writes them anew:\n{wanted}");
    }
    fs::write(page(), format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
}

/// A row for each check.
fn table() -> String {
    let mut table = "| check | has to hold |\n| --- | --- |\n".to_owned();
    for check in checks() {
        let about = check.about.replace('|', "\\|");
        writeln!(table, "| `{}` | {about} |", check.name).unwrap();
    }
    table
}
