//! Collections as models.

use std::collections::BTreeMap;

use tenon_model::contract::{ErrorKind, Model, PropertyType as Kind};
use tenon_model::{Property, PropertyType};

use super::making::referring;
use super::{
    collection_of, create, draft, has, index, is_listed, make, named, nothing_to_do, three,
};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::{models, values};
use crate::reference::key_names;
use crate::sequence::integers;
use crate::show;

/// One collection as a model.
pub fn discover(bench: &mut Bench<'_>, model: &Model) -> Checked<Model> {
    let session = bench.session()?;
    let mut found = must(
        "discover",
        session.discover(&[collection_of(model).to_owned()]),
    )
    .map_err(|stop| stop.after(format!("made as {}", show::model(model))))?;
    match (found.pop(), found.is_empty()) {
        (Some(found), true) => Ok(found),
        _ => Err(Stop::failed(
            "`discover` of one collection doesn't return one model",
        )),
    }
}

/// The case of value that a kind travels in.
fn case(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Date | Kind::Time | Kind::Uuid => "text",
        Kind::Json | Kind::Any => "json",
        Kind::Boolean => "boolean",
        Kind::Integer => "integer",
        Kind::Float => "float",
        Kind::Decimal => "decimal",
        Kind::Timestamp => "timestamp",
        Kind::Bytes => "bytes",
        Kind::Point => "point",
    }
}

/// Whether a property of one kind may be discovered as one of the other: a backend has fewer types than there are
/// kinds, and says what it has.
fn is_alike(wanted: Kind, seen: Kind) -> bool {
    wanted == seen || case(wanted) == case(seen) || matches!(wanted, Kind::Any)
}

fn differs(made: &Model, found: &Model, what: &str) -> Finding {
    Finding::new(format!("`discover` {what}")).differs(show::model(made), show::model(found))
}

/// Whether the properties are the same ones, of kinds that are alike.
fn same_properties(made: &Model, found: &Model) -> Checked {
    let kinds = |model: &Model| -> BTreeMap<String, Kind> {
        let properties = model.properties.iter();
        properties.map(|it| (it.name.clone(), it.kind)).collect()
    };
    let (wanted, seen) = (kinds(made), kinds(found));
    ensure(wanted.keys().eq(seen.keys()), || {
        differs(
            made,
            found,
            "finds other properties than the collection was made with",
        )
    })?;
    for (name, kind) in &wanted {
        let found_kind = seen.get(name).copied().unwrap_or(*kind);
        ensure(is_alike(*kind, found_kind), || {
            differs(
                made,
                found,
                &format!("finds another kind for the property `{name}`"),
            )
        })?;
    }
    ensure(key_names(made) == key_names(found), || {
        differs(made, found, "finds another key")
    })
}

pub fn model(bench: &mut Bench<'_>) -> Checked {
    let (owner, item) = referring(bench);
    let session = bench.session()?;
    let both = [owner.clone(), item.clone()];
    let steps = must("plan", session.plan(&both))?;
    must("apply", session.apply(&steps))?;
    let found = discover(bench, &item)?;
    same_properties(&item, &found)?;
    ensure(
        found.name == collection_of(&item)
            || found.collection.as_deref() == item.collection.as_deref(),
        || {
            differs(
                &item,
                &found,
                "gives the model another name than the collection's",
            )
        },
    )?;
    ensure(
        found
            .properties
            .iter()
            .all(|it| it.native_type.as_ref().is_some_and(|it| !it.is_empty())),
        || {
            Finding::new("`discover` doesn't say of which native type a property is")
                .differs("a native type of each", show::model(&found))
        },
    )?;
    // A backend that keeps references tells them.
    let mut without = item.clone();
    without.references.clear();
    let session = bench.session()?;
    let keeps_references = session
        .plan(std::slice::from_ref(&without))
        .is_ok_and(|steps| !steps.is_empty());
    if keeps_references {
        let reference = found.references.first();
        let is_it = reference.is_some_and(|it| {
            it.properties == ["owner"] && it.targets == ["id"] && it.model == collection_of(&owner)
        });
        ensure(is_it && found.references.len() == 1, || {
            Finding::new("`discover` doesn't find the reference that the collection was made with")
                .differs(
                    format!("owner to id of {}", collection_of(&owner)),
                    format!("{:?}", found.references),
                )
        })?;
    }
    nothing_to_do(bench, &found, "to what it has discovered there")
}

