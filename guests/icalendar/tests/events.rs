//! The connector natively, on the example's files.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use tenon_icalendar::{ICalendar, Settings};
use tenon_model::{Model, Property, PropertyType};
use tenon_sdk::{Connector, Crud, Entity, ErrorKind, Limits, Query, Result, Value};

const CALENDARS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../examples/calendar/calendars"
);

fn connector(folder: &str, skip_broken: bool) -> ICalendar {
    let folder = folder.to_owned();
    let settings = Settings {
        folder,
        skip_broken,
    };
    ICalendar::initialize(settings, &Limits::default()).unwrap()
}

/// Every record, through the same pages as in WebAssembly.
fn events(connector: &mut ICalendar) -> Result<Vec<Entity>> {
    let mut rows = connector.all("Event", Query::default())?.rows;
    let mut events = Vec::new();
    while let Some(page) = rows.next_rows(100, &Limits::default())? {
        events.extend(page);
    }
    Ok(events)
}

#[test]
fn the_events_of_every_file_are_records() {
    let events = events(&mut connector(CALENDARS, false)).unwrap();
    let summaries = events
        .iter()
        .filter_map(|event| event.get("summary")?.as_text());
    assert_eq!(
        summaries.collect::<Vec<_>>(),
        [
            "Earth Day",
            "World Ocean Day",
            "Planning",
            "Retrospective, and cake"
        ]
    );
}

#[test]
fn a_broken_file_is_told_or_left_out() {
    let folder = std::env::temp_dir().join(format!("tenon-icalendar-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(format!("{CALENDARS}/days.ics"), folder.join("days.ics")).unwrap();
    std::fs::write(
        folder.join("cut.ics"),
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
    )
    .unwrap();
    let path = folder.to_str().unwrap();
    let error = events(&mut connector(path, false)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Backend);
    assert!(
        error.to_string().contains("cut.ics: VEVENT has no end"),
        "{error}"
    );
    assert_eq!(events(&mut connector(path, true)).unwrap().len(), 2);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_folder_that_is_missing_is_an_error_that_names_it() {
    let error = connector("/no/such/folder", false).connect().unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.to_string().contains("/no/such/folder"), "{error}");
}

#[test]
fn a_model_has_no_other_properties_than_an_event() {
    let model = |name: &str, kind| {
        Model::new("Event")
            .property(Property::new(name, kind))
            .to_contract()
    };
    let mut connector = connector(CALENDARS, false);
    connector
        .define(model("start", PropertyType::Timestamp))
        .unwrap();
    let error = connector
        .define(model("starts", PropertyType::Timestamp))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.to_string().contains("`starts`"), "{error}");
    let error = connector
        .define(model("start", PropertyType::Text))
        .unwrap_err();
    assert!(error.to_string().contains("timestamp"), "{error}");
}

#[test]
fn times_are_in_utc_and_dates_are_whole_days() {
    let events = events(&mut connector(CALENDARS, false)).unwrap();
    let planning = events
        .iter()
        .find(|event| event.get("summary") == Some(&Value::from("Planning")))
        .unwrap();
    // 2026-01-12T09:00:00Z
    assert_eq!(
        planning.get("start"),
        Some(&Value::Timestamp(1_768_208_400_000_000))
    );
    assert_eq!(planning.get("all-day"), Some(&Value::Boolean(false)));
    assert_eq!(events[0].get("all-day"), Some(&Value::Boolean(true)));
}
