//! Plans for what isn't there, and what comes of them.

use tenon_model::contract::{Model, Reference};
use tenon_model::{Property, PropertyType};

use super::{
    collection_of, create, draft, has, index, is_listed, make, named, nothing_to_do, plan,
    show_steps, three,
};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::{models, records};
use crate::property;
use crate::sequence::integers;
use crate::show;

/// A model with an index of each sort.
fn indexed(bench: &mut Bench<'_>) -> Model {
    let mut draft = draft(bench, &["a", "b", "c"]);
    draft.indexes = vec![
        index("by_a", &[("a", false)], true),
        index("by_b_c", &[("b", false), ("c", true)], false),
    ];
    named(bench, draft)
}

pub fn plan_of_new(bench: &mut Bench<'_>) -> Checked {
    let draft_plain = draft(bench, &["a"]);
    for model in [named(bench, draft_plain), indexed(bench)] {
        let steps = plan(bench, &model)?;
        ensure(!steps.is_empty(), || {
            Finding::new("nothing is planned for a collection that isn't there")
                .after(format!("plan {}", show::model(&model)))
        })?;
        ensure(steps.iter().all(|step| !step.destructive), || {
            Finding::new("a plan for a collection that isn't there has a destructive step: there is nothing to lose")
                .differs("steps that aren't destructive", show_steps(&steps))
                .after(format!("plan {}", show::model(&model)))
        })?;
    }
    Ok(())
}

pub fn steps_are_told(bench: &mut Bench<'_>) -> Checked {
    let model = indexed(bench);
    let steps = plan(bench, &model)?;
    for step in &steps {
        let is_name = !step.kind.is_empty()
            && step
                .kind
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        ensure(is_name, || {
            Finding::new("a step's kind is no name").differs("as in `create-index`", &step.kind)
        })?;
        ensure(!step.description.trim().is_empty(), || {
            Finding::new(format!(
                "a step of the kind `{}` doesn't say what it does",
                step.kind
            ))
            .differs(
                "a description for a person who has to consent",
                "an empty text",
            )
        })?;
        ensure(!step.collection.trim().is_empty(), || {
            Finding::new(format!(
                "a step of the kind `{}` doesn't say which collection it changes",
                step.kind
            ))
        })?;
        let names_it = step.collection.contains(collection_of(&model))
            || step
                .commands
                .iter()
                .any(|it| it.contains(collection_of(&model)));
        ensure(names_it, || {
            Finding::new(format!(
                "a step of the kind `{}` is about another collection",
                step.kind
            ))
            .differs(collection_of(&model), &step.collection)
        })?;
    }
    ensure(
        steps.iter().any(|step| step.kind == "create-collection"),
        || {
            Finding::new("a plan for a collection that isn't there has no step `create-collection`")
                .differs("a step `create-collection`", show_steps(&steps))
        },
    )
}

pub fn only_plans(bench: &mut Bench<'_>) -> Checked {
    let model = indexed(bench);
    let first = plan(bench, &model)?;
    ensure(!is_listed(bench, &model)?, || {
        Finding::new("`plan` makes the collection, which is for `apply` to do")
            .after(format!("plan {}; collections", show::model(&model)))
    })?;
    let second = plan(bench, &model)?;
    ensure(show_steps(&first) == show_steps(&second), || {
        Finding::new("two plans of the same model differ, and nothing was done between them")
            .differs(show_steps(&first), show_steps(&second))
    })?;
    // Plans for a collection that is there.
    make(bench, &model)?;
    create(bench, &model, &three())?;
    let mut other = model.clone();
    other.indexes.clear();
    other.properties.retain(|property| property.name != "c");
    if let Some(property) = other.properties.iter_mut().find(|it| it.name == "b") {
        property.kind = tenon_model::contract::PropertyType::Text;
    }
    let session = bench.session()?;
    // Whether it can be planned at all, is the backend's matter.
    let _ = session.plan(std::slice::from_ref(&other));
    has(bench, &model, &three(), "after no more than a plan")?;
    nothing_to_do(bench, &model, "after no more than a plan of something else")?;
    let session = bench.session()?;
    let twice = integers(&[("id", 9), ("a", 10)]);
    ensure(
        session.create(&model.name, twice.as_contract()).is_err(),
        || Finding::new("a unique index no longer holds after a plan to drop it"),
    )
}

