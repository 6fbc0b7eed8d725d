//! The life of an instance: what it says of itself, how it begins and ends, and what stays meanwhile.

use tenon_model::Entity;
use tenon_model::contract::Query;
use tenon_runtime::Capability;

use super::Check;
use super::operations::{crud, needs_indexes, some_things, thing, things};
use crate::bench::{Bench, end, everything};
use crate::expect::id;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::same_records;
use crate::session::Session;
use crate::show;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    Check {
        name: "lifecycle.describe.same",
        about: "`describe` says the same at every time, in every instance",
        needs: &[],
        writes: false,
        run: describes_the_same,
    },
    Check {
        name: "lifecycle.connect.answers",
        about: "a session that is connected answers `ping`, also after it was connected anew",
        needs: &[],
        writes: false,
        run: connected_answers,
    },
    crud(
        "lifecycle.define.before-connect",
        "a definition before `connect` is an error or counts, and one after it works in any case",
        defined_early,
    ),
    crud(
        "lifecycle.disconnect.definition-stays",
        "models stay defined across `disconnect` and `connect`",
        definition_stays,
    ),
    crud(
        "lifecycle.disconnect.data-stay",
        "records are as they were after `disconnect` and `connect`, however often",
        data_stay,
    ),
    crud(
        "lifecycle.dispose.data-stay",
        "a new instance finds what the last one has written, or nothing at all where the data live in the instance",
        data_outlive_the_instance,
    ),
    crud(
        "lifecycle.ping.changes-nothing",
        "`ping` works at any time, and changes nothing",
        ping_changes_nothing,
    ),
    crud(
        "lifecycle.ping.within-cursor",
        "`ping` in the middle of a result leaves the rows as they are",
        ping_within_cursor,
    ),
    Check {
        name: "lifecycle.ping.within-transaction",
        about: "`ping` neither ends a transaction nor makes it last",
        needs: &[Capability::Crud, Capability::Transactions],
        writes: true,
        run: ping_within_transaction,
    },
];

fn describes_the_same(bench: &mut Bench<'_>) -> Checked {
    let subject = bench.subject();
    let mut first: Option<String> = None;
    for _ in 0..2 {
        let mut session = subject.instance()?;
        let mut look = |session: &mut Session<'_>, when: &str| -> Checked {
            let described = must("describe", session.describe())?;
            let told = format!("{described:#?}");
            match &first {
                None => first = Some(told),
                Some(before) => ensure(*before == told, || {
                    Finding::new("`describe` says something else than before, and it is static")
                        .differs(before, &told)
                        .after(format!("describe {when}"))
                })?,
            }
            Ok(())
        };
        look(&mut session, "before `initialize`")?;
        look(&mut session, "again")?;
        must("initialize", session.initialize())?;
        look(&mut session, "after `initialize`")?;
        must("connect", session.connect())?;
        look(&mut session, "after `connect`")?;
        must("ping", session.ping())?;
        look(&mut session, "after `ping`")?;
        must("disconnect", session.disconnect())?;
        look(&mut session, "after `disconnect`")?;
        must("dispose", session.dispose())?;
    }
    Ok(())
}

fn connected_answers(bench: &mut Bench<'_>) -> Checked {
    let session = bench.session()?;
    for _ in 0..3 {
        must("ping", session.ping())?;
    }
    for _ in 0..5 {
        must("disconnect", session.disconnect())?;
        must("connect", session.connect())
            .map_err(|stop| stop.after("disconnect, then connect again"))?;
        must("ping", session.ping())
            .map_err(|stop| stop.after("disconnect, connect again, then ping"))?;
    }
    must("reset", session.reset())?;
    must("ping", session.ping()).map_err(|stop| stop.after("reset, then ping"))
}

fn defined_early(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let model = twin.model().clone();
    let session = bench.session()?;
    // The same instance, so that an exclusive connector still has its data.
    must("disconnect", session.disconnect())?;
    twin.step("disconnect, define, connect");
    let early = session.define(&model);
    if let Err(failure) = &early
        && failure.error().is_none()
    {
        return Err(must::<()>("define", Err(failure.clone()))
            .map_or_else(|stop| twin.tell(stop), |()| Stop::skipped("")));
    }
    must("connect", session.connect()).map_err(|stop| twin.tell(stop))?;
    if early.is_ok() {
        twin.verify(session)?;
    }
    twin.step("define");
    must("define", session.define(&model)).map_err(|stop| twin.tell(stop))?;
    twin.create(session, thing(9, "new", 9))?;
    twin.verify(session)
}

