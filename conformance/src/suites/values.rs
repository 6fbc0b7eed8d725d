//! Values: each comes back as it was written, by every way in and every way out, or was refused.

use tenon_model::contract::{PropertyType, Query, Value};
use tenon_model::{Entity, Filter, Property};
use tenon_runtime::direct::Failure;

use super::Check;
use super::operations::crud;
use crate::bench::{Bench, everything};
use crate::facts::Facts;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::{models, values, wild};
use crate::property::hold;
use crate::reference::same_value;
use crate::session::Session;
use crate::show;
use crate::twin::{harmless, id, is_as_stored, supported};

/// The check of one kind.
macro_rules! kept {
    ($name:literal, $about:literal, $kind:ident) => {
        crud($name, $about, |bench| kept(bench, PropertyType::$kind))
    };
}

pub const CHECKS: &[Check] = &[
    kept!(
        "crud.value.text",
        "texts come back character for character",
        Text
    ),
    kept!(
        "crud.value.boolean",
        "booleans come back as they were written",
        Boolean
    ),
    kept!(
        "crud.value.integer",
        "whole numbers come back digit for digit",
        Integer
    ),
    kept!("crud.value.float", "floats come back bit for bit", Float),
    kept!(
        "crud.value.decimal",
        "decimals come back as the same number",
        Decimal
    ),
    kept!(
        "crud.value.timestamp",
        "moments come back as they were written, rounded down at most",
        Timestamp
    ),
    kept!(
        "crud.value.date",
        "days come back as they were written",
        Date
    ),
    kept!(
        "crud.value.time",
        "times of day come back as they were written",
        Time
    ),
    kept!("crud.value.bytes", "bytes come back byte for byte", Bytes),
    kept!(
        "crud.value.point",
        "points come back degree for degree",
        Point
    ),
    kept!(
        "crud.value.uuid",
        "UUIDs come back in lower case with hyphens",
        Uuid
    ),
    kept!(
        "crud.value.json",
        "JSON comes back with the same structure",
        Json
    ),
    kept!(
        "crud.value.any",
        "values of kind `any` come back in the case that they were written in",
        Any
    ),
    crud(
        "crud.value.invented",
        "values from the whole range of each kind come back, or are refused",
        invented,
    ),
    crud(
        "crud.value.null",
        "null comes back as null, of every kind",
        nulls,
    ),
    crud(
        "crud.value.side-by-side",
        "values of all kinds in one record leave each other alone",
        side_by_side,
    ),
    crud(
        "crud.value.long-record",
        "a record of half a megabyte comes back whole",
        long_record,
    ),
    crud(
        "crud.value.not-finite",
        "a float that is no finite number never becomes one",
        not_finite,
    ),
    crud(
        "crud.value.length",
        "what fits a declared length is kept, and what doesn't is never cut",
        lengths,
    ),
    crud(
        "crud.value.required",
        "null where there may be none never becomes something else",
        required,
    ),
];

/// Whether a value came back.
fn is_kept(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::Float(one), Value::Float(other)) => {
            one.to_bits() == other.to_bits() || (*one == 0.0 && *other == 0.0)
        }
        _ => same_value(expected, seen),
    }
}

/// Whether a record that was read has the value.
fn came_back(how: &str, expected: &Value, record: Option<&Entity>) -> Checked {
    let seen = record.and_then(|record| record.get("it"));
    ensure(seen.is_some_and(|seen| is_kept(expected, seen)), || {
        let shown = match (record, seen) {
            (None, _) => "no record".to_owned(),
            (_, None) => "a record without the property".to_owned(),
            (_, Some(seen)) => seen_as(seen),
        };
        Finding::new(format!(
            "{how}, a value doesn't come back as it was written"
        ))
        .differs(seen_as(expected), shown)
    })
}

fn seen_as(value: &Value) -> String {
    format!("{} ({})", show::value(value), value.case_name())
}

fn record(number: i64, value: &Value) -> Entity {
    Entity::new()
        .with("id", number)
        .with("it", value.clone())
        .with("other", "other")
}

/// A model with a property `it` of that kind.
fn model_of(kind: PropertyType) -> tenon_model::Model {
    models::with(&[("it", kind), ("other", PropertyType::Text)])
}

