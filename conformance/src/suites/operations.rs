//! The operations of `crud` on ordinary data: what each stores, finds and deletes.

use tenon_model::Entity;
use tenon_model::contract::{Key, PropertyType, Value};
use tenon_runtime::Capability;

use super::Check;
use crate::bench::Bench;
use crate::expect::id;
use crate::finding::{Checked, Stop};
use crate::generate::models;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.create.found",
        "a record that was created is found as it was, by its key alone",
        created_is_found,
    ),
    crud(
        "crud.create.taken-key",
        "a key that is taken is `duplicate`, and the record that has it stays as it is",
        taken_key,
    ),
    crud(
        "crud.create.after-destroy",
        "a key is free again once its record is deleted",
        free_again,
    ),
    crud(
        "crud.create.returned",
        "what a write returns is what is stored then",
        returned_is_stored,
    ),
    crud(
        "crud.find.deleted",
        "a record that was deleted is found no more, and one that was made again is",
        deleted_is_not_found,
    ),
    crud(
        "crud.find.changed",
        "a record that was found before is found as it is after each change",
        changed_is_found,
    ),
    crud(
        "crud.destroy.once",
        "`destroy` says true for a record that is there, and false once it has gone",
        destroyed_once,
    ),
    crud(
        "crud.destroy.only-that-one",
        "`destroy` deletes the record of that key, and none with one that is like it",
        destroys_only_that,
    ),
    crud(
        "crud.count.all",
        "`count` with an empty filter counts every record, those with nulls too",
        counts_all,
    ),
];

