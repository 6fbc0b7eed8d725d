//! Unique indexes: no two records have the same values there, whichever function would make them, and nulls are never
//! the same.

use tenon_model::contract::{PropertyType, Value};
use tenon_model::{Entity, Filter, Property};

use super::Check;
use super::operations::{bare_thing, crud, needs_indexes, thing, things};
use crate::bench::Bench;
use crate::expect::id;
use crate::finding::Checked;
use crate::generate::{models, values};
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.unique.create",
        "a record with a unique value that is taken is `duplicate`, and isn't stored",
        created,
    ),
    crud(
        "crud.unique.change",
        "`save` and `update-attributes` don't take another record's unique value, and may keep their own",
        changed,
    ),
    crud(
        "crud.unique.update",
        "`update` doesn't make records the same, and changes none of them where it would",
        updated,
    ),
    crud(
        "crud.unique.nulls",
        "records with a null among their unique values are never the same",
        nulls,
    ),
    crud(
        "crud.unique.composite",
        "an index on several properties keeps apart what is the same in all of them",
        composite,
    ),
    crud(
        "crud.unique.descending",
        "a descending index is as unique as another",
        descending,
    ),
    crud(
        "crud.unique.freed",
        "a unique value is free again once its record has another, or has gone",
        freed,
    ),
    crud(
        "crud.unique.several",
        "each of several unique indexes holds, and none is changed where another one refuses",
        several,
    ),
    crud(
        "crud.unique.kinds",
        "unique values of each kind are the same where they are equal, and only there",
        kinds,
    ),
];

fn held() -> Vec<Entity> {
    vec![
        thing(1, "one", 10),
        thing(2, "two", 20),
        thing(3, "one", 30),
        bare_thing(4),
    ]
}

fn created(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut twin = Twin::holding(bench, things().index(&["number"], true), held())?;
    let session = bench.session()?;
    for number in [10, 20, 30, 20] {
        twin.create(session, thing(9, "taken", number))?;
        twin.verify(session)?;
    }
    twin.verify_absent(session, &id(9))?;
    twin.create(session, thing(9, "free", 90))?;
    twin.create(session, thing(10, "taken since", 90))?;
    twin.verify(session)
}

fn changed(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut twin = Twin::holding(bench, things().index(&["number"], true), held())?;
    let session = bench.session()?;
    let number = |number: i64| Entity::new().with("number", number);
    // Its own stays its own.
    twin.update_attributes(session, &id(1), number(10).with("text", "changed"))?;
    twin.save(session, thing(2, "saved", 20))?;
    twin.verify(session)?;
    // Another's isn't taken, and nothing else of the change is made.
    twin.update_attributes(session, &id(1), number(20).with("text", "not this"))?;
    twin.verify(session)?;
    twin.save(session, thing(2, "not this", 30))?;
    twin.verify(session)?;
    twin.update_attributes(session, &id(4), number(10))?;
    twin.verify(session)?;
    twin.save(session, thing(4, "not this", 10))?;
    twin.verify(session)?;
    twin.save(session, thing(9, "none", 10))?;
    // What is free is taken.
    twin.update_attributes(session, &id(4), number(40))?;
    twin.save(session, thing(3, "saved", 31))?;
    twin.update_attributes(session, &id(4), number(30))?;
    twin.verify(session)
}

fn updated(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut twin = Twin::holding(bench, things().index(&["number"], true), held())?;
    let session = bench.session()?;
    let number = |number: i64| Entity::new().with("number", number).with("text", "updated");
    let is = |name: &str, value: Value| Filter::equal(name, value).to_nodes();
    // Several become the same: of a free value, of one of theirs, of another's.
    for (filter, to) in [
        (is("text", "one".into()), 70),
        (is("text", "one".into()), 10),
        (is("text", "one".into()), 20),
        (Vec::new(), 5),
        (is("id", 2.into()), 30),
        (is("text", Value::Null), 20),
    ] {
        twin.update(session, &filter, number(to))?;
        twin.verify(session)?;
    }
    // One alone may, and nulls are never the same.
    twin.update(session, &is("id", 2.into()), number(21))?;
    twin.update(session, &is("id", 2.into()), number(21))?;
    twin.verify(session)?;
    let null = Entity::new().with("number", Value::Null);
    twin.update(session, &is("text", "one".into()), null.clone())?;
    twin.verify(session)?;
    twin.update(session, &Vec::new(), null)?;
    twin.verify(session)?;
    twin.create(session, thing(9, "free", 20))?;
    twin.verify(session)
}

