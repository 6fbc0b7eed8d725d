//! A model that is defined again, the same or changed: its records stay, and its new rules hold for them.
//!
//! Where the connector manages its collections, the change is planned and applied before.

use tenon_model::contract::{PropertyType, Value};
use tenon_model::{Entity, Filter, Model, Property};
use tenon_runtime::Capability;

use super::Check;
use super::operations::{bare_thing, crud, needs_indexes, some_things, thing, things};
use crate::bench::{Bench, end};
use crate::expect::{harmless, id};
use crate::finding::{Checked, Finding, must};
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "lifecycle.define.again",
        "a model that is defined again as it was changes nothing",
        defined_again,
    ),
    crud(
        "lifecycle.define.unplanned",
        "a changed definition whose change was never planned is refused, or leaves the records as they are",
        unplanned,
    ),
    Check {
        name: "lifecycle.define.within-transaction",
        about: "a model can be defined within a transaction, which goes on",
        needs: &[Capability::Crud, Capability::Transactions],
        writes: true,
        run: within_transaction,
    },
    crud(
        "lifecycle.define.property-added",
        "a property that a model gains is null in the records that there are, and takes values",
        property_added,
    ),
    crud(
        "lifecycle.define.property-removed",
        "a property that a model loses takes nothing else with it",
        property_removed,
    ),
    crud(
        "lifecycle.define.index-added",
        "an index that a model gains holds for the records that there are",
        index_added,
    ),
    crud(
        "lifecycle.define.index-refused",
        "a unique index that the records don't allow is refused, and nothing changes",
        index_refused,
    ),
    crud(
        "lifecycle.define.index-removed",
        "a unique index that a model loses forbids nothing any more",
        index_removed,
    ),
    crud(
        "lifecycle.define.index-changed",
        "an index that is on another property keeps that one unique, and the old one no more",
        index_changed,
    ),
];

/// Has the model be defined otherwise; what failed, where it was refused.
fn redefine(bench: &mut Bench<'_>, twin: &mut Twin, draft: Model) -> Checked<Option<Finding>> {
    let mut model = draft.to_contract();
    model.name = twin.name();
    model.collection.clone_from(&twin.model().collection);
    match bench.try_named_collection(model.clone())? {
        Ok(_) => {
            if twin.become_of(model) {
                return Ok(None);
            }
            Err(twin.tell(
                Finding::new("a unique index is taken on over records that it doesn't allow")
                    .differs("an error", "no error")
                    .into(),
            ))
        }
        Err(failure) if failure.error().is_some() => Ok(Some(
            Finding::new("a model can't be defined otherwise").differs("no error", &failure),
        )),
        Err(failure) => must("define", Err(failure)),
    }
}

/// The same, where it is nothing to refuse.
fn must_redefine(bench: &mut Bench<'_>, twin: &mut Twin, draft: Model) -> Checked {
    let shown = crate::show::model(&draft.clone().to_contract());
    match redefine(bench, twin, draft)? {
        None => Ok(()),
        Some(finding) => Err(twin.tell(finding.after(format!("define anew: {shown}")).into())),
    }
}

fn defined_again(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let draft = things().index(&["number"], true).index(&["text"], false);
    let records = vec![thing(1, "one", 10), thing(2, "two", 20), bare_thing(3)];
    let mut twin = Twin::holding(bench, draft, records)?;
    let model = twin.model().clone();
    let session = bench.session()?;
    for round in 0..3 {
        twin.step("define, as it was");
        must("define", session.define(&model)).map_err(|stop| twin.tell(stop))?;
        twin.verify(session)?;
        twin.create(session, thing(10 + round, "new", 100 + round))?;
        // Still taken: by the key, and by the index.
        twin.create(session, thing(1, "taken", 1_000))?;
        twin.create(session, thing(1_000, "taken", 20))?;
        twin.verify(session)?;
    }
    Ok(())
}

fn unplanned(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let before = twin.model().clone();
    let session = bench.session()?;
    let extra = things().property(Property::new("extra", PropertyType::Text));
    for draft in [extra, things().index(&["text"], false)] {
        let mut changed = draft.to_contract();
        changed.name.clone_from(&before.name);
        changed.collection.clone_from(&before.collection);
        twin.step(format!("define as {}", crate::show::model(&changed)));
        // Whether it is taken is the connector's affair: `plan` would have told what has to be done first.
        if let Err(failure) = session.define(&changed) {
            harmless("define", &failure).map_err(|stop| twin.tell(stop))?;
        }
        twin.step("define as it was");
        must("define", session.define(&before)).map_err(|stop| twin.tell(stop))?;
        twin.verify(session)?;
    }
    twin.create(session, thing(9, "new", 9))?;
    twin.verify(session)
}

