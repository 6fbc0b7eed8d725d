//! Pools of sessions whose backend comes and goes: `docs/pools.md` is what they have to keep.
//!
//! A test plays the backend with files in a folder that its connector is granted: what it is to refuse, and how often.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use support::{Bench, entity};
use tenon_model::{Entity, Model, Property, PropertyType, Query, Value};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{Dao, DataSource, Error, ErrorKind, Health, Limits, TransactionOptions};

/// More often than anybody tries.
const ALWAYS: u32 = 1_000_000;

/// A data source and its backend.
struct Played {
    bench: Bench,
    things: Dao,
    folder: PathBuf,
}

impl Played {
    async fn new(connector: &str, limits: Limits) -> Self {
        Log::capture();
        let models = ["Thing", "Endless", "Few"].map(|name| {
            Model::new(name)
                .key("id", PropertyType::Text)
                .property(Property::new("calls", PropertyType::Integer))
        });
        let bench = Bench::new(connector, models.into(), |source, folder| {
            std::fs::create_dir(folder.join("backend")).unwrap();
            source
                .setting("backend", "/backend")
                .grant(FolderGrant::writable(folder.join("backend"), "/backend").unwrap())
                .allow_native()
                .limits(limits)
        })
        .await;
        Self {
            things: bench.model("Thing").await,
            folder: bench.folder.path().join("backend"),
            bench,
        }
    }

    async fn pooled(limits: Limits) -> Self {
        Self::new("evil", limits).await
    }

    async fn exclusive() -> Self {
        let limits = Limits {
            page_rows: 2,
            ..quick()
        };
        Self::new("evil-exclusive", limits).await
    }

    /// Has the backend fail so often in what it is asked to do.
    fn fails(&self, function: &str, times: u32, how: &str) {
        let times = if times == ALWAYS {
            "always".to_owned()
        } else {
            times.to_string()
        };
        // In one step: the connector may be reading.
        let new = self.bench.folder.path().join("told");
        std::fs::write(&new, format!("{times} {how}")).unwrap();
        std::fs::rename(new, self.folder.join(function)).unwrap();
    }

    /// Has the backend do it again.
    fn works(&self, function: &str) {
        std::fs::remove_file(self.folder.join(function)).unwrap();
    }

    /// How often the backend was asked to do it.
    fn asked(&self, function: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        log.lines().filter(|line| *line == function).count()
    }

    async fn find(&self, id: &str) -> Result<Option<Entity>, Error> {
        self.things.find_by_id(id).await
    }

    /// Which call of its session this was, or which connection of an exclusive one: 1 in a new one.
    async fn calls(&self) -> i64 {
        let record = self.find("well").await.unwrap().unwrap();
        record.get("calls").and_then(Value::as_integer).unwrap()
    }

    async fn source(&self) -> Arc<DataSource> {
        self.bench.runtime.data_source("test").await.unwrap()
    }

    async fn health(&self) -> Health {
        self.source().await.health().expect("it was used")
    }

