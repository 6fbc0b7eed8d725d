//! Calls that give the transaction up, as some databases do after any error.

use tenon_model::contract::{Aftermath, Query};

use super::plain;
use crate::bench::{Bench, everything};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::sequence::{integers, key};
use crate::session::Session;
use crate::show;

/// Makes calls that fail within a transaction, until one says that the transaction is lost.
fn lose(session: &mut Session<'_>, model: &str) -> Checked<String> {
    let record = |id: i64| integers(&[("id", id), ("a", 1), ("b", 1)]);
    must("begin", session.begin(None, false))?;
    must("create", session.create(model, record(2).as_contract()))?;
    let batch = [record(5).into_contract(), record(1).into_contract()];
    type Call<'c> = (
        &'static str,
        Box<dyn FnOnce(&mut Session<'_>) -> Option<Aftermath> + 'c>,
    );
    fn aftermath<T>(called: Result<T, tenon_runtime::direct::Failure>) -> Option<Aftermath> {
        called
            .err()
            .and_then(|failure| failure.error().map(|error| error.aftermath))
    }
    let calls: Vec<Call<'_>> = vec![
        (
            "create-all of records of which one's key is taken",
            Box::new(|session| aftermath(session.create_all(model, &batch))),
        ),
        (
            "create of a record whose key is taken",
            Box::new(|session| aftermath(session.create(model, record(1).as_contract()))),
        ),
        (
            "create of a record without its key",
            Box::new(|session| aftermath(session.create(model, &Vec::new()))),
        ),
        (
            "save of a record that isn't there",
            Box::new(|session| aftermath(session.save(model, record(9).as_contract()))),
        ),
    ];
    for (told, call) in calls {
        if call(session) == Some(Aftermath::TransactionLost) {
            return Ok(told.to_owned());
        }
    }
    must("rollback", session.rollback())?;
    Err(Stop::skipped("no failed call has given the transaction up"))
}

fn is_as_before(session: &mut Session<'_>, model: &str, told: &str) -> Checked {
    let records = everything(session, model)?;
    let as_before = matches!(records.as_slice(), [only] if only.get("id") == Some(&1.into()));
    ensure(as_before, || {
        Finding::new("a transaction that was given up has left something behind")
            .differs("the record 1 alone", show::records(&records))
            .after(told)
            .after("begin, create 2")
    })
}

pub fn lost(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let one = integers(&[("id", 1), ("a", 1), ("b", 1)]);
    bench.fill(&model, std::slice::from_ref(&one))?;
    let session = bench.session()?;
    let told = lose(session, &model.name)?;
    let name = model.name.as_str();
    let three = integers(&[("id", 3), ("a", 1), ("b", 1)]);
    let works = [
        ("create", session.create(name, three.as_contract()).is_ok()),
        ("find", session.find(name, &key(1)).is_ok()),
        ("count", session.count(name, &Vec::new()).is_ok()),
        ("begin", session.begin(None, false).is_ok()),
    ];
    let read = session
        .all(name, &Query::default())
        .and_then(|(rows, _)| session.read(rows, 10));
    for (function, works) in works.into_iter().chain([("all", read.is_ok())]) {
        ensure(!works, || {
            Finding::new(format!(
                "`{function}` works in a transaction that was given up: only `rollback` is possible"
            ))
            .differs("an error", "success")
            .after(&told)
        })?;
    }
    must("rollback", session.rollback()).map_err(|stop| stop.after(&told))?;
    is_as_before(session, name, &told)?;
    must("begin", session.begin(None, false))?;
    must("create", session.create(name, three.as_contract()))?;
    must("commit", session.commit())?;
    let count = everything(session, name)?.len();
    ensure(count == 2, || {
        Finding::new("the transaction after one that was given up isn't kept")
            .differs("2 records", count)
    })
}

pub fn commit(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let one = integers(&[("id", 1), ("a", 1), ("b", 1)]);
    bench.fill(&model, std::slice::from_ref(&one))?;
    let session = bench.session()?;
    let told = lose(session, &model.name)?;
    ensure(session.commit().is_err(), || {
        Finding::new("`commit` succeeds for a transaction that was given up")
            .differs("an error: only `rollback` is possible", "success")
            .after(&told)
    })?;
    // Whether the attempt has ended it, is the backend's matter.
    let _ = session.rollback();
    is_as_before(session, &model.name, &told)?;
    ensure(session.rollback().is_err(), || {
        Finding::new("a transaction is open after `rollback`")
    })
}
