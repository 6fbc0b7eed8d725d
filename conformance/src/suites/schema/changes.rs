//! Collections that become others, with records in them.

use tenon_model::contract::{Effect, ErrorKind, Model};
use tenon_model::{Entity, Property, PropertyType};
use tenon_runtime::direct::Step;

use super::discovery::discover;
use super::{
    changed, create, draft, has, index, make, named, nothing_to_do, plan, show_steps, three,
};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::{models, records};
use crate::property;
use crate::sequence::{equal, integers};
use crate::show;

/// A collection of three records.
fn filled(bench: &mut Bench<'_>) -> Checked<Model> {
    let draft = draft(bench, &["a", "b"]);
    let model = named(bench, draft);
    make(bench, &model)?;
    create(bench, &model, &three())?;
    Ok(model)
}

fn is_harmless(steps: &[Step], what: &str) -> Checked {
    ensure(!steps.is_empty(), || {
        Finding::new(format!("nothing is planned for {what}"))
    })?;
    ensure(steps.iter().all(|step| !step.destructive), || {
        Finding::new(format!(
            "{what} is planned as destructive: nothing is lost by it"
        ))
        .differs("steps that aren't destructive", show_steps(steps))
    })
}

pub fn add_property(bench: &mut Bench<'_>) -> Checked {
    let model = filled(bench)?;
    let mut wider = draft(bench, &["a", "b", "c"]);
    if bench.facts().keeps(PropertyType::Text) {
        wider = wider.property(Property::new("text", PropertyType::Text));
    }
    let wider = changed(&model, wider);
    let steps = plan(bench, &wider)?;
    is_harmless(&steps, "a new property")?;
    has(bench, &model, &three(), "after no more than a plan")?;
    make(bench, &wider)?;
    nothing_to_do(bench, &wider, "right after it got a property")?;
    has(bench, &wider, &three(), "after a new property was added")?;
    let more = integers(&[("id", 4), ("a", 4), ("b", 4), ("c", 5)]);
    create(bench, &wider, std::slice::from_ref(&more))?;
    let mut wanted = three();
    wanted.push(more);
    let session = bench.session()?;
    let whole = integers(&[("id", 1), ("a", 10), ("b", 7), ("c", 6)]);
    let mut sent = whole.clone();
    crate::reference::complete(&wider, &mut sent);
    must("save", session.save(&wider.name, sent.as_contract()))?;
    if let Some(first) = wanted.first_mut() {
        *first = whole;
    }
    has(
        bench,
        &wider,
        &wanted,
        "after the new property was written to",
    )
}

pub fn add_index(bench: &mut Bench<'_>) -> Checked {
    let model = filled(bench)?;
    let mut indexed = draft(bench, &["a", "b"]);
    indexed.indexes = vec![
        index("by_b", &[("b", false)], false),
        index("by_a_b", &[("a", true), ("b", false)], false),
    ];
    let indexed = changed(&model, indexed);
    let session = bench.session()?;
    let steps = must("plan", session.plan(std::slice::from_ref(&indexed)))?;
    if steps.is_empty() {
        return Err(Stop::skipped(
            "the backend keeps no index that isn't unique",
        ));
    }
    is_harmless(&steps, "a new index")?;
    make(bench, &indexed)?;
    nothing_to_do(bench, &indexed, "right after it got indexes")?;
    has(bench, &indexed, &three(), "after an index was added")?;
    let session = bench.session()?;
    for (filter, wanted) in [(equal("b", 7), 3), (equal("a", 20), 1), (equal("a", 5), 0)] {
        match session.count(&indexed.name, &filter) {
            Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {}
            counted => {
                let count = must("count", counted)?;
                ensure(count == wanted, || {
                    Finding::new("`count` by a property that has got an index is wrong")
                        .differs(wanted, count)
                        .after(format!("count where {}", show::filter(&filter)))
                })?;
            }
        }
    }
    // And away again, one after the other.
    let mut fewer = draft(bench, &["a", "b"]);
    fewer.indexes = vec![index("by_a_b", &[("a", true), ("b", false)], false)];
    let fewer = changed(&model, fewer);
    for model in [&fewer, &model] {
        let steps = plan(bench, model)?;
        is_harmless(&steps, "an index that goes")?;
        make(bench, model)?;
        nothing_to_do(bench, model, "right after an index was dropped")?;
        has(bench, model, &three(), "after an index was dropped")?;
    }
    Ok(())
}

