//! Serializable transactions of several sessions, tried again where they are refused.

use tenon_model::Entity;
use tenon_model::contract::{ErrorKind, Model, PropertyType, Query, Value};
use tenon_runtime::Isolation;
use tenon_runtime::direct::{Called, Failure};

use super::{SESSIONS, settled, together};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::models;
use crate::sequence::{integers, key};
use crate::session::Session;
use crate::show;

/// Transactions of each session.
const EACH: i64 = 8;

fn accounts(bench: &mut Bench<'_>, count: i64, balance: i64) -> Checked<Model> {
    let model = bench.collection(models::with(&[
        ("a", PropertyType::Integer),
        ("b", PropertyType::Integer),
    ]))?;
    let records: Vec<Entity> = (0..count)
        .map(|id| integers(&[("id", id), ("a", balance), ("b", 0)]))
        .collect();
    bench.another().map(crate::bench::end)?;
    bench.fill(&model, &records)?;
    let session = bench.session()?;
    match session.begin(Some(Isolation::Serializable), false) {
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {
            Err(Stop::skipped("the level `serializable` is `unsupported`"))
        }
        begun => {
            must("begin", begun)?;
            must("rollback", session.rollback())?;
            Ok(model)
        }
    }
}

/// Does work in a transaction that is rolled back where a call of it fails.
fn transaction<T>(
    session: &mut Session<'_>,
    read_only: bool,
    work: impl FnOnce(&mut Session<'_>) -> Called<T>,
) -> Called<T> {
    session.begin(Some(Isolation::Serializable), read_only)?;
    let done = work(session).and_then(|done| session.commit().map(|()| done));
    if done.is_err() {
        // Where `commit` has failed, it may be over.
        let _ = session.rollback();
    }
    done
}

fn read(session: &mut Session<'_>, model: &str, id: i64) -> Called<i64> {
    let found = session.find(model, &key(id))?.map(Entity::from);
    Ok(match found.as_ref().and_then(|found| found.get("a")) {
        Some(Value::Integer(a)) => *a,
        _ => i64::MIN / 2,
    })
}

fn write(session: &mut Session<'_>, model: &str, id: i64, a: i64) -> Called<()> {
    let data = integers(&[("a", a)]);
    match session.update_attributes(model, &key(id), data.as_contract()) {
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {
            let data = integers(&[("id", id), ("a", a), ("b", 0)]);
            session.save(model, data.as_contract()).map(drop)
        }
        changed => changed.map(drop),
    }
}

/// As the runtime has it: a failure of a transaction that can be tried again has changed nothing.
fn undone(failure: Failure) -> Failure {
    match failure {
        Failure::Failed(mut error) if error.kind == ErrorKind::Conflict => {
            error.effect = tenon_model::contract::Effect::Nothing;
            Failure::Failed(error)
        }
        failure => failure,
    }
}

pub fn counter(bench: &mut Bench<'_>) -> Checked {
    let model = accounts(bench, 1, 0)?;
    together(bench, &model, |_, session, seat| {
        seat.wait();
        for _ in 0..EACH {
            let counted = settled("a transaction", || {
                transaction(session, false, |session| {
                    let a = read(session, &model.name, 0)?;
                    write(session, &model.name, 0, a + 1)
                })
                .map_err(undone)
            })?;
            must("a transaction", counted)?;
        }
        Ok(())
    })?;
    let stored = bench.everything(&model)?;
    let wanted = EACH * i64::try_from(SESSIONS).unwrap_or(0);
    ensure(
        stored.first().and_then(|record| record.get("a")) == Some(&Value::Integer(wanted)),
        || {
            Finding::new("serializable transactions that count up lose some of it")
                .differs(format!("a: {wanted}"), show::records(&stored))
                .after(format!("{SESSIONS} sessions at once, {EACH} times: begin serializable, find 0, set a to one more, commit"))
        },
    )
}

pub fn transfers(bench: &mut Bench<'_>) -> Checked {
    let accounts_count = 4;
    let model = accounts(bench, accounts_count, 100)?;
    let sums = together(bench, &model, |number, session, seat| {
        seat.wait();
        let mut sums = Vec::new();
        for round in 0..EACH {
            if number == 0 {
                // One only looks.
                let sum = settled("a transaction", || {
                    transaction(session, true, |session| {
                        let (rows, _) = session.all(&model.name, &Query::default())?;
                        let rows = session.read(rows, 2)?;
                        let values = rows.iter().filter_map(|row| match row.get("a") {
                            Some(Value::Integer(a)) => Some(*a),
                            _ => None,
                        });
                        Ok(values.sum::<i64>())
                    })
                    .map_err(undone)
                })?;
                sums.push(must("a transaction", sum)?);
                continue;
            }
            let number = i64::try_from(number).unwrap_or(0);
            let (from, to) = (round % accounts_count, (round + number) % accounts_count);
            let moved = settled("a transaction", || {
                transaction(session, false, |session| {
                    let rich = read(session, &model.name, from)?;
                    write(session, &model.name, from, rich - 1)?;
                    let poor = read(session, &model.name, to)?;
                    write(session, &model.name, to, poor + 1)
                })
                .map_err(undone)
            })?;
            must("a transaction", moved)?;
        }
        Ok(sums)
    })?;
    let stored = bench.everything(&model)?;
    let values = stored.iter().map(|record| match record.get("a") {
        Some(Value::Integer(a)) => *a,
        _ => 0,
    });
    let (sum, wanted) = (values.sum::<i64>(), accounts_count * 100);
    ensure(sum == wanted, || {
        Finding::new("serializable transactions that move something from record to record make or lose some of it")
            .differs(format!("{wanted} in all"), format!("{sum}: {}", show::records(&stored)))
    })?;
    let seen: Vec<i64> = sums.into_iter().flatten().collect();
    ensure(seen.iter().all(|sum| *sum == wanted), || {
        Finding::new("a serializable transaction sees another's work by half")
            .differs(format!("{wanted} in all"), format!("{seen:?}"))
    })
}
