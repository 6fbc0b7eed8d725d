//! What the tests of several connectors do with tables; included by path.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "each test uses some of it, and fails by it"
)]

use std::fmt::Debug;

use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Crud, Entity, Generation, Index, Limits, Model, Native, Property, PropertyType, Query,
    Reference, Schema, SortKey, Step, Value,
};

/// A connector with all that tests of tables take.
pub trait Tables: Crud + Native + Schema {}

impl<C: Crud + Native + Schema> Tables for C {}

/// A property with nothing but its kind.
pub fn property(name: &str, kind: PropertyType) -> Property {
    Property {
        name: name.to_owned(),
        kind,
        column: None,
        native_type: None,
        key: None,
        generated: Generation::Never,
        required: false,
        length: None,
        scale: None,
        default_value: None,
        settings: None,
    }
}

/// A model with a key that is counted up, and these properties.
pub fn model(name: &str, properties: Vec<Property>) -> Model {
    let mut id = property("id", PropertyType::Integer);
    id.key = Some(1);
    id.generated = Generation::WhenMissing;
    Model {
        name: name.to_owned(),
        collection: None,
        properties: std::iter::once(id).chain(properties).collect(),
        indexes: Vec::new(),
        references: Vec::new(),
        strict: true,
        settings: None,
    }
}

/// An index of properties; one that begins with `-` is descending.
pub fn index(name: &str, on: &[&str], unique: bool) -> Index {
    let part = |name: &&str| SortKey {
        property: name.trim_start_matches('-').to_owned(),
        path: Vec::new(),
        descending: name.starts_with('-'),
    };
    Index {
        name: name.to_owned(),
        properties: on.iter().map(part).collect(),
        unique,
        settings: None,
    }
}

/// A reference of the property of its name to a model's `id`.
pub fn refers(name: &str, to: &str) -> Reference {
    Reference {
        name: name.to_owned(),
        properties: vec![name.to_owned()],
        model: to.to_owned(),
        targets: vec!["id".to_owned()],
        settings: None,
    }
}

/// The kinds of steps.
pub fn kinds(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.kind.as_str()).collect()
}

/// Runs commands without parameters.
pub fn run(connector: &mut impl Tables, commands: &[&str]) {
    for command in commands {
        let ran = connector
            .execute(command, Vec::new())
            .and_then(|mut result| {
                while result.next(100, &Limits::default())?.is_some() {}
                Ok(())
            });
        if let Err(error) = ran {
            panic!("{command}: {error:?}");
        }
    }
}

/// All records of a model.
pub fn all(connector: &mut impl Tables, model: &str) -> Vec<Entity> {
    let mut answer = connector.all(model, Query::default()).unwrap();
    read_all(&mut answer.rows, 100).unwrap()
}

/// Applies what is planned for models, and expects that nothing is left.
pub fn migrate(connector: &mut impl Tables, models: &[Model]) -> Vec<Step> {
    let steps = or_panic(connector.plan(models.to_vec()), "a plan");
    or_panic(connector.apply(steps.clone()), &steps);
    let left = or_panic(connector.plan(models.to_vec()), "the plan again");
    assert_eq!(left, [], "left of {steps:#?}");
    steps
}

/// All collections as models, for which nothing is planned, alone or together, and whose records can be read.
pub fn discovered(connector: &mut impl Tables) -> Vec<Model> {
    let names = connector.collections().unwrap();
    let names: Vec<String> = names.into_iter().map(|found| found.name).collect();
    let models = or_panic(connector.discover(names), "all collections");
    assert_eq!(connector.plan(models.clone()).unwrap(), []);
    for model in &models {
        assert_eq!(
            connector.plan(vec![model.clone()]).unwrap(),
            [],
            "{model:#?}"
        );
        if model
            .properties
            .iter()
            .any(|property| property.key.is_some())
        {
            or_panic(connector.define(model.clone()), model);
            let _ = all(connector, &model.name);
        }
    }
    models
}

