//! Values: each comes back as it was written, by every way in and every way out, or was refused.

mod limits;
mod together;

use tenon_model::contract::{PropertyType, Query, Value};
use tenon_model::{Entity, Filter};
use tenon_runtime::direct::Failure;

use super::Check;
use super::operations::crud;
use crate::bench::Bench;
use crate::expect::{harmless, id, is_as_stored, supported};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::{models, values};
use crate::reference::same_value;
use crate::session::Session;
use crate::show;

/// The check of one kind.
macro_rules! kept {
    ($name:literal, $about:literal, $kind:ident) => {
        crud($name, $about, |bench| kept(bench, PropertyType::$kind))
    };
}

pub use limits::CHECKS as LIMITS;
pub use together::CHECKS as TOGETHER;

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
];

/// Whether a value came back.
pub fn is_kept(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::Float(one), Value::Float(other)) => {
            one.to_bits() == other.to_bits() || (*one == 0.0 && *other == 0.0)
        }
        _ => same_value(expected, seen),
    }
}

/// Whether a record that was read has the value.
pub fn came_back(how: &str, expected: &Value, record: Option<&Entity>) -> Checked {
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

pub fn seen_as(value: &Value) -> String {
    format!("{} ({})", show::value(value), value.case_name())
}

pub fn record(number: i64, value: &Value) -> Entity {
    Entity::new()
        .with("id", number)
        .with("it", value.clone())
        .with("other", "other")
}

/// A model with a property `it` of that kind.
pub fn model_of(kind: PropertyType) -> tenon_model::Model {
    models::with(&[("it", kind), ("other", PropertyType::Text)])
}

/// The record of a number, with all its values in the contract's form.
pub fn found(
    session: &mut Session<'_>,
    model: &str,
    number: i64,
) -> Checked<Option<Option<Entity>>> {
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
pub fn is_taken(
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

pub fn is_refused(function: &str, failure: &Failure) -> Checked {
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
pub fn read_together(
    session: &mut Session<'_>,
    model: &str,
    taken: &[(i64, Value, Value)],
) -> Checked {
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
