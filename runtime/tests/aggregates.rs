//! What records amount to: by the connector that groups them itself, and by the runtime where none does.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use support::{Bench, entity};
use tenon_model::{
    Aggregation, Entity, Filter, Model, Property, PropertyType, Query, Relation, Value, equal,
};
use tenon_runtime::{Dao, ErrorKind, Limits, TransactionOptions};

fn airports() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(Property::new("state", PropertyType::Text))
        .property(Property::new("city", PropertyType::Text))
        .property(Property::new("flights", PropertyType::Integer))
        .property(Property::new("fee", PropertyType::Decimal))
        .property(Property::new("latitude", PropertyType::Float))
        .property(Property::new("opened", PropertyType::Timestamp))
        .property(Property::new("notes", PropertyType::Json))
        .index(&["state"], false)
}

/// Records of which some lack a value, and some come in another number's case.
fn records() -> Vec<Entity> {
    (0..500_i64)
        .map(|n| {
            let unless = |null: bool, value: Value| if null { Value::Null } else { value };
            let cents = Value::Decimal(format!("{}.{:02}", n % 13, n % 100));
            let notes = format!(r#"{{"beds": [{{"n": {}}}, {{"n": {}.5}}]}}"#, n % 3, n % 5);
            entity([
                ("iata", format!("A{n:03}").into()),
                ("state", unless(n % 50 == 0, format!("S{}", n % 7).into())),
                ("city", format!("City {}", n % 20).into()),
                ("flights", unless(n % 9 == 0, (n * 1_000_003 % 997).into())),
                ("fee", unless(n % 11 == 0, cents)),
                ("latitude", (f64::from(n as i32) / 4.0).into()),
                (
                    "opened",
                    unless(n % 4 == 0, Value::Timestamp(n * 1_000_000)),
                ),
                ("notes", unless(n % 6 == 0, Value::Json(notes))),
            ])
        })
        .collect()
}

const REQUESTS: [&str; 9] = [
    r#"{"aggregates": {"n": {"count": "*"}, "flights": {"sum": "flights"}, "fee": {"sum": "fee"}}}"#,
    r#"{"groupBy": ["state"], "aggregates": {
        "n": {"count": "*"}, "cities": {"count": "city", "distinct": true}, "open": {"count": "opened"},
        "first": {"minimum": "opened"}, "last": {"maximum": "opened"}, "mean": {"average": "flights"}
    }}"#,
    r#"{"where": {"state": "S3", "flights": {"gt": 100}}, "groupBy": ["city"], "aggregates": {"fee": {"average": "fee"}}}"#,
    r#"{"groupBy": ["city"], "aggregates": {"fee": {"sum": "fee"}}, "order": ["fee DESC"], "limit": 3, "skip": 1}"#,
    r#"{"groupBy": ["state", "city"], "aggregates": {"n": {"count": "*"}}, "having": {"n": {"gte": 4}}, "order": "n DESC", "limit": 20}"#,
    r#"{"groupBy": ["state"]}"#,
    r#"{"where": {"iata": "nowhere"}, "aggregates": {"n": {"count": "*"}, "most": {"maximum": "latitude"}}}"#,
    r#"{"where": {"iata": "nowhere"}, "groupBy": ["state"], "aggregates": {"n": {"count": "*"}}}"#,
    r#"{"aggregates": {"beds": {"sum": "notes.beds.n"}, "kinds": {"count": "notes.beds.n", "distinct": true}}}"#,
];

async fn filled(bench: &Bench) -> Dao {
    let dao = bench.model("Airport").await;
    dao.create_all(records()).await.unwrap();
    dao
}

async fn ask(dao: &Dao, request: &str) -> Vec<Entity> {
    dao.aggregate(Aggregation::parse(request).unwrap())
        .await
        .unwrap_or_else(|error| panic!("{request}: {error}"))
}

#[tokio::test]
async fn a_connector_that_groups_and_one_that_does_not_answer_alike() {
    let groups = Bench::with_memory(vec![airports()]).await;
    let reads = Bench::with_redb(vec![airports()]).await;
    let (grouped, read) = (filled(&groups).await, filled(&reads).await);
    assert_eq!(capabilities(&grouped), (true, "memory"));
    assert_eq!(capabilities(&read), (false, "redb"));
    for request in REQUESTS {
        let (left, right) = (ask(&grouped, request).await, ask(&read, request).await);
        assert_eq!(left.len(), right.len(), "{request}");
        for (left, right) in left.iter().zip(&right) {
            assert_eq!(left.len(), right.len(), "{request}");
            for ((name, left), (other, right)) in left.iter().zip(right.iter()) {
                assert_eq!(name, other, "{request}");
                assert!(equal(left, right), "{request}: {name} {left:?} {right:?}");
                assert_eq!(left.case_name(), right.case_name(), "{request}: {name}");
            }
        }
    }
    groups.shut_down().await;
    reads.shut_down().await;
}

