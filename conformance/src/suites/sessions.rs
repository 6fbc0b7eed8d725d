//! Several sessions with one backend, and several models in one session: each sees what it has to, and no more.

use tenon_model::contract::{Key, PropertyType, Value};
use tenon_model::{Entity, Filter, Property};

use super::Check;
use super::operations::{bare_thing, crud, needs_indexes, some_things, thing, things};
use crate::bench::{Bench, end, everything};
use crate::expect::id;
use crate::finding::{Checked, Finding, ensure, must};
use crate::reference::same_records;
use crate::session::Session;
use crate::show;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "lifecycle.models.apart",
        "models of names that are alike don't mix, with records of the same keys",
        models_stay_apart,
    ),
    crud(
        "lifecycle.models.apart-indexes",
        "unique indexes of the same name in two models keep only each one's own records apart",
        indexes_stay_apart,
    ),
    crud(
        "lifecycle.models.other-shapes",
        "models of other keys and properties don't mix",
        shapes_stay_apart,
    ),
    crud(
        "lifecycle.models.collection",
        "a model's records are in the collection that it names, and not in that of its own name",
        collections_are_named,
    ),
    crud(
        "lifecycle.models.many",
        "each of a dozen models that one session was told of stays defined",
        many_models,
    ),
    crud(
        "lifecycle.sessions.created",
        "a record that one session has stored is seen by every other at once",
        others_see_created,
    ),
    crud(
        "lifecycle.sessions.changed",
        "a change of one session is seen by those that have read the record before",
        others_see_changed,
    ),
    crud(
        "lifecycle.sessions.deleted",
        "a record that one session has deleted has gone for every other",
        others_see_deleted,
    ),
    crud(
        "lifecycle.sessions.taken-key",
        "a key or unique value that one session has taken is taken for every other",
        taken_for_others,
    ),
    crud(
        "lifecycle.sessions.ended",
        "what a session has written stays when it ends, in order or not",
        outlives_its_session,
    ),
];

/// Three collections of names of which each begins another.
fn alike(bench: &mut Bench<'_>, draft: tenon_model::Model) -> Checked<Vec<Twin>> {
    let name = bench.name();
    let mut twins = Vec::new();
    for name in [name.clone(), format!("{name}_b"), format!("{name}b")] {
        let mut model = draft.clone().to_contract();
        model.collection = Some(name.clone());
        model.name = name;
        let made = must("define", bench.try_named_collection(model)?)?;
        twins.push(Twin::of(made));
    }
    Ok(twins)
}

fn verify_each(twins: &mut [Twin], session: &mut Session<'_>) -> Checked {
    twins.iter_mut().try_for_each(|twin| twin.verify(session))
}

fn models_stay_apart(bench: &mut Bench<'_>) -> Checked {
    let mut twins = alike(bench, things())?;
    let session = bench.session()?;
    for (place, twin) in (0..).zip(&mut twins) {
        for number in 1..=4 + place {
            twin.create(session, thing(number, "same", 10 * number + place))?;
        }
    }
    verify_each(&mut twins, session)?;
    let same = Filter::equal("text", "same").to_nodes();
    for place in 0..twins.len() {
        let number = i64::try_from(place).unwrap_or_default();
        if let Some(twin) = twins.get_mut(place) {
            twin.update_attributes(session, &id(1), Entity::new().with("number", number))?;
            twin.save(session, thing(2, "saved", number))?;
            twin.destroy(session, &id(3))?;
        }
        verify_each(&mut twins, session)?;
        if let Some(twin) = twins.get_mut(place) {
            twin.update(session, &same, Entity::new().with("text", "updated"))?;
            twin.count(session, &same)?;
        }
        verify_each(&mut twins, session)?;
    }
    for place in 0..twins.len() {
        if let Some(twin) = twins.get_mut(place) {
            twin.verify_absent(session, &id(3))?;
            twin.destroy_all(session, &Filter::equal("text", "updated").to_nodes())?;
        }
        verify_each(&mut twins, session)?;
        if let Some(twin) = twins.get_mut(place) {
            twin.destroy_all(session, &Vec::new())?;
        }
        verify_each(&mut twins, session)?;
    }
    Ok(())
}

