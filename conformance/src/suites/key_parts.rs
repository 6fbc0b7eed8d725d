//! Keys of several parts, and keys that are none.

use tenon_model::contract::{ErrorKind, Key, PropertyType, Value};
use tenon_model::{Entity, Property};

use super::Check;
use super::keys::needs_text_keys;
use super::operations::{crud, some_things, thing, things};
use crate::bench::{Bench, everything};
use crate::expect::{harmless, id, refused};
use crate::finding::{Checked, Finding, ensure, must};
use crate::reference::key_of;
use crate::session::Session;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.key.composite",
        "a key of several parts is compared part by part, in the key's order",
        composite,
    ),
    crud(
        "crud.key.order-of-parts",
        "the order of a key's parts is the key's, and not that of the properties",
        order_of_parts,
    ),
    crud(
        "crud.key.number-of-parts",
        "a key with too few or too many parts is `invalid`",
        number_of_parts,
    ),
    crud(
        "crud.key.null",
        "a record whose key is null or missing is refused, or gets a key",
        null_keys,
    ),
    crud(
        "crud.key.stays",
        "no change gives a record another key",
        key_stays,
    ),
];

/// A model with a key of two parts, after those kinds.
fn paired(one: PropertyType, other: PropertyType) -> tenon_model::Model {
    tenon_model::Model::new("Paired")
        .key("one", one)
        .key("two", other)
        .property(Property::new("n", PropertyType::Integer))
}

fn paired_record(one: &Value, two: &Value, number: i64) -> Entity {
    Entity::new()
        .with("one", one.clone())
        .with("two", two.clone())
        .with("n", number)
}

fn composite(bench: &mut Bench<'_>) -> Checked {
    let numbers: Vec<Value> = [0, 1, 2, 10, 11, -1].map(Value::Integer).to_vec();
    let texts: Vec<Value> = ["a", "ab", "b", "ba", "1", "c"].map(Value::from).to_vec();
    let mut cases = vec![(
        PropertyType::Integer,
        PropertyType::Integer,
        &numbers,
        &numbers,
    )];
    if needs_text_keys(bench).is_ok() {
        cases.push((PropertyType::Text, PropertyType::Text, &texts, &texts));
        cases.push((PropertyType::Integer, PropertyType::Text, &numbers, &texts));
        cases.push((PropertyType::Text, PropertyType::Integer, &texts, &numbers));
    }
    for (one, other, ones, others) in cases {
        let mut twin = Twin::new(bench, paired(one, other))?;
        let session = bench.session()?;
        let every = ones.iter().flat_map(|a| others.iter().map(move |b| (a, b)));
        // Some are left out, to be asked for.
        for (number, (a, b)) in (0..).zip(every.clone()) {
            if number % 4 != 3 {
                twin.create(session, paired_record(a, b, number))?;
            }
        }
        twin.verify(session)?;
        for (number, (a, b)) in (0..).zip(every) {
            let key: Key = vec![a.clone(), b.clone()];
            match number % 4 {
                0 => {
                    twin.destroy(session, &key)?;
                    twin.verify_absent(session, &key)?;
                }
                1 => {
                    let change = Entity::new().with("n", 100 + number);
                    twin.update_attributes(session, &key, change)?;
                }
                2 => twin.create(session, paired_record(a, b, 200))?,
                _ => {
                    twin.verify_absent(session, &key)?;
                    twin.save(session, paired_record(a, b, 300))?;
                }
            }
        }
        twin.verify(session)?;
    }
    Ok(())
}

fn order_of_parts(bench: &mut Bench<'_>) -> Checked {
    // The properties stand the other way round.
    let mut draft = paired(PropertyType::Integer, PropertyType::Integer);
    for property in &mut draft.properties {
        property.key = match property.key {
            Some(1) => Some(2),
            Some(_) => Some(1),
            None => None,
        };
    }
    let mut twin = Twin::new(bench, draft)?;
    let session = bench.session()?;
    let record = |one: i64, two: i64| {
        paired_record(&Value::Integer(one), &Value::Integer(two), 10 * one + two)
    };
    for (one, two) in [(1, 2), (3, 4), (2, 1), (5, 6)] {
        twin.create(session, record(one, two))?;
    }
    twin.verify(session)?;
    let key = |first: i64, second: i64| -> Key { vec![first.into(), second.into()] };
    // `two` comes first in the key.
    twin.verify_absent(session, &key(3, 4))?;
    twin.destroy(session, &key(5, 6))?;
    twin.destroy(session, &key(4, 3))?;
    twin.update_attributes(session, &key(2, 1), Entity::new().with("n", 0))?;
    twin.verify(session)
}

