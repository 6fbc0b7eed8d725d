//! Writes on a real SQLite, step by step against a list of records.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so"
)]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use support::connector;
use tenon_model::{Comparison, Filter, Index, Model, Property};
use tenon_sdk::testing::{Reference, read_all};
use tenon_sdk::{
    Connector, Crud, Entity, ErrorKind, Generation, Key, PropertyType, Query, Result, SortKey,
    TransactionOptions, Transactions, Upsert, Value,
};

/// Two properties in the key, a unique index, and names that would do harm within a statement.
fn model() -> tenon_sdk::Model {
    let sort = |name: &str| SortKey {
        property: name.to_owned(),
        path: Vec::new(),
        descending: false,
    };
    let mut model = Model::new("Thing")
        .key("first", PropertyType::Integer)
        .key("\"second\"; --", PropertyType::Text)
        .property(Property::new("email", PropertyType::Text))
        .property(Property::new("number", PropertyType::Integer));
    model.indexes = vec![Index {
        name: "email".to_owned(),
        properties: vec![sort("email")],
        unique: true,
        settings: None,
    }];
    model.to_contract()
}

#[derive(Clone, Debug)]
enum Step {
    Create(Entity),
    CreateAll(Vec<Entity>),
    Save(Entity),
    UpdateAttributes(Key, Entity),
    Update(i64, Entity),
    Destroy(Key),
    DestroyAll(i64),
    UpdateOrCreate(bool, Entity),
    ReplaceOrCreate(bool, Entity),
    Begin,
    Commit,
    Rollback,
}

/// What a step came to, as far as two connectors must agree.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    Number(u64),
    Record(Entity, bool),
    Failed(ErrorKind),
}

fn key() -> impl Strategy<Value = (i64, &'static str)> {
    (0..3_i64, select(vec!["a", "A", "'; --"]))
}

fn record() -> impl Strategy<Value = Entity> {
    let email = proptest::option::of(select(vec!["x", "y", "z"]));
    (key(), email, proptest::option::of(0..4_i64)).prop_map(|((first, second), email, number)| {
        Entity::new()
            .with("first", first)
            .with("\"second\"; --", second)
            .with("email", email)
            .with("number", number)
    })
}

fn change() -> impl Strategy<Value = Entity> {
    prop_oneof![
        Just(Entity::new()),
        (0..4_i64).prop_map(|number| Entity::new().with("number", number)),
        select(vec!["x", "y"]).prop_map(|email| Entity::new().with("email", email)),
    ]
}

fn id() -> impl Strategy<Value = Key> {
    key().prop_map(|(first, second)| Key::composite([first.into(), second.into()]))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => record().prop_map(Step::Create),
        2 => vec(record(), 0..5).prop_map(Step::CreateAll),
        2 => record().prop_map(Step::Save),
        2 => (id(), change()).prop_map(|(id, data)| Step::UpdateAttributes(id, data)),
        1 => (0..4_i64, change()).prop_map(|(number, data)| Step::Update(number, data)),
        1 => id().prop_map(Step::Destroy),
        1 => (0..4_i64).prop_map(Step::DestroyAll),
        4 => (any::<bool>(), record()).prop_map(|(by_key, data)| Step::UpdateOrCreate(by_key, data)),
        3 => (any::<bool>(), record()).prop_map(|(by_key, data)| Step::ReplaceOrCreate(by_key, data)),
        1 => Just(Step::Begin),
        1 => Just(Step::Commit),
        1 => Just(Step::Rollback),
    ]
}

fn by(by_key: bool) -> Vec<String> {
    if by_key {
        vec!["\"second\"; --".to_owned(), "first".to_owned()]
    } else {
        vec!["email".to_owned()]
    }
}

fn at_most(number: i64) -> tenon_sdk::Filter {
    Filter::compare("number", Comparison::Less, number).to_nodes()
}

fn take<C: Upsert + Transactions>(connector: &mut C, step: &Step) -> Outcome {
    let model = "Thing";
    let upserted = |result: Result<tenon_sdk::Outcome>| {
        result.map(|outcome| Outcome::Record(sorted(outcome.entity), outcome.created))
    };
    let result = match step.clone() {
        Step::Create(data) => connector.create(model, data).map(|_| Outcome::Done),
        Step::CreateAll(data) => connector.create_all(model, data).map(|_| Outcome::Done),
        Step::Save(data) => connector.save(model, data).map(|_| Outcome::Done),
        Step::UpdateAttributes(id, data) => connector
            .update_attributes(model, id, data)
            .map(|_| Outcome::Done),
        Step::Update(number, data) => connector
            .update(model, at_most(number), data)
            .map(Outcome::Number),
        Step::Destroy(id) => connector
            .destroy(model, id)
            .map(|done| Outcome::Number(done.into())),
        Step::DestroyAll(number) => connector
            .destroy_all(model, at_most(number))
            .map(Outcome::Number),
        Step::UpdateOrCreate(by_key, data) => {
            upserted(connector.update_or_create(model, &by(by_key), data))
        }
        Step::ReplaceOrCreate(by_key, data) => {
            upserted(connector.replace_or_create(model, &by(by_key), data))
        }
        Step::Begin => connector
            .begin(TransactionOptions::default())
            .map(|()| Outcome::Done),
        Step::Commit => connector.commit().map(|()| Outcome::Done),
        Step::Rollback => connector.rollback().map(|()| Outcome::Done),
    };
    result.unwrap_or_else(|error| Outcome::Failed(error.kind))
}

