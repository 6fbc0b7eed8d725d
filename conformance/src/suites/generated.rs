//! Values that the backend makes: keys of new records, and other properties.

use tenon_model::contract::{ErrorKind, Generation, Key, PropertyType, Value};
use tenon_model::{Entity, Property};

use super::Check;
use super::operations::crud;
use crate::bench::{Bench, everything};
use crate::expect::supported;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::same;
use crate::session::Session;
use crate::show;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.generated.key",
        "a record without a key gets one of its own, which is returned and finds it",
        gets_a_key,
    ),
    crud(
        "crud.generated.given-key",
        "a key that is given is kept, and none that is made meets it",
        given_key_is_kept,
    ),
    crud(
        "crud.generated.after-change",
        "keys stay different from each other after deletions, changes and refused records",
        keys_stay_different,
    ),
    crud(
        "crud.generated.goes-on",
        "keys go on from those that there are when a model is defined again, and a session begins anew",
        goes_on,
    ),
    crud(
        "crud.generated.property",
        "a property that the backend makes is returned as it is stored, and a given one is kept",
        makes_properties,
    ),
    crud(
        "crud.generated.always",
        "a property that the backend always makes isn't written",
        always_made,
    ),
];

/// The kind of the keys that the connector makes.
pub fn needs_generated_keys(bench: &Bench<'_>) -> Checked<PropertyType> {
    bench
        .subject()
        .manifest()
        .generated_key
        .ok_or_else(|| Stop::skipped("it makes no keys: `generated-key` is none"))
}

/// A model whose key is made where a record has none.
pub fn counted(kind: PropertyType) -> tenon_model::Model {
    let mut key = Property::new("id", kind).required();
    key.key = Some(1);
    key.generated = Generation::WhenMissing;
    tenon_model::Model::new("Counted")
        .property(key)
        .property(Property::new("text", PropertyType::Text))
        .property(Property::new("number", PropertyType::Integer))
}

/// A record without a key.
fn keyless(text: &str) -> Entity {
    Entity::new().with("text", text).with("number", Value::Null)
}

/// Creates a record, and looks that it is stored as it was returned.
fn create(
    session: &mut Session<'_>,
    model: &str,
    data: &Entity,
    kind: PropertyType,
) -> Checked<(Value, Entity)> {
    let step = format!("create {}", show::record(data));
    let made = must("create", session.create(model, data.as_contract()))
        .map_err(|stop| stop.after(&step))?;
    let mut whole = data.clone();
    whole.merge(made.into());
    let key = whole.get("id").cloned().unwrap_or_default();
    let is_of_kind = tenon_model::coerce(key.clone(), kind).as_ref() == Ok(&key);
    ensure(!key.is_null() && is_of_kind, || {
        Finding::new("`create` doesn't return the key that it made")
            .differs(format!("`id`, of kind {kind}"), show::record(&whole))
            .after(&step)
    })?;
    let id: Key = vec![key.clone()];
    let found = must("find", session.find(model, &id))?.map(Entity::from);
    ensure(
        found.as_ref().is_some_and(|found| same(found, &whole)),
        || {
            Finding::new("a record is not stored as `create` returned it")
                .differs(
                    show::record(&whole),
                    found.as_ref().map_or("none".to_owned(), show::record),
                )
                .after(format!("find {}", show::key(&id)))
                .after(&step)
        },
    )?;
    Ok((key, whole))
}

fn is_new(keys: &[Value], key: &Value) -> Checked {
    ensure(!keys.contains(key), || {
        Finding::new("a key is made that a record has").differs(
            format!("none of {}", show::key(&keys.to_vec())),
            show::value(key),
        )
    })
}

