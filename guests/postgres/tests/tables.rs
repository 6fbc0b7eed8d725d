//! Tables that somebody else has made, with whatever names and types, are models that work at once.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by it"
)]

mod common;

use common::{ask, connect, run, server, value};
use tenon_postgres::Postgres;
use tenon_sdk::testing::read_all;
use tenon_sdk::{
    Aggregates, Connector, Crud, Entity, ErrorKind, Generation, Key, Model, Property, PropertyType,
    Query, Schema, Value,
};

const ODD: &[&str] = &[
    "create type \"Mood; --\" as enum ('sad', 'it''s \"ok\"')",
    "create domain positive as integer check (value > 0)",
    "create table \"odd \"\"table\"\".name; --\" (
       \"select\" integer generated always as identity primary key,
       \"a.b\" text not null default 'it''s',
       \"größe\" numeric(10,2) default 1.5,
       \" \" character varying(40) collate \"en-US-x-icu\",
       made timestamp with time zone default now(),
       mood \"Mood; --\" default 'sad',
       moods \"Mood; --\"[],
       count positive default '-1'::integer + 2,
       \"$1\" integer default -1,
       twice integer generated always as (\"$1\" * 2) stored,
       flags bit(3), spent interval, at inet, during tstzrange, price money, doc xml, place point, raw bytea default '\\x00ff'
     )",
    "create table part (maker text, number int, price double precision default -1e3, primary key (number, maker))",
    "create table stock (
       id bigserial primary key, number int, maker text, twin bigint references stock,
       amount smallint not null default 0 check (amount >= 0),
       code text unique, flag boolean default false, data jsonb default '{}',
       foreign key (maker, number) references part (maker, number) on delete cascade on update set null,
       constraint \"odd one\" unique (maker, amount)
     )",
    "create index stock_made on stock (maker, amount desc)",
    "create index stock_part on stock (maker) where amount > 0",
    "create index stock_lower on stock (lower(maker))",
    "create index stock_data on stock using gin (data)",
    "create unique index stock_special on stock (number) where flag",
    "create table events (id int, at date, what text, primary key (id, at)) partition by range (at)",
    "create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01')",
    "create table bare (a int, b text)",
    "create view rich as select maker, sum(amount) as total from stock group by maker",
    "create materialized view kept as select 1 as one",
];

/// All tables as models, for which nothing is planned.
fn discovered(postgres: &mut Postgres) -> Vec<Model> {
    let names = postgres.collections().unwrap().into_iter();
    let names: Vec<String> = names
        .map(|found| found.name)
        .filter(|name| is_own(name))
        .collect();
    let models = postgres.discover(names).unwrap();
    assert_eq!(postgres.plan(models.clone()).unwrap(), []);
    for model in &models {
        assert_eq!(
            postgres.plan(vec![model.clone()]).unwrap(),
            [],
            "{model:#?}"
        );
    }
    models
}

/// Other tests' schemas are named `s0`, `s1`, ….
fn is_own(name: &str) -> bool {
    let digits = name.strip_prefix('s').and_then(|rest| rest.split_once('.'));
    digits.is_none_or(|(digits, _)| digits.parse::<u32>().is_err())
}

fn find<'a>(models: &'a [Model], name: &str) -> &'a Model {
    models
        .iter()
        .find(|model| model.name == name)
        .unwrap_or_else(|| {
            let names = models.iter().map(|model| &model.name);
            panic!("{name} is not among {:?}", names.collect::<Vec<_>>())
        })
}

fn property<'a>(model: &'a Model, name: &str) -> &'a Property {
    let named = |it: &&Property| it.name == name || it.column.as_deref() == Some(name);
    model.properties.iter().find(named).unwrap()
}

#[test]
fn what_others_made_is_discovered_and_needs_no_change() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    for command in ODD {
        run(&mut postgres, command);
    }
    let models = discovered(&mut postgres);
    let odd = find(&models, "\"odd \"\"table\"\".name; --\"");
    for (name, kind, generated) in [
        ("select", PropertyType::Integer, Generation::Always),
        ("a.b", PropertyType::Text, Generation::Never),
        ("größe", PropertyType::Decimal, Generation::Never),
        (" ", PropertyType::Text, Generation::Never),
        ("made", PropertyType::Timestamp, Generation::WhenMissing),
        ("moods", PropertyType::Json, Generation::Never),
        ("count", PropertyType::Any, Generation::WhenMissing),
        ("twice", PropertyType::Integer, Generation::Always),
        ("spent", PropertyType::Any, Generation::Never),
        ("place", PropertyType::Point, Generation::Never),
    ] {
        let property = property(odd, name);
        assert_eq!(
            (property.kind, property.generated),
            (kind, generated),
            "{name}"
        );
    }
    assert_eq!(
        property(odd, "a.b").default_value,
        Some(Value::Text("it's".into()))
    );
    let stock = find(&models, "stock");
    assert_eq!(property(stock, "id").key, Some(1));
    assert_eq!(property(stock, "id").generated, Generation::WhenMissing);
    assert!(property(stock, "amount").required);
    assert_eq!(stock.references.len(), 2);
    let unique: Vec<_> = stock.indexes.iter().filter(|index| index.unique).collect();
    assert_eq!(unique.len(), 2, "{unique:#?}");
    let part = find(&models, "part");
    assert_eq!(property(part, "number").key, Some(1));
    assert_eq!(property(part, "maker").key, Some(2));
    assert!(models.iter().all(|model| model.name != "events_2026"));
    find(&models, "rich");
    find(&models, "kept");
    find(&models, "bare");
    find(&models, "events");
}