fn definition_stays(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut one = Twin::holding(bench, things(), some_things())?;
    let mut other = Twin::new(bench, things().index(&["number"], true))?;
    let session = bench.session()?;
    for round in 0..3 {
        must("disconnect", session.disconnect())?;
        must("connect", session.connect())?;
        for twin in [&mut one, &mut other] {
            twin.step("disconnect, connect, without define");
            twin.create(session, thing(100 + round, "later", round))?;
            twin.verify(session)?;
        }
    }
    // The index is still known of, too.
    other.create(session, thing(200, "twice", 1))?;
    other.verify(session)
}

fn data_stay(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for round in 0..5 {
        twin.step("disconnect, connect");
        must("disconnect", session.disconnect())?;
        must("connect", session.connect())?;
        twin.verify(session)?;
        match round {
            0 => twin.create(session, thing(6, "six", 60))?,
            1 => twin.destroy(session, &id(2))?,
            2 => twin.save(session, thing(1, "saved", 11))?,
            _ => {}
        }
    }
    twin.verify_absent(session, &id(2))
}

fn data_outlive_the_instance(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let model = twin.model().clone();
    for is_disconnected in [true, false] {
        let mut session = bench.take_session()?;
        if is_disconnected {
            twin.step("disconnect, dispose, and a new instance");
            end(session);
        } else {
            twin.step("dispose without disconnect, and a new instance");
            must("dispose", session.dispose())?;
            drop(session);
        }
        let session = bench.session()?;
        if session.define(&model).is_err() || everything(session, &model.name)?.is_empty() {
            if bench.subject().is_pooled() {
                return Err(twin.tell(Stop::failed(
                    "a new instance doesn't find the records of the last one",
                )));
            }
            bench.note("its data live in the instance: a new one begins with none");
            return Ok(());
        }
        twin.verify(session)?;
        twin.update_attributes(
            session,
            &id(1),
            Entity::new().with("text", "by the new one"),
        )?;
        twin.verify(session)?;
    }
    Ok(())
}

fn ping_changes_nothing(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let ping = |twin: &mut Twin, session: &mut Session<'_>| {
        twin.step("ping");
        must("ping", session.ping()).map_err(|stop| twin.tell(stop))?;
        twin.verify(session)
    };
    ping(&mut twin, session)?;
    twin.create(session, thing(6, "six", 60))?;
    ping(&mut twin, session)?;
    // Around errors: a key that is taken, and one that none has.
    twin.create(session, thing(6, "again", 60))?;
    ping(&mut twin, session)?;
    twin.save(session, thing(7, "none", 70))?;
    ping(&mut twin, session)?;
    twin.update_attributes(session, &id(6), Entity::new().with("number", 61))?;
    ping(&mut twin, session)?;
    twin.destroy(session, &id(6))?;
    ping(&mut twin, session)?;
    ping(&mut twin, session)
}

/// Whether other calls may come while a result is open.
pub fn interleaves(bench: &Bench<'_>) -> bool {
    !bench.subject().is_pooled() || bench.subject().manifest().interleaving
}

fn ping_within_cursor(bench: &mut Bench<'_>) -> Checked {
    if !interleaves(bench) {
        return Err(Stop::skipped(
            "nothing comes between the pages of a result: `interleaving` is false",
        ));
    }
    let twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let (rows, _) = must("all", session.all(&twin.name(), &Query::default()))?;
    let mut read = Vec::new();
    must("ping", session.ping())?;
    while let Some(page) = must("next", session.next_records(rows, 2))? {
        read.extend(page);
        must("ping", session.ping())
            .map_err(|stop| twin.tell(stop.after("all, next with 2 rows, ping")))?;
        if read.len() > 100 {
            break;
        }
    }
    must("close", session.close(rows))?;
    ensure(same_records(twin.records(), &read), || {
        Finding::new("with `ping` between its pages, a result has other rows")
            .differs(show::records(twin.records()), show::records(&read))
    })
    .map_err(|stop| twin.tell(stop))
}

fn ping_within_transaction(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for lasts in [false, true] {
        let before = twin.as_now();
        twin.step("begin");
        must("begin", session.begin(None, false))?;
        twin.create(session, thing(6, "six", 60))?;
        twin.step("ping");
        must("ping", session.ping()).map_err(|stop| twin.tell(stop))?;
        twin.update_attributes(session, &id(1), Entity::new().with("number", 11))?;
        twin.step("ping");
        must("ping", session.ping()).map_err(|stop| twin.tell(stop))?;
        twin.verify(session)?;
        if lasts {
            twin.step("commit");
            must("commit", session.commit()).map_err(|stop| twin.tell(stop))?;
        } else {
            twin.step("rollback");
            must("rollback", session.rollback()).map_err(|stop| twin.tell(stop))?;
            twin.go_back(before);
        }
        twin.verify(session)?;
    }
    Ok(())
}