fn gets_a_key(bench: &mut Bench<'_>) -> Checked {
    let kind = needs_generated_keys(bench)?;
    let model = bench.collection(counted(kind))?.name;
    let session = bench.session()?;
    let mut keys = Vec::new();
    let mut records = Vec::new();
    for number in 0..20 {
        let (key, record) = create(session, &model, &keyless(&format!("t{number}")), kind)?;
        is_new(&keys, &key)?;
        keys.push(key);
        records.push(record);
    }
    let stored = everything(session, &model)?;
    ensure(crate::reference::same_records(&records, &stored), || {
        Finding::new("records that got their keys are not stored as they were returned")
            .differs(show::records(&records), show::records(&stored))
    })
}

/// A key that no counter comes to.
fn far(kind: PropertyType, number: i64) -> Value {
    match kind {
        PropertyType::Integer => Value::Integer(1_000_000 + number),
        PropertyType::Uuid => Value::from(format!("00000000-0000-4000-8000-{number:012}")),
        _ => Value::from(format!("far{number}")),
    }
}

fn given_key_is_kept(bench: &mut Bench<'_>) -> Checked {
    let kind = needs_generated_keys(bench)?;
    let model = bench.collection(counted(kind))?.name;
    let session = bench.session()?;
    let mut keys = Vec::new();
    for number in 0..9 {
        let mut data = keyless(&format!("t{number}"));
        if number % 3 == 1 {
            data.set("id", far(kind, number));
        }
        let (key, _) = create(session, &model, &data, kind)?;
        if let Some(given) = data.get("id") {
            ensure(*given == key, || {
                Finding::new("a key that is given is replaced by another")
                    .differs(show::value(given), show::value(&key))
            })?;
        }
        is_new(&keys, &key)?;
        keys.push(key);
    }
    // And one that is taken is still refused.
    let taken = keyless("taken").with("id", far(kind, 4));
    let called = session.create(&model, taken.as_contract());
    ensure(
        called.as_ref().err().and_then(|failure| failure.kind()) == Some(ErrorKind::Duplicate),
        || {
            Finding::new("a given key that is taken is not refused").differs(
                "the error `duplicate`",
                called.map_or_else(|failure| failure.to_string(), |_| "no error".to_owned()),
            )
        },
    )
}

fn keys_stay_different(bench: &mut Bench<'_>) -> Checked {
    let kind = needs_generated_keys(bench)?;
    let model = bench.collection(counted(kind))?.name;
    let session = bench.session()?;
    let mut there: Vec<Value> = Vec::new();
    for number in 0..12 {
        let (key, record) = create(session, &model, &keyless(&format!("t{number}")), kind)?;
        is_new(&there, &key)?;
        there.push(key.clone());
        let id: Key = vec![key.clone()];
        match number % 4 {
            // An older one goes.
            0 if there.len() > 2 => {
                let old: Key = vec![there.remove(0)];
                let _ = supported("destroy", session.destroy(&model, &old))?;
            }
            // The same key again is refused, and a record of that name doesn't move the counter back.
            1 => {
                let again = session.create(&model, record.as_contract());
                ensure(again.is_err(), || {
                    Finding::new("a key that was made, and is given again, is not taken")
                        .differs("the error `duplicate`", "no error")
                })?;
            }
            2 => {
                let change = Entity::new().with("number", number);
                let changed = session.update_attributes(&model, &id, change.as_contract());
                let _ = supported("update-attributes", changed)?;
            }
            _ => {
                let saved = session.save(&model, record.as_contract());
                let _ = supported("save", saved)?;
            }
        }
    }
    let stored = everything(session, &model)?;
    ensure(stored.len() == there.len(), || {
        Finding::new("of records that got their keys, not all are there")
            .differs(there.len(), stored.len())
    })
}

