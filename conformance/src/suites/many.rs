//! Many records: none is lost, left out or counted twice.

use tenon_model::Entity;
use tenon_model::contract::{Key, Value};

use super::Check;
use super::operations::{crud, thing, things};
use crate::bench::{Bench, everything};
use crate::expect::{supported, unsupported};
use crate::finding::{Checked, Finding, ensure, must};
use crate::reference::same;
use crate::show;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.many.counted",
        "more than a thousand records are stored, counted, read, changed and deleted to the last",
        many_records,
    ),
    crud(
        "crud.many.none-lost",
        "of hundreds of creations, changes and deletions in a row, none is lost",
        none_is_lost,
    ),
];

/// How many are many: more than any page, and than what a statement takes at once.
const MANY: i64 = 1_203;

fn many_records(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(things())?;
    let records: Vec<Entity> = (0..MANY)
        .map(|number| thing(number, "many", number % 3))
        .collect();
    let session = bench.session()?;
    for part in records.chunks(200) {
        let data: Vec<_> = part
            .iter()
            .map(|record| record.as_contract().clone())
            .collect();
        let created = supported("create-all", session.create_all(&model.name, &data))?;
        if created.is_none() {
            for record in &data {
                must("create", session.create(&model.name, record))?;
            }
        }
    }
    let step = format!("after {MANY} records were created: {}", show::model(&model));
    let counted = |session: &mut crate::session::Session<'_>, filter, expected: i64| {
        let seen = supported("count", session.count(&model.name, &filter))?;
        ensure(
            seen.is_none_or(|seen| i64::try_from(seen) == Ok(expected)),
            || {
                Finding::new("`count` doesn't count to the last of many records").differs(
                    expected,
                    seen.map_or("unsupported".to_owned(), |seen| seen.to_string()),
                )
            },
        )
        .map_err(|stop| stop.after(format!("count where {}", show::filter(&filter))))
    };
    let has = |number: i64| tenon_model::Filter::equal("number", number).to_nodes();
    let check = |bench: &mut Bench<'_>| -> Checked {
        let session = bench.session()?;
        counted(session, Vec::new(), MANY)?;
        counted(session, has(0), MANY / 3)?;
        let read = everything(session, &model.name)?;
        same_many(&records, &read)?;
        let text = Entity::new().with("text", "changed");
        let updated = session.update(&model.name, &has(1), text.as_contract());
        if let Some(updated) = supported("update", updated)? {
            ensure(i64::try_from(updated) == Ok(MANY / 3), || {
                Finding::new("`update` doesn't change, or count, every one of many matches")
                    .differs(MANY / 3, updated)
            })?;
            let changed = tenon_model::Filter::equal("text", "changed").to_nodes();
            counted(session, changed, MANY / 3)?;
        }
        let destroyed = session.destroy_all(&model.name, &has(2));
        if let Some(destroyed) = supported("destroy-all", destroyed)? {
            ensure(i64::try_from(destroyed) == Ok(MANY / 3), || {
                Finding::new("`destroy-all` doesn't delete, or count, every one of many matches")
                    .differs(MANY / 3, destroyed)
            })?;
            counted(session, has(2), 0)?;
            counted(session, Vec::new(), MANY - MANY / 3)?;
            let rest = must("destroy-all", session.destroy_all(&model.name, &Vec::new()))?;
            ensure(i64::try_from(rest) == Ok(MANY - MANY / 3), || {
                Finding::new("`destroy-all` with an empty filter doesn't delete, or count, all")
                    .differs(MANY - MANY / 3, rest)
            })?;
            let left = everything(session, &model.name)?;
            ensure(left.is_empty(), || {
                Finding::new("`destroy-all` with an empty filter leaves records")
                    .differs(0, left.len())
            })?;
        }
        Ok(())
    };
    check(bench).map_err(|stop| stop.after(step))
}

/// Whether these are the records, whatever their order; for more than can be compared each with each.
fn same_many(expected: &[Entity], seen: &[Entity]) -> Checked {
    let number = |record: &Entity| record.get("id").and_then(Value::as_integer);
    let sorted = |records: &[Entity]| {
        let mut records = records.to_vec();
        records.sort_by_key(number);
        records
    };
    let (expected, seen) = (sorted(expected), sorted(seen));
    ensure(expected.len() == seen.len(), || {
        Finding::new("`all` doesn't hand out each of many records once")
            .differs(expected.len(), seen.len())
    })?;
    for (one, other) in expected.iter().zip(&seen) {
        ensure(same(one, other), || {
            Finding::new("of many records, one is not as it was written")
                .differs(show::record(one), show::record(other))
        })?;
    }
    Ok(())
}

fn none_is_lost(bench: &mut Bench<'_>) -> Checked {
    let model = bench.collection(things().index(&["number"], false))?;
    let name = &model.name;
    let session = bench.session()?;
    let mut expected: Vec<Entity> = Vec::new();
    let mut updates = true;
    for number in 0..300 {
        let record = thing(number, "new", number);
        must("create", session.create(name, record.as_contract()))?;
        expected.push(record);
        // One that was made some time ago is changed, another deleted.
        let count = expected.len();
        if number % 3 == 1
            && updates
            && let Some(old) = expected.get_mut((number as usize * 7) % 100 % count)
        {
            let key: Key = vec![old.get("id").cloned().unwrap_or_default()];
            let change = Entity::new().with("text", format!("changed by {number}"));
            let changed = session.update_attributes(name, &key, change.as_contract());
            match supported("update-attributes", changed)? {
                Some(_) => old.merge(change),
                None => updates = false,
            }
        }
        if number % 5 == 4 {
            let gone = expected.remove((number as usize * 11) % expected.len());
            let key: Key = vec![gone.get("id").cloned().unwrap_or_default()];
            if supported("destroy", session.destroy(name, &key))?.is_none() {
                return Err(unsupported("destroy"));
            }
        }
    }
    let step = "300 times create, every third time update-attributes of an older one, every fifth time destroy";
    let read = everything(session, name)?;
    same_many(&expected, &read).map_err(|stop| stop.after(step))?;
    for record in &expected {
        let key: Key = vec![record.get("id").cloned().unwrap_or_default()];
        if let Some(found) = supported("find", session.find(name, &key))? {
            let found = found.map(Entity::from);
            ensure(
                found.as_ref().is_some_and(|found| same(found, record)),
                || {
                    Finding::new("a record is not found as it was written last").differs(
                        show::record(record),
                        found.as_ref().map_or("none".to_owned(), show::record),
                    )
                },
            )
            .map_err(|stop| stop.after(format!("find {}", show::key(&key))).after(step))?;
        }
    }
    Ok(())
}
