//! Read models: locks, states, tables, and what is done with their documents.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tenon_faulty::{Faulty, ReadModelStore};
use tenon_model::{Comparison, Filter};
use tenon_sdk::{
    Connector, Edit, Entity, Error, Limits, PropertyType, Query, ReadModel, SortKey, Store, Table,
    TableIndex, Value,
};

use crate::common;
use crate::scene::{Act, Scene, pages};

pub const READ_MODELS: &[Act] = &[
    locks, ends, races, states, names, drops, tables, keys, edits, refusals, upserts, questions,
];

/// What comes out of an opening; owners and ages are never the same.
fn told<T>(opened: Result<T, Error>) -> Result<(), tenon_sdk::ErrorKind> {
    opened.map(drop).map_err(|error| error.kind)
}

fn open(session: &mut Faulty, name: &str) -> ReadModelStore {
    session.open(name).unwrap()
}

fn locks(scene: &mut Scene) {
    let (a, b) = (open(&mut scene.one, "a"), told(scene.one.open("b")));
    scene.note(b);
    std::thread::sleep(Duration::from_millis(30));
    for _ in 0..2 {
        let refused = scene.other.open("a");
        if let Err(error) = &refused {
            let age = error.details.iter().find(|(name, _)| name == "lock-age");
            let age = age.and_then(|(_, age)| age.parse::<u64>().ok());
            scene.note(age.map(|age| age >= 20));
        }
        scene.note(told(refused));
    }
    let again = told(scene.one.open("a"));
    scene.note(again);
    let closed = scene.one.close(a, "a");
    scene.note(closed);
    for name in ["a", "b"] {
        let opened = told(scene.other.open(name));
        scene.note(opened);
    }
}

fn ends(scene: &mut Scene) {
    let _open = open(&mut scene.one, "a");
    let reset = scene.one.reset();
    scene.note(reset);
    let other = open_or_note(scene, "a");
    let mut third = common::session(scene.folder.path(), scene.fault);
    scene.note(told(third.open("a")));
    let _of_the_third = third.open("b");
    third.dispose();
    for name in ["a", "b"] {
        let opened = told(scene.one.open(name));
        scene.note(opened);
    }
    drop(other);
}

fn open_or_note(scene: &mut Scene, name: &str) -> Option<ReadModelStore> {
    let opened = scene.other.open(name);
    let kind = opened.as_ref().err().map(|error| error.kind);
    scene.note(kind);
    opened.ok()
}

fn races(scene: &mut Scene) {
    let (folder, fault) = (scene.folder.path(), scene.fault);
    let mut both_open = false;
    for _ in 0..2 {
        let (barrier, opened) = (Barrier::new(2), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut session = common::session(folder, fault);
                    barrier.wait();
                    let store = session.open("raced");
                    opened.fetch_add(u32::from(store.is_ok()), Ordering::SeqCst);
                    barrier.wait();
                    session.dispose();
                });
            }
        });
        both_open |= opened.into_inner() > 1;
        // What a fault leaves behind would be in the way.
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "store-lock") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
    scene.note(both_open);
}

fn states(scene: &mut Scene) {
    let mut store = open(&mut scene.one, "a");
    let defined = store.define_table(table("t"));
    scene.note(defined);
    let long = format!("\"{}\"", "x".repeat(120_000));
    for state in [
        r#"{"a":1}"#,
        r#"{"b":9007199254740993}"#,
        "null",
        "1",
        "{",
        &long,
    ] {
        let set = store.set(state.to_owned());
        scene.note(set);
        scene.note(store.get());
    }
    scene.note(store.count("t", Vec::new()));
    let set = store.set("[2]".into());
    scene.note(set);
    drop(store);
    let ended = scene.one.disconnect();
    scene.note(ended);
    if let Some(mut store) = open_or_note(scene, "a") {
        scene.note(store.get());
    }
}

fn names(scene: &mut Scene) {
    let long = "n".repeat(40);
    for (number, name) in [
        (0, "a"),
        (1, "A"),
        (2, &format!("{long}1")),
        (3, &format!("{long}2")),
    ] {
        let mut store = open(&mut scene.one, name);
        scene.note(store.get());
        let set = store.set(number.to_string());
        scene.note(set);
        let closed = scene.one.close(store, name);
        scene.note(closed);
    }
}

