//! What several tests do with a folder.

#![allow(dead_code, reason = "each test uses some of it")]

use std::path::Path;

use tempfile::TempDir;
use tenon_faulty::{Fault, Faulty, Settings};
use tenon_sdk::{Connector, Crud, Entity, Filter, Limits, PropertyType, Query};

/// A session over a folder, without models, that soon gives up waiting for others.
pub fn session(folder: &Path, fault: Option<Fault>) -> Faulty {
    session_that_waits(folder, fault, 50)
}

/// As [`session`], for several that write at the same time.
pub fn patient(folder: &Path, fault: Option<Fault>) -> Faulty {
    session_that_waits(folder, fault, 60_000)
}

fn session_that_waits(folder: &Path, fault: Option<Fault>, wait: u64) -> Faulty {
    let settings = Settings {
        path: folder.to_str().unwrap().into(),
        fault,
        wait,
        ..Settings::default()
    };
    let mut session = Faulty::initialize(settings, &Limits::default()).unwrap();
    session.connect().unwrap();
    session
}

/// A session over a new folder, and the folder, which is gone with it.
pub fn alone(fault: Option<Fault>) -> (Faulty, TempDir) {
    let folder = TempDir::new().unwrap();
    (session(folder.path(), fault), folder)
}

/// People with a generated key, a unique address, and a city.
pub fn person() -> tenon_model::Model {
    let mut model = tenon_model::Model::new("Person")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("email", PropertyType::Text))
        .property(tenon_model::Property::new("city", PropertyType::Text))
        .index(&["email"], true);
    model.properties[0].generated = tenon_sdk::Generation::WhenMissing;
    model
}

/// Two sessions over one folder that know people.
pub fn two(fault: Option<Fault>) -> (Faulty, Faulty, TempDir) {
    let (mut one, folder) = alone(fault);
    let mut other = session(folder.path(), fault);
    one.define(person().to_contract()).unwrap();
    other.define(person().to_contract()).unwrap();
    (one, other, folder)
}

pub fn someone(email: &str, city: &str) -> Entity {
    Entity::new().with("email", email).with("city", city)
}

pub fn city(city: &str) -> Filter {
    tenon_model::Filter::equal("city", city).to_nodes()
}

pub fn rows(session: &mut Faulty, query: Query) -> Vec<Entity> {
    let mut answer = session.all("Person", query).unwrap();
    tenon_sdk::testing::read_all(&mut answer.rows, 2).unwrap()
}