fn indexes_stay_apart(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut twins = alike(
        bench,
        things().index(&["number"], true).index(&["text"], false),
    )?;
    let session = bench.session()?;
    for twin in &mut twins {
        for number in 1..4 {
            twin.create(session, thing(number, "same", number))?;
        }
        twin.create(session, thing(9, "taken", 2))?;
    }
    verify_each(&mut twins, session)?;
    if let Some(twin) = twins.first_mut() {
        twin.destroy(session, &id(2))?;
        twin.create(session, thing(9, "free again", 2))?;
    }
    if let Some(twin) = twins.last_mut() {
        twin.create(session, thing(9, "still taken", 2))?;
    }
    verify_each(&mut twins, session)
}

fn shapes_stay_apart(bench: &mut Bench<'_>) -> Checked {
    let mut one = Twin::holding(bench, things(), some_things())?;
    let keyed = if bench.facts().key_kinds.contains(&PropertyType::Text) {
        PropertyType::Text
    } else {
        PropertyType::Integer
    };
    let other = tenon_model::Model::new("Other")
        .key("number", PropertyType::Integer)
        .key("id", keyed)
        .property(Property::new("extra", PropertyType::Text));
    let part = |number: i64| match keyed {
        PropertyType::Text => Value::from(number.to_string()),
        _ => Value::Integer(number),
    };
    let record = |number: i64| {
        Entity::new()
            .with("number", number)
            .with("id", part(number))
            .with("extra", "extra")
    };
    let mut other = Twin::holding(bench, other, vec![record(1), record(2), record(10)])?;
    let session = bench.session()?;
    one.destroy(session, &id(1))?;
    let key: Key = vec![Value::Integer(2), part(2)];
    other.update_attributes(session, &key, Entity::new().with("extra", Value::Null))?;
    one.verify(session)?;
    other.verify(session)?;
    other.destroy_all(session, &Vec::new())?;
    one.verify(session)?;
    other.verify(session)
}

fn collections_are_named(bench: &mut Bench<'_>) -> Checked {
    // Each has the other's name for its collection.
    let (one, other) = (bench.name(), bench.name());
    let mut twins = Vec::new();
    for (name, collection) in [(&one, &other), (&other, &one)] {
        let mut model = things().to_contract();
        model.name.clone_from(name);
        model.collection = Some(collection.clone());
        twins.push(Twin::of(must(
            "define",
            bench.try_named_collection(model)?,
        )?));
    }
    let session = bench.session()?;
    for (place, twin) in (0..).zip(&mut twins) {
        twin.step(format!(
            "its collection is `{}`",
            if place == 0 { &other } else { &one }
        ));
        for number in 1..=3 + place {
            twin.create(session, thing(number, "same", 10 * number + place))?;
        }
    }
    verify_each(&mut twins, session)?;
    let models: Vec<_> = twins.iter().map(|twin| twin.model().clone()).collect();
    for (model, twin) in models.iter().zip(&mut twins) {
        must("define", session.define(model))?;
        twin.destroy(session, &id(1))?;
    }
    verify_each(&mut twins, session)?;
    if !bench.subject().is_pooled() {
        return Ok(());
    }
    // Another session may know the same collection by another name.
    let mut another = bench.another()?;
    for (model, twin) in models.iter().zip(&mut twins) {
        let mut renamed = model.clone();
        renamed.name = bench.name();
        must("define", another.define(&renamed))?;
        let stored = everything(&mut another, &renamed.name)?;
        ensure(same_records(twin.records(), &stored), || {
            Finding::new("a model doesn't find the records of the collection that it names")
                .differs(show::records(twin.records()), show::records(&stored))
        })
        .map_err(|stop| twin.tell(stop))?;
    }
    end(another);
    Ok(())
}

fn many_models(bench: &mut Bench<'_>) -> Checked {
    let mut twins = Vec::new();
    for number in 0..12 {
        let mut twin = Twin::new(bench, things())?;
        twin.create(bench.session()?, thing(1, "of the model", number))?;
        twins.push(twin);
    }
    let session = bench.session()?;
    verify_each(&mut twins, session)?;
    for twin in twins.iter_mut().rev() {
        twin.create(session, thing(2, "more", 2))?;
        twin.destroy(session, &id(1))?;
    }
    verify_each(&mut twins, session)
}

/// The sessions beside the check's own, told of the model, and each having read all of it.
fn others<'k>(bench: &Bench<'k>, twin: &mut Twin) -> Checked<Vec<Session<'k>>> {
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut session = bench.another()?;
        must("define", session.define(twin.model()))?;
        twin.verify(&mut session)?;
        others.push(session);
    }
    Ok(others)
}