pub fn nothing_else(bench: &mut Bench<'_>) -> Checked {
    let (one, two) = (indexed(bench), indexed(bench));
    make(bench, &one)?;
    create(bench, &one, &three())?;
    let steps = plan(bench, &two)?;
    let others = |steps: &[tenon_runtime::direct::Step], own: &Model| {
        let others = steps
            .iter()
            .filter(|step| !step.collection.contains(collection_of(own)));
        others.cloned().collect::<Vec<_>>()
    };
    let other = others(&steps, &two);
    ensure(other.is_empty(), || {
        Finding::new("a plan of one model has steps for other collections")
            .differs("none", show_steps(&other))
    })?;
    make(bench, &two)?;
    nothing_to_do(bench, &one, "after another one was made")?;
    nothing_to_do(bench, &two, "although others are there")?;
    has(bench, &one, &three(), "after another collection was made")?;
    let session = bench.session()?;
    let nothing = must("plan", session.plan(&[]))?;
    ensure(nothing.is_empty(), || {
        Finding::new("a plan of no model has steps").differs("none", show_steps(&nothing))
    })?;
    must("apply", session.apply(&[]))?;
    ensure(is_listed(bench, &one)? && is_listed(bench, &two)?, || {
        Finding::new("a collection is gone after a plan of no model")
    })
}

pub fn makes(bench: &mut Bench<'_>) -> Checked {
    let model = indexed(bench);
    ensure(!is_listed(bench, &model)?, || {
        Finding::new("`collections` lists a collection before it is made")
    })?;
    let steps = plan(bench, &model)?;
    let session = bench.session()?;
    must("apply", session.apply(&steps))
        .map_err(|stop| stop.after(format!("apply {}", show_steps(&steps))))?;
    ensure(is_listed(bench, &model)?, || {
        Finding::new("`collections` doesn't list a collection that was made")
            .differs(collection_of(&model), "not listed")
            .after(format!("apply {}; collections", show_steps(&steps)))
    })?;
    nothing_to_do(bench, &model, "right after its plan was applied")?;
    let session = bench.session()?;
    must("define", session.define(&model))?;
    nothing_to_do(
        bench,
        &model,
        "whose model was defined after its plan was applied",
    )?;
    create(bench, &model, &three())?;
    nothing_to_do(bench, &model, "that has got records")?;
    has(bench, &model, &three(), "after they were stored")?;
    let session = bench.session()?;
    let twice = integers(&[("id", 9), ("a", 10)]);
    ensure(
        session.create(&model.name, twice.as_contract()).is_err(),
        || {
            Finding::new("a unique index that was planned and applied doesn't hold")
                .after("create two records with the same value in it")
        },
    )
}

/// A model, and one that refers to it.
pub fn referring(bench: &mut Bench<'_>) -> (Model, Model) {
    let owner_draft = draft(bench, &["a"]);
    let owner = named(bench, owner_draft);
    let mut item_draft = draft(bench, &["a", "owner"]);
    item_draft.indexes = vec![index("by_owner", &[("owner", false)], false)];
    let mut item = named(bench, item_draft);
    item.references.push(Reference {
        name: "owner".to_owned(),
        properties: vec!["owner".to_owned()],
        model: owner.name.clone(),
        targets: vec!["id".to_owned()],
        settings: None,
    });
    bench.remember(&item);
    (owner, item)
}

