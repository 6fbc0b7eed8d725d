//! The connectors that come with Tenon do what the contract asks of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says so by failing"
)]

mod support;

use support::backends::Backend;
use tenon_harness::{MariaDb, Postgres, for_test};
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{ConnectorReference, DataSourceName, Limits};

async fn check(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    support::passes(backend.source(folder.path(), Limits::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory() {
    check(Backend::Memory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redb() {
    check(Backend::Redb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    if support::guest_with_c("sqlite").is_some() {
        check(Backend::Sqlite).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres() {
    let server = for_test(Postgres::shared()).expect("PostgreSQL starts");
    if let (Some(server), Some(_)) = (server, support::guest_with_c("postgres")) {
        check(Backend::Postgres(server)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql() {
    let server = for_test(MariaDb::shared()).expect("MariaDB starts");
    if let (Some(server), Some(_)) = (server, support::guest_with_c("mysql")) {
        check(Backend::MySql(server)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_files() {
    let folder = tempfile::tempdir().unwrap();
    let grant = FolderGrant::writable(folder.path(), "/data").unwrap();
    let component = ConnectorReference::Path(support::guest("json-files"));
    let source = SourceConfig::new(DataSourceName::new("files").unwrap(), component)
        .setting("path", "/data")
        .grant(grant);
    support::passes(source).await;
}
