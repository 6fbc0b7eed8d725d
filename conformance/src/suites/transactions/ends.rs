//! Transactions that end otherwise than by `commit` or `rollback`.

use std::time::{Duration, Instant};

use tenon_model::contract::{ErrorKind, Model};

use super::plain;
use crate::bench::{Bench, end, everything};
use crate::finding::{Checked, Finding, ensure, must};
use crate::sequence::{integers, key};
use crate::session::Session;
use crate::show;

/// The record that was there before, and one that a transaction creates. The first is changed by it.
fn begin(session: &mut Session<'_>, model: &str) -> Checked {
    let (first, second) = (integers(&[("id", 1), ("a", 1)]), integers(&[("id", 2)]));
    let (first, second) = (first.with("b", 0), second.with("a", 2).with("b", 0));
    if everything(session, model)?.is_empty() {
        must("create", session.create(model, first.as_contract()))?;
    }
    must("begin", session.begin(None, false))?;
    must("create", session.create(model, second.as_contract()))?;
    let changed = first.with("a", 9);
    must(
        "save",
        unless_unsupported(session.save(model, changed.as_contract())),
    )
}

fn unless_unsupported<T>(
    called: Result<T, tenon_runtime::direct::Failure>,
) -> Result<(), tenon_runtime::direct::Failure> {
    match called {
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => Ok(()),
        called => called.map(drop),
    }
}

/// Whether the records are as they were before the transaction.
fn undone(session: &mut Session<'_>, model: &str, what: &str) -> Checked {
    let records = everything(session, model)?;
    let as_before = matches!(records.as_slice(), [only] if crate::reference::same(
        only,
        &integers(&[("id", 1), ("a", 1), ("b", 0)]),
    ));
    ensure(as_before, || {
        Finding::new(format!("{what} doesn't undo the open transaction"))
            .differs(r#"{"id": 1, "a": 1, "b": 0}"#, show::records(&records))
            .after("begin, create a second record, and change the first")
            .after(r#"create {"id": 1, "a": 1, "b": 0}"#)
    })
}

/// Whether the session can be used for everything, in a transaction and without.
fn works(session: &mut Session<'_>, model: &str, what: &str) -> Checked {
    let outside = |stop: crate::finding::Stop| stop.after(format!("after {what}"));
    ensure(session.commit().is_err(), || {
        Finding::new(format!(
            "a transaction is open after {what}: `commit` works"
        ))
    })?;
    let made = integers(&[("id", 50), ("a", 0), ("b", 0)]);
    must("create", session.create(model, made.as_contract())).map_err(outside)?;
    must("destroy", session.destroy(model, &key(50))).map_err(outside)?;
    must("begin", session.begin(None, false)).map_err(outside)?;
    must("create", session.create(model, made.as_contract())).map_err(outside)?;
    must("commit", session.commit()).map_err(outside)?;
    let found = must("find", session.find(model, &key(50))).map_err(outside)?;
    ensure(found.is_some(), || {
        Finding::new(format!("after {what} a committed record isn't there"))
    })?;
    must("destroy", session.destroy(model, &key(50))).map_err(outside)?;
    Ok(())
}

pub fn reset(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let session = bench.session()?;
    must("reset", session.reset())?;
    begin(session, &model.name)?;
    must("reset", session.reset())?;
    undone(session, &model.name, "`reset`")?;
    works(session, &model.name, "`reset`")?;
    // A read-only transaction, too.
    must("begin", session.begin(None, true))?;
    must("reset", session.reset())?;
    works(session, &model.name, "`reset`")
}

pub fn disconnect(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let session = bench.session()?;
    begin(session, &model.name)?;
    must("disconnect", session.disconnect())?;
    must("connect", session.connect())?;
    undone(session, &model.name, "`disconnect`")?;
    works(session, &model.name, "`disconnect` and `connect`")
}

/// Whether a new session finds what an earlier one has stored.
fn outlives(bench: &mut Bench<'_>, model: &Model) -> Checked<bool> {
    let session = bench.session()?;
    let kept = integers(&[("id", 1), ("a", 1), ("b", 0)]);
    must("create", session.create(&model.name, kept.as_contract()))?;
    end(bench.take_session()?);
    let session = bench.session()?;
    must("define", session.define(model))?;
    Ok(!everything(session, &model.name)?.is_empty())
}

pub fn dispose(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let outlives = outlives(bench, &model)?;
    begin(bench.session()?, &model.name)?;
    end(bench.take_session()?);
    left(bench, &model, outlives, "to end the session in order")
}

pub fn gone(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let outlives = outlives(bench, &model)?;
    begin(bench.session()?, &model.name)?;
    // As after a crash: nothing is called any more.
    drop(bench.take_session()?);
    left(bench, &model, outlives, "to lose the instance")
}

/// Looks at what an instance has left behind.
fn left(bench: &mut Bench<'_>, model: &Model, outlives: bool, what: &str) -> Checked {
    let session = bench.session()?;
    must("define", session.define(model))?;
    if outlives {
        undone(session, &model.name, what)?;
    } else {
        let records = everything(session, &model.name)?;
        ensure(records.is_empty(), || {
            Finding::new("of the records that ended with their instance some are there")
                .differs("none", show::records(&records))
        })?;
    }
    // The transaction had changed the first record and created the second: its locks are gone.
    let first = integers(&[("id", 1), ("a", 5), ("b", 5)]);
    let second = integers(&[("id", 2), ("a", 5), ("b", 5)]);
    patiently("create", || {
        session.create(&model.name, second.as_contract())
    })
    .map_err(|stop| stop.after(format!("a transaction is open; then {what}")))?;
    if outlives {
        patiently("save", || {
            unless_unsupported(session.save(&model.name, first.as_contract()))
        })
        .map_err(|stop| stop.after(format!("a transaction is open; then {what}")))?;
    }
    works(session, &model.name, what)
}

/// How long a backend may take to notice that a session is gone: some find out only by the age of its lock.
const PATIENCE: Duration = Duration::from_secs(20);

/// Makes a call again while what a session has left behind is in its way.
fn patiently<T>(
    what: &str,
    mut call: impl FnMut() -> Result<T, tenon_runtime::direct::Failure>,
) -> Checked<T> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        match call() {
            Err(failure)
                if matches!(
                    failure.kind(),
                    Some(ErrorKind::Timeout | ErrorKind::Conflict | ErrorKind::Unavailable)
                ) =>
            {
                std::thread::sleep(Duration::from_millis(100));
            }
            called => return must(what, called),
        }
    }
    must(what, call())
}

