//! What must not come of two transactions side by side. Whatever waits for whatever meanwhile: what is looked at holds
//! for every order in which a backend may take the steps, and a transaction that is refused has prevented it, too.

use super::isolation::{Stage, stored};
use crate::finding::{Checked, Finding, ensure};
use crate::session::Session;

/// A story, for a report.
fn told(finding: Finding, steps: &[&str]) -> Finding {
    steps
        .iter()
        .rev()
        .fold(finding, |finding, step| finding.after(step))
}

pub fn dirty_write(stage: &Stage<'_>, reader: &mut Session<'_>, model: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let steps = (
        one.write(1, 1),
        two.write(1, 2),
        one.write(2, 1),
        two.write(2, 2),
    );
    let ones = one.commit().wait();
    let twos = two.commit().wait();
    drop(steps);
    let (first, second) = (
        stored(reader, model, 1, "a")?,
        stored(reader, model, 2, "a")?,
    );
    let mut allowed = Vec::new();
    allowed.extend(ones.map(|()| 1));
    allowed.extend(twos.map(|()| 2));
    if allowed.is_empty() {
        allowed.push(0);
    }
    let holds = first == second && first.is_some_and(|value| allowed.contains(&value));
    ensure(holds, || {
        told(
            Finding::new(
                "of two transactions that write the same two records, some of each is stored",
            )
            .differs(
                format!("in both records the same of {allowed:?}"),
                format!("{first:?} and {second:?}"),
            ),
            &[
                "one: set a: 1 of record 1",
                "two: set a: 2 of record 1",
                "one: set a: 1 of record 2",
                "two: set a: 2 of record 2",
                "one: commit",
                "two: commit",
            ],
        )
    })
}

pub fn dirty_read(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let writes = (one.write(1, 7), one.create(3, 7), one.destroy(2));
    let (by_key, new, gone) = (two.read(1), two.read(3), two.read(2));
    let all = two.read_all();
    let count = two.count(7);
    one.rollback().wait();
    let (by_key, new, gone) = (by_key.wait(), new.wait(), gone.wait());
    let (all, count) = (all.wait(), count.wait());
    two.commit().wait();
    drop(writes);
    let seen = [
        ("`find` of record 1", by_key.is_some_and(|a| a != Some(0))),
        ("`find` of record 3", new.is_some_and(|a| a.is_some())),
        ("`find` of record 2", gone.is_some_and(|a| a != Some(0))),
        ("`all`", all.is_some_and(|all| all != [(1, 0), (2, 0)])),
        ("`all` with a filter", count.is_some_and(|count| count != 0)),
    ];
    for (what, dirty) in seen {
        ensure(!dirty, || {
            told(
                Finding::new(format!(
                    "{what} shows changes that another transaction hasn't committed"
                )),
                &[
                    "one: set a: 7 of record 1, create 3, destroy 2",
                    "two: find 1, 2 and 3; all; all where a is 7",
                    "one: rollback",
                ],
            )
        })?;
    }
    Ok(())
}

pub fn intermediate_read(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let first = one.write(1, 5);
    let reads = (two.read(1), two.read_all());
    let second = one.write(1, 6);
    let more = two.read(1);
    one.commit().wait();
    let last = two.read(1);
    let seen = [reads.0.wait(), more.wait(), last.wait()];
    let all = reads.1.wait();
    two.commit().wait();
    drop((first, second));
    let is_seen =
        seen.iter().flatten().any(|a| *a == Some(5)) || all.iter().flatten().any(|(_, a)| *a == 5);
    ensure(!is_seen, || {
        told(
            Finding::new("a state of a record is read that was never committed")
                .differs("a: 0 or 6", "a: 5"),
            &[
                "one: set a: 5 of record 1",
                "two: find 1, all",
                "one: set a: 6 of record 1",
                "two: find 1",
                "one: commit",
                "two: find 1",
            ],
        )
    })
}