fn capabilities(dao: &Dao) -> (bool, &str) {
    let connector = dao.data_source().connector();
    let groups = connector.has(tenon_runtime::Capability::Aggregates);
    (groups, connector.manifest().name.as_str())
}

#[tokio::test]
async fn the_answer_is_what_the_records_amount_to() {
    let bench = Bench::with_memory(vec![airports()]).await;
    let dao = filled(&bench).await;
    let cents: i64 = (0..500)
        .filter(|n| n % 11 != 0)
        .map(|n| n % 13 * 100 + n % 100)
        .sum();
    let flights: i64 = (0..500)
        .filter(|n| n % 9 != 0)
        .map(|n| n * 1_000_003 % 997)
        .sum();
    let expected = entity([
        (
            "fee",
            Value::Decimal(format!("{}.{:02}", cents / 100, cents % 100)),
        ),
        ("flights", flights.into()),
        ("n", 500.into()),
    ]);
    assert_eq!(ask(&dao, REQUESTS[0]).await, [expected]);
    let built = Aggregation::new()
        .group_by("state")
        .count("airports")
        .sum("total", "flights")
        .having(Filter::equal("state", Value::Null))
        .descending("total")
        .limit(10);
    let nowhere = (0..500).filter(|n| n % 50 == 0).count();
    let rows = dao.aggregate(built).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0].get("airports").and_then(Value::as_integer),
        i64::try_from(nowhere).ok()
    );
}

