//! Records through the runtime, on the connectors that come with Tenon: the same answers from each.

mod support;

use support::{Bench, entity};
use tenon_model::{
    Comparison, DefaultValue, Entity, Filter, Generation, Key, Model, Property, PropertyType,
    Query, Value,
};
use tenon_runtime::{ErrorKind, Place};

/// Runs a test on each connector that keeps records.
macro_rules! on_each_connector {
    ($(async fn $test:ident($bench:ident: Bench) $body:block)+) => {
        mod memory {
            use super::*;
            $(#[tokio::test]
            async fn $test() {
                let $bench = Bench::with_memory(models()).await;
                $body
                $bench.shut_down().await;
            })+
        }
        mod redb {
            use super::*;
            $(#[tokio::test]
            async fn $test() {
                let $bench = Bench::with_redb(models()).await;
                $body
                $bench.shut_down().await;
            })+
        }
    };
}

fn models() -> Vec<Model> {
    let airport = Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(Property::new("name", PropertyType::Text).required())
        .property(Property::new("state", PropertyType::Text))
        .property(Property::new("altitude", PropertyType::Integer))
        .property(
            Property::new("country", PropertyType::Text).default(DefaultValue::Value("USA".into())),
        )
        .index(&["state"], false);
    let route = Model::new("Route")
        .key("origin", PropertyType::Text)
        .key("destination", PropertyType::Text)
        .property(Property::new("count", PropertyType::Integer));
    let note = Model::new("Note").property(Property::new("text", PropertyType::Text));
    let open = Model::new("Open").key("id", PropertyType::Integer).open();
    vec![airport, route, note, open]
}

fn airport(iata: &str, state: &str, altitude: i64) -> Entity {
    entity([
        ("iata", Value::from(iata)),
        ("name", format!("Airport {iata}").into()),
        ("state", state.into()),
        ("altitude", altitude.into()),
    ])
}

fn names(records: &[Entity], property: &str) -> Vec<String> {
    let name = |record: &Entity| {
        record
            .get(property)
            .and_then(Value::as_text)
            .unwrap_or("-")
            .to_owned()
    };
    records.iter().map(name).collect()
}

