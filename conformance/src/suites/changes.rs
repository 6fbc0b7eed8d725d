//! The operations of `crud` that change records: whole ones, some of their properties, and those of every match.

use tenon_model::contract::{PropertyType, Value};
use tenon_model::{Entity, Filter, Property};

use super::Check;
use super::operations::{bare_thing, crud, some_things, thing, things};
use crate::bench::Bench;
use crate::expect::id;
use crate::finding::Checked;
use crate::generate::models;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.save.replaces",
        "`save` replaces the whole record of the data's key, and no other",
        save_replaces,
    ),
    crud(
        "crud.save.left-out",
        "a property that the data of `save` lack is gone, or null, afterwards",
        save_leaves_nothing,
    ),
    crud(
        "crud.save.not-found",
        "`save` of a key that none has is `not-found`, and makes no record",
        save_makes_none,
    ),
    crud(
        "crud.update-attributes.only-given",
        "`update-attributes` sets the given properties of that record, and nothing else",
        sets_only_given,
    ),
    crud(
        "crud.update-attributes.null",
        "a property that is set to null is null afterwards",
        sets_null,
    ),
    crud(
        "crud.update-attributes.empty",
        "`update-attributes` of nothing changes nothing, and still says whether there is a record",
        sets_nothing,
    ),
    crud(
        "crud.update-attributes.not-found",
        "`update-attributes` of a key that none has is `not-found`, and makes no record",
        update_makes_none,
    ),
    crud(
        "crud.update.matches",
        "`update` sets the given properties of every match, and of no other record",
        updates_matches,
    ),
    crud(
        "crud.update.counts-matched",
        "`update` returns how many matched, whether or not anything changed in them",
        counts_matched,
    ),
    crud(
        "crud.update.filtered-property",
        "`update` of the property that it filters by changes each match once",
        updates_what_it_filters_by,
    ),
    crud(
        "crud.update.empty",
        "`update` of nothing changes nothing, and counts the matches",
        updates_nothing,
    ),
    crud(
        "crud.destroy-all.matches",
        "`destroy-all` deletes every match and no other record, and returns how many",
        destroys_matches,
    ),
];

fn is(property: &str, value: impl Into<Value>) -> tenon_model::contract::Filter {
    Filter::equal(property, value).to_nodes()
}

fn save_replaces(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for record in [
        thing(2, "saved", 21),
        thing(2, "saved", 21),
        bare_thing(1),
        thing(4, "now known", 4),
        thing(1, "one", 10),
    ] {
        twin.save(session, record)?;
        twin.verify(session)?;
    }
    Ok(())
}

fn save_leaves_nothing(bench: &mut Bench<'_>) -> Checked {
    let strict = models::with(&[
        ("a", PropertyType::Text),
        ("b", PropertyType::Integer),
        ("c", PropertyType::Text),
    ]);
    let full = |number: i64| {
        Entity::new()
            .with("id", number)
            .with("a", "a")
            .with("b", 2)
            .with("c", "c")
    };
    let mut twin = Twin::holding(bench, strict.clone(), vec![full(1), full(2)])?;
    let session = bench.session()?;
    let nulls = full(1).with("b", Value::Null).with("c", Value::Null);
    twin.save(session, nulls)?;
    twin.verify(session)?;
    if !bench.facts().open {
        return Ok(());
    }
    let mut records = vec![full(1).with("more", 1).with("text", "kept"), full(2)];
    let mut twin = Twin::holding(bench, strict.open(), records.clone())?;
    let session = bench.session()?;
    // Absent, which is not null.
    records.clear();
    twin.save(session, Entity::new().with("id", 1).with("b", 3))?;
    twin.verify(session)?;
    twin.save(session, Entity::new().with("id", 1).with("a", Value::Null))?;
    twin.verify(session)?;
    twin.save(session, Entity::new().with("id", 1))?;
    twin.verify(session)
}

fn save_makes_none(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for record in [thing(9, "new", 1), bare_thing(0)] {
        let key = vec![record.get("id").cloned().unwrap_or_default()];
        twin.save(session, record)?;
        twin.verify_absent(session, &key)?;
        twin.verify(session)?;
    }
    // One that was there.
    twin.destroy(session, &id(2))?;
    twin.save(session, thing(2, "two", 20))?;
    twin.verify(session)
}

fn sets_only_given(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for (key, change) in [
        (1, Entity::new().with("text", "changed")),
        (1, Entity::new().with("number", 11)),
        (4, Entity::new().with("number", 40)),
        (4, Entity::new().with("text", "").with("number", -1)),
        // In another order than the model's.
        (5, Entity::new().with("number", 0).with("text", "zero")),
        // The same again.
        (5, Entity::new().with("number", 0).with("text", "zero")),
    ] {
        twin.update_attributes(session, &id(key), change)?;
        twin.verify(session)?;
    }
    if !bench.facts().open {
        return Ok(());
    }
    let mut twin = Twin::holding(bench, things().open(), some_things())?;
    let session = bench.session()?;
    for change in [
        Entity::new().with("more", "undeclared"),
        Entity::new().with("less", 1),
        Entity::new().with("more", Value::Null),
        Entity::new().with("text", "changed"),
    ] {
        twin.update_attributes(session, &id(1), change)?;
        twin.verify(session)?;
    }
    Ok(())
}

