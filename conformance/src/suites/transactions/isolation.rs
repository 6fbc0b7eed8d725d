//! How far transactions of two sessions are kept apart, level by level.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tenon_model::Entity;
use tenon_model::contract::{ErrorKind, Key, Model, Query, Value};
use tenon_runtime::Isolation;
use tenon_runtime::direct::Called;

use super::actor::{Actor, Pending};
use super::plain;
use crate::bench::{Bench, everything};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::{matcher, same_records};
use crate::sequence::{equal, integers, isolation_name};
use crate::session::Session;
use crate::show;

/// Every level.
pub const ALL: &[Isolation] = &[
    Isolation::ReadUncommitted,
    Isolation::ReadCommitted,
    Isolation::RepeatableRead,
    Isolation::Serializable,
];
/// From `read-committed`.
pub const COMMITTED: &[Isolation] = &[
    Isolation::ReadCommitted,
    Isolation::RepeatableRead,
    Isolation::Serializable,
];
/// From `repeatable-read`.
pub const REPEATABLE: &[Isolation] = &[Isolation::RepeatableRead, Isolation::Serializable];
/// The strictest.
pub const SERIALIZABLE: &[Isolation] = &[Isolation::Serializable];

pub fn levels(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let name = model.name.as_str();
    let session = bench.session()?;
    let mut left = Vec::new();
    let options = ALL.iter().copied().map(Some).chain([None]);
    for (number, isolation) in (0..).zip(options) {
        for read_only in [false, true] {
            let before = everything(session, name)?;
            let told = match isolation {
                Some(isolation) => format!("begin {}", isolation_name(isolation)),
                None => "begin".to_owned(),
            };
            let made = integers(&[
                ("id", number * 2 + i64::from(read_only)),
                ("a", 0),
                ("b", 0),
            ]);
            match session.begin(isolation, read_only) {
                Ok(()) => {
                    if !read_only {
                        must("create", session.create(name, made.as_contract()))?;
                    }
                    must("rollback", session.rollback()).map_err(|stop| stop.after(&told))?;
                }
                Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {
                    left.push(told.clone());
                    ensure(session.commit().is_err(), || {
                        Finding::new("`begin` is `unsupported`, and a transaction is open")
                            .differs("an error of `commit`", "success")
                            .after(&told)
                    })?;
                }
                Err(failure) => {
                    return must::<()>("begin", Err(failure)).map_err(|stop| stop.after(&told));
                }
            }
            let after = everything(session, name)?;
            ensure(same_records(&before, &after), || {
                Finding::new(
                    "a transaction that was rolled back, or never begun, has changed something",
                )
                .differs(show::records(&before), show::records(&after))
                .after(&told)
            })?;
        }
    }
    if !left.is_empty() {
        bench.note(format!("`unsupported`: {}", left.join(", ")));
    }
    Ok(())
}

/// Two sessions in transactions of one level, and a collection of the records 1 and 2, whose `a` is 0.
pub struct Stage<'k> {
    pub one: Party<'k>,
    pub two: Party<'k>,
}

/// One of the two.
pub struct Party<'k> {
    pub actor: Actor<'k>,
    model: String,
    level: Option<Isolation>,
    /// The value that it has read last.
    read: Arc<AtomicI64>,
}

/// What was in a record's `a`; none where there is no such record.
pub type Read = Option<i64>;

/// Plays an anomaly at each of the levels that the connector has.
pub fn each_level(
    bench: &mut Bench<'_>,
    levels: &[Isolation],
    anomaly: fn(&Stage<'_>, &mut Session<'_>, &str) -> Checked,
) -> Checked {
    let model = plain(bench)?;
    let mut played = false;
    for level in levels {
        played |= at_level(bench, &model, Some(*level), anomaly).map_err(|stop| {
            stop.after(format!(
                "both transactions: begin {}; the records 1 and 2 have a: 0",
                isolation_name(*level)
            ))
        })?;
    }
    if played {
        return Ok(());
    }
    Err(Stop::skipped("these levels of isolation are `unsupported`"))
}

/// Plays an anomaly at one level; false where the connector hasn't got it.
pub fn at_level(
    bench: &mut Bench<'_>,
    model: &Model,
    level: Option<Isolation>,
    anomaly: fn(&Stage<'_>, &mut Session<'_>, &str) -> Checked,
) -> Checked<bool> {
    let (mut one, mut two) = (bench.another()?, bench.another()?);
    bench.fill(model, &[record(1, 0), record(2, 0)])?;
    for session in [&mut one, &mut two] {
        must("define", session.define(model))?;
        match session.begin(level, false) {
            Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => return Ok(false),
            begun => must("begin", begun)?,
        }
        must("rollback", session.rollback())?;
    }
    let reader = bench.session()?;
    std::thread::scope(|scope| {
        let party = |name, session| Party {
            actor: Actor::start(scope, name, session),
            model: model.name.clone(),
            level,
            read: Arc::default(),
        };
        let stage = Stage {
            one: party("one", one),
            two: party("two", two),
        };
        let checked = anomaly(&stage, reader, &model.name);
        stage.one.actor.is_right()?;
        stage.two.actor.is_right()?;
        checked
    })?;
    Ok(true)
}

