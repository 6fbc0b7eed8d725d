//! A folder, and sessions on it.

#![allow(dead_code, reason = "every test file is a program of its own")]

use std::path::Path;

use tenon_json_files::{JsonFiles, Settings};
use tenon_sdk::{Connector, Limits, Result};

pub fn settings(folder: &Path) -> Settings {
    Settings {
        path: folder.to_str().unwrap().into(),
        stale_after: None,
    }
}

pub fn with(settings: Settings, limits: &Limits) -> Result<JsonFiles> {
    let mut session = JsonFiles::initialize(settings, limits)?;
    session.connect()?;
    Ok(session)
}

pub fn connect(folder: &Path) -> JsonFiles {
    with(settings(folder), &Limits::default()).unwrap()
}

/// The names of the files in a folder.
pub fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