fn nulls(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let draft = things()
        .index(&["number"], true)
        .index(&["text", "number"], true);
    let mut twin = Twin::new(bench, draft)?;
    let session = bench.session()?;
    for number in 1..5 {
        twin.create(session, bare_thing(number))?;
    }
    let half = |number: i64| bare_thing(number).with("text", "same");
    twin.create(session, half(11))?;
    twin.create(session, half(12))?;
    twin.verify(session)?;
    twin.save(session, half(1))?;
    twin.update_attributes(session, &id(2), Entity::new().with("text", "same"))?;
    twin.verify(session)?;
    twin.create(session, thing(21, "a", 1))?;
    twin.create(session, thing(22, "b", 1))?;
    twin.update_attributes(session, &id(21), Entity::new().with("number", Value::Null))?;
    twin.create(session, thing(22, "b", 1))?;
    twin.verify(session)
}

/// A model of two texts and a number, unique in some of them.
fn triples(names: &[&str]) -> tenon_model::Model {
    models::with(&[
        ("a", PropertyType::Text),
        ("b", PropertyType::Text),
        ("n", PropertyType::Integer),
    ])
    .index(names, true)
}

fn triple(number: i64, a: &str, b: &str, n: i64) -> Entity {
    Entity::new()
        .with("id", number)
        .with("a", a)
        .with("b", b)
        .with("n", n)
}

fn composite(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut twin = Twin::new(bench, triples(&["a", "b", "n"]))?;
    let session = bench.session()?;
    // The same but for one part, or where the parts are laid end to end.
    let records = [
        ("x", "y", 1),
        ("x", "y", 2),
        ("x", "z", 1),
        ("w", "y", 1),
        ("y", "x", 1),
        ("xy", "", 1),
        ("", "xy", 1),
        ("x", "y1", 1),
        ("x", "y", 11),
    ];
    for (number, (a, b, n)) in (1..).zip(records) {
        twin.create(session, triple(number, a, b, n))?;
    }
    twin.verify(session)?;
    for (number, (a, b, n)) in (1..).zip(records) {
        twin.create(session, triple(100 + number, a, b, n))?;
    }
    twin.verify(session)?;
    twin.update_attributes(session, &id(2), Entity::new().with("n", 1))?;
    twin.update_attributes(session, &id(2), Entity::new().with("n", 1).with("a", "q"))?;
    twin.update_attributes(session, &id(3), Entity::new().with("b", "y"))?;
    twin.save(session, triple(4, "y", "x", 1))?;
    twin.save(session, triple(4, "y", "x", 3))?;
    twin.verify(session)
}

fn descending(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut draft = triples(&["a", "n"]);
    for (place, sort) in draft
        .indexes
        .iter_mut()
        .flat_map(|index| index.properties.iter_mut().enumerate())
    {
        sort.descending = place == 0;
    }
    let mut twin = Twin::new(bench, draft)?;
    let session = bench.session()?;
    let records = [("a", 1), ("a", 2), ("b", 1), ("", 1), ("ab", -1), ("a", -1)];
    for (number, (a, n)) in (1..).zip(records) {
        twin.create(session, triple(number, a, "same", n))?;
    }
    twin.verify(session)?;
    for (number, (a, n)) in (1..).zip(records) {
        twin.create(session, triple(100 + number, a, "same", n))?;
        let change = Entity::new().with("a", a).with("n", n);
        twin.update_attributes(session, &id(6), change)?;
    }
    twin.verify(session)?;
    twin.create(session, triple(10, "a", "null", 0).with("n", Value::Null))?;
    twin.create(session, triple(11, "a", "null", 0).with("n", Value::Null))?;
    twin.verify(session)
}

