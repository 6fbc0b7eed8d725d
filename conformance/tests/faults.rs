//! Each fault that is planted in the connector `faulty` is found, by the check that the table in the documents names; and
//! without a fault nothing is found.
//!
//! With the environment variable `TENON_WRITE_DOCS` every check is run over every fault, and the table is written anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says so by failing"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use tenon_conformance::{Kit, Report};
use tenon_faulty::Fault;
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{ConnectorReference, DataSourceName};
use tokio::task::JoinSet;

/// What stands before and after the table.
const BEGIN: &str = "<!-- faults: made by the test -->\n";
const END: &str = "<!-- end of faults -->\n";

/// How many faults are looked for at a time.
const AT_ONCE: usize = 2;

/// The token in the settings: a fault tells it.
const TOKEN: &str = "a-token-that-nobody-may-see";

/// A run over `faulty` in a folder of its own, which lives as long as the run.
async fn run(fault: Option<Fault>, only: Option<String>) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let name = DataSourceName::new("faulty").unwrap();
    let component = ConnectorReference::Path(support::guest("faulty"));
    let mut source = SourceConfig::new(name, component)
        .setting("path", "/data")
        .setting("token", TOKEN)
        .grant(FolderGrant::writable(folder.path(), "/data").unwrap());
    if let Some(fault) = fault {
        source = source.setting("fault", fault.name());
    }
    // One check that finds it is enough.
    let mut kit: Kit = support::kit(source).stop_early();
    if let Some(only) = only {
        kit = kit.only(only);
    }
    support::run(kit).await
}

/// What `look` finds of each of them, a few at a time.
async fn each(
    faults: Vec<(Fault, Option<String>)>,
    look: impl Fn(Fault, &Report) -> Option<String>,
) -> BTreeMap<&'static str, Option<String>> {
    let mut found = BTreeMap::new();
    let mut running = JoinSet::new();
    let mut left = faults.into_iter();
    loop {
        while running.len() < AT_ONCE
            && let Some((fault, only)) = left.next()
        {
            running.spawn(async move { (fault, run(Some(fault), only).await) });
        }
        let Some(ended) = running.join_next().await else {
            return found;
        };
        let (fault, report) = ended.unwrap();
        found.insert(fault.name(), look(fault, &report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fault_nothing_is_found() {
    let report = run(None, None).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_found_by_the_check_that_the_table_names() {
    if std::env::var_os("TENON_WRITE_DOCS").is_some() {
        return write_table().await;
    }
    let (_, table, _) = page();
    let rows: BTreeMap<String, String> = rows(&table);
    let mut faults = Vec::new();
    for fault in Fault::ALL {
        let check = rows.get(fault.name()).unwrap_or_else(|| {
            panic!(
                "the table in docs/conformance.md has no fault `{}`; TENON_WRITE_DOCS=1 writes it anew",
                fault.name()
            )
        });
        faults.push((*fault, Some(check.clone())));
    }
    assert_eq!(
        rows.len(),
        faults.len(),
        "the table has faults that are no more"
    );
    let found = each(faults, |fault, report| {
        let named = rows.get(fault.name())?;
        let mut failed = report.failed();
        failed.any(|check| check.name == *named).then(String::new)
    })
    .await;
    let missed: Vec<_> = found
        .into_iter()
        .filter(|(_, found)| found.is_none())
        .map(|(fault, _)| fault)
        .collect();
    assert!(
        missed.is_empty(),
        "not found by the check in the table: {missed:#?}"
    );
}

/// The document: what is before the table, the table, and what is after it.
fn page() -> (String, String, String) {
    let text = std::fs::read_to_string(path()).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("a place for the table");
    let (table, after) = rest.split_once(END).expect("an end of the table");
    (before.to_owned(), table.to_owned(), after.to_owned())
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md")
}

/// The check that finds each fault.
fn rows(table: &str) -> BTreeMap<String, String> {
    let lines = table.lines().skip(2);
    lines
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let (first, last) = (cells.first()?, cells.last()?);
            let bare = |cell: &str| cell.trim().trim_matches('`').to_owned();
            Some((bare(first), bare(last)))
        })
        .collect()
}

async fn write_table() {
    let faults = Fault::ALL.iter().map(|fault| (*fault, None)).collect();
    let found = each(faults, |fault, report| {
        let first = report.failed().next().map(|check| check.name.clone());
        let all: Vec<&str> = report.failed().map(|check| check.name.as_str()).collect();
        eprintln!(
            "{} ({:.1} s): {}",
            fault.name(),
            report.seconds,
            all.join(", ")
        );
        first
    })
    .await;
    let mut table = "| fault | what is wrong | found by |\n| --- | --- | --- |\n".to_owned();
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        match found.get(fault.name()) {
            Some(Some(check)) => writeln!(
                table,
                "| `{}` | {} | `{check}` |",
                fault.name(),
                fault.about().replace('|', "\\|")
            )
            .unwrap(),
            _ => missed.push(fault.name()),
        }
    }
    let (before, _, after) = page();
    std::fs::write(path(), format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    assert!(missed.is_empty(), "not found by any check: {missed:#?}");
}