pub fn committed_read(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    // The second has read before, so that there is something to be out of date.
    two.begin().wait();
    two.read(1).wait();
    two.read_all().wait();
    two.commit().wait();
    one.begin().wait();
    one.write(1, 3).wait();
    one.create(3, 3).wait();
    one.destroy(2).wait();
    if one.commit().wait().is_none() {
        return Ok(());
    }
    two.begin().wait();
    let (read, new, gone) = (two.read(1).wait(), two.read(3).wait(), two.read(2).wait());
    let all = two.read_all().wait();
    two.commit().wait();
    let wanted = (Some(Some(3)), Some(Some(3)), Some(None));
    let as_committed = (read, new, gone) == wanted && all.as_deref() == Some(&[(1, 3), (3, 3)]);
    ensure(as_committed || all.is_none(), || {
        told(
            Finding::new("a transaction doesn't see what another has committed before it began")
                .differs(
                    "a: 3 in the records 1 and 3, and no record 2",
                    format!("find: {read:?}, {new:?}, {gone:?}; all: {all:?}"),
                ),
            &[
                "one: set a: 3 of record 1, create 3, destroy 2, commit",
                "two: begin, find 1, 3 and 2, all",
            ],
        )
    })
}

pub fn repeatable_read(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    two.begin();
    let before = (two.read(1), two.read(2), two.read_all());
    one.begin();
    let writes = (one.write(1, 7), one.destroy(2));
    let committed = one.commit();
    let after = (two.read(1), two.read(2), two.read_all());
    let before = (before.0.wait(), before.1.wait(), before.2.wait());
    let after = (after.0.wait(), after.1.wait(), after.2.wait());
    two.commit().wait();
    committed.wait();
    drop(writes);
    let differs = after.2.is_some() && before != after;
    ensure(!differs, || {
        told(
            Finding::new("what a transaction has read is otherwise when it reads it again")
                .differs(format!("{before:?}"), format!("{after:?}")),
            &[
                "two: find 1 and 2, all",
                "one: set a: 7 of record 1, destroy 2, commit",
                "two: find 1 and 2, all",
            ],
        )
    })
}

pub fn read_skew(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    two.begin();
    let first = two.read(1);
    one.begin();
    let writes = (one.write(1, 5), one.write(2, 5));
    let committed = one.commit();
    let second = two.read(2);
    let (first, second) = (first.wait(), second.wait());
    two.commit().wait();
    committed.wait();
    drop(writes);
    let differs = first.is_some() && second.is_some() && first != second;
    ensure(!differs, || {
        told(
            Finding::new(
                "of two records that are changed together, one is read as it was and one as it is",
            )
            .differs("the same a in both", format!("{first:?} and {second:?}")),
            &[
                "two: find 1",
                "one: set a: 5 of record 1 and of record 2, commit",
                "two: find 2",
            ],
        )
    })
}

pub fn phantom(stage: &Stage<'_>, _: &mut Session<'_>, _: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    two.begin();
    let before = (two.count(0), two.read_all(), two.read(3));
    one.begin();
    let created = one.create(3, 0);
    let committed = one.commit();
    let after = (two.count(0), two.read_all(), two.read(3));
    let before = (before.0.wait(), before.1.wait(), before.2.wait());
    let after = (after.0.wait(), after.1.wait(), after.2.wait());
    two.commit().wait();
    committed.wait();
    drop(created);
    let differs = after.2.is_some() && before != after;
    ensure(!differs, || {
        told(
            Finding::new("a record appears in what a transaction has read before")
                .differs(format!("{before:?}"), format!("{after:?}")),
            &[
                "two: all where a is 0, all, find 3",
                "one: create 3 with a: 0, commit",
                "two: all where a is 0, all, find 3",
            ],
        )
    })
}

