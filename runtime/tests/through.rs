//! Making, linking and deleting records through a relation.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use support::relations::{Air, models};
use support::{entity, guest, target_folder};
use tenon_model::contract::Effect;
use tenon_model::{
    DefaultValue, Entity, Filter, Key, Model, Property, PropertyType, Query, Relation,
    RelationKind, Through, Value,
};
use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
use tenon_runtime::registry::Compiler;
use tenon_runtime::{
    ConnectorReference, DataSourceName, ErrorKind, Limits, Runtime, TransactionOptions,
};

fn text(record: &Entity, name: &str) -> String {
    let text = record.get(name).and_then(Value::as_text);
    text.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_has_many_makes_belongs_to_it() {
    let air = Air::on_one_source(Limits::default()).await;
    let airports = air.model("Airport").await;
    let departures = airports.related("D", "departures").await.unwrap();
    let made = departures
        .create(entity([("destination", "A".into()), ("count", 7.into())]))
        .await
        .unwrap();
    assert_eq!(text(&made, "origin"), "D");
    let named = entity([("origin", "D".into()), ("destination", "B".into())]);
    departures.create(named).await.unwrap();
    let other = entity([("origin", "A".into()), ("destination", "E".into())]);
    let error = departures.create(other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(departures.count(Filter::all()).await.unwrap(), 2);
    assert_eq!(
        air.model("Route").await.count(Filter::all()).await.unwrap(),
        7
    );
    let nowhere = airports.related("Q", "departures").await.unwrap();
    let error = nowhere
        .create(entity([("destination", "A".into())]))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    air.shut_down().await;
}

#[tokio::test]
async fn nothing_but_the_relations_records_is_there() {
    let air = Air::across_sources().await;
    let airports = air.model("Airport").await;
    let departures = airports.related("A", "departures").await.unwrap();
    let route = |from: &str, to: &str| Key::composite([from.into(), to.into()]);
    assert!(departures.exists(route("A", "B")).await.unwrap());
    assert!(!departures.exists(route("B", "A")).await.unwrap());
    assert_eq!(departures.find_by_id(route("B", "A")).await.unwrap(), None);
    assert!(!departures.destroy(route("B", "A")).await.unwrap());
    let changed = departures
        .update(Filter::all(), entity([("count", 0.into())]))
        .await
        .unwrap();
    assert_eq!(changed, 2);
    let routes = air.model("Route").await;
    assert_eq!(routes.count(Filter::equal("count", 0)).await.unwrap(), 2);
    let found = departures
        .find(Query::parse(r#"{"where": {"to.state": "NJ"}, "include": "to"}"#).unwrap())
        .collect()
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0], "destination"), "C");
    assert_eq!(departures.destroy_all(Filter::all()).await.unwrap(), 2);
    assert_eq!(routes.count(Filter::all()).await.unwrap(), 3);
    let wrong = airports.related("A", "departure").await.err().unwrap();
    assert!(wrong.to_string().contains("departures"), "{wrong}");
    air.shut_down().await;
}

#[tokio::test]
async fn links_are_made_once_and_taken_away() {
    let air = Air::across_sources().await;
    let airports = air.model("Airport").await;
    let destinations = airports.related("D", "destinations").await.unwrap();
    assert!(destinations.link("A").await.unwrap());
    assert!(
        !destinations.link("A").await.unwrap(),
        "linking twice is no error"
    );
    let count = entity([("count", 9.into())]);
    assert!(destinations.link_with("B", count).await.unwrap());
    let error = destinations.link("Q").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let found = destinations
        .find(Query::new().descending("iata"))
        .collect()
        .await
        .unwrap();
    let found: Vec<String> = found.iter().map(|record| text(record, "iata")).collect();
    assert_eq!(found, ["B", "A"]);
    let routes = air.model("Route").await;
    assert_eq!(routes.count(Filter::equal("count", 9)).await.unwrap(), 1);
    assert!(destinations.unlink("A").await.unwrap());
    assert!(!destinations.unlink("A").await.unwrap());
    assert!(airports.exists("A").await.unwrap());
    let made = destinations
        .create(entity([("iata", "F".into()), ("state", "TX".into())]))
        .await
        .unwrap();
    assert_eq!(text(&made, "iata"), "F");
    assert!(destinations.exists("F").await.unwrap());
    // What goes takes all links to it along, also those of others.
    airports
        .related("A", "destinations")
        .await
        .unwrap()
        .link("F")
        .await
        .unwrap();
    assert!(destinations.destroy("F").await.unwrap());
    assert!(!airports.exists("F").await.unwrap());
    assert_eq!(
        routes
            .count(Filter::equal("destination", "F"))
            .await
            .unwrap(),
        0
    );
    let departures = airports.related("A", "departures").await.unwrap();
    let error = departures
        .link(Key::composite(["A".into(), "B".into()]))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    air.shut_down().await;
}

#[tokio::test]
async fn relations_to_one_are_got_made_and_set() {
    let air = Air::on_one_source(Limits::default()).await;
    let airports = air.model("Airport").await;
    let runway = airports.related("A", "runway").await.unwrap();
    assert_eq!(
        runway.get().await.unwrap().unwrap().get("id"),
        Some(&1.into())
    );
    let error = runway.create(entity([("id", 5.into())])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate, "there can be only one");
    runway.set(Some(2.into())).await.unwrap();
    assert_eq!(
        runway.get().await.unwrap().unwrap().get("id"),
        Some(&2.into())
    );
    assert_eq!(runway.count(Filter::all()).await.unwrap(), 1);
    let first = air
        .model("Runway")
        .await
        .find_by_id(1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first.get("airportId"), Some(&Value::Null), "it was let go");
    runway.set(None).await.unwrap();
    assert_eq!(runway.get().await.unwrap(), None);

    let routes = air.model("Route").await;
    let route = |from: &str, to: &str| Key::composite([from.into(), to.into()]);
    let carrier = routes.related(route("B", "A"), "carrier").await.unwrap();
    assert_eq!(carrier.get().await.unwrap(), None);
    carrier.set(Some(1.into())).await.unwrap();
    assert_eq!(text(&carrier.get().await.unwrap().unwrap(), "name"), "One");
    let made = entity([("id", 2.into()), ("name", "Two".into())]);
    carrier.create(made).await.unwrap();
    assert_eq!(text(&carrier.get().await.unwrap().unwrap(), "name"), "Two");
    let stored = routes.find_by_id(route("B", "A")).await.unwrap().unwrap();
    assert_eq!(stored.get("carrierId"), Some(&2.into()));
    let error = carrier.set(Some(7.into())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    carrier.set(None).await.unwrap();
    assert_eq!(carrier.get().await.unwrap(), None);

    let from = routes.related(route("B", "A"), "from").await.unwrap();
    let made = entity([("iata", "G".into())]);
    let error = from.create(made).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Validation,
        "a part of a key never changes"
    );
    assert!(
        !airports.exists("G").await.unwrap(),
        "and nothing was made in vain"
    );
    air.shut_down().await;
}

#[tokio::test]
async fn a_model_that_only_links_has_a_usual_name_and_key() {
    let many = |name: &str, model: &str| {
        let kind = RelationKind::HasAndBelongsToMany(Through::default());
        Relation::new(name, model, kind)
    };
    let person = Model::new("Person")
        .key("id", PropertyType::Integer)
        .relation(many("clubs", "Club"));
    let club = Model::new("Club")
        .key("id", PropertyType::Integer)
        .relation(many("members", "Person"));
    // Without a key of its own: nothing in the backend keeps two alike apart.
    let between = Model::new("PersonClub")
        .property(Property::new("personId", PropertyType::Integer))
        .property(Property::new("clubId", PropertyType::Integer));
    let models = vec![person, club, between];
    let air = Air::empty(&["here"], |_| "here", Limits::default(), models);
    let (people, clubs) = (air.model("Person").await, air.model("Club").await);
    for id in 1..=3 {
        people.create(entity([("id", id.into())])).await.unwrap();
        clubs.create(entity([("id", id.into())])).await.unwrap();
    }
    for (person, club) in [(1, 1), (1, 2), (2, 2), (1, 1)] {
        let joined = people.related(person, "clubs").await.unwrap();
        joined.link(club).await.unwrap();
    }
    assert_eq!(
        air.model("PersonClub")
            .await
            .count(Filter::all())
            .await
            .unwrap(),
        3
    );
    let members = clubs.related(2, "members").await.unwrap();
    assert_eq!(members.count(Filter::all()).await.unwrap(), 2);
    let query =
        Query::parse(r#"{"where": {"members.clubs.id": 1}, "include": "members"}"#).unwrap();
    let found = clubs.find(query).collect().await.unwrap();
    let counts: Vec<usize> = found
        .iter()
        .map(|club| club.related("members").unwrap().iter().count())
        .collect();
    assert_eq!(counts, [1, 2]);
    air.shut_down().await;
}

#[tokio::test]
async fn a_link_that_another_index_refuses_is_none() {
    let [airport, route, carrier, runway] = <[Model; 4]>::try_from(models()).unwrap();
    let route = route.index(&["count"], true);
    let models = vec![airport, route, carrier, runway];
    let air = Air::new(&["here"], |_| "here", Limits::default(), models).await;
    let airports = air.model("Airport").await;
    let destinations = airports.related("D", "destinations").await.unwrap();
    let count = |count: i64| entity([("count", count.into())]);
    let error = destinations.link_with("B", count(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    assert!(!destinations.exists("B").await.unwrap());
    assert!(destinations.link_with("B", count(11)).await.unwrap());
    assert!(!destinations.link_with("B", count(12)).await.unwrap());
    air.shut_down().await;
}

#[tokio::test]
async fn links_outside_of_the_scope_between_are_not_there() {
    let [airport, route, carrier, runway] = <[Model; 4]>::try_from(models()).unwrap();
    let scope = Query::parse(r#"{"where": {"count": {"neq": 10}}}"#).unwrap();
    let models = vec![airport, route.scope(scope), carrier, runway];
    let air = Air::new(&["here"], |_| "here", Limits::default(), models).await;
    let airports = air.model("Airport").await;
    let destinations = airports.related("A", "destinations").await.unwrap();
    assert!(!destinations.exists("B").await.unwrap());
    assert!(!destinations.unlink("B").await.unwrap());
    let routes = air.model("Route").await.unscoped();
    assert_eq!(routes.count(Filter::equal("count", 10)).await.unwrap(), 1);
    // The pair is the key, so that it can't be made again.
    let error = destinations.link("B").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    assert!(destinations.unlink("C").await.unwrap());
    air.shut_down().await;
}

#[tokio::test]
async fn nothing_is_set_or_taken_away_where_there_is_nobody_to_have_it() {
    let [airport, route, carrier, runway] = <[Model; 4]>::try_from(models()).unwrap();
    let scope = Query::parse(r#"{"where": {"state": {"neq": "NY"}}}"#).unwrap();
    let models = vec![airport.scope(scope), route, carrier, runway];
    let air = Air::new(&["here"], |_| "here", Limits::default(), models).await;
    let airports = air.model("Airport").await;
    for key in ["Q", "A"] {
        let runway = airports.related(key, "runway").await.unwrap();
        for error in [
            runway.set(Some(2.into())).await.unwrap_err(),
            runway.set(None).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
        let destinations = airports.related(key, "destinations").await.unwrap();
        let error = destinations.unlink("C").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let unscoped = airports.unscoped();
    let runway = unscoped.related("A", "runway").await.unwrap();
    let there = runway.get().await.unwrap().unwrap();
    assert_eq!(there.get("id"), Some(&1.into()));
    air.shut_down().await;
}

#[tokio::test]
async fn records_that_are_deleted_and_keep_their_links_are_told_of() {
    let through = Through::new("Greeting", &["name"], &["greeting"]);
    let person = Model::new("Person")
        .key("name", PropertyType::Text)
        .relation(Relation::new(
            "phrases",
            "Phrase",
            RelationKind::HasManyThrough(through),
        ));
    let phrase = Model::new("Phrase").key("text", PropertyType::Text);
    // Its connector only reads.
    let greeting = Model::new("Greeting")
        .key("name", PropertyType::Text)
        .property(Property::new("greeting", PropertyType::Text));
    let folder = tempfile::tempdir().unwrap();
    let source = |name: &str| DataSourceName::new(name).unwrap();
    let connector = |name: &str| ConnectorReference::Path(guest(name));
    let mut config = Config::new(folder.path())
        .source(SourceConfig::new(source("here"), connector("memory")))
        .source(
            SourceConfig::new(source("there"), connector("hello"))
                .setting("names", serde_json::json!(["Ann"])),
        )
        .model(ModelConfig::new(source("here"), person))
        .model(ModelConfig::new(source("here"), phrase))
        .model(ModelConfig::new(source("there"), greeting));
    config.registry = target_folder().join("test-registry");
    let runtime = Runtime::builder(config)
        .compiler(Compiler::InProcess)
        .build()
        .unwrap();
    let people = runtime.model("Person").await.unwrap();
    people
        .create(entity([("name", "Ann".into())]))
        .await
        .unwrap();
    let greetings = runtime.model("Greeting").await.unwrap();
    let greeting = greetings.find_one(Query::new()).await.unwrap().unwrap();
    let phrases = runtime.model("Phrase").await.unwrap();
    let phrase = entity([("text", text(&greeting, "greeting").as_str().into())]);
    phrases.create(phrase).await.unwrap();
    let theirs = people.related("Ann", "phrases").await.unwrap();
    let error = theirs.destroy_all(Filter::all()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Partial, "{error}");
    assert_eq!(phrases.count(Filter::all()).await.unwrap(), 0);
    runtime.shut_down().await.unwrap();
}

#[tokio::test]
async fn what_is_made_and_can_not_be_linked_is_told_of() {
    let [airport, route, carrier, runway] = <[Model; 4]>::try_from(models()).unwrap();
    let once = Property::new("once", PropertyType::Integer).default(DefaultValue::Value(1.into()));
    let route = route.property(once).index(&["origin", "once"], true);
    let models = vec![airport, route, carrier, runway];
    let air = Air::empty(&["here"], |_| "here", Limits::default(), models);
    let airports = air.model("Airport").await;
    for iata in ["A", "B"] {
        let airport = entity([("iata", iata.into())]);
        airports.create(airport).await.unwrap();
    }
    let destinations = airports.related("A", "destinations").await.unwrap();
    assert!(destinations.link("B").await.unwrap());
    let made = entity([("iata", "F".into())]);
    let error = destinations.create(made).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    assert_eq!(error.effect(), Effect::Partial);
    assert!(airports.exists("F").await.unwrap());
    assert!(!destinations.exists("F").await.unwrap());
    air.shut_down().await;
}

#[tokio::test]
async fn embedded_records_are_added_changed_and_removed() {
    let line = Model::new("Line")
        .key("number", PropertyType::Integer)
        .property(Property::new("item", PropertyType::Text).required())
        .property(Property::new("due", PropertyType::Timestamp));
    let lines = Relation::new(
        "lines",
        "Line",
        RelationKind::EmbedsMany {
            property: String::new(),
        },
    );
    let first = Relation::new(
        "first",
        "Line",
        RelationKind::EmbedsOne {
            property: "top".to_owned(),
        },
    );
    let order = Model::new("Order")
        .key("id", PropertyType::Integer)
        .property(Property::new("_lines", PropertyType::Json))
        .property(Property::new("top", PropertyType::Json))
        .relation(lines)
        .relation(first);
    let air = Air::empty(&["here"], |_| "here", Limits::default(), vec![order, line]);
    let orders = air.model("Order").await;
    orders.create(entity([("id", 1.into())])).await.unwrap();
    let lines = orders.embedded(1, "lines").await.unwrap();
    let line = |number: i64, item: &str| {
        entity([
            ("number", number.into()),
            ("item", item.into()),
            ("due", Value::Timestamp(number)),
        ])
    };
    let adding = (1..=8).map(|number| {
        let (lines, line) = (lines.clone(), line(number, "nut"));
        tokio::spawn(async move { lines.add(line).await })
    });
    for added in adding.collect::<Vec<_>>() {
        added.await.unwrap().unwrap();
    }
    let error = lines.add(line(3, "bolt")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    let error = lines.add(entity([("number", 9.into())])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    let late = Filter::compare("due", tenon_model::Comparison::Greater, Value::Timestamp(5));
    let changes = entity([("item", "bolt".into())]);
    assert_eq!(lines.update(late, changes).await.unwrap(), 3);
    let bolts = lines.find(Filter::equal("item", "bolt")).await.unwrap();
    assert_eq!(bolts.len(), 3);
    assert_eq!(lines.remove(Filter::equal("item", "nut")).await.unwrap(), 5);
    assert_eq!(lines.find(Query::new()).await.unwrap().len(), 3);

    let first = orders.embedded(1, "first").await.unwrap();
    assert_eq!(first.get().await.unwrap(), None);
    first.add(line(1, "nut")).await.unwrap();
    let error = first.add(line(2, "nut")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    assert_eq!(text(&first.get().await.unwrap().unwrap(), "item"), "nut");
    assert_eq!(first.remove(Filter::all()).await.unwrap(), 1);
    assert_eq!(first.get().await.unwrap(), None);
    let nobody = orders.embedded(2, "lines").await.unwrap();
    let error = nobody.add(line(1, "nut")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = orders.related(1, "lines").await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    air.shut_down().await;
}

#[tokio::test]
async fn keys_of_several_properties_lead_as_those_of_one_do() {
    let [airport, route, carrier, runway] = <[Model; 4]>::try_from(models()).unwrap();
    let route = route.relation(Relation::has_many("flights", "Flight", &["from", "to"]));
    let flight = Model::new("Flight")
        .property(Property::new("from", PropertyType::Text))
        .property(Property::new("to", PropertyType::Text))
        .relation(Relation::belongs_to("route", "Route", &["from", "to"]));
    let models = vec![airport, route, carrier, runway, flight];
    let air = Air::new(&["here"], |_| "here", Limits::default(), models).await;
    let routes = air.model("Route").await;
    let key = Key::composite(["A".into(), "B".into()]);
    let flights = routes.related(key.clone(), "flights").await.unwrap();
    for _ in 0..2 {
        flights.create(Entity::new()).await.unwrap();
    }
    let half = entity([("from", "A".into())]);
    air.model("Flight").await.create(half).await.unwrap();
    let query = |json: &str| Query::parse(json).unwrap();
    let found = routes
        .find(query(
            r#"{"where": {"origin": "A"}, "order": "destination", "include": "flights"}"#,
        ))
        .collect()
        .await
        .unwrap();
    let counts: Vec<usize> = found
        .iter()
        .map(|route| route.related("flights").unwrap().iter().count())
        .collect();
    assert_eq!(counts, [2, 0]);
    let flown = query(r#"{"where": {"flights": {"some": {}}}}"#).filter;
    assert_eq!(routes.count(flown).await.unwrap(), 1);
    let flights = air.model("Flight").await;
    let from_ny = query(r#"{"where": {"route.from.state": "NY"}}"#).filter;
    assert_eq!(flights.count(from_ny).await.unwrap(), 2);
    let nowhere = query(r#"{"where": {"route": {"none": {}}}, "include": "route"}"#);
    let found = flights.find(nowhere).collect().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].related("route").unwrap().iter().count(), 0);
    air.shut_down().await;
}

#[tokio::test]
async fn inside_a_transaction_related_records_are_those_of_the_transaction() {
    let air = Air::on_one_source(Limits::default()).await;
    let begin = || air.runtime.transaction("here", TransactionOptions::new());
    let transaction = begin().await.unwrap();
    let airports = transaction.model("Airport").await.unwrap();
    let departures = airports.related("D", "departures").await.unwrap();
    departures
        .create(entity([("destination", "A".into())]))
        .await
        .unwrap();
    let made = entity([("iata", "F".into()), ("state", "ZZ".into())]);
    let destinations = airports.related("D", "destinations").await.unwrap();
    destinations.create(made).await.unwrap();
    let query = Query::parse(
        r#"{"where": {"destinations.state": "ZZ"}, "include": {"departures": {"to": "departures"}}}"#,
    );
    let found = airports.find(query.unwrap()).collect().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0], "iata"), "D");
    let departures = found[0].related("departures").unwrap();
    assert_eq!(departures.iter().count(), 2);
    transaction.rollback().await.unwrap();
    let airports = air.model("Airport").await;
    let departures = airports.related("D", "departures").await.unwrap();
    assert_eq!(departures.count(Filter::all()).await.unwrap(), 0);
    assert!(!airports.exists("F").await.unwrap());
    air.shut_down().await;
}
