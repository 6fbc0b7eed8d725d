//! Values that a declaration, or a number of bytes, is a limit to.

use tenon_model::contract::{PropertyType, Value};
use tenon_model::{Entity, Property};

use super::super::Check;
use super::super::operations::crud;
use super::together::{is_whole, wide_record};
use super::{came_back, found, is_refused, is_taken, model_of, read_together, record, seen_as};
use crate::bench::Bench;
use crate::expect::{id, supported};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::models;
use crate::session::Session;
use crate::show;

pub const CHECKS: &[Check] = &[
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
