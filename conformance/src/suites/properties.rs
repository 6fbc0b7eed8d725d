//! Properties: whatever they are called, however many there are, and whether or not a model declares them.

use tenon_model::contract::{PropertyType, Value};
use tenon_model::{Entity, Filter, Property};

use super::Check;
use super::operations::{bare_thing, crud, thing, things};
use crate::bench::Bench;
use crate::expect::id;
use crate::finding::{Checked, Stop};
use crate::generate::{models, values};
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.property.names",
        "properties keep their values apart whatever they are called",
        names,
    ),
    crud(
        "crud.property.names-alike",
        "properties whose names are alike keep their values apart",
        names_alike,
    ),
    crud(
        "crud.property.columns",
        "properties keep their values where the backend's names for them are others",
        columns,
    ),
    crud(
        "crud.property.many",
        "of a record of a hundred properties, each is kept",
        many,
    ),
    crud(
        "crud.property.undeclared",
        "an open model's records keep properties that it doesn't declare, of every case",
        undeclared,
    ),
    crud(
        "crud.property.absent",
        "in an open model absent is not null, however a record comes to it",
        absent,
    ),
];

/// A model of texts of these names.
fn named(names: &[&str]) -> tenon_model::Model {
    let texts: Vec<_> = names
        .iter()
        .map(|name| (*name, PropertyType::Text))
        .collect();
    models::with(&texts)
}

/// A record with another text for each of them.
fn named_record(number: i64, names: &[&str]) -> Entity {
    let record = Entity::new().with("id", number);
    names.iter().zip(0..).fold(record, |record, (name, place)| {
        record.with(*name, format!("{number}/{place}"))
    })
}

/// Stores records with properties of these names, and changes each by itself. A connector may refuse the names.
fn keeps_apart(bench: &mut Bench<'_>, names: &[&str]) -> Checked<bool> {
    let Ok(model) = bench.try_collection(named(names).to_contract())? else {
        return Ok(false);
    };
    let mut twin = Twin::of(model);
    let session = bench.session()?;
    for number in 1..4 {
        twin.create(session, named_record(number, names))?;
    }
    twin.verify(session)?;
    for (place, name) in names.iter().enumerate() {
        let change = Entity::new().with(*name, format!("changed {place}"));
        if place % 2 == 0 {
            twin.update_attributes(session, &id(1), change)?;
        } else {
            let filter = Filter::equal(*name, format!("2/{place}")).to_nodes();
            twin.update(session, &filter, change)?;
        }
        twin.count(
            session,
            &Filter::equal(*name, format!("3/{place}")).to_nodes(),
        )?;
    }
    twin.verify(session)?;
    twin.save(session, named_record(3, names))?;
    twin.verify(session)?;
    Ok(true)
}

fn names(bench: &mut Bench<'_>) -> Checked {
    let words = [
        "order",
        "group",
        "select",
        "user",
        "index",
        "key",
        "text",
        "null",
        "from",
        "where",
        "table",
        "count",
        "value",
        "default",
        "check",
        "camelCase",
        "with_underscore",
        "x1",
        "rowid",
        "oid",
        "ctid",
        "_id",
        "xmin_",
        "json",
        "limit",
        "offset",
        "fields",
        "model",
    ];
    let odd = [
        "a.b", "a b", "a-b", "ä", "中文", "\"q\"", "`q`", "'q'", "a\\b", "$x", "%", "?", ":a",
        "@a", "a,b", "(a)", "{a}", "[a]", "1", "1a", "#", ";", "😀",
    ];
    for together in [&words[..], &odd[..]] {
        if keeps_apart(bench, together)? {
            continue;
        }
        // One of them is too much.
        for name in together {
            keeps_apart(bench, &[*name, "beside"])?;
        }
    }
    Ok(())
}

