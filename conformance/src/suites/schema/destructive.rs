//! What can lose data, and whether a plan says so. What was lost shows where the collection is made as it was again.

use tenon_model::contract::{Effect, Model, PropertyType as Kind, Value};
use tenon_model::{Entity, Property, PropertyType};
use tenon_runtime::direct::{Called, Step};

use super::discovery::discover;
use super::making::text;
use super::{changed, create, draft, has, make, named, nothing_to_do, show_steps, three};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::{complete, same_records};
use crate::sequence::integers;
use crate::show;

/// Changes the collection, and makes it as it was again. Where a record isn't as it was then, a step of the way there
/// has to have warned. What came of the way there.
fn there_and_back(
    bench: &mut Bench<'_>,
    model: &Model,
    other: &Model,
    records: &[Entity],
) -> Checked<Called<Vec<Step>>> {
    let session = bench.session()?;
    let steps = match session.plan(std::slice::from_ref(other)) {
        Ok(steps) => steps,
        Err(failure) => {
            ensure(failure.error().is_some(), || {
                Finding::new("`plan` ends the instance").differs("steps, or an error", &failure)
            })?;
            nothing_to_do(bench, model, "after a plan that failed")?;
            return Ok(Err(failure));
        }
    };
    let shown = show_steps(&steps);
    let told = |stop: Stop| {
        stop.after(format!("apply {shown}"))
            .after(format!("plan {}", show::model(other)))
            .after(show::records(records))
            .after(show::model(model))
    };
    let session = bench.session()?;
    if let Err(failure) = session.apply(&steps) {
        let effect = failure.error().map(|error| error.effect);
        ensure(effect.is_some(), || {
            Finding::new("`apply` ends the instance").differs("success, or an error", &failure)
        })
        .map_err(told)?;
        if effect == Some(Effect::Nothing) {
            must("define", session.define(model)).map_err(told)?;
            has(bench, model, records, "after a plan that failed").map_err(told)?;
            nothing_to_do(
                bench,
                model,
                "after a plan that has failed, and has changed nothing",
            )
            .map_err(told)?;
        }
        return Ok(Err(failure));
    }
    nothing_to_do(bench, other, "right after its plan was applied").map_err(told)?;
    let warned = steps.iter().any(|step| step.destructive);
    let session = bench.session()?;
    must("define", session.define(other)).map_err(told)?;
    // Values may be there that aren't of the new kind, and that can't be read so.
    if let Ok(there) = bench.everything(other) {
        ensure(warned || there.len() == records.len(), || {
            Finding::new("records are lost by steps of which none is destructive")
                .differs(records.len(), there.len())
        })
        .map_err(told)?;
    }
    let session = bench.session()?;
    let back = session
        .plan(std::slice::from_ref(model))
        .and_then(|steps| session.apply(&steps))
        .and_then(|()| session.define(model));
    if back.is_err() {
        return Ok(Ok(steps));
    }
    let mut stored = bench.everything(model)?;
    let mut wanted = records.to_vec();
    for record in stored.iter_mut().chain(&mut wanted) {
        complete(model, record);
    }
    ensure(warned || same_records(&wanted, &stored), || {
        Finding::new("data are lost by steps of which none is destructive").differs(
            format!(
                "a destructive step, or once the model is as it was:\n{}",
                show::records(&wanted)
            ),
            show::records(&stored),
        )
    })
    .map_err(told)?;
    Ok(Ok(steps))
}

pub fn dropped_property(bench: &mut Bench<'_>) -> Checked {
    let wide = draft(bench, &["a", "b"]);
    let model = named(bench, wide);
    make(bench, &model)?;
    create(bench, &model, &three())?;
    let narrow = changed(&model, draft(bench, &["a"]));
    let found = discover(bench, &model)?;
    let session = bench.session()?;
    let steps = must("plan", session.plan(std::slice::from_ref(&narrow)))?;
    let is_known = found.properties.iter().any(|it| it.name == "b");
    ensure(!steps.is_empty() || !is_known, || {
        Finding::new("nothing is planned for a property that is no longer in the model")
            .differs("a step: a column that isn't mentioned goes", "none")
            .after(format!("plan {}", show::model(&narrow)))
            .after(format!("made as {}", show::model(&model)))
    })?;
    has(bench, &model, &three(), "after no more than a plan")?;
    must("plan", there_and_back(bench, &model, &narrow, &three())?)?;
    // The others stay, in any case.
    let narrow_records: Vec<Entity> = (1..=3)
        .map(|id| integers(&[("id", id), ("a", id * 10)]))
        .collect();
    let mut stored = bench.everything(&model)?;
    for record in &mut stored {
        record.retain(|name| name != "b");
    }
    ensure(same_records(&narrow_records, &stored), || {
        Finding::new("a property that goes takes others with it")
            .differs(show::records(&narrow_records), show::records(&stored))
    })
}

pub fn changed_property(bench: &mut Bench<'_>) -> Checked {
    if !bench.facts().keeps(PropertyType::Text) {
        return Err(Stop::skipped("the connector keeps no texts"));
    }
    let with = |id: i64, text: Value| {
        let record = integers(&[("id", id), ("a", id)]);
        record.with("text", text)
    };
    let of_kind = |bench: &Bench<'_>, name: &str, kind: Kind| {
        let mut draft = text(bench, None);
        if let Some(property) = draft.properties.iter_mut().find(|it| it.name == name) {
            property.kind = kind;
        }
        draft
    };
    let mut required = text(bench, None);
    if let Some(property) = required.properties.iter_mut().find(|it| it.name == "text") {
        property.required = true;
    }
    let others = [
        text(bench, Some(3)),
        text(bench, Some(200)),
        of_kind(bench, "text", Kind::Integer),
        of_kind(bench, "a", Kind::Text),
        of_kind(bench, "a", Kind::Boolean),
        required,
    ];
    let texts = [
        vec![Value::from("a long text"), Value::from("ab")],
        vec![Value::from("12"), Value::Null],
    ];
    for other in others {
        for texts in &texts {
            let first = text(bench, None);
            let model = named(bench, first);
            make(bench, &model)?;
            let records: Vec<Entity> = (1..)
                .zip(texts)
                .map(|(id, text)| with(id, text.clone()))
                .collect();
            create(bench, &model, &records)?;
            let other = changed(&model, other.clone());
            // Whether it can be done at all, is the backend's matter.
            let _ = there_and_back(bench, &model, &other, &records)?;
        }
    }
    Ok(())
}

pub fn changed_key(bench: &mut Bench<'_>) -> Checked {
    for is_taken in [false, true] {
        let first = draft(bench, &["a", "b"]);
        let model = named(bench, first);
        make(bench, &model)?;
        let records: Vec<Entity> = (1..=3)
            .map(|id| {
                let a = if is_taken { 5 } else { id * 10 };
                integers(&[("id", id), ("a", a), ("b", 7)])
            })
            .collect();
        create(bench, &model, &records)?;
        let other = tenon_model::Model::new("Other")
            .key("a", PropertyType::Integer)
            .property(Property::new("id", PropertyType::Integer))
            .property(Property::new("b", PropertyType::Integer));
        let other = changed(&model, other);
        let applied = there_and_back(bench, &model, &other, &records)?;
        if let (Ok(steps), true) = (&applied, is_taken) {
            let warned = steps.iter().any(|step| step.destructive);
            ensure(warned, || {
                Finding::new("a key is changed to one that several records share, and no step is destructive")
                    .differs("an error, or a destructive step", show_steps(steps))
            })?;
        }
    }
    Ok(())
}