pub fn unique_index(bench: &mut Bench<'_>) -> Checked {
    let model = filled(bench)?;
    let mut indexed = draft(bench, &["a", "b"]);
    indexed.indexes = vec![index("by_a", &[("a", false)], true)];
    let indexed = changed(&model, indexed);
    let refused = |bench: &mut Bench<'_>| -> Checked {
        let session = bench.session()?;
        let twice = integers(&[("id", 9), ("a", 20), ("b", 0)]);
        let kind = session
            .create(&model.name, twice.as_contract())
            .err()
            .and_then(|failure| failure.kind());
        ensure(kind == Some(ErrorKind::Duplicate), || {
            Finding::new("a unique index that was added to a collection with records doesn't hold")
                .differs("`duplicate`", format!("{kind:?}"))
                .after("create a record with a: 20, which is there already")
        })
    };
    make(bench, &indexed)?;
    nothing_to_do(bench, &indexed, "right after it got a unique index")?;
    has(bench, &indexed, &three(), "after a unique index was added")?;
    refused(bench)?;
    // The same index, not unique any more.
    let mut loose = draft(bench, &["a", "b"]);
    loose.indexes = vec![index("by_a", &[("a", false)], false)];
    let loose = changed(&model, loose);
    for model in [&loose, &model] {
        make(bench, model)?;
        nothing_to_do(bench, model, "right after its unique index went")?;
        let twice = integers(&[("id", 9), ("a", 20), ("b", 0)]);
        create(bench, model, std::slice::from_ref(&twice))
            .map_err(|stop| stop.after("after its unique index was dropped"))?;
        let session = bench.session()?;
        must(
            "destroy",
            session.destroy(&model.name, &crate::sequence::key(9)),
        )?;
        has(bench, model, &three(), "after a unique index was dropped")?;
    }
    // Back again.
    make(bench, &indexed)?;
    refused(bench)
}

/// Tries steps of which one can't be taken, since values are there twice.
fn fails(bench: &mut Bench<'_>, model: &Model, wanted: &Model, records: &[Entity]) -> Checked {
    let before = discover(bench, model)?;
    let steps = plan(bench, wanted)?;
    let shown = show_steps(&steps);
    let session = bench.session()?;
    let Err(failure) = session.apply(&steps) else {
        return Err(
            Finding::new("a unique index is made although values are there twice")
                .differs("an error", "success")
                .after(format!("apply {shown}"))
                .after(show::records(records))
                .into(),
        );
    };
    let Some(error) = failure.error().cloned() else {
        return must::<()>("apply", Err(failure))
            .map_err(|stop| stop.after(format!("apply {shown}")));
    };
    let told = |finding: Finding| {
        finding
            .after(format!("apply {shown}"))
            .after(show::records(records))
    };
    let is_fair = matches!(error.kind, ErrorKind::Duplicate | ErrorKind::Constraint);
    ensure(is_fair, || {
        told(
            Finding::new("a unique index where values are twice fails with another kind of error")
                .differs("`duplicate` or `constraint`", &failure),
        )
    })?;
    ensure(error.effect != Effect::Unknown, || {
        told(
            Finding::new("a step is refused, and nobody is said to know what has changed")
                .differs("the effect `nothing`, or `partial`", &failure),
        )
    })?;
    if steps.len() > 1 || error.effect == Effect::Partial {
        let number = error
            .detail("index")
            .and_then(|it| it.parse::<usize>().ok());
        ensure(number.is_some_and(|number| number < steps.len()), || {
            told(
                Finding::new("where a step fails, the error's `index` isn't the step's").differs(
                    format!("a number below {}", steps.len()),
                    format!("{number:?}"),
                ),
            )
        })?;
        let blamed = number.and_then(|number| steps.get(number));
        ensure(
            blamed.is_none_or(|step| step.kind.contains("index") || step.kind.starts_with("alter")),
            || {
                told(
                    Finding::new(
                        "where an index can't be made, the error's `index` is another step's",
                    )
                    .differs(
                        "the step that makes the index",
                        blamed.map_or("", |step| &step.kind),
                    ),
                )
            },
        )?;
    }
    let session = bench.session()?;
    must("define", session.define(model))
        .map_err(|stop| stop.after("after a plan that failed: define the model as it was"))?;
    has(bench, model, records, "after a plan that failed")?;
    if error.effect == Effect::Nothing {
        nothing_to_do(
            bench,
            model,
            "after a plan that has failed, and has changed nothing",
        )?;
        let after = discover(bench, model)?;
        ensure(show::model(&before) == show::model(&after), || {
            told(
                Finding::new(
                    "a plan that has failed, and has changed nothing, leaves another collection",
                )
                .differs(show::model(&before), show::model(&after)),
            )
        })?;
    }
    // What isn't unique yet may be there a third time.
    let more = integers(&[("id", 9), ("a", 1), ("b", 7)]);
    create(bench, model, std::slice::from_ref(&more))?;
    let session = bench.session()?;
    must(
        "destroy",
        session.destroy(&model.name, &crate::sequence::key(9)),
    )?;
    // Once the values differ, it works.
    for record in records.iter().skip(1) {
        let id = crate::reference::key_of(model, record);
        must("destroy", session.destroy(&model.name, &id))?;
    }
    make(bench, wanted).map_err(|stop| stop.after("once the values differ"))?;
    nothing_to_do(
        bench,
        wanted,
        "once a plan that had failed before was applied",
    )
}

