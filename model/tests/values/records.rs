//! Records against their model.

use tenon_model::{
    DefaultValue, Entity, Generation, Model, Problems, Property, PropertyType, Relation, Value,
};

fn airport() -> Model {
    let mut name = Property::new("name", PropertyType::Text).required();
    name.length = Some(10);
    let mut fee = Property::new("fee", PropertyType::Decimal);
    fee.length = Some(5);
    fee.scale = Some(2);
    let mut revision = Property::new("revision", PropertyType::Integer);
    revision.generated = Generation::Always;
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(name)
        .property(
            Property::new("runways", PropertyType::Integer).default(DefaultValue::Value(1.into())),
        )
        .property(fee)
        .property(Property::new("since", PropertyType::Timestamp).default(DefaultValue::Now))
        .property(revision)
}

/// A log with a key that the backend makes.
fn log() -> Model {
    let mut log = Model::new("Log")
        .key("id", PropertyType::Integer)
        .property(Property::new("line", PropertyType::Text));
    log.properties[0].generated = Generation::WhenMissing;
    log
}

fn no_fill(default: &DefaultValue) -> Value {
    panic!("{default:?} was asked for")
}

fn messages(problems: &Problems) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn assert_problems<T: std::fmt::Debug>(result: Result<T, Problems>, expected: &[(&str, &str)]) {
    let problems = result.unwrap_err();
    assert_eq!(problems.iter().count(), expected.len(), "{problems}");
    for (place, hint) in expected {
        let found = problems
            .iter()
            .any(|problem| problem.place == *place && problem.message.contains(hint));
        assert!(found, "no {hint} at {place} in {:?}", messages(&problems));
    }
}

#[test]
fn a_new_record_is_coerced_filled_and_put_in_order() {
    let given = Entity::new()
        .with("name", "Tegel")
        .with("fee", 12)
        .with("iata", "TXL");
    let record = airport()
        .new_record(given, &mut |_| Value::Timestamp(5))
        .unwrap();
    let expected = Entity::new()
        .with("iata", "TXL")
        .with("name", "Tegel")
        .with("runways", 1)
        .with("fee", Value::Decimal("12".to_owned()))
        .with("since", Value::Timestamp(5));
    assert_eq!(record, expected);
}

#[test]
fn a_given_null_is_not_replaced_by_the_default() {
    let given = Entity::new()
        .with("iata", "TXL")
        .with("name", "Tegel")
        .with("runways", Value::Null)
        .with("since", Value::Null);
    let record = airport().new_record(given, &mut no_fill).unwrap();
    assert_eq!(record.get("runways"), Some(&Value::Null));
}

#[test]
fn all_mistakes_of_a_new_record_come_at_once() {
    let given = Entity::from(vec![
        ("nmae".to_owned(), "Tegel".into()),
        ("runways".to_owned(), "two".into()),
        ("fee".to_owned(), Value::Decimal("1.234".to_owned())),
        ("since".to_owned(), Value::Timestamp(0)),
        ("since".to_owned(), Value::Timestamp(0)),
        ("revision".to_owned(), 3.into()),
        ("colour".to_owned(), "red".into()),
    ]);
    assert_problems(
        airport().new_record(given, &mut no_fill),
        &[
            ("nmae", "did you mean `name`?"),
            ("colour", "leave it out"),
            ("runways", "is not an integer"),
            ("fee", "3 digits after the point"),
            ("since", "comes twice"),
            ("revision", "the backend always makes it"),
            ("iata", "a part of the key and missing"),
            ("name", "required and missing"),
        ],
    );
}

#[test]
fn lengths_count_characters_bytes_and_digits() {
    let given = |name: &str, fee: &str| {
        let given = Entity::new()
            .with("iata", "TXL")
            .with("name", name)
            .with("fee", fee);
        airport().new_record(given, &mut |_| Value::Timestamp(0))
    };
    assert!(given("éééééééééé", "999.99").is_ok());
    assert!(given("x", "999.990").is_ok());
    assert_problems(
        given("éééééééééé!", "1000"),
        &[("name", "11 characters"), ("fee", "needs 6 digits")],
    );
}

#[test]
fn a_key_that_the_backend_makes_may_be_missing_or_null() {
    for given in [
        Entity::new().with("line", "x"),
        Entity::new().with("id", Value::Null).with("line", "x"),
    ] {
        assert_eq!(
            log().new_record(given, &mut no_fill).unwrap(),
            Entity::new().with("line", "x")
        );
    }
    let given = Entity::new().with("id", "5").with("line", "x");
    assert_eq!(
        log().new_record(given, &mut no_fill).unwrap().get("id"),
        Some(&Value::Integer(5))
    );
}

#[test]
fn an_open_model_keeps_what_it_does_not_declare_and_adds_nothing() {
    let open = log().open();
    let record = open
        .new_record(
            Entity::new().with("more", Value::Json("[1]".to_owned())),
            &mut no_fill,
        )
        .unwrap();
    assert_eq!(
        record,
        Entity::new().with("more", Value::Json("[1]".to_owned()))
    );
    let twice = Entity::from(vec![("x".to_owned(), 1.into()), ("x".to_owned(), 2.into())]);
    assert_problems(
        open.new_record(twice, &mut no_fill),
        &[("x", "comes twice")],
    );
    let broken = Entity::new().with("x", Value::Json("[".to_owned()));
    assert_problems(
        open.new_record(broken, &mut no_fill),
        &[("x", "valid JSON")],
    );
}

