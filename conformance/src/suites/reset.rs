//! `reset`, and transactions that are open when a session is reset or ends.

use tenon_model::Entity;
use tenon_model::contract::Query;
use tenon_runtime::Capability;

use super::Check;
use super::lifecycle::interleaves;
use super::operations::{crud, some_things, thing, things};
use crate::bench::{Bench, everything};
use crate::expect::id;
use crate::finding::{Checked, Finding, ensure, must};
use crate::session::Session;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "lifecycle.reset.data-stay",
        "`reset` leaves records as they are, and the session fit for use",
        reset_keeps_data,
    ),
    crud(
        "lifecycle.reset.within-cursor",
        "`reset` while a result is open leaves the session fit for use",
        reset_within_cursor,
    ),
    Check {
        name: "lifecycle.reset.transaction",
        about: "`reset` rolls an open transaction back, and another can be begun",
        needs: &[Capability::Crud, Capability::Transactions],
        writes: true,
        run: reset_rolls_back,
    },
    Check {
        name: "lifecycle.disconnect.transaction",
        about: "nothing lasts of a transaction that was open at `disconnect`",
        needs: &[Capability::Crud, Capability::Transactions],
        writes: true,
        run: disconnect_rolls_back,
    },
];

fn reset_keeps_data(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let model = twin.model().clone();
    let session = bench.session()?;
    let reset = |twin: &mut Twin, session: &mut Session<'_>| {
        twin.step("reset, define");
        must("reset", session.reset()).map_err(|stop| twin.tell(stop))?;
        must("define", session.define(&model)).map_err(|stop| twin.tell(stop))?;
        twin.verify(session)
    };
    reset(&mut twin, session)?;
    twin.create(session, thing(6, "six", 60))?;
    reset(&mut twin, session)?;
    reset(&mut twin, session)?;
    // After errors.
    twin.create(session, thing(6, "again", 60))?;
    reset(&mut twin, session)?;
    twin.destroy(session, &id(6))?;
    reset(&mut twin, session)?;
    twin.create(session, thing(6, "once more", 61))?;
    twin.verify(session)
}

fn reset_within_cursor(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let model = twin.model().clone();
    let session = bench.session()?;
    let (rows, _) = must("all", session.all(&twin.name(), &Query::default()))?;
    must("next", session.next_records(rows, 2))?;
    twin.step("all, next with 2 rows, reset, close, define");
    if !interleaves(bench) {
        let session = bench.session()?;
        must("close", session.close(rows))?;
    }
    let session = bench.session()?;
    must("reset", session.reset()).map_err(|stop| twin.tell(stop))?;
    if interleaves(bench) {
        // The rows may have gone with it; that the instance goes on is what counts.
        let session = bench.session()?;
        let closed = session.close(rows);
        if let Err(failure) = &closed
            && failure.error().is_none()
        {
            must("close", closed).map_err(|stop| twin.tell(stop))?;
        }
    }
    let session = bench.session()?;
    must("define", session.define(&model)).map_err(|stop| twin.tell(stop))?;
    twin.verify(session)?;
    twin.create(session, thing(6, "six", 60))?;
    let stored = everything(session, &model.name)?;
    ensure(stored.len() == twin.records().len(), || {
        Finding::new("after `reset` a result has not every row")
            .differs(twin.records().len(), stored.len())
    })
    .map_err(|stop| twin.tell(stop))
}

fn reset_rolls_back(bench: &mut Bench<'_>) -> Checked {
    rolled_back_by(bench, "reset, define", |session| {
        must("reset", session.reset())
    })
}

fn disconnect_rolls_back(bench: &mut Bench<'_>) -> Checked {
    rolled_back_by(bench, "disconnect, connect, define", |session| {
        must("disconnect", session.disconnect())?;
        must("connect", session.connect())
    })
}

fn rolled_back_by(
    bench: &mut Bench<'_>,
    step: &str,
    by: impl Fn(&mut Session<'_>) -> Checked,
) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let model = twin.model().clone();
    let session = bench.session()?;
    for _ in 0..2 {
        let before = twin.as_now();
        twin.step("begin");
        must("begin", session.begin(None, false))?;
        twin.create(session, thing(6, "six", 60))?;
        twin.update_attributes(session, &id(1), Entity::new().with("number", 11))?;
        twin.destroy(session, &id(2))?;
        twin.step(step);
        by(session).map_err(|stop| twin.tell(stop))?;
        must("define", session.define(&model)).map_err(|stop| twin.tell(stop))?;
        twin.go_back(before);
        twin.verify_absent(session, &id(6))?;
        twin.verify(session)?;
    }
    // What is written from now on is in no transaction.
    twin.create(session, thing(7, "seven", 70))?;
    twin.step("begin, rollback");
    must("begin", session.begin(None, false)).map_err(|stop| twin.tell(stop))?;
    must("rollback", session.rollback()).map_err(|stop| twin.tell(stop))?;
    twin.verify(session)
}
