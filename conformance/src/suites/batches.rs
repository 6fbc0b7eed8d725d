//! `create-all`: all records or none, or as many as an error says, and what was made for them in their order.

use tenon_model::Entity;
use tenon_model::contract::{Effect, ErrorKind, Key, PropertyType, Value};
use tenon_runtime::direct::{Called, Failure};

use super::Check;
use super::generated::{counted, needs_generated_keys};
use super::operations::{bare_thing, crud, needs_indexes, some_things, thing, things};
use crate::bench::Bench;
use crate::expect::{id, is_as_stored, refused, unsupported};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::same;
use crate::session::Session;
use crate::show;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.create-all.stored",
        "every record of a batch is stored, and the answers are in the records' order",
        all_are_stored,
    ),
    crud(
        "crud.create-all.none",
        "a batch of no records changes nothing",
        none_at_all,
    ),
    crud(
        "crud.create-all.large",
        "a batch of hundreds of records is stored to the last",
        large,
    ),
    crud(
        "crud.create-all.duplicate-within",
        "of a batch with the same key twice, nothing is stored",
        twice_within,
    ),
    crud(
        "crud.create-all.taken-key",
        "of a batch with a key that is taken, nothing is stored",
        taken_key,
    ),
    crud(
        "crud.create-all.taken-value",
        "of a batch with a unique value that is taken, nothing is stored",
        taken_value,
    ),
    crud(
        "crud.create-all.large-refused",
        "of hundreds of records of which the last is refused, nothing is stored",
        large_refused,
    ),
    crud(
        "crud.create-all.after-failure",
        "a batch that was refused can be stored once what was wrong is put right",
        after_failure,
    ),
    crud(
        "crud.create-all.generated-keys",
        "the keys that are made for a batch come in the records' order",
        keys_in_order,
    ),
];

fn create_all(
    session: &mut Session<'_>,
    model: &str,
    data: &[Entity],
) -> Called<Vec<tenon_model::contract::Entity>> {
    let data: Vec<_> = data
        .iter()
        .map(|record| record.as_contract().clone())
        .collect();
    session.create_all(model, &data)
}

/// Stores a batch that has to be taken.
fn store(twin: &mut Twin, session: &mut Session<'_>, data: Vec<Entity>) -> Checked {
    let called = create_all(session, &twin.name(), &data);
    twin.step(format!("create-all of {} records", data.len()));
    let made = twin.settle(session, "create-all", called, Ok(()))?;
    let made = made.unwrap_or_default();
    ensure(made.len() == data.len(), || {
        Finding::new("`create-all` doesn't return an answer for each record")
            .differs(data.len(), made.len())
    })
    .map_err(|stop| twin.tell(stop))?;
    for (made, record) in made.into_iter().zip(&data) {
        is_as_stored("create-all", &made.into(), record).map_err(|stop| twin.tell(stop))?;
    }
    for record in data {
        twin.stored(record);
    }
    Ok(())
}

/// Tries a batch whose record at that place has to be refused.
fn refuse(twin: &mut Twin, session: &mut Session<'_>, data: Vec<Entity>, wrong: usize) -> Checked {
    let shown: Vec<String> = data.iter().map(show::record).collect();
    twin.step(format!("create-all [{}]", shown.join(", ")));
    let Err(failure) = create_all(session, &twin.name(), &data) else {
        return Err(twin.tell(
            Finding::new("`create-all` takes a batch with a record that has to be refused")
                .differs("the error `duplicate`", "no error")
                .after(format!("the record that is wrong has the index {wrong}"))
                .into(),
        ));
    };
    if failure.kind() == Some(ErrorKind::Unsupported) {
        twin.verify(session)?;
        return Err(unsupported("create-all"));
    }
    let index = index_of(&failure);
    let told = |twin: &Twin, stop: Stop| {
        twin.tell(stop)
            .after(format!("the record that is wrong has the index {wrong}"))
    };
    if failure.error().map(|error| error.effect) == Some(Effect::Partial) {
        // It has to say how far it came, and it is so.
        if index != Some(wrong) {
            return Err(told(
                twin,
                Finding::new("`create-all` stops in the middle, and doesn't say where")
                    .differs(
                        format!("the detail `index` {wrong}"),
                        index.map_or("none".to_owned(), |index| index.to_string()),
                    )
                    .into(),
            ));
        }
        for record in data.into_iter().take(wrong) {
            twin.stored(record);
        }
        return twin.verify(session);
    }
    refused("create-all", &failure, &[ErrorKind::Duplicate]).map_err(|stop| told(twin, stop))?;
    ensure(index.is_none_or(|index| index == wrong), || {
        Finding::new("`create-all` blames another record than the one that is wrong").differs(
            wrong,
            index.map_or("none".to_owned(), |index| index.to_string()),
        )
    })
    .map_err(|stop| told(twin, stop))?;
    twin.verify(session)
}

