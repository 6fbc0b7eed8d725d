//! Finding or writing, by several sessions: that it is one step shows only here.

use tenon_model::Entity;
use tenon_model::contract::{Filter, Model, PropertyType};
use tenon_runtime::direct::Called;

use super::meeting::Seat;
use super::{SESSIONS, is_left, settled, together};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::models;
use crate::sequence::{equal, integers};
use crate::session::Session;
use crate::show;

/// Rounds of a check, each on another record.
const ROUNDS: i64 = 15;

/// What a session came to in each round; none where the function is `unsupported`.
type Outcomes = Option<Vec<(Entity, bool)>>;

fn numbered(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(0)
}

fn rounds(
    function: &str,
    seat: &Seat<'_>,
    mut call: impl FnMut(i64) -> Called<(tenon_model::contract::Entity, bool)>,
) -> Checked<Outcomes> {
    let mut outcomes = Vec::new();
    for round in 0..ROUNDS {
        seat.wait();
        let again = || call(round);
        match settled(function, again)? {
            Err(failure) if is_left(&failure) => return Ok(None),
            called => {
                let (entity, created) = must(function, called)?;
                outcomes.push((Entity::from(entity), created));
            }
        }
    }
    Ok(Some(outcomes))
}

/// Whether in each round one session has created, and all got one and the same record.
fn one_creator(
    bench: &mut Bench<'_>,
    model: &Model,
    function: &str,
    outcomes: Vec<Outcomes>,
) -> Checked<Vec<Entity>> {
    let Some(outcomes) = outcomes.into_iter().collect::<Option<Vec<_>>>() else {
        return Err(Stop::skipped(format!(
            "the connector leaves this to the runtime: `{function}` is `unsupported`"
        )));
    };
    for round in 0..usize::try_from(ROUNDS).unwrap_or(0) {
        let of_round: Vec<&(Entity, bool)> = outcomes
            .iter()
            .filter_map(|outcomes| outcomes.get(round))
            .collect();
        let created = of_round.iter().filter(|(_, created)| *created).count();
        let shown: Vec<String> = of_round
            .iter()
            .map(|(entity, created)| {
                let what = if *created { "created" } else { "found" };
                format!("{what} {}", show::record(entity))
            })
            .collect();
        ensure(created == 1 && of_round.len() == SESSIONS, || {
            Finding::new(format!(
                "of several sessions that do `{function}` at once, not exactly one creates the record"
            ))
            .differs("one created it, all others found it", shown.join("\n"))
        })?;
    }
    let stored = bench.everything(model)?;
    let wanted = usize::try_from(ROUNDS).unwrap_or(0);
    ensure(stored.len() == wanted, || {
        Finding::new(format!(
            "several sessions have done `{function}`, and there isn't one record for each"
        ))
        .differs(format!("{wanted} records"), show::records(&stored))
    })?;
    Ok(stored)
}

fn plain(bench: &mut Bench<'_>, unique: bool) -> Checked<Model> {
    let properties = [("a", PropertyType::Integer), ("b", PropertyType::Integer)];
    let model = models::with(&properties);
    bench.collection(if unique {
        model.index(&["a"], true)
    } else {
        model
    })
}

pub fn find_by_key(bench: &mut Bench<'_>) -> Checked {
    find_or_create(bench, |number, round| {
        let data = integers(&[("id", round), ("a", round), ("b", numbered(number))]);
        (equal("id", round), data)
    })
}

pub fn find_by_filter(bench: &mut Bench<'_>) -> Checked {
    find_or_create(bench, |number, round| {
        let id = round * 10 + numbered(number);
        let data = integers(&[("id", id), ("a", round), ("b", numbered(number))]);
        (equal("a", round), data)
    })
}

fn find_or_create(
    bench: &mut Bench<'_>,
    asked: impl Fn(usize, i64) -> (Filter, Entity) + Sync,
) -> Checked {
    let model = plain(bench, false)?;
    let outcomes = together(bench, &model, |number, session: &mut Session<'_>, seat| {
        rounds("find-or-create", seat, |round| {
            let (filter, data) = asked(number, round);
            session.find_or_create(&model.name, &filter, data.as_contract())
        })
    })?;
    let all: Vec<Vec<Entity>> = outcomes
        .iter()
        .flatten()
        .map(|outcomes| outcomes.iter().map(|(entity, _)| entity.clone()).collect())
        .collect();
    one_creator(bench, &model, "find-or-create", outcomes)?;
    // Nobody changes anything: all have got what the one has created.
    for round in 0..usize::try_from(ROUNDS).unwrap_or(0) {
        let mut got = all.iter().filter_map(|entities| entities.get(round));
        let first = got.next();
        ensure(
            first.is_none_or(|first| got.all(|other| crate::reference::same(first, other))),
            || {
                Finding::new(
                    "several sessions that do `find-or-create` at once get different records",
                )
                .after(format!("round {round}"))
            },
        )?;
    }
    Ok(())
}

pub fn where_none_is(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench, false)?;
    let outcomes = together(bench, &model, |number, session, seat| {
        rounds("upsert-where", seat, |round| {
            let data = integers(&[("id", round), ("a", round), ("b", numbered(number))]);
            session.upsert_where(&model.name, &equal("a", round), data.as_contract())
        })
    })?;
    one_creator(bench, &model, "upsert-where", outcomes).map(drop)
}

pub fn by_key(bench: &mut Bench<'_>, function: &str) -> Checked {
    write_or_create(bench, function, "id")
}

pub fn by_index(bench: &mut Bench<'_>, function: &str) -> Checked {
    write_or_create(bench, function, "a")
}

fn write_or_create(bench: &mut Bench<'_>, function: &str, by: &str) -> Checked {
    let model = plain(bench, by == "a")?;
    let by = vec![by.to_owned()];
    let outcomes = together(bench, &model, |number, session, seat| {
        rounds(function, seat, |round| {
            let data = integers(&[("id", round), ("a", round), ("b", numbered(number))]);
            let data = data.as_contract();
            if function == "update-or-create" {
                session.update_or_create(&model.name, &by, data)
            } else {
                session.replace_or_create(&model.name, &by, data)
            }
        })
    })?;
    for outcomes in outcomes.iter().flatten() {
        for (round, (entity, _)) in (0..).zip(outcomes) {
            // Another may have changed it since.
            let of_anybody = (0..SESSIONS).any(|number| {
                let b = numbered(number);
                let wanted = integers(&[("id", round), ("a", round), ("b", b)]);
                crate::reference::same(entity, &wanted)
            });
            ensure(of_anybody, || {
                Finding::new(format!(
                    "`{function}` returns a record that nobody has written"
                ))
                .differs(
                    format!("id and a: {round}, b: 0 to {}", SESSIONS - 1),
                    show::record(entity),
                )
            })?;
        }
    }
    one_creator(bench, &model, function, outcomes).map(drop)
}
