//! Tables by plans, and models of tables that somebody else has made.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;
#[path = "../../../guest-sdk/sql/tests/tables/mod.rs"]
mod tables;

use common::{connect, open, server};
use tables::{
    all, find, index, keeps_defaults, kinds, migrate, model, of, property, refers, run,
    with_defaults,
};
use tenon_postgres::{Postgres, Settings};
use tenon_sdk::{
    Connector, Effect, ErrorKind, Generation, Property, PropertyType, Reference, Schema, Value,
};

/// A session with a schema that has no tables; none where PostgreSQL isn't installed.
fn empty() -> Option<(Postgres, Settings)> {
    Some(connect(server()?))
}

/// The collections of the session's own schema; other tests have theirs beside it.
fn own(postgres: &mut Postgres) -> Vec<String> {
    let collections = postgres.collections().unwrap().into_iter();
    let names = collections.map(|collection| collection.name);
    let is_own = |name: &String| name.starts_with('"') || !name.contains('.');
    names.filter(is_own).collect()
}

#[test]
fn tables_of_somebody_elses_are_models_that_need_no_change() {
    let Some((mut postgres, _)) = empty() else {
        return;
    };
    run(
        &mut postgres,
        &[
            "CREATE TYPE \"Mood\" AS ENUM ('happy', 'it''s')",
            "CREATE TABLE \"odd \"\"table\"\".name; --\" (\"select\" serial PRIMARY KEY, \"a.b\" varchar(40) NOT NULL DEFAULT \
             'it''s', \"größe\" decimal(10,2) DEFAULT 1.5, mood \"Mood\" DEFAULT 'happy', note text COLLATE \"en-x-icu\", \
             made timestamptz DEFAULT now(), flag bool DEFAULT true, tree jsonb DEFAULT '{}', raw bytea DEFAULT '\\x00ff', \
             list int[] DEFAULT '{1,2}', span interval DEFAULT '1 day', address inet, place point, at timestamp(3), \
             own uuid DEFAULT gen_random_uuid(), code char(3), \" \" int, UNIQUE (\"a.b\", flag))",
            "CREATE TABLE part (maker text, number int, made date, PRIMARY KEY (number, maker))",
            "CREATE TABLE stock (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number int, maker text, twin bigint \
             REFERENCES stock, amount int NOT NULL DEFAULT 0 CHECK (amount >= 0), twice int GENERATED ALWAYS AS (amount * 2) \
             STORED, CONSTRAINT parts FOREIGN KEY (number, maker) REFERENCES part (number, maker) ON DELETE CASCADE ON UPDATE \
             SET NULL)",
            "CREATE INDEX stock_made ON stock (maker, amount DESC)",
            "CREATE INDEX stock_some ON stock (maker) WHERE amount > 0",
            "CREATE INDEX stock_lower ON stock (lower(maker))",
            "CREATE INDEX stock_tree ON \"odd \"\"table\"\".name; --\" USING gin (tree)",
            "CREATE TABLE bare (a int, b text)",
            "CREATE TABLE unique_only (code varchar(10) NOT NULL UNIQUE, x text)",
            "CREATE TABLE json_key (doc jsonb PRIMARY KEY, x text)",
            "CREATE VIEW rich AS SELECT maker, sum(amount) AS total FROM stock GROUP BY maker",
            "CREATE MATERIALIZED VIEW richer AS SELECT * FROM stock",
            "INSERT INTO stock (amount) VALUES (1)",
        ],
    );
    let names = own(&mut postgres);
    let models = postgres.discover(names).unwrap();
    assert_eq!(postgres.plan(models.clone()).unwrap(), []);
    for model in &models {
        assert_eq!(
            postgres.plan(vec![model.clone()]).unwrap(),
            [],
            "{model:#?}"
        );
        if model
            .properties
            .iter()
            .any(|property| property.key.is_some())
        {
            postgres.define(model.clone()).unwrap();
            let _ = all(&mut postgres, &model.name);
        }
    }
    let odd = find(&models, "\"odd \"\"table\"\".name; --\"");
    let select = of(odd, "select");
    assert_eq!((select.kind, select.key), (PropertyType::Integer, Some(1)));
    assert_eq!(select.generated, Generation::WhenMissing);
    assert_eq!(
        of(odd, "a.b").default_value,
        Some(Value::Text("it's".into()))
    );
    assert_eq!(of(odd, "a.b").length, Some(40));
    let decimal = of(odd, "größe");
    assert_eq!((decimal.length, decimal.scale), (Some(10), Some(2)));
    assert_eq!(decimal.default_value, Some(Value::Decimal("1.5".into())));
    let mood = of(odd, "mood");
    assert_eq!(mood.kind, PropertyType::Text);
    assert_eq!(mood.default_value, Some(Value::Text("happy".into())));
    let settings = mood.settings.clone().unwrap();
    assert!(
        settings.contains(r#""labels":["happy","it's"]"#),
        "{settings}"
    );
    assert_eq!(of(odd, "made").generated, Generation::WhenMissing);
    assert_eq!(
        of(odd, "raw").default_value,
        Some(Value::Bytes(vec![0, 255]))
    );
    assert_eq!(of(odd, "list").kind, PropertyType::Json);
    assert_eq!(of(odd, "column 17").column.as_deref(), Some(" "));
    let stock = find(&models, "stock");
    assert_eq!(of(stock, "id").generated, Generation::Always);
    assert_eq!(of(stock, "twice").generated, Generation::Always);
    assert_eq!(stock.references.len(), 2);
    assert_eq!(
        stock.indexes.len(),
        1,
        "what no model can say is left out: {stock:#?}"
    );
    assert_eq!(of(find(&models, "unique_only"), "code").key, Some(1));
    assert_eq!(of(find(&models, "json_key"), "doc").kind, PropertyType::Any);
}

#[test]
fn tables_are_changed_in_place_and_their_records_stay() {
    let Some((mut postgres, _)) = empty() else {
        return;
    };
    let mut owner = model("Owner", vec![property("name", PropertyType::Text)]);
    owner.properties[0].generated = Generation::Never;
    let mut pet = model(
        "Pet",
        vec![
            property("name", PropertyType::Text),
            property("owner", PropertyType::Integer),
        ],
    );
    pet.references = vec![Reference {
        settings: Some(r#"{"on-delete": "cascade"}"#.into()),
        ..refers("owner", "Owner")
    }];
    let steps = migrate(&mut postgres, &[pet.clone(), owner.clone()]);
    assert_eq!(
        kinds(&steps),
        ["create-collection", "create-collection", "add-reference"]
    );
    run(
        &mut postgres,
        &[
            "INSERT INTO \"Owner\" VALUES (7, 'Ann'), (8, '12')",
            "INSERT INTO \"Pet\" (name, owner) VALUES ('Rex', 7), ('Tom', 8)",
        ],
    );
    owner.properties[0].generated = Generation::WhenMissing;
    owner.properties[1].required = true;
    owner.properties[1].length = Some(30);
    owner.properties[1].native_type = Some("varchar(30)".into());
    owner.properties[1].default_value = Some(Value::Text("no\\body".into()));
    owner
        .properties
        .push(property("age", PropertyType::Integer));
    owner.indexes = vec![index("name", &["name", "-age"], true)];
    let steps = migrate(&mut postgres, &[pet.clone(), owner.clone()]);
    assert_eq!(
        kinds(&steps),
        ["alter-column", "alter-column", "add-column", "create-index"]
    );
    run(&mut postgres, &["INSERT INTO \"Owner\" (age) VALUES (3)"]);
    postgres.define(owner.clone()).unwrap();
    let owners = all(&mut postgres, "Owner");
    let new = owners
        .iter()
        .find(|owner| owner.get("age") == Some(&Value::Integer(3)))
        .unwrap();
    assert_eq!(new.get("name"), Some(&Value::Text("no\\body".into())));
    assert_eq!(
        new.get("id"),
        Some(&Value::Integer(9)),
        "it counts on behind what was there"
    );
    // What it does is another now, and then it goes.
    pet.references[0].settings = Some(r#"{"onDelete": "SET NULL"}"#.into());
    let steps = migrate(&mut postgres, &[pet.clone(), owner.clone()]);
    assert_eq!(kinds(&steps), ["drop-reference", "add-reference"]);
    pet.references.clear();
    pet.properties[1].default_value = Some(Value::Text("0".into()));
    migrate(&mut postgres, &[pet.clone(), owner.clone()]);
    pet.properties[1].kind = PropertyType::Json;
    pet.properties[1].default_value = Some(Value::Json("[]".into()));
    owner.indexes = vec![index("name", &["name"], false)];
    owner.properties.pop();
    let error = postgres
        .plan(vec![pet.clone(), owner.clone()])
        .and_then(|steps| postgres.apply(steps));
    let error = error.unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Invalid,
        "`Rex` is no JSON: {error:?}"
    );
    assert_eq!(error.effect, Effect::Nothing);
    assert!(
        error.details.iter().any(|(name, _)| name == "index"),
        "{error:?}"
    );
    assert_eq!(
        all(&mut postgres, "Owner").len(),
        3,
        "nothing is done of it, and the session goes on"
    );
    run(&mut postgres, &["UPDATE \"Pet\" SET name = '{}'"]);
    let steps = migrate(&mut postgres, &[pet, owner]);
    assert_eq!(
        kinds(&steps),
        ["alter-column", "drop-index", "drop-column", "create-index"]
    );
    assert!(steps[0].destructive && steps[2].destructive, "{steps:#?}");
}

#[test]
fn a_default_is_the_value_that_it_was_whatever_is_in_it() {
    let insert = "INSERT INTO \"Thing\" DEFAULT VALUES";
    let Some((mut postgres, settings)) = empty() else {
        return;
    };
    keeps_defaults(&mut postgres, insert);
    run(&mut postgres, &["DROP TABLE \"Thing\""]);
    // A backslash means something else in a session of this kind, and the same in what was made by it.
    let mut postgres = open(&settings).unwrap();
    run(&mut postgres, &["SET standard_conforming_strings = off"]);
    let steps = postgres.plan(vec![with_defaults()]).unwrap();
    postgres.apply(steps).unwrap();
    run(&mut postgres, &["SET standard_conforming_strings = on"]);
    keeps_defaults(&mut postgres, insert);
}

#[test]
fn values_are_made_by_the_server_where_none_is_given() {
    let Some((mut postgres, _)) = empty() else {
        return;
    };
    let made = |name: &str, kind| Property {
        generated: Generation::WhenMissing,
        ..property(name, kind)
    };
    let mut thing = model("Thing", vec![made("at", PropertyType::Timestamp)]);
    thing.properties[0].kind = PropertyType::Uuid;
    migrate(&mut postgres, std::slice::from_ref(&thing));
    run(&mut postgres, &["INSERT INTO \"Thing\" DEFAULT VALUES"]);
    postgres.define(thing).unwrap();
    let records = all(&mut postgres, "Thing");
    let Some(Value::Text(id)) = records[0].get("id") else {
        panic!("{records:?}")
    };
    assert_eq!(id.len(), 36, "{id}");
    assert!(matches!(records[0].get("at"), Some(Value::Timestamp(_))));
    let float = model("Float", vec![made("x", PropertyType::Float)]);
    let error = postgres.plan(vec![float]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("under `default`"), "{error}");
}

#[test]
fn names_that_the_server_would_cut_are_refused_with_the_reason() {
    let Some((mut postgres, _)) = empty() else {
        return;
    };
    let long = "ü".repeat(32);
    for model in [
        model(&long, vec![]),
        model("Thing", vec![property(&long, PropertyType::Text)]),
    ] {
        let error = postgres.plan(vec![model]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
        assert!(error.message.contains("63 bytes"), "{error}");
    }
    let mut odd = model(
        &"x".repeat(63),
        vec![property("order by \"x\"; --", PropertyType::Text)],
    );
    odd.indexes = vec![
        index("one", &["order by \"x\"; --"], false),
        index("two", &["order by \"x\"; --", "id"], true),
    ];
    let mut other = model("b", vec![property("twin", PropertyType::Integer)]);
    other.references = vec![refers("twin", &odd.name)];
    migrate(&mut postgres, &[odd.clone(), other.clone()]);
    let models = postgres
        .discover(vec![odd.name.clone(), "b".into()])
        .unwrap();
    assert_eq!(postgres.plan(models).unwrap(), []);
    postgres.define(odd.clone()).unwrap();
    postgres.define(other).unwrap();
    let error = postgres.drop(&odd.name).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Constraint, "{error:?}");
    postgres.drop("b").unwrap();
    postgres.drop(&odd.name).unwrap();
    postgres.drop(&odd.name).unwrap();
    assert_eq!(own(&mut postgres), [""; 0]);
}

#[test]
fn tables_of_other_schemas_are_planned_and_referred_to() {
    let Some((mut postgres, settings)) = empty() else {
        return;
    };
    let schema = &settings.search_path[0];
    server()
        .unwrap()
        .sql(&format!(
            "create schema \"{schema}.x\" authorization {}",
            server().unwrap().user()
        ))
        .unwrap();
    let mut owner = model("Owner", vec![]);
    owner.collection = Some(format!("\"{schema}.x\".\"Owner\""));
    let mut pet = model("Pet", vec![property("owner", PropertyType::Integer)]);
    pet.collection = Some(format!("{schema}.Pet"));
    pet.references = vec![refers("owner", "Owner")];
    migrate(&mut postgres, &[pet.clone(), owner]);
    let found = postgres.discover(vec!["Pet".into()]).unwrap();
    assert_eq!(
        found[0].references[0].model,
        format!("\"{schema}.x\".Owner")
    );
    assert_eq!(postgres.plan(found).unwrap(), []);
    let mut toy = model("Toy", vec![property("pet", PropertyType::Integer)]);
    toy.references = vec![refers("pet", "Pet")];
    migrate(&mut postgres, &[toy, pet]);
}
