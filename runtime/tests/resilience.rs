//! What becomes of calls when a database server stops, drops them, refuses them, is slow or can't be reached: each
//! ends within its limits, and everything recovers by itself.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use support::servers::{Server, Things, within};
use tenon_model::Query;
use tenon_runtime::{Error, ErrorKind, Limits};

/// What a call may take beyond its limits on a machine that does much else.
const SLACK: Duration = Duration::from_secs(5);

/// How long a data source may take to notice that its backend is back: [`limits`]' longest pause and a connection.
const RECOVERY: Duration = Duration::from_secs(10);

fn limits() -> Limits {
    Limits {
        sessions: 4,
        call_timeout: Duration::from_secs(2),
        wait_timeout: Duration::from_secs(3),
        max_backoff: Duration::from_millis(500),
        ..Limits::default()
    }
}

/// Each test on both servers.
macro_rules! on_both {
    ($($test:ident($connections:expr);)*) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if let Some(server) = super::Server::postgres($connections) {
                    super::$test(server).await;
                }
            })*
        }
        mod mysql {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if let Some(server) = super::Server::mysql($connections) {
                    super::$test(server).await;
                }
            })*
        }
    };
}

on_both! {
    a_server_that_stops_and_starts_under_load_costs_bounded_time_and_no_restart(20);
    a_connection_killed_in_the_middle_of_a_result_is_an_error_and_not_its_end(20);
    a_changed_password_is_denied_and_a_restored_one_works_by_itself(20);
    more_sessions_than_the_server_has_connections_wait_for_those_that_there_are(3);
    a_slow_command_ends_with_its_limit_and_at_the_server_too(20);
    a_network_that_swallows_everything_costs_the_limit_and_no_more(20);
    a_cut_or_reset_network_costs_idle_sessions_and_no_caller(20);
    a_network_that_cuts_a_result_is_an_error_and_not_its_end(20);
}

/// Whether it is what a backend that is away comes to.
fn is_away(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(error.kind(), K::Unavailable | K::Timeout | K::Exhausted)
}

async fn works(things: &Things) -> bool {
    let found = things.dao().await.find_by_id(1).await;
    found.is_ok_and(|record| record.is_some())
}