/// The record of a number, with all its values in the contract's form.
fn found(session: &mut Session<'_>, model: &str, number: i64) -> Checked<Option<Option<Entity>>> {
    let Some(found) = supported("find", session.find(model, &id(number)))? else {
        return Ok(None);
    };
    let Some(found) = found else {
        return Ok(Some(None));
    };
    match tenon_model::into_entity(found) {
        Ok(record) => Ok(Some(Some(record))),
        Err(reason) => Err(
            Finding::new("`find` returns what isn't in the contract's form")
                .differs("values as `types.wit` has them", reason)
                .into(),
        ),
    }
}

/// Creates a record. False where it is refused, and nothing of it is there.
fn is_taken(
    session: &mut Session<'_>,
    model: &str,
    (number, value, stored): (i64, &Value, &Value),
) -> Checked<bool> {
    match session.create(model, record(number, value).as_contract()) {
        Ok(returned) => {
            is_as_stored("create", &returned.into(), &record(number, stored))?;
            Ok(true)
        }
        Err(failure) => {
            is_refused("create", &failure)?;
            if let Some(Some(found)) = found(session, model, number)? {
                return Err(
                    Finding::new("a value is refused, and its record is there after all")
                        .differs("no record", show::record(&found))
                        .into(),
                );
            }
            Ok(false)
        }
    }
}

fn is_refused(function: &str, failure: &Failure) -> Checked {
    harmless(function, failure)
}

fn kept(bench: &mut Bench<'_>, kind: PropertyType) -> Checked {
    if !bench.facts().keeps(kind) {
        return Err(Stop::skipped(format!(
            "it keeps no property of kind `{kind}`"
        )));
    }
    let facts = bench.facts();
    let model = bench.collection(model_of(kind))?.name;
    let session = bench.session()?;
    for number in [-1, -2, -3] {
        let record = record(number, &Value::Null);
        must("create", session.create(&model, record.as_contract()))?;
    }
    let mut taken = Vec::new();
    let plain = values::plain(kind).into_iter().map(|value| (value, true));
    let odd = values::odd(kind).into_iter().map(|value| (value, false));
    for (number, (value, must_be)) in (1..).zip(plain.chain(odd)) {
        let stored = facts.stored(&value);
        let told = |stop: Stop| {
            stop.after(format!(
                "{}, of kind {kind}: {}",
                seen_as(&value),
                show::record(&record(number, &value))
            ))
        };
        let is_taken = is_taken(session, &model, (number, &value, &stored)).map_err(told)?;
        if is_taken {
            in_every_way(session, &model, (number, &value, &stored)).map_err(told)?;
            taken.push((number, value, stored));
        } else if must_be {
            return Err(told(Stop::failed(format!(
                "an ordinary value of kind `{kind}` is refused"
            ))));
        }
    }
    read_together(session, &model, &taken)?;
    created_together(session, &model, &taken)
}

/// Writes a value by every function that does, and reads it each time. The records that are changed have another value
/// before.
fn in_every_way(
    session: &mut Session<'_>,
    model: &str,
    (number, value, stored): (i64, &Value, &Value),
) -> Checked {
    let read = |session: &mut Session<'_>, number: i64, function: &str| -> Checked {
        if let Some(found) = found(session, model, number)? {
            let how = format!("written with `{function}` and read with `find`");
            came_back(&how, stored, found.as_ref())?;
        }
        Ok(())
    };
    read(session, number, "create")?;
    let change = Entity::new().with("it", value.clone());
    let updated = session.update_attributes(model, &id(-1), change.as_contract());
    if let Some(returned) = supported("update-attributes", updated)? {
        is_as_stored("update-attributes", &returned.into(), &record(-1, stored))?;
        read(session, -1, "update-attributes")?;
    }
    let only_that = Filter::equal("id", -2).to_nodes();
    let updated = session.update(model, &only_that, change.as_contract());
    if supported("update", updated)?.is_some() {
        read(session, -2, "update")?;
    }
    let saved = session.save(model, record(-3, value).as_contract());
    if let Some(returned) = supported("save", saved)? {
        is_as_stored("save", &returned.into(), &record(-3, stored))?;
        read(session, -3, "save")?;
    }
    Ok(())
}

