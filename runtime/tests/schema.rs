//! Collections beside their models: plans, what it takes to apply one, and what a connector may send.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::sync::Arc;

use support::{Bench, entity};
use tenon_model::{Filter, Model, Property, PropertyType};
use tenon_runtime::{Consent, Danger, DataSource, ErrorKind, SchemaPlan, Secret};

fn note() -> Model {
    Model::new("Note")
        .key("id", PropertyType::Integer)
        .property(Property::new("title", PropertyType::Text))
        .property(Property::new("at", PropertyType::Timestamp))
}

async fn plan(bench: &Bench) -> SchemaPlan {
    bench.runtime.plan_schema("test", &[]).await.unwrap()
}

fn consent(plan: &SchemaPlan) -> Consent {
    Consent {
        digest: *plan.digest(),
        destructive: false,
    }
}

async fn evil(schema: &str) -> Bench {
    Bench::new("evil", vec![note()], |source, _| {
        source
            .setting("schema", schema)
            .setting("password", Secret::new("correct horse"))
    })
    .await
}

async fn source(bench: &Bench) -> Arc<DataSource> {
    bench.runtime.data_source("test").await.unwrap()
}

/// Applies all that a plan has, and expects that nothing is left.
async fn migrate(bench: &Bench) {
    let plan = plan(bench).await;
    let left = bench
        .runtime
        .apply_schema(&plan, consent(&plan))
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_model_that_changes_is_planned_and_applied_and_its_records_stay() {
    let mut bench = Bench::with_redb(vec![note()]).await;
    migrate(&bench).await;
    let notes = bench.model("Note").await;
    for (id, title) in [(1, "one"), (2, "two"), (3, "two")] {
        notes
            .create(entity([("id", id.into()), ("title", title.into())]))
            .await
            .unwrap();
    }
    assert!(plan(&bench).await.is_empty());
    bench.runtime.shut_down().await.unwrap();

    bench.runtime = Bench::redb(bench.folder.path(), vec![note().index(&["title"], false)]);
    let plan = plan(&bench).await;
    let kinds: Vec<_> = plan.steps().iter().map(|step| step.kind.as_str()).collect();
    assert_eq!(kinds, ["create-index"], "{plan:?}");
    assert_eq!(plan.destructive().count(), 0);
    let left = bench
        .runtime
        .apply_schema(&plan, consent(&plan))
        .await
        .unwrap();
    assert!(left.is_empty());
    // What was consented to is done: this is another plan, of nothing.
    let again = bench.runtime.apply_schema(&plan, consent(&plan)).await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Conflict);
    let notes = bench.model("Note").await;
    let two = Filter::equal("title", "two");
    assert_eq!(notes.count(two).await.unwrap(), 2);
    bench.shut_down().await;
}

#[tokio::test]
async fn collections_are_found_described_and_dropped_by_consent() {
    let bench = Bench::with_redb(vec![note()]).await;
    migrate(&bench).await;
    let notes = bench.model("Note").await;
    notes.create(entity([("id", 1.into())])).await.unwrap();
    let source = source(&bench).await;
    let collections = source.collections().await.unwrap();
    let names: Vec<String> = collections.into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["Note"]);
    let discovered = source.discover(&names).await.unwrap();
    let described: Vec<_> = discovered[0].properties.iter().map(|p| &p.name).collect();
    assert!(described.contains(&&"title".to_owned()), "{discovered:?}");
    let error = source.discover(&["Nowhere".to_owned()]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");

    let refused = bench.runtime.drop_model("Note", false).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    assert_eq!(notes.count(Filter::all()).await.unwrap(), 1);
    bench.runtime.drop_model("Note", true).await.unwrap();
    bench.runtime.drop_model("Note", true).await.unwrap();
    assert_eq!(notes.count(Filter::all()).await.unwrap(), 0);
    bench.shut_down().await;
}

#[tokio::test]
async fn memory_has_what_its_models_say() {
    let bench = Bench::with_memory(vec![note().index(&["title"], false)]).await;
    migrate(&bench).await;
    let notes = bench.model("Note").await;
    notes.create(entity([("id", 1.into())])).await.unwrap();
    assert!(plan(&bench).await.is_empty());
    bench.runtime.drop_model("Note", true).await.unwrap();
    assert_eq!(notes.count(Filter::all()).await.unwrap(), 0);
    notes.create(entity([("id", 1.into())])).await.unwrap();
    bench.shut_down().await;
}

