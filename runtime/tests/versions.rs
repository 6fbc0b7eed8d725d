//! Optimistic locking: of two who read the same version, one writes.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::{Bench, entity};
use tenon_model::{Entity, Filter, Model, Property, PropertyType, Value};
use tenon_runtime::grants::FolderGrant;
use tenon_runtime::{Dao, ErrorKind};

fn page() -> Model {
    Model::new("Page")
        .key("name", PropertyType::Text)
        .property(Property::new("text", PropertyType::Text))
        .property(Property::new("revision", PropertyType::Integer))
        .version("revision")
}

async fn benches() -> Vec<(&'static str, Bench)> {
    let files = Bench::new("json-files", vec![page()], |source, folder| {
        std::fs::create_dir_all(folder.join("data")).unwrap();
        source
            .setting("path", "/data")
            .grant(FolderGrant::writable(folder.join("data"), "/data").unwrap())
    });
    vec![
        ("memory", Bench::with_memory(vec![page()]).await),
        ("redb", Bench::with_redb(vec![page()]).await),
        ("json-files", files.await),
    ]
}

fn text(text: &str) -> Entity {
    entity([("text", text.into())])
}

async fn revision(pages: &Dao) -> Value {
    let page = pages.find_by_id("home").await.unwrap().unwrap();
    page.get("revision").cloned().unwrap()
}

#[tokio::test]
async fn every_change_counts_the_version_up() {
    for (connector, bench) in benches().await {
        let pages = bench.model("Page").await;
        let home = pages
            .create(text("one").with("name", "home"))
            .await
            .unwrap();
        assert_eq!(home.get("revision"), Some(&1.into()), "{connector}");
        let changed = pages.update_attributes("home", text("two")).await.unwrap();
        assert_eq!(changed.get("revision"), Some(&2.into()), "{connector}");
        let saved = pages
            .save(text("three").with("name", "home"))
            .await
            .unwrap();
        assert_eq!(saved.get("revision"), Some(&3.into()), "{connector}");
        assert_eq!(pages.update(Filter::all(), text("four")).await.unwrap(), 1);
        assert_eq!(revision(&pages).await, 4.into(), "{connector}");
        let written = pages.update_or_create(text("five").with("name", "home"));
        assert!(!written.await.unwrap().created);
        assert_eq!(revision(&pages).await, 5.into(), "{connector}");
        let replaced = pages.replace_or_create(text("six").with("name", "home"));
        assert_eq!(
            replaced.await.unwrap().record.get("revision"),
            Some(&6.into())
        );
        let written = pages.upsert_where(Filter::equal("text", "six"), text("seven"));
        assert_eq!(
            written.await.unwrap().record.get("revision"),
            Some(&7.into())
        );
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_and_changes_nothing() {
    for (connector, bench) in benches().await {
        let pages = bench.model("Page").await;
        let read = pages
            .create(text("one").with("name", "home"))
            .await
            .unwrap();
        let first = text("by the first").with("revision", 1);
        pages
            .update_attributes("home", first.clone())
            .await
            .unwrap();
        let second = pages.update_attributes("home", first).await.unwrap_err();
        assert_eq!(second.kind(), ErrorKind::Conflict, "{connector}");
        assert_eq!(second.detail("version"), Some("2"), "{connector}");
        let saved = pages.save(read.clone()).await.unwrap_err();
        assert_eq!(saved.kind(), ErrorKind::Conflict, "{connector}");
        let replaced = pages.replace_or_create(read.clone()).await.unwrap_err();
        assert_eq!(replaced.kind(), ErrorKind::Conflict, "{connector}");
        let deleted = pages.destroy_version("home", 1).await.unwrap_err();
        assert_eq!(deleted.kind(), ErrorKind::Conflict, "{connector}");
        let now = pages.find_by_id("home").await.unwrap().unwrap();
        assert_eq!(now.get("text"), Some(&"by the first".into()), "{connector}");
        assert!(pages.destroy_version("home", 2).await.unwrap());
        assert!(!pages.destroy_version("home", 2).await.unwrap());
        let gone = pages
            .update_attributes("home", text("late"))
            .await
            .unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::NotFound, "{connector}");
        bench.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_count_up_none_is_lost() {
    for (connector, bench) in benches().await {
        let pages = bench.model("Page").await;
        let empty = text("0").with("name", "home");
        pages.create(empty).await.unwrap();
        let counting: Vec<_> = (0..8)
            .map(|_| {
                let pages = pages.clone();
                tokio::spawn(async move { while !count_up(&pages).await {} })
            })
            .collect();
        for counter in counting {
            counter.await.unwrap();
        }
        let now = pages.find_by_id("home").await.unwrap().unwrap();
        assert_eq!(now.get("text"), Some(&"8".into()), "{connector}");
        assert_eq!(now.get("revision"), Some(&9.into()), "{connector}");
        bench.shut_down().await;
    }
}

/// Reads the number, and writes the next one; false where somebody else did.
async fn count_up(pages: &Dao) -> bool {
    let mut page = pages.find_by_id("home").await.unwrap().unwrap();
    let number: u32 = page
        .get("text")
        .and_then(Value::as_text)
        .unwrap()
        .parse()
        .unwrap();
    page.set("text", (number + 1).to_string());
    match pages.save(page).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Conflict);
            false
        }
    }
}

#[tokio::test]
async fn a_version_is_one_records() {
    let bench = Bench::with_memory(vec![page()]).await;
    let pages = bench.model("Page").await;
    pages
        .create(text("one").with("name", "home"))
        .await
        .unwrap();
    let many = pages.update(Filter::all(), text("two").with("revision", 1));
    assert_eq!(many.await.unwrap_err().kind(), ErrorKind::Validation);
    let new = text("x").with("name", "new").with("revision", 7);
    assert_eq!(
        pages.create(new).await.unwrap_err().kind(),
        ErrorKind::Validation
    );
    bench.shut_down().await;
}

#[tokio::test]
async fn what_a_replacement_carries_over_is_of_the_version_that_it_replaces() {
    let secret = Property::new("secret", PropertyType::Text).hidden();
    let bench = Bench::with_memory(vec![page().property(secret)]).await;
    let pages = bench.model("Page").await;
    let made = text("one").with("name", "home").with("secret", "s1");
    let read = pages.create(made).await.unwrap();
    assert_eq!(read.get("secret"), None);
    let set = entity([("secret", "s2".into())]);
    pages.update_attributes("home", set).await.unwrap();
    assert_eq!(
        pages.save(read).await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
    let any = text("three").with("name", "home");
    pages.save(any).await.unwrap();
    let now = pages
        .with_hidden()
        .find_by_id("home")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(now.get("secret"), Some(&"s2".into()));
    assert_eq!(now.get("revision"), Some(&3.into()));
    bench.shut_down().await;
}
