//! Invented edits of invented documents.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{Comparison, ErrorKind, Filter as Nodes, Value};
use tenon_model::{Entity, Filter};
use tenon_runtime::direct::Edit;

use super::{FIELDS, UNCHANGED, changed};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::property;
use crate::show;
use crate::suites::read_model::documents::must_match;
use crate::suites::read_model::edits::{self, Outcome, edited, equal_values};
use crate::suites::read_model::opened::{
    Opened, TABLE, fresh, is_unsupported, refused, shown_update, table,
};

/// What an update has to come to.
enum Wanted {
    /// So many matched, and these documents are there then.
    Done(u64, Vec<Entity>),
    Refused(ErrorKind),
    /// The contract leaves it open.
    Open,
}

pub fn invented(bench: &mut Bench<'_>) -> Checked {
    let mut runner = bench.runner("edits");
    let cases = bench.cases();
    let mut store = fresh(bench)?.with_table(&table(TABLE, FIELDS))?;
    let case = (
        vec(edits::document(), 0..4),
        filter(),
        edits::edits(),
        any::<bool>(),
    );
    let mut unsupported = 0;
    property::hold(
        &mut runner,
        cases,
        &case,
        |(documents, filter, edits, upsert)| {
            let documents = distinct(documents);
            let wanted = come_to(&documents, &filter, &edits, upsert)?;
            if matches!(wanted, Wanted::Open) {
                return Ok(());
            }
            empty(&mut store)?;
            store.fill(TABLE, &documents)?;
            let told = |stop: Stop| {
                stop.after(shown_update(&filter, &edits, upsert))
                    .after(format!(
                        "these documents are there:\n{}",
                        show::records(&documents)
                    ))
            };
            let updated = store.update(TABLE, &filter, &edits, upsert);
            if updated.as_ref().is_err_and(is_unsupported) {
                unsupported += 1;
                return store.has(TABLE, &documents, UNCHANGED).map_err(told);
            }
            match wanted {
                Wanted::Open => Ok(()),
                Wanted::Refused(kind) => {
                    let rule = "an update is made whole or not at all, and here it can't be made";
                    refused("update", updated, &[kind], rule).map_err(told)?;
                    store.has(TABLE, &documents, UNCHANGED).map_err(told)
                }
                Wanted::Done(count, after) => {
                    let matched = must("update", updated).map_err(told)?;
                    ensure(matched == count, || {
                        Finding::new("`update` returns another number than that of the matches")
                            .differs(count, matched)
                    })
                    .map_err(told)?;
                    changed(&mut store, &after).map_err(told)
                }
            }
        },
    )?;
    store.close()?;
    if unsupported > 0 {
        bench.note(format!("`update` was `unsupported` {unsupported} times"));
    }
    Ok(())
}

/// Documents of which no two have the same key.
fn distinct(documents: Vec<Entity>) -> Vec<Entity> {
    let mut taken = BTreeSet::new();
    documents
        .into_iter()
        .filter(|document| {
            let id = document.get("id").and_then(Value::as_text);
            taken.insert(id.unwrap_or_default().to_owned())
        })
        .collect()
}

/// Removes every document.
pub fn empty(store: &mut Opened<'_, '_>) -> Checked {
    match store.delete(TABLE, &Vec::new()) {
        Err(failure) if is_unsupported(&failure) => Err(Stop::skipped("`delete` is `unsupported`")),
        deleted => must("delete", deleted).map(drop),
    }
}

/// Few filters, so that they often match; and most upserts say what the key is to be.
fn filter() -> BoxedStrategy<Nodes> {
    let id = select(vec!["a", "b", "c", "d", "e"]).prop_map(|id| Filter::equal("id", id));
    let other = select(vec![
        Filter::equal("integer", 0_i64),
        Filter::equal("text", "x"),
        Filter::compare("float", Comparison::Greater, 0.0),
        Filter::compare("json", Comparison::Exists, true),
        Filter::compare("text", Comparison::NotEqual, "x"),
        Filter::one_of("id", ["a", "b", "c"]),
        Filter::NoneOf(vec![Filter::equal("any", 1_i64)]),
        Filter::AnyOf(vec![Filter::equal("id", "a"), Filter::equal("text", "yz")]),
    ]);
    prop_oneof![
        2 => Just(Filter::all()),
        3 => id.clone(),
        2 => other.clone(),
        3 => (id, other).prop_map(|(id, other)| Filter::AllOf(vec![id, other])),
    ]
    .prop_map(|filter| filter.to_nodes())
    .boxed()
}

fn come_to(documents: &[Entity], filter: &Nodes, edits: &[Edit], upsert: bool) -> Checked<Wanted> {
    let matcher = must_match(filter)?;
    let mut matched = 0;
    let mut after = Vec::with_capacity(documents.len());
    for document in documents {
        if !matcher.matches(document) {
            after.push(document.clone());
            continue;
        }
        matched += 1;
        match edited(document, edits) {
            Outcome::Is(changed) => after.push(changed),
            Outcome::Refused => return Ok(Wanted::Refused(ErrorKind::Invalid)),
            Outcome::Open => return Ok(Wanted::Open),
        }
    }
    if upsert && matched == 0 {
        let Some(equals) = equal_values(filter) else {
            return Ok(Wanted::Open);
        };
        let made = match edited(&equals, edits) {
            Outcome::Is(made) => made,
            Outcome::Refused => return Ok(Wanted::Refused(ErrorKind::Invalid)),
            Outcome::Open => return Ok(Wanted::Open),
        };
        let Some(Value::Text(id)) = made.get("id") else {
            return Ok(Wanted::Open);
        };
        let taken = after
            .iter()
            .any(|document| document.get("id").and_then(Value::as_text) == Some(id));
        if taken {
            return Ok(Wanted::Refused(ErrorKind::Duplicate));
        }
        after.push(made);
    }
    Ok(Wanted::Done(matched, after))
}
