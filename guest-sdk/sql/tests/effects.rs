//! What an error says has become of the records, and what is left of the session.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

#[path = "support/recorder.rs"]
mod recorder;

use recorder::{Backend, Recorder};
use tenon_model::{Model, Property};
use tenon_sdk::{
    Aftermath, Connector, Crud, Effect, Entity, Generation, Key, Limits, NoSettings, PropertyType,
    Schema, Step, TransactionOptions, Transactions, Upsert,
};
use tenon_sql::dialects::{MySql, MySqlFlavour, Postgres};
use tenon_sql::{Description, Sql, TableName};

struct OnMySql;

impl Backend for OnMySql {
    type Dialect = MySql;

    fn dialect() -> MySql {
        MySql {
            flavour: MySqlFlavour::MySql,
        }
    }

    fn describe(_: &TableName) -> Option<Description> {
        None
    }
}

struct OnPostgres;

impl Backend for OnPostgres {
    type Dialect = Postgres;

    fn dialect() -> Postgres {
        Postgres
    }

    fn describe(_: &TableName) -> Option<Description> {
        None
    }
}

/// A connector whose statements fail that begin so.
fn connector<B: Backend>(failing: Option<&'static str>) -> Sql<Recorder<B>> {
    let mut id = Property::new("id", PropertyType::Integer);
    id.key = Some(1);
    id.generated = Generation::WhenMissing;
    let model = Model::new("Thing")
        .property(id)
        .property(Property::new("number", PropertyType::Integer));
    let mut sql = Sql::<Recorder<B>>::initialize(NoSettings {}, &Limits::default()).unwrap();
    sql.define(model.to_contract()).unwrap();
    sql.driver().failing = failing;
    sql
}

/// The first word of each statement.
fn words<B: Backend>(sql: &mut Sql<Recorder<B>>) -> Vec<String> {
    let log = sql.driver().log.borrow();
    let words = log.iter().map(|statement| {
        let mut words = statement.text.split(' ');
        words.next().unwrap().to_owned()
    });
    words.collect()
}

fn number() -> Entity {
    Entity::new().with("number", 1)
}

#[test]
fn what_was_written_and_could_not_be_read_again_is_unknown() {
    let mut sql = connector::<OnMySql>(Some("SELECT"));
    let failed = sql
        .update_attributes("Thing", Key::from(1), number())
        .unwrap_err();
    assert_eq!(failed.effect, Effect::Unknown);
    let by = ["id".to_owned()];
    let data = number().with("id", 1);
    let failed = sql
        .update_or_create("Thing", &by, data.clone())
        .unwrap_err();
    assert_eq!(failed.effect, Effect::Unknown);
    assert_eq!(words(&mut sql), ["UPDATE", "SELECT", "UPDATE", "SELECT"]);

    // A transaction can still undo it.
    sql.begin(TransactionOptions::default()).unwrap();
    let failed = sql.update_or_create("Thing", &by, data).unwrap_err();
    assert_eq!(failed.effect, Effect::Nothing);
}

#[test]
fn nothing_is_stored_where_the_keys_could_not_be_told() {
    let mut sql = connector::<OnMySql>(Some("SELECT @@"));
    let failed = sql
        .create_all("Thing", vec![number(), number()])
        .unwrap_err();
    assert_eq!(failed.effect, Effect::Nothing);
    assert_eq!(words(&mut sql), ["SELECT"]);
}

#[test]
fn records_that_did_not_all_come_back_are_unknown() {
    let mut sql = connector::<OnPostgres>(None);
    let data = vec![number(), number()];
    let failed = sql.create_all("Thing", data.clone()).unwrap_err();
    assert_eq!(failed.effect, Effect::Unknown);
    sql.begin(TransactionOptions::default()).unwrap();
    let failed = sql.create_all("Thing", data).unwrap_err();
    assert_eq!(failed.effect, Effect::Nothing);
}

#[test]
fn changes_whose_commit_fails_are_rolled_back() {
    let mut sql = connector::<OnPostgres>(Some("COMMIT"));
    let step = Step {
        kind: "drop-index".to_owned(),
        collection: "Thing".to_owned(),
        name: None,
        description: String::new(),
        commands: vec!["DROP INDEX one".to_owned()],
        destructive: false,
    };
    let failed = sql.apply(vec![step]).unwrap_err();
    assert_eq!(failed.aftermath, Aftermath::Usable);
    assert_eq!(words(&mut sql), ["BEGIN", "DROP", "COMMIT", "ROLLBACK"]);
}
