//! Dropping collections, and other sessions.

use super::{
    changed, create, draft, has, index, is_listed, make, named, nothing_to_do, plan, three,
};
use crate::bench::{Bench, everything};
use crate::finding::{Checked, Finding, ensure, must};
use crate::sequence::{integers, key};
use crate::show;

pub fn collection(bench: &mut Bench<'_>) -> Checked {
    let mut with_index = draft(bench, &["a", "b"]);
    with_index.indexes = vec![index("by_a", &[("a", false)], true)];
    let model = named(bench, with_index);
    for _ in 0..2 {
        make(bench, &model)?;
        has(
            bench,
            &model,
            &[],
            "in a collection that was made anew: there are none",
        )?;
        create(bench, &model, &three())?;
        let session = bench.session()?;
        must("drop", session.drop_model(&model.name))?;
        ensure(!is_listed(bench, &model)?, || {
            Finding::new("`collections` lists a collection that was dropped")
        })?;
        let steps = plan(bench, &model)?;
        ensure(!steps.is_empty(), || {
            Finding::new("nothing is planned for a collection that was dropped")
        })?;
        ensure(steps.iter().all(|step| !step.destructive), || {
            Finding::new(
                "a plan for a collection that was dropped is destructive: there is nothing to lose",
            )
        })?;
    }
    make(bench, &model)?;
    let session = bench.session()?;
    let count = session.count(&model.name, &Vec::new()).unwrap_or_default();
    let found = must("find", session.find(&model.name, &key(1)))?;
    ensure(count == 0 && found.is_none(), || {
        Finding::new("records are there that were dropped with their collection")
            .differs("none", format!("{count}"))
    })?;
    // The unique index is empty, too.
    create(bench, &model, &three())?;
    has(
        bench,
        &model,
        &three(),
        "after the collection was made anew",
    )
}

pub fn again(bench: &mut Bench<'_>) -> Checked {
    let draft = draft(bench, &["a", "b"]);
    let model = named(bench, draft);
    make(bench, &model)?;
    let session = bench.session()?;
    for _ in 0..3 {
        must("drop", session.drop_model(&model.name))
            .map_err(|stop| stop.after("drop, again: nothing to remove is no error"))?;
    }
    make(bench, &model)?;
    create(bench, &model, &three())?;
    has(
        bench,
        &model,
        &three(),
        "after the collection was made anew",
    )
}

pub fn others(bench: &mut Bench<'_>) -> Checked {
    let (one, two) = (draft(bench, &["a", "b"]), draft(bench, &["a", "b"]));
    let (one, two) = (named(bench, one), named(bench, two));
    // Their names begin alike, and a third's begins with one of them.
    let mut third = draft(bench, &["a", "b"]);
    third.name = format!("{}_more", one.name);
    let third = named(bench, third);
    for model in [&one, &two, &third] {
        make(bench, model)?;
        create(bench, model, &three())?;
    }
    let session = bench.session()?;
    must("drop", session.drop_model(&one.name))?;
    for model in [&two, &third] {
        ensure(is_listed(bench, model)?, || {
            Finding::new("a collection is gone after another was dropped")
                .after(format!("drop {}; collections: {}", one.name, model.name))
        })?;
        has(
            bench,
            model,
            &three(),
            "after another collection was dropped",
        )?;
        nothing_to_do(bench, model, "after another was dropped")?;
    }
    Ok(())
}

pub fn reshaped(bench: &mut Bench<'_>) -> Checked {
    let first = draft(bench, &["a", "b"]);
    let model = named(bench, first);
    make(bench, &model)?;
    create(bench, &model, &three())?;
    let session = bench.session()?;
    must("drop", session.drop_model(&model.name))?;
    let other = tenon_model::Model::new("Other")
        .key("code", tenon_model::PropertyType::Integer)
        .property(tenon_model::Property::new(
            "b",
            tenon_model::PropertyType::Text,
        ));
    let other = changed(&model, other);
    make(bench, &other)?;
    let record = integers(&[("code", 1)]).with("b", "text");
    create(bench, &other, std::slice::from_ref(&record))?;
    has(
        bench,
        &other,
        &[record],
        "in a collection that was made anew for another model",
    )
}

pub fn other_session(bench: &mut Bench<'_>) -> Checked {
    let first = draft(bench, &["a", "b"]);
    let model = named(bench, first);
    let mut other = bench.another()?;
    make(bench, &model)?;
    let left = must("plan", other.plan(std::slice::from_ref(&model)))?;
    ensure(left.is_empty(), || {
        Finding::new("another session wants to change a collection that has just been made")
            .differs("no step", super::show_steps(&left))
    })?;
    must("define", other.define(&model))?;
    create(bench, &model, &three())?;
    let read = everything(&mut other, &model.name)?;
    ensure(read.len() == 3, || {
        Finding::new("another session doesn't find the records of a new collection")
            .differs("3 records", show::records(&read))
    })?;
    // It changes, and the other is told.
    let mut wider = draft(bench, &["a", "b", "c"]);
    wider.indexes = vec![index("by_a", &[("a", false)], true)];
    let wider = changed(&model, wider);
    make(bench, &wider)?;
    let left = must("plan", other.plan(std::slice::from_ref(&wider)))?;
    ensure(left.is_empty(), || {
        Finding::new("another session wants to change a collection that has just been changed")
            .differs("no step", super::show_steps(&left))
    })?;
    must("define", other.define(&wider))?;
    let made = integers(&[("id", 9), ("a", 9), ("b", 9), ("c", 9)]);
    must("create", other.create(&model.name, made.as_contract()))?;
    let mut wanted = three();
    wanted.push(made);
    has(
        bench,
        &wider,
        &wanted,
        "after a change, and another session's write",
    )?;
    let twice = integers(&[("id", 8), ("a", 9)]);
    ensure(
        other.create(&model.name, twice.as_contract()).is_err(),
        || Finding::new("a unique index that one session has made doesn't hold in another"),
    )?;
    must("drop", other.drop_model(&model.name))?;
    ensure(!is_listed(bench, &model)?, || {
        Finding::new("`collections` lists a collection that another session has dropped")
    })?;
    crate::bench::end(other);
    Ok(())
}
