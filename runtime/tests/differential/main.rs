//! The same records in the same order from every connector: random models, records and questions, pushed down to
//! the backend and not, against a naive evaluation with tenon-model.
//!
//! `PROPTEST_CASES` sets how many models there are; each has up to two dozen questions.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod oracle;
mod scenario;
#[path = "../support/mod.rs"]
mod support;
mod values;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tenon_model::{Entity, Filter, Model, Property, PropertyType, Query, Value};
use tenon_runtime::{Dao, Place};

use oracle::{Answer, Oracle};
use scenario::{Asked, Change, Scenario, scenario};
use support::backends::{Backend, Everywhere};

/// Models in an ordinary run.
const CASES: u32 = 40;

/// A property that is always null, for conditions that no database takes over.
const NOTE: &str = "note";

/// A regular expression in a form that is RE2's alone.
const RE2: &str = r"\A(?-u:\x6e)ever\z";

/// How many queries were filtered where, for each connector.
type Places = BTreeMap<(&'static str, &'static str), u32>;

#[test]
fn every_connector_gives_the_same_records_in_the_same_order() {
    let backends = Backend::all();
    let async_runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|cases| cases.parse().ok())
            .unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let places = RefCell::new(Places::new());
    let outcome = TestRunner::new(config).run(&scenario(), |scenario| {
        let work = agrees(&backends, &scenario, &places);
        async_runtime.block_on(work).map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let places = places.into_inner();
    println!("filtered by: {places:?}");
    for backend in &backends {
        let at = |place: Place| places.get(&(backend.connector(), place.name())).copied();
        for place in [Place::Connector, Place::Runtime] {
            assert!(at(place).is_some(), "{places:?}");
        }
    }
}

async fn agrees(
    backends: &[Backend],
    scenario: &Scenario,
    places: &RefCell<Places>,
) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let mut model = scenario.model.clone();
    model
        .properties
        .push(Property::new(NOTE, PropertyType::Text));
    let everywhere = Everywhere::new(backends, folder.path(), &model).await?;
    let mut oracle = Oracle::new(model, scenario.records.clone());
    for (backend, dao) in &everywhere.daos {
        let name = backend.connector();
        dao.create_all(scenario.records.clone())
            .await
            .map_err(|error| format!("{name} stores the records: {error}"))?;
    }
    for asked in &scenario.asked {
        for asked in [asked.clone(), held_back(asked)] {
            let expected = oracle.answer(&asked);
            for (backend, dao) in &everywhere.daos {
                let name = backend.connector();
                let found = answer(dao, &asked).await;
                expected
                    .is(&found)
                    .map_err(|why| format!("{name}: {asked:#?}: {why}"))?;
                if let Asked::Find(query) = &asked {
                    let explained = dao.explain(query.clone()).await;
                    let place = explained.map_err(|error| error.to_string())?.filter;
                    *places.borrow_mut().entry((name, place.name())).or_default() += 1;
                }
            }
        }
    }
    for change in &scenario.changes {
        let expected = oracle.change(change);
        for (backend, dao) in &everywhere.daos {
            let name = backend.connector();
            let changed = make(dao, change).await;
            if changed.as_ref().ok() != Some(&expected) {
                return Err(format!(
                    "{name}: {change:#?}: {changed:?} and not {expected}"
                ));
            }
        }
    }
    let everything = Asked::Find(Query::new());
    let expected = oracle.answer(&everything);
    for (backend, dao) in &everywhere.daos {
        let name = backend.connector();
        expected
            .is(&answer(dao, &everything).await)
            .map_err(|why| format!("{name}, in the end: {why}"))?;
    }
    let ended = everywhere.runtime.shut_down().await;
    ended.map_err(|error| format!("the end: {error}"))
}

async fn answer(dao: &Dao, asked: &Asked) -> Result<Answer, String> {
    let rows = |rows: tenon_runtime::Result<Vec<Entity>>| rows.map(Answer::Rows);
    match asked {
        Asked::Find(query) => rows(dao.find(query.clone()).collect().await),
        Asked::Count(filter) => dao.count(filter.clone()).await.map(Answer::Number),
        Asked::Aggregate(aggregation) => rows(dao.aggregate(aggregation.clone()).await),
    }
    .map_err(|error| error.to_string())
}

async fn make(dao: &Dao, change: &Change) -> Result<u64, String> {
    match change {
        Change::Update(filter, set) => dao.update(filter.clone(), set.clone()).await,
        Change::Destroy(filter) => dao.destroy_all(filter.clone()).await,
    }
    .map_err(|error| error.to_string())
}

/// The same question, with a filter that no database can take over whole.
fn held_back(asked: &Asked) -> Asked {
    let hold = |filter: &Filter| {
        let never = Filter::compare(NOTE, tenon_model::Comparison::Matches, Value::from(RE2));
        // Both, so that it stays where the filter is what every record matches.
        Filter::NoneOf(vec![Filter::AnyOf(vec![
            Filter::NoneOf(vec![filter.clone()]),
            never,
        ])])
    };
    match asked {
        // How near the records are is their order only where the condition stands at the top.
        Asked::Find(query) => Asked::Find(Query {
            filter: hold(&query.filter),
            ..query.clone()
        }),
        Asked::Count(filter) => Asked::Count(hold(filter)),
        Asked::Aggregate(aggregation) => {
            Asked::Aggregate(aggregation.clone().filter(hold(&aggregation.filter)))
        }
    }
}

/// What the test needs of a model is there.
#[test]
fn the_note_is_in_no_model_already() {
    let mut runner = TestRunner::deterministic();
    runner
        .run(&scenario(), |scenario| {
            let model: &Model = &scenario.model;
            assert!(model.find_property(NOTE).is_none());
            assert!(model.check().is_ok());
            Ok(())
        })
        .unwrap();
}
