//! Keys: records are found by the whole key, and no two keys that differ are taken for the same.

use tenon_model::contract::{ErrorKind, Key, PropertyType, Value};
use tenon_model::{Entity, Property};

use super::Check;
use super::operations::crud;
use crate::bench::Bench;
use crate::expect::harmless;
use crate::finding::{Checked, Finding, Stop, ensure};
use crate::generate::values;
use crate::session::Session;
use crate::twin::Twin;

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

pub fn needs_text_keys(bench: &Bench<'_>) -> Checked {
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