fn drops(scene: &mut Scene) {
    for name in ["a", "ab"] {
        let mut store = open(&mut scene.one, name);
        store.set("1".into()).unwrap();
        store.define_table(table("t")).unwrap();
        scene.one.close(store, name).unwrap();
    }
    for _ in 0..2 {
        match scene.one.open("a") {
            Ok(mut store) => {
                let dropped = scene.one.drop_data(&mut store, "a");
                scene.note(dropped);
                let closed = scene.one.close(store, "a");
                scene.note(closed);
            }
            Err(error) => scene.note(error.kind),
        }
    }
    for name in ["a", "ab"] {
        match scene.one.open(name) {
            Ok(mut store) => {
                scene.note(store.get());
                scene.note(store.count("t", Vec::new()));
            }
            Err(error) => scene.note(error.kind),
        }
    }
}

fn table(name: &str) -> Table {
    let index = |field: &str, kind| TableIndex {
        field: field.into(),
        kind,
    };
    Table {
        name: name.into(),
        indexes: vec![
            index("id", PropertyType::Text),
            index("n", PropertyType::Decimal),
        ],
        fields: vec!["t".into(), "d".into(), "j".into(), "at".into()],
    }
}

fn document(id: &str, n: i64) -> Entity {
    Entity::new().with("id", id).with("n", n)
}

fn everything(scene: &mut Scene, store: &mut ReadModelStore, name: &str) {
    ask(scene, store, name, Query::default());
}

fn ask(scene: &mut Scene, store: &mut ReadModelStore, name: &str, query: Query) {
    let found = store.find(name, query).and_then(|answer| {
        let pages = pages(answer.rows, 10, &Limits::default())?;
        Ok((pages, format!("{:?}", answer.done)))
    });
    scene.note(found);
}

fn tables(scene: &mut Scene) {
    let mut store = open(&mut scene.one, "a");
    store.define_table(table("t")).unwrap();
    store.define_table(table("u")).unwrap();
    let rich = document("a", (1 << 53) + 1)
        .with("t", Value::Null)
        .with("at", Value::Timestamp(1_234));
    for (name, it) in [
        ("t", rich),
        ("u", document("b", 2)),
        ("v", document("c", 3)),
    ] {
        let inserted = store.insert(name, it);
        scene.note(inserted);
    }
    for name in ["t", "u", "v"] {
        everything(scene, &mut store, name);
    }
    let mut other = table("t");
    other.fields = vec!["x".into()];
    let defined = store.define_table(other);
    scene.note(defined);
    let beyond = store.insert("t", document("x", 1).with("x", 1_i64));
    scene.note(beyond);
    scene.note(store.count("t", Filter::equal("x", 1_i64).to_nodes()));
    let order = vec![sort("x")];
    ask(
        scene,
        &mut store,
        "t",
        Query {
            order,
            ..Query::default()
        },
    );
    everything(scene, &mut store, "t");
}

fn sort(property: &str) -> SortKey {
    SortKey {
        property: property.into(),
        path: Vec::new(),
        descending: true,
    }
}

fn keys(scene: &mut Scene) {
    let mut store = open(&mut scene.one, "a");
    store.define_table(table("t")).unwrap();
    for it in [document("a", 1), document("a", 2), document("a ", 3)] {
        let inserted = store.insert("t", it);
        scene.note(inserted);
    }
    everything(scene, &mut store, "t");
    let mut numbered = table("numbered");
    numbered.indexes.remove(0);
    store.define_table(numbered).unwrap();
    for n in [Value::Integer(1), Value::Float(1.0)] {
        let inserted = store.insert("numbered", Entity::new().with("n", n));
        scene.note(inserted);
    }
    let deleted = store.delete("t", Filter::one_of("id", ["a", "a "]).to_nodes());
    scene.note(deleted);
    let closed = scene.one.close(store, "a");
    scene.note(closed);
    match scene.one.open("a") {
        Ok(mut store) => everything(scene, &mut store, "t"),
        Err(error) => scene.note(error.kind),
    }
}

fn path(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}

fn set(at: &str, value: impl Into<Value>) -> Edit {
    Edit::Set(path(at), value.into())
}

