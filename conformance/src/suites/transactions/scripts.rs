//! What one session does in transactions, step by step.

use tenon_model::Entity;
use tenon_model::contract::{
    Aggregate, AggregateFunction, AggregateRequest, Comparison, Query, Value,
};
use tenon_runtime::Capability;

use super::plain;
use crate::bench::{Bench, PAGE, everything};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::{models, values};
use crate::sequence::{Step, compared, equal, integers, key, script, script_of};
use crate::show;

const BEGIN: Step = Step::Begin(None, false);

fn record(id: i64, a: i64) -> Entity {
    integers(&[("id", id), ("a", a), ("b", 0)])
}

fn all() -> Step {
    Step::All(Query::default())
}

/// Three records.
fn three() -> Vec<Step> {
    (1..=3).map(|id| Step::Create(record(id, id))).collect()
}

/// Three records, then these steps within a transaction that is rolled back; then again, committed.
fn both_ways(bench: &mut Bench<'_>, about: &[&str], steps: &[Step]) -> Checked {
    let model = plain(bench)?;
    for end in [Step::Rollback, Step::Commit] {
        let mut script = three();
        script.push(BEGIN);
        script.extend(steps.iter().cloned());
        script.push(end);
        script.extend((1..=5).map(|id| Step::Find(key(id))));
        script.push(all());
        // What comes then is outside of it.
        script.push(Step::Create(record(9, 9)));
        script_of(bench, &model, about, &script)?;
    }
    Ok(())
}

pub fn begin_twice(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    for end in [Step::Commit, Step::Rollback] {
        let steps = [
            BEGIN,
            Step::Create(record(1, 1)),
            BEGIN,
            Step::Create(record(2, 2)),
            Step::Begin(None, true),
            Step::Create(record(3, 3)),
            end,
            Step::Count(Vec::new()),
            // It was one transaction, with one end.
            Step::Commit,
            BEGIN,
            Step::Create(record(4, 4)),
            Step::Commit,
        ];
        script(bench, &model, &steps)?;
    }
    Ok(())
}

pub fn end_without_begin(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let steps = [
        Step::Commit,
        Step::Rollback,
        Step::Create(record(1, 1)),
        Step::Rollback,
        Step::Find(key(1)),
        BEGIN,
        Step::Create(record(2, 2)),
        Step::Commit,
        Step::Commit,
        Step::Rollback,
        BEGIN,
        Step::Create(record(3, 3)),
        Step::Rollback,
        Step::Rollback,
        Step::Commit,
        Step::Create(record(4, 4)),
        Step::Rollback,
    ];
    script(bench, &model, &steps)
}

pub fn commit_keeps(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let steps = [
        BEGIN,
        Step::Create(record(1, 1)),
        Step::Create(record(2, 2)),
        Step::Commit,
        BEGIN,
        Step::UpdateAttributes(key(1), integers(&[("a", 10)])),
        Step::Destroy(key(2)),
        Step::Create(record(3, 3)),
        Step::Commit,
        all(),
        BEGIN,
        Step::Create(record(4, 4)),
        Step::Destroy(key(1)),
        Step::Rollback,
        all(),
        BEGIN,
        Step::Commit,
        BEGIN,
        Step::Rollback,
        all(),
        Step::Create(record(5, 5)),
        BEGIN,
        Step::Rollback,
    ];
    script(bench, &model, &steps)
}

pub fn undoes_creates(bench: &mut Bench<'_>) -> Checked {
    both_ways(bench, &[], &[Step::Create(record(4, 4))])?;
    let batch = Step::CreateAll(vec![record(4, 4), record(5, 5)]);
    both_ways(bench, &["create-all"], &[batch])
}

pub fn undoes_changes(bench: &mut Bench<'_>) -> Checked {
    let change = integers(&[("a", 7)]);
    both_ways(
        bench,
        &["save"],
        &[Step::Save(integers(&[("id", 2), ("a", 7)]))],
    )?;
    both_ways(
        bench,
        &["update-attributes"],
        &[Step::UpdateAttributes(key(2), change.clone())],
    )?;
    let some = compared("id", Comparison::GreaterOrEqual, vec![Value::Integer(2)]);
    both_ways(bench, &["update"], &[Step::Update(some, change.clone())])?;
    both_ways(bench, &["update"], &[Step::Update(Vec::new(), change)])
}

pub fn undoes_deletions(bench: &mut Bench<'_>) -> Checked {
    both_ways(bench, &["destroy"], &[Step::Destroy(key(2))])?;
    let some = compared("id", Comparison::LessOrEqual, vec![Value::Integer(2)]);
    both_ways(bench, &["destroy-all"], &[Step::DestroyAll(some)])?;
    both_ways(bench, &["destroy-all"], &[Step::DestroyAll(Vec::new())])?;
    // Made again under the same key.
    let again = [Step::Destroy(key(2)), Step::Create(record(2, 20))];
    both_ways(bench, &["destroy"], &again)
}

