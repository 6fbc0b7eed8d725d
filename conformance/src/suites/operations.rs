//! The operations of `crud` on ordinary data: what each stores, finds, changes, deletes and counts.

use tenon_model::contract::{Key, Value};
use tenon_model::{Entity, Property, PropertyType};
use tenon_runtime::Capability;

use super::Check;
use crate::bench::Bench;
use crate::finding::{Checked, Finding, ensure, must};
use crate::generate::models;
use crate::reference::same;
use crate::show;

pub const CHECKS: &[Check] = &[Check {
    name: "crud.create.found",
    about: "a record that was created is found as it was, by its key alone",
    needs: &[Capability::Crud],
    writes: true,
    run: created_is_found,
}];

fn created_is_found(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(
        models::with(&[("text", PropertyType::Text)])
            .property(Property::new("number", PropertyType::Integer)),
    )?;
    let record = |id: i64, text: &str, number: i64| {
        Entity::new()
            .with("id", Value::Integer(id))
            .with("text", text)
            .with("number", Value::Integer(number))
    };
    let records = [
        record(1, "one", 10),
        record(2, "two", 20),
        record(3, "one", 10),
    ];
    let session = bench.session()?;
    for it in &records {
        must("create", session.create(&model.name, it.as_contract()))?;
    }
    for it in &records {
        let id: Key = vec![it.get("id").cloned().unwrap_or(Value::Null)].into();
        let found = must("find", session.find(&model.name, &id))?.map(Entity::from);
        ensure(found.as_ref().is_some_and(|found| same(found, it)), || {
            Finding::new("a record is not found as it was created").differs(
                show::record(it),
                found.as_ref().map_or("none".to_owned(), show::record),
            )
        })
        .map_err(|stop| stop.after(format!("find {}", show::key(&id))))?;
    }
    let none = must(
        "find",
        session.find(&model.name, &vec![Value::Integer(4)].into()),
    )?;
    ensure(none.is_none(), || {
        Finding::new("a record is found under a key that none has")
    })
}
