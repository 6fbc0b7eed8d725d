//! Records with what they lead to, and filters on it: on one data source and across two.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use support::relations::{Air, Queries};
use support::{Bench, entity};
use tenon_model::{
    Entity, Filter, Include, Model, Property, PropertyType, Quantifier, Query, Related, Relation,
    RelationKind, Through, Value,
};
use tenon_runtime::{ErrorKind, Limits};

fn query(json: &str) -> Query {
    Query::parse(json).unwrap()
}

async fn keys(air: &Air, model: &str, json: &str) -> Vec<String> {
    let records = air.model(model).await.find(query(json)).collect().await;
    let mut keys: Vec<String> = records.unwrap().iter().map(key).collect();
    keys.sort();
    keys
}

/// A record's key as text.
fn key(record: &Entity) -> String {
    let parts = ["iata", "id", "origin", "destination", "name"];
    let parts = parts.iter().filter_map(|name| record.get(name));
    let parts: Vec<String> = parts
        .take(2)
        .map(|value| match value {
            Value::Text(text) => text.clone(),
            other => other.to_json().to_string(),
        })
        .collect();
    match record.get("origin") {
        Some(_) => parts.join("-"),
        None => parts[0].clone(),
    }
}

/// What a relation leads to from a record, as keys.
fn related(record: &Entity, relation: &str) -> Vec<String> {
    record
        .related(relation)
        .unwrap_or_else(|| panic!("{relation} was loaded"))
        .iter()
        .map(key)
        .collect()
}

macro_rules! wherever_the_models_are {
    ($(async fn $test:ident($air:ident: Air) $body:block)+) => {
        mod on_one_source {
            use super::*;
            $(#[tokio::test]
            async fn $test() {
                let $air = Air::on_one_source(Limits::default()).await;
                $body
                $air.shut_down().await;
            })+
        }
        mod across_sources {
            use super::*;
            $(#[tokio::test]
            async fn $test() {
                let $air = Air::across_sources().await;
                $body
                $air.shut_down().await;
            })+
        }
    };
}