    /// Waits until the data source has noticed by itself.
    async fn until(&self, health: &str) {
        for _ in 0..1_000 {
            if self.health().await.name() == health {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it is {}, and never {health}", self.health().await);
    }
}

/// Attempts come soon.
fn quick() -> Limits {
    Limits {
        max_backoff: Duration::from_millis(5),
        ..Limits::default()
    }
}

fn one_session() -> Limits {
    Limits {
        sessions: 1,
        ..quick()
    }
}

thread_local! {
    /// What this test's thread logs: its calls run there.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the log of the test whose thread it is on.
struct Log;

impl Log {
    /// Captures warnings, for all tests: one that began without would decide for the others that nobody listens.
    fn capture() {
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::WARN)
            .with_writer(|| Self)
            .finish();
        // Another test was first, mostly.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }

    fn text() -> String {
        LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap())
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_backend_that_is_back_in_a_moment_costs_no_caller_an_error() {
    for how in ["unavailable", "exhausted"] {
        let played = Played::pooled(quick()).await;
        played.fails("connect", 3, how);
        assert_eq!(played.calls().await, 1);
        assert_eq!(played.asked("connect"), 4, "three failed");
        assert_eq!(played.health().await, Health::Healthy);
    }
}

#[tokio::test]
async fn callers_of_one_pool_share_their_attempts() {
    let played = Played::pooled(Limits {
        sessions: 8,
        max_backoff: Duration::from_millis(50),
        ..Limits::default()
    })
    .await;
    played.fails("connect", ALWAYS, "unavailable");
    let all = futures_util::future::join_all((0..8).map(|_| played.find("well"))).await;
    assert!(all.iter().all(Result::is_err), "{all:?}");
    let attempts = played.asked("connect");
    assert!(
        (7..8 * 4).contains(&attempts),
        "{attempts}: the first of each, and then one at a time"
    );
}

#[tokio::test]
async fn nobody_waits_for_an_attempt_that_hangs_where_the_breaker_is_open() {
    let an_hour = Duration::from_secs(3600);
    let played = Played::pooled(Limits {
        call_timeout: an_hour,
        wait_timeout: an_hour,
        ..one_session()
    })
    .await;
    played.fails("connect", ALWAYS, "unavailable");
    played.find("well").await.unwrap_err();
    played.fails("connect", ALWAYS, "hang");
    // Whichever attempt met the change: the one after it hangs, and has the only seat.
    let before = played.asked("connect");
    while played.asked("connect") < before + 2 {
        if played
            .health()
            .await
            .trouble()
            .unwrap()
            .next_attempt
            .is_zero()
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..20 {
        let find = tokio::time::timeout(Duration::from_secs(60), played.find("well"));
        let error = find.await.expect("it is told at once").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_open_breaker_answers_at_once_and_closes_by_itself() {
    let played = Played::pooled(Limits {
        // Longer than this test lasts, but for the attempts.
        wait_timeout: Duration::from_secs(600),
        ..one_session()
    })
    .await;
    assert_eq!(played.source().await.health(), None);
    played.fails("connect", ALWAYS, "unavailable");
    let error = played.find("well").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let refused = played.find("well").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable, "{refused}");
    for part in ["since 2", "the backend is unavailable", "the next attempt"] {
        assert!(
            refused.to_string().contains(part),
            "{part} is missing: {refused}"
        );
    }
    let after: u64 = refused.detail("retry-after").unwrap().parse().unwrap();
    assert!(after <= 5);
    let Health::Unavailable(trouble) = played.health().await else {
        panic!("it is {}", played.health().await);
    };
    assert!(trouble.failures >= 7, "{trouble:?}");
    assert!(
        trouble.because.contains("the backend is unavailable"),
        "{trouble:?}"
    );

    played.works("connect");
    played.until("healthy").await;
    assert_eq!(played.calls().await, 1);
    let log = Log::text();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(
        lines.len(),
        2,
        "one line when it goes, one when it is back: {log}"
    );
    assert!(lines[0].contains("unavailable since"), "{log}");
    assert!(lines[1].contains("back again"), "{log}");
    played.bench.shut_down().await;
}

#[tokio::test]
async fn an_open_breaker_goes_on_trying_by_itself() {
    let played = Played::pooled(one_session()).await;
    played.fails("connect", ALWAYS, "unavailable");
    played.find("well").await.unwrap_err();
    let before = played.asked("connect");
    for _ in 0..1_000 {
        if played.asked("connect") > before + 3 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody has tried since");
}

#[tokio::test]
async fn who_is_refused_asks_the_backend_nothing() {
    let played = Played::pooled(Limits {
        // The attempt after the first is further off than this test lasts.
        max_backoff: Duration::from_secs(3600),
        wait_timeout: Duration::from_millis(1),
        ..one_session()
    })
    .await;
    played.fails("connect", ALWAYS, "unavailable");
    for _ in 0..20 {
        let error = played.find("well").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.detail("retry-after").is_some(), "{error:?}");
    }
    let attempts = played.asked("connect");
    assert!(
        attempts < 20,
        "{attempts} attempts are not one for each call"
    );
}

#[tokio::test]
async fn a_password_that_is_put_right_is_found_to_be_right() {
    let played = Played::pooled(quick()).await;
    played.fails("connect", ALWAYS, "denied");
    let error = played.find("well").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    let refused = played.find("well").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied, "{refused}");
    played.until("unavailable").await;
    played.works("connect");
    played.until("healthy").await;
    assert_eq!(played.calls().await, 1);
}

#[tokio::test]
async fn settings_that_are_wrong_are_no_trouble_of_the_backends() {
    let played = Played::pooled(quick()).await;
    played.fails("connect", 2, "invalid");
    for _ in 0..2 {
        let error = played.find("well").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert_eq!(played.health().await, Health::Healthy);
    }
    assert_eq!(played.calls().await, 1);
}

#[tokio::test]
async fn who_waits_is_told_when_the_data_source_is_closed() {
    let played = Played::pooled(Limits::default()).await;
    played.fails("connect", ALWAYS, "unavailable");
    let things = played.things.clone();
    let waiting = tokio::spawn(async move { things.find_by_id("well").await });
    while played.asked("connect") == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    played.bench.runtime.shut_down().await.unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
}

#[tokio::test]
async fn where_no_more_sessions_can_be_had_the_others_serve() {
    let played = Played::pooled(Limits {
        sessions: 4,
        ..quick()
    })
    .await;
    assert_eq!(played.calls().await, 1);
    played.fails("connect", ALWAYS, "exhausted");
    // The sleeper has the only session, and the breaker opens long before it is done.
    let (slept, waited, waited_too) = tokio::join!(
        played.find("sleep"),
        played.find("well"),
        played.find("well")
    );
    slept.unwrap();
    waited.unwrap();
    waited_too.unwrap();
    assert_eq!(played.health().await.name(), "degraded");
    assert_eq!(played.calls().await, 5, "all by one session");
}

#[tokio::test]
async fn an_idle_session_proves_itself_before_it_serves() {
    let played = Played::pooled(Limits {
        check_after: Duration::from_millis(1),
        ..one_session()
    })
    .await;
    assert_eq!(played.calls().await, 1);
    assert_eq!(played.asked("ping"), 0, "it was new");
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(played.calls().await, 2, "it is the same session");
    assert_eq!(played.asked("ping"), 1);
    for how in ["unavailable", "lost", "trap"] {
        played.fails("ping", 1, how);
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(played.calls().await, 1, "it is another one: {how}");
    }
    assert_eq!(played.health().await, Health::Healthy);
}

#[tokio::test]
async fn a_session_in_use_is_not_asked() {
    let played = Played::pooled(one_session()).await;
    for n in 1..10 {
        assert_eq!(played.calls().await, n);
    }
    assert_eq!(played.asked("ping"), 0);
}

#[tokio::test]
async fn when_one_session_has_lost_the_backend_the_others_prove_themselves() {
    let played = Played::pooled(Limits {
        sessions: 3,
        retries: 0,
        ..quick()
    })
    .await;
    let (first, second, third) = tokio::join!(
        played.find("sleep"),
        played.find("sleep"),
        played.find("sleep")
    );
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    assert_eq!(played.bench.state().await.idle, 3);
    played.fails("find", 1, "lost");
    played.find("well").await.unwrap_err();
    played.fails("ping", 1, "unavailable");
    assert_eq!(
        played.calls().await,
        2,
        "the one that answers is an old one"
    );
    assert_eq!(
        played.asked("ping"),
        2,
        "the one that didn't answer, and the one that did"
    );
    assert_eq!(played.bench.state().await.idle, 1);
}

#[tokio::test]
async fn a_read_is_made_again_where_nothing_came_of_it() {
    let played = Played::pooled(one_session()).await;
    for how in ["lost", "unknown", "unavailable"] {
        let before = played.asked("find");
        played.fails("find", 2, how);
        played.find("well").await.unwrap();
        assert_eq!(played.asked("find"), before + 3, "{how}");
    }
    played.fails("all", 1, "lost");
    let few = played.bench.model("Few").await;
    assert_eq!(few.find(Query::new()).collect().await.unwrap().len(), 3);
    assert_eq!(played.asked("all"), 2);
    played.fails("collections", 1, "lost");
    let collections = played.source().await.collections().await.unwrap();
    assert_eq!(collections.len(), 1);
    played.fails("ping", 1, "lost");
    played.source().await.ping().await.unwrap();
}

#[tokio::test]
async fn what_would_only_fail_again_is_not_made_again() {
    let played = Played::pooled(one_session()).await;
    for (how, kind) in [
        ("trap", ErrorKind::Crashed),
        ("conflict", ErrorKind::Conflict),
        ("denied", ErrorKind::Denied),
        ("invalid", ErrorKind::Invalid),
    ] {
        let before = played.asked("find");
        played.fails("find", 1, how);
        let error = played.find("well").await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(played.asked("find"), before + 1, "{how}");
    }
}

#[tokio::test]
async fn a_write_is_made_again_only_where_it_has_changed_nothing_for_certain() {
    let played = Played::pooled(one_session()).await;
    let thing = || entity([("id", "a".into())]);
    for how in ["lost", "unavailable"] {
        let before = played.asked("create");
        played.fails("create", 1, how);
        let made = played.things.create(thing()).await.unwrap();
        assert_eq!(made.get("id"), Some(&"a".into()));
        assert_eq!(played.asked("create"), before + 2, "{how}");
    }
    for how in ["unknown", "conflict"] {
        let before = played.asked("create");
        played.fails("create", 1, how);
        played.things.create(thing()).await.unwrap_err();
        assert_eq!(played.asked("create"), before + 1, "{how}");
    }
}

#[tokio::test]
async fn nothing_is_made_again_inside_a_transaction_but_its_beginning_is() {
    let played = Played::pooled(one_session()).await;
    played.fails("begin", 1, "lost");
    let begin = || {
        played
            .bench
            .runtime
            .transaction("test", TransactionOptions::new())
    };
    let transaction = begin().await.unwrap();
    assert_eq!(played.asked("begin"), 2);
    let within = transaction.model("Thing").await.unwrap();
    for function in ["find", "create", "all"] {
        played.fails(function, 1, "unavailable");
    }
    within.find_by_id("well").await.unwrap_err();
    within
        .create(entity([("id", "a".into())]))
        .await
        .unwrap_err();
    within.find(Query::new()).collect().await.unwrap_err();
    for function in ["find", "create", "all"] {
        assert_eq!(played.asked(function), 1, "{function}");
    }
    within.find_by_id("well").await.unwrap();
    transaction.rollback().await.unwrap();

    let transaction = begin().await.unwrap();
    let within = transaction.model("Thing").await.unwrap();
    played.fails("find", 1, "lost");
    within.find_by_id("well").await.unwrap_err();
    assert_eq!(played.asked("find"), 3);
    within.find_by_id("well").await.unwrap_err();
    assert_eq!(played.asked("find"), 3, "its session is gone");
    drop(transaction);
    assert_eq!(played.calls().await, 1);
}

#[tokio::test]
async fn native_commands_are_never_run_again() {
    let played = Played::pooled(one_session()).await;
    played.fails("execute", 1, "lost");
    let source = played.source().await;
    assert!(source.execute("state", Vec::new()).await.is_err());
    assert_eq!(played.asked("execute"), 1);
}

#[tokio::test]
async fn one_call_is_made_again_so_often_and_no_more() {
    for retries in [0, 1, 3] {
        let played = Played::pooled(Limits {
            retries,
            ..one_session()
        })
        .await;
        played.fails("find", ALWAYS, "lost");
        let error = played.find("well").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(played.asked("find"), 1 + retries as usize);
    }
}

#[tokio::test]
async fn a_backend_that_is_dying_is_not_stormed() {
    let played = Played::pooled(one_session()).await;
    played.fails("find", ALWAYS, "lost");
    for _ in 0..40 {
        played.find("well").await.unwrap_err();
    }
    assert_eq!(
        played.asked("find"),
        40 + 10,
        "what was saved for retries is spent"
    );
    played.works("find");
    for _ in 0..20 {
        played.find("well").await.unwrap();
    }
    played.fails("find", ALWAYS, "lost");
    let before = played.asked("find");
    for _ in 0..10 {
        played.find("well").await.unwrap_err();
    }
    assert_eq!(
        played.asked("find"),
        before + 10 + 2,
        "one for ten calls that went well"
    );
}

#[tokio::test]
async fn an_exclusive_session_is_connected_again_and_has_its_data() {
    let played = Played::exclusive().await;
    played
        .things
        .create(entity([("id", "well".into())]))
        .await
        .unwrap();
    assert_eq!(played.calls().await, 1);
    played.fails("find", 1, "lost");
    assert_eq!(
        played.calls().await,
        2,
        "connected twice, and the record is there"
    );
    assert_eq!(played.asked("disconnect"), 1);

    // Also where it takes several attempts, and the end of the old connection fails.
    played.fails("find", 1, "lost");
    played.fails("disconnect", 1, "lost");
    played.fails("connect", 3, "unavailable");
    assert_eq!(played.calls().await, 3);
    assert_eq!(played.health().await, Health::Healthy);
    played.bench.shut_down().await;
}

#[tokio::test]
async fn an_exclusive_session_waits_for_its_backend_and_has_its_data() {
    let played = Played::exclusive().await;
    played
        .things
        .create(entity([("id", "well".into())]))
        .await
        .unwrap();
    played.fails("find", 1, "lost");
    played.fails("connect", ALWAYS, "unavailable");
    played.find("well").await.unwrap_err();
    played.until("unavailable").await;
    let refused = played.find("well").await.unwrap_err();
    assert!(
        refused.message().contains("no session could be started"),
        "{refused}"
    );
    played.works("connect");
    played.until("healthy").await;
    assert_eq!(
        played.calls().await,
        2,
        "connected by itself, and the record is there"
    );
}

#[tokio::test]
async fn what_was_open_over_a_lost_connection_is_lost_and_nothing_else() {
    let played = Played::exclusive().await;
    for id in ["a", "b", "c", "d", "e", "well"] {
        played
            .things
            .create(entity([("id", id.into())]))
            .await
            .unwrap();
    }
    let mut stream = played.things.find(Query::new());
    stream.next().await.unwrap().unwrap();
    played.fails("find", 1, "lost");
    assert_eq!(played.calls().await, 2);
    let error = stream.collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("run the query again"), "{error}");
    let all = played.things.find(Query::new()).collect().await.unwrap();
    assert_eq!(all.len(), 6);

    let transaction = played
        .bench
        .runtime
        .transaction("test", TransactionOptions::new())
        .await
        .unwrap();
    let within = transaction.model("Thing").await.unwrap();
    played.fails("find", 1, "lost");
    within.find_by_id("well").await.unwrap_err();
    transaction.commit().await.unwrap_err();
    assert_eq!(played.calls().await, 3);
    played.bench.shut_down().await;
}

#[tokio::test]
async fn a_data_source_whose_backend_is_gone_ends_in_order() {
    let played = Played::exclusive().await;
    assert_eq!(played.find("well").await.unwrap(), None);
    played.fails("find", 1, "lost");
    played.fails("connect", ALWAYS, "unavailable");
    played.find("well").await.unwrap_err();
    played.bench.runtime.shut_down().await.unwrap();
}
