//! People to try things on.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it, and not each needs all"
)]

use tenon_memory::Memory;
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Connector, Crud, Entity, Filter, Generation, Limits, NoSettings, PropertyType, Query, Value,
};

pub fn connected() -> Memory {
    let mut memory = Memory::initialize(NoSettings {}, &Limits::default()).unwrap();
    memory.connect().unwrap();
    memory
}

/// People with a generated number, a unique e-mail and a city.
pub fn person() -> tenon_model::Model {
    let mut model = tenon_model::Model::new("Person")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("email", PropertyType::Text))
        .property(tenon_model::Property::new("city", PropertyType::Text))
        .index(&["email"], true)
        .index(&["city"], false);
    model.properties[0].generated = Generation::WhenMissing;
    model
}

/// Where people can be kept, and nobody is yet.
pub fn memory() -> Memory {
    let mut memory = connected();
    memory.define(person().to_contract()).unwrap();
    memory
}

/// The same with two people of Ulm, numbers 1 and 2.
pub fn inhabited() -> Memory {
    let mut memory = memory();
    for email in ["a@b", "c@d"] {
        let person = Entity::new().with("email", email).with("city", "Ulm");
        memory.create("Person", person).unwrap();
    }
    memory
}

pub fn people(memory: &mut Memory, filter: Filter) -> Vec<Entity> {
    let query = Query {
        filter,
        ..Query::default()
    };
    read_all(&mut memory.all("Person", query).unwrap().rows, 10).unwrap()
}

/// Everybody's e-mail, by number.
pub fn emails(memory: &mut Memory) -> Vec<Option<Value>> {
    let query = tenon_model::Query::new().ascending("id").to_contract();
    let people = read_all(&mut memory.all("Person", query).unwrap().rows, 10).unwrap();
    people.iter().map(|p| p.get("email").cloned()).collect()
}

pub fn email(text: &str) -> Option<Value> {
    Some(Value::from(text))
}

pub fn city(name: &str) -> Filter {
    tenon_model::Filter::equal("city", name).to_nodes()
}
