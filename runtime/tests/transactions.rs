//! Transactions: together or not at all, whoever goes away.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use support::{Bench, entity};
use tenon_model::{Entity, Filter, Model, Property, PropertyType, Query};
use tenon_runtime::{ErrorKind, Isolation, Limits, Transaction, TransactionOptions};

fn models() -> Vec<Model> {
    let account = Model::new("Account")
        .key("name", PropertyType::Text)
        .property(Property::new("balance", PropertyType::Integer).required());
    let transfer = Model::new("Transfer")
        .key("id", PropertyType::Integer)
        .property(Property::new("amount", PropertyType::Integer));
    vec![account, transfer]
}

/// Short times, so that waiting is seen to end.
fn limits() -> Limits {
    Limits {
        wait_timeout: Duration::from_millis(400),
        ..Limits::default()
    }
}

async fn benches() -> Vec<(&'static str, Bench)> {
    let memory = Bench::new("memory", models(), |source, _| source.limits(limits())).await;
    let redb = Bench::new("redb", models(), |source, folder| {
        std::fs::create_dir_all(folder.join("data")).unwrap();
        let data = tenon_runtime::grants::FolderGrant::writable(folder.join("data"), "/data");
        source
            .setting("path", "/data/test.redb")
            .grant(data.unwrap())
            .limits(limits())
    })
    .await;
    vec![("memory", memory), ("redb", redb)]
}

fn account(name: &str, balance: i64) -> Entity {
    entity([("name", name.into()), ("balance", balance.into())])
}

async fn begin(bench: &Bench) -> Transaction {
    let begun = bench.runtime.transaction("test", TransactionOptions::new());
    begun.await.unwrap()
}

async fn accounts(bench: &Bench) -> u64 {
    let accounts = bench.model("Account").await;
    accounts.count(Filter::all()).await.unwrap()
}