fn sorted(entity: Entity) -> Entity {
    let mut pairs: Vec<_> = entity.into_iter().collect();
    pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
    pairs.into_iter().collect()
}

fn everything(connector: &mut impl Crud) -> Vec<Entity> {
    let query = tenon_model::Query::new()
        .ascending("first")
        .ascending("\"second\"; --");
    let mut answer = connector.all("Thing", query.to_contract()).unwrap();
    let rows = read_all(&mut answer.rows, 100).unwrap();
    rows.into_iter().map(sorted).collect()
}

/// Whether a step has no meaning where the data have no value to find the record by.
fn finds_by_null(step: &Step) -> bool {
    match step {
        Step::UpdateOrCreate(false, data) | Step::ReplaceOrCreate(false, data) => {
            data.get("email").unwrap().is_null()
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn writes_are_those_of_a_list_of_records(steps in vec(step(), 1..30)) {
        let (mut sql, log) = connector(&model());
        let mut reference = Reference::default();
        reference.define(model()).unwrap();
        for step in &steps {
            log.borrow_mut().clear();
            let open = reference.is_in_transaction();
            let wrong_moment = match step {
                Step::Begin => open,
                Step::Commit | Step::Rollback => !open,
                _ => false,
            };
            if wrong_moment {
                continue;
            }
            if finds_by_null(step) {
                let refused = take(&mut sql, step);
                prop_assert_eq!(refused, Outcome::Failed(ErrorKind::Unsupported));
                continue;
            }
            let wanted = take(&mut reference, step);
            let seen = take(&mut sql, step);
            prop_assert_eq!(&seen, &wanted, "{:#?}\n{:#?}", step, log.borrow());
        }
        prop_assert_eq!(everything(&mut sql), everything(&mut reference));
    }
}

#[test]
fn what_the_backend_makes_comes_back() {
    let mut model = Model::new("Made")
        .property(Property::new("name", PropertyType::Text))
        .to_contract();
    let mut id = Property::new("id", PropertyType::Integer).to_contract();
    id.key = Some(1);
    id.generated = Generation::WhenMissing;
    model.properties.insert(0, id);
    let (mut sql, _) = connector(&model);
    let made = sql.create("Made", Entity::new().with("name", "a")).unwrap();
    assert_eq!(made, Entity::new().with("id", 1));
    let null_id = Entity::new().with("id", Value::Null).with("name", "b");
    assert_eq!(
        sql.create("Made", null_id).unwrap(),
        Entity::new().with("id", 2)
    );
    let many = vec![Entity::new().with("name", "c"); 2_500];
    let made = sql.create_all("Made", many).unwrap();
    let ids: Vec<Value> = made
        .iter()
        .map(|made| made.get("id").unwrap().clone())
        .collect();
    assert_eq!(ids, (3..2_503).map(Value::Integer).collect::<Vec<_>>());
    assert_eq!(
        sql.create("Made", Entity::new()).unwrap().get("id"),
        Some(&2_503.into())
    );
}

#[test]
fn all_are_stored_or_none_and_the_error_says_which() {
    let (mut sql, log) = connector(&model());
    let record = |first: i64| {
        Entity::new()
            .with("first", first)
            .with("\"second\"; --", "a")
            .with("email", Value::Null)
            .with("number", 1)
    };
    sql.create("Thing", record(1_500)).unwrap();
    let many: Vec<Entity> = (0..2_000).map(record).collect();
    for in_transaction in [false, true] {
        if in_transaction {
            sql.begin(TransactionOptions::default()).unwrap();
        }
        log.borrow_mut().clear();
        let error = sql
            .create_all("Thing", many.clone())
            .unwrap_err()
            .into_contract();
        assert_eq!(error.kind, ErrorKind::Duplicate, "{error}");
        assert_eq!(error.detail("index"), Some("1500"), "{:#?}", log.borrow());
        assert_eq!(sql.count("Thing", Vec::new()).unwrap(), 1);
    }
    sql.create_all("Thing", many[..1_500].to_vec()).unwrap();
    sql.commit().unwrap();
    assert_eq!(sql.count("Thing", Vec::new()).unwrap(), 1_501);
}

#[test]
fn what_has_no_meaning_is_refused() {
    let (mut sql, _) = connector(&model());
    let kind = |result: Result<Entity>| result.unwrap_err().kind;
    let stray = Entity::new().with("x\" = 1; --", 1);
    assert_eq!(kind(sql.create("Thing", stray.clone())), ErrorKind::Invalid);
    let id = Key::composite([1.into(), "a".into()]);
    assert_eq!(
        kind(sql.update_attributes("Thing", id.clone(), stray)),
        ErrorKind::Invalid
    );
    let new_key = Entity::new().with("first", 2);
    assert_eq!(
        kind(sql.update_attributes("Thing", id.clone(), new_key)),
        ErrorKind::Invalid
    );
    let nothing = Entity::new();
    assert_eq!(
        kind(sql.update_attributes("Thing", id, nothing)),
        ErrorKind::NotFound
    );
    let short = sql.find("Thing", Key::from(1)).unwrap_err();
    assert_eq!(short.kind, ErrorKind::Invalid);
    let unknown = sql.all("Other", Query::default()).map(|_| ()).unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::Invalid);
}
