//! Default scopes, and properties that nobody is to see.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use support::entity;
use support::relations::Air;
use tenon_model::{
    Comparison, Entity, Filter, Include, Model, Property, PropertyType, Query, Relation, Value,
};
use tenon_runtime::{ErrorKind, Limits};

fn models() -> Vec<Model> {
    let scope = |json: &str| Query::parse(json).unwrap();
    let shop = Model::new("Shop")
        .key("name", PropertyType::Text)
        .property(Property::new("closed", PropertyType::Boolean))
        .property(Property::new("secret", PropertyType::Text).hidden())
        .property(Property::new("rank", PropertyType::Integer))
        .relation(Relation::has_many("offers", "Offer", &["shop"]))
        .scope(scope(
            r#"{"where": {"closed": {"neq": true}}, "order": "rank DESC"}"#,
        ));
    let offer = Model::new("Offer")
        .key("id", PropertyType::Integer)
        .property(Property::new("shop", PropertyType::Text).hidden())
        .property(Property::new("price", PropertyType::Integer))
        .relation(Relation::belongs_to("seller", "Shop", &["shop"]))
        .scope(scope(r#"{"where": {"seller": {"some": {}}}, "limit": 2}"#));
    let open = Model::new("Open")
        .key("id", PropertyType::Integer)
        .property(Property::new("secret", PropertyType::Text).hidden())
        .open();
    vec![shop, offer, open]
}

async fn shops() -> Air {
    let air = Air::empty(&["here"], |_| "here", Limits::default(), models());
    let shops = air.model("Shop").await;
    for (name, closed, rank) in [
        ("a", false, 1),
        ("b", true, 2),
        ("c", false, 3),
        ("d", false, 0),
    ] {
        let shop = entity([
            ("name", name.into()),
            ("closed", closed.into()),
            ("secret", format!("{name}!").into()),
            ("rank", rank.into()),
        ]);
        let made = shops.create(shop).await.unwrap();
        assert_eq!(made.get("secret"), None, "it never leaves");
    }
    let offers = air.model("Offer").await;
    for (id, shop) in [(1, "a"), (2, "b"), (3, "c"), (4, "a"), (5, "a")] {
        let offer = entity([
            ("id", id.into()),
            ("shop", shop.into()),
            ("price", id.into()),
        ]);
        offers.create(offer).await.unwrap();
    }
    air
}

fn names(records: &[Entity]) -> Vec<&str> {
    let names = records.iter().map(|record| record.get("name"));
    names
        .map(|name| name.and_then(Value::as_text).unwrap_or("-"))
        .collect()
}

#[tokio::test]
async fn queries_begin_with_the_scope() {
    let air = shops().await;
    let shops = air.model("Shop").await;
    let all = shops.find(Query::new()).collect().await.unwrap();
    assert_eq!(names(&all), ["c", "a", "d"]);
    let own_order = shops
        .find(Query::new().ascending("name"))
        .collect()
        .await
        .unwrap();
    assert_eq!(names(&own_order), ["a", "c", "d"]);
    assert_eq!(shops.count(Filter::all()).await.unwrap(), 3);
    let everything = shops.unscoped();
    assert_eq!(everything.count(Filter::all()).await.unwrap(), 4);
    let closed = everything
        .find(Filter::equal("closed", true))
        .collect()
        .await
        .unwrap();
    assert_eq!(names(&closed), ["b"]);
    assert!(
        shops
            .find_one(Filter::equal("name", "b"))
            .await
            .unwrap()
            .is_none()
    );
    air.shut_down().await;
}

#[tokio::test]
async fn a_record_outside_of_the_scope_is_not_there() {
    let air = shops().await;
    let shops = air.model("Shop").await;
    assert!(shops.find_by_id("a").await.unwrap().is_some());
    assert_eq!(shops.find_by_id("b").await.unwrap(), None);
    assert!(!shops.exists("b").await.unwrap());
    let rank = entity([("rank", 9.into())]);
    let error = shops
        .update_attributes("b", rank.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let replacement = entity([("name", "b".into()), ("rank", 9.into())]);
    let error = shops.save(replacement).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!shops.destroy("b").await.unwrap());
    assert_eq!(shops.update(Filter::all(), rank).await.unwrap(), 3);
    // One that leaves the scope is told of as it is then.
    let changed = shops
        .update_attributes("a", entity([("closed", true.into())]))
        .await
        .unwrap();
    assert_eq!(changed.get("closed"), Some(&true.into()));
    assert_eq!(changed.get("secret"), None);
    assert_eq!(shops.find_by_id("a").await.unwrap(), None);
    assert_eq!(shops.destroy_all(Filter::all()).await.unwrap(), 2);
    assert_eq!(shops.unscoped().count(Filter::all()).await.unwrap(), 2);
    air.shut_down().await;
}

#[tokio::test]
async fn scopes_hold_for_related_records_and_may_ask_for_them() {
    let air = shops().await;
    let shops = air.model("Shop").await;
    let offers = air.model("Offer").await;
    // b is closed, so that its offer isn't there.
    assert_eq!(offers.count(Filter::all()).await.unwrap(), 4);
    assert_eq!(
        offers.find(Query::new()).collect().await.unwrap().len(),
        2,
        "its limit"
    );
    let query =
        Query::parse(r#"{"where": {"offers.price": {"gt": 0}}, "include": "offers"}"#).unwrap();
    let found = shops.find(query).collect().await.unwrap();
    assert_eq!(names(&found), ["c", "a"]);
    let counts: Vec<usize> = found
        .iter()
        .map(|shop| shop.related("offers").unwrap().iter().count())
        .collect();
    assert_eq!(counts, [1, 2], "the scope's limit holds for each");
    let sellers = offers
        .unscoped()
        .find(Query::new().ascending("id").include(Include::new("seller")))
        .collect()
        .await
        .unwrap();
    let there: Vec<bool> = sellers
        .iter()
        .map(|offer| offer.related("seller").unwrap().iter().count() == 1)
        .collect();
    assert_eq!(there, [true, false, true, true, true]);
    air.shut_down().await;
}

#[tokio::test]
async fn what_is_hidden_is_nowhere_to_be_seen() {
    let air = shops().await;
    let shops = air.model("Shop").await;
    let query = Query::new().include(Include::new("offers"));
    let found = shops.find(query).collect().await.unwrap();
    for shop in &found {
        assert_eq!(shop.get("secret"), None);
        for offer in shop.related("offers").unwrap().iter() {
            assert_eq!(
                offer.get("shop"),
                None,
                "though it was fetched to find them"
            );
            assert_eq!(offer.len(), 2);
        }
    }
    let by_id = shops.find_by_id("a").await.unwrap().unwrap();
    assert_eq!(by_id.get("secret"), None);
    shops.save(by_id.clone().with("rank", 5)).await.unwrap();
    let stored = shops.with_hidden().find_by_id("a").await.unwrap().unwrap();
    assert_eq!(
        stored.get("secret"),
        Some(&"a!".into()),
        "who can't see it doesn't overwrite it"
    );
    assert_eq!(stored.get("rank"), Some(&5.into()));
    let saved = shops.save(by_id.with("secret", "new")).await.unwrap();
    assert_eq!(saved.get("secret"), None);
    for query in [
        Query::filter(Filter::equal("secret", "a!")),
        Query::new().ascending("secret"),
        Query::new().fields(["secret"]),
        Query::parse(r#"{"where": {"offers.shop": "a"}}"#).unwrap(),
        Query::parse(r#"{"include": {"relation": "offers", "scope": {"order": "shop"}}}"#).unwrap(),
    ] {
        let error = shops.find(query).collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    let trusted = shops.with_hidden();
    let found = trusted
        .find(Query::filter(Filter::equal("secret", "new")).include(Include::new("offers")))
        .collect()
        .await
        .unwrap();
    assert_eq!(names(&found), ["a"]);
    assert_eq!(found[0].get("secret"), Some(&"new".into()));
    let offer = found[0].related("offers").unwrap().iter().next().unwrap();
    assert_eq!(offer.get("shop"), Some(&"a".into()));
    air.shut_down().await;
}

#[tokio::test]
async fn an_explanation_leaves_out_what_is_hidden() {
    let mut models = models();
    models[0].scope = Some(Box::new(
        Query::parse(r#"{"where": {"or": [{"secret": "a!"}, {"rank": 3}]}, "order": "secret"}"#)
            .unwrap(),
    ));
    let air = Air::empty(&["here"], |_| "here", Limits::default(), models);
    let offers = air.model("Offer").await;
    let shops = air.model("Shop").await;
    let shop = entity([("name", "a".into()), ("secret", "a!".into())]);
    shops.create(shop).await.unwrap();
    let offer = entity([("id", 1.into()), ("shop", "a".into())]);
    offers.create(offer).await.unwrap();

    let query = Query::parse(r#"{"where": {"id": 1, "seller.name": "a"}}"#).unwrap();
    let explained = offers.explain(query.clone()).await.unwrap();
    assert!(explained.withheld);
    assert_eq!(explained.filter.name(), "connector");
    let shown = explained.query.to_json().to_string();
    assert!(shown.contains(r#""id":1"#), "{shown}");
    assert!(!shown.contains("shop"), "{shown}");
    assert!(explained.related.iter().all(|read| read.withheld));
    let reads = format!("{:?}", explained.related);
    assert!(
        !reads.contains("secret") && !reads.contains("a!"),
        "{reads}"
    );

    let explained = shops.explain(Query::new()).await.unwrap();
    assert!(explained.withheld);
    let shown = explained.query.to_json().to_string();
    assert!(
        !shown.contains("secret") && !shown.contains("a!"),
        "{shown}"
    );
    let plain = offers.unscoped().explain(Filter::equal("price", 1)).await;
    assert!(!plain.unwrap().withheld);

    let trusted = offers.with_hidden().explain(query).await.unwrap();
    assert!(!trusted.withheld && !trusted.related.iter().any(|read| read.withheld));
    let shown = trusted.query.to_json().to_string();
    assert!(shown.contains("shop"), "{shown}");
    assert!(format!("{:?}", trusted.related).contains("secret"));
    air.shut_down().await;
}

#[tokio::test]
async fn an_open_models_hidden_properties_stay_hidden() {
    let air = shops().await;
    let opens = air.model("Open").await;
    let record = entity([
        ("id", 1.into()),
        ("secret", "x".into()),
        ("other", "y".into()),
    ]);
    assert_eq!(opens.create(record).await.unwrap().get("secret"), None);
    let found = opens.find(Query::new()).collect().await.unwrap();
    assert_eq!(found[0].to_json().to_string(), r#"{"id":1,"other":"y"}"#);
    assert_eq!(opens.find_by_id(1).await.unwrap().as_ref(), found.first());
    // It is there all the same.
    let trusted = opens.with_hidden().find_by_id(1).await.unwrap().unwrap();
    assert_eq!(trusted.get("secret"), Some(&"x".into()));
    let changes = entity([("other", "z".into())]);
    assert_eq!(
        opens
            .update_attributes(1, changes)
            .await
            .unwrap()
            .get("secret"),
        None
    );
    let named = Filter::compare("secret", Comparison::NotEqual, Value::Null);
    let error = opens.count(named).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    air.shut_down().await;
}

#[tokio::test]
async fn who_finds_or_writes_meets_the_scope_and_nothing_hidden() {
    let air = shops().await;
    let shops = air.model("Shop").await;
    let data = |name: &str| entity([("name", name.into()), ("rank", 7.into())]);
    // What is out of the scope can neither be found nor made again, and isn't touched.
    for refused in [
        shops.update_or_create(data("b")).await,
        shops.replace_or_create(data("b")).await,
        shops
            .find_or_create(Filter::equal("name", "b"), data("b"))
            .await,
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Duplicate);
    }
    let unscoped = shops.unscoped();
    let closed = unscoped.find_by_id("b").await.unwrap().unwrap();
    assert_eq!(closed.get("rank"), Some(&2.into()));
    for (written, created) in [
        (shops.update_or_create(data("a")).await, false),
        (shops.replace_or_create(data("a")).await, false),
        (shops.replace_or_create(data("e")).await, true),
        (
            shops
                .find_or_create(Filter::equal("name", "a"), data("a"))
                .await,
            false,
        ),
        (
            shops
                .upsert_where(Filter::equal("rank", 3), entity([("rank", 4.into())]))
                .await,
            false,
        ),
    ] {
        let written = written.unwrap();
        assert_eq!(written.created, created);
        assert_eq!(written.record.get("secret"), None);
    }
    let stored = shops.with_hidden().find_by_id("a").await.unwrap().unwrap();
    assert_eq!(
        stored.get("secret"),
        Some(&"a!".into()),
        "a replacement leaves it"
    );
    assert_eq!(stored.get("rank"), Some(&7.into()));
    air.shut_down().await;
}
