//! Upserts: what is inserted where nothing matches.

use tenon_model::contract::{ErrorKind, Value};
use tenon_model::{Comparison, Entity, Filter};
use tenon_runtime::direct::Edit;

use super::{FIELDS, UNCHANGED, add, changed, json, remove, set_to};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::suites::read_model::opened::{
    NUMBER, TABLE, equal, fresh, is_unsupported, player, refused, shown_update, table,
};

const NO_UPSERT: &str = "`update` with `upsert` is `unsupported`";

pub fn upsert_inserts(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, FIELDS))?;
    let mut all = vec![player("a", 1)];
    store.fill(TABLE, &all)?;
    let and = |parts: Vec<Filter>| Filter::AllOf(parts).to_nodes();
    let other = |comparison, value: Value| Filter::compare("integer", comparison, value);
    let made = |id: &str| Entity::new().with("id", id);
    let cases: Vec<(tenon_model::contract::Filter, Vec<Edit>, Entity)> = vec![
        (equal("id", "b"), vec![], made("b")),
        (
            equal("id", "c"),
            vec![set_to("text", "C"), set_to(NUMBER, 3_i64)],
            player("c", 3).with("text", "C"),
        ),
        (
            and(vec![Filter::equal("id", "d"), Filter::equal("text", "D")]),
            vec![set_to("integer", 4_i64)],
            made("d").with("text", "D").with("integer", 4_i64),
        ),
        // Only what has to be equal is a value of the new document.
        (
            and(vec![
                Filter::equal("id", "e"),
                other(Comparison::Greater, Value::Integer(5)),
                Filter::compare("text", Comparison::NotEqual, "x"),
                Filter::one_of("float", [1.5, 2.5]),
                Filter::NoneOf(vec![Filter::equal("any", 1_i64)]),
            ]),
            vec![set_to("name", "E")],
            made("e").with("name", "E"),
        ),
        (
            and(vec![
                Filter::AllOf(vec![Filter::equal("id", "f")]),
                Filter::AllOf(vec![Filter::equal(NUMBER, 6_i64)]),
            ]),
            vec![set_to("json.a.b", 1_i64)],
            player("f", 6).with("json", json(r#"{"a":{"b":1}}"#)),
        ),
        // What is set wins.
        (
            and(vec![
                Filter::equal("id", "g"),
                Filter::equal("text", "before"),
            ]),
            vec![set_to("text", "after")],
            made("g").with("text", "after"),
        ),
        // Of what isn't there, an increment makes the value itself.
        (
            equal("id", "h"),
            vec![add(NUMBER, 2_i64), add("json.n", 3_i64), remove("text")],
            player("h", 2).with("json", json(r#"{"n":3}"#)),
        ),
        (
            Filter::AllOf(vec![Filter::equal("text", "I")]).to_nodes(),
            vec![set_to("id", "i")],
            made("i").with("text", "I"),
        ),
        (
            and(vec![
                Filter::equal("id", "a"),
                other(Comparison::Exists, Value::Boolean(true)),
            ]),
            vec![set_to("id", "j")],
            made("j"),
        ),
    ];
    for (filter, edits, document) in cases {
        let told = |stop: Stop| stop.after(shown_update(&filter, &edits, true));
        let updated = store.update(TABLE, &filter, &edits, true);
        if updated.as_ref().is_err_and(is_unsupported) {
            changed(&mut store, &all).map_err(told)?;
            continue;
        }
        let matched = must("update", updated).map_err(told)?;
        ensure(matched == 0, || {
            Finding::new("an upsert that inserts returns how many matched").differs(0, matched)
        })
        .map_err(told)?;
        all.push(document);
        store
            .has(
                TABLE,
                &all,
                "an upsert without a match inserts something else than the filter's equal values and the ones set",
            )
            .map_err(told)?;
    }
    if all.len() == 1 {
        return Err(Stop::skipped(NO_UPSERT));
    }
    // Without `upsert`, nothing is inserted.
    let filter = equal("id", "nobody");
    let matched = must(
        "update",
        store.update(TABLE, &filter, &[set_to("text", "x")], false),
    )?;
    ensure(matched == 0, || {
        Finding::new("`update` counts matches that aren't there").differs(0, matched)
    })?;
    store.has(TABLE, &all, "`update` inserts a document without `upsert`")?;
    store.close()
}

pub fn upsert_updates(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, FIELDS))?;
    store.fill(
        TABLE,
        &[
            player("a", 1).with("text", "A"),
            player("b", 2),
            player("c", 2),
        ],
    )?;
    let cases = [
        (equal("id", "a"), vec![set_to("integer", 1_i64)], 1),
        (
            equal(NUMBER, 2_i64),
            vec![add("integer", 5_i64), set_to("text", "two")],
            2,
        ),
        (
            Filter::AllOf(vec![Filter::equal("id", "a"), Filter::equal("text", "A")]).to_nodes(),
            vec![add(NUMBER, 1_i64), remove("text")],
            1,
        ),
        (Vec::new(), vec![set_to("name", "all")], 3),
    ];
    for (filter, edits, count) in cases {
        let told = |stop: Stop| stop.after(shown_update(&filter, &edits, true));
        let updated = store.update(TABLE, &filter, &edits, true);
        if updated.as_ref().is_err_and(is_unsupported) {
            return Err(Stop::skipped(NO_UPSERT));
        }
        let matched = must("update", updated).map_err(told)?;
        ensure(matched == count, || {
            Finding::new("an upsert with matches returns how many they are").differs(count, matched)
        })
        .map_err(told)?;
    }
    let two = |id: &str| {
        player(id, 2)
            .with("integer", 5_i64)
            .with("text", "two")
            .with("name", "all")
    };
    let wanted = [
        player("a", 2).with("integer", 1_i64).with("name", "all"),
        two("b"),
        two("c"),
    ];
    changed(&mut store, &wanted)?;
    store.close()
}

pub fn upsert_duplicate(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, FIELDS))?;
    let documents = [player("a", 1).with("text", "A"), player("b", 2)];
    store.fill(TABLE, &documents)?;
    let and = |parts: Vec<Filter>| Filter::AllOf(parts).to_nodes();
    for (filter, edits) in [
        (
            and(vec![
                Filter::equal("id", "a"),
                Filter::equal("text", "other"),
            ]),
            vec![set_to("integer", 1_i64)],
        ),
        (
            equal("id", "new"),
            vec![set_to("id", "b"), set_to("text", "B")],
        ),
    ] {
        let told = |stop: Stop| stop.after(shown_update(&filter, &edits, true));
        let updated = store.update(TABLE, &filter, &edits, true);
        if updated.as_ref().is_err_and(is_unsupported) {
            return Err(Stop::skipped(NO_UPSERT));
        }
        let rule = "nothing matches, and the key of what is to be inserted is taken";
        refused("update", updated, &[ErrorKind::Duplicate], rule).map_err(told)?;
        store.has(TABLE, &documents, UNCHANGED).map_err(told)?;
    }
    store.close()
}
