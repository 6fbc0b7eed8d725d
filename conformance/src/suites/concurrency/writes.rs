//! Plain writes of several sessions.

use std::collections::BTreeMap;

use tenon_model::contract::{Effect, ErrorKind, Generation, Model, PropertyType, Value};
use tenon_model::{Entity, Property};

use super::meeting::Seat;
use super::{SESSIONS, is_left, settled, together};
use crate::bench::{Bench, everything};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::models;
use crate::sequence::{equal, integers, key};
use crate::session::Session;
use crate::show;

/// Rounds of a check, each on another record.
const ROUNDS: i64 = 12;

fn plain(bench: &mut Bench<'_>, unique: bool) -> Checked<Model> {
    let properties = [("a", PropertyType::Integer), ("b", PropertyType::Integer)];
    let model = models::with(&properties);
    bench.collection(if unique {
        model.index(&["a"], true)
    } else {
        model
    })
}

fn number(record: &Entity, name: &str) -> i64 {
    match record.get(name) {
        Some(Value::Integer(number)) => *number,
        _ => -1,
    }
}

fn numbered(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(0)
}

/// Creates one record of each round, and returns in which rounds that succeeded.
fn races(
    session: &mut Session<'_>,
    model: &str,
    seat: &Seat<'_>,
    record: impl Fn(i64) -> Entity,
) -> Checked<Vec<bool>> {
    let mut won = Vec::new();
    for round in 0..ROUNDS {
        seat.wait();
        let record = record(round);
        match settled("create", || session.create(model, record.as_contract()))? {
            Ok(_) => won.push(true),
            Err(failure) => {
                let is_fair = failure.error().is_some_and(|error| {
                    error.kind == ErrorKind::Duplicate && error.effect == Effect::Nothing
                });
                ensure(is_fair, || {
                    Finding::new(
                        "a session that creates what another creates meanwhile gets a wrong error",
                    )
                    .differs("`duplicate`, with the effect `nothing`", &failure)
                    .after(format!(
                        "several sessions at once: create {}",
                        show::record(&record)
                    ))
                })?;
                won.push(false);
            }
        }
    }
    Ok(won)
}

/// Whether each round had one winner, whose record is stored.
fn one_winner(
    bench: &mut Bench<'_>,
    model: &Model,
    won: &[Vec<bool>],
    record: impl Fn(usize, i64) -> Entity,
) -> Checked {
    let stored = bench.everything(model)?;
    let mut wanted = Vec::new();
    for (place, round) in (0..ROUNDS).enumerate() {
        let winners: Vec<usize> = (0..SESSIONS)
            .filter(|session| won.get(*session).and_then(|won| won.get(place)) == Some(&true))
            .collect();
        ensure(winners.len() == 1, || {
            Finding::new(
                "of several sessions that create the same record, not exactly one succeeds",
            )
            .differs("1 success", format!("{} successes", winners.len()))
            .after(format!(
                "several sessions at once: create {}",
                show::record(&record(0, round))
            ))
        })?;
        wanted.extend(winners.first().map(|winner| record(*winner, round)));
    }
    ensure(crate::reference::same_records(&wanted, &stored), || {
        Finding::new("other records are stored than those whose `create` succeeded")
            .differs(show::records(&wanted), show::records(&stored))
    })
}

pub fn same_key(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench, false)?;
    let record =
        |session: usize, round: i64| integers(&[("id", round), ("a", numbered(session)), ("b", 0)]);
    let won = together(bench, &model, |number, session, seat| {
        races(session, &model.name, seat, |round| record(number, round))
    })?;
    one_winner(bench, &model, &won, record)
}

pub fn same_unique_value(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench, true)?;
    let record = |session: usize, round: i64| {
        let id = round * 10 + numbered(session);
        integers(&[("id", id), ("a", round), ("b", numbered(session))])
    };
    let won = together(bench, &model, |number, session, seat| {
        races(session, &model.name, seat, |round| record(number, round))
    })?;
    one_winner(bench, &model, &won, record)
}

