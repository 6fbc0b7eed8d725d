//! What other sessions see of a transaction.

use super::anomalies;
use super::isolation::{Stage, at_level, stored};
use super::plain;
use crate::bench::Bench;
use crate::finding::{Checked, Finding, ensure};
use crate::session::Session;

pub fn seen_after_commit(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    at_level(bench, &model, None, seen).map(drop)
}

pub fn never_seen(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    at_level(bench, &model, None, unseen).map(drop)
}

pub fn side_by_side(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    at_level(bench, &model, None, beside).map(drop)
}

pub fn deadlock(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    at_level(bench, &model, None, anomalies::deadlock).map(drop)
}

const BEFORE: &[(i64, i64)] = &[(1, 0), (2, 0)];
const AFTER: &[(i64, i64)] = &[(1, 7), (3, 7)];

/// The second session is in no transaction: each of its calls is by itself.
fn seen(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    for step in 0..3 {
        match step {
            0 => one.write(1, 7).wait(),
            1 => one.create(3, 7).wait(),
            _ => one.destroy(2).wait(),
        };
        let read = two.read_all();
        let read = if read.is_done() { read.wait() } else { None };
        ensure(read.is_none_or(|read| read == BEFORE), || {
            Finding::new("another session sees changes before they are committed")
                .differs("the records 1 and 2 as they were", "others")
                .after("one: begin, set a: 7 of record 1, create 3, destroy 2; two: all")
        })?;
    }
    if one.commit().wait().is_none() {
        return Ok(());
    }
    let read = two.read_all().wait();
    let found = two.read(3).wait();
    let is_seen = read.as_deref() == Some(AFTER) && found == Some(Some(7));
    ensure(is_seen || read.is_none(), || {
        Finding::new("another session doesn't see what was committed")
            .differs("a: 7 in the records 1 and 3", format!("{read:?}"))
            .after(
                "one: begin, set a: 7 of record 1, create 3, destroy 2, commit; two: all, find 3",
            )
    })
}

fn unseen(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    let writes = (one.write(1, 7), one.create(3, 7), one.destroy(2));
    let reads = [two.read_all(), two.read_all()];
    one.rollback().wait();
    drop(writes);
    let after = two.read_all().wait();
    let reads: Vec<_> = reads.into_iter().map(super::actor::Pending::wait).collect();
    let all = reads.into_iter().chain([after]).flatten();
    for read in all {
        ensure(read == BEFORE, || {
            Finding::new("another session sees changes that are rolled back")
                .differs(format!("{BEFORE:?}"), format!("{read:?}"))
                .after("one: begin, set a: 7 of record 1, create 3, destroy 2; two: all; one: rollback; two: all")
        })?;
    }
    Ok(())
}

fn beside(stage: &Stage<'_>, reader: &mut Session<'_>, model: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let creates = (one.create(10, 1), two.create(11, 2));
    let ones = one.commit();
    let twos = two.commit().wait();
    let ones = ones.wait();
    drop(creates);
    for (id, committed) in [(10, ones.is_some()), (11, twos.is_some())] {
        let stored = stored(reader, model, id, "a")?;
        ensure(stored.is_some() == committed, || {
            Finding::new(
                "of two transactions side by side, one's work isn't stored as its `commit` says",
            )
            .differs(
                if committed {
                    "the record is there"
                } else {
                    "it isn't there"
                },
                format!("{stored:?}"),
            )
            .after(format!(
                "one: begin, create 10; two: begin, create 11; both: commit; record {id}"
            ))
        })?;
    }
    ensure(ones.is_some() || twos.is_some(), || {
        Finding::new("of two transactions side by side none can be committed")
    })
}
