//! Connectors that only read, or have records of their own: what is read is the same each time, and queries about it
//! come to what the contract says.

mod own;

use own::{asked, every_filter, its_own};

use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{ErrorKind, Key, Model, Query, Value};
use tenon_model::{Entity, Filter};
use tenon_runtime::Capability;

use super::Check;
use super::filters::rich::condition;
use super::order::sort;
use crate::ask::Known;
use crate::bench::{Bench, PAGE, everything};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::queries;
use crate::property;
use crate::reference::{key_names, same, same_records};
use crate::show;

/// Declares the checks.
macro_rules! checks {
    ($($name:literal = $run:ident: $about:literal;)+) => {
        pub const CHECKS: &[Check] = &[$(
            Check {
                name: concat!("crud.reading.", $name),
                about: $about,
                needs: &[Capability::Crud],
                writes: false,
                run: |bench| with_models(bench, $run),
            },
        )+];
    };
}

checks! {
    "again" = again: "what nobody changes is read the same each time";
    "pages" = pages: "whatever the size of the pages, every record comes once";
    "filters" = filtered: "filters on the records that are there match what they have to";
    "order" = ordered: "orders, parts and fields of the records that are there are what was asked for";
    "invented" = invented: "invented queries about the records that are there come to what the contract says";
    "keys" = keys: "`find`, `exists` and `count` say of the records what `all` does";
    "writes" = writes: "what stores nothing refuses every write as `unsupported`";
}

/// Does it with each model of the connector's records.
fn with_models(bench: &mut Bench<'_>, run: fn(&mut Bench<'_>, &Known) -> Checked) -> Checked {
    let given = bench.facts().models.clone();
    if given.is_empty() && bench.facts().writable {
        return Err(Stop::skipped(
            "it stores records of the kit's, and no model of its own was given",
        ));
    }
    let mut models: Vec<Model> = given.iter().map(tenon_model::Model::to_contract).collect();
    if models.is_empty() {
        models = its_own(bench)?;
    }
    for model in models {
        let session = bench.session()?;
        must("define", session.define(&model)).map_err(|stop| stop.after(show::model(&model)))?;
        let records = everything(session, &model.name)?;
        let known = Known::read(&model, records, bench.facts())?;
        run(bench, &known)?;
    }
    Ok(())
}

fn again(bench: &mut Bench<'_>, known: &Known) -> Checked {
    for _ in 0..2 {
        known.ask(bench.session()?, &Query::default(), PAGE)?;
        // Another session sees the same.
        let session = bench.take_session()?;
        crate::bench::end(session);
        bench.session()?.define(known.model()).map_err(|failure| {
            Finding::new("a model can't be defined a second time").differs("no error", failure)
        })?;
    }
    known.ask(bench.session()?, &Query::default(), PAGE)
}

fn pages(bench: &mut Bench<'_>, known: &Known) -> Checked {
    let count = u32::try_from(known.records().len()).unwrap_or(u32::MAX);
    for max in [
        1,
        2,
        3,
        count.saturating_sub(1).max(1),
        count.max(1),
        count.saturating_add(1),
        1_000,
        u32::MAX,
    ] {
        known.ask(bench.session()?, &Query::default(), max)?;
    }
    // After the end nothing follows.
    let session = bench.session()?;
    let (rows, _) = must("all", session.all(&known.model().name, &Query::default()))?;
    while must("next", session.next(rows, 2))?.is_some() {}
    ensure(!matches!(session.next(rows, 2), Ok(Some(_))), || {
        Finding::new("`next` hands out a page after it has said that the result has ended")
    })?;
    must("close", session.close(rows))?;
    // Before the end it may be closed.
    for read in 0..3 {
        let (rows, _) = must("all", session.all(&known.model().name, &Query::default()))?;
        for _ in 0..read {
            must("next", session.next(rows, 1))?;
        }
        must("close", session.close(rows))?;
    }
    known.ask(session, &Query::default(), PAGE)
}

fn filtered(bench: &mut Bench<'_>, known: &Known) -> Checked {
    let filters = every_filter(known);
    // A connector that stores nothing may have to read all of its source for each.
    let step = filters.len().div_ceil(600).max(1);
    for filter in filters.iter().step_by(step) {
        known.ask_filter(bench.session()?, filter)?;
    }
    Ok(())
}

fn ordered(bench: &mut Bench<'_>, known: &Known) -> Checked {
    let asked = asked(known);
    let count = known.records().len() as u64;
    for one in &asked {
        for descending in [false, true] {
            for (limit, offset) in [
                (None, 0),
                (Some(1), 0),
                (Some(2), 1),
                (None, 1),
                (Some(count), 0),
                (Some(3), count),
            ] {
                for fields in [Vec::new(), vec![one.name.clone()]] {
                    let query = Query {
                        order: vec![sort(&one.name, descending)],
                        limit,
                        offset,
                        fields,
                        ..Query::default()
                    };
                    known.ask(bench.session()?, &query, 2)?;
                }
            }
            for other in &asked {
                let query = Query {
                    order: vec![sort(&one.name, descending), sort(&other.name, !descending)],
                    filter: condition(
                        &one.name,
                        &[],
                        tenon_model::contract::Comparison::NotEqual,
                        vec![Value::Null],
                    ),
                    ..Query::default()
                };
                known.ask(bench.session()?, &query, PAGE)?;
            }
        }
    }
    Ok(())
}