fn add(at: &str, value: impl Into<Value>) -> Edit {
    Edit::Increment(path(at), value.into())
}

/// Two documents with something of everything.
fn rich(scene: &mut Scene) -> ReadModelStore {
    let mut store = open(&mut scene.one, "a");
    store.define_table(table("t")).unwrap();
    for id in ["a", "b"] {
        let json = r#"{"n":1,"o":{"a":1,"b":2},"l":[1,2]}"#;
        let it = document(id, 1)
            .with("t", "x")
            .with("d", Value::Decimal("0.1".into()))
            .with("j", Value::Json(json.into()));
        store.insert("t", it).unwrap();
    }
    store
}

fn edits(scene: &mut Scene) {
    let mut store = rich(scene);
    let lists = [
        vec![add("n", 2_i64)],
        vec![add("at", 2_i64)],
        vec![add("d", Value::Decimal("0.2".into()))],
        vec![add("t", "y")],
        vec![add("t", 1_i64)],
        vec![add("j.n", 2_i64)],
        vec![Edit::Unset(path("j.o.a")), Edit::Unset(path("j.l.0"))],
        vec![Edit::Unset(path("at")), Edit::Unset(path("at"))],
        vec![set("j.o.c", 1_i64), set("j.new.er", 1_i64)],
        vec![set("j.n.x", 1_i64)],
        vec![set("j.l.0", 5_i64)],
        vec![set("j.l.9", 5_i64)],
        vec![set("t", "one"), add("t", "two")],
        vec![set("t", "same")],
        vec![set("t", "same")],
    ];
    for edits in lists {
        let updated = store.update("t", Vec::new(), edits, false);
        scene.note(updated);
        everything(scene, &mut store, "t");
    }
}

fn refusals(scene: &mut Scene) {
    let mut store = rich(scene);
    let odd = document("c", 1).with("t", 5_i64);
    store.insert("t", odd).unwrap();
    for edits in [vec![add("t", "y")], vec![set("id", "b")]] {
        let updated = store.update("t", Vec::new(), edits, false);
        scene.note(updated);
        everything(scene, &mut store, "t");
    }
}

fn upserts(scene: &mut Scene) {
    let mut store = rich(scene);
    let and = |parts: Vec<Filter>| Filter::AllOf(parts).to_nodes();
    let greater = Filter::compare("n", Comparison::Greater, 100_i64);
    let calls = [
        (
            and(vec![
                Filter::equal("id", "c"),
                greater,
                Filter::equal("t", "C"),
            ]),
            "",
            true,
        ),
        (
            and(vec![Filter::equal("id", "e"), Filter::equal("t", "E")]),
            "set",
            true,
        ),
        (
            and(vec![Filter::equal("id", "a"), Filter::equal("t", "other")]),
            "",
            true,
        ),
        (Filter::equal("id", "b").to_nodes(), "", true),
        (Filter::equal("id", "d").to_nodes(), "", false),
    ];
    for (filter, text, upsert) in calls {
        let mut edits = vec![add("j.n", 1_i64)];
        if !text.is_empty() {
            edits.push(set("t", text));
        }
        let updated = store.update("t", filter, edits, upsert);
        scene.note(updated);
        everything(scene, &mut store, "t");
    }
}

fn questions(scene: &mut Scene) {
    let mut store = open(&mut scene.one, "a");
    store.define_table(table("t")).unwrap();
    for n in 0..30_i64 {
        let it = document(&format!("{:02}", (n * 7) % 30), n % 3).with("t", "x");
        store.insert("t", it).unwrap();
    }
    everything(scene, &mut store, "t");
    let order = || vec![sort("n"), sort("id")];
    let whole = Query {
        order: order(),
        fields: vec!["id".into()],
        ..Query::default()
    };
    ask(scene, &mut store, "t", whole);
    let part = Query {
        filter: Filter::AllOf(vec![Filter::equal("t", "x"), Filter::equal("n", 1_i64)]).to_nodes(),
        order: order(),
        limit: Some(3),
        offset: 2,
        ..Query::default()
    };
    ask(scene, &mut store, "t", part);
    scene.note(store.count("t", Filter::equal("n", 1_i64).to_nodes()));
}
