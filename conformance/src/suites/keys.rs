//! Keys: records are found by the whole key, and no two keys that differ are taken for the same.

use tenon_model::contract::{ErrorKind, Key, PropertyType, Value};
use tenon_model::{Entity, Property};

use super::Check;
use super::operations::{crud, some_things, thing, things};
use crate::bench::{Bench, everything};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::values;
use crate::reference::key_of;
use crate::session::Session;
use crate::twin::{Twin, harmless, id, refused};

pub const CHECKS: &[Check] = &[
    crud(
        "crud.key.kinds",
        "records are found, changed and deleted by keys of each kind",
        kinds,
    ),
    crud(
        "crud.key.texts",
        "keys of text are told apart character by character",
        texts,
    ),
    crud(
        "crud.key.long-texts",
        "long keys are told apart by their last character",
        long_texts,
    ),
    crud(
        "crud.key.integers",
        "whole numbers of any size and sign are keys",
        integers,
    ),
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

/// A model with a key of that kind.
fn keyed(kind: PropertyType) -> tenon_model::Model {
    tenon_model::Model::new("Keyed")
        .key("id", kind)
        .property(Property::new("n", PropertyType::Integer))
}

fn keyed_record(key: &Value, number: i64) -> Entity {
    Entity::new().with("id", key.clone()).with("n", number)
}

/// Stores a record for each key that isn't refused, looks for each, and changes and deletes some.
fn all_apart(bench: &mut Bench<'_>, kind: PropertyType, keys: Vec<(Value, bool)>) -> Checked {
    let mut twin = Twin::new(bench, keyed(kind))?;
    let session = bench.session()?;
    let mut taken: Vec<Value> = Vec::new();
    for (number, (key, must_be)) in (0..).zip(keys) {
        if taken.iter().any(|other| tenon_model::equal(other, &key)) {
            continue;
        }
        if must_be || is_taken(&mut twin, session, keyed_record(&key, number))? {
            if must_be {
                twin.create(session, keyed_record(&key, number))?;
            }
            taken.push(key);
        }
    }
    twin.verify(session)?;
    for (number, key) in (0..).zip(&taken) {
        match number % 3 {
            0 => {
                let change = Entity::new().with("n", 1_000 + number);
                twin.update_attributes(session, &vec![key.clone()], change)?;
            }
            1 => {
                twin.destroy(session, &vec![key.clone()])?;
                twin.verify_absent(session, &vec![key.clone()])?;
            }
            _ => twin.save(session, keyed_record(key, 2_000 + number))?,
        }
    }
    twin.verify(session)?;
    // Each is taken by itself alone.
    for (number, key) in (0..).zip(&taken) {
        twin.create(session, keyed_record(key, 3_000 + number))?;
    }
    twin.verify(session)?;
    // And where it has gone, no other is in its place.
    for (number, key) in (0..).zip(&taken) {
        let id: Key = vec![key.clone()];
        twin.destroy(session, &id)?;
        twin.destroy(session, &id)?;
        twin.verify_absent(session, &id)?;
        twin.update_attributes(session, &id, Entity::new().with("n", number))?;
        twin.save(session, keyed_record(key, number))?;
        twin.create(session, keyed_record(key, 4_000 + number))?;
    }
    twin.verify(session)
}

/// Tries a record that may be refused, for its key.
fn is_taken(twin: &mut Twin, session: &mut Session<'_>, record: Entity) -> Checked<bool> {
    match session.create(&twin.name(), record.as_contract()) {
        Err(failure) => {
            harmless("create", &failure).map_err(|stop| twin.tell(stop))?;
            // That it would be another record's key is no reason.
            ensure(failure.kind() != Some(ErrorKind::Duplicate), || {
                Finding::new("a key is taken for another one that is not equal to it")
                    .differs("no error", &failure)
                    .after(format!("create {}", crate::show::record(&record)))
            })
            .map_err(|stop| twin.tell(stop))?;
            Ok(false)
        }
        Ok(_) => {
            twin.stored(record);
            Ok(true)
        }
    }
}

fn kinds(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    for kind in &facts.key_kinds {
        let all = values::plain(*kind).into_iter();
        let all = all.map(|value| (facts.stored(&value), true));
        let odd = values::odd(*kind).into_iter();
        let odd = odd
            .filter(values::is_short)
            .map(|value| (facts.stored(&value), false));
        all_apart(bench, *kind, all.chain(odd).collect())?;
    }
    Ok(())
}

fn needs_text_keys(bench: &Bench<'_>) -> Checked {
    if bench.facts().key_kinds.contains(&PropertyType::Text) {
        return Ok(());
    }
    Err(Stop::skipped("it has no keys of kind `text`"))
}

fn texts(bench: &mut Bench<'_>) -> Checked {
    needs_text_keys(bench)?;
    let odd = [
        "",
        " ",
        "  ",
        "a ",
        " a",
        "a  ",
        "a\t",
        "01",
        "1 ",
        "1.0",
        "+1",
        "１",
        "e\u{301}",
        "é",
        "E",
        "É",
        "ß",
        "ss",
        "SS",
        "ẞ",
        "İ",
        "i",
        "ı",
        "I",
        "i\u{307}",
        "%",
        "_",
        "a%",
        "\\",
        "\\\\",
        "'",
        "''",
        "\"",
        "`",
        "\u{0}",
        "\u{1}",
        "a\u{0}",
        "a\u{0}b",
        "\u{7f}",
        "\u{ffff}",
        "😀",
        "😁",
        "\u{10ffff}",
        "null",
        "NULL",
        "æ",
        "ae",
        "ﬁ",
        "fi",
        "Å",
        "A\u{30a}",
        "\u{200b}",
        "\u{ad}",
        "a\u{200b}",
        "a/b",
        "a,b",
        "[\"a\"]",
        "..",
    ];
    let plain = ["a", "A", "ab", "b", "ä", "Ä", "a b", "1", "10", "中文"];
    let keys = plain.into_iter().map(|text| (Value::from(text), true));
    let odd = odd.into_iter().map(|text| (Value::from(text), false));
    all_apart(bench, PropertyType::Text, keys.chain(odd).collect())
}

fn long_texts(bench: &mut Bench<'_>) -> Checked {
    needs_text_keys(bench)?;
    let mut keys = Vec::new();
    for length in [50, 199, 250, 1_000, 3_000] {
        for last in ["a", "b", "A", " ", "ä"] {
            keys.push((
                Value::from(format!("{}{last}", "x".repeat(length))),
                length < 200,
            ));
            keys.push((Value::from(format!("{}{last}", "é".repeat(length))), false));
        }
    }
    all_apart(bench, PropertyType::Text, keys)
}

fn integers(bench: &mut Bench<'_>) -> Checked {
    let plain = [
        0,
        1,
        -1,
        2,
        10,
        -10,
        255,
        256,
        -256,
        65_536,
        i64::from(i32::MAX),
    ];
    let odd = [
        i64::from(i32::MAX) + 1,
        i64::from(i32::MIN),
        i64::from(i32::MIN) - 1,
        i64::from(u32::MAX),
        i64::from(u32::MAX) + 1,
        (1 << 53) - 1,
        1 << 53,
        (1 << 53) + 1,
        -(1 << 53),
        -(1 << 53) - 1,
        i64::MAX - 1,
        i64::MAX,
        i64::MIN + 1,
        i64::MIN,
    ];
    let plain = plain
        .into_iter()
        .map(|number| (Value::Integer(number), true));
    let odd = odd
        .into_iter()
        .map(|number| (Value::Integer(number), false));
    all_apart(bench, PropertyType::Integer, plain.chain(odd).collect())
}

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