/// A record.
pub fn record(id: i64, a: i64) -> Entity {
    integers(&[("id", id), ("a", a), ("b", 0)])
}

fn number(record: &Entity, name: &str) -> Read {
    match record.get(name) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    }
}

/// The stored `a` of a record, or another property, read by somebody else.
pub fn stored(reader: &mut Session<'_>, model: &str, id: i64, name: &str) -> Checked<Read> {
    let records = everything(reader, model)?;
    let record = records
        .iter()
        .find(|record| number(record, "id") == Some(id));
    Ok(record.and_then(|record| number(record, name)))
}

fn set(session: &mut Session<'_>, model: &str, id: i64, a: i64) -> Called<()> {
    let key: Key = vec![Value::Integer(id)];
    match session.update_attributes(model, &key, integers(&[("a", a)]).as_contract()) {
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {
            session.save(model, record(id, a).as_contract()).map(drop)
        }
        changed => changed.map(drop),
    }
}

/// The records whose `a` is that.
fn matching(session: &mut Session<'_>, model: &str, a: i64) -> Called<Vec<Entity>> {
    let query = Query {
        filter: equal("a", a),
        ..Query::default()
    };
    let (rows, _) = session.all(model, &query)?;
    let mut rows = session.read(rows, 10)?;
    if let Ok(matcher) = matcher(&query.filter) {
        rows.retain(|row| matcher.matches(row));
    }
    Ok(rows)
}

impl<'k> Party<'k> {
    pub fn begin(&self) -> Pending<()> {
        let level = self.level;
        self.actor
            .tell("begin", move |session| session.begin(level, false))
    }

    pub fn begin_read_only(&self) -> Pending<()> {
        let level = self.level;
        self.actor.tell("begin, read-only", move |session| {
            session.begin(level, true)
        })
    }

    /// Some where it was committed.
    pub fn commit(&self) -> Pending<()> {
        self.actor.tell("commit", |session| session.commit())
    }

    pub fn rollback(&self) -> Pending<()> {
        self.actor.tell("rollback", |session| session.rollback())
    }

    /// A record's `a`.
    pub fn read(&self, id: i64) -> Pending<Read> {
        let (model, last) = (self.model.clone(), Arc::clone(&self.read));
        self.actor.tell(format!("find {id}"), move |session| {
            let found = session.find(&model, &vec![Value::Integer(id)])?;
            let found = found.and_then(|found| number(&Entity::from(found), "a"));
            last.store(found.unwrap_or(-1), Ordering::Relaxed);
            Ok(found)
        })
    }

    /// All records' `a`, in the order of their keys, read by `all`.
    pub fn read_all(&self) -> Pending<Vec<(i64, i64)>> {
        let model = self.model.clone();
        self.actor.tell("all", move |session| {
            let (rows, _) = session.all(&model, &Query::default())?;
            let rows = session.read(rows, 10)?;
            let mut read: Vec<(i64, i64)> = rows
                .iter()
                .filter_map(|row| Some((number(row, "id")?, number(row, "a")?)))
                .collect();
            read.sort_unstable();
            Ok(read)
        })
    }

    /// How many records have that `a`.
    pub fn count(&self, a: i64) -> Pending<i64> {
        let (model, last) = (self.model.clone(), Arc::clone(&self.read));
        let told = format!("all with a: {a}");
        self.actor.tell(told, move |session| {
            let rows = matching(session, &model, a)?;
            let count = i64::try_from(rows.len()).unwrap_or(-1);
            last.store(count, Ordering::Relaxed);
            Ok(count)
        })
    }

    pub fn write(&self, id: i64, a: i64) -> Pending<()> {
        let model = self.model.clone();
        self.actor
            .tell(format!("set a: {a} of {id}"), move |session| {
                set(session, &model, id, a)
            })
    }

    /// Writes one more than it has read last.
    pub fn write_one_more(&self, id: i64) -> Pending<()> {
        let (model, last) = (self.model.clone(), Arc::clone(&self.read));
        self.actor
            .tell(format!("set a of {id} to one more"), move |session| {
                set(session, &model, id, last.load(Ordering::Relaxed) + 1)
            })
    }

    /// Creates a record whose `b` is what it has read last.
    pub fn create(&self, id: i64, a: i64) -> Pending<()> {
        let (model, last) = (self.model.clone(), Arc::clone(&self.read));
        self.actor
            .tell(format!("create {id} with a: {a}"), move |session| {
                let b = last.load(Ordering::Relaxed);
                let made = integers(&[("id", id), ("a", a), ("b", b)]);
                session.create(&model, made.as_contract()).map(drop)
            })
    }

    pub fn destroy(&self, id: i64) -> Pending<()> {
        let model = self.model.clone();
        self.actor.tell(format!("destroy {id}"), move |session| {
            session.destroy(&model, &vec![Value::Integer(id)]).map(drop)
        })
    }
}
