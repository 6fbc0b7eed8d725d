//! Finding or writing in one step: what is found, what becomes of it, and what is told.

use tenon_model::contract::{Model, PropertyType, Value};
use tenon_model::{Entity, Property};
use tenon_runtime::Capability;

use super::Check;
use crate::bench::Bench;
use crate::finding::Checked;
use crate::generate::{models, values};
use crate::sequence::{
    Step, With, agree_on_invented, equal, integers, invented_models, key, script_of,
};

/// A check of upserts.
macro_rules! check {
    ($name:literal, $about:literal, $run:expr) => {
        Check {
            name: $name,
            about: $about,
            needs: &[Capability::Crud, Capability::Upsert],
            writes: true,
            run: $run,
        }
    };
}

pub const CHECKS: &[Check] = &[
    check!(
        "upsert.update-or-create.by-key",
        "creates where the key is new; otherwise sets what is given, keeps the rest, and says so",
        |bench| by_key(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.by-key",
        "creates where the key is new; otherwise replaces the whole record, and says so",
        |bench| by_key(bench, Write::Replace)
    ),
    check!(
        "upsert.update-or-create.by-unique-index",
        "finds by the properties of a unique index, in any order",
        |bench| by_index(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.by-unique-index",
        "finds by the properties of a unique index, in any order",
        |bench| by_index(bench, Write::Replace)
    ),
    check!(
        "upsert.update-or-create.composite-key",
        "finds by all properties of a key of several, in any order",
        |bench| composite(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.composite-key",
        "finds by all properties of a key of several, in any order",
        |bench| composite(bench, Write::Replace)
    ),
    check!(
        "upsert.update-or-create.key-stays",
        "a record that is found by a unique index keeps its key: another in the data is refused",
        |bench| key_stays(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.key-stays",
        "a record that is found by a unique index keeps its key: another in the data is refused",
        |bench| key_stays(bench, Write::Replace)
    ),
    check!(
        "upsert.update-or-create.duplicate",
        "another record's values in a unique index are `duplicate`, and nothing has changed",
        |bench| duplicate(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.duplicate",
        "another record's values in a unique index are `duplicate`, and nothing has changed",
        |bench| duplicate(bench, Write::Replace)
    ),
    check!(
        "upsert.update-or-create.null",
        "a null is equal to no other in a unique index: it finds nothing",
        |bench| null(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.null",
        "a null is equal to no other in a unique index: it finds nothing",
        |bench| null(bench, Write::Replace)
    ),
    check!(
        "upsert.update-or-create.by-what",
        "what is neither the key nor a unique index, or missing in the data, is refused",
        |bench| by_what(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.by-what",
        "what is neither the key nor a unique index, or missing in the data, is refused",
        |bench| by_what(bench, Write::Replace)
    ),
    check!(
        "upsert.update-or-create.whole-record",
        "the outcome is the whole record as it is stored, with values of every kind",
        |bench| whole_record(bench, Write::Update)
    ),
    check!(
        "upsert.replace-or-create.whole-record",
        "the outcome is the whole record as it is stored, with values of every kind",
        |bench| whole_record(bench, Write::Replace)
    ),
    check!(
        "upsert.find-or-create.found",
        "a match is returned as it is, and isn't changed",
        found
    ),
    check!(
        "upsert.find-or-create.created",
        "without a match the data are created, also where they don't match by themselves",
        created
    ),
    check!(
        "upsert.upsert-where.one",
        "one match gets what is given and keeps the rest; without a match the data are created",
        one_match
    ),
    check!(
        "upsert.upsert-where.several",
        "several matches are `conflict`, and nothing has changed",
        several_matches
    ),
    check!(
        "upsert.upsert-where.duplicate",
        "another record's values in a unique index are `duplicate`, and nothing has changed",
        duplicate_by_filter
    ),
    check!(
        "upsert.sequence",
        "among all other calls, upserts come to what they come to in a list of records",
        sequences
    ),
];

/// Which of the two functions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Write {
    Update,
    Replace,
}

impl Write {
    fn function(self) -> &'static str {
        match self {
            Self::Update => "update-or-create",
            Self::Replace => "replace-or-create",
        }
    }

    fn step(self, by: &[&str], data: Entity) -> Step {
        let by = by.iter().map(|name| (*name).to_owned()).collect();
        match self {
            Self::Update => Step::UpdateOrCreate(by, data),
            Self::Replace => Step::ReplaceOrCreate(by, data),
        }
    }
}

/// Integers `a` and `b` beside the key, without indexes.
fn plain(bench: &mut Bench<'_>) -> Checked<Model> {
    let (a, b) = (("a", PropertyType::Integer), ("b", PropertyType::Integer));
    bench.collection(models::with(&[a, b, ("c", PropertyType::Text)]))
}

/// Integers `a` to `d` beside the key; `a` is unique, and so are `b` and `c` together.
fn indexed(bench: &mut Bench<'_>) -> Checked<Model> {
    let properties = ["a", "b", "c", "d"].map(|name| (name, PropertyType::Integer));
    let model = models::with(&properties)
        .index(&["a"], true)
        .index(&["b", "c"], true);
    bench.collection(model)
}

fn by_key(bench: &mut Bench<'_>, write: Write) -> Checked {
    let model = plain(bench)?;
    let text = |data: Entity, text: &str| data.with("c", text);
    let steps = [
        Step::Create(integers(&[("id", 1), ("a", 1), ("b", 1)])),
        write.step(
            &["id"],
            text(integers(&[("id", 2), ("a", 2), ("b", 2)]), "x"),
        ),
        Step::Find(key(2)),
        write.step(&["id"], integers(&[("id", 2), ("a", 3)])),
        Step::Find(key(2)),
        Step::Find(key(1)),
        // To set nothing, a null, and what is there already.
        write.step(&["id"], text(integers(&[("id", 1), ("b", 4)]), "y")),
        write.step(&["id"], integers(&[("id", 1)])),
        write.step(&["id"], integers(&[("id", 1)]).with("b", Value::Null)),
        write.step(&["id"], integers(&[("id", 1), ("a", 1)])),
        write.step(&["id"], integers(&[("id", 1), ("a", 1)])),
        write.step(&["id"], integers(&[("id", 0)])),
        write.step(&["id"], integers(&[("id", -3), ("a", 1)])),
        Step::Destroy(key(2)),
        write.step(&["id"], integers(&[("id", 2), ("b", 9)])),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &[write.function()], &steps)
}

fn by_index(bench: &mut Bench<'_>, write: Write) -> Checked {
    let model = indexed(bench)?;
    let record = |id: i64, a: i64, b: i64, c: i64, d: i64| {
        integers(&[("id", id), ("a", a), ("b", b), ("c", c), ("d", d)])
    };
    let steps = [
        Step::Create(record(1, 10, 1, 1, 0)),
        Step::Create(record(2, 20, 1, 2, 0)),
        Step::Create(record(3, 30, 2, 1, 0)),
        // Found by each index, in both orders; the key may be named or not.
        write.step(&["a"], record(2, 20, 5, 5, 1)),
        write.step(&["a"], integers(&[("a", 30), ("d", 2)])),
        Step::Find(key(3)),
        write.step(&["b", "c"], integers(&[("b", 1), ("c", 1), ("d", 3)])),
        write.step(&["c", "b"], integers(&[("c", 5), ("b", 5), ("d", 4)])),
        Step::Find(key(2)),
        // The other way round there is none.
        write.step(&["c", "b"], record(4, 40, 2, 5, 0)),
        write.step(&["b", "c"], record(5, 50, 5, 2, 0)),
        // What another record has in one of the two alone doesn't matter.
        write.step(&["b", "c"], record(6, 60, 1, 9, 0)),
        // The key that the data name is not what is looked for.
        write.step(&["a"], record(7, 70, 7, 7, 7)),
        write.step(&["a"], integers(&[("id", 7), ("a", 70), ("d", 8)])),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &[write.function()], &steps)
}

fn composite(bench: &mut Bench<'_>, write: Write) -> Checked {
    let draft = tenon_model::Model::new("Pair")
        .key("x", PropertyType::Integer)
        .key("y", PropertyType::Integer)
        .property(Property::new("a", PropertyType::Integer))
        .property(Property::new("b", PropertyType::Integer));
    let model = bench.collection(draft)?;
    let record = |x: i64, y: i64, a: i64| integers(&[("x", x), ("y", y), ("a", a), ("b", 7)]);
    let steps = [
        Step::Create(record(1, 1, 0)),
        Step::Create(record(1, 2, 0)),
        Step::Create(record(2, 1, 0)),
        write.step(&["x", "y"], integers(&[("x", 1), ("y", 2), ("a", 1)])),
        write.step(&["y", "x"], integers(&[("x", 2), ("y", 1), ("a", 2)])),
        write.step(&["y", "x"], integers(&[("y", 1), ("x", 1), ("a", 3)])),
        write.step(&["y", "x"], integers(&[("x", 2), ("y", 2), ("a", 4)])),
        Step::Find(vec![Value::Integer(1), Value::Integer(2)]),
        Step::Find(vec![Value::Integer(2), Value::Integer(1)]),
        Step::Count(Vec::new()),
        // A part of the key is no key.
        write.step(&["x"], record(1, 3, 5)),
        write.step(&["y"], record(3, 1, 5)),
    ];
    script_of(bench, &model, &[write.function()], &steps)
}

fn key_stays(bench: &mut Bench<'_>, write: Write) -> Checked {
    let model = indexed(bench)?;
    let steps = [
        Step::Create(integers(&[("id", 1), ("a", 10), ("d", 1)])),
        Step::Create(integers(&[("id", 2), ("a", 20), ("d", 2)])),
        // A key that none has, and one that another record has.
        write.step(&["a"], integers(&[("id", 3), ("a", 10), ("d", 3)])),
        Step::Find(key(3)),
        write.step(&["a"], integers(&[("id", 2), ("a", 10), ("d", 3)])),
        Step::Find(key(1)),
        Step::Find(key(2)),
    ];
    script_of(bench, &model, &[write.function()], &steps)
}

fn duplicate(bench: &mut Bench<'_>, write: Write) -> Checked {
    let model = indexed(bench)?;
    let record = |id: i64, a: i64, b: i64, c: i64, d: i64| {
        integers(&[("id", id), ("a", a), ("b", b), ("c", c), ("d", d)])
    };
    let steps = [
        Step::Create(record(1, 10, 1, 1, 1)),
        Step::Create(record(2, 20, 2, 2, 2)),
        // A new record, and one that is there.
        write.step(&["id"], record(3, 10, 3, 3, 3)),
        write.step(&["id"], record(3, 30, 2, 2, 3)),
        write.step(&["id"], record(2, 10, 4, 4, 3)),
        write.step(&["id"], record(2, 40, 1, 1, 3)),
        write.step(&["a"], record(2, 20, 1, 1, 3)),
        write.step(&["a"], record(4, 40, 1, 1, 3)),
        write.step(&["c", "b"], record(1, 20, 1, 1, 3)),
        // The key is taken, and what the record is looked for by isn't.
        write.step(&["a"], record(1, 50, 5, 5, 3)),
        // The session goes on, and so do the indexes.
        write.step(&["id"], record(3, 30, 3, 3, 3)),
        Step::Create(record(4, 30, 4, 4, 4)),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &[write.function()], &steps)
}

fn null(bench: &mut Bench<'_>, write: Write) -> Checked {
    let model = indexed(bench)?;
    let null = |data: Entity, name: &str| data.with(name, Value::Null);
    let steps = [
        Step::Create(null(integers(&[("id", 1), ("b", 1), ("c", 1)]), "a")),
        write.step(&["a"], null(integers(&[("id", 2), ("d", 2)]), "a")),
        write.step(
            &["b", "c"],
            null(integers(&[("id", 3), ("a", 3), ("b", 1)]), "c"),
        ),
        write.step(
            &["b", "c"],
            null(integers(&[("id", 4), ("a", 4), ("b", 1)]), "c"),
        ),
        // By the key it is found, whatever else is null.
        write.step(&["id"], null(integers(&[("id", 1), ("d", 5)]), "a")),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &[write.function()], &steps)
}

fn by_what(bench: &mut Bench<'_>, write: Write) -> Checked {
    let properties = ["a", "b", "c", "d"].map(|name| (name, PropertyType::Integer));
    let draft = models::with(&properties)
        .index(&["a"], true)
        .index(&["b", "c"], true)
        .index(&["d"], false);
    let model = bench.collection(draft)?;
    let record = integers(&[("id", 1), ("a", 1), ("b", 1), ("c", 1), ("d", 1)]);
    let steps = [
        Step::Create(record.clone()),
        write.step(&["d"], record.clone()),
        write.step(&["b"], record.clone()),
        write.step(&["a", "d"], record.clone()),
        write.step(&["id", "a"], record.clone()),
        write.step(&["id"], integers(&[("a", 1), ("b", 2)])),
        write.step(&["a"], integers(&[("id", 1), ("b", 2)])),
        write.step(&["c", "b"], integers(&[("id", 1), ("b", 1)])),
        write.step(&["a"], integers(&[("id", 1), ("a", 1), ("d", 2)])),
    ];
    script_of(bench, &model, &[write.function()], &steps)
}

fn whole_record(bench: &mut Bench<'_>, write: Write) -> Checked {
    let draft = models::wide(bench.facts());
    let model = bench.collection(draft)?;
    let mut steps = Vec::new();
    for number in 0..4_usize {
        let id = Value::Integer(i64::try_from(number / 2).unwrap_or(0));
        let mut data = Entity::new().with("id", id);
        for kind in &bench.facts().kinds {
            let plain = values::plain(*kind);
            if let Some(value) = plain.get(number % plain.len().max(1)) {
                data.set(format!("{kind}"), bench.facts().stored(value));
            }
        }
        if number == 3 {
            // The rest stays, or goes.
            data.remove("text");
            data.set("integer", Value::Null);
        }
        steps.push(write.step(&["id"], data));
    }
    for kind in &bench.facts().kinds {
        // One property alone.
        let plain = values::plain(*kind);
        if let Some(value) = plain.last() {
            let data = Entity::new().with("id", Value::Integer(7));
            let data = data.with(format!("{kind}"), bench.facts().stored(value));
            steps.push(write.step(&["id"], data));
            steps.push(Step::Find(key(7)));
        }
    }
    script_of(bench, &model, &[write.function()], &steps)
}

fn found(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let find = |filter, data| Step::FindOrCreate(filter, data);
    let steps = [
        Step::Create(integers(&[("id", 1), ("a", 1), ("b", 1)]).with("c", "x")),
        Step::Create(integers(&[("id", 2), ("a", 2), ("b", 2)])),
        Step::Create(integers(&[("id", 3), ("a", 2), ("b", 3)])),
        find(equal("a", 1), integers(&[("id", 9), ("a", 1), ("b", 9)])),
        Step::Find(key(1)),
        Step::Find(key(9)),
        // Data whose key is taken, and of several matches any.
        find(equal("a", 1), integers(&[("id", 2), ("a", 7)])),
        find(equal("a", 2), integers(&[("id", 9), ("b", 9)])),
        find(Vec::new(), integers(&[("id", 9), ("b", 9)])),
        find(
            crate::sequence::compared(
                "c",
                tenon_model::contract::Comparison::Equal,
                vec![Value::Null],
            ),
            integers(&[("id", 9)]),
        ),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &["find-or-create"], &steps)
}

fn created(bench: &mut Bench<'_>) -> Checked {
    let model = indexed(bench)?;
    let find = |filter, data| Step::FindOrCreate(filter, data);
    let steps = [
        find(Vec::new(), integers(&[("id", 1), ("a", 1), ("b", 1)])),
        find(equal("a", 2), integers(&[("id", 2), ("a", 2), ("d", 2)])),
        find(equal("a", 2), integers(&[("id", 3), ("a", 3), ("d", 3)])),
        find(equal("a", 9), integers(&[("id", 4), ("a", 4)])),
        // The key or another unique value is taken.
        find(equal("a", 9), integers(&[("id", 1), ("a", 5)])),
        find(equal("a", 9), integers(&[("id", 5), ("a", 2)])),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &["find-or-create"], &steps)
}

fn one_match(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let put = |filter, data| Step::UpsertWhere(filter, data);
    let steps = [
        put(
            equal("a", 1),
            integers(&[("id", 1), ("a", 1), ("b", 1)]).with("c", "x"),
        ),
        put(equal("a", 1), integers(&[("b", 2)])),
        Step::Find(key(1)),
        put(equal("b", 2), integers(&[("id", 1), ("b", 3)])),
        put(equal("b", 2), integers(&[("id", 2), ("a", 5)])),
        // The update may end the match, and another's key is refused.
        put(equal("a", 5), integers(&[("a", 6)])),
        put(equal("a", 6), integers(&[("id", 3)])),
        put(equal("a", 6), integers(&[("id", 1)])),
        put(equal("a", 7), integers(&[("id", 1), ("b", 9)])),
        put(equal("a", 6), Entity::new()),
        put(equal("a", 6), Entity::new().with("c", Value::Null)),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &["upsert-where"], &steps)
}

fn several_matches(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let put = |filter, data| Step::UpsertWhere(filter, data);
    let steps = [
        Step::Create(integers(&[("id", 1), ("a", 1), ("b", 1)])),
        Step::Create(integers(&[("id", 2), ("a", 1), ("b", 2)])),
        Step::Create(integers(&[("id", 3), ("a", 2), ("b", 3)])),
        put(equal("a", 1), integers(&[("b", 9)])),
        put(equal("a", 1), integers(&[("id", 4), ("b", 9)])),
        put(equal("a", 1), integers(&[("id", 1), ("b", 9)])),
        put(Vec::new(), integers(&[("b", 9)])),
        put(equal("a", 2), integers(&[("b", 9)])),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &["upsert-where"], &steps)
}

fn duplicate_by_filter(bench: &mut Bench<'_>) -> Checked {
    let model = indexed(bench)?;
    let put = |filter, data| Step::UpsertWhere(filter, data);
    let steps = [
        Step::Create(integers(&[("id", 1), ("a", 1), ("b", 1), ("c", 1)])),
        Step::Create(integers(&[("id", 2), ("a", 2), ("b", 2), ("c", 2)])),
        put(equal("a", 2), integers(&[("a", 1)])),
        put(equal("a", 2), integers(&[("b", 1), ("c", 1)])),
        put(equal("a", 9), integers(&[("id", 9), ("a", 1)])),
        put(equal("a", 9), integers(&[("id", 2), ("a", 9)])),
        put(equal("a", 2), integers(&[("b", 1)])),
        Step::Count(Vec::new()),
    ];
    script_of(bench, &model, &["upsert-where"], &steps)
}

fn sequences(bench: &mut Bench<'_>) -> Checked {
    let models = invented_models(bench, 4, 0.7)?;
    let cases = (bench.cases() / 2).max(1);
    agree_on_invented(bench, &models, With::Upserts, cases)
}