on_each_connector! {
    async fn a_record_is_created_found_changed_and_deleted(bench: Bench) {
        let airports = bench.model("Airport").await;
        let created = airports.create(airport("JFK", "NY", 4)).await.unwrap();
        assert_eq!(created.get("country"), Some(&"USA".into()), "a default is filled in");
        assert_eq!(airports.find_by_id("JFK").await.unwrap(), Some(created));
        assert!(airports.exists("JFK").await.unwrap());

        let changed = airports
            .update_attributes("JFK", entity([("altitude", Value::from(5))]))
            .await
            .unwrap();
        assert_eq!(changed.get("altitude"), Some(&5.into()));
        assert_eq!(changed.get("state"), Some(&"NY".into()));

        let replaced = airports.save(airport("JFK", "NJ", 6)).await.unwrap();
        assert_eq!(replaced.get("state"), Some(&"NJ".into()));
        assert_eq!(airports.count(Filter::equal("state", "NJ")).await.unwrap(), 1);
        assert_eq!(airports.count(Filter::equal("state", "NY")).await.unwrap(), 0);

        assert!(airports.destroy("JFK").await.unwrap());
        assert!(!airports.destroy("JFK").await.unwrap());
        assert_eq!(airports.find_by_id("JFK").await.unwrap(), None);
        assert!(!airports.exists("JFK").await.unwrap());
    }

    async fn what_is_not_there_is_not_found_and_what_is_there_is_a_duplicate(bench: Bench) {
        let airports = bench.model("Airport").await;
        airports.create(airport("JFK", "NY", 4)).await.unwrap();
        let again = airports.create(airport("JFK", "NY", 4)).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Duplicate);
        let missing = airports.save(airport("LAX", "CA", 4)).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        let missing = airports
            .update_attributes("LAX", entity([("altitude", Value::from(5))]))
            .await
            .unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        assert_eq!(airports.count(Filter::all()).await.unwrap(), 1);
    }

    async fn a_batch_is_stored_whole_or_not_at_all(bench: Bench) {
        let airports = bench.model("Airport").await;
        let batch = vec![airport("A", "X", 1), airport("B", "X", 2), airport("A", "X", 3)];
        let error = airports.create_all(batch).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Duplicate);
        assert_eq!(error.detail("index"), Some("2"));
        assert_eq!(airports.count(Filter::all()).await.unwrap(), 0);
        let batch = vec![airport("A", "X", 1), airport("B", "X", 2)];
        assert_eq!(airports.create_all(batch).await.unwrap().len(), 2);
        assert_eq!(airports.count(Filter::all()).await.unwrap(), 2);
    }

    async fn data_that_do_not_fit_are_refused_with_every_mistake(bench: Bench) {
        let airports = bench.model("Airport").await;
        let wrong = entity([
            ("iata", Value::from("JFK")),
            ("altitude", "high".into()),
            ("nmae", "JFK".into()),
        ]);
        let error = airports.create(wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
        let message = error.to_string();
        for part in ["name", "altitude", "nmae"] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(airports.count(Filter::all()).await.unwrap(), 0);
    }

    async fn a_typing_error_in_a_delete_deletes_nothing(bench: Bench) {
        let airports = bench.model("Airport").await;
        airports.create(airport("JFK", "NY", 4)).await.unwrap();
        let error = airports.destroy_all(Filter::equal("sate", "NY")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("state"), "{error}");
        assert_eq!(airports.destroy_all(Filter::AnyOf(vec![])).await.unwrap(), 0);
        assert_eq!(airports.destroy_all(Filter::all()).await.unwrap(), 1);
    }

    async fn a_query_filters_orders_pages_and_projects(bench: Bench) {
        let airports = bench.model("Airport").await;
        let batch = (0..50).map(|n| airport(&format!("A{n:02}"), ["NY", "CA"][n as usize % 2], n / 5));
        airports.create_all(batch.collect()).await.unwrap();
        let filter = Filter::equal("state", "NY")
            .and(Filter::compare("altitude", Comparison::GreaterOrEqual, 2))
            .and(Filter::compare("altitude", Comparison::Less, 6));
        let query = Query::filter(filter.clone())
            .descending("altitude")
            .offset(1)
            .limit(4)
            .fields(["iata"]);
        let page = airports.find(query).collect().await.unwrap();
        assert_eq!(names(&page, "iata"), ["A28", "A20", "A22", "A24"]);
        assert!(page.iter().all(|record| record.len() == 1));
        assert_eq!(airports.count(filter.clone()).await.unwrap(), 10);
        let first = airports.find_one(Query::filter(filter).ascending("altitude")).await.unwrap();
        assert_eq!(first.unwrap().get("iata"), Some(&"A10".into()));
    }

    async fn every_match_is_updated_or_deleted_and_counted(bench: Bench) {
        let airports = bench.model("Airport").await;
        airports.create_all((0..10).map(|n| airport(&format!("A{n}"), "NY", n)).collect()).await.unwrap();
        let low = Filter::compare("altitude", Comparison::Less, 4);
        let change = entity([("state", Value::from("CA"))]);
        assert_eq!(airports.update(low.clone(), change).await.unwrap(), 4);
        assert_eq!(airports.count(Filter::equal("state", "CA")).await.unwrap(), 4);
        assert_eq!(airports.destroy_all(low).await.unwrap(), 4);
        assert_eq!(airports.count(Filter::all()).await.unwrap(), 6);
        assert_eq!(airports.count(Filter::equal("state", "CA")).await.unwrap(), 0);
    }

    async fn a_composite_key_is_the_whole_key(bench: Bench) {
        let routes = bench.model("Route").await;
        let route = |origin: &str, destination: &str, count: i64| entity([
            ("origin", Value::from(origin)), ("destination", destination.into()), ("count", count.into()),
        ]);
        routes.create_all(vec![route("A", "B", 1), route("A", "C", 2), route("B", "A", 3)]).await.unwrap();
        let key = Key::composite(["A".into(), "C".into()]);
        assert_eq!(routes.find_by_id(key.clone()).await.unwrap().unwrap().get("count"), Some(&2.into()));
        assert_eq!(routes.find_by_id("A").await.unwrap_err().kind(), ErrorKind::Invalid);
        assert!(routes.destroy(key.clone()).await.unwrap());
        assert!(!routes.exists(key).await.unwrap());
        assert_eq!(routes.count(Filter::equal("origin", "A")).await.unwrap(), 1);
        assert_eq!(routes.create(route("B", "A", 4)).await.unwrap_err().kind(), ErrorKind::Duplicate);
    }

    async fn a_model_without_a_key_gets_one(bench: Bench) {
        let notes = bench.model("Note").await;
        let first = notes.create(entity([("text", Value::from("one"))])).await.unwrap();
        let second = notes.create(entity([("text", Value::from("two"))])).await.unwrap();
        let key = |record: &Entity| Key::from(record.get("id").cloned().unwrap());
        assert!(!first.get("id").unwrap().is_null());
        assert_ne!(first.get("id"), second.get("id"));
        assert_eq!(notes.find_by_id(key(&second)).await.unwrap(), Some(second));
        assert_eq!(notes.model().key_properties()[0].generated, Generation::WhenMissing);
    }

    async fn an_open_model_keeps_what_it_does_not_declare(bench: Bench) {
        let open = bench.model("Open").await;
        let record = entity([("id", Value::from(1)), ("colour", "red".into()), ("wheels", 4.into())]);
        open.create(record.clone()).await.unwrap();
        open.create(entity([("id", Value::from(2))])).await.unwrap();
        assert_eq!(open.find_by_id(1).await.unwrap(), Some(record));
        assert_eq!(open.count(Filter::equal("colour", "red")).await.unwrap(), 1);
        assert_eq!(open.count(Filter::compare("colour", Comparison::Exists, false)).await.unwrap(), 1);
    }

    async fn a_hundred_thousand_rows_stream_while_others_write(bench: Bench) {
        let airports = bench.model("Airport").await;
        for chunk in 0..20 {
            let batch = (0..5_000).map(|n| airport(&format!("{:06}", chunk * 5_000 + n), "NY", n)).collect();
            airports.create_all(batch).await.unwrap();
        }
        let mut stream = airports.find(Query::new());
        let mut seen = std::collections::HashSet::new();
        while let Some(record) = stream.next().await {
            let record = record.unwrap();
            if seen.len() % 20_000 == 0 {
                airports.create(airport(&format!("Z{:06}", seen.len()), "NJ", 0)).await.unwrap();
            }
            let iata = record.get("iata").and_then(Value::as_text).unwrap().to_owned();
            assert!(seen.insert(iata), "no row comes twice");
        }
        let state = bench.state().await;
        assert!(state.idle_memory < 100 << 20, "the connector's memory is bounded: {}", state.idle_memory);
        let untouched = seen.iter().filter(|iata| !iata.starts_with('Z')).count();
        assert_eq!(untouched, 100_000, "a row that nobody changes comes once");
    }

    async fn a_stream_that_is_dropped_leaves_the_source_usable(bench: Bench) {
        let airports = bench.model("Airport").await;
        airports.create_all((0..5_000).map(|n| airport(&format!("{n:06}"), "NY", n)).collect()).await.unwrap();
        for _ in 0..50 {
            let mut stream = airports.find(Query::new());
            stream.next().await.unwrap().unwrap();
            drop(stream);
        }
        assert_eq!(airports.count(Filter::all()).await.unwrap(), 5_000);
    }

    async fn a_key_and_an_index_are_used_by_the_connector(bench: Bench) {
        let airports = bench.model("Airport").await;
        airports.create(airport("JFK", "NY", 4)).await.unwrap();
        let explained = airports.explain(Query::filter(Filter::equal("state", "NY")).limit(1)).await.unwrap();
        assert_eq!(explained.filter, Place::Connector);
        assert_eq!(explained.fields, Place::Nowhere);
    }

    async fn typed_records_go_in_and_come_out(bench: Bench) {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Route { origin: String, destination: String, count: Option<i64> }
        let routes = bench.model("Route").await.typed::<Route>();
        let route = Route { origin: "A".into(), destination: "B".into(), count: None };
        assert_eq!(routes.create(&route).await.unwrap(), route);
        let found = routes.find(Filter::equal("origin", "A")).collect().await.unwrap();
        assert_eq!(found, [route]);
    }
}