/// Does it in each session in turn, and looks for what came of it in all of them.
fn in_turn(
    bench: &mut Bench<'_>,
    twin: &mut Twin,
    mut act: impl FnMut(&mut Twin, &mut Session<'_>, i64) -> Checked,
) -> Checked {
    let mut sessions = others(bench, twin)?;
    sessions.push(bench.take_session()?);
    twin.step("three sessions, each of which has read every record");
    for turn in 0..6 {
        let place = turn % sessions.len();
        if let Some(session) = sessions.get_mut(place) {
            twin.step(format!("in session {place}:"));
            act(twin, session, i64::try_from(turn).unwrap_or_default())?;
        }
        for (place, session) in sessions.iter_mut().enumerate() {
            let seen = twin.verify(session);
            seen.map_err(|stop| stop.after(format!("what session {place} sees in the end:")))?;
        }
    }
    sessions.into_iter().for_each(end);
    Ok(())
}

fn others_see_created(bench: &mut Bench<'_>) -> Checked {
    bench.another().map(end)?;
    let mut twin = Twin::holding(bench, things(), some_things())?;
    in_turn(bench, &mut twin, |twin, session, turn| {
        twin.create(session, thing(100 + turn, "new", turn))?;
        twin.create(session, bare_thing(200 + turn))
    })
}

fn others_see_changed(bench: &mut Bench<'_>) -> Checked {
    bench.another().map(end)?;
    let mut twin = Twin::holding(bench, things(), some_things())?;
    in_turn(bench, &mut twin, |twin, session, turn| {
        twin.save(session, thing(1, "saved", turn))?;
        twin.update_attributes(session, &id(2), Entity::new().with("number", turn))?;
        let filter = Filter::equal("text", "one").to_nodes();
        twin.update(session, &filter, Entity::new().with("number", 50 + turn))?;
        twin.count(session, &Filter::equal("number", turn).to_nodes())
    })
}

fn others_see_deleted(bench: &mut Bench<'_>) -> Checked {
    bench.another().map(end)?;
    let mut twin = Twin::holding(bench, things(), some_things())?;
    in_turn(bench, &mut twin, |twin, session, turn| match turn {
        0 => twin.destroy(session, &id(2)),
        // What another has deleted, made and changed.
        1 => {
            twin.verify_absent(session, &id(2))?;
            twin.destroy(session, &id(2))?;
            twin.save(session, thing(2, "none", 2))?;
            twin.destroy_all(session, &Filter::equal("text", "one").to_nodes())
        }
        2 => {
            twin.verify_absent(session, &id(1))?;
            twin.create(session, thing(2, "again", 2))
        }
        3 => twin.destroy_all(session, &Vec::new()),
        _ => {
            twin.verify_absent(session, &id(2))?;
            twin.create(session, thing(turn, "last", turn))
        }
    })
}

fn taken_for_others(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    bench.another().map(end)?;
    let mut twin = Twin::new(bench, things().index(&["number"], true))?;
    in_turn(bench, &mut twin, |twin, session, turn| {
        twin.create(session, thing(turn, "new", turn))?;
        // Made by another, in the turn before.
        twin.create(session, thing(turn - 1, "taken key", 1_000))?;
        twin.create(session, thing(1_000, "taken number", turn - 1))?;
        twin.destroy(session, &id(1_000))
    })
}

fn outlives_its_session(bench: &mut Bench<'_>) -> Checked {
    bench.another().map(end)?;
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let write = |twin: &mut Twin, session: &mut Session<'_>, number: i64| {
        must("define", session.define(twin.model()))?;
        twin.create(session, thing(number, "new", number))?;
        twin.update_attributes(session, &id(1), Entity::new().with("number", number))?;
        twin.destroy(session, &id(number - 1))
    };
    let mut in_order = bench.another()?;
    write(&mut twin, &mut in_order, 101)?;
    twin.step("the session ends: disconnect, dispose");
    end(in_order);
    twin.verify(bench.session()?)?;
    let mut abrupt = bench.another()?;
    write(&mut twin, &mut abrupt, 102)?;
    twin.step("the session ends without a word");
    drop(abrupt);
    twin.verify(bench.session()?)
}
