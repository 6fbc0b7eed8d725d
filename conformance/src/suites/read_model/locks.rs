//! Locks: a read model is open in one place at a time.

use std::time::{Duration, Instant};

use tenon_model::contract::ErrorKind;
use tenon_runtime::direct::{Called, Failure, OpenStore};

use super::opened::{TABLE, is_unsupported, refused, table};
use super::state::{may_refuse, similar};
use crate::bench::{Bench, end};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::session::Session;

const HELD: &str = "a read model that is open has its lock taken";

/// The lock is held: opening is a conflict.
fn held(session: &mut Session<'_>, name: &str) -> Checked {
    let opened = session.open_store(name).map(drop);
    refused("read-model.connect", opened, &[ErrorKind::Conflict], HELD)
}

/// The lock is free: opening works. It is given back.
pub fn free(session: &mut Session<'_>, name: &str, message: &str) -> Checked {
    let store = taken(session, name, message)?;
    must("read-model.disconnect", session.close_store(store, name))
}

/// Opens what has to be free.
fn taken(session: &mut Session<'_>, name: &str, message: &str) -> Checked<OpenStore> {
    let opened: Called<OpenStore> = session.open_store(name);
    opened.map_err(|failure| Finding::new(message).differs("no error", failure).into())
}

pub fn conflict(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let mut others = Vec::new();
    if bench.subject().is_pooled() {
        others.push(bench.another()?);
        others.push(bench.another()?);
    }
    let session = bench.session()?;
    let store = must("read-model.connect", session.open_store(&name))?;
    // Who asks again and again is refused again and again.
    for _ in 0..3 {
        held(session, &name).map_err(|stop| stop.after("the same session has it open"))?;
        for other in &mut others {
            held(other, &name).map_err(|stop| stop.after("another session has it open"))?;
        }
    }
    let message = "a store is of no use any more once somebody else wanted to open it";
    let used = session.set_state(store, "[1]");
    if !used.as_ref().is_err_and(is_unsupported) {
        must("set", used).map_err(|stop| stop.after(message))?;
    }
    let used = session.define_table(store, &table(TABLE, &["name"]));
    if !used.as_ref().is_err_and(is_unsupported) {
        must("define-table", used).map_err(|stop| stop.after(message))?;
    }
    for other in &mut others {
        held(other, &name)
            .map_err(|stop| stop.after("another session has it open, and uses it"))?;
    }
    must("read-model.disconnect", session.close_store(store, &name))?;
    for other in others.iter_mut() {
        free(
            other,
            &name,
            "a read model can't be opened in another session once it was closed",
        )?;
    }
    free(
        bench.session()?,
        &name,
        "a read model can't be opened again once it was closed",
    )?;
    others.into_iter().for_each(end);
    Ok(())
}

/// A detail of an error.
fn detail<'f>(failure: &'f Failure, name: &str) -> Option<&'f str> {
    let details = failure.error()?.details.iter();
    let found = details.into_iter().find(|(detail, _)| detail == name);
    found.map(|(_, value)| value.as_str())
}

/// How exactly ages are looked at.
const SLACK: Duration = Duration::from_millis(100);

pub fn details(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let session = bench.session()?;
    let before = Instant::now();
    let store = must("read-model.connect", session.open_store(&name))?;
    let after = Instant::now();
    let mut owners = Vec::new();
    let mut known = true;
    for wait in [0, 180] {
        std::thread::sleep(Duration::from_millis(wait));
        let least = after.elapsed();
        let Err(failure) = session.open_store(&name) else {
            return Err(Finding::new("a read model is opened twice")
                .differs("the error `conflict`", "no error")
                .into());
        };
        let most = before.elapsed();
        owners.push(detail(&failure, "lock-owner").map(str::to_owned));
        let Some(text) = detail(&failure, "lock-age") else {
            known = false;
            continue;
        };
        let age = text.parse::<u64>().map(Duration::from_millis);
        ensure(
            age.as_ref()
                .is_ok_and(|age| *age + SLACK >= least && *age <= most + SLACK),
            || {
                Finding::new("`lock-age` is not the lock's age in milliseconds").differs(
                    format!("between {} and {}", least.as_millis(), most.as_millis()),
                    text,
                )
            },
        )?;
    }
    ensure(
        owners
            .iter()
            .flatten()
            .all(|owner| !owner.trim().is_empty()),
        || {
            Finding::new("`lock-owner` says nothing")
                .differs("the lock's owner, or no such detail", "an empty text")
        },
    )?;
    ensure(owners.first() == owners.last(), || {
        Finding::new("`lock-owner` is another one each time, of the same lock").differs(
            format!("{:?}", owners.first()),
            format!("{:?}", owners.last()),
        )
    })?;
    must("read-model.disconnect", session.close_store(store, &name))?;
    if !known {
        bench.note("a lock's age is not known");
    }
    if owners.iter().any(Option::is_none) {
        bench.note("a lock's owner is not known");
    }
    Ok(())
}

