//! Tables by plans, and models of tables that somebody else has made.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;
#[path = "../../../guest-sdk/sql/tests/tables/mod.rs"]
mod tables;

use common::{connect, database, server};
use tables::{
    all, discovered, find, index, keeps_defaults, kinds, migrate, model, of, property, refers, run,
};
use tenon_mysql::MySqlConnector;
use tenon_sdk::{
    Connector, Effect, ErrorKind, Generation, Property, PropertyType, Reference, Schema, Value,
};

/// A session with a database without tables; none where MariaDB isn't installed.
fn empty() -> Option<MySqlConnector> {
    let server = server()?;
    let name = database(server);
    Some(connect(server, &name))
}

#[test]
fn tables_of_somebody_elses_are_models_that_need_no_change() {
    let Some(mut mysql) = empty() else { return };
    run(
        &mut mysql,
        &[
            "CREATE TABLE `odd ``table\"` (`select` int(11) unsigned NOT NULL AUTO_INCREMENT, `a.b` varchar(40) NOT NULL \
             DEFAULT 'it''s', `größe` decimal(10,2) DEFAULT 1.5, mood enum('happy','it''s'), tags set('a','b'), \
             note text COLLATE utf8mb4_general_ci, made timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE \
             current_timestamp(), flag tinyint(1) DEFAULT 1, bits bit(12) DEFAULT b'101', one bit(1) DEFAULT b'1', \
             tree json DEFAULT ('{}'), born year, raw varbinary(8) DEFAULT 'ab', place point, PRIMARY KEY (`select`), \
             KEY note (note(10)), UNIQUE KEY `a.b` (`a.b`, flag))",
            "CREATE TABLE part (maker varchar(20) CHARACTER SET latin1, number int, made date, PRIMARY KEY (number, maker))",
            "CREATE TABLE stock (id bigint PRIMARY KEY AUTO_INCREMENT, number int, maker varchar(20) CHARACTER SET latin1, \
             twin bigint, amount int NOT NULL DEFAULT 0 CHECK (amount >= 0), twice int GENERATED ALWAYS AS (amount * 2) \
             STORED, thrice int AS (amount * 3) VIRTUAL, `key` char(36) DEFAULT (uuid()), \
             CONSTRAINT parts FOREIGN KEY (number, maker) REFERENCES part (number, maker) ON DELETE CASCADE ON UPDATE SET \
             NULL, FOREIGN KEY (twin) REFERENCES stock (id))",
            "CREATE INDEX made ON stock (maker, amount DESC)",
            "CREATE TABLE bare (a int, b text)",
            "CREATE TABLE unique_only (code varchar(10) NOT NULL UNIQUE, x text)",
            "CREATE VIEW rich AS SELECT maker, sum(amount) AS total FROM stock GROUP BY maker",
            "INSERT INTO `odd ``table\"` (mood, tags) VALUES ('happy', 'a,b')",
        ],
    );
    let models = discovered(&mut mysql);
    let odd = find(&models, "\"odd `table\"\"\"");
    let select = of(odd, "select");
    assert_eq!((select.kind, select.key), (PropertyType::Integer, Some(1)));
    assert_eq!(select.generated, Generation::WhenMissing);
    let name = of(odd, "a.b");
    assert_eq!(name.default_value, Some(Value::Text("it's".into())));
    assert!(name.required && name.length == Some(40), "{name:?}");
    assert_eq!(of(odd, "made").generated, Generation::WhenMissing);
    assert_eq!(of(odd, "flag").default_value, Some(Value::Boolean(true)));
    assert_eq!(of(odd, "one").default_value, Some(Value::Boolean(true)));
    assert_eq!(
        of(odd, "tree").default_value,
        Some(Value::Json("{}".into()))
    );
    let mood = of(odd, "mood").settings.clone().unwrap();
    assert!(mood.contains(r#""labels":["happy","it's"]"#), "{mood}");
    assert_eq!(
        odd.indexes.len(),
        1,
        "an index of beginnings is no model's: {odd:#?}"
    );
    let stock = find(&models, "stock");
    assert_eq!(of(stock, "twice").generated, Generation::Always);
    assert_eq!(of(stock, "thrice").generated, Generation::Always);
    assert_eq!(stock.references.len(), 2);
    assert_eq!(of(find(&models, "unique_only"), "code").key, Some(1));
}

#[test]
fn tables_are_changed_in_place_and_their_records_stay() {
    let Some(mut mysql) = empty() else { return };
    let mut owner = model("Owner", vec![property("name", PropertyType::Text)]);
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
    let steps = migrate(&mut mysql, &[pet.clone(), owner.clone()]);
    assert_eq!(
        kinds(&steps),
        ["create-collection", "create-collection", "add-reference"]
    );
    run(
        &mut mysql,
        &[
            "INSERT INTO Owner (name) VALUES ('Ann'), ('Bob')",
            "INSERT INTO Pet (name, owner) VALUES ('Rex', 1), ('Tom', 2)",
        ],
    );
    owner.properties[1].required = true;
    owner.properties[1].length = Some(30);
    owner.properties[1].default_value = Some(Value::Text("nobody\\".into()));
    owner
        .properties
        .push(property("age", PropertyType::Integer));
    owner.indexes = vec![index("name", &["name", "-age"], true)];
    let steps = migrate(&mut mysql, &[pet.clone(), owner.clone()]);
    assert_eq!(
        kinds(&steps),
        ["alter-column", "add-column", "create-index"]
    );
    run(&mut mysql, &["INSERT INTO Owner (age) VALUES (3)"]);
    mysql.define(owner.clone()).unwrap();
    let owners = all(&mut mysql, "Owner");
    assert_eq!(owners.len(), 3);
    assert_eq!(owners[2].get("name"), Some(&Value::Text("nobody\\".into())));
    // What it does is another now, and then it goes, with the index that it lived by.
    pet.references[0].settings = Some(r#"{"onDelete": "SET NULL"}"#.into());
    let steps = migrate(&mut mysql, &[pet.clone(), owner.clone()]);
    assert_eq!(kinds(&steps), ["drop-reference", "add-reference"]);
    pet.references.clear();
    let steps = migrate(&mut mysql, &[pet.clone(), owner.clone()]);
    assert_eq!(kinds(&steps), ["drop-reference", "drop-index"]);
    owner.indexes = vec![index("name", &["name"], false)];
    owner.properties.pop();
    owner.properties[1].default_value = Some(Value::Text("somebody".into()));
    let steps = migrate(&mut mysql, &[pet, owner]);
    assert_eq!(
        kinds(&steps),
        ["drop-index", "drop-column", "alter-column", "create-index"]
    );
    assert!(steps[1].destructive && !steps[0].destructive, "{steps:#?}");
}

#[test]
fn the_step_that_fails_is_named_and_those_before_it_last() {
    let Some(mut mysql) = empty() else { return };
    let mut owner = model("Owner", vec![property("name", PropertyType::Text)]);
    migrate(&mut mysql, std::slice::from_ref(&owner));
    run(
        &mut mysql,
        &["INSERT INTO Owner (name) VALUES ('a'), ('a')"],
    );
    owner
        .properties
        .push(property("age", PropertyType::Integer));
    owner.properties[1].length = Some(40);
    owner.indexes = vec![index("name", &["name"], true)];
    let steps = mysql.plan(vec![owner.clone()]).unwrap();
    assert_eq!(
        kinds(&steps),
        ["alter-column", "add-column", "create-index"]
    );
    let error = mysql.apply(steps).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate, "{error:?}");
    assert_eq!(error.effect, Effect::Partial);
    assert!(
        error.details.contains(&("index".into(), "2".into())),
        "{error:?}"
    );
    assert_eq!(kinds(&mysql.plan(vec![owner]).unwrap()), ["create-index"]);
}

#[test]
fn a_default_is_the_value_that_it_was_whatever_is_in_it() {
    let insert = "INSERT INTO Thing () VALUES ()";
    let Some(mut mysql) = empty() else { return };
    keeps_defaults(&mut mysql, insert);
    let Some(mut mysql) = empty() else { return };
    run(
        &mut mysql,
        &["SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"],
    );
    keeps_defaults(&mut mysql, insert);
}

#[test]
fn values_are_made_by_the_server_where_none_is_given() {
    let Some(mut mysql) = empty() else { return };
    let made = |name: &str, kind| Property {
        generated: Generation::WhenMissing,
        ..property(name, kind)
    };
    let mut thing = model("Thing", vec![made("at", PropertyType::Timestamp)]);
    thing.properties[0].kind = PropertyType::Uuid;
    migrate(&mut mysql, std::slice::from_ref(&thing));
    run(&mut mysql, &["INSERT INTO Thing () VALUES ()"]);
    mysql.define(thing).unwrap();
    let records = all(&mut mysql, "Thing");
    let Some(Value::Text(id)) = records[0].get("id") else {
        panic!("{records:?}")
    };
    assert_eq!(id.len(), 36, "{id}");
    assert!(matches!(records[0].get("at"), Some(Value::Timestamp(_))));
}

#[test]
fn names_that_the_server_would_refuse_are_refused_with_the_reason() {
    let Some(mut mysql) = empty() else { return };
    for name in ["a ", "🦀", &"x".repeat(65)] {
        let error = mysql
            .plan(vec![model(
                "Thing",
                vec![property(name, PropertyType::Text)],
            )])
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{name}: {error}");
    }
    let odd = model(
        &"ü".repeat(64),
        vec![property("order by `x`; --", PropertyType::Text)],
    );
    let mut other = model("b", vec![property("twin", PropertyType::Integer)]);
    other.references = vec![refers("twin", &odd.name)];
    migrate(&mut mysql, &[odd.clone(), other.clone()]);
    mysql.define(odd.clone()).unwrap();
    let error = mysql.drop(&odd.name).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Constraint, "{error:?}");
    mysql.define(other).unwrap();
    mysql.drop("b").unwrap();
    mysql.drop(&odd.name).unwrap();
    mysql.drop(&odd.name).unwrap();
    assert_eq!(mysql.collections().unwrap(), []);
}
