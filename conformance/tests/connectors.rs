//! The connectors that come with Tenon do what the contract asks of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says so by failing"
)]

mod support;

use std::path::Path;

use support::backends::Backend;
use tenon_harness::{MariaDb, Postgres, for_test};
use tenon_model::{Model, Property, PropertyType};
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

/// A data source of a connector that only reads.
fn reader(connector: &str) -> SourceConfig {
    let name = DataSourceName::new(connector).unwrap();
    let component = ConnectorReference::Path(support::guest(connector));
    SourceConfig::new(name, component)
}

#[tokio::test(flavor = "multi_thread")]
async fn hello() {
    let names = serde_json::json!(["Ada", "Grace", "ada", "Barbara", "Zoë", "A%", ""]);
    support::passes(reader("hello").setting("names", names)).await;
}

/// Two calendars, in which some events lack what others have.
const CALENDARS: [(&str, &str); 2] = [
    (
        "work",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
         BEGIN:VEVENT\r\nUID:1@example.org\r\nSUMMARY:Talk\r\nLOCATION:Hall 1\r\n\
         DTSTART:20260105T090000Z\r\nDTEND:20260105T103000Z\r\nCATEGORIES:talk,open\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:2@example.org\r\nSUMMARY:talk\r\n\
         DTSTART:20260106T090000Z\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:3@example.org\r\nDTSTART;VALUE=DATE:20260107\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n",
    ),
    (
        "home",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
         BEGIN:VEVENT\r\nUID:4@example.org\r\nSUMMARY:Größe\r\nDESCRIPTION:10% \\, less_\r\n\
         DTSTART;VALUE=DATE:19691231\r\nDTEND;VALUE=DATE:19700101\r\nCATEGORIES:talk\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:5@example.org\r\nSUMMARY:Lunch\r\nDTSTART:20260105T120000Z\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n",
    ),
];

fn icalendar_in(folder: &Path) -> SourceConfig {
    for (name, text) in CALENDARS {
        std::fs::write(folder.join(format!("{name}.ics")), text).unwrap();
    }
    reader("icalendar").grant(FolderGrant::read_only(folder, "/calendars").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn icalendar() {
    let folder = tempfile::tempdir().unwrap();
    support::passes(icalendar_in(folder.path())).await;
}

/// With a model in which not all is declared that the records have.
#[tokio::test(flavor = "multi_thread")]
async fn icalendar_with_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let event = Model::new("Event")
        .key("uid", PropertyType::Text)
        .property(Property::new("summary", PropertyType::Text))
        .property(Property::new("start", PropertyType::Timestamp))
        .property(Property::new("all-day", PropertyType::Boolean))
        .property(Property::new("categories", PropertyType::Json));
    let kit = support::kit(icalendar_in(folder.path())).model(event);
    let report = support::run(kit).await;
    println!("{report}");
    assert!(report.passed(), "{report}");
}