fn sets_null(bench: &mut Bench<'_>) -> Checked {
    let kinds = bench.facts().kinds.clone();
    let wide = models::wide(bench.facts());
    let mut record = Entity::new().with("id", 1);
    for kind in &kinds {
        let value = crate::generate::values::plain(*kind).into_iter().nth(1);
        let value = value.map(|value| bench.facts().stored(&value));
        record.set(format!("{kind}"), value.unwrap_or_default());
    }
    let mut twin = Twin::holding(bench, wide, vec![record])?;
    let session = bench.session()?;
    twin.verify(session)?;
    for kind in kinds {
        let change = Entity::new().with(format!("{kind}"), Value::Null);
        twin.update_attributes(session, &id(1), change)?;
        twin.verify(session)?;
    }
    Ok(())
}

fn sets_nothing(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for key in [1, 4] {
        twin.update_attributes(session, &id(key), Entity::new())?;
        twin.verify(session)?;
    }
    twin.update_attributes(session, &id(9), Entity::new())?;
    twin.verify(session)
}

fn update_makes_none(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let change = Entity::new().with("text", "changed");
    for key in [9, 0, -1] {
        twin.update_attributes(session, &id(key), change.clone())?;
        twin.verify_absent(session, &id(key))?;
        twin.verify(session)?;
    }
    twin.destroy(session, &id(3))?;
    twin.update_attributes(session, &id(3), change)?;
    twin.verify(session)
}

fn updates_matches(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for (filter, change) in [
        (is("text", "one"), Entity::new().with("number", 11)),
        (is("number", 20), Entity::new().with("text", "twenty")),
        (is("number", Value::Null), Entity::new().with("number", 0)),
        (is("text", Value::Null), Entity::new().with("text", "")),
        (is("text", "nobody"), Entity::new().with("number", 99)),
        (is("id", 5), Entity::new().with("number", Value::Null)),
        (
            Vec::new(),
            Entity::new().with("text", "all").with("number", 1),
        ),
        (Vec::new(), Entity::new().with("text", Value::Null)),
    ] {
        twin.update(session, &filter, change)?;
        twin.verify(session)?;
    }
    if !bench.facts().open {
        return Ok(());
    }
    let mut records = some_things();
    if let Some(first) = records.first_mut() {
        first.set("more", 1);
    }
    let mut twin = Twin::holding(bench, things().open(), records)?;
    let session = bench.session()?;
    twin.update(session, &is("more", 1), Entity::new().with("less", 2))?;
    twin.verify(session)?;
    twin.update(
        session,
        &Vec::new(),
        Entity::new().with("more", Value::Null),
    )?;
    twin.verify(session)
}

fn counts_matched(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for (filter, change) in [
        // Both have it already; then one of them.
        (is("text", "one"), Entity::new().with("text", "one")),
        (is("text", "one"), Entity::new().with("number", 10)),
        (is("id", 1), Entity::new().with("number", 11)),
        (is("text", "one"), Entity::new().with("number", 11)),
        (
            is("number", Value::Null),
            Entity::new().with("number", Value::Null),
        ),
        (Vec::new(), Entity::new().with("text", "same")),
        (Vec::new(), Entity::new().with("text", "same")),
    ] {
        twin.update(session, &filter, change)?;
        twin.verify(session)?;
    }
    Ok(())
}

fn updates_what_it_filters_by(bench: &mut Bench<'_>) -> Checked {
    use tenon_model::contract::Comparison;
    // Also where an index is walked that the change moves the records in.
    let indexed = models::with(&[("text", PropertyType::Text)])
        .property(Property::new("number", PropertyType::Integer))
        .index(&["number"], false);
    let mut twin = Twin::holding(bench, indexed, some_things())?;
    let session = bench.session()?;
    let above = |number: i64| Filter::compare("number", Comparison::Greater, number).to_nodes();
    twin.update(session, &above(5), Entity::new().with("number", 30))?;
    twin.verify(session)?;
    twin.update(session, &above(5), Entity::new().with("number", 1_000))?;
    twin.verify(session)?;
    twin.update(session, &above(5), Entity::new().with("number", -7))?;
    twin.verify(session)?;
    twin.update(
        session,
        &is("number", -7),
        Entity::new().with("number", Value::Null),
    )?;
    twin.verify(session)?;
    twin.update(
        session,
        &is("number", Value::Null),
        Entity::new().with("number", 8),
    )?;
    twin.verify(session)
}

fn updates_nothing(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for filter in [is("text", "one"), is("text", "nobody"), Vec::new()] {
        twin.update(session, &filter, Entity::new())?;
        twin.verify(session)?;
    }
    Ok(())
}

fn destroys_matches(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for filter in [
        is("text", "nobody"),
        is("text", "one"),
        is("text", "one"),
        is("number", Value::Null),
    ] {
        twin.destroy_all(session, &filter)?;
        twin.verify(session)?;
    }
    twin.verify_absent(session, &id(1))?;
    twin.verify_absent(session, &id(4))?;
    // What was deleted so can be made again.
    twin.create(session, thing(1, "again", 1))?;
    twin.verify(session)?;
    let none = Filter::AnyOf(Vec::new()).to_nodes();
    twin.destroy_all(session, &none)?;
    twin.verify(session)?;
    twin.destroy_all(session, &Vec::new())?;
    twin.verify(session)?;
    twin.destroy_all(session, &Vec::new())?;
    twin.create(session, thing(1, "again", 1))?;
    twin.verify(session)
}
