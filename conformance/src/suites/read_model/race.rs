//! Several sessions that want the same read model at the same time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tenon_model::contract::ErrorKind;

use super::opened::is_unsupported;
use crate::bench::{Bench, end};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::session::Session;

/// How many sessions there are.
const SESSIONS: usize = 4;

/// How often each has the read model open.
const ROUNDS: u32 = 12;

/// How long one that is refused asks again.
const PATIENCE: Duration = Duration::from_secs(2);

pub fn one_at_a_time(bench: &mut Bench<'_>) -> Checked {
    if !bench.subject().is_pooled() {
        return Err(Stop::skipped(
            "the connector is exclusive: there is one session",
        ));
    }
    let name = bench.read_model();
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(bench.another()?);
    }
    let holders = AtomicU32::new(0);
    let raced: Vec<Checked<(u32, Session<'_>)>> = std::thread::scope(|scope| {
        let running: Vec<_> = sessions
            .into_iter()
            .map(|session| scope.spawn(|| race(session, &name, &holders)))
            .collect();
        running
            .into_iter()
            .map(|thread| {
                let ended = thread.join();
                ended.unwrap_or_else(|_| Err(Stop::failed("a thread of the kit's ended early")))
            })
            .collect()
    });
    let mut counted = 0;
    for ended in raced {
        let (count, session) = ended?;
        counted += count;
        end(session);
    }
    let session = bench.session()?;
    let store = must("read-model.connect", session.open_store(&name))?;
    let state = session.get_state(store);
    must("read-model.disconnect", session.close_store(store, &name))?;
    if state.as_ref().is_err_and(is_unsupported) {
        return Ok(());
    }
    let state = must("get", state)?;
    ensure(
        state.as_deref() == Some(counted.to_string().as_str()),
        || {
            Finding::new("a state that several sessions have changed, one after the other, is not what the last has left")
            .differs(counted, state.unwrap_or_default())
            .after("each session: connect, get, set to one more, disconnect")
        },
    )
}

/// Opens the read model a number of times, counts that in its state, and looks whether it is alone. How often it
/// counted.
fn race<'s>(
    mut session: Session<'s>,
    name: &str,
    holders: &AtomicU32,
) -> Checked<(u32, Session<'s>)> {
    let mut counted = 0;
    let mut waits_since = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS {
        let store = match session.open_store(name) {
            Ok(store) => store,
            Err(failure) if failure.kind() == Some(ErrorKind::Conflict) => {
                if waits_since.elapsed() > PATIENCE {
                    return Err(Finding::new(
                        "a read model can't be opened for long, though nobody keeps it open for long",
                    )
                    .differs("no error, once the others have closed it", failure)
                    .into());
                }
                std::thread::yield_now();
                continue;
            }
            Err(failure) => return must("read-model.connect", Err(failure)),
        };
        rounds += 1;
        let others = holders.fetch_add(1, Ordering::SeqCst);
        let worked = count(&mut session, store, &mut counted);
        std::thread::yield_now();
        holders.fetch_sub(1, Ordering::SeqCst);
        let closed = session.close_store(store, name);
        ensure(others == 0, || {
            Finding::new("two sessions have the same read model open at the same time")
                .differs("the error `conflict` for one of them", "no error")
        })?;
        worked?;
        must("read-model.disconnect", closed)?;
        waits_since = Instant::now();
    }
    Ok((counted, session))
}

fn count(
    session: &mut Session<'_>,
    store: tenon_runtime::direct::OpenStore,
    counted: &mut u32,
) -> Checked {
    let state = session.get_state(store);
    if state.as_ref().is_err_and(is_unsupported) {
        return Ok(());
    }
    let state = must("get", state)?;
    let before: u64 = state.map_or(Ok(0), |state| state.parse()).unwrap_or(0);
    must("set", session.set_state(store, &(before + 1).to_string()))?;
    *counted += 1;
    Ok(())
}
