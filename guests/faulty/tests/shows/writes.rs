//! Values, writes, errors, upserts.

use std::sync::Barrier;

use tenon_model::{Comparison, Extension};
use tenon_sdk::{Connector, Crud, Entity, GeoPoint, Key, OtherValue, Upsert, Value};

use crate::common;
use crate::scene::{Act, Scene, named, numbered, some_name};

pub const VALUES: &[Act] = &[values];
pub const WRITES: &[Act] = &[
    creations, batches, many, changes, filtered, removals, rules, keys, others,
];
pub const ERRORS: &[Act] = &[creations, batches, changes, filtered, rules, errors];
pub const UPSERTS: &[Act] = &[upserts, races];

fn values(scene: &mut Scene) {
    let text = |text: &str| Value::Text(text.into());
    let json = |text: &str| Value::Json(text.into());
    let decimal = |text: &str| Value::Decimal(text.into());
    let point = GeoPoint {
        latitude: 1.5,
        longitude: 2.5,
    };
    let other = OtherValue {
        kind: "interval".into(),
        text: "1 day".into(),
    };
    let long = "0123456789".repeat(30);
    let deep = format!("{}1{}", "[".repeat(12), "]".repeat(12));
    let values = [
        ("t", text("")),
        ("t", text(" a ")),
        ("t", text(&long)),
        ("t", text("a\0b")),
        ("t", text("\u{1f600}")),
        ("t", text("e\u{301}")),
        ("n", Value::Integer(9_007_199_254_740_993)),
        ("n", Value::Integer(4_294_967_296)),
        ("b", Value::Boolean(true)),
        ("d", decimal("12345678901234567890.1")),
        ("d", decimal("0.1234567890123456789012345678901234567890")),
        ("f", Value::Float(0.1)),
        ("f", Value::Float(1.234_567_890_123_456_7)),
        ("at", Value::Timestamp(1_001)),
        ("at", Value::Timestamp(-1_500_000)),
        ("tm", text("23:59:59.123456")),
        ("u", text("936da01f-9abd-4d9d-80c7-02af85c822a8")),
        ("x", Value::Bytes(Vec::new())),
        ("x", Value::Bytes(vec![0xff, 0xfe])),
        ("p", Value::Point(point)),
        ("j", json(r#"{"n": 9007199254740993}"#)),
        ("j", json(&deep)),
        ("j", json(r#"{"a": null, "b": 1}"#)),
        ("j", json(r#"{"d": {"$decimal": "1.5"}}"#)),
        ("t", Value::Null),
        ("extra", Value::Integer(1)),
        ("extra", Value::Other(other)),
    ];
    for (name, value) in values {
        let made = scene.one.create("Thing", Entity::new().with(name, value));
        scene.note(made);
    }
    for id in 1..=27_i64 {
        let found = scene.one.find("Thing", Key::from(id));
        scene.note(found);
    }
}

fn creations(scene: &mut Scene) {
    let made = scene.one.create("Named", some_name("a", 1));
    scene.note(made);
    let made = scene
        .one
        .create("Named", some_name("b", 1).with("id", 5_i64));
    scene.note(made);
    let taken = scene
        .one
        .create("Named", some_name("c", 1).with("id", 5_i64));
    scene.note(taken);
    let taken = scene.one.create("Named", some_name("a", 2));
    scene.note(taken);
    let found = scene.one.find("Named", Key::from(5_i64));
    scene.note(found);
    scene.all("Named");
    let gone = scene.one.destroy("Named", Key::from(1_i64));
    scene.note(gone);
    let made = scene.one.create("Named", some_name("d", 1));
    scene.note(made);
    scene.all("Named");
}

fn batches(scene: &mut Scene) {
    let made = scene
        .one
        .create_all("Named", vec![some_name("a", 1), some_name("b", 2)]);
    scene.note(made);
    let torn = scene
        .one
        .create_all("Named", vec![some_name("c", 1), some_name("a", 2)]);
    scene.note(torn);
    scene.all("Named");
    let empty = scene.one.create_all("Named", Vec::new());
    scene.note(empty);
}

fn many(scene: &mut Scene) {
    numbered(&mut scene.one, 0..101);
    let counted = scene.one.count("Thing", Vec::new());
    scene.note(counted);
}

fn changes(scene: &mut Scene) {
    numbered(&mut scene.one, 0..3);
    let whole = Entity::new().with("id", 1_i64).with("t", "a");
    let saved = scene.one.save("Thing", whole);
    scene.note(saved);
    let missing = Entity::new().with("id", 9_i64).with("t", "a");
    let saved = scene.one.save("Thing", missing);
    scene.note(saved);
    let set = Entity::new().with("t", "b");
    for id in [2_i64, 8] {
        let updated = scene
            .one
            .update_attributes("Thing", Key::from(id), set.clone());
        scene.note(updated);
    }
    let nothing = scene
        .one
        .update_attributes("Thing", Key::from(2_i64), Entity::new());
    scene.note(nothing);
    let moved =
        scene
            .one
            .update_attributes("Thing", Key::from(2_i64), Entity::new().with("id", 7_i64));
    scene.note(moved);
    scene.all("Thing");
}

fn filtered(scene: &mut Scene) {
    for (name, n) in [("a", 1), ("b", 1), ("c", 2)] {
        scene.one.create("Named", some_name(name, n)).unwrap();
    }
    let ones = tenon_model::Filter::equal("n", 1_i64).to_nodes();
    let updated = scene
        .one
        .update("Named", ones.clone(), Entity::new().with("name", "x"));
    scene.note(updated);
    scene.all("Named");
    let up_to_two = tenon_model::Filter::compare("n", Comparison::LessOrEqual, 2_i64);
    let updated = scene.one.update(
        "Named",
        up_to_two.to_nodes(),
        Entity::new().with("n", 2_i64),
    );
    scene.note(updated);
    let updated = scene
        .one
        .update("Named", ones, Entity::new().with("n", 3_i64));
    scene.note(updated);
    scene.all("Named");
}

fn removals(scene: &mut Scene) {
    for n in 1..=12_i64 {
        let thing = Entity::new().with("n", n % 3).with("t", Value::Null);
        scene.one.create("Thing", thing).unwrap();
    }
    for id in [1_i64, 99] {
        let gone = scene.one.destroy("Thing", Key::from(id));
        scene.note(gone);
        let found = scene.one.find("Thing", Key::from(id));
        scene.note(found);
        let exists = scene.one.exists("Thing", Key::from(id));
        scene.note(exists);
    }
    scene.all("Thing");
    let ones = tenon_model::Filter::equal("n", 1_i64).to_nodes();
    let gone = scene.one.destroy_all("Thing", ones);
    scene.note(gone);
    let counted = scene.one.count("Thing", Vec::new());
    scene.note(counted);
}

/// A record of the strict model.
fn strict(id: &str, name: &str) -> Entity {
    Entity::new().with("id", id).with("name", name)
}

fn rules(scene: &mut Scene) {
    for record in [
        strict("a", "ann"),
        strict("b", "bob").with("one", "x").with("two", "y"),
        strict("c", "cid").with("one", "x").with("two", "z"),
        strict("d", "dan").with("one", "X").with("two", "y"),
        strict("e", "eve").with("one", "x"),
        strict("f", "flo").with("one", "x").with("two", Value::Null),
        strict("g", "too long"),
        strict("h", "h").with("serial", 77_i64),
        strict("i", "i").with("more", 1_i64),
        Entity::new().with("id", "j").with("name", Value::Null),
        Entity::new().with("id", "k"),
        Entity::new().with("id", "l").with("name", 5_i64),
        Entity::new()
            .with("id", "m")
            .with("name", "m")
            .with("one", 5_i64),
        Entity::new().with("name", "nobody"),
    ] {
        let made = scene.one.create("Strict", record);
        scene.note(made);
    }
    let twice = Entity::new().with("one", "x").with("two", "y");
    let taken = scene.one.update_attributes("Strict", Key::from("a"), twice);
    scene.note(taken);
    let set = Entity::new().with("serial", 99_i64);
    let refused = scene.one.update_attributes("Strict", Key::from("a"), set);
    scene.note(refused);
    scene.all("Strict");
}

fn keys(scene: &mut Scene) {
    for (one, two) in [("a", 1), ("a", 2), ("A", 1)] {
        let pair = Entity::new().with("one", one).with("two", i64::from(two));
        let made = scene.one.create("Pair", pair);
        scene.note(made);
    }
    let key = Key::composite([Value::from("a"), Value::from(2_i64)]);
    let found = scene.one.find("Pair", key);
    scene.note(found);
    scene.all("Pair");
}

fn errors(scene: &mut Scene) {
    let unknown = tenon_model::contract::FilterNode::Extension(Extension {
        name: "sounds-like".into(),
        property: "t".into(),
        path: Vec::new(),
        operands: vec!["alfa".into()],
    });
    let counted = scene.one.count("Thing", vec![unknown]);
    scene.note(counted);
    let found = scene.one.find("Nothing", Key::from(1_i64));
    scene.note(found);
    let counted = scene.one.count("Nothing", Vec::new());
    scene.note(counted);
    scene.all("Nothing");
}

fn upserts(scene: &mut Scene) {
    let by = |name: &str| vec![name.to_owned()];
    let is = |n: i64| tenon_model::Filter::equal("n", n).to_nodes();
    let made = scene
        .one
        .update_or_create("Named", &by("id"), some_name("a", 1).with("id", 1_i64));
    scene.note(made);
    let set = Entity::new().with("id", 1_i64).with("n", 2_i64);
    let updated = scene.one.update_or_create("Named", &by("id"), set);
    scene.note(updated);
    let found = scene
        .one
        .update_or_create("Named", &by("name"), some_name("a", 3));
    scene.note(found);
    let replaced = scene.one.replace_or_create(
        "Named",
        &by("id"),
        Entity::new().with("id", 1_i64).with("n", 4_i64),
    );
    scene.note(replaced);
    scene.all("Named");
    let found = scene.one.find_or_create("Named", is(4), some_name("b", 5));
    scene.note(found);
    let made = scene.one.find_or_create("Named", is(6), some_name("c", 6));
    scene.note(made);
    let updated = scene
        .one
        .upsert_where("Named", is(6), Entity::new().with("name", "d"));
    scene.note(updated);
    let several = scene
        .one
        .upsert_where("Named", Vec::new(), Entity::new().with("n", 9_i64));
    scene.note(several);
    scene.all("Named");
}

/// Two sessions find nothing at the same moment, and one creates it; several times, since they may miss the moment.
fn races(scene: &mut Scene) {
    let (folder, fault) = (scene.folder.path(), scene.fault);
    let mut both_created = false;
    for n in 0..5_i64 {
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut session = common::patient(folder, fault);
                    session.define(named().to_contract()).unwrap();
                    barrier.wait();
                    let is = tenon_model::Filter::equal("n", n).to_nodes();
                    // Which of them creates it is all the same.
                    let _ = session.find_or_create("Named", is, Entity::new().with("n", n));
                });
            }
        });
        let is = tenon_model::Filter::equal("n", n).to_nodes();
        both_created |= scene.one.count("Named", is).unwrap() > 1;
        if both_created {
            break;
        }
    }
    scene.note(both_created);
}

/// What another session sees.
fn others(scene: &mut Scene) {
    scene.one.create("Named", some_name("a", 1)).unwrap();
    scene.others("Named");
    scene.one.create("Named", some_name("b", 1)).unwrap();
    scene.others("Named");
}