fn number_of_parts(bench: &mut Bench<'_>) -> Checked {
    let pairs = paired(PropertyType::Integer, PropertyType::Integer);
    let record = |one: i64, two: i64| {
        paired_record(&Value::Integer(one), &Value::Integer(two), 10 * one + two)
    };
    let mut twin = Twin::holding(bench, pairs, vec![record(1, 2), record(1, 3), record(2, 2)])?;
    let session = bench.session()?;
    for parts in [vec![], vec![1], vec![1, 2, 3], vec![1, 2, 2, 2]] {
        refuses_key(
            &mut twin,
            session,
            parts.into_iter().map(Value::Integer).collect(),
        )?;
    }
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for parts in [vec![], vec![1, 2], vec![1, 1]] {
        refuses_key(
            &mut twin,
            session,
            parts.into_iter().map(Value::Integer).collect(),
        )?;
    }
    Ok(())
}

fn refuses_key(twin: &mut Twin, session: &mut Session<'_>, key: Key) -> Checked {
    let name = twin.name();
    let change = Entity::new().with("n", 7);
    let change = if twin.model().properties.iter().any(|it| it.name == "n") {
        change
    } else {
        Entity::new().with("number", 7)
    };
    let parts = key.len();
    let called = [
        ("find", session.find(&name, &key).map(drop)),
        ("exists", session.exists(&name, &key).map(drop)),
        ("destroy", session.destroy(&name, &key).map(drop)),
        (
            "update-attributes",
            session
                .update_attributes(&name, &key, change.as_contract())
                .map(drop),
        ),
    ];
    for (function, called) in called {
        let checked = match called {
            Ok(()) => Err(Finding::new(format!(
                "`{function}` takes a key with a wrong number of parts"
            ))
            .differs("the error `invalid`", "no error")
            .into()),
            Err(failure) => refused(
                function,
                &failure,
                &[ErrorKind::Invalid, ErrorKind::Unsupported],
            ),
        };
        checked.map_err(|stop| {
            twin.tell(stop.after(format!("{function} of a key of {parts} parts")))
        })?;
    }
    twin.verify(session)
}

/// Deletes the record that was stored without a key, by the key that the backend has given it.
fn remove_made(twin: &Twin, session: &mut Session<'_>) -> Checked {
    let model = twin.model();
    for stored in everything(session, &model.name)? {
        let key = key_of(model, &stored);
        ensure(!key.iter().any(Value::is_null), || {
            Finding::new("a record has null for its key, or a part of it").differs(
                "an error, or a key that the backend makes",
                crate::show::record(&stored),
            )
        })?;
        if twin.record(&key).is_none() {
            must("destroy", session.destroy(&model.name, &key))?;
        }
    }
    Ok(())
}

fn null_keys(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    // The runtime refuses such a record. A key that the backend makes for it does no harm, and null for one does.
    let refused_record = |twin: &mut Twin, session: &mut Session<'_>, record: Entity| -> Checked {
        let checked = match session.create(&twin.name(), record.as_contract()) {
            Ok(_) => remove_made(twin, session),
            Err(failure) => harmless("create", &failure),
        };
        let step = format!("create {}", crate::show::record(&record));
        checked.map_err(|stop| twin.tell(stop.after(step)))?;
        twin.verify(session)
    };
    let mut without = thing(9, "new", 9);
    without.remove("id");
    refused_record(&mut twin, session, without)?;
    refused_record(
        &mut twin,
        session,
        thing(9, "new", 9).with("id", Value::Null),
    )?;
    let pairs = paired(PropertyType::Integer, PropertyType::Integer);
    let whole = paired_record(&Value::Integer(1), &Value::Integer(2), 12);
    let mut twin = Twin::holding(bench, pairs, vec![whole])?;
    let session = bench.session()?;
    let part = paired_record(&Value::Integer(1), &Value::Null, 1);
    refused_record(&mut twin, session, part)?;
    let part = paired_record(&Value::Null, &Value::Integer(1), 1);
    refused_record(&mut twin, session, part)
}

fn key_stays(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let name = twin.name();
    let only = tenon_model::Filter::equal("id", 1).to_nodes();
    let none = tenon_model::Filter::equal("id", 77).to_nodes();
    // The runtime sends no key among changes; one that came would be refused, or left alone.
    for (key, step) in [(9, "another key"), (2, "another record's key")] {
        let change = Entity::new().with("id", key);
        let calls = [
            session
                .update_attributes(&name, &id(1), change.as_contract())
                .map(drop),
            session.update(&name, &only, change.as_contract()).map(drop),
            session.update(&name, &none, change.as_contract()).map(drop),
        ];
        twin.step(format!("update-attributes, and update, with {step}"));
        for called in calls {
            if let Err(failure) = called {
                let kinds = [
                    ErrorKind::Invalid,
                    ErrorKind::Unsupported,
                    ErrorKind::Constraint,
                    ErrorKind::Duplicate,
                ];
                refused("update", &failure, &kinds).map_err(|stop| twin.tell(stop))?;
            }
        }
        twin.verify(session)?;
    }
    twin.verify_absent(session, &id(9))
}
