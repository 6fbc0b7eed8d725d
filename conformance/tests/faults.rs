//! Each fault that is planted in the connector `faulty` is found, by the check that the table in the documents names; and
//! without a fault nothing is found.
//!
//! With the environment variable `TENON_WRITE_DOCS` every check is run over every fault, and the table is written anew.
//! `TENON_FAULTS` has the names of those that are looked for, with commas between them; without it, it is all.

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
use tenon_faulty::{Fault, Theme};
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{ConnectorReference, DataSourceName, SettingValue};
use tokio::task::JoinSet;

/// What stands before and after the table.
const BEGIN: &str = "<!-- faults: made by the test -->\n";
const END: &str = "<!-- end of faults -->\n";

/// How many faults are looked for at a time: some of them wait for others' locks most of the time.
const AT_ONCE: usize = 4;

/// Invented cases of a check.
const CASES: u32 = 64;

/// Milliseconds that a change waits for another session's to end.
const WAIT: u64 = 300;

/// The token in the settings: a fault tells it.
const TOKEN: &str = "a-token-that-nobody-may-see";

/// A run over `faulty` in a folder of its own, which lives as long as the run.
async fn run(fault: Option<Fault>, only: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let name = DataSourceName::new("faulty").unwrap();
    let component = ConnectorReference::Path(support::guest("faulty"));
    let mut source = SourceConfig::new(name, component)
        .setting("path", "/data")
        .setting("token", TOKEN)
        .setting("wait", SettingValue::from(serde_json::Value::from(WAIT)))
        .grant(FolderGrant::writable(folder.path(), "/data").unwrap());
    if let Some(fault) = fault {
        source = source.setting("fault", fault.name());
    }
    // One check that finds it is enough.
    let mut kit: Kit = support::kit(source).cases(CASES).stop_early();
    for name in only {
        kit = kit.only(*name);
    }
    support::run(kit).await
}

/// The checks where a fault of that theme should show first.
fn first_looked_for(theme: Theme) -> &'static [&'static str] {
    match theme {
        Theme::Filter => &["crud.filter", "crud.error.unknown-extension"],
        Theme::Order => &["crud.order"],
        Theme::Pages => &["crud.pages", "crud.cursor"],
        Theme::Values => &["crud.value"],
        Theme::Writes => &["crud."],
        Theme::Errors => &["crud."],
        Theme::Lifecycle => &["lifecycle."],
        Theme::Upserts => &["upsert.", "concurrency."],
        Theme::Transactions => &["transactions."],
        Theme::Schema => &["schema."],
        Theme::Aggregates => &["aggregates."],
        Theme::ReadModels => &["read-model."],
    }
}

/// The first check that finds a fault: of those about its theme, or else of all.
async fn finder(fault: Fault) -> Option<String> {
    for only in [first_looked_for(fault.theme()), &[]] {
        let report = run(Some(fault), only).await;
        let found = report.failed().next().map(|check| check.name.clone());
        let shown = found.as_deref().unwrap_or("not found");
        println!("{:6.1} s {}: {shown}", report.seconds, fault.name());
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether that check finds a fault.
async fn finds(check: String, fault: Fault) -> bool {
    let report = run(Some(fault), &[check.as_str()]).await;
    report.failed().any(|failed| failed.name == check)
}

/// What comes of each of them, a few at a time.
async fn each<T: Send + 'static, L: Future<Output = T> + Send + 'static>(
    look: impl Fn(Fault) -> L,
) -> BTreeMap<&'static str, T> {
    let mut found = BTreeMap::new();
    let mut running = JoinSet::new();
    let wanted = std::env::var("TENON_FAULTS").ok();
    let is_wanted = |fault: &Fault| {
        let mut names = wanted.iter().flat_map(|names| names.split(','));
        wanted.is_none() || names.any(|name| name == fault.name())
    };
    let mut left = Fault::ALL.iter().copied().filter(is_wanted);
    loop {
        while running.len() < AT_ONCE
            && let Some(fault) = left.next()
        {
            let looking = look(fault);
            running.spawn(async move { (fault, looking.await) });
        }
        let Some(ended) = running.join_next().await else {
            return found;
        };
        let (fault, outcome) = ended.unwrap();
        found.insert(fault.name(), outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fault_nothing_is_found() {
    let report = run(None, &[]).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_found_by_the_check_that_the_table_names() {
    if std::env::var_os("TENON_WRITE_DOCS").is_some() {
        return write_table().await;
    }
    let (_, table, _) = page();
    let rows: BTreeMap<String, String> = rows(&table);
    let named = |fault: Fault| {
        rows.get(fault.name()).cloned().unwrap_or_else(|| {
            panic!(
                "the table in docs/conformance.md has no fault `{}`; TENON_WRITE_DOCS=1 writes it anew",
                fault.name()
            )
        })
    };
    let known = Fault::ALL.len();
    assert_eq!(rows.len(), known, "the table has faults that are no more");
    let found = each(|fault| finds(named(fault), fault)).await;
    let missed = found.into_iter().filter(|(_, found)| !found);
    let missed: Vec<&str> = missed.map(|(fault, _)| fault).collect();
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
    let (before, old, after) = page();
    let mut checks = rows(&old);
    for (fault, found) in each(finder).await {
        checks.remove(fault);
        checks.extend(found.map(|check| (fault.to_owned(), check)));
    }
    let mut table = "| fault | what is wrong | found by |\n| --- | --- | --- |\n".to_owned();
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        match checks.get(fault.name()) {
            Some(check) => writeln!(
                table,
                "| `{}` | {} | `{check}` |",
                fault.name(),
                fault.about().replace('|', "\\|")
            )
            .unwrap(),
            None => missed.push(fault.name()),
        }
    }
    std::fs::write(path(), format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    assert!(missed.is_empty(), "not found by any check: {missed:#?}");
}
