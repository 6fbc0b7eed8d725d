//! Open results and transactions.

use std::collections::BTreeMap;

use tenon_model::Entity;
use tenon_model::contract::{Query, Value};

use super::plain;
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::sequence::{integers, key};
use crate::show;

/// Records of a result that has several pages.
const RECORDS: i64 = 25;
/// Rows of a page.
const ROWS: u32 = 4;

fn record(id: i64) -> Entity {
    integers(&[("id", id), ("a", id), ("b", 0)])
}

/// How often each record came, by its key.
fn counted(rows: &[Entity]) -> BTreeMap<i64, usize> {
    let mut counted = BTreeMap::new();
    for row in rows {
        if let Some(Value::Integer(id)) = row.get("id") {
            *counted.entry(*id).or_default() += 1;
        }
    }
    counted
}

/// Whether each of these records came once, and no other but those that may.
fn came_once(rows: &[Entity], ids: &[i64], may_come: &[i64], what: &str) -> Checked {
    let mut counted = counted(rows);
    let wanted = format!("each of {ids:?} once");
    for id in ids {
        let count = counted.remove(id).unwrap_or(0);
        ensure(count == 1, || {
            Finding::new(format!("{what}: the record {id} comes {count} times"))
                .differs(&wanted, show::records(rows))
        })?;
    }
    for (id, count) in counted {
        ensure(may_come.contains(&id) && count == 1, || {
            Finding::new(format!("{what}: the record {id} comes {count} times"))
                .differs(&wanted, show::records(rows))
        })?;
    }
    Ok(())
}

pub fn inside(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let interleaves = bench.subject().manifest().interleaving;
    let records: Vec<Entity> = (1..=RECORDS).map(record).collect();
    for commits in [true, false] {
        bench.fill(&model, &records)?;
        let session = bench.session()?;
        let name = model.name.as_str();
        must("begin", session.begin(None, false))?;
        must("create", session.create(name, record(100).as_contract()))?;
        must("destroy", session.destroy(name, &key(3)))?;
        let (cursor, _) = must("all", session.all(name, &Query::default()))?;
        let mut rows = Vec::new();
        let mut page = 0;
        while let Some(more) = must("next", session.next_records(cursor, ROWS))? {
            rows.extend(more);
            page += 1;
            if interleaves && page == 1 {
                // What is done meanwhile is as it was, or as it is.
                must("create", session.create(name, record(200).as_contract()))?;
                must(
                    "count",
                    unless_unsupported(session.count(name, &Vec::new())),
                )?;
                must("destroy", session.destroy(name, &key(RECORDS)))?;
            }
        }
        must("close", session.close(cursor))?;
        let last = if interleaves { RECORDS - 1 } else { RECORDS };
        let mut ids: Vec<i64> = (1..=last).filter(|id| *id != 3).collect();
        ids.push(100);
        came_once(
            &rows,
            &ids,
            &[200, RECORDS],
            "a result that is read within a transaction",
        )?;
        if commits {
            must("commit", session.commit())?;
            ids.extend(interleaves.then_some(200));
        } else {
            must("rollback", session.rollback())?;
            ids = (1..=RECORDS).collect();
        }
        let stored = crate::bench::everything(session, name)?;
        came_once(&stored, &ids, &[], "after the transaction")?;
    }
    Ok(())
}

fn unless_unsupported<T: Default>(
    called: Result<T, tenon_runtime::direct::Failure>,
) -> Result<T, tenon_runtime::direct::Failure> {
    match called {
        Err(failure) if failure.kind() == Some(tenon_model::contract::ErrorKind::Unsupported) => {
            Ok(T::default())
        }
        called => called,
    }
}

pub fn across(bench: &mut Bench<'_>) -> Checked {
    if bench.subject().is_pooled() || !bench.subject().manifest().interleaving {
        return Err(Stop::skipped(
            "a session serves one caller until its result is closed",
        ));
    }
    let model = plain(bench)?;
    let records: Vec<Entity> = (1..=RECORDS).map(record).collect();
    for commits in [true, false] {
        bench.fill(&model, &records)?;
        let session = bench.session()?;
        let name = model.name.as_str();
        let (cursor, _) = must("all", session.all(name, &Query::default()))?;
        let mut rows = must("next", session.next_records(cursor, ROWS))?.unwrap_or_default();
        // Somebody else's turn.
        must("begin", session.begin(None, false))?;
        must("create", session.create(name, record(100).as_contract()))?;
        must("destroy", session.destroy(name, &key(RECORDS)))?;
        let moved = integers(&[("a", -1)]);
        must(
            "update-attributes",
            unless_unsupported(session.update_attributes(
                name,
                &key(RECORDS - 1),
                moved.as_contract(),
            )),
        )?;
        if commits {
            must("commit", session.commit())?;
        } else {
            must("rollback", session.rollback())?;
        }
        while let Some(more) = must("next", session.next_records(cursor, ROWS))? {
            rows.extend(more);
        }
        must("close", session.close(cursor))?;
        let last = if commits { RECORDS - 1 } else { RECORDS };
        let ids: Vec<i64> = (1..=last).collect();
        let may_come: &[i64] = if commits { &[100, RECORDS] } else { &[] };
        let what = "a result that was open while a transaction began and ended";
        came_once(&rows, &ids, may_come, what)?;
        if !commits {
            let as_before = rows.iter().all(|row| row.get("a") == row.get("id"));
            ensure(as_before, || {
                Finding::new("a result shows changes that were rolled back")
                    .differs("records whose `a` is their `id`", show::records(&rows))
            })?;
        }
    }
    Ok(())
}