/// Reads all records in one result, in pages of one size and another.
fn read_together(session: &mut Session<'_>, model: &str, taken: &[(i64, Value, Value)]) -> Checked {
    for max in [1, 7, 1_000] {
        let (rows, _) = must("all", session.all(model, &Query::default()))?;
        let read = must("next", session.read(rows, max))?;
        for (number, _, stored) in taken {
            let mut rows = read.iter();
            let row = rows.find(|row| row.get("id") == Some(&Value::Integer(*number)));
            came_back("read with `all`", stored, row)
                .map_err(|stop| stop.after(format!("read in pages of {max} rows")))?;
        }
    }
    Ok(())
}

/// Writes the values once more, several records at a time.
fn created_together(
    session: &mut Session<'_>,
    model: &str,
    taken: &[(i64, Value, Value)],
) -> Checked {
    const BEHIND: i64 = 10_000;
    for part in taken.chunks(10) {
        let data: Vec<_> = part
            .iter()
            .map(|(number, value, _)| record(BEHIND + number, value).into_contract())
            .collect();
        if supported("create-all", session.create_all(model, &data))?.is_none() {
            return Ok(());
        }
        for (number, _, stored) in part {
            if let Some(found) = found(session, model, BEHIND + number)? {
                let how = "written with `create-all` and read with `find`";
                came_back(how, stored, found.as_ref())?;
            }
        }
    }
    Ok(())
}

/// How many invented values are written at once.
const AT_ONCE: usize = 8;

fn invented(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let cases = (bench.cases() / 32).max(1);
    let model = bench.collection(models::wide(facts))?.name;
    let mut number = 0;
    let mut taken = Vec::new();
    for kind in &facts.kinds {
        let mut runner = bench.runner(&format!("{kind}"));
        let session = bench.session()?;
        let several = proptest::collection::vec(wild::value(*kind), 1..=AT_ONCE);
        hold(&mut runner, cases, &several, |values| {
            let records: Vec<(i64, Value, Entity)> = values
                .iter()
                .map(|value| {
                    number += 1;
                    let stored = only_of(facts, number, *kind, facts.stored(value));
                    (number, value.clone(), stored)
                })
                .collect();
            let data: Vec<_> = records
                .iter()
                .map(|(number, value, _)| only_of(facts, *number, *kind, value.clone()))
                .map(Entity::into_contract)
                .collect();
            // Where one of them is refused, the others are tried by themselves.
            let together = session.create_all(&model, &data);
            if let Err(failure) = &together {
                is_refused("create-all", failure)?;
            }
            for ((number, _, stored), data) in records.into_iter().zip(&data) {
                let told = |stop: Stop| stop.after(format!("create {}", show::data(data)));
                if together.is_err()
                    && let Err(failure) = session.create(&model, data)
                {
                    is_refused("create", &failure).map_err(told)?;
                    continue;
                }
                if let Some(found) = found(session, &model, number)? {
                    is_whole("read with `find`", &stored, found.as_ref()).map_err(told)?;
                }
                taken.push((number, stored));
            }
            Ok(())
        })?;
    }
    // What comes in pages may come another way than a record by itself.
    let rows = everything(bench.session()?, &model)?;
    for (number, stored) in &taken {
        let mut rows = rows.iter();
        let row = rows.find(|row| row.get("id") == Some(&Value::Integer(*number)));
        is_whole("read with `all`", stored, row)?;
    }
    Ok(())
}

/// A record of the wide model that has one value, and no others.
fn only_of(facts: &Facts, number: i64, kind: PropertyType, value: Value) -> Entity {
    let record = Entity::new().with("id", number);
    let nulls = facts.kinds.iter();
    nulls
        .fold(record, |record, kind| {
            record.with(format!("{kind}"), Value::Null)
        })
        .with(format!("{kind}"), value)
}

/// Whether a record came back.
fn is_whole(how: &str, expected: &Entity, seen: Option<&Entity>) -> Checked {
    let is_it = seen.is_some_and(|seen| {
        seen.len() == expected.len()
            && expected
                .iter()
                .all(|(name, value)| seen.get(name).is_some_and(|seen| is_kept(value, seen)))
    });
    ensure(is_it, || {
        Finding::new(format!(
            "{how}, a record doesn't come back as it was written"
        ))
        .differs(
            show::record(expected),
            seen.map_or("none".to_owned(), show::record),
        )
    })
}

/// A property of each kind, by the kind's name, with the value of that place among the plain ones.
fn wide_record(facts: &Facts, number: i64, place: usize) -> Entity {
    let record = Entity::new().with("id", number);
    facts.kinds.iter().fold(record, |record, kind| {
        let plain = values::plain(*kind);
        let value = plain.get(place % plain.len().max(1)).cloned();
        record.with(format!("{kind}"), facts.stored(&value.unwrap_or_default()))
    })
}

