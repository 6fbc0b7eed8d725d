//! What several tests do with a file.

#![allow(dead_code, reason = "each test uses some of it")]

use std::path::Path;

use tenon_model::RowColumns;
use tenon_sdk::testing::read_all;
use tenon_sdk::{Connector, Crud, Entity, Limits, Model, Native, Query, Schema, Value};
use tenon_sqlite::{CacheSize, Settings, Sqlite};

/// A file's connection, without models.
pub fn connect(path: &Path) -> Sqlite {
    connect_within(path, &Limits::default())
}

pub fn connect_within(path: &Path, limits: &Limits) -> Sqlite {
    let settings = Settings {
        path: path.to_str().unwrap().into(),
        cache_size: Some(CacheSize(1 << 20)),
    };
    let mut sqlite = Sqlite::initialize(settings, limits).unwrap();
    sqlite.connect().unwrap();
    sqlite
}

/// Runs a command without parameters.
pub fn run(sqlite: &mut Sqlite, command: &str) {
    let mut result = sqlite.execute(command, Vec::new()).unwrap();
    while result.next(100, &Limits::default()).unwrap().is_some() {}
}

/// The rows of a command, as values.
pub fn ask(sqlite: &mut Sqlite, command: &str, parameters: Vec<Value>) -> Vec<Vec<Value>> {
    let mut result = sqlite.execute(command, parameters).unwrap();
    let mut columns = RowColumns::new();
    let mut rows = Vec::new();
    while let Some(page) = result.next(100, &Limits::default()).unwrap() {
        rows.extend(columns.rows(page).unwrap());
    }
    rows
}

/// All records of a model.
pub fn all(sqlite: &mut Sqlite, model: &str) -> Vec<Entity> {
    let mut answer = sqlite.all(model, Query::default()).unwrap();
    read_all(&mut answer.rows, 100).unwrap()
}

/// Makes the table of a model.
pub fn make(sqlite: &mut Sqlite, model: &Model) {
    let steps = sqlite.plan(vec![model.clone()]).unwrap();
    sqlite.apply(steps).unwrap();
}