pub fn every_kind(bench: &mut Bench<'_>) -> Checked {
    let mut wide = models::wide(bench.facts());
    wide.name = bench.name();
    let model = named(bench, wide);
    make(bench, &model)?;
    let found = discover(bench, &model)?;
    same_properties(&model, &found)?;
    nothing_to_do(bench, &found, "to what it has discovered there")?;
    // Kinds that a backend tells apart stay apart.
    for property in &model.properties {
        let seen = found.properties.iter().find(|it| it.name == property.name);
        let seen = seen.map_or(property.kind, |seen| seen.kind);
        if seen != property.kind {
            bench.note(format!("`{}` is discovered as `{seen}`", property.kind));
        }
    }
    Ok(())
}

pub fn key_order(bench: &mut Bench<'_>) -> Checked {
    for names in [["z", "a", "m"], ["m", "z", "a"], ["a", "m", "z"]] {
        let mut draft = tenon_model::Model::new(bench.name())
            .property(Property::new("between", PropertyType::Integer));
        for name in names {
            draft = draft.key(name, PropertyType::Integer);
        }
        // Declared in another order than the key has.
        draft.properties.reverse();
        let model = named(bench, draft);
        make(bench, &model)?;
        let found = discover(bench, &model)?;
        same_properties(&model, &found)?;
        nothing_to_do(bench, &model, "with a key of three properties")?;
        nothing_to_do(bench, &found, "to what it has discovered there")?;
    }
    Ok(())
}

pub fn usable(bench: &mut Bench<'_>) -> Checked {
    let mut wide = models::wide(bench.facts());
    wide.name = bench.name();
    let model = named(bench, wide);
    make(bench, &model)?;
    let mut records = Vec::new();
    for place in 0..3_usize {
        let id = i64::try_from(place).unwrap_or(0);
        let mut record = integers(&[("id", id)]);
        for kind in &bench.facts().kinds {
            let plain = values::plain(*kind);
            if let Some(value) = plain.get(place % plain.len().max(1)) {
                record.set(format!("{kind}"), bench.facts().stored(value));
            }
        }
        records.push(record);
    }
    create(bench, &model, &records)?;
    let mut found = discover(bench, &model)?;
    let seen = found.clone();
    found.name.clone_from(&model.name);
    found.collection.clone_from(&model.collection);
    found.properties.retain(|property| {
        let mut made = model.properties.iter();
        made.any(|it| it.name == property.name && it.kind == property.kind)
    });
    // What a backend knows under another kind would come as that.
    for record in &mut records {
        record.retain(|name| {
            let kind = |model: &Model| {
                let mut properties = model.properties.iter();
                properties.find(|it| it.name == name).map(|it| it.kind)
            };
            kind(&model) == kind(&seen)
        });
    }
    let session = bench.session()?;
    must("define", session.define(&found)).map_err(|stop| {
        stop.after(format!(
            "define what was discovered: {}",
            show::model(&found)
        ))
    })?;
    let mut stored = bench.everything(&found)?;
    for record in &mut stored {
        record.retain(|name| records.iter().any(|it| it.get(name).is_some()));
    }
    ensure(crate::reference::same_records(&records, &stored), || {
        Finding::new("a discovered model doesn't read the records that are there")
            .differs(show::records(&records), show::records(&stored))
            .after(show::model(&found))
    })?;
    let session = bench.session()?;
    must("define", session.define(&model))
}