pub fn undoes_upserts(bench: &mut Bench<'_>) -> Checked {
    if !bench.subject().has(Capability::Upsert) {
        return Err(Stop::skipped("the connector doesn't export `upsert`"));
    }
    let id = || vec!["id".to_owned()];
    for data in [record(4, 4), integers(&[("id", 2), ("a", 20)])] {
        let steps = [
            Step::UpdateOrCreate(id(), data.clone()),
            Step::ReplaceOrCreate(id(), data.with("b", Value::Integer(5))),
        ];
        for step in steps {
            match both_ways(bench, &[step.function()], std::slice::from_ref(&step)) {
                Err(Stop::Skipped(_)) => {}
                checked => checked?,
            }
        }
    }
    let steps = [
        Step::FindOrCreate(equal("a", 4), record(4, 4)),
        Step::UpsertWhere(equal("a", 5), record(5, 5)),
        Step::UpsertWhere(equal("a", 1), integers(&[("b", 6)])),
    ];
    both_ways(bench, &["find-or-create", "upsert-where"], &steps)
}

pub fn undoes_repeated(bench: &mut Bench<'_>) -> Checked {
    let set = |id: i64, a: i64| Step::UpdateAttributes(key(id), integers(&[("a", a)]));
    let steps = [
        set(1, 10),
        set(1, 11),
        Step::Destroy(key(1)),
        Step::Create(record(1, 12)),
        set(1, 13),
        Step::Create(record(4, 4)),
        set(4, 40),
        Step::Destroy(key(4)),
        Step::Create(record(5, 5)),
        Step::Destroy(key(2)),
        Step::Create(record(2, 20)),
        Step::Destroy(key(2)),
        Step::Save(record(3, 30)),
        set(3, 3),
    ];
    both_ways(bench, &[], &steps)
}

pub fn restores_indexes(bench: &mut Bench<'_>) -> Checked {
    let properties = ["a", "b"].map(|name| (name, tenon_model::PropertyType::Integer));
    let model = bench.collection(models::with(&properties).index(&["a"], true))?;
    let mut steps = three();
    steps.extend([
        BEGIN,
        Step::Destroy(key(1)),
        // Values that are free for the time being.
        Step::Create(record(4, 1)),
        Step::UpdateAttributes(key(2), integers(&[("a", 20)])),
        Step::Create(record(5, 2)),
        Step::Create(record(6, 60)),
        Step::Rollback,
        Step::Create(record(7, 1)),
        Step::Create(record(7, 2)),
        Step::Create(record(7, 20)),
        Step::Create(record(8, 60)),
        Step::UpdateAttributes(key(3), integers(&[("a", 2)])),
        Step::Count(equal("a", 1)),
        Step::Count(equal("a", 2)),
        Step::Count(equal("a", 20)),
        BEGIN,
        Step::Destroy(key(1)),
        Step::Create(record(9, 1)),
        Step::Commit,
        Step::Create(record(1, 1)),
        Step::Create(record(1, 100)),
    ]);
    script(bench, &model, &steps)
}

pub fn restores_every_kind(bench: &mut Bench<'_>) -> Checked {
    let draft = models::wide(bench.facts());
    let model = bench.collection(draft)?;
    let of = |bench: &Bench<'_>, id: i64, place: usize| {
        let mut record = Entity::new().with("id", Value::Integer(id));
        for kind in &bench.facts().kinds {
            let plain = values::plain(*kind);
            if let Some(value) = plain.get((place + usize::from(id > 1)) % plain.len().max(1)) {
                record.set(format!("{kind}"), bench.facts().stored(value));
            }
        }
        record
    };
    let mut other = of(bench, 1, 3);
    other.remove("id");
    for end in [Step::Rollback, Step::Commit] {
        let steps = [
            Step::Create(of(bench, 1, 0)),
            Step::Create(of(bench, 2, 1)),
            BEGIN,
            Step::UpdateAttributes(key(1), other.clone()),
            Step::Destroy(key(2)),
            Step::Create(of(bench, 3, 2)),
            Step::Find(key(1)),
            Step::Find(key(3)),
            end,
            all(),
        ];
        script(bench, &model, &steps)?;
    }
    Ok(())
}