/// A check of `crud` that writes.
pub const fn crud(
    name: &'static str,
    about: &'static str,
    run: fn(&mut Bench<'_>) -> Checked,
) -> Check {
    Check {
        name,
        about,
        needs: &[Capability::Crud],
        writes: true,
        run,
    }
}

/// A model of things, which have a text and a number.
pub fn things() -> tenon_model::Model {
    models::with(&[
        ("text", PropertyType::Text),
        ("number", PropertyType::Integer),
    ])
}

/// A thing.
pub fn thing(id: i64, text: &str, number: i64) -> Entity {
    Entity::new()
        .with("id", id)
        .with("text", text)
        .with("number", number)
}

/// Goes on where numbers and texts can be kept apart by a unique index.
pub fn needs_indexes(bench: &Bench<'_>) -> Checked {
    let kinds = &bench.facts().index_kinds;
    if kinds.contains(&PropertyType::Integer) && kinds.contains(&PropertyType::Text) {
        return Ok(());
    }
    Err(Stop::skipped("it has no unique indexes"))
}

/// A thing of which nothing is known.
pub fn bare_thing(id: i64) -> Entity {
    Entity::new()
        .with("id", id)
        .with("text", Value::Null)
        .with("number", Value::Null)
}

/// Some things.
pub fn some_things() -> Vec<Entity> {
    vec![
        thing(1, "one", 10),
        thing(2, "two", 20),
        thing(3, "one", 10),
        bare_thing(4),
        thing(5, "", -5),
    ]
}

fn created_is_found(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::new(bench, things())?;
    let session = bench.session()?;
    for record in some_things() {
        twin.verify_absent(
            session,
            &vec![record.get("id").cloned().unwrap_or_default()],
        )?;
        twin.create(session, record)?;
        twin.verify(session)?;
    }
    for other in [0, -1, 6, 12, i64::from(i32::MAX)] {
        twin.verify_absent(session, &id(other))?;
    }
    Ok(())
}

fn taken_key(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    // Another record, the same one, and one of nulls.
    for record in [thing(2, "other", 99), thing(1, "one", 10), bare_thing(3)] {
        twin.create(session, record)?;
        twin.verify(session)?;
    }
    twin.create(session, thing(6, "after", 6))?;
    twin.verify(session)
}

fn free_again(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for round in 0..3 {
        twin.destroy(session, &id(2))?;
        twin.verify_absent(session, &id(2))?;
        let again = if round == 1 {
            bare_thing(2)
        } else {
            thing(2, "again", 20 + round)
        };
        twin.create(session, again)?;
        twin.verify(session)?;
    }
    Ok(())
}

fn returned_is_stored(bench: &mut Bench<'_>) -> Checked {
    // The twin looks at what each write returns.
    let mut twin = Twin::new(bench, things())?;
    let session = bench.session()?;
    twin.create(session, thing(1, "one", 10))?;
    twin.create(session, bare_thing(2))?;
    twin.update_attributes(session, &id(1), Entity::new().with("text", "changed"))?;
    twin.update_attributes(session, &id(1), Entity::new().with("number", Value::Null))?;
    twin.update_attributes(session, &id(2), Entity::new().with("number", 7))?;
    twin.save(session, thing(2, "saved", 8))?;
    twin.save(session, bare_thing(1))?;
    twin.verify(session)
}

fn deleted_is_not_found(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    // Looked at before, so that what is remembered of it is seen.
    twin.verify(session)?;
    for gone in [1, 4, 5] {
        twin.destroy(session, &id(gone))?;
        twin.verify_absent(session, &id(gone))?;
        twin.verify(session)?;
    }
    twin.create(session, thing(4, "again", 4))?;
    twin.verify_absent(session, &id(1))?;
    twin.verify(session)
}

fn changed_is_found(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    twin.verify(session)?;
    twin.save(session, thing(2, "saved", 21))?;
    twin.verify(session)?;
    twin.update_attributes(session, &id(2), Entity::new().with("number", 22))?;
    twin.verify(session)?;
    let filter = tenon_model::Filter::equal("text", "one").to_nodes();
    twin.update(session, &filter, Entity::new().with("number", 23))?;
    twin.verify(session)?;
    twin.destroy_all(session, &filter)?;
    twin.verify_absent(session, &id(1))?;
    twin.verify_absent(session, &id(3))?;
    twin.verify(session)
}

fn destroyed_once(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    twin.destroy(session, &id(9))?;
    twin.verify(session)?;
    for gone in [3, 3, 3, 1, 1] {
        twin.destroy(session, &id(gone))?;
        twin.verify(session)?;
    }
    for gone in 1..=5 {
        twin.destroy(session, &id(gone))?;
    }
    twin.verify(session)?;
    twin.destroy(session, &id(1))
}

fn destroys_only_that(bench: &mut Bench<'_>) -> Checked {
    if bench.facts().key_kinds.contains(&PropertyType::Text) {
        let named = tenon_model::Model::new("Named")
            .key("name", PropertyType::Text)
            .property(tenon_model::Property::new("n", PropertyType::Integer));
        let names = ["a", "ab", "abc", "b", "A", "Ab", "ba"];
        let record = |(place, name): (i64, &str)| Entity::new().with("name", name).with("n", place);
        let records = (0..).zip(names).map(record).collect();
        let mut twin = Twin::holding(bench, named, records)?;
        let session = bench.session()?;
        for name in ["a", "%", "A", "abc", "a_", ""] {
            twin.destroy(session, &id(name))?;
            twin.verify(session)?;
        }
    }
    let paired = tenon_model::Model::new("Paired")
        .key("one", PropertyType::Integer)
        .key("two", PropertyType::Integer)
        .property(tenon_model::Property::new("n", PropertyType::Integer));
    let pairs = [(1, 1), (1, 2), (2, 1), (2, 2), (1, 11), (11, 1)];
    let record = |(one, two): (i64, i64)| {
        Entity::new()
            .with("one", one)
            .with("two", two)
            .with("n", 10 * one + two)
    };
    let mut twin = Twin::holding(bench, paired, pairs.into_iter().map(record).collect())?;
    let session = bench.session()?;
    for (one, two) in [(1, 2), (2, 2), (11, 11), (11, 1)] {
        let key: Key = vec![Value::Integer(one), Value::Integer(two)];
        twin.destroy(session, &key)?;
        twin.verify(session)?;
    }
    Ok(())
}

fn counts_all(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::new(bench, things())?;
    let session = bench.session()?;
    let every = Vec::new();
    twin.count(session, &every)?;
    for record in some_things() {
        twin.create(session, record)?;
        twin.count(session, &every)?;
    }
    let no_text = tenon_model::Filter::equal("text", Value::Null).to_nodes();
    twin.count(session, &no_text)?;
    let none = tenon_model::Filter::equal("text", "nobody").to_nodes();
    twin.count(session, &none)?;
    twin.destroy(session, &id(4))?;
    twin.count(session, &every)?;
    twin.count(session, &no_text)?;
    twin.destroy(session, &id(4))?;
    twin.count(session, &every)
}