fn names_alike(bench: &mut Bench<'_>) -> Checked {
    let long = format!("{}a", "x".repeat(40));
    let longer = format!("{}b", "x".repeat(40));
    keeps_apart(bench, &["a", "ab", "a_", "a1", "ba", &long, &longer])?;
    for alike in [
        ["name", "Name"],
        ["é", "e\u{301}"],
        ["a", "a "],
        ["a.b", "a"],
    ] {
        keeps_apart(bench, &alike)?;
    }
    let names: Vec<String> = (0..12).map(|number| format!("p{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    keeps_apart(bench, &names)?;
    Ok(())
}

fn columns(bench: &mut Bench<'_>) -> Checked {
    // Each of two is called as the other's column.
    let mut draft = named(&["one", "two", "three"]);
    for property in &mut draft.properties {
        property.column = match property.name.as_str() {
            "one" => Some("two".to_owned()),
            "two" => Some("one".to_owned()),
            "three" => Some("third_column".to_owned()),
            _ => Some("the_key".to_owned()),
        };
    }
    let Ok(model) = bench.try_collection(draft.to_contract())? else {
        return Err(Stop::skipped("it takes no `column`"));
    };
    let mut twin = Twin::of(model);
    let session = bench.session()?;
    let names = ["one", "two", "three"];
    for number in 1..4 {
        twin.create(session, named_record(number, &names))?;
    }
    twin.verify(session)?;
    twin.update_attributes(session, &id(1), Entity::new().with("one", "changed"))?;
    let two = Filter::equal("two", "2/1").to_nodes();
    twin.count(session, &two)?;
    twin.update(session, &two, Entity::new().with("three", Value::Null))?;
    twin.save(session, named_record(3, &names).with("two", "saved"))?;
    twin.verify(session)?;
    twin.destroy_all(session, &Filter::equal("one", "3/0").to_nodes())?;
    twin.verify(session)
}

/// How many properties are many.
const MANY: usize = 100;

fn many(bench: &mut Bench<'_>) -> Checked {
    let name = |place: usize| format!("property{place}");
    let kind = |place: usize| match place % 2 {
        0 => PropertyType::Integer,
        _ => PropertyType::Text,
    };
    let value = |place: usize, number: i64| match kind(place) {
        PropertyType::Integer => Value::Integer(number * 1_000 + place as i64),
        _ => Value::from(format!("{number}/{place}")),
    };
    let draft = (0..MANY).fold(models::with(&[]), |model, place| {
        model.property(Property::new(name(place), kind(place)))
    });
    let Ok(model) = bench.try_collection(draft.to_contract())? else {
        return Err(Stop::skipped("it takes no model of a hundred properties"));
    };
    let record = |number: i64| {
        (0..MANY).fold(Entity::new().with("id", number), |record, place| {
            record.with(name(place), value(place, number))
        })
    };
    let mut twin = Twin::of(model);
    let session = bench.session()?;
    twin.create(session, record(1))?;
    let mut sparse = record(2);
    for place in (0..MANY).filter(|place| place % 7 != 3) {
        sparse.set(name(place), Value::Null);
    }
    twin.create(session, sparse)?;
    twin.verify(session)?;
    for place in [0, 1, 63, 64, MANY - 1] {
        let change = Entity::new().with(name(place), value(place, 7));
        twin.update_attributes(session, &id(2), change)?;
    }
    twin.verify(session)?;
    twin.save(session, record(2))?;
    twin.verify(session)
}

fn needs_open_models(bench: &Bench<'_>) -> Checked {
    if bench.facts().open {
        return Ok(());
    }
    Err(Stop::skipped("it keeps no undeclared properties"))
}

fn undeclared(bench: &mut Bench<'_>) -> Checked {
    needs_open_models(bench)?;
    let facts = bench.facts();
    let mut twin = Twin::new(bench, things().open())?;
    let session = bench.session()?;
    let kinds = crate::facts::KINDS.iter();
    let cases = kinds.flat_map(|kind| values::plain(*kind).into_iter().take(4));
    let cases: Vec<Value> = cases.map(|value| facts.stored(&value)).collect();
    // One a record, under the same name, so that its case differs from record to record.
    for (number, value) in (100..).zip(&cases) {
        twin.create(session, thing(number, "one", 1).with("more", value.clone()))?;
    }
    twin.verify(session)?;
    // All in one.
    let all = cases.iter().enumerate();
    let all = all.fold(thing(1, "all", 1), |record, (place, value)| {
        record.with(format!("more{place}"), value.clone())
    });
    twin.create(session, all)?;
    let odd = ["a b", "ä", "\"", "", "Text", "order", "a.b", "$more", "😀"];
    let odd = odd.iter().zip(0..);
    let odd = odd.fold(thing(2, "odd", 2), |record, (name, place)| {
        record.with(*name, Value::Integer(place))
    });
    twin.create(session, odd)?;
    twin.verify(session)?;
    for (place, value) in cases.iter().enumerate().take(10) {
        let change = Entity::new().with("more", value.clone());
        twin.update_attributes(session, &id(1), change)?;
        let kept = Entity::new().with(format!("kept{place}"), value.clone());
        twin.update(session, &Filter::equal("id", 2).to_nodes(), kept)?;
    }
    twin.verify(session)
}

fn absent(bench: &mut Bench<'_>) -> Checked {
    needs_open_models(bench)?;
    let mut twin = Twin::new(bench, things().open())?;
    let session = bench.session()?;
    let only = |number: i64| Entity::new().with("id", number);
    twin.create(session, only(1))?;
    twin.create(session, bare_thing(2))?;
    twin.create(
        session,
        only(3)
            .with("number", Value::Null)
            .with("more", Value::Null),
    )?;
    twin.create(session, only(4).with("text", "").with("more", 1))?;
    twin.verify(session)?;
    twin.update_attributes(session, &id(1), Entity::new().with("more", Value::Null))?;
    twin.update_attributes(session, &id(1), Entity::new().with("text", Value::Null))?;
    twin.verify(session)?;
    twin.save(session, only(2).with("number", 1))?;
    twin.save(session, only(4))?;
    twin.verify(session)?;
    let has_none = Filter::equal("text", Value::Null).to_nodes();
    twin.count(session, &has_none)?;
    twin.update(session, &has_none, Entity::new().with("less", Value::Null))?;
    twin.verify(session)
}