fn index_of(failure: &Failure) -> Option<usize> {
    failure.error()?.detail("index")?.parse().ok()
}

fn all_are_stored(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::new(bench, things().index(&["number"], false))?;
    let session = bench.session()?;
    store(&mut twin, session, some_things())?;
    twin.verify(session)?;
    // One alone; in another order than the keys'; and behind others.
    store(&mut twin, session, vec![thing(9, "nine", 90)])?;
    let data = vec![thing(30, "c", 3), thing(10, "a", 1), bare_thing(20)];
    store(&mut twin, session, data)?;
    twin.verify(session)?;
    if !bench.facts().open {
        return Ok(());
    }
    let mut twin = Twin::new(bench, things().open())?;
    let session = bench.session()?;
    let data = vec![
        thing(1, "one", 1).with("more", 1),
        Entity::new().with("id", 2),
        Entity::new().with("number", 3).with("id", 3),
        thing(4, "four", 4).with("less", "text"),
    ];
    store(&mut twin, session, data)?;
    twin.verify(session)
}

fn none_at_all(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::new(bench, things())?;
    let session = bench.session()?;
    store(&mut twin, session, Vec::new())?;
    twin.verify(session)?;
    store(&mut twin, session, some_things())?;
    store(&mut twin, session, Vec::new())?;
    twin.verify(session)
}

/// How many records are a large batch.
const LARGE: i64 = 530;

fn large(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(things())?;
    let session = bench.session()?;
    // Backwards, so that neither end is where it would be anyway.
    let data: Vec<Entity> = (0..LARGE).rev().map(|it| thing(it, "large", it)).collect();
    match create_all(session, &model.name, &data) {
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {
            return Err(unsupported("create-all"));
        }
        made => {
            let made = must("create-all", made)?;
            ensure(made.len() == data.len(), || {
                Finding::new("`create-all` doesn't return an answer for each record")
                    .differs(data.len(), made.len())
            })?;
        }
    }
    let stored = crate::bench::everything(session, &model.name)?;
    ensure(stored.len() == data.len(), || {
        Finding::new("of a large batch, not every record is stored")
            .differs(data.len(), stored.len())
    })?;
    for record in &data {
        let mut stored = stored.iter();
        let key = record.get("id");
        let found = stored.find(|found| found.get("id") == key);
        ensure(found.is_some_and(|found| same(found, record)), || {
            Finding::new("of a large batch, a record is not stored as it was written").differs(
                show::record(record),
                found.map_or("none".to_owned(), show::record),
            )
        })?;
    }
    Ok(())
}

fn twice_within(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), vec![thing(1, "one", 10)])?;
    let session = bench.session()?;
    let data = |keys: &[i64]| keys.iter().map(|key| thing(*key, "new", *key)).collect();
    refuse(&mut twin, session, data(&[2, 2]), 1)?;
    refuse(&mut twin, session, data(&[12, 13, 14, 12]), 3)?;
    refuse(&mut twin, session, data(&[22, 23, 23, 24]), 2)
}

fn taken_key(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let data = |keys: &[i64]| keys.iter().map(|key| thing(*key, "new", *key)).collect();
    refuse(&mut twin, session, data(&[1]), 0)?;
    refuse(&mut twin, session, data(&[1, 12, 13]), 0)?;
    refuse(&mut twin, session, data(&[22, 2, 23]), 1)?;
    refuse(&mut twin, session, data(&[32, 33, 34, 5]), 3)
}