pub fn lasts(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let session = bench.session()?;
    let record = |id: i64| integers(&[("id", id), ("a", id), ("b", 0)]);
    must(
        "create",
        session.create(&model.name, record(1).as_contract()),
    )?;
    must(
        "create",
        session.create(&model.name, record(2).as_contract()),
    )?;
    must("begin", session.begin(None, false))?;
    must(
        "create",
        session.create(&model.name, record(3).as_contract()),
    )?;
    must("destroy", session.destroy(&model.name, &key(2)))?;
    must(
        "create",
        session.create(&model.name, record(4).as_contract()),
    )?;
    must("commit", session.commit())?;
    let wanted = everything(session, &model.name)?;
    must("disconnect", session.disconnect())?;
    must("connect", session.connect())?;
    let found = everything(session, &model.name)?;
    let committed = |wanted: &str, found: &str, when: &str| {
        Finding::new(format!("what was committed isn't there {when}"))
            .differs(wanted, found)
            .after("create 1 and 2; begin; create 3, destroy 2, create 4; commit")
    };
    let (shown, seen) = (show::records(&wanted), show::records(&found));
    ensure(crate::reference::same_records(&wanted, &found), || {
        committed(&shown, &seen, "after `disconnect` and `connect`")
    })?;
    end(bench.take_session()?);
    let session = bench.session()?;
    must("define", session.define(&model))?;
    let found = everything(session, &model.name)?;
    let seen = show::records(&found);
    // A connector that keeps its data in the instance has none any more.
    ensure(
        found.is_empty() || crate::reference::same_records(&wanted, &found),
        || committed(&shown, &seen, "for the next session"),
    )?;
    if found.is_empty() {
        must(
            "create",
            session.create(&model.name, record(1).as_contract()),
        )?;
        end(bench.take_session()?);
        let session = bench.session()?;
        must("define", session.define(&model))?;
        ensure(everything(session, &model.name)?.is_empty(), || {
            committed(&shown, "no record", "for the next session")
        })?;
    }
    Ok(())
}

pub fn ping(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let session = bench.session()?;
    begin(session, &model.name)?;
    must("ping", session.ping())?;
    ensure(
        must("find", session.find(&model.name, &key(2)))?.is_some(),
        || Finding::new("after `ping` a transaction doesn't see its own changes"),
    )?;
    must("rollback", session.rollback())?;
    undone(session, &model.name, "`rollback` after `ping`")?;
    begin(session, &model.name)?;
    must("ping", session.ping())?;
    must("commit", session.commit())?;
    let count = everything(session, &model.name)?.len();
    ensure(count == 2, || {
        Finding::new("`commit` after `ping` doesn't keep what was created").differs(2, count)
    })?;
    // And outside of one it begins none.
    must("ping", session.ping())?;
    ensure(session.rollback().is_err(), || {
        Finding::new("`ping` begins a transaction: `rollback` works after it")
    })
}