/// The model of a collection.
pub fn find<'a>(models: &'a [Model], name: &str) -> &'a Model {
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let mut models = models.iter();
    match models.find(|model| model.name == name) {
        Some(model) => model,
        None => panic!("no {name} in {names:?}"),
    }
}

/// The property of a model.
pub fn of<'a>(model: &'a Model, name: &str) -> &'a Property {
    let mut properties = model.properties.iter();
    match properties.find(|property| property.name == name) {
        Some(property) => property,
        None => panic!("no {name} in {model:#?}"),
    }
}

/// A model with defaults of all kinds that have some, and such texts as would be worst in the wrong place.
pub fn with_defaults() -> Model {
    let hostile = [
        "'); DROP TABLE Thing; --",
        "\\'; DELETE FROM Thing; --",
        "\\",
        "\\\\'",
        "''",
        "\"`]$1 ? %s :x",
        "a\n\r\tb",
        "größe 🦀",
        "",
        "1",
        "NULL",
        "now()",
        "$$",
    ];
    let properties = hostile.iter().enumerate().map(|(number, text)| Property {
        default_value: Some(Value::Text((*text).to_owned())),
        length: (number % 2 == 0).then_some(40),
        ..property(&format!("p{number}"), PropertyType::Text)
    });
    let mut properties: Vec<_> = properties.collect();
    for (name, kind, value) in [
        ("yes", PropertyType::Boolean, Value::Boolean(true)),
        ("least", PropertyType::Integer, Value::Integer(i64::MIN)),
        ("tiny", PropertyType::Float, Value::Float(-1.5e-300)),
        (
            "exact",
            PropertyType::Decimal,
            Value::Decimal("-0.10".into()),
        ),
        (
            "at",
            PropertyType::Timestamp,
            Value::Timestamp(1_700_000_000_123_456),
        ),
        ("day", PropertyType::Date, Value::Text("2026-11-20".into())),
        ("time", PropertyType::Time, Value::Text("23:59:59".into())),
        (
            "raw",
            PropertyType::Bytes,
            Value::Bytes(b"'\0\\\xff".to_vec()),
        ),
        (
            "tree",
            PropertyType::Json,
            Value::Json(r#"{"it's":"\\"}"#.into()),
        ),
        (
            "own",
            PropertyType::Uuid,
            Value::Text("00112233-4455-6677-8899-aabbccddeeff".into()),
        ),
    ] {
        properties.push(Property {
            default_value: Some(value),
            scale: (kind == PropertyType::Decimal).then_some(2),
            length: (kind == PropertyType::Decimal).then_some(10),
            ..property(name, kind)
        });
    }
    model("Thing", properties)
}

/// Made, filled with defaults and discovered, a model has the same values.
pub fn keeps_defaults(connector: &mut impl Tables, insert: &str) {
    let thing = with_defaults();
    migrate(connector, std::slice::from_ref(&thing));
    run(connector, &[insert]);
    connector.define(thing.clone()).unwrap();
    let records = all(connector, "Thing");
    let same = |is: Option<&Value>, wanted: &Option<Value>| match (is, wanted) {
        (Some(Value::Json(is)), Some(Value::Json(wanted))) => {
            is.replace(' ', "") == wanted.replace(' ', "")
        }
        (Some(Value::Decimal(is)), Some(Value::Decimal(wanted))) => {
            is.trim_end_matches('0') == wanted.trim_end_matches('0')
        }
        (is, wanted) => is == wanted.as_ref(),
    };
    let found = connector.discover(vec!["Thing".into()]).unwrap();
    for (property, found) in thing.properties.iter().zip(&found[0].properties).skip(1) {
        let is = records[0].get(&property.name);
        assert!(same(is, &property.default_value), "{is:?}: {property:?}");
        let is = found.default_value.as_ref();
        assert!(same(is, &property.default_value), "{found:?}: {property:?}");
    }
}

/// The value, or a failure that shows what it was about.
pub fn or_panic<T>(result: tenon_sdk::Result<T>, about: impl Debug) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error:?}, of {about:#?}"),
    }
}