#[tokio::test]
async fn a_step_that_can_lose_data_needs_a_word_of_its_own() {
    let bench = evil("sly").await;
    let plan = plan(&bench).await;
    let dangers: Vec<_> = plan
        .steps()
        .iter()
        .map(|step| step.danger.clone())
        .collect();
    assert_eq!(
        dangers,
        [
            Some(Danger::Command("DROP")),
            Some(Danger::UnknownKind),
            None,
            None
        ]
    );
    let error = bench
        .runtime
        .apply_schema(&plan, consent(&plan))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(error.problems().iter().count(), 2, "{error}");
    assert!(error.to_string().contains("DROP"), "{error}");
    assert!(error.to_string().contains("step 2"), "{error}");
    let consent = Consent {
        destructive: true,
        ..consent(&plan)
    };
    let left = bench.runtime.apply_schema(&plan, consent).await.unwrap();
    assert_eq!(left.steps().len(), 4, "what it didn't do is still left");
}

#[tokio::test]
async fn what_is_shown_of_a_plan_steers_no_terminal_and_tells_no_secret() {
    let bench = evil("sly").await;
    let plan = plan(&bench).await;
    for step in plan.steps() {
        let shown = format!("{step} {}", step.commands.join(""));
        assert!(!shown.contains("correct horse"), "{shown}");
        assert!(
            !shown.contains(|c: char| c.is_control() && c != '\n'),
            "{shown:?}"
        );
    }
    assert!(plan.steps()[3].description.contains("login as [secret]"));
    assert!(
        plan.steps()[0].commands[0].contains("\nDROP"),
        "a line break keeps a comment from hiding what follows it"
    );
}

#[tokio::test]
async fn a_plan_that_has_changed_is_not_applied() {
    let bench = evil("restless").await;
    let plan = plan(&bench).await;
    let error = bench
        .runtime
        .apply_schema(&plan, consent(&plan))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}

#[tokio::test]
async fn a_plan_for_other_models_has_another_digest() {
    let models = vec![note(), Model::new("Other").key("id", PropertyType::Text)];
    let bench = Bench::new("evil", models, |source, _| source.setting("schema", "late")).await;
    let all = plan(&bench).await;
    let one = bench
        .runtime
        .plan_schema("test", &["Other".to_owned()])
        .await
        .unwrap();
    assert_eq!(one.models(), ["Other"]);
    assert_ne!(all.digest(), one.digest());
    let error = bench
        .runtime
        .apply_schema(&one, consent(&all))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    let error = bench
        .runtime
        .plan_schema("test", &["Othr".to_owned()])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("\"Other\""), "{error}");
}

#[tokio::test]
async fn a_plan_that_nobody_could_read_is_refused() {
    for schema in ["endless", "large"] {
        let bench = evil(schema).await;
        let error = bench.runtime.plan_schema("test", &[]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Backend, "{schema}: {error}");
        assert!(error.to_string().contains("data source test"), "{error}");
    }
}

#[tokio::test]
async fn a_step_that_fails_is_named() {
    let bench = evil("failing").await;
    let plan = plan(&bench).await;
    let error = bench
        .runtime
        .apply_schema(&plan, consent(&plan))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("step 2 of 2, create-index"),
        "{error}"
    );
}

#[tokio::test]
async fn collections_that_cant_be_named_are_refused() {
    let bench = evil("none").await;
    let found = source(&bench).await.collections().await.unwrap();
    assert_eq!(found[0].kind, "table [2J");
    for (schema, asked) in [
        ("sly", "things"),
        ("large", "things"),
        ("restless", "things"),
        ("none", "th\u{1b}ings"),
    ] {
        let bench = evil(schema).await;
        let discovered = source(&bench).await.discover(&[asked.to_owned()]).await;
        let error = discovered.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Backend, "{schema}: {error}");
    }
    for schema in ["sly", "endless"] {
        let bench = evil(schema).await;
        let error = source(&bench).await.collections().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Backend, "{schema}: {error}");
    }
}

#[tokio::test]
async fn a_connector_that_does_not_manage_its_collections_says_so() {
    let bench = Bench::new(
        "hello",
        vec![Model::new("Hello").key("name", PropertyType::Text)],
        |source, _| source,
    )
    .await;
    let error = bench.runtime.plan_schema("test", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let source = bench.runtime.data_source("test").await.unwrap();
    let error = source.collections().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error = bench.runtime.drop_model("Hello", true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