#[test]
fn what_others_made_is_written_and_read() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    for command in ODD {
        run(&mut postgres, command);
    }
    let models = discovered(&mut postgres);
    for model in models.clone() {
        postgres.define(model).unwrap();
    }
    let odd = find(&models, "\"odd \"\"table\"\".name; --\"");
    let name = |column: &str| property(odd, column).name.clone();
    let data: Entity = [
        (name("a.b"), Value::Text("'; drop table stock; --".into())),
        (name(" "), Value::Text("\u{1f600}".into())),
        (name("mood"), Value::Text("it's \"ok\"".into())),
        (name("moods"), Value::Json(r#"["sad"]"#.into())),
        (name("$1"), Value::Integer(21)),
        (name("flags"), Value::Text("101".into())),
        (name("spent"), Value::Text("P1D".into())),
        (name("at"), Value::Text("10.0.0.1".into())),
        (
            name("during"),
            Value::Text("[2026-01-01,2027-01-01)".into()),
        ),
        (name("price"), Value::Text("1.5".into())),
        (name("doc"), Value::Text("<a/>".into())),
    ]
    .into_iter()
    .collect();
    let made = postgres.create(&odd.name, data).unwrap();
    assert_eq!(made.get(&name("select")), Some(&Value::Integer(1)));
    assert_eq!(made.get(&name("twice")), Some(&Value::Integer(42)));
    assert_eq!(made.get(&name("count")), Some(&Value::Integer(1)));
    let found = postgres
        .find(&odd.name, Key::composite([Value::Integer(1)]))
        .unwrap()
        .unwrap();
    assert_eq!(
        found.get(&name("mood")),
        Some(&Value::Text("it's \"ok\"".into()))
    );
    assert_eq!(found.get(&name("raw")), Some(&Value::Bytes(vec![0, 255])));
    let Some(Value::Other(spent)) = found.get(&name("spent")) else {
        panic!("{found:#?}");
    };
    assert_eq!(
        (spent.kind.as_str(), spent.text.as_str()),
        ("interval", "P1D")
    );
    let count = value(&mut postgres, "select count(*) from stock", vec![]);
    assert_eq!(count, Value::Integer(0), "the table is there");
    for model in &models {
        let mut answer = postgres.all(&model.name, Query::default()).unwrap();
        read_all(&mut answer.rows, 10).unwrap();
    }
}

/// A model with a key of that kind, and these properties.
fn model(name: &str, key: PropertyType, properties: &[(&str, PropertyType)]) -> Model {
    let mut model = tenon_model::Model::new(name).key("id", key);
    for (name, kind) in properties {
        model = model.property(tenon_model::Property::new(*name, *kind));
    }
    model.to_contract()
}

#[test]
fn hostile_names_and_values_are_names_and_values() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    run(&mut postgres, "create table witness ()");
    for hostile in [
        "x'; drop table witness; --",
        "x\"; drop table witness; --",
        "$1",
        "x\\",
        "\u{202e}x\u{0301}",
        "%s{}",
        "select",
        "a LIMIT $1",
        "/*",
        ".",
    ] {
        let quoted = format!("\"{}\"", hostile.replace('"', "\"\""));
        let mut hostile_model = model("M", PropertyType::Text, &[(hostile, PropertyType::Text)]);
        hostile_model.collection = Some(quoted);
        let steps = postgres.plan(vec![hostile_model.clone()]).unwrap();
        postgres.apply(steps).unwrap();
        postgres.define(hostile_model).unwrap();
        let record: Entity = [("id", hostile), (hostile, hostile)]
            .map(|(name, text)| (name.to_owned(), Value::Text(text.into())))
            .into_iter()
            .collect();
        postgres.create("M", record.clone()).unwrap();
        let found = postgres
            .find("M", Key::composite([Value::from(hostile)]))
            .unwrap();
        assert_eq!(found.as_ref(), Some(&record), "{hostile}");
        let filter = tenon_model::Filter::equal(hostile, hostile).to_nodes();
        assert_eq!(postgres.count("M", filter.clone()).unwrap(), 1, "{hostile}");
        assert_eq!(postgres.destroy_all("M", filter).unwrap(), 1, "{hostile}");
        Schema::drop(&mut postgres, "M").unwrap();
    }
    let there = value(
        &mut postgres,
        "select count(*) from pg_class where relname = 'witness'",
        vec![],
    );
    assert_eq!(there, Value::Integer(1));
    let nul = model("M\0", PropertyType::Text, &[]);
    assert_eq!(postgres.define(nul).unwrap_err().kind, ErrorKind::Invalid);
}

#[test]
fn groups_are_made_by_the_server() {
    let Some(server) = server() else { return };
    let (mut postgres, _) = connect(server);
    let things = model(
        "Things",
        PropertyType::Integer,
        &[("n", PropertyType::Integer)],
    );
    let steps = postgres.plan(vec![things.clone()]).unwrap();
    postgres.apply(steps).unwrap();
    postgres.define(things).unwrap();
    ask(
        &mut postgres,
        "insert into \"Things\" select g, 9223372036854775807 from generate_series(1, 3) g",
        vec![],
    );
    let request = tenon_sdk::AggregateRequest {
        filter: Vec::new(),
        group_by: Vec::new(),
        aggregates: vec![tenon_sdk::Aggregate {
            name: "sum".into(),
            function: tenon_sdk::AggregateFunction::Sum,
            property: Some("n".into()),
            path: Vec::new(),
            distinct: false,
        }],
        order: Vec::new(),
        limit: None,
        offset: 0,
    };
    let mut rows = postgres.aggregate("Things", request).unwrap();
    let rows = read_all(&mut rows, 10).unwrap();
    let sum = Value::Decimal("27670116110564327421".into());
    assert_eq!(rows[0].get("sum"), Some(&sum));
}
