//! The life of sessions, and transactions.

use tenon_sdk::{Connector, Crud, Isolation, Key, TransactionOptions, Transactions};

use tenon_faulty::Faulty;

use crate::scene::{Act, Scene, named, some_name};

pub const LIFE: &[Act] = &[
    descriptions,
    reconnections,
    redefinitions,
    pings,
    resets,
    ends,
];
pub const TRANSACTIONS: &[Act] = &[commits, rollbacks, failures, isolation, moments, lost];

const READ_WRITE: TransactionOptions = TransactionOptions {
    isolation: None,
    read_only: false,
};

const READ_ONLY: TransactionOptions = TransactionOptions {
    isolation: Some(Isolation::RepeatableRead),
    read_only: true,
};

fn descriptions(scene: &mut Scene) {
    scene.note(Faulty::manifest());
}

fn reconnections(scene: &mut Scene) {
    scene.one.create("Named", some_name("a", 1)).unwrap();
    let ended = scene.one.disconnect();
    scene.note(ended);
    let begun = scene.one.connect();
    scene.note(begun);
    scene.all("Named");
}

fn redefinitions(scene: &mut Scene) {
    scene.one.create("Named", some_name("a", 1)).unwrap();
    let mut model = named();
    model.properties[2].required = true;
    let defined = scene.one.define(model.to_contract());
    scene.note(defined);
    scene.all("Named");
    let refused = scene
        .one
        .create("Named", tenon_sdk::Entity::new().with("name", "b"));
    scene.note(refused);
}

fn pings(scene: &mut Scene) {
    let pong = scene.one.ping();
    scene.note(pong);
    let made = scene.one.create("Named", some_name("a", 1));
    scene.note(made);
    scene.others("Named");
    let failed = scene.one.find("Nothing", Key::from(1_i64));
    scene.note(failed);
    let pong = scene.one.ping();
    scene.note(pong);
}

fn resets(scene: &mut Scene) {
    scene.one.begin(READ_WRITE).unwrap();
    scene.one.create("Named", some_name("a", 1)).unwrap();
    let reset = scene.one.reset();
    scene.note(reset);
    scene.all("Named");
}

fn ends(scene: &mut Scene) {
    scene.one.begin(READ_WRITE).unwrap();
    scene.one.create("Named", some_name("a", 1)).unwrap();
    let ended = scene.one.disconnect();
    scene.note(ended);
    scene.others("Named");
    let made = scene.other.create("Named", some_name("b", 1));
    scene.note(made);
}

fn commits(scene: &mut Scene) {
    let begun = scene.one.begin(READ_WRITE);
    scene.note(begun);
    for name in ["a", "b"] {
        let made = scene.one.create("Named", some_name(name, 1));
        scene.note(made);
    }
    scene.all("Named");
    scene.others("Named");
    let committed = scene.one.commit();
    scene.note(committed);
    scene.others("Named");
}

fn rollbacks(scene: &mut Scene) {
    scene.one.create("Named", some_name("a", 1)).unwrap();
    scene.one.begin(READ_WRITE).unwrap();
    scene.one.create("Named", some_name("b", 1)).unwrap();
    scene.one.destroy("Named", Key::from(1_i64)).unwrap();
    let undone = scene.one.rollback();
    scene.note(undone);
    scene.others("Named");
}

fn failures(scene: &mut Scene) {
    scene.one.create("Named", some_name("a", 1)).unwrap();
    scene.one.begin(READ_WRITE).unwrap();
    scene.one.create("Named", some_name("b", 1)).unwrap();
    let torn = scene
        .one
        .create_all("Named", vec![some_name("c", 1), some_name("a", 1)]);
    scene.note(torn);
    scene.one.create("Named", some_name("d", 1)).unwrap();
    let committed = scene.one.commit();
    scene.note(committed);
    scene.others("Named");
}

fn isolation(scene: &mut Scene) {
    scene.one.begin(READ_ONLY).unwrap();
    let refused = scene.one.create("Named", some_name("a", 1));
    scene.note(refused);
    let made = scene.other.create("Named", some_name("b", 1));
    scene.note(made);
    scene.all("Named");
}

fn moments(scene: &mut Scene) {
    let early = (scene.one.commit(), scene.one.rollback());
    scene.note(early);
    let twice = (scene.one.begin(READ_WRITE), scene.one.begin(READ_WRITE));
    scene.note(twice);
}

fn lost(scene: &mut Scene) {
    let both = (scene.one.begin(READ_WRITE), scene.other.begin(READ_WRITE));
    scene.note(both);
}