#[tokio::test]
async fn mistakes_are_told_before_anything_runs() {
    let bench = Bench::with_memory(vec![airports()]).await;
    let dao = bench.model("Airport").await;
    let request = Aggregation::new()
        .group_by("stat")
        .sum("total", "city")
        .count("n");
    let error = dao.aggregate(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let places: Vec<&str> = error.problems().iter().map(|p| p.place.as_str()).collect();
    assert_eq!(places, ["groupBy[0]", "aggregates.total.sum"]);
}

#[tokio::test]
async fn groups_are_bounded_wherever_they_are_made() {
    let limits = Limits {
        sort_rows: 20,
        ..Limits::default()
    };
    for connector in ["memory", "redb"] {
        let bench = Bench::new(connector, vec![airports()], |source, folder| {
            let source = source.limits(limits.clone());
            if connector == "memory" {
                return source;
            }
            let data = folder.join("data");
            std::fs::create_dir_all(&data).unwrap();
            source
                .setting("path", "/data/test.redb")
                .grant(tenon_runtime::grants::FolderGrant::writable(data, "/data").unwrap())
        })
        .await;
        let dao = filled(&bench).await;
        let few = Aggregation::new().group_by("city").count("n");
        assert_eq!(dao.aggregate(few).await.unwrap().len(), 20, "{connector}");
        let many = Aggregation::new().group_by("iata").count("n");
        let error = dao.aggregate(many).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exhausted, "{connector}");
        assert!(error.to_string().contains("sort-rows"), "{error}");
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn more_groups_than_a_connector_has_memory_for_are_made_outside() {
    let bench = Bench::with_memory(vec![airports()]).await;
    let dao = bench.model("Airport").await;
    let wide = "x".repeat(2_000);
    let records = (0..1_000).map(|n| {
        entity([
            ("iata", format!("{n}").into()),
            ("city", format!("{wide}{n}").into()),
        ])
    });
    dao.create_all(records.collect()).await.unwrap();
    let request = Aggregation::new().group_by("city").count("n");
    assert_eq!(dao.aggregate(request).await.unwrap().len(), 1_000);
    let left = dao.count(Filter::all()).await.unwrap();
    assert_eq!(left, 1_000, "and the records are still there");
}

fn thing(name: &str) -> Model {
    Model::new(name)
        .key("id", PropertyType::Text)
        .property(Property::new("calls", PropertyType::Integer))
}

async fn evil(model: &str) -> (Bench, Dao) {
    let limits = Limits {
        sessions: 1,
        sort_rows: 5_000,
        wait_timeout: Duration::from_secs(2),
        ..Limits::default()
    };
    let bench = Bench::new("evil", vec![thing(model)], |source, _| {
        source.limits(limits)
    })
    .await;
    let dao = bench.model(model).await;
    (bench, dao)
}

#[tokio::test]
async fn what_a_connector_answers_is_taken_as_it_is_where_it_fits() {
    let (_bench, dao) = evil("Seven").await;
    let rows = dao.aggregate(Aggregation::new().count("n")).await.unwrap();
    assert_eq!(rows, [entity([("n", 7.into())])]);
    let request =
        Aggregation::parse(r#"{"aggregates": {"n": {"count": "*"}}, "having": {"n": {"gt": 7}}}"#);
    assert_eq!(dao.aggregate(request.unwrap()).await.unwrap(), []);
}

#[tokio::test]
async fn groups_that_nobody_asked_for_are_refused_and_the_session_goes_on() {
    for (model, kind) in [
        ("Endless", ErrorKind::Exhausted),
        ("Nothing", ErrorKind::Backend),
        ("Misfit", ErrorKind::Backend),
        ("Uninvited", ErrorKind::Backend),
        ("Broken", ErrorKind::Invalid),
    ] {
        let (_bench, dao) = evil(model).await;
        for _ in 0..3 {
            let error = dao
                .aggregate(Aggregation::new().count("n"))
                .await
                .unwrap_err();
            assert_eq!(error.kind(), kind, "{model}: {error}");
        }
        let record = dao.find_by_id("well").await.unwrap().unwrap();
        let calls = record.get("calls").and_then(Value::as_integer);
        assert_eq!(calls, Some(1), "{model}: it is still the first session");
    }
}

#[tokio::test]
async fn a_connector_that_leaves_a_request_has_it_done_by_the_runtime() {
    let (_bench, dao) = evil("Few").await;
    let request = Aggregation::new().count("n").maximum("last", "id");
    let rows = dao.aggregate(request).await.unwrap();
    assert_eq!(rows, [entity([("n", 3.into()), ("last", "2".into())])]);
}

#[tokio::test]
async fn scopes_hidden_properties_and_relations_count_for_groups_too() {
    let route = Model::new("Route")
        .key("id", PropertyType::Text)
        .property(Property::new("origin", PropertyType::Text))
        .property(Property::new("fare", PropertyType::Integer).hidden())
        .property(Property::new("closed", PropertyType::Boolean))
        .relation(Relation::belongs_to("from", "Airport", &["origin"]))
        .scope(Query::filter(Filter::equal("closed", false)));
    for bench in [
        Bench::with_memory(vec![airports(), route.clone()]).await,
        Bench::with_redb(vec![airports(), route]).await,
    ] {
        filled(&bench).await;
        let routes = bench.model("Route").await;
        let records = (0..100_i64).map(|n| {
            entity([
                ("id", format!("{n}").into()),
                ("origin", format!("A{:03}", n % 10).into()),
                ("fare", n.into()),
                ("closed", (n % 2 == 0).into()),
            ])
        });
        routes.create_all(records.collect()).await.unwrap();
        let count = Aggregation::new().count("n");
        let all = routes.unscoped().aggregate(count.clone()).await.unwrap();
        assert_eq!(all, [entity([("n", 100.into())])]);
        let open = routes.aggregate(count.clone()).await.unwrap();
        assert_eq!(open, [entity([("n", 50.into())])]);
        let related = Filter::parse(r#"{"from.state": "S1"}"#).unwrap();
        let some = routes.aggregate(count.filter(related)).await.unwrap();
        assert_eq!(some, [entity([("n", 10.into())])], "from A001 alone");
        let fares = Aggregation::new().sum("fares", "fare");
        let error = routes.aggregate(fares.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let seen = routes.with_hidden().aggregate(fares).await.unwrap();
        assert_eq!(seen, [entity([("fares", 2_500.into())])]);
        bench.shut_down().await;
    }
}

#[tokio::test]
async fn a_transaction_groups_what_it_has_written() {
    for bench in [
        Bench::with_memory(vec![airports()]).await,
        Bench::with_redb(vec![airports()]).await,
    ] {
        let dao = filled(&bench).await;
        let request = || {
            let west = Filter::equal("state", "West");
            Aggregation::new()
                .filter(west)
                .count("n")
                .sum("flights", "flights")
        };
        let transaction = bench
            .runtime
            .transaction("test", TransactionOptions::new())
            .await
            .unwrap();
        let within = transaction.include(&dao).unwrap();
        for n in 1..=3_i64 {
            let record = entity([
                ("iata", format!("W{n}").into()),
                ("state", "West".into()),
                ("flights", n.into()),
            ]);
            within.create(record).await.unwrap();
        }
        let inside = within.aggregate(request()).await.unwrap();
        assert_eq!(inside, [entity([("n", 3.into()), ("flights", 6.into())])]);
        transaction.rollback().await.unwrap();
        let outside = dao.aggregate(request()).await.unwrap();
        assert_eq!(
            outside,
            [entity([("n", 0.into()), ("flights", Value::Null)])]
        );
        bench.shut_down().await;
    }
}
