//! What the runtime adds to a connector that can do nothing but hand out all its records.

mod support;

use support::{Bench, entity};
use tenon_model::{Filter, Model, Property, PropertyType, Query, Value};
use tenon_runtime::{Dao, ErrorKind, Limits, Place};

const NAMES: [&str; 5] = ["Ann", "Bob", "Cem", "Dana", "Eve"];

async fn hello(limits: Limits) -> (Bench, Dao) {
    let model = Model::new("Greeting")
        .key("name", PropertyType::Text)
        .property(Property::new("greeting", PropertyType::Text));
    let names = serde_json::json!(NAMES);
    let bench = Bench::new("hello", vec![model], |source, _| {
        source.setting("names", names).limits(limits)
    })
    .await;
    let greetings = bench.model("Greeting").await;
    (bench, greetings)
}

fn names(records: &[tenon_model::Entity]) -> Vec<&str> {
    records
        .iter()
        .filter_map(|record| record.get("name").and_then(Value::as_text))
        .collect()
}

#[tokio::test]
async fn everything_is_read_with_all_alone() {
    let (bench, greetings) = hello(Limits::default()).await;
    let bob = greetings.find_by_id("Bob").await.unwrap().unwrap();
    assert_eq!(bob.get("greeting"), Some(&"Hello, Bob!".into()));
    assert_eq!(greetings.find_by_id("Zoe").await.unwrap(), None);
    assert!(greetings.exists("Eve").await.unwrap());
    assert!(!greetings.exists("Zoe").await.unwrap());
    let like = Query::parse(r#"{"where": {"greeting": {"like": "%an%"}}}"#).unwrap();
    assert_eq!(greetings.count(like.filter).await.unwrap(), 1);
    let query = Query::parse(
        r#"{"where": {"or": [{"name": {"gt": "Bob"}}, {"name": "Ann"}]}, "order": "name DESC", "limit": 2, "skip": 1, "fields": ["name"]}"#,
    );
    let page = greetings.find(query.unwrap()).collect().await.unwrap();
    assert_eq!(names(&page), ["Dana", "Cem"]);
    assert!(page.iter().all(|record| record.len() == 1));
    bench.shut_down().await;
}

#[tokio::test]
async fn an_explanation_says_that_the_runtime_does_it() {
    let (_bench, greetings) = hello(Limits::default()).await;
    let query = Query::filter(Filter::equal("name", "Bob")).limit(1);
    let explained = greetings.explain(query).await.unwrap();
    assert_eq!(explained.filter, Place::Runtime);
    assert_eq!(
        explained.order,
        Place::Runtime,
        "a part is ordered by the key"
    );
    assert_eq!(explained.paging, Place::Runtime);
    assert_eq!(explained.fields, Place::Nowhere);
}

#[tokio::test]
async fn what_nobody_can_do_is_unsupported() {
    let (_bench, greetings) = hello(Limits::default()).await;
    let create = greetings
        .create(entity([("name", "Zoe".into())]))
        .await
        .unwrap_err();
    assert_eq!(create.kind(), ErrorKind::Unsupported);
    let batch = greetings
        .create_all(vec![entity([("name", "Zoe".into())])])
        .await
        .unwrap_err();
    assert_eq!(batch.kind(), ErrorKind::Unsupported);
    let destroy = greetings
        .destroy_all(Filter::equal("name", "Bob"))
        .await
        .unwrap_err();
    assert_eq!(destroy.kind(), ErrorKind::Unsupported);
    let update = greetings
        .update(Filter::all(), entity([("greeting", "Hi".into())]))
        .await
        .unwrap_err();
    assert_eq!(update.kind(), ErrorKind::Unsupported);
    let extension = Query::parse(
        r#"{"where": {"name": {"extension": {"name": "search", "operands": ["x"]}}}}"#,
    );
    let search = greetings
        .find(extension.unwrap())
        .collect()
        .await
        .unwrap_err();
    assert_eq!(
        search.kind(),
        ErrorKind::Unsupported,
        "a condition that nobody knows is never ignored"
    );
}

#[tokio::test]
async fn the_runtimes_own_work_is_bounded() {
    let (_bench, greetings) = hello(Limits {
        scan_rows: 3,
        ..Limits::default()
    })
    .await;
    let scanned = greetings
        .count(Filter::equal("name", "Bob"))
        .await
        .unwrap_err();
    assert_eq!(scanned.kind(), ErrorKind::Exhausted);
    let (_bench, greetings) = hello(Limits {
        sort_rows: 3,
        ..Limits::default()
    })
    .await;
    let sorted = greetings
        .find(Query::new().ascending("greeting"))
        .collect()
        .await
        .unwrap_err();
    assert_eq!(sorted.kind(), ErrorKind::Exhausted);
    let few = greetings
        .find(Query::new().ascending("greeting").limit(1))
        .collect()
        .await
        .unwrap();
    assert_eq!(
        names(&few),
        ["Ann"],
        "the first few of many need no room for all"
    );
}