fn goes_on(bench: &mut Bench<'_>) -> Checked {
    let kind = needs_generated_keys(bench)?;
    let model = bench.collection(counted(kind))?;
    let session = bench.session()?;
    let mut text = 0;
    let mut keys = Vec::new();
    let mut more = |session: &mut Session<'_>, after: &str| -> Checked {
        for _ in 0..3 {
            text += 1;
            let made = create(session, &model.name, &keyless(&format!("t{text}")), kind);
            let (key, _) = made.map_err(|stop| stop.after(after))?;
            is_new(&keys, &key).map_err(|stop| stop.after(after))?;
            keys.push(key);
        }
        Ok(())
    };
    more(session, "define")?;
    must("define", session.define(&model))?;
    more(session, "define once more")?;
    let mut changed = counted(kind).index(&["text"], false).to_contract();
    changed.name.clone_from(&model.name);
    changed.collection.clone_from(&model.collection);
    must("define", bench.try_named_collection(changed)?)?;
    let session = bench.session()?;
    more(session, "define with one more index")?;
    must("disconnect", session.disconnect())?;
    must("connect", session.connect())?;
    more(session, "disconnect, connect")?;
    must("reset", session.reset())?;
    must("define", session.define(&model))?;
    more(session, "reset, define")
}

/// A model with a property that is made so.
fn making(kind: PropertyType, generation: Generation) -> tenon_model::Model {
    let mut made = Property::new("made", kind);
    made.generated = generation;
    super::operations::things().property(made)
}

fn makes_properties(bench: &mut Bench<'_>) -> Checked {
    let mut any = false;
    for kind in [
        PropertyType::Uuid,
        PropertyType::Timestamp,
        PropertyType::Integer,
    ] {
        if !bench.facts().keeps(kind) {
            continue;
        }
        let draft = making(kind, Generation::WhenMissing).to_contract();
        let Ok(model) = bench.try_collection(draft)? else {
            continue;
        };
        any = true;
        let session = bench.session()?;
        let mut seen: Vec<Value> = Vec::new();
        for number in 0..4 {
            let data = super::operations::thing(number, "new", number);
            let (_, whole) = create(session, &model.name, &data, PropertyType::Integer)?;
            let made = whole.get("made").cloned().unwrap_or_default();
            let is_of_kind = tenon_model::coerce(made.clone(), kind).as_ref() == Ok(&made);
            ensure(!made.is_null() && is_of_kind, || {
                Finding::new("`create` doesn't return what the backend made")
                    .differs(format!("`made`, of kind {kind}"), show::record(&whole))
                    .after(format!("create {}", show::record(&data)))
                    .after(show::model(&model))
            })?;
            if kind != PropertyType::Timestamp {
                is_new(&seen, &made)?;
            }
            seen.push(made);
        }
        let given = match kind {
            PropertyType::Uuid => Value::from("936da01f-9abd-4d9d-80c7-02af85c822a8"),
            PropertyType::Timestamp => Value::Timestamp(1_000_000),
            _ => Value::Integer(777),
        };
        let data = super::operations::thing(9, "given", 9).with("made", given.clone());
        let (_, whole) = create(session, &model.name, &data, PropertyType::Integer)?;
        ensure(whole.get("made") == Some(&given), || {
            Finding::new("a given value is replaced by one that the backend made")
                .differs(show::record(&data), show::record(&whole))
        })?;
    }
    if any {
        return Ok(());
    }
    Err(Stop::skipped("it makes no properties beside keys"))
}

fn always_made(bench: &mut Bench<'_>) -> Checked {
    let mut any = false;
    for kind in [
        PropertyType::Uuid,
        PropertyType::Timestamp,
        PropertyType::Integer,
    ] {
        if !bench.facts().keeps(kind) {
            continue;
        }
        let draft = making(kind, Generation::Always).to_contract();
        let Ok(model) = bench.try_collection(draft)? else {
            continue;
        };
        any = true;
        let session = bench.session()?;
        for number in 0..3 {
            let data = super::operations::thing(number, "new", number);
            let (_, whole) = create(session, &model.name, &data, PropertyType::Integer)?;
            ensure(
                whole.get("made").is_some_and(|made| !made.is_null()),
                || {
                    Finding::new("`create` doesn't return what the backend always makes")
                        .differs("`made`", show::record(&whole))
                        .after(format!("create {}", show::record(&data)))
                        .after(show::model(&model))
                },
            )?;
        }
    }
    if any {
        return Ok(());
    }
    Err(Stop::skipped("it has no properties that it always makes"))
}