pub fn several(bench: &mut Bench<'_>) -> Checked {
    let mut models = Vec::new();
    for properties in [&["a"][..], &["a", "b"], &["c", "b", "a"]] {
        let draft = draft(bench, properties);
        let model = named(bench, draft);
        make(bench, &model)?;
        models.push(model);
    }
    models.reverse();
    for _ in 0..models.len() {
        models.rotate_left(1);
        let names: Vec<String> = models
            .iter()
            .map(|it| collection_of(it).to_owned())
            .collect();
        let session = bench.session()?;
        let found = must("discover", session.discover(&names))?;
        ensure(found.len() == models.len(), || {
            Finding::new("`discover` doesn't return a model for each collection")
                .differs(models.len(), found.len())
        })?;
        for (model, found) in models.iter().zip(&found) {
            same_properties(model, found)
                .map_err(|stop| stop.after(format!("discover {}", names.join(", "))))?;
        }
    }
    let session = bench.session()?;
    let none = must("discover", session.discover(&[]))?;
    ensure(none.is_empty(), || {
        Finding::new("`discover` of no collection returns models").differs(0, none.len())
    })?;
    for model in &models {
        ensure(is_listed(bench, model)?, || {
            Finding::new("`collections` doesn't list every collection that is there")
                .differs(collection_of(model), "not listed")
        })?;
    }
    Ok(())
}

pub fn missing(bench: &mut Bench<'_>) -> Checked {
    let draft = draft(bench, &["a", "b"]);
    let model = named(bench, draft);
    make(bench, &model)?;
    create(bench, &model, &three())?;
    let nowhere = bench.name();
    let there = collection_of(&model).to_owned();
    for asked in [
        vec![nowhere.clone()],
        vec![there.clone(), nowhere.clone()],
        vec![nowhere, there],
    ] {
        let session = bench.session()?;
        let found = session.discover(&asked);
        let kind = found
            .as_ref()
            .err()
            .and_then(tenon_runtime::direct::Failure::kind);
        ensure(kind == Some(ErrorKind::NotFound), || {
            Finding::new("`discover` of a collection that isn't there is no `not-found`")
                .differs(
                    "the error `not-found`",
                    match &found {
                        Ok(models) => format!("{} models", models.len()),
                        Err(failure) => failure.to_string(),
                    },
                )
                .after(format!("discover {}", asked.join(", ")))
        })?;
    }
    has(bench, &model, &three(), "after a `discover` that failed")
}

pub fn columns(bench: &mut Bench<'_>) -> Checked {
    let mut draft = draft(bench, &["a", "b"]);
    if let Some(property) = draft.properties.iter_mut().find(|it| it.name == "b") {
        property.column = Some("other_name".to_owned());
    }
    draft.indexes = vec![index("by_b", &[("b", false)], true)];
    let model = named(bench, draft);
    let session = bench.session()?;
    let made = session
        .plan(std::slice::from_ref(&model))
        .and_then(|steps| session.apply(&steps))
        .and_then(|()| session.define(&model));
    if let Err(failure) = made {
        let kind = failure.kind();
        ensure(
            matches!(kind, Some(ErrorKind::Invalid | ErrorKind::Unsupported)),
            || {
                Finding::new("a property with another name in the backend can't be made")
                    .differs("success, or `invalid`", &failure)
            },
        )?;
        return Err(Stop::skipped(format!(
            "the connector has no other names ({failure})"
        )));
    }
    nothing_to_do(
        bench,
        &model,
        "with a property that has another name in the backend",
    )?;
    let records: Vec<_> = (1..=3)
        .map(|id| integers(&[("id", id), ("a", id), ("b", id)]))
        .collect();
    create(bench, &model, &records)?;
    has(
        bench,
        &model,
        &records,
        "where a property has another name in the backend",
    )?;
    let found = discover(bench, &model)?;
    let names: Vec<&str> = found.properties.iter().map(|it| it.name.as_str()).collect();
    ensure(
        names.contains(&"other_name") != names.contains(&"b"),
        || {
            Finding::new("a property with another name in the backend is discovered neither under the one nor the other")
            .differs("other_name", names.join(", "))
        },
    )?;
    nothing_to_do(bench, &found, "to what it has discovered there")
}
