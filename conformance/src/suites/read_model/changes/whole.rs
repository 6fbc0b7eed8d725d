//! Which documents an update changes: every match, or none.

use tenon_model::contract::{ErrorKind, Filter as Nodes, Value};
use tenon_model::{Comparison, Entity, Filter};
use tenon_runtime::direct::Edit;

use super::{FIELDS, NO_UPDATE, UNCHANGED, add, changed, json, remove, set_to};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::suites::read_model::documents::must_match;
use crate::suites::read_model::edits::{Outcome, edited};
use crate::suites::read_model::opened::{
    NUMBER, Opened, TABLE, equal, fresh, is_unsupported, open, player, refused, shown_update, table,
};

pub fn matches(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, FIELDS))?;
    let mut documents: Vec<Entity> = (0..30)
        .map(|number| player(&format!("d{number:02}"), number % 6).with("integer", 0_i64))
        .collect();
    store.fill(TABLE, &documents)?;
    let compare = |comparison, score: i64| Filter::compare(NUMBER, comparison, score);
    let filters = [
        Filter::equal("id", "d03").to_nodes(),
        Filter::equal("id", "nobody").to_nodes(),
        compare(Comparison::Equal, 2).to_nodes(),
        compare(Comparison::GreaterOrEqual, 3).to_nodes(),
        Vec::new(),
        Filter::AnyOf(Vec::new()).to_nodes(),
        Filter::one_of("id", ["d01", "d02", "d99"]).to_nodes(),
        Filter::NoneOf(vec![compare(Comparison::Less, 5)]).to_nodes(),
        // These have nothing to change, and match all the same.
        Filter::compare("name", Comparison::Equal, Value::Null).to_nodes(),
    ];
    for filter in filters {
        let edits = if filter.iter().len() == 1 && documents.len() == 30 {
            vec![add("integer", 1_i64)]
        } else {
            vec![add("integer", 1_i64), set_to("text", "changed")]
        };
        count_changes(&mut store, &mut documents, &filter, &edits)?;
    }
    // A match counts, changed or not.
    count_changes(&mut store, &mut documents, &Vec::new(), &[remove("name")])?;
    count_changes(
        &mut store,
        &mut documents,
        &Vec::new(),
        &[set_to("text", "same")],
    )?;
    count_changes(
        &mut store,
        &mut documents,
        &Vec::new(),
        &[set_to("text", "same")],
    )?;
    store.close()
}

/// Makes an update, and looks at its number and at every document.
fn count_changes(
    store: &mut Opened<'_, '_>,
    documents: &mut [Entity],
    filter: &Nodes,
    edits: &[Edit],
) -> Checked {
    let told = |stop: Stop| stop.after(shown_update(filter, edits, false));
    let matcher = must_match(filter)?;
    let updated = store.update(TABLE, filter, edits, false);
    if updated.as_ref().is_err_and(is_unsupported) {
        return changed(store, documents).map_err(told);
    }
    let matched = must("update", updated).map_err(told)?;
    let mut wanted = 0;
    for document in documents
        .iter_mut()
        .filter(|document| matcher.matches(document))
    {
        wanted += 1;
        if let Outcome::Is(after) = edited(document, edits) {
            *document = after;
        }
    }
    ensure(matched == wanted, || {
        Finding::new("`update` returns another number than that of the matches")
            .differs(wanted, matched)
    })
    .map_err(told)?;
    changed(store, documents).map_err(told)
}

pub fn refused_update(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_table(&table(TABLE, FIELDS))?;
    // One in the middle, by any order, doesn't suit.
    let documents: Vec<Entity> = ["a", "b", "c", "d", "e"]
        .into_iter()
        .zip([1_i64, 2, 9, 3, 4])
        .map(|(id, score)| {
            let document = player(id, score).with("integer", score);
            if id == "c" {
                document
                    .with("any", "a text")
                    .with("json", json(r#"{"n":"text"}"#))
            } else {
                document
                    .with("any", 1_i64)
                    .with("json", json(r#"{"n":{"x":1}}"#))
            }
        })
        .collect();
    store.fill(TABLE, &documents)?;
    let lists = [
        vec![add("integer", 1_i64), add("any", 1_i64)],
        vec![add("any", 1_i64), add("integer", 1_i64)],
        vec![set_to("text", "x"), set_to("json.n.x", 2_i64)],
        vec![remove("score"), add("json.n.x", 2_i64)],
    ];
    for edits in lists {
        let all = Vec::new();
        let told = |stop: Stop| stop.after(shown_update(&all, &edits, false));
        let updated = store.update(TABLE, &all, &edits, false);
        if updated.as_ref().is_err_and(is_unsupported) {
            return Err(Stop::skipped(NO_UPDATE));
        }
        let rule = "an update changes all matches or none, and one of them doesn't suit";
        refused("update", updated, &[ErrorKind::Invalid], rule).map_err(told)?;
        store.has(TABLE, &documents, UNCHANGED).map_err(told)?;
    }
    store.close()?;
    let mut store = open(bench, &name)?;
    store.has(TABLE, &documents, UNCHANGED)?;
    store.close()
}

pub fn taken_key(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, FIELDS))?;
    let mut documents = vec![player("a", 1), player("b", 2), player("c", 3)];
    store.fill(TABLE, &documents)?;
    let kinds = &[ErrorKind::Duplicate, ErrorKind::Invalid];
    for (filter, edits) in [
        (equal("id", "a"), vec![set_to("id", "b")]),
        (Vec::new(), vec![set_to("id", "same")]),
        (Vec::new(), vec![set_to("id", "a"), set_to("text", "x")]),
        (
            equal(NUMBER, 3_i64),
            vec![set_to("text", "x"), set_to("id", "a")],
        ),
    ] {
        let told = |stop: Stop| stop.after(shown_update(&filter, &edits, false));
        let updated = store.update(TABLE, &filter, &edits, false);
        if updated.as_ref().is_err_and(is_unsupported) {
            continue;
        }
        refused("update", updated, kinds, "a key is taken").map_err(told)?;
        store.has(TABLE, &documents, UNCHANGED).map_err(told)?;
    }
    // One that is free may be given, or keys may not change at all.
    let filter = equal("id", "a");
    let edits = [set_to("id", "d"), set_to("text", "moved")];
    let told = |stop: Stop| stop.after(shown_update(&filter, &edits, false));
    match store.update(TABLE, &filter, &edits, false) {
        Ok(matched) => {
            ensure(matched == 1, || {
                Finding::new("`update` returns another number than that of the matches")
                    .differs(1, matched)
            })
            .map_err(told)?;
            documents = vec![
                player("d", 1).with("text", "moved"),
                player("b", 2),
                player("c", 3),
            ];
            let again = store.insert(TABLE, &player("d", 9));
            refused("insert", again, &[ErrorKind::Duplicate], "the key is taken").map_err(told)?;
        }
        Err(failure) => {
            ensure(failure.error().is_some(), || {
                Finding::new("`update` of a key fails").differs("an error, or none", &failure)
            })
            .map_err(told)?;
        }
    }
    store
        .has(
            TABLE,
            &documents,
            "an update of a key does something else than it says",
        )
        .map_err(told)?;
    store.close()
}