pub fn not_unique(bench: &mut Bench<'_>) -> Checked {
    let model = filled(bench)?;
    let mut indexed = draft(bench, &["a", "b"]);
    indexed.indexes = vec![index("by_b", &[("b", false)], true)];
    let indexed = changed(&model, indexed);
    fails(bench, &model, &indexed, &three())
}

pub fn failing_step(bench: &mut Bench<'_>) -> Checked {
    let model = filled(bench)?;
    let mut indexed = draft(bench, &["a", "b", "c"]);
    indexed.indexes = vec![
        index("by_a", &[("a", false)], false),
        index("by_b", &[("b", false)], true),
        index("by_c", &[("c", false)], false),
    ];
    let indexed = changed(&model, indexed);
    fails(bench, &model, &indexed, &three())
}

pub fn invented(bench: &mut Bench<'_>) -> Checked {
    let strategy = models::invented(bench.facts(), 0.2);
    let mut runner = bench.runner("models");
    for _ in 0..3 {
        let mut first = property::one(&mut runner, &strategy)?;
        first.name = bench.name();
        let mut model = named(bench, first);
        let session = bench.session()?;
        let made = session
            .plan(std::slice::from_ref(&model))
            .and_then(|steps| session.apply(&steps))
            .and_then(|()| session.define(&model));
        if made.is_err() {
            continue;
        }
        let several = proptest::collection::vec(records::record(&model, bench.facts()), 6);
        let several = records::distinct(&model, property::one(&mut runner, &several)?);
        let mut stored = several;
        for record in &mut stored {
            crate::reference::complete(&model, record);
        }
        create(bench, &model, &stored)?;
        for _ in 0..2 {
            // Its key and properties, and another one's indexes.
            let mut next = property::one(&mut runner, &strategy)?.to_contract();
            std::mem::swap(&mut next.indexes, &mut model.indexes);
            let target = Model {
                indexes: std::mem::take(&mut model.indexes),
                ..model.clone()
            };
            let before = Model {
                indexes: next.indexes,
                ..model.clone()
            };
            let steps = plan(bench, &target)?;
            let session = bench.session()?;
            let applied = session.apply(&steps);
            if let Err(failure) = applied {
                // A unique index where values are twice.
                let may_be = target.indexes.iter().any(|index| index.unique);
                ensure(may_be, || {
                    Finding::new("`apply` fails for indexes that aren't unique")
                        .differs("no error", &failure)
                        .after(format!("apply {}", show_steps(&steps)))
                        .after(show::model(&before))
                })?;
                model = before;
                let session = bench.session()?;
                must("define", session.define(&model))?;
                has(bench, &model, &stored, "after a plan that failed")?;
                break;
            }
            model = target;
            let session = bench.session()?;
            must("define", session.define(&model))?;
            nothing_to_do(bench, &model, "right after its plan was applied")?;
            let found = discover(bench, &model)?;
            nothing_to_do(bench, &found, "to what it has discovered there")?;
            if steps.iter().all(|step| !step.destructive) {
                has(bench, &model, &stored, "after other indexes were made")?;
            }
        }
    }
    Ok(())
}