pub fn generated_keys(bench: &mut Bench<'_>) -> Checked {
    let kind = bench.subject().manifest().generated_key;
    let Some(kind) = kind else {
        return Err(Stop::skipped("the connector generates no keys"));
    };
    let mut key = Property::new("id", kind);
    key.key = Some(1);
    key.generated = Generation::WhenMissing;
    let draft = tenon_model::Model::new("Generated")
        .property(key)
        .property(Property::new("a", PropertyType::Integer))
        .property(Property::new("b", PropertyType::Integer));
    let model = bench.collection(draft)?;
    let made = together(bench, &model, |number, session, seat| {
        let mut made = Vec::new();
        seat.wait();
        for round in 0..30 {
            let data = integers(&[("a", numbered(number)), ("b", round)]);
            let returned = settled("create", || session.create(&model.name, data.as_contract()))?;
            let returned = Entity::from(must("create", returned)?);
            let id = returned.get("id").cloned().unwrap_or(Value::Null);
            made.push(data.with("id", id));
        }
        Ok(made)
    })?;
    let made: Vec<Entity> = made.into_iter().flatten().collect();
    let stored = bench.everything(&model)?;
    ensure(crate::reference::same_records(&made, &stored), || {
        Finding::new("records that several sessions create at once aren't stored under the generated keys that were returned")
            .differs(show::records(&made), show::records(&stored))
    })
}

pub fn overlapping_batches(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench, false)?;
    let batch = |session: usize, round: i64| -> Vec<Entity> {
        let own = |place: i64| {
            let id = 1000 + round * 100 + numbered(session) * 10 + place;
            integers(&[("id", id), ("a", numbered(session)), ("b", round)])
        };
        let shared = integers(&[("id", round), ("a", numbered(session)), ("b", round)]);
        // The common key isn't the first that is stored.
        vec![own(0), own(1), shared, own(2)]
    };
    let won = together(bench, &model, |number, session, seat| {
        let mut won = Vec::new();
        for round in 0..ROUNDS {
            seat.wait();
            let records = batch(number, round).into_iter();
            let records: Vec<_> = records.map(Entity::into_contract).collect();
            match settled("create-all", || session.create_all(&model.name, &records))? {
                Ok(_) => won.push(true),
                Err(failure) if is_left(&failure) => return Ok(None),
                Err(failure) => {
                    let error = failure.error();
                    if error.is_some_and(|error| error.effect == Effect::Partial) {
                        // An honest connector without atomic batches.
                        return Ok(None);
                    }
                    ensure(failure.kind() == Some(ErrorKind::Duplicate), || {
                        Finding::new("a batch with a key that another session's batch has gets a wrong error")
                            .differs("`duplicate`", failure)
                    })?;
                    won.push(false);
                }
            }
        }
        Ok(Some(won))
    })?;
    if won.iter().any(Option::is_none) {
        return Err(Stop::skipped(
            "the connector's batches aren't atomic, and it says so",
        ));
    }
    let mut wanted = Vec::new();
    for (place, round) in (0..ROUNDS).enumerate() {
        let winners: Vec<usize> = (0..SESSIONS)
            .filter(|session| {
                let won = won.get(*session).and_then(Option::as_ref);
                won.and_then(|won| won.get(place)) == Some(&true)
            })
            .collect();
        ensure(winners.len() == 1, || {
            Finding::new("of several batches with a key in common, not exactly one is stored")
                .differs("1 success", format!("{} successes", winners.len()))
        })?;
        wanted.extend(
            winners
                .first()
                .into_iter()
                .flat_map(|winner| batch(*winner, round)),
        );
    }
    let stored = bench.everything(&model)?;
    ensure(crate::reference::same_records(&wanted, &stored), || {
        Finding::new(
            "of a batch that was refused, since another session's was faster, something is stored",
        )
        .differs(show::records(&wanted), show::records(&stored))
    })
}

pub fn different_properties(bench: &mut Bench<'_>) -> Checked {
    let names: Vec<String> = (0..SESSIONS).map(|number| format!("p{number}")).collect();
    let properties: Vec<(&str, PropertyType)> = names
        .iter()
        .map(|name| (name.as_str(), PropertyType::Integer))
        .collect();
    let model = bench.collection(models::with(&properties))?;
    let zeros: Entity = names
        .iter()
        .map(|name| (name.as_str(), Value::Integer(0)))
        .collect();
    bench.fill(&model, &[zeros.with("id", Value::Integer(1))])?;
    let done = together(bench, &model, |number, session, seat| {
        let name = names.get(number).map_or("p0", String::as_str);
        seat.wait();
        for value in 1..=25 {
            let data = integers(&[(name, value)]);
            let called = settled("update-attributes", || {
                session.update_attributes(&model.name, &key(1), data.as_contract())
            })?;
            match called {
                Err(failure) if is_left(&failure) => return Ok(false),
                called => must("update-attributes", called)?,
            };
        }
        Ok(true)
    })?;
    if done.contains(&false) {
        return Err(Stop::skipped("`update-attributes` is `unsupported`"));
    }
    let stored = bench.everything(&model)?;
    let all_there = stored
        .first()
        .is_some_and(|record| names.iter().all(|name| number(record, name) == 25));
    ensure(all_there && stored.len() == 1, || {
        Finding::new("sessions that set different properties of one record undo each other's work")
            .differs("25 in each property", show::records(&stored))
            .after("several sessions at once: update-attributes of record 1, 25 times, each another property")
    })
}