fn invented(bench: &mut Bench<'_>, known: &Known) -> Checked {
    let leaves: Vec<Filter> = every_filter(known)
        .iter()
        .filter_map(|nodes| Filter::from_nodes(nodes).ok())
        .collect();
    if leaves.is_empty() || known.model().properties.is_empty() {
        return Err(Stop::skipped("there is nothing to ask for"));
    }
    let filter = select(leaves).prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            3 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Filter::AllOf),
            2 => proptest::collection::vec(inner.clone(), 0..3).prop_map(Filter::AnyOf),
            2 => proptest::collection::vec(inner, 0..3).prop_map(Filter::NoneOf),
        ]
    });
    let nodes = filter.prop_map(|filter| filter.to_nodes()).boxed();
    let strategy = (queries::shaped(known.model(), nodes), 1..10_u32);
    let mut runner = bench.runner(&known.model().name.len().to_string());
    property::hold(&mut runner, bench.cases(), &strategy, |(query, max)| {
        let session = bench.session()?;
        known.ask(session, &query, max)?;
        known.count(session, &query.filter).map(drop)
    })
}

fn keys(bench: &mut Bench<'_>, known: &Known) -> Checked {
    let keys = key_names(known.model());
    let name = known.model().name.clone();
    known.count(bench.session()?, &Vec::new())?;
    if keys.is_empty() {
        return Err(Stop::skipped("the model has no key"));
    }
    let unsupported =
        |failure: &tenon_runtime::direct::Failure| failure.kind() == Some(ErrorKind::Unsupported);
    let mut ids: Vec<(Key, Option<&Entity>)> = known
        .records()
        .iter()
        .map(|record| {
            (
                crate::reference::key_of(known.model(), record),
                Some(record),
            )
        })
        .collect();
    if let Some((first, _)) = ids.first() {
        let nobody: Key = first
            .iter()
            .map(|value| match value {
                Value::Integer(_) => Value::Integer(i64::MIN + 7),
                _ => Value::from("nobody has this key"),
            })
            .collect();
        ids.push((nobody, None));
    }
    let session = bench.session()?;
    for (id, record) in ids {
        let id: Key = id;
        match session.find(&name, &id) {
            Err(failure) if unsupported(&failure) => {}
            found => {
                let found = must("find", found)?.map(Entity::from);
                let found = found
                    .map(|found| crate::ask::fit(known.model(), found, &[]))
                    .transpose()?;
                let agree = match (&found, record) {
                    (Some(found), Some(record)) => same(found, record),
                    (found, record) => found.is_none() && record.is_none(),
                };
                ensure(agree, || {
                    let text =
                        |record: Option<&Entity>| record.map_or("none".to_owned(), show::record);
                    Finding::new("`find` finds something else than `all` has")
                        .differs(text(record), text(found.as_ref()))
                        .after(format!("find {}", show::key(&id)))
                })?;
            }
        }
        match session.exists(&name, &id) {
            Err(failure) if unsupported(&failure) => {}
            exists => {
                let exists = must("exists", exists)?;
                ensure(exists == record.is_some(), || {
                    Finding::new("`exists` says something else than `all`")
                        .differs(record.is_some(), exists)
                        .after(format!("exists {}", show::key(&id)))
                })?;
            }
        }
    }
    Ok(())
}

fn writes(bench: &mut Bench<'_>, known: &Known) -> Checked {
    if bench.facts().writable {
        return Err(Stop::skipped("it stores records"));
    }
    let name = known.model().name.clone();
    let record = known.records().first().cloned().unwrap_or_default();
    let data = record.as_contract();
    let id: Key = crate::reference::key_of(known.model(), &record);
    let session = bench.session()?;
    let all = Vec::new();
    let calls = [
        ("create", session.create(&name, data).map(drop)),
        (
            "create-all",
            session
                .create_all(&name, std::slice::from_ref(data))
                .map(drop),
        ),
        ("save", session.save(&name, data).map(drop)),
        (
            "update-attributes",
            session.update_attributes(&name, &id, data).map(drop),
        ),
        ("update", session.update(&name, &all, data).map(drop)),
        ("destroy", session.destroy(&name, &id).map(drop)),
        ("destroy-all", session.destroy_all(&name, &all).map(drop)),
    ];
    for (function, called) in calls {
        let kind = called
            .as_ref()
            .err()
            .and_then(tenon_runtime::direct::Failure::kind);
        ensure(kind == Some(ErrorKind::Unsupported), || {
            let seen =
                called.map_or_else(|failure| failure.to_string(), |()| "no error".to_owned());
            Finding::new(format!(
                "`create` is `unsupported`, and `{function}` is not"
            ))
            .differs("`unsupported`", seen)
        })?;
    }
    let now = everything(session, &name)?;
    let now = Known::read(known.model(), now, bench.facts())?;
    ensure(same_records(known.records(), now.records()), || {
        Finding::new("writes that were refused have changed what is read")
            .differs(show::records(known.records()), show::records(now.records()))
    })
}