fn taken_value(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let held = vec![thing(1, "one", 10), thing(2, "two", 20), bare_thing(3)];
    let mut twin = Twin::holding(bench, things().index(&["number"], true), held)?;
    let session = bench.session()?;
    refuse(
        &mut twin,
        session,
        vec![thing(12, "a", 120), thing(13, "b", 20)],
        1,
    )?;
    refuse(
        &mut twin,
        session,
        vec![thing(22, "a", 10), thing(23, "b", 230)],
        0,
    )?;
    // The same value twice in the batch; nulls are never the same.
    let twice = vec![
        thing(32, "a", 7),
        bare_thing(33),
        bare_thing(34),
        thing(35, "b", 7),
    ];
    refuse(&mut twin, session, twice, 3)?;
    store(
        &mut twin,
        session,
        vec![bare_thing(42), bare_thing(43), thing(44, "a", 44)],
    )?;
    twin.verify(session)
}

fn large_refused(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let mut data: Vec<Entity> = (100..100 + LARGE)
        .map(|it| thing(it, "large", it))
        .collect();
    data.push(thing(2, "taken", 0));
    let Err(failure) = create_all(session, &twin.name(), &data) else {
        return Err(Stop::failed(
            "`create-all` takes a batch of which the last key is taken",
        ));
    };
    twin.step("create-all of hundreds of records, of which the last has the key 2");
    if failure.kind() == Some(ErrorKind::Unsupported) {
        return Err(unsupported("create-all"));
    }
    if failure.error().map(|error| error.effect) == Some(Effect::Partial) {
        return Err(Stop::skipped(
            "`create-all` says itself that it does a part where it fails",
        ));
    }
    refused("create-all", &failure, &[ErrorKind::Duplicate]).map_err(|stop| twin.tell(stop))?;
    twin.verify(session)
}

fn after_failure(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let mut data = vec![
        thing(6, "six", 60),
        thing(7, "seven", 70),
        thing(1, "taken", 0),
    ];
    refuse(&mut twin, session, data.clone(), 2)?;
    if twin.records().len() > 5 {
        return Err(Stop::skipped(
            "`create-all` says itself that it does a part where it fails",
        ));
    }
    data.pop();
    store(&mut twin, session, data)?;
    twin.verify(session)?;
    twin.destroy(session, &id(7))?;
    store(
        &mut twin,
        session,
        vec![thing(7, "again", 71), thing(8, "eight", 80)],
    )?;
    twin.verify(session)
}

fn keys_in_order(bench: &mut Bench<'_>) -> Checked {
    let kind = needs_generated_keys(bench)?;
    let model = bench.collection(counted(kind))?;
    let session = bench.session()?;
    let record = |text: String, key: Option<Value>| {
        let record = match key {
            Some(key) => Entity::new().with("id", key),
            None => Entity::new(),
        };
        record.with("text", text).with("number", Value::Null)
    };
    let mut batches = vec![
        (0..7)
            .map(|it| record(format!("a{it}"), None))
            .collect::<Vec<_>>(),
    ];
    batches.push(
        (0..3)
            .rev()
            .map(|it| record(format!("b{it}"), None))
            .collect(),
    );
    if kind == PropertyType::Integer {
        // Some have a key already.
        batches.push(vec![
            record("c0".into(), None),
            record("c1".into(), Some(Value::Integer(5_000))),
            record("c2".into(), None),
        ]);
    }
    for data in batches {
        let shown: Vec<String> = data.iter().map(show::record).collect();
        let step = format!("create-all [{}]", shown.join(", "));
        let made = match create_all(session, &model.name, &data) {
            Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {
                return Err(unsupported("create-all"));
            }
            made => must("create-all", made).map_err(|stop| stop.after(&step))?,
        };
        for (made, record) in made.into_iter().zip(&data) {
            let mut whole = record.clone();
            whole.merge(made.into());
            let key: Key = vec![whole.get("id").cloned().unwrap_or_default()];
            let found = must("find", session.find(&model.name, &key))?.map(Entity::from);
            ensure(
                found.as_ref().is_some_and(|found| same(found, &whole)),
                || {
                    Finding::new(
                        "`create-all` doesn't return the keys that it made in the records' order",
                    )
                    .differs(
                        show::record(&whole),
                        found.as_ref().map_or("none".to_owned(), show::record),
                    )
                    .after(format!("find {}", show::key(&key)))
                    .after(&step)
                },
            )?;
        }
    }
    Ok(())
}
