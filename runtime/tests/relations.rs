//! Records with what they lead to, and filters on it: on one data source and across two.

mod support;

use support::relations::{Air, Queries};
use support::{Bench, entity};
use tenon_model::{
    Entity, Filter, Include, Model, Property, PropertyType, Quantifier, Query, Related, Relation,
    RelationKind, Value,
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
    let parts = ["iata", "origin", "destination", "id", "name"];
    let parts = parts.iter().filter_map(|name| record.get(name));
    let parts: Vec<String> = parts
        .take(2)
        .map(|value| match value {
            Value::Text(text) => text.clone(),
            other => other.to_json().to_string(),
        })
        .collect();
    if record.get("iata").is_some() {
        return parts[0].clone();
    }
    parts.join("-")
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