pub fn several(bench: &mut Bench<'_>) -> Checked {
    for is_first in [true, false] {
        let (owner, item) = referring(bench);
        let both = if is_first {
            [owner.clone(), item.clone()]
        } else {
            [item.clone(), owner.clone()]
        };
        let session = bench.session()?;
        let steps = must("plan", session.plan(&both))?;
        must("apply", session.apply(&steps)).map_err(|stop| {
            stop.after(format!("apply {}", show_steps(&steps)))
                .after("plan of two models, of which one refers to the other")
        })?;
        let left = must("plan", session.plan(&both))?;
        ensure(left.is_empty(), || {
            Finding::new("a plan of two models wants to change something after it was applied")
                .differs("no step", show_steps(&left))
        })?;
        for model in [&owner, &item] {
            must("define", session.define(model))?;
        }
        ensure(
            is_listed(bench, &owner)? && is_listed(bench, &item)?,
            || {
                Finding::new(
                    "of two collections of one plan, not both are listed once it is applied",
                )
            },
        )?;
        nothing_to_do(
            bench,
            &owner,
            "that was made together with one that refers to it",
        )?;
        nothing_to_do(
            bench,
            &item,
            "that was made together with the one that it refers to",
        )?;
        create(bench, &owner, &[integers(&[("id", 1), ("a", 1)])])?;
        let one = integers(&[("id", 1), ("a", 1), ("owner", 1)]);
        create(bench, &item, std::slice::from_ref(&one))?;
        has(
            bench,
            &item,
            &[one],
            "in a collection that refers to another",
        )?;
    }
    Ok(())
}

pub fn applied_again(bench: &mut Bench<'_>) -> Checked {
    let model = indexed(bench);
    let steps = make(bench, &model)?;
    create(bench, &model, &three())?;
    let session = bench.session()?;
    // An error says that things have changed since; to have nothing to do is as good.
    let _ = session.apply(&steps);
    has(
        bench,
        &model,
        &three(),
        "after steps were applied a second time",
    )?;
    nothing_to_do(bench, &model, "after steps were applied a second time")?;
    let session = bench.session()?;
    let twice = integers(&[("id", 9), ("a", 10)]);
    ensure(
        session.create(&model.name, twice.as_contract()).is_err(),
        || Finding::new("a unique index no longer holds after steps were applied a second time"),
    )
}

pub fn invented(bench: &mut Bench<'_>) -> Checked {
    let strategy = models::invented(bench.facts(), 0.3);
    let mut runner = bench.runner("models");
    for _ in 0..6 {
        let mut draft = property::one(&mut runner, &strategy)?;
        draft.name = bench.name();
        let model = named(bench, draft);
        let session = bench.session()?;
        let Ok(steps) = session.plan(std::slice::from_ref(&model)) else {
            // A key or an index that the backend can't have.
            continue;
        };
        if session.apply(&steps).is_err() {
            continue;
        }
        nothing_to_do(bench, &model, "right after its plan was applied")?;
        let session = bench.session()?;
        let found = must(
            "discover",
            session.discover(&[collection_of(&model).to_owned()]),
        )?;
        let Some(found) = found.first() else {
            return Err(Stop::failed("`discover` of one collection returns none"));
        };
        nothing_to_do(bench, found, "to what it has discovered there")
            .map_err(|stop| stop.after(format!("made as {}", show::model(&model))))?;
        let session = bench.session()?;
        must("define", session.define(&model))?;
        let several = proptest::collection::vec(records::record(&model, bench.facts()), 8);
        let several = property::one(&mut runner, &several)?;
        let several = records::distinct(&model, several);
        let mut whole = several.clone();
        for record in &mut whole {
            crate::reference::complete(&model, record);
        }
        create(bench, &model, &whole)?;
        has(bench, &model, &whole, "after they were stored")?;
        nothing_to_do(bench, &model, "that has got records")?;
    }
    Ok(())
}

/// A model of a text of that length, or of none.
pub fn text(bench: &Bench<'_>, length: Option<u32>) -> tenon_model::Model {
    let mut text = Property::new("text", PropertyType::Text);
    text.length = length;
    draft(bench, &["a"]).property(text)
}
