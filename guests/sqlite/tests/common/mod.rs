//! What several tests do with a file.

#![allow(dead_code, reason = "each test uses some of it")]

use std::path::Path;

use tenon_sdk::testing::read_all;
use tenon_sdk::{Connector, Crud, Entity, Limits, Model, Native, Query, Value};
use tenon_sql::{Dialect, SchemaDialect, dialects};
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
    read_all(&mut result.rows, 100)
        .unwrap()
        .into_iter()
        .map(|row| row.into_iter().map(|(_, value)| value).collect())
        .collect()
}

/// All records of a model.
pub fn all(sqlite: &mut Sqlite, model: &str) -> Vec<Entity> {
    let mut answer = sqlite.all(model, Query::default()).unwrap();
    read_all(&mut answer.rows, 100).unwrap()
}

/// Makes the table of a model.
pub fn make(sqlite: &mut Sqlite, model: &Model) {
    let dialect = dialects::Sqlite;
    let mut key: Vec<_> = model
        .properties
        .iter()
        .filter(|p| p.key.is_some())
        .collect();
    key.sort_by_key(|property| property.key);
    let quoted = |name: &str| {
        let mut out = String::new();
        dialect.quote(name, &mut out);
        out
    };
    let mut parts: Vec<String> = model
        .properties
        .iter()
        .map(|property| {
            let native = dialect.native_type(property).unwrap();
            let collation = if native.starts_with("DECIMAL") {
                " COLLATE TENON_DECIMAL"
            } else {
                ""
            };
            format!("{} {native}{collation}", quoted(&property.name))
        })
        .collect();
    let key: Vec<String> = key.iter().map(|property| quoted(&property.name)).collect();
    parts.push(format!("PRIMARY KEY ({})", key.join(", ")));
    run(
        sqlite,
        &format!(
            "CREATE TABLE {} ({})",
            quoted(&model.name),
            parts.join(", ")
        ),
    );
    for index in &model.indexes {
        let columns: Vec<String> = index
            .properties
            .iter()
            .map(|sort| {
                format!(
                    "{}{}",
                    quoted(&sort.property),
                    if sort.descending { " DESC" } else { "" }
                )
            })
            .collect();
        let unique = if index.unique { "UNIQUE " } else { "" };
        run(
            sqlite,
            &format!(
                "CREATE {unique}INDEX {} ON {} ({})",
                quoted(&index.name),
                quoted(&model.name),
                columns.join(", ")
            ),
        );
    }
}