pub fn many_records(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let mut steps: Vec<Step> = (1..=20).map(|id| Step::Create(record(id, id))).collect();
    for end in [Step::Rollback, Step::Commit] {
        steps.push(BEGIN);
        steps.extend((100..130).map(|id| Step::Create(record(id, id % 7))));
        steps.push(Step::CreateAll(
            (400..650).map(|id| record(id, 1)).collect(),
        ));
        steps.push(Step::Update(Vec::new(), integers(&[("b", 5)])));
        steps.push(Step::DestroyAll(equal("a", 3)));
        steps.push(end);
        steps.push(Step::Count(Vec::new()));
        steps.push(Step::Count(equal("b", 5)));
        steps.push(all());
    }
    script(bench, &model, &steps)
}

pub fn all_models(bench: &mut Bench<'_>) -> Checked {
    let models = [plain(bench)?, plain(bench)?];
    let session = bench.session()?;
    for commits in [false, true, false] {
        let mut before = Vec::new();
        for model in &models {
            before.push(everything(session, &model.name)?.len());
        }
        must("begin", session.begin(None, false))?;
        let id = i64::try_from(before.iter().sum::<usize>()).unwrap_or(0);
        for model in models.iter().chain(&models) {
            let count = everything(session, &model.name)?.len();
            let id = id + 10 * i64::try_from(count).unwrap_or(0);
            let data = record(id + 1, 1);
            must("create", session.create(&model.name, data.as_contract()))?;
        }
        let (end, more) = if commits {
            must("commit", session.commit())?;
            ("commit", 2)
        } else {
            must("rollback", session.rollback())?;
            ("rollback", 0)
        };
        for (place, (model, before)) in models.iter().zip(before).enumerate() {
            let count = everything(session, &model.name)?.len();
            ensure(count == before + more, || {
                Finding::new(format!(
                    "`{end}` isn't one of all models that the transaction has written to"
                ))
                .differs(format!("{} records", before + more), format!("{count}"))
                .after(format!(
                    "two records each are created in two models, then `{end}`; model {}",
                    place + 1
                ))
            })?;
        }
    }
    Ok(())
}

pub fn own_writes(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let look = |steps: &mut Vec<Step>| {
        steps.extend((1..=5).map(|id| Step::Find(key(id))));
        steps.push(Step::Count(Vec::new()));
        steps.push(Step::Count(equal("a", 7)));
        steps.push(all());
        steps.push(Step::All(Query {
            filter: equal("a", 7),
            ..Query::default()
        }));
    };
    let mut steps = three();
    steps.push(BEGIN);
    for write in [
        Step::Create(record(4, 7)),
        Step::CreateAll(vec![record(5, 7), record(6, 6)]),
        Step::UpdateAttributes(key(1), integers(&[("a", 7)])),
        Step::Save(record(2, 7)),
        Step::Update(equal("a", 7), integers(&[("b", 1)])),
        Step::Destroy(key(4)),
        Step::Save(record(1, 8)),
        Step::DestroyAll(equal("a", 7)),
    ] {
        steps.push(write);
        look(&mut steps);
    }
    steps.push(Step::Rollback);
    look(&mut steps);
    script(bench, &model, &steps)
}

pub fn own_aggregates(bench: &mut Bench<'_>) -> Checked {
    if !bench.subject().has(Capability::Aggregates) {
        return Err(Stop::skipped("the connector doesn't export `aggregates`"));
    }
    let model = plain(bench)?;
    bench.fill(&model, &[record(1, 1), record(2, 2)])?;
    let session = bench.session()?;
    must("begin", session.begin(None, false))?;
    must(
        "create",
        session.create(&model.name, record(3, 3).as_contract()),
    )?;
    must("destroy", session.destroy(&model.name, &key(1)))?;
    let aggregate = |function, property: Option<&str>, name: &str| Aggregate {
        name: name.to_owned(),
        function,
        property: property.map(str::to_owned),
        path: Vec::new(),
        distinct: false,
    };
    let request = AggregateRequest {
        filter: Vec::new(),
        group_by: Vec::new(),
        aggregates: vec![
            aggregate(AggregateFunction::Count, None, "count"),
            aggregate(AggregateFunction::Maximum, Some("a"), "greatest"),
            aggregate(AggregateFunction::Minimum, Some("a"), "least"),
        ],
        order: Vec::new(),
        limit: None,
        offset: 0,
    };
    let groups = match session.aggregate(&model.name, &request) {
        Ok(groups) => groups,
        Err(failure) if failure.kind() == Some(tenon_model::contract::ErrorKind::Unsupported) => {
            return Err(Stop::skipped("such an aggregate is `unsupported`"));
        }
        Err(failure) => return must("aggregate", Err(failure)),
    };
    let rows = must("next", session.read(groups, PAGE))?;
    must("rollback", session.rollback())?;
    let wanted = integers(&[("count", 2), ("greatest", 3), ("least", 2)]);
    let seen = rows.first().cloned().unwrap_or_default();
    ensure(crate::reference::same(&wanted, &seen), || {
        Finding::new("`aggregate` doesn't see the changes of its own transaction")
            .differs(show::record(&wanted), show::record(&seen))
            .after(
                "records with a: 1 and 2; begin, create one with a: 3, destroy the one with a: 1",
            )
    })
}