fn freed(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut twin = Twin::holding(bench, things().index(&["number"], true), held())?;
    let session = bench.session()?;
    twin.destroy(session, &id(1))?;
    twin.create(session, thing(11, "after destroy", 10))?;
    twin.verify(session)?;
    twin.update_attributes(session, &id(2), Entity::new().with("number", 21))?;
    twin.create(session, thing(12, "after update-attributes", 20))?;
    twin.verify(session)?;
    twin.save(session, thing(3, "one", 31))?;
    twin.create(session, thing(13, "after save", 30))?;
    twin.verify(session)?;
    let one = Filter::equal("id", 3).to_nodes();
    twin.update(session, &one, Entity::new().with("number", Value::Null))?;
    twin.create(session, thing(14, "after update", 31))?;
    twin.verify(session)?;
    twin.destroy_all(session, &Filter::equal("id", 14).to_nodes())?;
    twin.create(session, thing(15, "after destroy-all", 31))?;
    // One that was refused has taken nothing.
    twin.create(session, thing(16, "refused", 31))?;
    twin.create(session, thing(15, "refused", 77))?;
    twin.create(session, thing(17, "free", 77))?;
    twin.verify(session)
}

fn several(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let draft = models::with(&[
        ("a", PropertyType::Text),
        ("b", PropertyType::Text),
        ("n", PropertyType::Integer),
    ]);
    let draft = draft
        .index(&["a"], true)
        .index(&["n"], true)
        .index(&["b"], true)
        .index(&["b", "n"], false);
    let records = vec![triple(1, "a1", "b1", 1), triple(2, "a2", "b2", 2)];
    let mut twin = Twin::holding(bench, draft, records)?;
    let session = bench.session()?;
    // Free in all but one.
    for wrong in [
        triple(3, "a1", "b3", 3),
        triple(3, "a3", "b2", 3),
        triple(3, "a3", "b3", 1),
        triple(1, "a3", "b3", 3),
    ] {
        twin.create(session, wrong)?;
        twin.verify(session)?;
    }
    for change in [
        Entity::new().with("a", "a3").with("n", 2),
        Entity::new().with("n", 3).with("b", "b2"),
        Entity::new().with("b", "b3").with("n", 3).with("a", "a2"),
    ] {
        twin.update_attributes(session, &id(1), change)?;
        twin.verify(session)?;
    }
    // What they would have had is free.
    twin.create(session, triple(3, "a3", "b3", 3))?;
    for (name, value) in [
        ("a", Value::from("a3")),
        ("b", Value::from("b3")),
        ("n", Value::Integer(3)),
    ] {
        twin.count(session, &Filter::equal(name, value).to_nodes())?;
    }
    twin.verify(session)
}

fn kinds(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let facts = bench.facts();
    for kind in &facts.index_kinds {
        let draft = tenon_model::Model::new("Unique")
            .key("id", PropertyType::Integer)
            .property(Property::new("it", *kind))
            .index(&["it"], true);
        let mut twin = Twin::new(bench, draft)?;
        let session = bench.session()?;
        let record = |number: i64, value: &Value| {
            Entity::new()
                .with("id", number)
                .with("it", facts.stored(value))
        };
        let odd = facts
            .odd_values(*kind)
            .iter()
            .filter(|it| values::is_short(it));
        let odd: Vec<Value> = match kind {
            PropertyType::Text => [
                "a ", " a", "e\u{301}", "é", "ß", "ss", "SS", "", "%", "İ", "ı",
            ]
            .into_iter()
            .map(Value::from)
            .filter(|text| *text == Value::from("a ") || facts.odd_values(*kind).contains(text))
            .collect(),
            _ => odd.cloned().collect(),
        };
        let all: Vec<Value> = values::plain(*kind).into_iter().chain(odd).collect();
        for (number, value) in (1..).zip(&all) {
            twin.create(session, record(number, value))?;
        }
        twin.verify(session)?;
        for (number, value) in (1_000..).zip(all.iter().take(20)) {
            twin.create(session, record(number, value))?;
        }
        if *kind == PropertyType::Decimal {
            // The same numbers, otherwise written.
            for (number, text) in (2_000..).zip(["1.0", "0.0", "-1.50", "2.5", "10.000"]) {
                twin.create(session, record(number, &Value::Decimal(text.to_owned())))?;
            }
        }
        twin.verify(session)?;
    }
    Ok(())
}