wherever_the_models_are! {
    async fn relations_lead_to_their_records(air: Air) {
        let airports = air.model("Airport").await;
        let found = airports
            .find(query(r#"{"where": {"iata": "A"}, "include": ["departures", "destinations", "runway"]}"#))
            .collect()
            .await
            .unwrap();
        let mut departures = related(&found[0], "departures");
        departures.sort();
        assert_eq!(departures, ["A-B", "A-C"]);
        let mut destinations = related(&found[0], "destinations");
        destinations.sort();
        assert_eq!(destinations, ["B", "C"]);
        assert_eq!(related(&found[0], "runway"), ["1"]);
        let routes = air.model("Route").await;
        let route = routes
            .find_one(query(r#"{"where": {"origin": "B"}, "include": ["from", "to", "carrier"]}"#))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(related(&route, "from"), ["B"]);
        assert_eq!(related(&route, "to"), ["A"]);
        assert_eq!(route.related("carrier"), Some(&Related::One(None)), "its key is null");
    }

    async fn of_several_where_there_should_be_one_it_is_always_the_same(air: Air) {
        let runways = air.model("Runway").await;
        for id in [9, 7, 8] {
            let runway = entity([("id", id.into()), ("airportId", "D".into())]);
            runways.create(runway).await.unwrap();
        }
        let airports = air.model("Airport").await;
        for filter in [r#"{"iata": "D"}"#, "{}"] {
            let json = format!(r#"{{"where": {filter}, "include": "runway"}}"#);
            let found = airports.find(query(&json)).collect().await.unwrap();
            let d = found.iter().find(|record| key(record) == "D").unwrap();
            assert_eq!(related(d, "runway"), ["7"]);
        }
        let runway = airports.related("D", "runway").await.unwrap();
        assert_eq!(runway.get().await.unwrap().unwrap().get("id"), Some(&7.into()));
    }

    async fn a_scope_holds_for_each_record_by_itself(air: Air) {
        let airports = air.model("Airport").await;
        let found = airports
            .find(query(
                r#"{"order": "iata", "include": {"relation": "departures", "scope":
                    {"order": "count DESC", "limit": 1, "fields": ["count"]}}}"#,
            ))
            .collect()
            .await
            .unwrap();
        let counts: Vec<String> = found.iter().map(|record| {
            let departures = record.related("departures").unwrap();
            departures.iter().map(|route| Entity::to_json(route).to_string()).collect()
        }).collect();
        assert_eq!(counts, [r#"{"count":20}"#, r#"{"count":30}"#, r#"{"count":50}"#, "", ""]);
        let found = airports
            .find(query(
                r#"{"where": {"iata": {"inq": ["A", "C"]}}, "order": "iata", "include": {"relation": "destinations",
                    "scope": {"order": "iata DESC", "limit": 1, "skip": 1, "where": {"state": {"neq": "ZZ"}}}}}"#,
            ))
            .collect()
            .await
            .unwrap();
        assert_eq!(related(&found[0], "destinations"), ["B"]);
        assert_eq!(related(&found[1], "destinations"), ["A"]);
        let none = airports
            .find_one(query(r#"{"include": {"relation": "departures", "scope": {"limit": 0}}}"#))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(none.related("departures"), Some(&Related::Many(Vec::new())));
    }

    async fn what_is_fetched_for_a_relation_is_not_handed_out(air: Air) {
        let airports = air.model("Airport").await;
        let found = airports
            .find_one(query(
                r#"{"where": {"iata": "C"}, "fields": ["state"], "include": {"relation": "departures", "scope":
                    {"fields": ["count"], "order": "count", "include": {"relation": "to", "scope": {"fields": ["state"]}}}}}"#,
            ))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            found.to_json().to_string(),
            r#"{"departures":[{"count":40,"to":{"state":"NY"}},{"count":50,"to":{"state":"NY"}}],"state":"NJ"}"#
        );
    }

    async fn filters_ask_for_related_records(air: Air) {
        for (model, filter, expected) in [
            ("Airport", r#"{"departures.destination": "B"}"#, "A C"),
            ("Airport", r#"{"departures": {"some": {"count": {"gt": 20}}}}"#, "B C"),
            ("Airport", r#"{"departures": {"none": {"count": {"gt": 20}}}}"#, "A D E"),
            ("Airport", r#"{"departures": {"every": {"count": {"gt": 20}}}}"#, "B C D E"),
            ("Airport", r#"{"departures": {"some": {}}}"#, "A B C"),
            ("Airport", r#"{"departures": {"none": {}}}"#, "D E"),
            ("Airport", r#"{"destinations.state": "NJ"}"#, "A"),
            ("Airport", r#"{"destinations": {"every": {"state": "NY"}}}"#, "B C D E"),
            ("Airport", r#"{"departures.to.state": "NJ"}"#, "A"),
            ("Airport", r#"{"departures.to.departures.to.iata": "A"}"#, "A C"),
            ("Airport", r#"{"or": [{"runway.length": 3000}, {"iata": "E"}]}"#, "A E"),
            ("Airport", r#"{"runway": {"none": {}}}"#, "C D E"),
            ("Route", r#"{"from.state": "NJ"}"#, "C-A C-B"),
            ("Route", r#"{"carrier.name": "One"}"#, "A-B"),
            ("Route", r#"{"carrier": {"none": {"name": "One"}}}"#, "A-C B-A C-A C-B"),
            ("Route", r#"{"carrier.name": {"neq": "One"}}"#, "A-C B-A C-A C-B"),
            ("Route", r#"{"not": {"to.state": "NY"}, "count": {"gt": 1}}"#, "A-C"),
        ] {
            let found = keys(&air, model, &format!(r#"{{"where": {filter}}}"#)).await;
            assert_eq!(found.join(" "), expected, "{filter}");
            let filter = Filter::parse(filter).unwrap();
            let count = air.model(model).await.count(filter).await.unwrap();
            assert_eq!(count, found.len() as u64);
        }
    }

    async fn writes_take_filters_on_related_records(air: Air) {
        let airports = air.model("Airport").await;
        let from_jersey = Filter::parse(r#"{"departures": {"none": {}}}"#).unwrap();
        let changes = entity([("state", "XX".into())]);
        assert_eq!(airports.update(from_jersey, changes).await.unwrap(), 2);
        assert_eq!(keys(&air, "Airport", r#"{"where": {"state": "XX"}}"#).await, ["D", "E"]);
        let routes = air.model("Route").await;
        let to_ny = Filter::parse(r#"{"to.state": "NY"}"#).unwrap();
        assert_eq!(routes.destroy_all(to_ny).await.unwrap(), 4);
        assert_eq!(keys(&air, "Route", "{}").await, ["A-C"]);
    }

    async fn every_mistake_comes_at_once(air: Air) {
        let airports = air.model("Airport").await;
        let wrong = query(
            r#"{"where": {"departures.cuont": 1, "nam": "x"}, "include": [{"relation": "departures", "scope":
                {"order": "cuont", "include": "form"}}, "arrivals"]}"#,
        );
        let error = airports.find(wrong).collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let places: Vec<String> = error.problems().iter().map(|problem| problem.place.clone()).collect();
        assert_eq!(places.len(), 5, "{error}");
    }

    async fn the_levels_of_a_tree_take_a_query_each(air: Air) {
        let queries = Queries::watch();
        let airports = air.model("Airport").await;
        let found = airports
            .find(query(
                r#"{"include": {"relation": "departures", "scope": {"include": {"relation": "to", "scope":
                    {"include": "departures"}}}}}"#,
            ))
            .collect()
            .await
            .unwrap();
        assert_eq!(queries.seen(), ["Airport", "Route", "Airport", "Route"]);
        let a = found.iter().find(|record| key(record) == "A").unwrap();
        let to_c = a.related("departures").unwrap().iter().find(|route| key(route) == "A-C").unwrap();
        let c = to_c.related("to").unwrap().iter().next().unwrap();
        let mut onwards = related(c, "departures");
        onwards.sort();
        assert_eq!(onwards, ["C-A", "C-B"]);
    }
}

/// The example's airports and routes, on one data source.
async fn example() -> Air {
    let models = support::relations::models();
    let air = Air::empty(&["here"], |_| "here", Limits::default(), models);
    for (name, file) in [("Airport", "airports.csv"), ("Route", "routes.csv")] {
        let dao = air.model(name).await;
        let records = support::relations::example(file, dao.model());
        dao.create_all(records).await.unwrap();
    }
    air
}

#[tokio::test]
async fn three_levels_over_all_airports_are_a_query_each_and_held_once() {
    let air = example().await;
    let queries = Queries::watch();
    let tree = query(
        r#"{"include": {"relation": "departures", "scope": {"include": {"relation": "to", "scope":
            {"include": "departures"}}}}}"#,
    );
    let mut airports = air.model("Airport").await.find(tree);
    let (mut roots, mut leaves, mut atlanta) = (0, 0, 0);
    while let Some(airport) = airports.next().await {
        let airport = airport.unwrap();
        roots += 1;
        for route in airport.related("departures").unwrap().iter() {
            assert_eq!(route.get("origin"), airport.get("iata"));
            for to in route.related("to").unwrap().iter() {
                assert_eq!(to.get("iata"), route.get("destination"));
                let onwards = to.related("departures").unwrap().iter().count();
                leaves += onwards;
                atlanta += usize::from(key(&airport) == "ATL");
            }
        }
    }
    assert_eq!(queries.seen(), ["Airport", "Route", "Airport", "Route"]);
    assert_eq!((roots, atlanta), (3_376, 173));
    // Far more than may be held at once: each is held once, and handed out as often as something leads to it.
    assert!(leaves > 300_000, "{leaves}");
    air.shut_down().await;
}

#[tokio::test]
async fn what_would_be_too_much_says_which_limit_it_is() {
    let limits = Limits {
        include_rows: 6,
        ..Limits::default()
    };
    let air = Air::on_one_source(limits).await;
    let airports = air.model("Airport").await;
    let few = query(r#"{"where": {"iata": "B"}, "include": "departures"}"#);
    assert_eq!(airports.find(few).collect().await.unwrap().len(), 1);
    let many = query(r#"{"include": "departures"}"#);
    let error = airports.find(many).collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted);
    assert!(
        error.to_string().contains("the relation departures"),
        "{error}"
    );
    assert!(error.to_string().contains("include-rows"), "{error}");
    // Each airport leads to few, and those to many: a tree is bounded too.
    let tree = query(
        r#"{"where": {"iata": "A"}, "include": {"relation": "destinations", "scope": {"where": {"iata": "B"},
            "include": {"relation": "departures", "scope": {"include": "from"}}}}}"#,
    );
    assert_eq!(airports.find(tree).collect().await.unwrap().len(), 1);
    air.shut_down().await;
}

#[tokio::test]
async fn a_filter_on_more_related_records_than_may_be_held_is_refused() {
    let limits = Limits {
        include_rows: 2,
        ..Limits::default()
    };
    let air = Air::on_one_source(limits).await;
    let airports = air.model("Airport").await;
    let filter = Filter::related("departures", Quantifier::Some, Filter::all());
    let error = airports.count(filter).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted);
    assert!(error.to_string().contains("include-rows"), "{error}");
    air.shut_down().await;
}

#[tokio::test]
async fn an_explanation_shows_what_a_filter_on_related_records_became() {
    let air = Air::across_sources().await;
    let airports = air.model("Airport").await;
    let explained = airports
        .explain(query(r#"{"where": {"destinations.state": "NJ"}}"#))
        .await
        .unwrap();
    let written = explained.query.filter.to_json().to_string();
    assert_eq!(written, r#"{"iata":{"inq":["A"]}}"#);
    let reads: Vec<(&str, &str, u64)> = explained
        .related
        .iter()
        .map(|read| (read.model.as_str(), read.source.as_str(), read.keys))
        .collect();
    assert_eq!(reads, [("Airport", "here", 1), ("Route", "there", 1)]);
    air.shut_down().await;
}

#[tokio::test]
async fn a_pool_of_one_session_never_waits_for_itself() {
    let limits = Limits {
        sessions: 1,
        page_rows: 1,
        wait_timeout: std::time::Duration::from_millis(300),
        ..Limits::default()
    };
    let model = Model::new("Greeting")
        .key("name", PropertyType::Text)
        .property(Property::new("greeting", PropertyType::Text))
        .relation(Relation::has_many("same", "Greeting", &["name"]));
    let bench = Bench::new("hello", vec![model], |source, _| {
        let names = serde_json::json!(["Ann", "Bob", "Cem"]);
        source.setting("names", names).limits(limits)
    })
    .await;
    let greetings = bench.model("Greeting").await;
    let queries = Queries::watch();
    let found = greetings
        .find(query(
            r#"{"where": {"same.same.greeting": {"like": "%o%"}}, "order": "name", "include": {"relation": "same",
                "scope": {"include": "same"}}}"#,
        ))
        .collect()
        .await
        .unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(queries.seen().len(), 2 + 3);
    assert_eq!(related(&found[1], "same"), ["Bob"]);
    assert_eq!(
        greetings
            .related("Bob", "same")
            .await
            .unwrap()
            .count(Filter::all())
            .await
            .unwrap(),
        1
    );
    assert_eq!(bench.state().await.busy, 0);
    bench.shut_down().await;
}

#[tokio::test]
async fn a_pooled_source_is_read_to_its_end_before_its_relations_are() {
    let limits = Limits {
        sessions: 1,
        include_rows: 1_000,
        ..Limits::default()
    };
    let model = Model::new("Endless")
        .key("id", PropertyType::Text)
        .relation(Relation::has_many("same", "Endless", &["id"]));
    let bench = Bench::new("evil", vec![model], |source, _| source.limits(limits)).await;
    let endless = bench.model("Endless").await;
    let error = endless
        .find(query(r#"{"include": "same"}"#))
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted);
    assert!(error.to_string().contains("include-rows"), "{error}");
    bench.shut_down().await;
}

fn orders() -> Vec<Model> {
    let line = Model::new("Line")
        .key("number", PropertyType::Integer)
        .property(Property::new("item", PropertyType::Text))
        .property(Property::new("count", PropertyType::Integer))
        .property(Property::new("due", PropertyType::Timestamp))
        .relation(Relation::belongs_to("article", "Article", &["item"]));
    let article = Model::new("Article")
        .key("name", PropertyType::Text)
        .property(Property::new("price", PropertyType::Integer));
    let address = Model::new("Address")
        .property(Property::new("city", PropertyType::Text))
        .property(Property::new("street", PropertyType::Text));
    let embeds = |name: &str, model: &str, many: bool| {
        let property = String::new();
        let kind = if many {
            RelationKind::EmbedsMany { property }
        } else {
            RelationKind::EmbedsOne { property }
        };
        Relation::new(name, model, kind)
    };
    let order = Model::new("Order")
        .key("id", PropertyType::Integer)
        .property(Property::new("_lines", PropertyType::Json))
        .property(Property::new("_address", PropertyType::Json))
        .relation(embeds("lines", "Line", true))
        .relation(embeds("address", "Address", false));
    vec![order, line, address, article]
}

async fn order_bench() -> Air {
    let air = Air::empty(&["here"], |_| "here", Limits::default(), orders());
    let articles = air.model("Article").await;
    for (name, price) in [("nut", 1), ("bolt", 2)] {
        articles
            .create(entity([("name", name.into()), ("price", price.into())]))
            .await
            .unwrap();
    }
    let orders = air.model("Order").await;
    let json = |text: &str| Value::Json(text.to_owned());
    for (id, lines, address) in [
        (
            1,
            json(
                r#"[{"number": 1, "item": "nut", "count": 5}, {"number": 2, "item": "bolt", "count": 1}]"#,
            ),
            json(r#"{"city": "Waco"}"#),
        ),
        (
            2,
            json(r#"[{"number": 1, "item": "nut", "count": 1}]"#),
            Value::Null,
        ),
        (
            3,
            Value::Null,
            json(r#"{"city": "Reno", "street": "First"}"#),
        ),
        (4, json("[]"), Value::Null),
    ] {
        let order = entity([("id", id.into()), ("_lines", lines), ("_address", address)]);
        orders.create(order).await.unwrap();
    }
    air
}

#[tokio::test]
async fn embedded_records_are_filtered_and_loaded_as_others_are() {
    let air = order_bench().await;
    for (filter, expected) in [
        (r#"{"lines.item": "nut"}"#, "1 2"),
        (r#"{"lines": {"some": {"item": "nut", "count": 1}}}"#, "2"),
        (r#"{"lines": {"some": {"item": {"neq": "nut"}}}}"#, "1"),
        (r#"{"lines": {"every": {"item": "nut"}}}"#, "2 3 4"),
        (r#"{"lines": {"none": {"count": {"gt": 1}}}}"#, "2 3 4"),
        (r#"{"lines": {"none": {}}}"#, "3 4"),
        (r#"{"lines": {"some": {}}}"#, "1 2"),
        (r#"{"lines.article.price": 2}"#, "1"),
        (r#"{"address.city": "Waco"}"#, "1"),
        (r#"{"address": {"some": {"street": null}}}"#, "1"),
        (r#"{"address": {"none": {}}}"#, "2 4"),
        (r#"{"address": {"every": {"city": "Reno"}}}"#, "2 3 4"),
    ] {
        let found = keys(&air, "Order", &format!(r#"{{"where": {filter}}}"#)).await;
        assert_eq!(found.join(" "), expected, "{filter}");
    }
    let orders = air.model("Order").await;
    let order = orders
        .find_by_id_with(
            1,
            query(
                r#"{"fields": ["id"], "include": ["address", {"relation": "lines", "scope": {"order": "count",
                    "fields": ["count"], "include": "article"}}]}"#,
            ),
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        order.to_json().to_string(),
        r#"{"address":{"city":"Waco"},"id":1,"lines":[{"article":{"name":"bolt","price":2},"count":1},{"article":{"name":"nut","price":1},"count":5}]}"#
    );
    air.shut_down().await;
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Airport {
    iata: String,
    #[serde(default, skip_serializing)]
    departures: Vec<Route>,
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Route {
    destination: String,
    count: i64,
}

#[tokio::test]
async fn types_have_related_records_as_fields() {
    let air = Air::on_one_source(Limits::default()).await;
    let airports = air.model("Airport").await.typed::<Airport>();
    let found = airports
        .find(query(
            r#"{"where": {"iata": "B"}, "include": "departures"}"#,
        ))
        .collect()
        .await
        .unwrap();
    let departures = vec![Route {
        destination: "A".to_owned(),
        count: 30,
    }];
    let iata = "B".to_owned();
    assert_eq!(found, [Airport { iata, departures }]);
    let by_id = airports
        .find_by_id_with("B", Query::new().include(Include::new("departures")))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(by_id, found[0]);
    air.shut_down().await;
}

#[tokio::test]
async fn an_exclusive_sources_records_come_in_batches_of_any_number() {
    let limits = Limits {
        include_rows: 25_000,
        ..Limits::default()
    };
    let item = Model::new("Item")
        .key("id", PropertyType::Integer)
        .relation(Relation::has_one("same", "Item", &["id"]));
    let air = Air::empty(&["here"], |_| "here", limits, vec![item]);
    let items = air.model("Item").await;
    let records = (0..21_000).map(|id| entity([("id", id.into())]));
    items.create_all(records.collect()).await.unwrap();
    let queries = Queries::watch();
    let mut found = items.find(query(r#"{"order": "id", "include": "same"}"#));
    let mut seen = 0;
    while let Some(item) = found.next().await {
        let item = item.unwrap();
        assert_eq!(item.get("id"), Some(&Value::Integer(seen)));
        assert_eq!(related(&item, "same"), [seen.to_string()]);
        seen += 1;
    }
    assert_eq!(seen, 21_000);
    assert_eq!(
        queries.seen().len(),
        1 + 3,
        "the records, and a query a batch"
    );
    air.shut_down().await;
}

#[tokio::test]
async fn more_keys_than_a_filter_has_room_for_are_asked_for_in_parts() {
    let text = |name: &str| Property::new(name, PropertyType::Text);
    let left = Model::new("Left")
        .key("id", PropertyType::Integer)
        .property(text("a"))
        .property(text("b"))
        .relation(Relation::new(
            "rights",
            "Right",
            RelationKind::HasManyThrough(Through::new("Pair", &["left"], &["a", "b"])),
        ))
        .relation(Relation::belongs_to("right", "Right", &["a", "b"]));
    let pair = Model::new("Pair")
        .property(Property::new("left", PropertyType::Integer))
        .property(text("a"))
        .property(text("b"));
    let right = Model::new("Right")
        .key("a", PropertyType::Text)
        .key("b", PropertyType::Text)
        .property(Property::new("rank", PropertyType::Integer));
    let models = vec![left, pair, right];
    let air = Air::empty(&["here"], |_| "here", Limits::default(), models);
    let (mut lefts, mut pairs, mut rights) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..4_000_i64 {
        let key = [("a", format!("{number:04}").into()), ("b", "x".into())];
        // Ranks lie crosswise to the keys.
        let rank = number * 1_237 % 4_001;
        rights.push(entity(key.clone()).with("rank", rank));
        pairs.push(entity(key.clone()).with("left", number % 2));
        lefts.push(entity(key).with("id", number));
    }
    for (model, records) in [("Left", lefts), ("Pair", pairs), ("Right", rights)] {
        air.model(model).await.create_all(records).await.unwrap();
    }
    let lefts = air.model("Left").await;
    let queries = Queries::watch();
    let found = lefts
        .find(query(
            r#"{"where": {"id": {"lt": 2}}, "order": "id", "include": {"relation": "rights", "scope":
                {"order": "rank DESC", "limit": 2, "fields": ["a"]}}}"#,
        ))
        .collect()
        .await
        .unwrap();
    assert_eq!(queries.seen(), ["Left", "Pair", "Right", "Right"]);
    for (parity, record) in found.iter().enumerate() {
        let mut all: Vec<i64> = (0..4_000)
            .filter(|number| number % 2 == parity as i64)
            .collect();
        all.sort_by_key(|number| -(number * 1_237 % 4_001));
        let first: Vec<_> = all
            .iter()
            .take(2)
            .map(|number| format!("{number:04}"))
            .collect();
        let rights = record.related("rights").unwrap().iter();
        let found: Vec<_> = rights.map(|right| right.to_json().to_string()).collect();
        let expected: Vec<_> = first.iter().map(|a| format!(r#"{{"a":"{a}"}}"#)).collect();
        assert_eq!(found, expected);
    }
    let all = lefts
        .find(query(r#"{"include": "right"}"#))
        .collect()
        .await
        .unwrap();
    assert!(
        all.iter()
            .all(|left| left.related("right").unwrap().iter().count() == 1)
    );
    let filter = Filter::related("right", Quantifier::Some, Filter::all());
    let error = lefts.count(filter).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted);
    air.shut_down().await;
}
