//! Changing documents: what each edit does, which documents it does it to, and how many they are.

mod invented;
mod upserts;
mod whole;

use tenon_model::Entity;
use tenon_model::contract::{ErrorKind, Value};
use tenon_runtime::direct::Edit;

use super::edits::{Outcome, edited};
use super::opened::{
    Opened, TABLE, equal, is_unsupported, open, path, player, refused, same_document, shown_update,
    table,
};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::show;

pub use invented::{empty, invented};
pub use upserts::{upsert_duplicate, upsert_inserts, upsert_updates};
pub use whole::{matches, refused_update, taken_key};

const FIELDS: &[&str] = &["text", "integer", "float", "decimal", "json", "any", "name"];
const NO_UPDATE: &str = "`update` is `unsupported`";
const UNCHANGED: &str = "an update that was refused has changed documents";

fn json(text: &str) -> Value {
    Value::Json(text.into())
}

fn set_to(at: &str, value: impl Into<Value>) -> Edit {
    Edit::Set((path(at), value.into()))
}

fn remove(at: &str) -> Edit {
    Edit::Unset(path(at))
}

fn add(at: &str, by: impl Into<Value>) -> Edit {
    Edit::Increment((path(at), by.into()))
}

/// A document that has something of everything.
fn rich(id: &str) -> Entity {
    player(id, 5)
        .with("text", "ab")
        .with("integer", 10_i64)
        .with("float", 1.5)
        .with("decimal", Value::Decimal("0.1".into()))
        .with(
            "json",
            json(r#"{"n":1,"t":"x","o":{"n":2,"m":{"k":3}},"list":[1,"b",{"n":4,"m":5},[6,7]]}"#),
        )
}

/// Makes an update, or skips the check where there is none.
fn update(
    store: &mut Opened<'_, '_>,
    filter: &tenon_model::contract::Filter,
    edits: &[Edit],
) -> Checked<u64> {
    match store.update(TABLE, filter, edits, false) {
        Err(failure) if is_unsupported(&failure) => Err(Stop::skipped(NO_UPDATE)),
        updated => {
            must("update", updated).map_err(|stop| stop.after(shown_update(filter, edits, false)))
        }
    }
}

/// Makes each list of edits by itself in a document, beside one that stays as it is.
fn each(bench: &mut Bench<'_>, lists: &[Vec<Edit>]) -> Checked {
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_table(&table(TABLE, FIELDS))?;
    let other = rich("other");
    store.fill(TABLE, std::slice::from_ref(&other))?;
    let mut all = vec![other];
    for (number, edits) in lists.iter().enumerate() {
        let id = format!("d{number}");
        let document = rich(&id);
        store.fill(TABLE, std::slice::from_ref(&document))?;
        let filter = equal("id", id.as_str());
        let told = |stop: Stop| {
            stop.after(shown_update(&filter, edits, false))
                .after(format!("insert {}", show::record(&document)))
        };
        let wanted = match edited(&document, edits) {
            Outcome::Is(wanted) => {
                let matched = update(&mut store, &filter, edits).map_err(told)?;
                ensure(matched == 1, || {
                    Finding::new("`update` returns another number than that of the matches")
                        .differs(1, matched)
                })
                .map_err(told)?;
                wanted
            }
            Outcome::Refused => {
                let updated = store.update(TABLE, &filter, edits, false);
                if updated.as_ref().is_err_and(is_unsupported) {
                    return Err(Stop::skipped(NO_UPDATE));
                }
                refused(
                    "update",
                    updated,
                    &[ErrorKind::Invalid],
                    "an edit that doesn't suit what it meets is `invalid`",
                )
                .map_err(told)?;
                document.clone()
            }
            Outcome::Open => continue,
        };
        all.push(wanted);
        changed(&mut store, &all).map_err(told)?;
    }
    store.close()?;
    let mut store = open(bench, &name)?;
    store.has(
        TABLE,
        &all,
        "changes are gone when the read model is opened again",
    )?;
    store.close()
}

/// The documents are these; the finding tells of the first that isn't.
fn changed(store: &mut Opened<'_, '_>, wanted: &[Entity]) -> Checked {
    let seen = store.everything(TABLE)?;
    for document in wanted {
        let found = seen
            .iter()
            .find(|seen| seen.get("id") == document.get("id"));
        ensure(
            found.is_some_and(|found| same_document(document, found)),
            || {
                Finding::new("a document is not what the edits make of it").differs(
                    show::record(document),
                    found.map_or("no such document".to_owned(), show::record),
                )
            },
        )?;
    }
    ensure(seen.len() == wanted.len(), || {
        Finding::new("an update makes or removes documents")
            .differs(show::records(wanted), show::records(&seen))
    })
}

pub fn set(bench: &mut Bench<'_>) -> Checked {
    let values = [
        Value::from("new"),
        Value::Integer(7),
        Value::Null,
        Value::Boolean(true),
        Value::Float(2.5),
        Value::Decimal("1.10".into()),
        Value::Bytes(vec![0, 255]),
        Value::Timestamp(1_704_164_645_000_000),
        json("[1,2]"),
        json(r#"{"whole":{"new":[]}}"#),
    ];
    let mut lists: Vec<Vec<Edit>> = Vec::new();
    for value in values {
        // A field that is there, and one that isn't.
        lists.push(vec![set_to("text", value.clone())]);
        lists.push(vec![set_to("name", value.clone())]);
        lists.push(vec![set_to("json.n", value.clone())]);
        lists.push(vec![set_to("json.list.1", value)]);
    }
    let edges = [
        set_to("json.t", "y"),
        set_to("json.o.n", 3_i64),
        set_to("json.o.m.k", 4_i64),
        set_to("json.o.m", "no object any more"),
        set_to("json.o.m.new", "beside"),
        set_to("json.o", json("{}")),
        set_to("json.new", 1_i64),
        set_to("json.new.deep.er", 1_i64),
        set_to("json.o.new.0", "a member, and no index"),
        set_to("json.list", json("[]")),
        set_to("json.list.0", 9_i64),
        set_to("json.list.2.n", 9_i64),
        set_to("json.list.2.new.er", 9_i64),
        set_to("json.list.3.1", 9_i64),
        // The index behind the last.
        set_to("json.list.4", "appended"),
        set_to("json.list.4.n", "appended"),
        set_to("json.list.3.2", "appended"),
        set_to("json.list.5", "too far"),
        // What has nothing inside.
        set_to("json.n.x", 1_i64),
        set_to("json.t.0", 1_i64),
        set_to("text.x", 1_i64),
        set_to("integer.x", 1_i64),
        set_to("name.a.b", 1_i64),
        set_to("any.0", 1_i64),
        set_to("score", 6_i64),
        set_to("score", Value::Decimal("6.5".into())),
    ];
    lists.extend(edges.map(|edit| vec![edit]));
    each(bench, &lists)
}

pub fn unset(bench: &mut Bench<'_>) -> Checked {
    let lists: Vec<Vec<Edit>> = [
        "text",
        "json",
        "score",
        "name",
        "json.n",
        "json.o",
        "json.o.n",
        "json.o.m",
        "json.o.m.k",
        "json.o.x",
        "json.x",
        "json.x.y.z",
        "json.list",
        "json.list.0",
        "json.list.1",
        "json.list.2",
        "json.list.2.n",
        "json.list.3",
        "json.list.3.0",
        "json.list.4",
        "json.list.9",
        "json.list.x",
        "json.n.x",
        "text.x",
        "integer.x.y",
        "name.x",
        "any",
    ]
    .into_iter()
    .map(|at| vec![remove(at)])
    .collect();
    each(bench, &lists)
}

pub fn increment(bench: &mut Bench<'_>) -> Checked {
    let decimal = |text: &str| Value::Decimal(text.into());
    let lists: Vec<Vec<Edit>> = [
        add("integer", 1_i64),
        add("integer", -11_i64),
        add("integer", 0_i64),
        add("integer", 1_i64 << 60),
        add("float", 0.25),
        add("float", -4.0),
        add("decimal", decimal("0.2")),
        add("decimal", decimal("-0.1")),
        add("decimal", decimal("99999999999999999999.9")),
        add("text", "c"),
        add("text", ""),
        add("text", "ä 😀"),
        add("score", 2_i64),
        // Where there is none, it is the value itself.
        add("name", 4_i64),
        add("name", "text"),
        add("any", decimal("0.5")),
        add("json.n", 2_i64),
        add("json.n", -1_i64),
        add("json.t", "y"),
        add("json.o.n", 2_i64),
        add("json.o.m.k", 7_i64),
        add("json.list.0", 2_i64),
        add("json.list.1", "c"),
        add("json.list.2.n", 2_i64),
        add("json.list.3.1", 2_i64),
        add("json.list.4", 2_i64),
        add("json.new", 2_i64),
        add("json.new.er", "x"),
        add("name.a.b", 2_i64),
        // What doesn't suit.
        add("integer", "1"),
        add("text", 1_i64),
        add("integer", Value::Boolean(true)),
        add("json", 1_i64),
        add("json.o", 1_i64),
        add("json.t", 1_i64),
        add("json.n", "1"),
        add("json.n.x", 1_i64),
        add("json.list", 1_i64),
        add("text.x", 1_i64),
    ]
    .into_iter()
    .map(|edit| vec![edit])
    .collect();
    each(bench, &lists)
}

pub fn in_order(bench: &mut Bench<'_>) -> Checked {
    each(
        bench,
        &[
            vec![set_to("text", "x"), add("text", "y")],
            vec![add("text", "y"), set_to("text", "x")],
            vec![
                set_to("integer", 5_i64),
                add("integer", 1_i64),
                add("integer", 1_i64),
            ],
            vec![remove("integer"), add("integer", 1_i64)],
            vec![add("integer", 1_i64), remove("integer")],
            vec![remove("json"), set_to("json.n", 1_i64)],
            vec![
                set_to("json.list.0", "x"),
                remove("json.list.0"),
                remove("json.list.0"),
            ],
            vec![
                set_to("json", json("{}")),
                set_to("json.a.b", 1_i64),
                add("json.a.b", 2_i64),
            ],
            vec![
                set_to("name", 1_i64),
                set_to("name", 2_i64),
                set_to("any", "beside"),
            ],
            vec![
                remove("text"),
                remove("integer"),
                remove("float"),
                add("score", 1_i64),
            ],
            vec![set_to("text", "is undone"), add("integer", "no number")],
            vec![],
        ],
    )
}
