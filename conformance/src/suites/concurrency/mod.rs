//! Several sessions at once, on the same few records.

mod meeting;
mod transfers;
mod upserts;
mod writes;

use tenon_model::contract::{Effect, ErrorKind, Model};
use tenon_runtime::Capability;
use tenon_runtime::direct::{Called, Failure};

use super::Check;
use crate::bench::{Bench, end};
use crate::finding::{Checked, Finding, Stop, must};
use crate::session::Session;
use meeting::{Meeting, Seat};

/// A check of several sessions.
macro_rules! check {
    ($name:literal, $about:literal, $run:expr, $($capability:ident),*) => {
        Check {
            name: $name,
            about: $about,
            needs: &[Capability::Crud, $(Capability::$capability),*],
            writes: true,
            run: $run,
        }
    };
}

pub const CHECKS: &[Check] = &[
    check!(
        "concurrency.create.same-key",
        "of several sessions that create the same key one succeeds, and the others are told `duplicate`",
        writes::same_key,
    ),
    check!(
        "concurrency.create.unique-index",
        "of several sessions that create the same value of a unique index one succeeds",
        writes::same_unique_value,
    ),
    check!(
        "concurrency.create.generated-key",
        "keys that are generated for several sessions at once are all different",
        writes::generated_keys,
    ),
    check!(
        "concurrency.create-all.overlapping",
        "of several batches with a key in common one is stored, and of the others nothing",
        writes::overlapping_batches,
    ),
    check!(
        "concurrency.update-attributes.same-record",
        "sessions that set different properties of one record don't undo each other's",
        writes::different_properties,
    ),
    check!(
        "concurrency.update.same-records",
        "several sessions that update the same matches leave none out",
        writes::claims,
    ),
    check!(
        "concurrency.destroy.once",
        "of several sessions that destroy the same record one is told that it was there",
        writes::destroyed_once,
    ),
    check!(
        "concurrency.destroy-all.once",
        "several sessions that destroy all records destroy each once",
        writes::all_destroyed_once,
    ),
    check!(
        "concurrency.find-or-create.by-key",
        "of several sessions one creates the record, and the others find it",
        upserts::find_by_key,
        Upsert
    ),
    check!(
        "concurrency.find-or-create.by-filter",
        "of several sessions one creates a match, and the others find it, without a unique index too",
        upserts::find_by_filter,
        Upsert
    ),
    check!(
        "concurrency.upsert-where",
        "of several sessions one creates the record, and the others change it",
        upserts::where_none_is,
        Upsert
    ),
    check!(
        "concurrency.update-or-create.by-key",
        "of several sessions one creates the record, and the others change it",
        |bench| upserts::by_key(bench, "update-or-create"),
        Upsert
    ),
    check!(
        "concurrency.replace-or-create.by-key",
        "of several sessions one creates the record, and the others replace it",
        |bench| upserts::by_key(bench, "replace-or-create"),
        Upsert
    ),
    check!(
        "concurrency.update-or-create.by-unique-index",
        "of several sessions one creates the record, and the others change it",
        |bench| upserts::by_index(bench, "update-or-create"),
        Upsert
    ),
    check!(
        "concurrency.replace-or-create.by-unique-index",
        "of several sessions one creates the record, and the others replace it",
        |bench| upserts::by_index(bench, "replace-or-create"),
        Upsert
    ),
    check!(
        "concurrency.transactions.counter",
        "transactions that read a record and write one more, tried again on `conflict`, count right (`serializable`)",
        transfers::counter,
        Transactions
    ),
    check!(
        "concurrency.transactions.transfers",
        "what transactions move from record to record is never seen twice or not at all (`serializable`)",
        transfers::transfers,
        Transactions
    ),
];

/// Sessions of a check.
const SESSIONS: usize = 4;

/// How often a call is tried that others get in the way of.
const ATTEMPTS: usize = 400;

/// What several sessions do at once, each in a thread of its own. They meet before each round.
fn together<T: Send>(
    bench: &mut Bench<'_>,
    model: &Model,
    work: impl Fn(usize, &mut Session<'_>, &Seat<'_>) -> Checked<T> + Sync,
) -> Checked<Vec<T>> {
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        let mut session = bench.another()?;
        must("define", session.define(model))?;
        sessions.push(session);
    }
    let meeting = Meeting::new(SESSIONS);
    let (work, meeting) = (&work, &meeting);
    std::thread::scope(|scope| {
        let threads: Vec<_> = sessions
            .into_iter()
            .enumerate()
            .map(|(number, mut session)| {
                scope.spawn(move || {
                    let seat = meeting.seat();
                    let done = work(number, &mut session, &seat);
                    drop(seat);
                    must("ping", session.ping())?;
                    end(session);
                    done
                })
            })
            .collect();
        let ended = threads.into_iter().map(|thread| {
            let done = thread.join();
            done.unwrap_or_else(|_| Err(Stop::failed("a session's thread has ended")))
        });
        ended.collect()
    })
}

/// What a call comes to when others no longer get in its way.
fn settled<T>(what: &str, mut call: impl FnMut() -> Called<T>) -> Checked<Called<T>> {
    let mut last = None;
    for attempt in 0..ATTEMPTS {
        match call() {
            Err(failure) if is_in_the_way(&failure) => {
                let effect = failure.error().map(|error| error.effect);
                if effect != Some(Effect::Nothing) {
                    return Err(Finding::new(format!(
                        "`{what}` fails since another session gets in its way, and doesn't say that it has changed nothing"
                    ))
                    .differs("the effect `nothing`", failure)
                    .into());
                }
                last = Some(failure);
                if attempt > 20 {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
            }
            called => return Ok(called),
        }
    }
    Err(Finding::new(format!(
        "`{what}` fails again and again, although others have long succeeded"
    ))
    .differs(
        "success in the end",
        last.map_or_else(String::new, |failure| failure.to_string()),
    )
    .into())
}

/// Whether a call can be tried again.
fn is_in_the_way(failure: &Failure) -> bool {
    matches!(
        failure.kind(),
        Some(
            ErrorKind::Conflict
                | ErrorKind::Timeout
                | ErrorKind::Unavailable
                | ErrorKind::Exhausted
        )
    )
}

/// Whether a connector leaves a function to the runtime.
fn is_left(failure: &Failure) -> bool {
    failure.kind() == Some(ErrorKind::Unsupported)
}