pub fn lost_update(stage: &Stage<'_>, reader: &mut Session<'_>, model: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let steps = (
        one.read(1),
        two.read(1),
        one.write_one_more(1),
        two.write_one_more(1),
    );
    let ones = one.commit();
    let twos = two.commit().wait();
    let ones = ones.wait();
    drop(steps);
    let committed = [ones, twos].iter().flatten().count();
    let value = stored(reader, model, 1, "a")?;
    ensure(value == i64::try_from(committed).ok(), || {
        told(
            Finding::new("of two transactions that count up one undoes the other").differs(
                format!("a: {committed}, after as many commits"),
                format!("a: {value:?}"),
            ),
            &[
                "one: find 1; two: find 1",
                "one: set a of record 1 to one more than it has found",
                "two: set a of record 1 to one more than it has found",
                "one: commit; two: commit",
            ],
        )
    })
}

pub fn write_skew(stage: &Stage<'_>, reader: &mut Session<'_>, model: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let reads = (one.read(2), two.read(1));
    let writes = (one.write(1, 1), two.write(2, 1));
    let ones = one.commit();
    let twos = two.commit().wait();
    let ones = ones.wait();
    let reads = (reads.0.wait().flatten(), reads.1.wait().flatten());
    drop(writes);
    let both = ones.is_some() && twos.is_some();
    let is_skewed = both && reads == (Some(0), Some(0));
    let values = (
        stored(reader, model, 1, "a")?,
        stored(reader, model, 2, "a")?,
    );
    ensure(!is_skewed, || {
        told(
            Finding::new(
                "two transactions have each read what the other has written, as it was before",
            )
            .differs(
                "one of them is refused, or sees the other's work",
                format!("both are committed: {values:?}"),
            ),
            &[
                "one: find 2 (a: 0); two: find 1 (a: 0)",
                "one: set a: 1 of record 1; two: set a: 1 of record 2",
                "one: commit; two: commit",
            ],
        )
    })
}

pub fn predicate_skew(stage: &Stage<'_>, reader: &mut Session<'_>, model: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let counts = (one.count(0), two.count(0));
    let writes = (one.create(3, 0), two.create(4, 0));
    let ones = one.commit();
    let twos = two.commit().wait();
    let ones = ones.wait();
    drop((counts, writes));
    if ones.is_none() || twos.is_none() {
        return Ok(());
    }
    let counted = (
        stored(reader, model, 3, "b")?,
        stored(reader, model, 4, "b")?,
    );
    ensure(counted.0 != counted.1, || {
        told(
            Finding::new(
                "two transactions have each created a record that the other's count lacks",
            )
            .differs(
                "one of them is refused, or counts the other's record",
                format!(
                    "both are committed, and have counted {:?} and {:?}",
                    counted.0, counted.1
                ),
            ),
            &[
                "one: all where a is 0; two: all where a is 0",
                "one: create 3 with a: 0; two: create 4 with a: 0",
                "one: commit; two: commit",
            ],
        )
    })
}

/// Each of the two holds what the other wants: one of them has to be refused, and the other goes on.
pub fn deadlock(stage: &Stage<'_>, reader: &mut Session<'_>, model: &str) -> Checked {
    let (one, two) = (&stage.one, &stage.two);
    one.begin();
    two.begin();
    let steps = (
        one.write(1, 1),
        two.write(2, 2),
        one.write(2, 1),
        two.write(1, 2),
    );
    let ones = one.commit();
    let twos = two.commit().wait();
    let ones = ones.wait();
    drop(steps);
    let values = (
        stored(reader, model, 1, "a")?,
        stored(reader, model, 2, "a")?,
    );
    let allowed = match (ones, twos) {
        (None, None) => vec![(Some(0), Some(0))],
        (Some(()), None) => vec![(Some(1), Some(1))],
        (None, Some(())) => vec![(Some(2), Some(2))],
        (Some(()), Some(())) => vec![(Some(1), Some(1)), (Some(2), Some(2))],
    };
    ensure(allowed.contains(&values), || {
        told(
            Finding::new(
                "of two transactions that want each other's records, some of each is stored",
            )
            .differs(format!("{allowed:?}"), format!("{values:?}")),
            &[
                "one: set a: 1 of record 1; two: set a: 2 of record 2",
                "one: set a: 1 of record 2; two: set a: 2 of record 1",
                "one: commit; two: commit",
            ],
        )
    })
}
