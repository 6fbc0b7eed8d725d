//! What several tests do with a file.

#![allow(dead_code, reason = "each test uses some of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableHandle};
use tempfile::TempDir;
use tenon_redb::{CacheSize, Redb, Settings};
use tenon_sdk::testing::read_all;
use tenon_sdk::{Connector, Crud, Entity, Filter, Limits, PropertyType, Query};

/// A file's connection, without models.
pub fn connect(path: &Path) -> Redb {
    let settings = Settings {
        path: path.to_str().unwrap().into(),
        cache_size: Some(CacheSize(1 << 20)),
    };
    let mut redb = Redb::initialize(settings, &Limits::default()).unwrap();
    redb.connect().unwrap();
    redb
}

pub fn open(path: &Path, model: &tenon_model::Model) -> Redb {
    let mut redb = connect(path);
    redb.define(model.to_contract()).unwrap();
    redb
}

/// Airports with the index `state`, the unique one `code`, and a number that counts up.
pub fn airport() -> tenon_model::Model {
    let mut number = tenon_model::Property::new("number", PropertyType::Integer);
    number.generated = tenon_sdk::Generation::WhenMissing;
    tenon_model::Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(tenon_model::Property::new("code", PropertyType::Integer))
        .property(tenon_model::Property::new("state", PropertyType::Text))
        .property(number)
        .index(&["state"], false)
        .index(&["code"], true)
}

pub fn an_airport(iata: &str, code: i64, state: &str) -> Entity {
    Entity::new()
        .with("iata", iata)
        .with("code", code)
        .with("state", state)
}

/// SEA, GEG and PDX, of which two are in WA.
pub fn some_airports() -> Vec<Entity> {
    vec![
        an_airport("SEA", 1, "WA"),
        an_airport("GEG", 2, "WA"),
        an_airport("PDX", 3, "OR"),
    ]
}

pub fn equal(property: &str, value: impl Into<tenon_sdk::Value>) -> Filter {
    tenon_model::Filter::equal(property, value).to_nodes()
}

/// All records of a model, by key.
pub fn all(redb: &mut Redb, model: &str) -> Vec<Entity> {
    let mut answer = redb.all(model, Query::default()).unwrap();
    read_all(&mut answer.rows, 100).unwrap()
}

/// What is committed in a file, table by table.
pub type Dump = BTreeMap<String, Vec<(Vec<u8>, Vec<u8>)>>;

/// Reads a copy of the file, as a kill would leave it at this moment.
pub fn dump(path: &Path) -> Dump {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.redb");
    fs::copy(path, &copy).unwrap();
    let database = Database::open(&copy).unwrap();
    let read = database.begin_read().unwrap();
    let mut dump = Dump::new();
    for table in read.list_tables().unwrap() {
        let name = table.name().to_owned();
        let rows = if name == "counters" {
            let table = read.open_table(TableDefinition::<&str, i64>::new(&name));
            let rows = table.unwrap();
            let rows = rows.iter().unwrap().map(Result::unwrap).map(|(key, next)| {
                (
                    key.value().as_bytes().to_vec(),
                    next.value().to_be_bytes().to_vec(),
                )
            });
            rows.collect()
        } else if name == "catalogue" {
            let table = read.open_table(TableDefinition::<&str, &[u8]>::new(&name));
            let rows = table.unwrap();
            let rows = rows.iter().unwrap().map(Result::unwrap);
            rows.map(|(key, bytes)| (key.value().as_bytes().to_vec(), bytes.value().to_vec()))
                .collect()
        } else if name.starts_with("index/") {
            let table = read.open_table(TableDefinition::<&[u8], u32>::new(&name));
            let rows = table.unwrap();
            let rows = rows.iter().unwrap().map(Result::unwrap);
            rows.map(|(entry, values)| {
                (
                    entry.value().to_vec(),
                    values.value().to_be_bytes().to_vec(),
                )
            })
            .collect()
        } else {
            let table = read.open_table(TableDefinition::<&[u8], &[u8]>::new(&name));
            let rows = table.unwrap();
            let rows = rows.iter().unwrap().map(Result::unwrap);
            rows.map(|(key, bytes)| (key.value().to_vec(), bytes.value().to_vec()))
                .collect()
        };
        dump.insert(name, rows);
    }
    dump
}