pub fn claims(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench, false)?;
    let records: Vec<Entity> = (1..=40)
        .map(|id| integers(&[("id", id), ("a", 0), ("b", 0)]))
        .collect();
    bench.fill(&model, &records)?;
    let counts = together(bench, &model, |number, session, seat| {
        seat.wait();
        let data = integers(&[("a", numbered(number) + 1)]);
        let called = settled("update", || {
            session.update(&model.name, &equal("a", 0), data.as_contract())
        })?;
        match called {
            Err(failure) if is_left(&failure) => Ok(None),
            called => must("update", called).map(Some),
        }
    })?;
    let Some(counts) = counts.into_iter().collect::<Option<Vec<u64>>>() else {
        return Err(Stop::skipped("`update` is `unsupported`"));
    };
    let stored = bench.everything(&model)?;
    let unclaimed = stored.iter().any(|record| number(record, "a") == 0);
    ensure(!unclaimed && stored.len() == records.len(), || {
        Finding::new(
            "of several sessions that update the same matches, none has changed some of them",
        )
        .differs("no record with a: 0", show::records(&stored))
    })?;
    let counted: u64 = counts.iter().sum();
    ensure(
        usize::try_from(counted).unwrap_or(0) >= records.len(),
        || {
            Finding::new(
                "several sessions have updated all matches, and count fewer than there were",
            )
            .differs(format!("at least {}", records.len()), format!("{counts:?}"))
        },
    )
}

pub fn destroyed_once(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench, false)?;
    let records: Vec<Entity> = (0..ROUNDS)
        .map(|id| integers(&[("id", id), ("a", 0), ("b", 0)]))
        .collect();
    bench.fill(&model, &records)?;
    let was_there = together(bench, &model, |_, session, seat| {
        let mut was_there = Vec::new();
        for round in 0..ROUNDS {
            seat.wait();
            let called = settled("destroy", || session.destroy(&model.name, &key(round)))?;
            was_there.push(must("destroy", called)?);
        }
        Ok(was_there)
    })?;
    let mut told = BTreeMap::new();
    for (round, was_there) in was_there.iter().flat_map(|it| (0..ROUNDS).zip(it)) {
        *told.entry(round).or_insert(0) += usize::from(*was_there);
    }
    ensure(told.values().all(|count| *count == 1), || {
        Finding::new("of several sessions that destroy one record, not exactly one is told that it was there")
            .differs("once each", format!("{told:?}"))
    })?;
    let left = bench.everything(&model)?;
    ensure(left.is_empty(), || {
        Finding::new("records are there that several sessions have destroyed")
            .differs("none", show::records(&left))
    })
}

pub fn all_destroyed_once(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench, false)?;
    let records: Vec<Entity> = (1..=60)
        .map(|id| integers(&[("id", id), ("a", 0), ("b", 0)]))
        .collect();
    bench.fill(&model, &records)?;
    let counts = together(bench, &model, |_, session, seat| {
        seat.wait();
        let called = settled("destroy-all", || {
            session.destroy_all(&model.name, &Vec::new())
        })?;
        match called {
            Err(failure) if is_left(&failure) => Ok(None),
            called => must("destroy-all", called).map(Some),
        }
    })?;
    let Some(counts) = counts.into_iter().collect::<Option<Vec<u64>>>() else {
        return Err(Stop::skipped("`destroy-all` is `unsupported`"));
    };
    let session = bench.session()?;
    let left = everything(session, &model.name)?;
    ensure(left.is_empty() && counts.iter().sum::<u64>() == 60, || {
        Finding::new(
            "several sessions that destroy all records don't count each once, or leave some",
        )
        .differs(
            "60 in all, and none is left",
            format!("{counts:?}, {} are left", left.len()),
        )
    })
}
