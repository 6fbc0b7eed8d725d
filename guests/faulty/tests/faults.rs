//! The list of faults, and the settings.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use std::collections::HashSet;

use tenon_faulty::{Fault, Faulty, Settings};
use tenon_sdk::{Connector, Limits, Need, Slot};

#[test]
fn every_fault_is_switched_on_by_its_name_and_says_what_it_does() {
    let mut names = HashSet::new();
    for fault in Fault::ALL {
        let settings: Settings =
            serde_json::from_value(serde_json::json!({ "fault": fault.name() })).unwrap();
        assert_eq!(settings.fault, Some(*fault));
        assert!(names.insert(fault.name()), "{fault} is there twice");
        let is_kebab = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        assert!(fault.name().chars().all(is_kebab), "{fault}");
        assert!(fault.about().ends_with('.'), "{fault}: {}", fault.about());
        assert!(!fault.theme().name().is_empty());
    }
}

#[test]
fn an_unknown_fault_is_refused_with_those_that_there_are() {
    let error = serde_json::from_str::<Settings>(r#"{"fault": "less-or-equal-is-les"}"#)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("did you mean `less-or-equal-is-less`?"),
        "{error}"
    );
    assert!(error.contains("keys-ignore-case"), "{error}");
    let schema = Slot::<Faulty>::settings_schema();
    for fault in Fault::ALL {
        assert!(schema.contains(&format!("\"{fault}\"")), "{fault}");
    }
}

#[test]
fn the_folder_is_what_is_needed() {
    let needs = |settings: &str| Slot::<Faulty>::needs(settings);
    assert_eq!(needs("{}").unwrap(), [Need::write_folder("/data")]);
    assert_eq!(
        needs(r#"{"path": "/faulty"}"#).unwrap(),
        [Need::write_folder("/faulty")]
    );
    for wrong in [
        r#"{"path": "data"}"#,
        r#"{"path": "/data/"}"#,
        r#"{"folder": "/data"}"#,
        r#"{"wait": -1}"#,
    ] {
        assert!(needs(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_said_so() {
    let settings = Settings {
        path: "/no/such/folder".into(),
        ..Settings::default()
    };
    let mut faulty = Faulty::initialize(settings, &Limits::default()).unwrap();
    let error = faulty.connect().unwrap_err();
    assert_eq!(error.kind, tenon_sdk::ErrorKind::NotFound);
}