fn nulls(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let mut twin = crate::twin::Twin::new(bench, models::wide(facts))?;
    let null_but = |number: i64, kept: Option<PropertyType>| {
        let mut record = wide_record(facts, number, 1);
        for kind in &facts.kinds {
            if Some(*kind) != kept {
                record.set(format!("{kind}"), Value::Null);
            }
        }
        record
    };
    let session = bench.session()?;
    twin.create(session, null_but(0, None))?;
    for (number, kind) in (1..).zip(&facts.kinds) {
        twin.create(session, null_but(number, Some(*kind)))?;
    }
    twin.verify(session)?;
    for kind in &facts.kinds {
        twin.count(
            session,
            &Filter::equal(format!("{kind}"), Value::Null).to_nodes(),
        )?;
    }
    let numbers = (1..).zip(&facts.kinds);
    for (number, _) in numbers {
        twin.save(session, null_but(number, None))?;
    }
    twin.verify(session)
}

fn side_by_side(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let mut twin = crate::twin::Twin::new(bench, models::wide(facts))?;
    let session = bench.session()?;
    for (number, place) in (1..).zip(0..8) {
        twin.create(session, wide_record(facts, number, place))?;
    }
    // Backwards, since the order of properties means nothing.
    let backwards: Vec<(String, Value)> = wide_record(facts, 20, 3).into_iter().collect();
    twin.create(session, backwards.into_iter().rev().collect())?;
    twin.verify(session)?;
    for kind in &facts.kinds {
        let name = format!("{kind}");
        let other = wide_record(facts, 1, 2);
        let value = other.get(&name).cloned().unwrap_or_default();
        twin.update_attributes(session, &id(1), Entity::new().with(name, value))?;
        twin.verify(session)?;
    }
    twin.save(session, wide_record(facts, 2, 5))?;
    twin.verify(session)
}

fn long_record(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(model_of(PropertyType::Text))?.name;
    let session = bench.session()?;
    let mut taken = Vec::new();
    for (number, unit) in (1..).zip(["0123456789", "ä中😀 \\\"\n", "x"]) {
        let text: String = unit
            .chars()
            .cycle()
            .take(480_000 / unit.len() * 2)
            .collect();
        let text = text.chars().take(500_000 / 4).collect::<String>();
        let value = Value::Text(if unit == "x" {
            "x".repeat(500_000)
        } else {
            text
        });
        if is_taken(session, &model, (number, &value, &value))? {
            in_every_way_of_one(session, &model, (number, &value))?;
            taken.push((number, value.clone(), value));
        }
    }
    if taken.is_empty() {
        bench.note("it takes no text of half a megabyte");
        return Ok(());
    }
    read_together(session, &model, &taken)
}

fn in_every_way_of_one(
    session: &mut Session<'_>,
    model: &str,
    (number, value): (i64, &Value),
) -> Checked {
    if let Some(found) = found(session, model, number)? {
        came_back(
            "written with `create` and read with `find`",
            value,
            found.as_ref(),
        )?;
    }
    Ok(())
}

fn not_finite(bench: &mut Bench<'_>) -> Checked {
    for kind in [PropertyType::Float, PropertyType::Any] {
        if !bench.facts().keeps(kind) {
            continue;
        }
        let model = bench.collection(model_of(kind))?.name;
        let session = bench.session()?;
        let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        for (number, float) in (1..).zip(floats) {
            let created =
                session.create(&model, record(number, &Value::Float(float)).as_contract());
            let told = |stop: Stop| stop.after(format!("create with the float {float}"));
            if let Err(failure) = created {
                is_refused("create", &failure).map_err(told)?;
                continue;
            }
            let found = supported("find", session.find(&model, &id(number)))?.flatten();
            let seen = found.and_then(|found| Entity::from(found).get("it").cloned());
            let is_changed = match &seen {
                Some(Value::Float(seen)) => seen.is_finite(),
                Some(Value::Integer(_) | Value::Decimal(_) | Value::Null) | None => true,
                _ => false,
            };
            ensure(!is_changed, || {
                Finding::new("a float that is no finite number becomes another value").differs(
                    "an error, or a value of the case `other`",
                    seen.as_ref().map_or("no value".to_owned(), seen_as),
                )
            })
            .map_err(told)?;
        }
    }
    Ok(())
}