#[test]
fn defaults_of_the_moment_fit_dates_times_and_texts() {
    let model = Model::new("M")
        .property(Property::new("date", PropertyType::Date).default(DefaultValue::Now))
        .property(Property::new("time", PropertyType::Time).default(DefaultValue::Now))
        .property(Property::new("text", PropertyType::Text).default(DefaultValue::Now));
    let record = model
        .new_record(Entity::new(), &mut |_| Value::Timestamp(86_400_500_000))
        .unwrap();
    let expected = Entity::new()
        .with("date", "1970-01-02")
        .with("time", "00:00:00.5")
        .with("text", "1970-01-02T00:00:00.5Z");
    assert_eq!(record, expected);
}

#[test]
fn a_replacement_is_whole_and_has_its_key() {
    let given = Entity::new()
        .with("iata", "TXL")
        .with("name", "Tegel")
        .with("revision", 3);
    let record = airport().replacement(given).unwrap();
    assert_eq!(record.get("runways"), Some(&Value::Null));
    assert_eq!(record.get("revision"), None);
    assert_problems(
        airport().replacement(Entity::new().with("name", Value::Null)),
        &[("iata", "missing"), ("name", "can't be null")],
    );
    assert_problems(
        log().replacement(Entity::new().with("line", "x")),
        &[("id", "missing")],
    );
    assert_problems(
        Model::new("Keyless").replacement(Entity::new()),
        &[("", "no key")],
    );
}

#[test]
fn changes_are_a_part_without_the_key() {
    let changes = airport()
        .changes(
            Entity::new()
                .with("fee", "1.50")
                .with("runways", Value::Null),
        )
        .unwrap();
    assert_eq!(
        changes,
        Entity::new()
            .with("runways", Value::Null)
            .with("fee", Value::Decimal("1.50".to_owned()))
    );
    let given = Entity::new()
        .with("iata", "BER")
        .with("name", Value::Null)
        .with("revision", 1)
        .with("fees", 1);
    assert_problems(
        airport().changes(given),
        &[
            ("iata", "never changes"),
            ("name", "can't be null"),
            ("revision", "always makes it"),
            ("fees", "did you mean `fee`?"),
        ],
    );
}

#[test]
fn suggestions_are_near_or_none() {
    let model = airport();
    assert_eq!(model.suggest("IATA"), Some("iata"));
    assert_eq!(model.suggest("runway"), Some("runways"));
    assert_eq!(model.suggest("zzz"), None);
    assert_eq!(model.suggest(""), None);
}

/// A user whose password's hash nobody sees, and whose time of creation nobody sets.
fn user() -> Model {
    Model::new("User")
        .key("id", PropertyType::Integer)
        .property(Property::new("name", PropertyType::Text))
        .property(
            Property::new("hash", PropertyType::Text)
                .required()
                .hidden(),
        )
        .property(
            Property::new("created", PropertyType::Timestamp)
                .default(DefaultValue::Now)
                .read_only(),
        )
        .property(Property::new("revision", PropertyType::Integer))
        .version("revision")
}

fn stored() -> Entity {
    Entity::new()
        .with("id", 1)
        .with("name", "Ada")
        .with("hash", "#")
        .with("created", Value::Timestamp(5))
        .with("revision", 3)
}

#[test]
fn a_new_record_has_version_1_and_what_only_defaults_set() {
    let given = Entity::new()
        .with("id", 1)
        .with("name", "Ada")
        .with("hash", "#")
        .with("created", Value::Null);
    let record = user().new_record(given.clone(), &mut |_| Value::Timestamp(5));
    let mut expected = stored();
    expected.set("revision", 1);
    assert_eq!(record, Ok(expected));
    assert_problems(
        user().new_record(
            given
                .with("created", Value::Timestamp(7))
                .with("revision", 2),
            &mut |_| Value::Timestamp(5),
        ),
        &[
            ("created", "read-only"),
            ("revision", "a new record's version is 1"),
        ],
    );
}

#[test]
fn changes_set_nothing_read_only_and_say_which_version_they_expect() {
    assert_problems(
        user().changes(Entity::new().with("created", Value::Timestamp(7))),
        &[("created", "read-only")],
    );
    let given = Entity::new().with("hash", "##").with("revision", "3");
    let mut changes = user().changes(given).unwrap();
    assert_eq!(user().take_version(&mut changes), Some(3));
    assert_eq!(changes, Entity::new().with("hash", "##"));
    assert_eq!(user().take_version(&mut changes), None);
}

#[test]
fn a_replacement_leaves_what_it_cant_set_or_see_as_it_is_stored() {
    assert!(user().carries_over() && !airport().carries_over());
    let given = Entity::new().with("id", 1).with("name", "Grace");
    assert_eq!(user().replacement(given.clone()), Ok(given.clone()));
    let mut expected = stored();
    expected.set("name", "Grace");
    expected.remove("revision");
    assert_eq!(
        user().replacement_of(given.clone(), &stored()),
        Ok(expected.clone())
    );
    // What was read is given back, with another hash.
    let whole = given
        .clone()
        .with("created", Value::Timestamp(5))
        .with("hash", "##")
        .with("revision", 3);
    expected.set("hash", "##");
    let mut replacement = user().replacement_of(whole.clone(), &stored()).unwrap();
    assert_eq!(user().take_version(&mut replacement), Some(3));
    assert_eq!(replacement, expected);
    assert_problems(user().replacement(whole), &[("created", "read-only")]);
    let other = given.with("created", Value::Timestamp(6));
    assert_problems(
        user().replacement_of(other, &stored()),
        &[("created", "read-only")],
    );
}

#[test]
fn the_records_of_a_relation_are_no_data_of_a_record() {
    let model = airport().relation(Relation::has_many("routes", "Route", &[]));
    let given = Entity::new().with("routes", Value::Json("[]".to_owned()));
    assert_problems(model.changes(given.clone()), &[("routes", "is a relation")]);
    assert_problems(model.open().changes(given), &[("routes", "is a relation")]);
}