fn within_transaction(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let model = twin.model().clone();
    // A session that has not heard of it until then, where there can be one.
    let mut session = if bench.subject().is_pooled() {
        bench.another()?
    } else {
        bench.take_session()?
    };
    for lasts in [false, true] {
        let before = twin.as_now();
        twin.step("begin, define");
        must("begin", session.begin(None, false))?;
        must("define", session.define(&model)).map_err(|stop| twin.tell(stop))?;
        twin.create(&mut session, thing(9, "new", 9))?;
        must("define", session.define(&model)).map_err(|stop| twin.tell(stop))?;
        twin.verify(&mut session)?;
        if lasts {
            twin.step("commit");
            must("commit", session.commit()).map_err(|stop| twin.tell(stop))?;
        } else {
            twin.step("rollback");
            must("rollback", session.rollback()).map_err(|stop| twin.tell(stop))?;
            twin.go_back(before);
        }
        twin.verify(&mut session)?;
    }
    end(session);
    Ok(())
}

fn property_added(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let draft = things()
        .property(Property::new("extra", PropertyType::Text))
        .property(Property::new("more", PropertyType::Integer));
    must_redefine(bench, &mut twin, draft)?;
    let session = bench.session()?;
    twin.verify(session)?;
    let no_extra = Filter::equal("extra", Value::Null).to_nodes();
    twin.count(session, &no_extra)?;
    let change = Entity::new().with("extra", "now").with("more", 1);
    twin.update_attributes(session, &id(1), change)?;
    twin.create(
        session,
        thing(9, "new", 9).with("extra", "e").with("more", 2),
    )?;
    twin.verify(session)?;
    twin.count(session, &no_extra)?;
    twin.update(session, &no_extra, Entity::new().with("more", 3))?;
    twin.verify(session)
}

fn property_removed(bench: &mut Bench<'_>) -> Checked {
    let draft = things().property(Property::new("extra", PropertyType::Text));
    let records = some_things().into_iter();
    let records = records.map(|record| record.with("extra", "gone soon"));
    let mut twin = Twin::holding(bench, draft, records.collect())?;
    must_redefine(bench, &mut twin, things())?;
    let session = bench.session()?;
    twin.verify(session)?;
    twin.update_attributes(session, &id(1), Entity::new().with("text", "changed"))?;
    twin.save(session, thing(2, "saved", 2))?;
    twin.create(session, thing(9, "new", 9))?;
    twin.destroy(session, &id(3))?;
    twin.verify(session)
}

fn index_added(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let records = vec![
        thing(1, "a", 10),
        thing(2, "b", 20),
        bare_thing(3),
        bare_thing(4),
        thing(5, "a", 50),
    ];
    let mut twin = Twin::holding(bench, things(), records)?;
    must_redefine(bench, &mut twin, things().index(&["text"], false))?;
    let session = bench.session()?;
    twin.verify(session)?;
    let is_a = Filter::equal("text", "a").to_nodes();
    twin.count(session, &is_a)?;
    twin.create(session, thing(6, "a", 60))?;
    twin.count(session, &is_a)?;
    let draft = things().index(&["text"], false).index(&["number"], true);
    must_redefine(bench, &mut twin, draft)?;
    let session = bench.session()?;
    twin.verify(session)?;
    // Taken by records that are older than the index.
    twin.create(session, thing(7, "taken", 20))?;
    twin.update_attributes(session, &id(1), Entity::new().with("number", 50))?;
    twin.create(session, bare_thing(8))?;
    twin.create(session, thing(9, "free", 90))?;
    twin.verify(session)
}

fn index_refused(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let before = twin.model().clone();
    // Two have the number 10.
    let refused = redefine(bench, &mut twin, things().index(&["number"], true))?;
    if refused.is_none() {
        return Err(twin.tell(crate::finding::Stop::failed(
            "a unique index is taken on over records that it doesn't allow",
        )));
    }
    twin.step("define with a unique index on number, which is refused; define as before");
    let session = bench.session()?;
    must("define", session.define(&before)).map_err(|stop| twin.tell(stop))?;
    twin.verify(session)?;
    twin.create(session, thing(9, "also", 10))?;
    twin.verify(session)
}

fn index_removed(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let draft = things().index(&["number"], true).index(&["text"], true);
    let records = vec![thing(1, "one", 10), thing(2, "two", 20), bare_thing(3)];
    let mut twin = Twin::holding(bench, draft, records)?;
    must_redefine(bench, &mut twin, things().index(&["text"], true))?;
    let session = bench.session()?;
    twin.verify(session)?;
    twin.create(session, thing(4, "four", 10))?;
    twin.update_attributes(session, &id(2), Entity::new().with("number", 10))?;
    // The other index is still there.
    twin.create(session, thing(5, "two", 50))?;
    twin.verify(session)?;
    twin.count(session, &Filter::equal("number", 10).to_nodes())
}

fn index_changed(bench: &mut Bench<'_>) -> Checked {
    needs_indexes(bench)?;
    let on = |property: &str| {
        let mut draft = things().index(&[property], true);
        for index in &mut draft.indexes {
            index.name = "only".to_owned();
        }
        draft
    };
    let records = vec![thing(1, "one", 10), thing(2, "two", 20), bare_thing(3)];
    let mut twin = Twin::holding(bench, on("number"), records)?;
    must_redefine(bench, &mut twin, on("text"))?;
    let session = bench.session()?;
    twin.verify(session)?;
    twin.create(session, thing(4, "four", 10))?;
    twin.create(session, thing(5, "two", 50))?;
    twin.update_attributes(session, &id(1), Entity::new().with("text", "two"))?;
    twin.verify(session)
}