pub fn failed_calls(bench: &mut Bench<'_>) -> Checked {
    let properties = ["a", "b"].map(|name| (name, tenon_model::PropertyType::Integer));
    let model = bench.collection(models::with(&properties).index(&["a"], true))?;
    for failing in [
        Step::Create(record(1, 9)),
        Step::Create(record(9, 1)),
        Step::Save(record(9, 9)),
        Step::Save(record(4, 1)),
        Step::UpdateAttributes(key(9), integers(&[("a", 9)])),
        Step::UpdateAttributes(key(4), integers(&[("a", 1)])),
        Step::Update(Vec::new(), integers(&[("a", 5)])),
    ] {
        for end in [Step::Commit, Step::Rollback] {
            let mut steps = three();
            steps.extend([
                BEGIN,
                Step::Create(record(4, 4)),
                Step::UpdateAttributes(key(2), integers(&[("a", 20)])),
                failing.clone(),
                Step::Count(Vec::new()),
                end,
                all(),
            ]);
            script(bench, &model, &steps)?;
        }
    }
    // What comes after the failure counts as well.
    let mut steps = three();
    steps.extend([
        BEGIN,
        Step::Create(record(4, 4)),
        Step::Create(record(1, 9)),
        Step::Create(record(5, 5)),
        Step::Create(record(2, 9)),
        Step::Create(record(6, 6)),
        Step::Commit,
        all(),
    ]);
    script(bench, &model, &steps)
}

pub fn failed_batches(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    for batch in [
        vec![record(5, 5), record(6, 6), record(1, 1)],
        vec![record(1, 1), record(5, 5)],
        vec![record(5, 5), record(6, 6), record(5, 7)],
        vec![record(5, 5), record(4, 4), record(6, 6)],
    ] {
        for end in [Step::Commit, Step::Rollback] {
            let mut steps = three();
            steps.extend([
                BEGIN,
                Step::Create(record(4, 4)),
                Step::CreateAll(batch.clone()),
                Step::Count(Vec::new()),
                all(),
                end,
                all(),
            ]);
            script_of(bench, &model, &["create-all"], &steps)?;
        }
    }
    Ok(())
}

pub fn read_only(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let id = || vec!["id".to_owned()];
    let mut writes = vec![
        Step::Create(record(4, 4)),
        Step::CreateAll(vec![record(5, 5), record(6, 6)]),
        Step::Save(record(1, 10)),
        Step::UpdateAttributes(key(1), integers(&[("a", 10)])),
        Step::Update(Vec::new(), integers(&[("a", 10)])),
        Step::Destroy(key(1)),
        Step::DestroyAll(Vec::new()),
    ];
    if bench.subject().has(Capability::Upsert) {
        writes.extend([
            Step::UpdateOrCreate(id(), record(4, 4)),
            Step::UpdateOrCreate(id(), record(1, 10)),
            Step::ReplaceOrCreate(id(), record(4, 4)),
            Step::ReplaceOrCreate(id(), record(1, 10)),
            Step::FindOrCreate(equal("a", 4), record(4, 4)),
            Step::UpsertWhere(equal("a", 4), record(4, 4)),
            Step::UpsertWhere(equal("a", 1), integers(&[("b", 9)])),
        ]);
    }
    for write in writes {
        for end in [Step::Commit, Step::Rollback] {
            let mut steps = three();
            steps.extend([
                Step::Begin(None, true),
                Step::Find(key(1)),
                write.clone(),
                Step::Find(key(1)),
                Step::Count(Vec::new()),
                all(),
                end,
                all(),
            ]);
            script_of(bench, &model, &["begin"], &steps)?;
        }
    }
    Ok(())
}

pub fn after_read_only(bench: &mut Bench<'_>) -> Checked {
    let model = plain(bench)?;
    let mut steps = three();
    for (id, end) in [(4, Step::Commit), (6, Step::Rollback)] {
        steps.extend([
            Step::Begin(None, true),
            Step::Count(Vec::new()),
            end,
            Step::Create(record(id, id)),
            BEGIN,
            Step::Create(record(id + 1, id)),
            Step::UpdateAttributes(key(1), integers(&[("a", id)])),
            Step::Commit,
            all(),
        ]);
    }
    script(bench, &model, &steps)
}