pub fn closed(bench: &mut Bench<'_>) -> Checked {
    let (one, other) = (bench.read_model(), bench.read_model());
    let mut second = if bench.subject().is_pooled() {
        Some(bench.another()?)
    } else {
        None
    };
    let session = bench.session()?;
    for round in 0..6 {
        let told =
            |stop: Stop| stop.after(format!("it was opened and closed {round} times before"));
        let first = taken(
            session,
            &one,
            "a read model can't be opened again once it was closed",
        )
        .map_err(told)?;
        let beside = taken(
            session,
            &other,
            "a read model can't be opened beside another",
        )
        .map_err(told)?;
        must("read-model.disconnect", session.close_store(first, &one))?;
        let message = "closing one read model gives back the lock of another";
        held(session, &other).map_err(|stop| stop.after(message))?;
        if let Some(second) = &mut second {
            held(second, &other).map_err(|stop| stop.after(message))?;
            // What this one has now is not the first's to give back.
            let store = taken(
                second,
                &one,
                "a read model can't be opened in another session once it was closed",
            )?;
            held(session, &one)?;
            must("read-model.disconnect", session.close_store(beside, &other))?;
            held(session, &one).map_err(|stop| stop.after(message))?;
            must("read-model.disconnect", second.close_store(store, &one))?;
        } else {
            must("read-model.disconnect", session.close_store(beside, &other))?;
        }
    }
    second.into_iter().for_each(end);
    Ok(())
}

pub fn own(bench: &mut Bench<'_>) -> Checked {
    let base = bench.read_model();
    let names = similar(bench, &base);
    let session = bench.session()?;
    let mut stores = Vec::new();
    for name in &names {
        match session.open_store(name) {
            Ok(store) => stores.push((name, store)),
            Err(failure) if may_refuse(name, &failure) => {}
            Err(failure) => {
                let open: Vec<&str> = stores.iter().map(|(name, _)| name.as_str()).collect();
                return Err(
                    Finding::new("a read model can't be opened while others are open")
                        .differs("no error", failure)
                        .after(format!("connect {name:?}"))
                        .after(format!("open are {open:?}"))
                        .into(),
                );
            }
        }
    }
    for (name, store) in stores {
        held(session, name).map_err(|stop| stop.after(format!("the read model is {name:?}")))?;
        must("read-model.disconnect", session.close_store(store, name))?;
        free(
            session,
            name,
            "a read model can't be opened again once it was closed, while others are open",
        )?;
    }
    Ok(())
}

pub fn reset(bench: &mut Bench<'_>) -> Checked {
    let (one, other) = (bench.read_model(), bench.read_model());
    let session = bench.session()?;
    for name in [&one, &other] {
        must("read-model.connect", session.open_store(name))?;
    }
    let reset = session.reset();
    if reset.as_ref().is_err_and(is_unsupported) {
        return Err(Stop::skipped("`reset` is `unsupported`"));
    }
    must("reset", reset)?;
    let message = "`reset` leaves a lock: a session is to be what it was after `connect`";
    for name in [&one, &other] {
        free(bench.session()?, name, message)?;
    }
    if bench.subject().is_pooled() {
        let mut another = bench.another()?;
        for name in [&one, &other] {
            free(&mut another, name, message)?;
        }
        end(another);
    }
    Ok(())
}

pub fn dispose(bench: &mut Bench<'_>) -> Checked {
    let (one, other, third) = (bench.read_model(), bench.read_model(), bench.read_model());
    let pooled = bench.subject().is_pooled();
    let message = "`dispose` doesn't give back every lock that the instance holds";
    for ends_in_order in [false, true] {
        let told = |stop: Stop| {
            stop.after(if ends_in_order {
                "disconnect, dispose"
            } else {
                "dispose, without `disconnect` before"
            })
            .after("connect two read models, and leave them open")
        };
        let mut session = bench.take_session()?;
        for name in [&one, &other] {
            taken(&mut session, name, message)?;
        }
        // Another session's lock is not its own to give back; nor is one that it was refused.
        let mut bystander = if pooled {
            let mut bystander = bench.another()?;
            let store = taken(
                &mut bystander,
                &third,
                "a read model can't be opened beside others",
            )?;
            held(&mut session, &third)?;
            Some((bystander, store))
        } else {
            None
        };
        if ends_in_order {
            must("disconnect", session.disconnect())?;
        }
        must("dispose", session.dispose())?;
        drop(session);
        let mut next = bench.take_session()?;
        if let Some((bystander, store)) = &mut bystander {
            held(&mut next, &third)
                .map_err(|stop| stop.after("`dispose` gives back the lock of another session"))
                .map_err(told)?;
            let closed = bystander.close_store(*store, &third);
            must("read-model.disconnect", closed)?;
        }
        for name in [&one, &other] {
            free(&mut next, name, message).map_err(told)?;
        }
        bench.give_session(next);
        if let Some((bystander, _)) = bystander {
            end(bystander);
        }
    }
    if !pooled {
        return Ok(());
    }
    // A lock that was closed and taken by another is the other's.
    let mut first = bench.another()?;
    let store = taken(&mut first, &one, "a read model can't be opened")?;
    must("read-model.disconnect", first.close_store(store, &one))?;
    let session = bench.session()?;
    let store = taken(
        session,
        &one,
        "a read model can't be opened in another session once it was closed",
    )?;
    end(first);
    held(session, &one)?;
    let mut third = bench.another()?;
    held(&mut third, &one)
        .map_err(|stop| stop.after("a session that had closed it before has ended"))?;
    end(third);
    let session = bench.session()?;
    must("read-model.disconnect", session.close_store(store, &one))
}