async fn a_server_that_stops_and_starts_under_load_costs_bounded_time_and_no_restart(
    server: Server,
) {
    server.fill(500);
    let limits = limits();
    let most = limits.call_timeout + limits.wait_timeout + SLACK;
    let things = Arc::new(server.runtime(server.port(), limits));
    let over = Arc::new(AtomicBool::new(false));
    let counts = Arc::new([const { AtomicU32::new(0) }; 2]);
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let (things, over, counts) = (things.clone(), over.clone(), counts.clone());
            tokio::spawn(async move {
                let dao = things.dao().await;
                let mut id = caller;
                while !over.load(Ordering::Relaxed) {
                    id = id % 500 + 1;
                    let start = Instant::now();
                    let found = dao.find_by_id(id).await;
                    assert!(start.elapsed() < most, "{:?}", start.elapsed());
                    let failed = match found {
                        Ok(record) => {
                            assert!(record.is_some(), "{id}");
                            false
                        }
                        Err(error) => {
                            assert!(is_away(&error), "{error:?}");
                            // As a program does that was told to come back later.
                            tokio::time::sleep(Duration::from_millis(10)).await;
                            true
                        }
                    };
                    counts[usize::from(failed)].fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let answered = |more: u32| {
        let from = counts[0].load(Ordering::Relaxed);
        let counts = counts.clone();
        async move || counts[0].load(Ordering::Relaxed) >= from + more
    };
    within(RECOVERY, "the callers are served", answered(50)).await;
    for pause in [0, 4] {
        server.stop();
        tokio::time::sleep(Duration::from_secs(pause)).await;
        server.restart();
        within(RECOVERY, "the callers are served again", answered(50)).await;
    }
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    things.runtime.shut_down().await.unwrap();
}

/// Reads until an error comes; the number of rows before it.
async fn read_to_the_error(things: &Things, then: impl FnOnce()) -> (u32, Error) {
    let dao = things.dao().await;
    let mut rows = dao.find(Query::new());
    let mut count = 0;
    let mut then = Some(then);
    while let Some(row) = rows.next().await {
        match row {
            Ok(_) => count += 1,
            Err(error) => return (count, error),
        }
        if count == 150 {
            then.take().expect("once")();
        }
    }
    panic!("the result ended with {count} rows, as if that were all");
}

/// More than connections and connectors hold of a result: a hundred megabytes.
const MANY: u32 = 200_000;

async fn a_connection_killed_in_the_middle_of_a_result_is_an_error_and_not_its_end(server: Server) {
    server.fill(MANY);
    let things = server.runtime(server.port(), limits());
    let (count, error) = read_to_the_error(&things, || server.end_connections()).await;
    assert!((150..MANY).contains(&count), "{count}");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    assert!(works(&things).await, "the next call has another session");
    things.runtime.shut_down().await.unwrap();
}

async fn a_changed_password_is_denied_and_a_restored_one_works_by_itself(server: Server) {
    server.fill(1);
    let things = server.runtime(server.port(), limits());
    assert!(works(&things).await);
    server.set_password("another one");
    server.end_connections();
    let dao = things.dao().await;
    let denied = async || match dao.find_by_id(1).await {
        Ok(_) => false,
        Err(error) => {
            let text = format!("{error} {error:?}");
            assert!(!text.contains(server.password()), "{text}");
            error.kind() == ErrorKind::Denied
        }
    };
    within(RECOVERY, "the call is denied", denied).await;
    let start = Instant::now();
    assert!(dao.find_by_id(1).await.is_err());
    assert!(start.elapsed() < SLACK, "nobody waits for a wrong password");
    server.set_password(server.password());
    within(RECOVERY, "the password is right again", async || {
        works(&things).await
    })
    .await;
    things.runtime.shut_down().await.unwrap();
}

async fn more_sessions_than_the_server_has_connections_wait_for_those_that_there_are(
    server: Server,
) {
    server.fill(1);
    let limits = Limits {
        sessions: 8,
        wait_timeout: Duration::from_secs(20),
        ..limits()
    };
    let things = Arc::new(server.runtime(server.port(), limits));
    assert!(works(&things).await);
    let command = server.sleep(0.3);
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let (things, command) = (things.clone(), command.clone());
            tokio::spawn(async move { things.execute(&command).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), 1);
    }
    things.runtime.shut_down().await.unwrap();
}

async fn a_slow_command_ends_with_its_limit_and_at_the_server_too(server: Server) {
    server.fill(1);
    let limits = limits();
    let most = limits.call_timeout + SLACK;
    let things = Arc::new(server.runtime(server.port(), limits));
    assert!(works(&things).await);
    let start = Instant::now();
    let call = tokio::spawn({
        let (things, command) = (things.clone(), server.endless());
        async move { things.execute(command).await }
    });
    let seen = async || server.working_on("endless") == 1;
    within(SLACK, "the server works on it", seen).await;
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert!(start.elapsed() < most, "{:?}", start.elapsed());
    let stopped = async || server.working_on("endless") == 0;
    within(SLACK, "the server has stopped it", stopped).await;
    assert!(works(&things).await);
    things.runtime.shut_down().await.unwrap();
}

async fn a_network_that_swallows_everything_costs_the_limit_and_no_more(server: Server) {
    server.fill(1);
    let limits = limits();
    let most = limits.call_timeout + limits.wait_timeout + SLACK;
    let proxy = server.proxy();
    let things = server.runtime(proxy.port(), limits);
    assert!(works(&things).await);
    proxy.stall();
    for _ in 0..3 {
        let start = Instant::now();
        let error = things.dao().await.find_by_id(1).await.unwrap_err();
        assert!(is_away(&error), "{error:?}");
        assert!(start.elapsed() < most, "{:?}", start.elapsed());
    }
    proxy.pass();
    within(RECOVERY, "the network is back", async || {
        works(&things).await
    })
    .await;
    things.runtime.shut_down().await.unwrap();
}

async fn a_cut_or_reset_network_costs_idle_sessions_and_no_caller(server: Server) {
    server.fill(1);
    let proxy = server.proxy();
    let things = server.runtime(proxy.port(), limits());
    for reset in [false, true, false, true] {
        assert!(
            works(&things).await,
            "after {} connections",
            proxy.accepted()
        );
        let ended = if reset { proxy.reset() } else { proxy.cut() };
        assert_ne!(ended, 0);
    }
    let found = things.dao().await.find_by_id(1).await;
    assert!(found.unwrap().is_some(), "reading is tried again");
    things.runtime.shut_down().await.unwrap();
}

async fn a_network_that_cuts_a_result_is_an_error_and_not_its_end(server: Server) {
    server.fill(MANY);
    let proxy = server.proxy();
    let things = server.runtime(proxy.port(), limits());
    let (count, error) = read_to_the_error(&things, || {
        proxy.reset();
    })
    .await;
    assert!((150..MANY).contains(&count), "{count}");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    assert!(works(&things).await);
    things.runtime.shut_down().await.unwrap();
}
