//! The connector natively, as the runtime calls it: a test like any other, with a debugger if need be.

use {{crate}}::{Session, Settings};
use tenon_sdk::{Connector, Crud, Entity, ErrorKind, Limits, Query, Result};

fn session(path: &str) -> Result<Session> {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let mut session = Session::initialize(Settings { path }, &Limits::default())?;
    session.connect()?;
    Ok(session)
}

/// Every record, through the same pages as in WebAssembly.
fn records(session: &mut Session, query: Query) -> Result<Vec<Entity>> {
    let mut rows = session.all("Entry", query)?.rows;
    let mut records = Vec::new();
    while let Some(page) = rows.next_rows(100, &Limits::default())? {
        records.extend(page);
    }
    Ok(records)
}

#[test]
fn every_line_of_the_example_is_a_record() -> Result<()> {
    let records = records(&mut session("data/entries.txt")?, Query::default())?;
    for record in &records {
        println!("{record:?}");
    }
    let names = records.iter().filter_map(|record| record.get("name")?.as_text());
    assert_eq!(names.collect::<Vec<_>>(), ["ada", "alan", "grace"]);
    Ok(())
}

#[test]
fn a_limit_is_kept() -> Result<()> {
    let query = Query { limit: Some(1), offset: 1, ..Query::default() };
    let records = records(&mut session("data/entries.txt")?, query)?;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].get("name").and_then(|name| name.as_text()), Some("alan"));
    Ok(())
}

#[test]
fn a_file_that_is_missing_is_an_error_that_names_it() {
    let error = session("data/nothing.txt").err().expect("no file, no session");
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.to_string().contains("nothing.txt"), "{error}");
}