fn bounded(kind: PropertyType, length: u32, scale: Option<u8>) -> tenon_model::Model {
    let mut property = Property::new("it", kind);
    property.length = Some(length);
    property.scale = scale;
    models::with(&[("other", PropertyType::Text)]).property(property)
}

fn lengths(bench: &mut Bench<'_>) -> Checked {
    let text = |text: &str| Value::from(text);
    let decimal = |text: &str| Value::Decimal(text.to_owned());
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    type Case = (PropertyType, u32, Option<u8>, Vec<Value>, Vec<Value>);
    let cases: Vec<Case> = vec![
        (
            PropertyType::Text,
            5,
            None,
            vec![text(""), text("abcde"), text("äöü中ß"), text("😀😀😀😀😀")],
            vec![text("abcdef"), text("äöü中ßä"), text("abcdefghijklmnop")],
        ),
        (
            PropertyType::Bytes,
            4,
            None,
            vec![bytes(&[0, 1, 2, 255])],
            vec![bytes(&[0, 1, 2, 3, 4]), bytes(&[0; 10])],
        ),
        (
            PropertyType::Decimal,
            5,
            Some(2),
            vec![
                decimal("123.45"),
                decimal("-999.99"),
                decimal("0.01"),
                decimal("7"),
            ],
            vec![
                decimal("1.234"),
                decimal("0.005"),
                decimal("1234.5"),
                decimal("99999"),
            ],
        ),
    ];
    for (kind, length, scale, fitting, beyond) in cases {
        if !bench.facts().keeps(kind) {
            continue;
        }
        let draft = bounded(kind, length, scale).to_contract();
        // A connector may have no such bounds.
        let Ok(model) = bench.try_collection(draft)? else {
            continue;
        };
        let session = bench.session()?;
        let all = fitting.iter().map(|it| (it, true));
        let all = all.chain(beyond.iter().map(|it| (it, false)));
        for (number, (value, fits)) in (1..).zip(all) {
            let told = |stop: Stop| {
                let shown = show::record(&record(number, value));
                stop.after(format!("{}: create {shown}", show::model(&model)))
                    .after(format!("`it` has the length {length}"))
            };
            let taken = is_taken(session, &model.name, (number, value, value)).map_err(told)?;
            if taken {
                in_every_way_of_one(session, &model.name, (number, value)).map_err(told)?;
            } else if fits && *value != text("") {
                return Err(told(Stop::failed(
                    "a value that fits its length is refused",
                )));
            }
        }
    }
    Ok(())
}

fn required(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let mut draft = models::wide(facts);
    for property in &mut draft.properties {
        property.required = true;
    }
    let Ok(model) = bench.try_collection(draft.to_contract())? else {
        return Err(Stop::skipped("it has no properties that are never null"));
    };
    let told = |stop: Stop| stop.after(format!("{}, all required", show::model(&model)));
    let name = &model.name;
    let session = bench.session()?;
    let full = wide_record(facts, 1, 0);
    must("create", session.create(name, full.as_contract())).map_err(told)?;
    for (number, kind) in (2..).zip(&facts.kinds) {
        let property = format!("{kind}");
        let change = Entity::new().with(property.as_str(), Value::Null);
        // The runtime refuses both. Where one is taken, null stays null.
        let changed = session.update_attributes(name, &id(1), change.as_contract());
        let mut expected = full.clone();
        match changed {
            Ok(_) => expected.merge(change),
            Err(failure) => is_refused("update-attributes", &failure).map_err(told)?,
        }
        if let Some(found) = found(session, name, 1)? {
            is_whole("read with `find`", &expected, found.as_ref()).map_err(told)?;
        }
        let _ = session.save(name, full.as_contract());
        let record = wide_record(facts, number, 0).with(property.as_str(), Value::Null);
        let expected = match session.create(name, record.as_contract()) {
            Ok(_) => Some(record),
            Err(failure) => {
                is_refused("create", &failure).map_err(told)?;
                None
            }
        };
        if let Some(found) = found(session, name, number)? {
            match expected {
                Some(expected) => is_whole("read with `find`", &expected, found.as_ref()),
                None => ensure(found.is_none(), || {
                    Finding::new("a record is refused, and is there after all")
                }),
            }
            .map_err(told)?;
        }
    }
    Ok(())
}