#[tokio::test]
async fn what_is_committed_is_there_in_all_models_and_what_is_not_in_none() {
    for (connector, bench) in benches().await {
        for commit in [true, false] {
            let transaction = begin(&bench).await;
            let people = transaction.model("Account").await.unwrap();
            let transfers = transaction.model("Transfer").await.unwrap();
            people.create(account("ann", 10)).await.unwrap();
            transfers.create(entity([("id", 1.into())])).await.unwrap();
            assert_eq!(people.count(Filter::all()).await.unwrap(), 1);
            if commit {
                transaction.commit().await.unwrap();
            } else {
                transaction.rollback().await.unwrap();
            }
            let expected = u64::from(commit);
            assert_eq!(accounts(&bench).await, expected, "{connector}");
            let transfers = bench.model("Transfer").await;
            assert_eq!(
                transfers.destroy_all(Filter::all()).await.unwrap(),
                expected
            );
            let people = bench.model("Account").await;
            people.destroy_all(Filter::all()).await.unwrap();
        }
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn one_that_is_dropped_is_rolled_back_before_anybody_else_looks() {
    for (connector, bench) in benches().await {
        let transaction = begin(&bench).await;
        let people = transaction.model("Account").await.unwrap();
        people.create(account("ann", 10)).await.unwrap();
        drop(transaction);
        assert_eq!(accounts(&bench).await, 0, "{connector}");
        let late = people.create(account("bob", 10)).await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Conflict, "{connector}");
        assert!(late.to_string().contains("rolled back"), "{late}");
        assert_eq!(accounts(&bench).await, 0, "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn one_whose_time_is_up_is_rolled_back_and_says_so() {
    for (connector, bench) in benches().await {
        let options = TransactionOptions::new().timeout(Duration::from_millis(100));
        let transaction = bench.runtime.transaction("test", options).await.unwrap();
        let people = transaction.model("Account").await.unwrap();
        people.create(account("ann", 10)).await.unwrap();
        // Others get the session when the time is up, and not before.
        assert_eq!(accounts(&bench).await, 0, "{connector}");
        let late = people.create(account("bob", 10)).await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Timeout, "{connector}");
        let late = transaction.commit().await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Timeout, "{connector}");
        assert!(late.to_string().contains("transaction-timeout"), "{late}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn others_wait_and_are_told_what_for() {
    for (connector, bench) in benches().await {
        let transaction = begin(&bench).await;
        let people = bench.model("Account").await;
        let waited = people.count(Filter::all()).await.unwrap_err();
        assert_eq!(waited.kind(), ErrorKind::Exhausted, "{connector}");
        assert!(waited.to_string().contains("1 by transactions"), "{waited}");
        transaction.commit().await.unwrap();
        assert_eq!(accounts(&bench).await, 0);
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn a_caller_who_leaves_leaves_the_transaction_whole() {
    for (connector, bench) in benches().await {
        let transaction = begin(&bench).await;
        let people = transaction.model("Account").await.unwrap();
        for n in 0..50 {
            let name = format!("account {n}");
            let creating = people.create(account(&name, n));
            // Polled once: it is under way, or already done.
            let _ = tokio::time::timeout(Duration::ZERO, creating).await;
        }
        // What was begun is done, and what comes next finds it done.
        let seen = people.count(Filter::all()).await.unwrap();
        assert!(seen > 0, "{connector}");
        transaction.commit().await.unwrap();
        assert_eq!(accounts(&bench).await, seen, "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn a_failed_call_leaves_the_transaction_as_it_was() {
    for (connector, bench) in benches().await {
        let transaction = begin(&bench).await;
        let people = transaction.model("Account").await.unwrap();
        people.create(account("ann", 10)).await.unwrap();
        let batch = vec![account("bob", 1), account("ann", 2)];
        let refused = people.create_all(batch).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Duplicate, "{connector}");
        assert_eq!(people.count(Filter::all()).await.unwrap(), 1, "{connector}");
        transaction.commit().await.unwrap();
        assert_eq!(accounts(&bench).await, 1, "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn one_writes_while_reading() {
    for (connector, bench) in benches().await {
        let people = bench.model("Account").await;
        let many = (0..3_000).map(|n| account(&format!("account {n}"), n));
        people.create_all(many.collect()).await.unwrap();
        let transaction = begin(&bench).await;
        let people = transaction.model("Account").await.unwrap();
        let mut all = people.find(Query::new());
        let mut seen = 0;
        while let Some(person) = all.next().await {
            let key = people.model().key_of(&person.unwrap()).unwrap();
            let nothing = entity([("balance", 0.into())]);
            people.update_attributes(key, nothing).await.unwrap();
            seen += 1;
        }
        assert_eq!(seen, 3_000, "{connector}");
        transaction.commit().await.unwrap();
        let people = bench.model("Account").await;
        let empty = Filter::equal("balance", 0);
        assert_eq!(people.count(empty).await.unwrap(), 3_000, "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn a_query_inside_is_bounded() {
    let bench = Bench::new("memory", models(), |source, _| {
        source.limits(Limits {
            transaction_rows: 10,
            ..Limits::default()
        })
    })
    .await;
    let transaction = begin(&bench).await;
    let people = transaction.model("Account").await.unwrap();
    let many = (0..20).map(|n| account(&format!("account {n}"), n));
    people.create_all(many.collect()).await.unwrap();
    let all = people.find(Query::new()).collect().await.unwrap_err();
    assert_eq!(all.kind(), ErrorKind::Exhausted);
    assert!(all.to_string().contains("transaction-rows"), "{all}");
    let some = people.find(Query::new().limit(5)).collect().await.unwrap();
    assert_eq!(some.len(), 5);
    transaction.rollback().await.unwrap();
    bench.shut_down().await;
}

#[tokio::test]
async fn a_read_only_one_refuses_writes() {
    for (connector, bench) in benches().await {
        let options = TransactionOptions::new()
            .read_only()
            .isolation(Isolation::Serializable);
        let transaction = bench.runtime.transaction("test", options).await.unwrap();
        let people = transaction.model("Account").await.unwrap();
        assert!(
            people.create(account("ann", 10)).await.is_err(),
            "{connector}"
        );
        assert_eq!(people.count(Filter::all()).await.unwrap(), 0);
        transaction.commit().await.unwrap();
        assert_eq!(accounts(&bench).await, 0, "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn what_can_take_no_part_says_why() {
    let bench = Bench::new("hello", vec![], |source, _| {
        source.setting("names", serde_json::json!(["Ada"]))
    })
    .await;
    let begun = bench.runtime.transaction("test", TransactionOptions::new());
    let refused = begun.await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert!(refused.to_string().contains("transactions"), "{refused}");
    bench.shut_down().await;

    let here = Bench::with_memory(models()).await;
    let transaction = begin(&here).await;
    let missing = transaction.model("Acount").await.err().unwrap();
    assert!(missing.to_string().contains("Account"), "{missing}");
    transaction.rollback().await.unwrap();
    here.shut_down().await;
}

fn thing() -> Model {
    Model::new("Thing")
        .key("id", PropertyType::Text)
        .property(Property::new("calls", PropertyType::Integer))
}

#[tokio::test]
async fn one_that_the_backend_gives_up_is_never_committed() {
    let bench = Bench::new("evil", vec![thing()], |source, _| source).await;
    let transaction = begin(&bench).await;
    let things = transaction.model("Thing").await.unwrap();
    things.find_by_id("lose transaction").await.unwrap_err();
    let next = things.find_by_id("a").await.unwrap_err();
    assert_eq!(next.kind(), ErrorKind::Conflict);
    let committed = transaction.commit().await.unwrap_err();
    assert_eq!(committed.kind(), ErrorKind::Conflict, "{committed}");
    bench.shut_down().await;
}

#[tokio::test]
async fn one_whose_session_is_lost_never_goes_on_in_another() {
    for mischief in ["trap", "lose session"] {
        let bench = Bench::new("evil", vec![thing()], |source, _| source).await;
        let transaction = begin(&bench).await;
        let things = transaction.model("Thing").await.unwrap();
        things.find_by_id(mischief).await.unwrap_err();
        let next = things.find_by_id("a").await.unwrap_err();
        assert_eq!(next.kind(), ErrorKind::Unavailable, "{mischief}: {next}");
        let committed = transaction.commit().await.unwrap_err();
        assert_eq!(committed.kind(), ErrorKind::Unavailable, "{mischief}");
        bench.shut_down().await;
    }
}
